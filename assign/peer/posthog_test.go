package peer_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

func posthogSpec(percentage int) assign.Spec {
	return assign.Spec{Salt: "checkout", Arms: arms(34, 33, 33), Traffic: percentOf(percentage), Hash: peer.PostHog{}}
}

// Raising the rollout moves nobody, because the arm has a hash of its own.
func TestPostHogRamp(t *testing.T) {
	enrolled, moved := ramped(t, manyIDs(t, 4000), upTo100(), posthogSpec)
	require.Positive(t, enrolled)
	require.Zero(t, moved)
}

// An id that ends in the suffix meets the hash of the id without it.
func TestPostHogSuffix(t *testing.T) {
	require.Equal(t, peer.PostHog{}.Variant("flag", "1"), peer.PostHog{}.Rollout("flag", "1variant"))
	require.NotEqual(t, peer.PostHog{}.Variant("flag", "1"), peer.PostHog{}.Rollout("flag", "1"))
}

func TestPostHogProblems(t *testing.T) {
	requireProblems(t, []specProblem{
		{"thirds", "PostHog has no third of 100 %", assign.Spec{Salt: "s", Arms: arms(1, 1, 1), Hash: peer.PostHog{}},
			[]string{"arms[0].weight", "arms[1].weight", "arms[2].weight"}},
		{"traffic", "it is finer than 0.01 %", assign.Spec{Salt: "s", Traffic: assign.Share{Num: 1, Den: 100_000}, Hash: peer.PostHog{}}, []string{"traffic"}},
	})
	newSplit(t, assign.Spec{Salt: "s", Arms: arms(3334, 3333, 3333), Traffic: assign.Share{Num: 1, Den: 8}, Hash: peer.PostHog{}})
}

func TestPostHogParse(t *testing.T) {
	formula, err := peer.Parse("posthog/1", nil)
	require.NoError(t, err)
	require.Equal(t, peer.PostHog{}, formula)
	require.Equal(t, "posthog/1", formula.Name())
}

func TestPostHogAllocations(t *testing.T) { requireNoAllocations(t, posthogSpec(50)) }

func BenchmarkPostHog(b *testing.B) { benchSpec(b, posthogSpec(100)) }

// Whatever key and id, the arm is that of the two fractions.
func FuzzPostHog(f *testing.F) {
	f.Add("checkout", "customer-42", uint16(5000), uint16(3300))
	f.Add("été", "\xffvariant", uint16(10000), uint16(0))
	f.Fuzz(func(t *testing.T, key, id string, traffic, first uint16) {
		traffic, first = traffic%10001, first%10001
		split, err := assign.NewSplit(assign.Spec{
			Salt: key, Arms: arms(uint64(first), uint64(10000-first)), Hash: peer.PostHog{},
			Traffic: assign.Share{Num: uint64(traffic), Den: 10000},
		})
		if err != nil {
			return // the salt is empty or has a zero byte
		}
		want, end := -1, float64(first)/100/100
		if (peer.PostHog{}).Rollout(key, id) <= float64(traffic)/100/100 {
			switch u := (peer.PostHog{}).Variant(key, id); {
			case u < end:
				want = 0
			case u < end+float64(10000-first)/100/100:
				want = 1
			}
		}
		if got := decide(split, id); got != want {
			t.Fatalf("got arm %d, want %d", got, want)
		}
	})
}

func ExamplePostHog() {
	split, err := assign.NewSplit(assign.Spec{
		Salt:    "checkout", // the key of the flag
		Arms:    []assign.Arm{{Variant: "control", Weight: 50}, {Variant: "test", Weight: 50}},
		Traffic: assign.Share{Num: 60, Den: 100},
		Hash:    peer.PostHog{},
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
	// customer-1 "control" true
	// customer-2 "test" true
	// customer-3 "" false
	// customer-4 "test" true
	// customer-5 "test" true
	// customer-6 "test" true
}
