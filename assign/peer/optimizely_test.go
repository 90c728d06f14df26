package peer_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

func optimizelySpec(percentage int) assign.Spec {
	return assign.Spec{Salt: "10390977673", Arms: arms(50, 50), Traffic: percentOf(percentage), Hash: peer.Optimizely{}}
}

// The SDK does not promise that units stay: arms end to end push each other along.
// That is what it does, so that is what the formula does.
func TestOptimizelyRampMoves(t *testing.T) {
	enrolled, moved := ramped(t, manyIDs(t, 20000), []int{10, 20}, optimizelySpec)
	require.InDelta(t, 0.5, float64(moved)/float64(enrolled), 0.1)
}

// With the ranges listed, the new ones behind the old, nobody is moved.
func TestOptimizelyRampListed(t *testing.T) {
	at := func(percentage int) assign.Spec {
		spec, hash := optimizelySpec(percentage), peer.Optimizely{}
		for end := uint64(500); end <= uint64(percentage)*100; end += 1000 {
			hash.Ranges = append(hash.Ranges, peer.OptimizelyRange{Variant: "v0", End: end}, peer.OptimizelyRange{Variant: "v1", End: end + 500})
		}
		hash.Ranges = append(hash.Ranges, peer.OptimizelyRange{End: 10000})
		spec.Hash = hash
		return spec
	}
	enrolled, moved := ramped(t, manyIDs(t, 4000), []int{10, 20, 50, 100}, at)
	require.Positive(t, enrolled)
	require.Zero(t, moved)
}

// A group lets in its part of the units, and two parts never share one.
func TestOptimizelyGroup(t *testing.T) {
	first, second := optimizelySpec(100), optimizelySpec(100)
	first.Hash = peer.Optimizely{Group: "13142870430", GroupTo: 4000}
	second.Hash = peer.Optimizely{Group: "13142870430", GroupFrom: 4000, GroupTo: 10000}
	one, two, all := newSplit(t, first), newSplit(t, second), newSplit(t, optimizelySpec(100))
	for _, id := range manyIDs(t, 4000) {
		in, out := one, two
		if (peer.Optimizely{}).Bucket("13142870430", id) >= 4000 {
			in, out = two, one
		}
		require.Equal(t, decide(all, id), decide(in, id))
		require.Equal(t, -1, decide(out, id))
	}
}

func TestOptimizelyProblems(t *testing.T) {
	hash := func(o peer.Optimizely) assign.Spec { return assign.Spec{Salt: "s", Hash: o} }
	ranges := func(list ...peer.OptimizelyRange) assign.Spec { return hash(peer.Optimizely{Ranges: list}) }
	requireProblems(t, []specProblem{
		{"thirds", "10,000 has no third", assign.Spec{Salt: "s", Arms: arms(1, 2), Hash: peer.Optimizely{}}, []string{"arms[0].weight", "arms[1].weight"}},
		{"group", "a range of no group", hash(peer.Optimizely{GroupTo: 10000}), []string{"hash.group"}},
		{"group range", "one without buckets lets nobody in", hash(peer.Optimizely{Group: "7"}), []string{"hash.group_to"}},
		{"end", "buckets end at 9999", ranges(peer.OptimizelyRange{Variant: "v0", End: 10001}), []string{"hash.ranges[0].end"}},
		{"order", "ends rise", ranges(peer.OptimizelyRange{Variant: "v0", End: 5000}, peer.OptimizelyRange{Variant: "v1", End: 4000}), []string{"hash.ranges[1].end"}},
		{"variant", "a range is of an arm or of nobody", ranges(peer.OptimizelyRange{Variant: "10389729780", End: 10000}), []string{"hash.ranges[0].variant"}},
		{"weights", "the analysis expects units by weight", ranges(peer.OptimizelyRange{Variant: "v0", End: 10000}), []string{"hash.ranges", "hash.ranges"}},
	})
}

func TestOptimizelyAllocatesNothing(t *testing.T) { requireNoAllocations(t, optimizelySpec(50)) }

func BenchmarkOptimizely(b *testing.B) { benchSpec(b, optimizelySpec(100)) }

// Whatever the id, bucket and arm agree.
func FuzzOptimizely(f *testing.F) {
	f.Add("customer-42", "10390977673", uint8(50))
	f.Add("\xff", "1", uint8(100))
	f.Fuzz(func(t *testing.T, id, entity string, percentage uint8) {
		spec := optimizelySpec(int(percentage % 101))
		spec.Salt += entity
		split, err := assign.NewSplit(spec)
		if err != nil {
			return // a salt with a zero byte
		}
		bucket, want := peer.Optimizely{}.Bucket(spec.Salt, id), -1
		switch end := uint64(percentage%101) * 100; {
		case bucket < end/2:
			want = 0
		case bucket < end:
			want = 1
		}
		if got := decide(split, id); got != want || bucket >= 10000 {
			t.Fatalf("got arm %d at %d, want %d", got, bucket, want)
		}
	})
}

// An experiment that runs in Optimizely as
//
//	{"id": "10390977673", "trafficAllocation": [{"entityId": "a", "endOfRange": 2500},
//	 {"entityId": "b", "endOfRange": 5000}, {"entityId": "", "endOfRange": 10000}]}
func ExampleOptimizely() {
	split, err := assign.NewSplit(assign.Spec{
		Salt:    "10390977673",
		Arms:    []assign.Arm{{Variant: "a", Weight: 1}, {Variant: "b", Weight: 1}},
		Traffic: assign.Share{Num: 1, Den: 2},
		Hash:    peer.Optimizely{},
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
	// customer-1 "a" true
	// customer-2 "a" true
	// customer-3 "a" true
	// customer-4 "" false
}
