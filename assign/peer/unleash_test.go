package peer_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

func unleashSpec(percentage int) assign.Spec {
	return assign.Spec{
		Salt: "checkout", Arms: arms(500, 333, 167), Traffic: percentOf(percentage),
		Hash: peer.Unleash{RolloutGroup: "shop"},
	}
}

// Raising the rollout moves nobody, because the variants have a seed of their own.
func TestUnleashRamp(t *testing.T) {
	enrolled, moved := ramped(t, manyIDs(t, 4000), upTo100(), unleashSpec)
	require.Positive(t, enrolled)
	require.Zero(t, moved)
}

// One seed for both steps keeps everybody too, but skews the arms: at 10 % the first
// of two equal arms takes everyone, because the buckets of both steps are one.
func TestUnleashOneSeed(t *testing.T) {
	count := func(oneSeed bool) (first, second int) {
		spec := assign.Spec{
			Salt: "checkout", Arms: arms(1, 1), Traffic: percentOf(10),
			Hash: peer.Unleash{OneSeed: oneSeed, Normalizer: 100},
		}
		split := newSplit(t, spec)
		for _, id := range manyIDs(t, 8000) {
			switch decide(split, id) {
			case 0:
				first++
			case 1:
				second++
			}
		}
		return first, second
	}
	first, second := count(true)
	require.Positive(t, first)
	require.Zero(t, second)
	first, second = count(false)
	require.InEpsilon(t, 1, float64(first)/float64(second), 0.5)
}

// The default group of the rollout is the salt.
func TestUnleashGroups(t *testing.T) {
	apart := unleashSpec(50)
	apart.Hash = peer.Unleash{RolloutGroup: "checkout"}
	same := unleashSpec(50)
	same.Hash = peer.Unleash{}
	other, own, preset := newSplit(t, unleashSpec(50)), newSplit(t, apart), newSplit(t, same)
	differ := 0
	for _, id := range manyIDs(t, 1000) {
		require.Equal(t, decide(own, id), decide(preset, id), id)
		if decide(other, id) != decide(own, id) {
			differ++
		}
	}
	require.Positive(t, differ)
}

// A unit without the value of "stickiness" is not enrolled, where Unleash draws an arm.
func TestUnleashMissingID(t *testing.T) {
	_, enrolled := newSplit(t, unleashSpec(100)).Variant("")
	require.False(t, enrolled)
}

func TestUnleashProblems(t *testing.T) {
	requireProblems(t, []specProblem{
		{"thirds", "1000 has no third", assign.Spec{Salt: "s", Arms: arms(1, 1, 1), Hash: peer.Unleash{}},
			[]string{"arms[0].weight", "arms[1].weight", "arms[2].weight"}},
		{"traffic", "a rollout has whole percents", assign.Spec{Salt: "s", Traffic: assign.Share{Num: 1, Den: 8}, Hash: peer.Unleash{}}, []string{"traffic"}},
		{"normalizer", "it is a sum of weights", assign.Spec{Salt: "s", Hash: peer.Unleash{Normalizer: -1}}, []string{"hash.normalizer"}},
		{"normalizer of 33 bits", "the hash has 32", assign.Spec{Salt: "s", Hash: peer.Unleash{Normalizer: 1 << 32}}, []string{"hash.normalizer"}},
	})
	newSplit(t, assign.Spec{Salt: "s", Arms: arms(1, 1, 1), Hash: peer.Unleash{Normalizer: 3}})
}

func TestUnleashParse(t *testing.T) {
	formula, err := peer.Parse("unleash/1", map[string]any{"rollout_group": "g", "normalizer": 100, "one_seed": true})
	require.NoError(t, err)
	require.Equal(t, peer.Unleash{RolloutGroup: "g", Normalizer: 100, OneSeed: true}, formula)
	require.Equal(t, "unleash/1", formula.Name())
	_, err = peer.Parse("unleash/1", map[string]any{"normalizer": -1})
	require.ErrorContains(t, err, "hash.normalizer")
}

func TestUnleashAllocations(t *testing.T) { requireNoAllocations(t, unleashSpec(50)) }

func BenchmarkUnleash(b *testing.B) { benchSpec(b, unleashSpec(100)) }

// Whatever group and id, the arm is that of the two buckets.
func FuzzUnleash(f *testing.F) {
	f.Add("checkout", "customer-42", uint8(50), uint32(1000), false)
	f.Add("été", "\xff:", uint8(100), uint32(2), true)
	f.Fuzz(func(t *testing.T, group, id string, percentage uint8, normalizer uint32, oneSeed bool) {
		formula := peer.Unleash{Normalizer: int64(normalizer &^ 1), OneSeed: oneSeed}
		spec := assign.Spec{Salt: group, Arms: arms(1, 1), Traffic: percentOf(int(percentage % 101)), Hash: formula}
		split, err := assign.NewSplit(spec)
		if err != nil {
			return // the salt is empty or has a zero byte
		}
		want := -1
		if formula.RolloutBucket(group, id) <= int(percentage%101) {
			want = 0
			if half := max(formula.Normalizer, 0) / 2; formula.VariantBucket(group, id) > half && half > 0 ||
				half == 0 && formula.VariantBucket(group, id) > 500 {
				want = 1
			}
		}
		if got := decide(split, id); got != want {
			t.Fatalf("got arm %d, want %d", got, want)
		}
	})
}

func ExampleUnleash() {
	split, err := assign.NewSplit(assign.Spec{
		Salt:    "checkout", // the feature's name
		Arms:    []assign.Arm{{Variant: "red", Weight: 500}, {Variant: "green", Weight: 500}},
		Traffic: assign.Share{Num: 60, Den: 100},
		Hash:    peer.Unleash{RolloutGroup: "shop"}, // the strategy's "groupId"
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range []string{"customer-1", "customer-2", "customer-3", "customer-4", "customer-5", "customer-6"} {
		variant, enrolled := split.Variant(id)
		fmt.Printf("%s %q %t\n", id, variant, enrolled)
	}
	// Output:
	// customer-1 "green" true
	// customer-2 "green" true
	// customer-3 "green" true
	// customer-4 "red" true
	// customer-5 "" false
	// customer-6 "" false
}
