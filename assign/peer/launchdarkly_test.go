package peer_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

func launchdarklySpec(percentage int) assign.Spec {
	return assign.Spec{
		Salt: "checkout", Arms: arms(50, 50), Traffic: percentOf(percentage),
		Hash: peer.LaunchDarkly{FlagSalt: "saltyA"},
	}
}

// The SDK does not promise that units stay: arms end to end push each other along.
// That is what it does, so that is what the formula does.
func TestLaunchDarklyRampMoves(t *testing.T) {
	enrolled, moved := ramped(t, manyIDs(t, 20000), []int{10, 20}, launchdarklySpec)
	require.InDelta(t, 0.5, float64(moved)/float64(enrolled), 0.1)
}

// With the variations listed, the new ones behind the old, nobody is moved.
func TestLaunchDarklyRampListed(t *testing.T) {
	at := func(percentage int) assign.Spec {
		spec := launchdarklySpec(percentage)
		listed := []peer.LaunchDarklyVariation{{Variant: "v0", Weight: 5000}, {Variant: "v1", Weight: 5000}}
		for step := 10; step < percentage; step += 10 {
			listed = append(listed, listed[:2]...)
		}
		rest := uint64(100-percentage) * 1000
		spec.Hash = peer.LaunchDarkly{FlagSalt: "saltyA", Variations: append(listed, peer.LaunchDarklyVariation{Weight: rest})}
		return spec
	}
	enrolled, moved := ramped(t, manyIDs(t, 4000), []int{10, 20, 50, 90}, at)
	require.Positive(t, enrolled)
	require.Zero(t, moved)
}

// A seed replaces key and salt.
func TestLaunchDarklySeed(t *testing.T) {
	seeded := peer.LaunchDarkly{FlagSalt: "saltyA", Seed: withSeed(-61)}
	for _, id := range manyIDs(t, 100) {
		require.Equal(t, seeded.Bucket("checkout", id), peer.LaunchDarkly{Seed: withSeed(-61)}.Bucket("other", id))
	}
}

func TestLaunchDarklyProblems(t *testing.T) {
	listed := func(list ...peer.LaunchDarklyVariation) assign.Formula { return peer.LaunchDarkly{Variations: list} }
	requireProblems(t, []specProblem{
		{"thirds", "100,000 has no third", assign.Spec{Salt: "s", Arms: arms(1, 2), Hash: peer.LaunchDarkly{}}, []string{"arms[0].weight", "arms[1].weight"}},
		{"weight", "a share is at most 100,000", assign.Spec{Salt: "s", Hash: listed(peer.LaunchDarklyVariation{Variant: "v0", Weight: 100001})},
			[]string{"hash.variations[0].weight"}},
		{"variant", "a variation is of an arm or of nobody", assign.Spec{Salt: "s", Hash: listed(peer.LaunchDarklyVariation{Variant: "V0", Weight: 100000})},
			[]string{"hash.variations[0].variant"}},
		{"weights", "the analysis expects units by weight", assign.Spec{Salt: "s",
			Hash: listed(peer.LaunchDarklyVariation{Variant: "v0", Weight: 40000}, peer.LaunchDarklyVariation{Variant: "v1", Weight: 60000})},
			[]string{"hash.variations", "hash.variations"}},
	})
}

func TestLaunchDarklyAllocatesNothing(t *testing.T) { requireNoAllocations(t, launchdarklySpec(50)) }

func BenchmarkLaunchDarkly(b *testing.B) { benchSpec(b, launchdarklySpec(100)) }

// Whatever the id, its place is from 0 to 1 and full traffic leaves nobody out.
func FuzzLaunchDarkly(f *testing.F) {
	f.Add("customer-42", "saltyA", int64(61))
	f.Add("\xff", "", int64(-1<<63))
	f.Fuzz(func(t *testing.T, id, salt string, seed int64) {
		for _, hash := range []peer.LaunchDarkly{{FlagSalt: salt}, {Seed: &seed}} {
			spec := launchdarklySpec(100)
			spec.Hash = hash
			place, arm := hash.Bucket("checkout", id), decide(newSplit(t, spec), id)
			if place < 0 || place > 1 || (arm == 0) != (place < 0.5) || arm < 0 {
				t.Fatalf("arm %d at %v", arm, place)
			}
		}
	})
}

// The rollout of a flag with the key "checkout": half of the units in each arm, which
// stand in the flag as weights of 5000 and an untracked rest of 90000.
func ExampleLaunchDarkly() {
	split, err := assign.NewSplit(assign.Spec{
		Salt:    "checkout",
		Arms:    []assign.Arm{{Variant: "control", Weight: 1}, {Variant: "free_returns", Weight: 1}},
		Traffic: assign.Share{Num: 1, Den: 10},
		Hash:    peer.LaunchDarkly{FlagSalt: "e1f58f1b"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	counts := map[string]int{}
	for i := range 1000 {
		variant, _ := split.Variant(fmt.Sprint("customer-", i))
		counts[variant]++
	}
	fmt.Printf("%d not enrolled, %d and %d\n", counts[""], counts["control"], counts["free_returns"])
	// Output:
	// 907 not enrolled, 45 and 48
}
