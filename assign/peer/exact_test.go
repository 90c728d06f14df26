package peer

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
)

// MurmurHash3_x86_32 of tails of every length, as its reference implementation has it.
func TestMurmur3(t *testing.T) {
	rows := []struct {
		text string
		seed uint32
		want uint32
	}{
		{"", 0, 0}, {"", 1, 0x514e28b7}, {"", 0xffffffff, 0x81f16f39},
		{"\x00\x00\x00\x00", 0, 0x2362f9de}, {"\x21\x43\x65\x87", 0, 0xf55b516b}, {"\x21\x43\x65", 0, 0x7e4a8634},
		{"\x21\x43", 0, 0xa0f7b07a}, {"\x21", 0, 0x72661cf4}, {"aaaa", 0x9747b28c, 0x5a97808a}, {"Hello, world!", 0x9747b28c, 0x24884cba},
	}
	for _, row := range rows {
		require.Equal(t, row.want, murmur3(row.text, row.seed), "%q", row.text)
		require.Equal(t, row.want, murmur3([]byte(row.text), row.seed), "%q", row.text)
	}
}

// Salts and ids that do not fit on the stack are hashed like short ones.
func TestLongIDs(t *testing.T) {
	for _, length := range []int{stackRoom - 10, stackRoom - 1, stackRoom, stackRoom + 1, 5000} {
		id := strings.Repeat("é", length/2)
		require.Equal(t, murmur3("group:"+id, 5), unleashHash("group:", id, 5), length)
		require.Equal(t, sha60([]byte("salt.p."+id)), planOutHash("salt.p.", id), length)
		require.Equal(t, sha60([]byte("flag."+id+"variant")), postHogHash("flag.", id, postHogSuffix), length)
	}
}

// near lists the hashes at and around the ends.
func near(ends []uint64) []uint64 {
	all := []uint64{0, 1, scale60 - 1}
	for _, end := range ends {
		for _, h := range []uint64{end - 2, end - 1, end, end + 1} {
			if h < scale60 {
				all = append(all, h)
			}
		}
	}
	return all
}

// randomArms returns at most six arms with that sum of weights.
func randomArms(random *rand.Rand, total uint64) []assign.Arm {
	var list []assign.Arm
	for i := 0; total > 0; i++ {
		weight := random.Uint64N(total + 1)
		if random.IntN(5) == 0 || i == 5 {
			weight = total
		}
		list = append(list, assign.Arm{Variant: fmt.Sprintf("v%d", i), Weight: weight})
		total -= weight
	}
	return list
}

const longScale = 0xFFFFFFFFFFFFFFF

// Integer ends give the arm that PlanOut's loop over float64 weights gives, at every end.
func TestPlanOutExact(t *testing.T) {
	seed := uint64(20261123)
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	for range 500 {
		scale := []int64{1, 10, 100, 1000}[random.IntN(4)]
		spec := assign.Spec{Salt: "s", Arms: randomArms(random, 1+random.Uint64N(2000))}
		made, err := PlanOut{Param: "p", Operator: planOutWeighted, Scale: scale}.Bucketing(spec)
		require.NoError(t, err)
		ends := made.(*planOutBuckets).ends
		for _, h := range near(ends) {
			got, _ := armBelow(ends, h)
			require.Equal(t, planOutLoop(spec.Arms, scale, h), got, "hash %d, arms %v, scale %d", h, spec.Arms, scale)
		}
	}
}

// planOutLoop is weightedChoice as PlanOut runs it.
func planOutLoop(arms []assign.Arm, scale int64, h uint64) int {
	var cumulative []float64
	sum := 0.0
	for _, arm := range arms {
		sum += float64(arm.Weight) / float64(scale)
		cumulative = append(cumulative, sum)
	}
	stop := 0.0 + float64((sum-0.0)*(float64(h)/longScale))
	return slices.IndexFunc(cumulative, func(end float64) bool { return stop <= end })
}

