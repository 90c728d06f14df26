package peer_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

func statsigSpec(percentage int) assign.Spec {
	return assign.Spec{
		Salt: "f8aeba58", Arms: arms(50, 30, 20), Traffic: percentOf(percentage),
		Hash: peer.Statsig{AllocationSalt: "00cddb4b", Allocated: "500-999, 0-499"},
	}
}

// Raising the allocation or the pass percentage moves nobody: both have a salt of their own.
func TestStatsigRamp(t *testing.T) {
	enrolled, moved := ramped(t, manyIDs(t, 4000), upTo100(), statsigSpec)
	require.Positive(t, enrolled)
	require.Zero(t, moved)
	enrolled, moved = ramped(t, manyIDs(t, 4000), upTo100(), func(percentage int) assign.Spec {
		spec := statsigSpec(percentage)
		spec.Hash = peer.Statsig{RuleSalt: "r1"}
		return spec
	})
	require.Positive(t, enrolled)
	require.Zero(t, moved)
}

// The traffic takes the allocated buckets in their order.
func TestStatsigAllocated(t *testing.T) {
	split := newSplit(t, statsigSpec(25))
	everyone := newSplit(t, assign.Spec{Salt: "f8aeba58", Arms: arms(50, 30, 20), Hash: peer.Statsig{}})
	for _, id := range manyIDs(t, 4000) {
		want := -1
		if bucket := (peer.Statsig{}).Bucket("00cddb4b", id); bucket >= 500 && bucket < 750 {
			want = decide(everyone, id)
		}
		require.Equal(t, want, decide(split, id))
	}
}

func TestStatsigProblems(t *testing.T) {
	hash := func(s peer.Statsig) assign.Spec { return assign.Spec{Salt: "s", Traffic: percentOf(50), Hash: s} }
	requireProblems(t, []specProblem{
		{"thirds", "1000 has no third", assign.Spec{Salt: "s", Arms: arms(1, 2), Hash: peer.Statsig{}}, []string{"arms[0].weight", "arms[1].weight"}},
		{"no salt", "which hash would decide?", hash(peer.Statsig{}), []string{"traffic"}},
		{"both salts", "which hash would decide?", hash(peer.Statsig{AllocationSalt: "a", Allocated: "0-499", RuleSalt: "r"}), []string{"hash.rule_salt"}},
		{"no buckets", "Statsig chooses them, we cannot guess", hash(peer.Statsig{AllocationSalt: "a"}), []string{"hash.allocated"}},
		{"few buckets", "the list does not reach the traffic", hash(peer.Statsig{AllocationSalt: "a", Allocated: "0-498"}), []string{"hash.allocated"}},
		{"no bucket", "they end at 999", hash(peer.Statsig{AllocationSalt: "a", Allocated: "0-1000"}), []string{"hash.allocated"}},
		{"turned", "a range goes up", hash(peer.Statsig{AllocationSalt: "a", Allocated: "499-0"}), []string{"hash.allocated"}},
		{"twice", "each once", hash(peer.Statsig{AllocationSalt: "a", Allocated: "0-499, 7"}), []string{"hash.allocated"}},
		{"nothing to allocate", "buckets without their salt", hash(peer.Statsig{RuleSalt: "r", Allocated: "0-499"}), []string{"hash.allocation_salt"}},
		{"no salt for the buckets", "it is the salt that is missing, not the traffic that is too low", hash(peer.Statsig{Allocated: "0-499"}), []string{"hash.allocation_salt"}},
		{"fine", "thousandths only", assign.Spec{Salt: "s", Traffic: assign.Share{Num: 1, Den: 3000}, Hash: peer.Statsig{AllocationSalt: "a", Allocated: "0-999"}}, []string{"traffic"}},
	})
}

func TestStatsigAllocatesNothing(t *testing.T) {
	requireNoAllocations(t, statsigSpec(50))
	gate := statsigSpec(50)
	gate.Hash = peer.Statsig{RuleSalt: "r1"}
	requireNoAllocations(t, gate)
}

func BenchmarkStatsig(b *testing.B) {
	benchSpec(b, assign.Spec{Salt: "f8aeba58", Arms: arms(1, 1), Hash: peer.Statsig{}})
}

// Whatever the id and the list of buckets, bucket and arm agree.
func FuzzStatsig(f *testing.F) {
	f.Add("customer-42", "0-499", uint8(50))
	f.Add("\xff", " 5 ,, 1-2,999", uint8(0))
	f.Add("x", "9999999999999999999999-1", uint8(100))
	f.Fuzz(func(t *testing.T, id, allocated string, percentage uint8) {
		spec := statsigSpec(int(percentage % 101))
		spec.Hash = peer.Statsig{AllocationSalt: "a", Allocated: allocated}
		split, err := assign.NewSplit(spec)
		if err != nil {
			return
		}
		bucket := peer.Statsig{}.Bucket(spec.Salt, id)
		if arm := decide(split, id); arm >= 0 && (arm == 0) != (bucket < 500) || arm == 1 && bucket >= 800 {
			t.Fatalf("arm %d at %d", arm, bucket)
		}
	})
}

// An experiment whose rules are, in short,
//
//	experimentSize: user_bucket none of [0, 1, .. 499], salt "00cddb4b"
//	Control:        user_bucket lt 500,  salt "f8aeba58"
//	Test:           user_bucket lt 1000, salt "f8aeba58"
func ExampleStatsig() {
	split, err := assign.NewSplit(assign.Spec{
		Salt:    "f8aeba58",
		Arms:    []assign.Arm{{Variant: "Control", Weight: 500}, {Variant: "Test", Weight: 500}},
		Traffic: assign.Share{Num: 1, Den: 2},
		Hash:    peer.Statsig{AllocationSalt: "00cddb4b", Allocated: "0-499"},
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
	// customer-1 "Test" true
	// customer-2 "" false
	// customer-3 "" false
	// customer-4 "Control" true
}
