package assign_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
)

// Ids that cannot be assigned are never enrolled, not even at full traffic, and never
// share an arm.
func TestVariantOfBadID(t *testing.T) {
	split, err := assign.NewSplit(assign.Spec{Salt: "s", Arms: []assign.Arm{{Variant: "on", Weight: 1}}})
	require.NoError(t, err)
	for _, id := range []string{"", "\x00", "a\x00", "\x00a", "customer\x00-42"} {
		variant, enrolled := split.Variant(id)
		require.Equal(t, "", variant, "%q", id)
		require.False(t, enrolled, "%q", id)
	}
	variant, enrolled := split.Variant("customer-42")
	require.Equal(t, "on", variant)
	require.True(t, enrolled)
}

// A Split that nobody built enrols nobody and does not panic.
func TestZeroSplit(t *testing.T) {
	var split assign.Split
	variant, enrolled := split.Variant("customer-42")
	require.Equal(t, "", variant)
	require.False(t, enrolled)
	index, enrolled := split.Arm(assign.Hash("customer-42"))
	require.Equal(t, -1, index)
	require.False(t, enrolled)
}

// randomSpec draws a spec with weights and shares of every magnitude.
func randomSpec(random *rand.Rand) assign.Spec {
	spec := assign.Spec{Salt: fmt.Sprintf("salt-%d", random.Uint64())}
	for i := range 1 + random.IntN(70) {
		weight := random.Uint64() >> random.IntN(64)
		if random.IntN(5) == 0 {
			weight = 0
		}
		spec.Arms = append(spec.Arms, assign.Arm{Variant: fmt.Sprint(i), Weight: weight})
	}
	spec.Arms[random.IntN(len(spec.Arms))].Weight = 1 + random.Uint64N(1<<63)
	switch random.IntN(4) {
	case 0: // everyone
	case 1:
		spec.Traffic.Den = 1 + random.Uint64()>>1
		spec.Traffic.Num = spec.Traffic.Den
	default:
		spec.Traffic.Den = 1 + random.Uint64()>>random.IntN(64)>>1
		spec.Traffic.Num = random.Uint64N(spec.Traffic.Den)
	}
	return spec
}

// onPosition lists the positions at, just below and just above the ends, and the two
// ends of the line.
func onPosition(ends ...*big.Int) []uint64 {
	all := []uint64{0, math.MaxUint64}
	for _, end := range ends {
		for _, step := range []int64{-1, 0, 1} {
			at := new(big.Int).Add(end, big.NewInt(step))
			if at.Sign() >= 0 && at.IsUint64() {
				all = append(all, at.Uint64())
			}
		}
	}
	return all
}

// Ranges are half-open and their ends exact to the last of 2^64 positions.
func TestExactBoundaries(t *testing.T) {
	seed := uint64(20261122)
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	for range 300 {
		spec := randomSpec(random)
		split, err := assign.NewSplit(spec)
		require.NoError(t, err)
		slow := newReference(spec)
		for _, position := range onPosition(slow.trafficEnd) {
			requireSame(t, slow, split, unitAt(position, assign.PurposeTraffic, spec.Salt))
		}
		for _, position := range onPosition(slow.armEnds...) {
			requireSame(t, slow, split, unitAt(position, assign.PurposeArm, spec.Salt))
		}
	}
}

func requireSame(t *testing.T, slow reference, split *assign.Split, u assign.Unit) {
	t.Helper()
	want, wantEnrolled := slow.arm(u)
	index, enrolled := split.Arm(u)
	if index != want || enrolled != wantEnrolled {
		t.Fatalf("unit %#x: got arm %d, %t; want %d, %t; spec %+v", uint64(u), index, enrolled, want, wantEnrolled, slow.spec)
	}
}

// Full traffic enrols the last position; a part below it does not.
func TestLastPosition(t *testing.T) {
	rows := []struct {
		name    string
		traffic assign.Share
		want    bool
	}{
		{"zero share is everyone", assign.Share{}, true},
		{"one", assign.Share{Num: 1, Den: 1}, true},
		{"one, not reduced", assign.Share{Num: math.MaxUint64, Den: math.MaxUint64}, true},
		{"all but one of 2^64-1", assign.Share{Num: math.MaxUint64 - 1, Den: math.MaxUint64}, false},
		{"nobody", assign.Share{Den: 1}, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			split, err := assign.NewSplit(assign.Spec{Salt: "s", Arms: evenArms(), Traffic: row.traffic})
			require.NoError(t, err)
			_, enrolled := split.Arm(unitAt(math.MaxUint64, assign.PurposeTraffic, "s"))
			require.Equal(t, row.want, enrolled)
		})
	}
}

// The hot path allocates nothing, whatever the outcome.
func TestAllocations(t *testing.T) {
	spec := assign.Spec{Salt: "s", Arms: evenArms(), Traffic: assign.Share{Num: 1, Den: 2}}
	requireNoAllocation(t, spec)
	spec.Phases = [][]assign.Arm{{{Variant: "treatment", Weight: 3}, {Variant: "control", Weight: 2}}, evenArms()}
	requireNoAllocation(t, spec)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if assign.CheckID("customer-42") != nil || assign.CheckID("") != assign.ErrMissingUnit {
			t.Error("wrong judgement")
		}
	}))
}

func requireNoAllocation(t *testing.T, spec assign.Spec) {
	t.Helper()
	split, err := assign.NewSplit(spec)
	require.NoError(t, err)
	ids := []string{"", "a\x00b", "customer-42", "customer-43", "0b5cf3a1-9c1e-4a0f-a4a5-6f2d9f1c7e55"}
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for _, id := range ids {
			variant, enrolled := split.Variant(id)
			index, _ := split.Arm(assign.Hash(id))
			if enrolled && spec.Arms[index].Variant != variant {
				t.Error("Arm and Variant disagree")
			}
		}
	}))
}

// A Split may be shared; the race detector watches this test.
func TestConcurrentUse(t *testing.T) {
	split, err := assign.NewSplit(assign.Spec{Salt: "s", Arms: evenArms()})
	require.NoError(t, err)
	want := variantsOf(split)
	var group sync.WaitGroup
	got := make([][]string, 8)
	for i := range got {
		group.Go(func() { got[i] = variantsOf(split) })
	}
	group.Wait()
	for _, one := range got {
		require.Equal(t, want, one)
	}
}
