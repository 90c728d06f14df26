package assign_test

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
)

// noiseLimit bounds |z| of a property of a good hash. Beyond it lie two-sided 1e-6 of a
// normal variable; the inputs are fixed, so that a pass is a pass for ever.
const noiseLimit = 4.9

const uuidSeed = 20261122

// idShapes are the ids that people have: integers, padded names, and random UUIDs. Short
// runs have a quarter of them.
func idShapes(t *testing.T, n int) map[string][]string {
	t.Helper()
	if testing.Short() || raceDetector {
		n /= 4
	}
	t.Logf("uuid seed %d", uuidSeed)
	random := rand.New(rand.NewPCG(uuidSeed, 3))
	shapes := map[string][]string{"integers": {}, "names": {}, "uuids": {}}
	for i := range n {
		hi, lo := random.Uint64(), random.Uint64()
		uuid := fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", hi>>32, hi>>16&0xffff, hi&0xfff, lo>>48&0xfff, lo&0xffffffffffff)
		shapes["integers"] = append(shapes["integers"], strconv.Itoa(i))
		shapes["names"] = append(shapes["names"], fmt.Sprintf("user-%06d", i))
		shapes["uuids"] = append(shapes["uuids"], uuid)
	}
	return shapes
}

func hashAll(ids []string) []assign.Unit {
	units := make([]assign.Unit, len(ids))
	for i, id := range ids {
		units[i] = assign.Hash(id)
	}
	return units
}

func newSplit(t *testing.T, salt string, traffic assign.Share) *assign.Split {
	t.Helper()
	split, err := assign.NewSplit(assign.Spec{Salt: salt, Arms: evenArms(), Traffic: traffic})
	require.NoError(t, err)
	return split
}

// halves is the set of units in the second of two halves, one bit a unit.
type halves []uint64

func halvesOf(n int, second func(i int) bool) halves {
	set := make(halves, (n+63)/64)
	for i := range n {
		if second(i) {
			set[i/64] |= 1 << (i % 64)
		}
	}
	return set
}

// differ counts the units that are in different halves of a and b.
func (a halves) differ(b halves) int {
	count := 0
	for i := range a {
		count += bits.OnesCount64(a[i] ^ b[i])
	}
	return count
}

// binomialZ standardises a count of n fair coins, each with probability p.
func binomialZ(count, n int, p float64) float64 {
	mean := float64(n) * p
	return (float64(count) - mean) / math.Sqrt(mean*(1-p))
}

// worstPair is the largest |z| of the dependence of two of the splits of n units.
func worstPair(all []halves, n int) float64 {
	worst := 0.0
	for i, a := range all {
		for _, b := range all[:i] {
			worst = max(worst, math.Abs(binomialZ(a.differ(b), n, 0.5)))
		}
	}
	return worst
}

const (
	manyExperiments = 200
	pairUnits       = 20_000
)

func saltOf(i int) string { return fmt.Sprintf("exp-%d", i) }

// Any two of 200 experiments split the units independently, and so do the arm and the
// traffic of each; all of them split in halves.
func TestExperimentsAreIndependent(t *testing.T) {
	for shape, ids := range idShapes(t, pairUnits) {
		units := hashAll(ids)
		var arms, traffics []halves
		worst := 0.0
		for i := range manyExperiments {
			split := newSplit(t, saltOf(i), assign.Share{})
			half := newSplit(t, saltOf(i), assign.Share{Num: 1, Den: 2})
			arms = append(arms, halvesOf(len(units), func(i int) bool { arm, _ := split.Arm(units[i]); return arm == 1 }))
			traffics = append(traffics, halvesOf(len(units), func(i int) bool { _, in := half.Arm(units[i]); return in }))
			worst = max(worst, math.Abs(binomialZ(arms[i].differ(traffics[i]), len(units), 0.5)))
			worst = max(worst, math.Abs(binomialZ(arms[i].differ(make(halves, len(arms[i]))), len(units), 0.5)))
		}
		pairs := worstPair(arms, len(units))
		t.Logf("%s: worst pair %.2f of %d, worst arm against traffic or half %.2f",
			shape, pairs, manyExperiments*(manyExperiments-1)/2, worst)
		require.Less(t, pairs, noiseLimit, shape)
		require.Less(t, worst, noiseLimit, shape)
		require.Less(t, worstPair(traffics, len(units)), noiseLimit, shape)
	}
}

// The test above can fail: it finds the dependence that other rules have.
func TestIndependenceTestHasPower(t *testing.T) {
	rules := map[string]func(id, salt string) bool{
		"FNV-1a of id and salt modulo 1000": func(id, salt string) bool {
			h := uint32(2166136261)
			for _, c := range []byte(id + salt) {
				h = (h ^ uint32(c)) * 16777619
			}
			return h%1000 >= 500
		},
		"XOR without the mixer": func(id, salt string) bool {
			return uint64(assign.Hash(id))^assign.Seed(assign.PurposeArm, salt) >= 1<<63
		},
	}
	for shape, ids := range idShapes(t, pairUnits) {
		for name, rule := range rules {
			var all []halves
			for i := range 10 {
				all = append(all, halvesOf(len(ids), func(j int) bool { return rule(ids[j], saltOf(i)) }))
			}
			z := worstPair(all, len(ids))
			t.Logf("%s, %s: worst pair %.0f", shape, name, z)
			require.Greater(t, z, 0.7*math.Sqrt(float64(len(ids))), "%s, %s: that is 99 for 20,000 units", shape, name)
		}
	}
}