// Integer ends give the arm that PostHog's table of float64 ranges gives, at every end;
// behind the last one there is none.
func TestPostHogExact(t *testing.T) {
	seed := uint64(20261124)
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	for range 500 {
		total := []uint64{100, 10000}[random.IntN(2)]
		spec := assign.Spec{Salt: "s", Arms: randomArms(random, total), Traffic: assign.Share{Num: random.Uint64N(total + 1), Den: total}}
		made, err := PostHog{}.Bucketing(spec)
		require.NoError(t, err)
		b := made.(*postHogBuckets)
		for _, h := range near(b.ends) {
			got, _ := armBelow(b.ends, h)
			require.Equal(t, postHogTable(spec.Arms, total, h), got, "hash %d, arms %v", h, spec.Arms)
		}
		for _, h := range near([]uint64{b.traffic}) {
			percentage := float64(spec.Traffic.Num*100) / float64(total)
			require.Equal(t, float64(h)/longScale <= percentage/100, h < b.traffic, "hash %d, traffic %v", h, spec.Traffic)
		}
	}
}

// postHogTable is the look-up of the SDK: percentages of the total, ranges from <= u < to.
func postHogTable(arms []assign.Arm, total, h uint64) int {
	u, from := float64(h)/longScale, 0.0
	for i, arm := range arms {
		percentage := float64(arm.Weight*100) / float64(total)
		to := from + percentage/100
		if u >= from && u < to {
			return i
		}
		from = to
	}
	return -1
}

// For every bucket the arm is that of the SDK's own arithmetic, and a layout is refused
// exactly where that depends on the order in which a map is read.
func TestGOFeatureFlagExact(t *testing.T) {
	seed := uint64(20261125)
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	accepted, refused := 0, 0
	for range 400 {
		spec := assign.Spec{Salt: "s", Arms: randomArms(random, 100_000)}
		sums := make(map[uint32]bool)
		orders(percentages(spec.Arms), 0, func(sum float64) { sums[uint32(sum*1000)] = true })
		made, err := GOFeatureFlag{}.Bucketing(spec)
		if len(sums) > 1 {
			refused++
			require.ErrorContains(t, err, "as it happens", "%v", spec.Arms)
			continue
		}
		accepted++
		require.NoError(t, err)
		b := made.(*goBuckets)
		require.True(t, sums[b.buckets], "%v", spec.Arms)
		for _, bucket := range append(near(b.ends), uint64(random.Uint32N(b.buckets))) {
			if bucket < uint64(b.buckets) {
				at, found := armBelow(b.ends, bucket)
				want := goRanges(spec.Arms, uint32(bucket))
				require.Equal(t, want >= 0, found)
				require.True(t, !found || b.arms[at] == want, "bucket %d, arms %v", bucket, spec.Arms)
			}
		}
	}
	t.Logf("%d layouts accepted, %d refused", accepted, refused)
	require.Greater(t, accepted, 100)
	require.Positive(t, refused, "the seed reaches percentages whose sum is a matter of chance")
}

func percentages(arms []assign.Arm) []float64 {
	var list []float64
	for _, arm := range arms {
		if arm.Weight > 0 {
			list = append(list, float64(arm.Weight)/1000)
		}
	}
	return list
}

// orders calls visit with the sum of the parts in every order.
func orders(parts []float64, sum float64, visit func(float64)) {
	if len(parts) == 0 {
		visit(sum)
		return
	}
	for i, part := range parts {
		rest := slices.Delete(slices.Clone(parts), i, i+1)
		orders(rest, sum+part, visit)
	}
}

// goRanges is the search of the SDK over ranges in reverse order of the names.
func goRanges(arms []assign.Arm, hash uint32) int {
	byName := make([]int, len(arms))
	for i := range byName {
		byName[i] = i
	}
	slices.SortFunc(byName, func(a, b int) int { return -strings.Compare(arms[a].Variant, arms[b].Variant) })
	start := 0.0
	for _, i := range byName {
		end := start + float64(float64(arms[i].Weight)/1000*1000)
		if uint32(start) <= hash && uint32(end) > hash {
			return i
		}
		start = end
	}
	return -1
}

// Bounds of many parts hold the sums of any order.
func TestGOSumsOfMany(t *testing.T) {
	random := rand.New(rand.NewPCG(20261126, 1))
	parts := make([]float64, 40)
	for i := range parts {
		parts[i] = float64(random.IntN(5000)) / 1000
	}
	least, most := goSums(parts)
	for range 1000 {
		random.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		sum := 0.0
		for _, part := range parts {
			sum += part
		}
		require.True(t, least <= sum && sum <= most, "%v is not in %v to %v", sum, least, most)
	}
	exact := slices.Repeat([]float64{2.5}, 40)
	least, most = goSums(exact)
	require.Equal(t, [2]float64{100, 100}, [2]float64{least, most})
}
