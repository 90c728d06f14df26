package peer_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

// What a formula says of raising the traffic is what happens to units.
func TestKeepsEnrolled(t *testing.T) {
	ranges := []peer.OptimizelyRange{{Variant: "v0", End: 500}, {Variant: "v1", End: 1000}}
	outside := func(name string) assign.Formula { return peer.GOFeatureFlag{Outside: name} }
	rows := []struct {
		name, reason string
		hash         assign.Formula
		weights      []uint64
		keeps        bool
	}{
		{"touchlift/1", "traffic has a stream of its own", nil, []uint64{1, 1}, true},
		{"growthbook", "arms grow into room of their own", peer.GrowthBook{Version: 2}, []uint64{1, 1}, true},
		{"statsig", "a pass percentage has its hash", peer.Statsig{RuleSalt: "r"}, []uint64{1, 1}, true},
		{"statsig, allocated", "buckets are taken in order", peer.Statsig{AllocationSalt: "a", Allocated: "500-999, 0-499"}, []uint64{1, 1}, true},
		{"eppo", "traffic has its salt", peer.Eppo{TrafficSalt: "t"}, []uint64{1, 1}, true},
		{"eppo/legacy", "exposure has its prefix", peer.EppoLegacy{}, []uint64{1, 1}, true},
		{"split", "traffic has its seed", peer.Split{TrafficAllocationSeed: 7}, []uint64{1, 1}, true},
		{"unleash", "so has the rollout", peer.Unleash{}, []uint64{1, 1}, true},
		{"unleash, one seed", "the arm is off the same hash, and stays", peer.Unleash{OneSeed: true}, []uint64{1, 1}, true},
		{"planout", "the gate has its salt", peer.PlanOut{Param: "p", Gate: "g"}, []uint64{1, 1}, true},
		{"posthog", "arms have a suffix", peer.PostHog{}, []uint64{1, 1}, true},
		{"launchdarkly", "arms end to end push each other", peer.LaunchDarkly{}, []uint64{1, 1}, false},
		{"launchdarkly, an arm", "one arm only grows", peer.LaunchDarkly{}, []uint64{0, 1, 0}, true},
		{"optimizely", "arms end to end push each other", peer.Optimizely{}, []uint64{1, 1}, false},
		{"optimizely, an arm", "one arm only grows", peer.Optimizely{}, []uint64{0, 1, 0}, true},
		{"gofeatureflag between", "the arms are at the ends", outside("v0z"), []uint64{1, 1}, true},
		{"gofeatureflag before", "both arms are at one end", outside("!"), []uint64{1, 1}, false},
		{"gofeatureflag behind", "and at the other", outside("w"), []uint64{1, 1}, false},
		{"gofeatureflag, three arms", "one of them is not at an end", outside("v0z"), []uint64{2, 1, 1}, false},
		{"gofeatureflag, an arm for nobody", "which takes no room", outside("v0z"), []uint64{1, 1, 0}, true},
	}
	ids := manyIDs(t, 5000)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			at := func(percentage int) assign.Spec {
				return assign.Spec{Salt: "12", Arms: arms(row.weights...), Traffic: percentOf(percentage), Hash: row.hash}
			}
			for _, percentage := range []int{0, 10, 100} {
				require.Equal(t, row.keeps, assign.KeepsEnrolled(at(percentage)), "%s, at %d%%", row.reason, percentage)
			}
			enrolled, moved := ramped(t, ids, []int{10, 20, 40, 100}, at)
			require.Positive(t, enrolled)
			require.Equal(t, row.keeps, moved == 0, "%d of %d moved: %s", moved, enrolled, row.reason)
		})
	}
	listed := assign.Spec{Salt: "12", Arms: arms(1, 1), Traffic: percentOf(10), Hash: peer.Optimizely{Ranges: ranges}}
	require.True(t, assign.KeepsEnrolled(listed), "new ranges can be listed behind the old")
	listed.Hash = peer.LaunchDarkly{Variations: []peer.LaunchDarklyVariation{{Variant: "v0", Weight: 5000}, {Variant: "v1", Weight: 5000}, {Weight: 90000}}}
	require.True(t, assign.KeepsEnrolled(listed), "so can variations")
	listed.Hash = peer.GOFeatureFlag{}
	require.False(t, assign.KeepsEnrolled(listed), "nobody knows where the variation of the others will be")
}

// Every formula of the registry answers, and those with fields judge them.
func TestEveryFormulaIsSteady(t *testing.T) {
	for text, formula := range everyFormula() {
		require.Implements(t, (*assign.Steady)(nil), formula, text)
		if _, none := formula.(peer.PostHog); !none {
			require.Implements(t, (*assign.Judged)(nil), formula, text)
		}
	}
}