// Positions are uniform: chi-square over 100 slices, as a z score.
func TestPositionsAreUniform(t *testing.T) {
	const slices = 100
	for shape, ids := range idShapes(t, 200_000) {
		units := hashAll(ids)
		worst := 0.0
		for i := range 10 {
			for _, purpose := range []assign.Purpose{assign.PurposeArm, assign.PurposeTraffic} {
				worst = max(worst, math.Abs(uniformityZ(units, assign.Seed(purpose, saltOf(i)), slices)))
			}
		}
		t.Logf("%s: worst of 20 streams %.2f", shape, worst)
		require.Less(t, worst, noiseLimit, shape)
	}
}

// uniformityZ is (chi-square - df) / sqrt(2 df) of the counts in equal slices.
func uniformityZ(units []assign.Unit, seed uint64, slices int) float64 {
	counts := make([]int, slices)
	for _, u := range units {
		slice, _ := bits.Mul64(u.Position(seed), uint64(slices))
		counts[slice]++
	}
	want := float64(len(units)) / float64(slices)
	chi := 0.0
	for _, count := range counts {
		chi += (float64(count) - want) * (float64(count) - want) / want
	}
	df := float64(slices - 1)
	return (chi - df) / math.Sqrt(2*df)
}

// The arms of the units in a traffic of 1 % are balanced: one hash for both, as other
// SDKs had, would put all of them in the first arm.
func TestArmsAreBalancedInSmallTraffic(t *testing.T) {
	for shape, ids := range idShapes(t, 100_000) {
		units := hashAll(ids)
		worst, second, enrolled := 0.0, 0, 0
		for i := range 50 {
			counts := armCounts(newSplit(t, saltOf(i), assign.Share{Num: 1, Den: 100}), units)
			n := counts[0] + counts[1]
			worst = max(worst, math.Abs(binomialZ(n, len(units), 0.01)), math.Abs(binomialZ(counts[1], n, 0.5)))
			second, enrolled = second+counts[1], enrolled+n
		}
		pooled := binomialZ(second, enrolled, 0.5)
		t.Logf("%s: worst experiment %.2f, pooled %.2f over %d units", shape, worst, pooled, enrolled)
		require.Less(t, worst, noiseLimit, shape)
		require.Less(t, math.Abs(pooled), noiseLimit, shape)
	}
}

// armCounts counts the enrolled units of both arms.
func armCounts(split *assign.Split, units []assign.Unit) (counts [2]int) {
	for _, u := range units {
		if arm, enrolled := split.Arm(u); enrolled {
			counts[arm]++
		}
	}
	return counts
}

// Raising traffic from 1 % to 100 % in steps of 1 % moves nobody and drops nobody.
func TestRampMovesNobody(t *testing.T) {
	t.Parallel()
	n := 1_000_000
	if testing.Short() || raceDetector {
		n = 100_000
	}
	units := make([]assign.Unit, n)
	for i := range units {
		units[i] = assign.Hash("customer-" + strconv.Itoa(i))
	}
	arms := make([]int8, n) // 0 for not enrolled yet, else 1 + the arm
	moved, before := 0, 0
	for percent := range uint64(100) {
		split := newSplit(t, "ramp", assign.Share{Num: percent + 1, Den: 100})
		enrolled := 0
		for i, u := range units {
			arm, in := split.Arm(u)
			if in {
				enrolled++
			}
			if now := int8(arm + 1); arms[i] != now {
				moved += btoi(arms[i] != 0)
				arms[i] = now
			}
		}
		require.Greater(t, enrolled, before, "at %d %%", percent+1)
		require.Less(t, math.Abs(float64(enrolled)-float64(n)*float64(percent+1)/100), 4.9*math.Sqrt(float64(n)/4))
		before = enrolled
	}
	require.Zero(t, moved)
	require.Equal(t, n, before)
}

// The four purposes of many salts, layers and holdouts too, are streams of their own: any
// two of them split the units independently.
func TestPurposesAreIndependent(t *testing.T) {
	purposes := []assign.Purpose{assign.PurposeArm, assign.PurposeTraffic, assign.PurposeLayer, assign.PurposeHoldout}
	for shape, ids := range idShapes(t, pairUnits) {
		units := hashAll(ids)
		var all []halves
		for i := range 50 {
			for _, purpose := range purposes {
				seed := assign.Seed(purpose, saltOf(i))
				all = append(all, halvesOf(len(units), func(i int) bool { return units[i].Position(seed) >= 1<<63 }))
			}
		}
		pairs := worstPair(all, len(units))
		t.Logf("%s: worst pair %.2f of %d", shape, pairs, len(all)*(len(all)-1)/2)
		require.Less(t, pairs, noiseLimit, shape)
	}
}
