package peer_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

func goSpec(percentage int) assign.Spec {
	return assign.Spec{
		Salt: "checkout", Traffic: percentOf(percentage), Hash: peer.GOFeatureFlag{Outside: "default"},
		Arms: []assign.Arm{{Variant: "control", Weight: 1}, {Variant: "treatment", Weight: 1}},
	}
}

// Only an arm at an end of the line has room to grow. Two arms keep everybody if the
// units outside lie between them; else half of the enrolled units change arm from 10 %
// to 20 %, as they do in the SDK.
func TestGOFeatureFlagRamp(t *testing.T) {
	enrolled, moved := ramped(t, manyIDs(t, 4000), upTo100(), goSpec)
	require.Positive(t, enrolled)
	require.Zero(t, moved)
	for _, outside := range []string{"!", "zero"} {
		enrolled, moved = ramped(t, manyIDs(t, 20_000), []int{10, 20}, func(percentage int) assign.Spec {
			spec := goSpec(percentage)
			spec.Hash = peer.GOFeatureFlag{Outside: outside}
			return spec
		})
		require.InDelta(t, 0.5, float64(moved)/float64(enrolled), 0.15, outside)
	}
}

// A progressive rollout has its end variation first and so keeps every unit: one arm,
// and a name for the others that sorts before it.
func TestGOFeatureFlagProgressive(t *testing.T) {
	enrolled, moved := ramped(t, manyIDs(t, 2000), upTo100(), func(percentage int) assign.Spec {
		return assign.Spec{Salt: "checkout", Arms: arms(1), Traffic: percentOf(percentage), Hash: peer.GOFeatureFlag{Outside: "!"}}
	})
	require.Positive(t, enrolled)
	require.Zero(t, moved)
}

// The order of the names decides, not that of the arms; renaming moves units.
func TestGOFeatureFlagOrder(t *testing.T) {
	spec := goSpec(100)
	split := newSplit(t, spec)
	turned := spec
	turned.Arms = []assign.Arm{spec.Arms[1], spec.Arms[0]}
	reversed := newSplit(t, turned)
	renamed := spec
	renamed.Arms = []assign.Arm{{Variant: "z", Weight: 1}, {Variant: "treatment", Weight: 1}}
	swapped := newSplit(t, renamed)
	for _, id := range manyIDs(t, 500) {
		one, _ := split.Variant(id)
		two, _ := reversed.Variant(id)
		require.Equal(t, one, two, id)
		require.Equal(t, 1-decide(split, id), decide(swapped, id), "z comes before treatment, control came behind it")
		want := 0 // treatment has the first half
		if (peer.GOFeatureFlag{}).Bucket("checkout", id) < 50_000 {
			want = 1
		}
		require.Equal(t, want, decide(split, id), id)
	}
}

// A new arm moves units between the others, as its SDK does.
func TestGOFeatureFlagNewArm(t *testing.T) {
	before, spec := newSplit(t, goSpec(100)), goSpec(100)
	spec.Arms = []assign.Arm{{Variant: "control", Weight: 45}, {Variant: "treatment", Weight: 45}, {Variant: "zeta", Weight: 10}}
	after, moved := newSplit(t, spec), 0
	for _, id := range manyIDs(t, 4000) {
		if now := decide(after, id); now < 2 && now != decide(before, id) {
			moved++
		}
	}
	require.Positive(t, moved)
}

// Percentages of another sum have other buckets.
func TestGOFeatureFlagSum(t *testing.T) {
	spec := goSpec(100)
	spec.Hash = peer.GOFeatureFlag{Sum: 2}
	split := newSplit(t, spec)
	for _, id := range manyIDs(t, 500) {
		want := 0
		if (peer.GOFeatureFlag{Sum: 2}).Bucket("checkout", id) < 1000 {
			want = 1
		}
		require.Equal(t, want, decide(split, id), id)
	}
}

func TestGOFeatureFlagProblems(t *testing.T) {
	requireProblems(t, []specProblem{
		{"thirds", "they are finer than 0.001 %", assign.Spec{Salt: "s", Arms: arms(1, 1, 1), Hash: peer.GOFeatureFlag{}},
			[]string{"arms[0].weight", "arms[1].weight", "arms[2].weight"}},
		{"traffic", "GO Feature Flag has none", assign.Spec{Salt: "s", Traffic: percentOf(10), Hash: peer.GOFeatureFlag{}}, []string{"hash.outside"}},
		{"outside is an arm", "its units are not enrolled", assign.Spec{Salt: "s", Traffic: percentOf(10), Hash: peer.GOFeatureFlag{Outside: "v1"}}, []string{"hash.outside"}},
		{"sum", "its buckets do not fit in 32 bits", assign.Spec{Salt: "s", Hash: peer.GOFeatureFlag{Sum: 4294968}}, []string{"hash.sum"}},
		{"sum below 0", "it is a sum of percentages", assign.Spec{Salt: "s", Hash: peer.GOFeatureFlag{Sum: -1}}, []string{"hash.sum"}},
	})
}

func TestGOFeatureFlagParse(t *testing.T) {
	formula, err := peer.Parse("gofeatureflag/1", map[string]any{"outside": "default", "sum": 10})
	require.NoError(t, err)
	require.Equal(t, peer.GOFeatureFlag{Outside: "default", Sum: 10}, formula)
	require.Equal(t, "gofeatureflag/1", formula.Name())
	_, err = peer.Parse("gofeatureflag/1", map[string]any{"sum": -10})
	require.ErrorContains(t, err, "hash.sum")
}

func TestGOFeatureFlagAllocations(t *testing.T) { requireNoAllocations(t, goSpec(50)) }

func BenchmarkGOFeatureFlag(b *testing.B) { benchSpec(b, goSpec(100)) }

// Whatever flag and key, the arm is that of the bucket.
func FuzzGOFeatureFlag(f *testing.F) {
	f.Add("checkout", "customer-42", uint8(50))
	f.Add("été", "\xff", uint8(100))
	f.Fuzz(func(t *testing.T, flag, key string, percentage uint8) {
		percentage %= 101
		spec := goSpec(int(percentage))
		spec.Salt = flag
		split, err := assign.NewSplit(spec)
		if err != nil {
			return // the salt is empty or has a zero byte
		}
		// treatment, default, control
		half, want := uint32(percentage)*500, -1
		switch bucket := (peer.GOFeatureFlag{}).Bucket(flag, key); {
		case bucket < half:
			want = 1
		case bucket >= 100_000-half:
			want = 0
		}
		if got := decide(split, key); got != want {
			t.Fatalf("got arm %d, want %d", got, want)
		}
	})
}

func ExampleGOFeatureFlag() {
	split, err := assign.NewSplit(assign.Spec{
		Salt:    "checkout", // the name of the flag
		Arms:    []assign.Arm{{Variant: "new-a", Weight: 1}, {Variant: "new-b", Weight: 1}},
		Traffic: assign.Share{Num: 60, Den: 100}, // 30 % each
		Hash:    peer.GOFeatureFlag{Outside: "old"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, key := range []string{"customer-1", "customer-2", "customer-3", "customer-4", "customer-5", "customer-6"} {
		variant, enrolled := split.Variant(key)
		fmt.Printf("%s %q %t\n", key, variant, enrolled)
	}
	// Output:
	// customer-1 "" false
	// customer-2 "" false
	// customer-3 "new-a" true
	// customer-4 "new-b" true
	// customer-5 "new-b" true
	// customer-6 "" false
}
