package peer_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

func growthbookSpec(version int) func(percentage int) assign.Spec {
	return func(percentage int) assign.Spec {
		return assign.Spec{
			Salt: "checkout", Arms: arms(3334, 3333, 3333), Traffic: percentOf(percentage),
			Hash: peer.GrowthBook{Version: version, Namespace: "shop", NamespaceFrom: 0.2, NamespaceTo: 0.9},
		}
	}
}

// Raising the coverage moves nobody, because each arm grows from its own start.
func TestGrowthBookRamp(t *testing.T) {
	for _, version := range []int{1, 2} {
		enrolled, moved := ramped(t, manyIDs(t, 4000), upTo100(), growthbookSpec(version))
		require.Positive(t, enrolled)
		require.Zero(t, moved)
	}
}

// Weights that sum to less than 1 are ranges here, and ranges rule.
func TestGrowthBookRanges(t *testing.T) {
	split := newSplit(t, assign.Spec{
		Salt: "checkout", Arms: arms(4000, 5999), Traffic: assign.Share{Num: 9999, Den: 10000},
		Hash: peer.GrowthBook{Version: 2, Ranges: peer.GrowthBookLayout(2, 1, []float64{0.4, 0.5999})},
	})
	swapped := newSplit(t, assign.Spec{
		Salt: "checkout", Arms: arms(60, 40),
		Hash: peer.GrowthBook{Version: 2, Ranges: peer.GrowthBookRanges{{From: 0.4, To: 1}, {From: 0, To: 0.4}}},
	})
	for _, id := range manyIDs(t, 4000) {
		n, _ := peer.GrowthBook{Version: 2}.Bucket("checkout", id)
		want := 1
		if n < 0.4 {
			want = 0
		}
		require.Equal(t, 1-want, decide(swapped, id))
		if n >= 0.9999 {
			want = -1
		}
		require.Equal(t, want, decide(split, id))
	}
}

func TestGrowthBookProblems(t *testing.T) {
	half := peer.GrowthBookRanges{{From: 0, To: 0.5}, {From: 0.5, To: 1}}
	requireProblems(t, []specProblem{
		{"version", "there are two", assign.Spec{Salt: "s", Hash: peer.GrowthBook{Version: 3}}, []string{"hash.version"}},
		{"namespace end", "one without an end holds nobody", assign.Spec{Salt: "s", Hash: peer.GrowthBook{Namespace: "n", NamespaceFrom: 0.5}}, []string{"hash.namespace_to"}},
		{"namespace outside", "the line goes from 0 to 1", assign.Spec{Salt: "s", Hash: peer.GrowthBook{Namespace: "n", NamespaceFrom: -1, NamespaceTo: 2}},
			[]string{"hash.namespace_from", "hash.namespace_to"}},
		{"namespace without a range", "it would enrol nobody, silently", assign.Spec{Salt: "s", Hash: peer.GrowthBook{Namespace: "n"}}, []string{"hash.namespace_to"}},
		{"namespace that is empty", "so would this", assign.Spec{Salt: "s", Hash: peer.GrowthBook{Namespace: "n", NamespaceFrom: 0.5, NamespaceTo: 0.5}}, []string{"hash.namespace_to"}},
		{"namespace and filters", "the SDK ignores one", assign.Spec{Salt: "s", Hash: peer.GrowthBook{
			Namespace: "n", NamespaceTo: 1, Filters: []peer.GrowthBookFilter{{Version: 4}},
		}}, []string{"hash.namespace", "hash.filters[0].version", "hash.filters[0].ranges"}},
		{"ranges and arms", "one for each", assign.Spec{Salt: "s", Arms: arms(1, 1, 1), Hash: peer.GrowthBook{Ranges: half}}, []string{"hash.ranges"}},
		{"ranges and weights", "the analysis expects units by weight", assign.Spec{Salt: "s", Arms: arms(1, 2), Hash: peer.GrowthBook{Ranges: half}},
			[]string{"hash.ranges[0]", "hash.ranges[1]"}},
		{"ranges and traffic", "and by traffic", assign.Spec{Salt: "s", Traffic: percentOf(50), Hash: peer.GrowthBook{Ranges: half}},
			[]string{"hash.ranges[0]", "hash.ranges[1]"}},
	})
}

func TestGrowthBookAllocatesNothing(t *testing.T) {
	requireNoAllocations(t, growthbookSpec(1)(50))
	requireNoAllocations(t, growthbookSpec(2)(50))
	filtered := growthbookSpec(2)(50)
	filtered.Hash = peer.GrowthBook{Version: 2, Filters: []peer.GrowthBookFilter{{Seed: "layer", Ranges: peer.GrowthBookRanges{{From: 0, To: 1}}}}}
	requireNoAllocations(t, filtered)
}

func BenchmarkGrowthBook1(b *testing.B) { benchGrowthBook(b, 1) }
func BenchmarkGrowthBook2(b *testing.B) { benchGrowthBook(b, 2) }

func benchGrowthBook(b *testing.B, version int) {
	benchSpec(b, assign.Spec{Salt: "checkout", Arms: arms(1, 1), Hash: peer.GrowthBook{Version: version}})
}

// Whatever the id, arm and bucket agree.
func FuzzGrowthBook(f *testing.F) {
	f.Add("customer-42", "checkout", uint8(2), uint8(50))
	f.Add("renée \U0001F600\xff", "テスト", uint8(1), uint8(100))
	f.Fuzz(func(t *testing.T, id, seed string, version, percentage uint8) {
		g := peer.GrowthBook{Version: 1 + int(version%2)}
		spec := assign.Spec{Salt: "s" + seed, Arms: arms(30, 70), Traffic: percentOf(int(percentage % 101)), Hash: g}
		split, err := assign.NewSplit(spec)
		if err != nil {
			return // a salt with a zero byte
		}
		n, _ := g.Bucket(spec.Salt, id)
		coverage := float64(percentage%101) / 100
		want := -1
		switch {
		case n < coverage*0.3:
			want = 0
		case n >= 0.3 && n < 0.3+float64(coverage*0.7):
			want = 1
		}
		if got := decide(split, id); got != want || n < 0 || n >= 1 {
			t.Fatalf("got arm %d at %v, want %d", got, n, want)
		}
	})
}

// An experiment that runs in GrowthBook as
//
//	{"key": "checkout", "seed": "a1b2", "hashVersion": 2, "coverage": 0.5, "weights": [0.5, 0.5],
//	 "namespace": ["shop", 0, 0.8], "variations": ["control", "free_returns"]}
//
// goes on here. Everyone who is enrolled stays in the same arm, also when the traffic
// is raised later.
func ExampleGrowthBook() {
	split, err := assign.NewSplit(assign.Spec{
		Salt:    "a1b2",
		Arms:    []assign.Arm{{Variant: "control", Weight: 50}, {Variant: "free_returns", Weight: 50}},
		Traffic: assign.Share{Num: 1, Den: 2},
		Hash:    peer.GrowthBook{Version: 2, Namespace: "shop", NamespaceTo: 0.8},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range []string{"customer-1", "customer-2", "customer-3", "customer-4"} {
		variant, enrolled := split.Variant(id)
		fmt.Printf("%s %q %t\n", id, variant, enrolled)
	}
	// Output:
	// customer-1 "free_returns" true
	// customer-2 "" false
	// customer-3 "free_returns" true
	// customer-4 "" false
}
