package peer_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

func eppoSpec(percentage int) assign.Spec {
	return assign.Spec{
		Salt: "split-checkout", Arms: arms(50, 30, 20), Traffic: percentOf(percentage),
		Hash: peer.Eppo{TrafficSalt: "traffic-checkout"},
	}
}

// Raising the traffic moves nobody, because it has a salt of its own.
func TestEppoRamp(t *testing.T) {
	enrolled, moved := ramped(t, manyIDs(t, 4000), upTo100(), eppoSpec)
	require.Positive(t, enrolled)
	require.Zero(t, moved)
	enrolled, moved = ramped(t, manyIDs(t, 4000), upTo100(), func(percentage int) assign.Spec {
		spec := eppoSpec(percentage)
		spec.Hash = peer.EppoLegacy{}
		return spec
	})
	require.Positive(t, enrolled)
	require.Zero(t, moved)
}

// A rollout leaves shards out instead of asking a second hash, in ranges of any order.
func TestEppoRanges(t *testing.T) {
	split := newSplit(t, assign.Spec{
		Salt: "split-checkout", Arms: arms(3, 1), Traffic: percentOf(80),
		Hash: peer.Eppo{Ranges: []peer.EppoRange{
			{Variant: "v0", Start: 5000, End: 10000}, {Variant: "v1", Start: 0, End: 2000}, {Variant: "v0", Start: 2000, End: 3000},
		}},
	})
	for _, id := range manyIDs(t, 4000) {
		want := 0
		switch shard := (peer.Eppo{}).Bucket("split-checkout", id); {
		case shard < 2000:
			want = 1
		case shard >= 3000 && shard < 5000:
			want = -1
		}
		require.Equal(t, want, decide(split, id))
	}
}

// The older format lets one shard more in than the traffic says, but none at 0.
func TestEppoLegacyTraffic(t *testing.T) {
	legacy := peer.EppoLegacy{TotalShards: 100}
	for _, percentage := range []int{0, 1, 50, 99, 100} {
		spec := eppoSpec(percentage)
		spec.Hash = legacy
		split := newSplit(t, spec)
		for _, id := range manyIDs(t, 2000) {
			in := percentage > 0 && legacy.Exposure(spec.Salt, id) <= uint64(percentage)
			require.Equal(t, in, decide(split, id) >= 0)
			if in {
				require.Equal(t, legacy.Assignment(spec.Salt, id) < 50, decide(split, id) == 0)
			}
		}
	}
}

func TestEppoProblems(t *testing.T) {
	hash := func(e peer.Eppo) assign.Spec { return assign.Spec{Salt: "s", Hash: e} }
	half := assign.Spec{Salt: "s", Traffic: percentOf(50)}
	half.Hash = peer.Eppo{}
	in := half
	in.Hash = peer.Eppo{TrafficSalt: "t", TrafficRanges: []peer.EppoShards{{Start: 0, End: 5001}}}
	requireProblems(t, []specProblem{
		{"thirds", "10,000 has no third", assign.Spec{Salt: "s", Arms: arms(1, 2), Hash: peer.Eppo{}}, []string{"arms[0].weight", "arms[1].weight"}},
		{"legacy thirds", "nor here", assign.Spec{Salt: "s", Arms: arms(1, 2), Hash: peer.EppoLegacy{}}, []string{"arms[0].weight", "arms[1].weight"}},
		{"legacy shards", "the hash has 2^32 values", assign.Spec{Salt: "s", Hash: peer.EppoLegacy{TotalShards: 1<<32 + 2}}, []string{"hash.total_shards"}},
		{"shards", "the hash has 2^32 values", hash(peer.Eppo{TotalShards: 1<<32 + 1}), []string{"hash.total_shards"}},
		{"no salt", "which hash would decide?", half, []string{"traffic"}},
		{"fine", "whole shards", assign.Spec{Salt: "s", Traffic: assign.Share{Num: 1, Den: 3}, Hash: peer.Eppo{TrafficSalt: "t"}}, []string{"traffic"}},
		{"traffic", "the ranges say other than the traffic", in, []string{"traffic"}},
		{"ranges of no salt", "which hash would decide?", hash(peer.Eppo{TrafficRanges: []peer.EppoShards{{End: 10000}}}), []string{"hash.traffic_salt"}},
		{"range", "a range has shards, and only those that are", hash(peer.Eppo{Ranges: []peer.EppoRange{{Variant: "v0", Start: 5, End: 5}, {Variant: "v1", Start: 5, End: 10001}}}),
			[]string{"hash.ranges[0]", "hash.ranges[1]"}},
		{"overlap", "every shard once", hash(peer.Eppo{Ranges: []peer.EppoRange{{Variant: "v0", End: 6000}, {Variant: "v1", Start: 5999, End: 10000}}}), []string{"hash.ranges[1]"}},
		{"no variant", "nobody is what no range holds", hash(peer.Eppo{Ranges: []peer.EppoRange{{End: 10000}}}), []string{"hash.ranges[0].variant"}},
		{"other variant", "a range is of an arm", hash(peer.Eppo{Ranges: []peer.EppoRange{{Variant: "red", End: 10000}}}), []string{"hash.ranges[0].variant"}},
		{"weights", "the analysis expects units by weight", hash(peer.Eppo{Ranges: []peer.EppoRange{{Variant: "v0", End: 6000}, {Variant: "v1", Start: 6000, End: 10000}}}),
			[]string{"hash.ranges", "hash.ranges"}},
	})
}

func TestEppoAllocatesNothing(t *testing.T) {
	requireNoAllocations(t, eppoSpec(50))
	legacy := eppoSpec(50)
	legacy.Hash = peer.EppoLegacy{}
	requireNoAllocations(t, legacy)
}

func BenchmarkEppo(b *testing.B) { benchSpec(b, eppoSpec(100)) }

func BenchmarkEppoLegacy(b *testing.B) {
	spec := eppoSpec(100)
	spec.Hash = peer.EppoLegacy{}
	benchSpec(b, spec)
}

// Whatever the id, shard and arm agree.
func FuzzEppo(f *testing.F) {
	f.Add("customer-42", "split-checkout", uint8(50))
	f.Add("\xff", "-", uint8(100))
	f.Fuzz(func(t *testing.T, id, salt string, percentage uint8) {
		spec := eppoSpec(int(percentage % 101))
		spec.Salt += salt
		split, err := assign.NewSplit(spec)
		if err != nil {
			return // a salt with a zero byte
		}
		shard, want := peer.Eppo{}.Bucket(spec.Salt, id), 0
		switch {
		case peer.Eppo{}.Bucket("traffic-checkout", id) >= uint64(percentage%101)*100:
			want = -1
		case shard >= 8000:
			want = 2
		case shard >= 5000:
			want = 1
		}
		if got := decide(split, id); got != want || shard >= 10000 {
			t.Fatalf("got arm %d at %d, want %d", got, shard, want)
		}
	})
}

// An allocation that runs in Eppo with the splits
//
//	control: traffic-checkout [0, 6000), split-checkout [0, 5000)
//	red:     traffic-checkout [0, 6000), split-checkout [5000, 10000)
func ExampleEppo() {
	split, err := assign.NewSplit(assign.Spec{
		Salt:    "split-checkout",
		Arms:    []assign.Arm{{Variant: "control", Weight: 5000}, {Variant: "red", Weight: 5000}},
		Traffic: assign.Share{Num: 60, Den: 100},
		Hash:    peer.Eppo{TrafficSalt: "traffic-checkout"},
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
	// customer-1 "" false
	// customer-2 "" false
	// customer-3 "red" true
	// customer-4 "control" true
}
