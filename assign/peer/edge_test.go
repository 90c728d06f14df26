package peer

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
)

func edgeArms(weights ...uint64) []assign.Arm {
	var arms []assign.Arm
	for i, weight := range weights {
		arms = append(arms, assign.Arm{Variant: fmt.Sprintf("v%d", i), Weight: weight})
	}
	return arms
}

// A place at an end is of the next entry, and the float32 below it is not.
func TestLaunchDarklyAtEnds(t *testing.T) {
	made, err := LaunchDarkly{}.Bucketing(assign.Spec{Salt: "s", Arms: edgeArms(1, 1), Traffic: assign.Share{Num: 1, Den: 2}})
	require.NoError(t, err)
	b := made.(*launchDarklyBuckets)
	require.Equal(t, []float32{0.25, 0.5, 1}, b.ends)
	rows := []struct {
		name  string
		place float32
		arm   int
	}{
		{"the start", 0, 0},
		{"below the first end", math.Nextafter32(0.25, 0), 0},
		{"the first end", 0.25, 1},
		{"below the second end", math.Nextafter32(0.5, 0), 1},
		{"the second end", 0.5, -1},
		{"the largest place is behind the last end", 1, -1},
	}
	for _, row := range rows {
		arm, enrolled := b.at(row.place)
		require.Equal(t, row.arm, arm, row.name)
		require.Equal(t, row.arm >= 0, enrolled, row.name)
	}
}

// The largest hash comes to place 1, which is no entry's and so the last one's.
func TestLaunchDarklyAtOne(t *testing.T) {
	made, err := LaunchDarkly{}.Bucketing(assign.Spec{Salt: "s", Arms: edgeArms(1, 1)})
	require.NoError(t, err)
	arm, enrolled := made.(*launchDarklyBuckets).at(1)
	require.True(t, enrolled)
	require.Equal(t, 1, arm)
}

// The group lets in what is from its start to before its end.
func TestOptimizelyAtGroupEnds(t *testing.T) {
	o := Optimizely{Group: "7", GroupFrom: 3000, GroupTo: 5000}
	made, err := o.Bucketing(assign.Spec{Salt: "s", Arms: edgeArms(1, 1)})
	require.NoError(t, err)
	for bucket, in := range map[uint64]bool{2999: false, 3000: true, 4999: true, 5000: false} {
		id := idAt(t, func(id string) bool { return o.Bucket("7", id) == bucket })
		_, enrolled := made.Arm(id)
		require.Equal(t, in, enrolled, "bucket %d", bucket)
	}
}

// A namespace lets in what is from its start to before its end.
func TestGrowthBookAtNamespaceEnds(t *testing.T) {
	g := GrowthBook{Version: 2, Namespace: "shop", NamespaceFrom: 0.25, NamespaceTo: 0.5}
	made, err := g.Bucketing(assign.Spec{Salt: "s", Arms: edgeArms(1, 1)})
	require.NoError(t, err)
	place := newGrowthBookHash("__shop", 1)
	for n, in := range map[float64]bool{0.249: false, 0.25: true, 0.499: true, 0.5: false} {
		id := idAt(t, func(id string) bool { return place.of(id) == n })
		_, enrolled := made.Arm(id)
		require.Equal(t, in, enrolled, "n = %v", n)
		require.Equal(t, in, g.InNamespace(id), "n = %v", n)
	}
}

// A hash at the traffic itself passes a bernoulliTrial, and so do those that float64
// rounds to it: above 2^59 every 128th number is one, and a tie goes to the even one.
func TestPlanOutAtGate(t *testing.T) {
	gated := PlanOut{Param: "p", Gate: "g"}
	for traffic, enrols := range map[assign.Share]uint64{
		{Num: 1, Den: 2}: 1<<59 + 64 + 1,
		{Num: 1, Den: 4}: 1<<58 + 32 + 1,
		{Num: 0, Den: 1}: 1, // the hash 0 is at traffic 0
		{Num: 1, Den: 1}: 1 << 60,
	} {
		made, err := gated.Bucketing(assign.Spec{Salt: "s", Arms: edgeArms(1, 1), Traffic: traffic})
		require.NoError(t, err)
		require.Equal(t, enrols, made.(*planOutBuckets).enrols, "%v", traffic)
	}
}

// idAt searches an id for which the condition holds.
func idAt(t *testing.T, holds func(id string) bool) string {
	t.Helper()
	for i := range 1_000_000 {
		if id := fmt.Sprintf("customer-%d", i); holds(id) {
			return id
		}
	}
	require.Fail(t, "no id stands there")
	return ""
}

// The advice is in the numbers of the SDK.
func TestThirds(t *testing.T) {
	for buckets, want := range map[uint64]string{
		100: "34, 33, 33 of 100", 1000: "334, 333, 333 of 1000", 10000: "3334, 3333, 3333 of 10000", 8: "3, 3, 2 of 8", 9: "3, 3, 3 of 9", 1: "1, 0, 0 of 1",
	} {
		require.Equal(t, want, thirds(buckets))
	}
	_, err := Split{}.Bucketing(assign.Spec{Salt: "7", Arms: edgeArms(1, 1, 1)})
	require.ErrorContains(t, err, "such as 34, 33, 33 of 100")
}

// A bucket of the longest sum of GO Feature Flag's percentages keeps arms at the ends of
// the line, whatever the traffic: what KeepsEnrolled says holds for odd percentages too.
func TestGOFeatureFlagKeepsAtEnds(t *testing.T) {
	g := GOFeatureFlag{Outside: "v0z"}
	for _, weights := range [][]uint64{{1, 1}, {3, 7}, {999, 1}} {
		spec := assign.Spec{Salt: "s", Arms: edgeArms(weights...)}
		require.True(t, g.KeepsEnrolled(spec))
		sum := weights[0] + weights[1]
		step, laid := sum*31, 0
		var low, high uint64 = 0, 100_000
		for parts := uint64(0); parts <= 100_000; parts += step {
			spec.Traffic = assign.Share{Num: parts, Den: 100_000}
			made, err := g.Bucketing(spec)
			if err != nil {
				require.ErrorContains(t, err, "as it happens")
				continue
			}
			b := made.(*goBuckets)
			require.Equal(t, uint32(100_000), b.buckets, spec.Traffic)
			require.Equal(t, uint64(100_000), b.ends[2], spec.Traffic)
			require.Equal(t, []int{1, -1, 0}, b.arms)
			require.GreaterOrEqual(t, b.ends[0], low, spec.Traffic)
			require.LessOrEqual(t, b.ends[1], high, spec.Traffic)
			low, high = b.ends[0], b.ends[1]
			laid++
		}
		require.Positive(t, laid)
	}
}
