package peer_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

func planoutSpec(percentage int) assign.Spec {
	return assign.Spec{
		Salt: "checkout", Arms: arms(4, 3, 2, 1), Traffic: percentOf(percentage),
		Hash: peer.PlanOut{Param: "colour", Operator: "weightedChoice", Scale: 10, Gate: "in_test"},
	}
}

// Raising p of the bernoulliTrial moves nobody.
func TestPlanOutRamp(t *testing.T) {
	enrolled, moved := ramped(t, manyIDs(t, 4000), upTo100(), planoutSpec)
	require.Positive(t, enrolled)
	require.Zero(t, moved)
}

// Segments that a namespace adds move nobody, in whatever order it draws them.
func TestPlanOutNamespaceRamp(t *testing.T) {
	seed := uint64(20261123)
	t.Logf("seed %d", seed)
	drawn := rand.New(rand.NewPCG(seed, 1)).Perm(100)
	enrolled, moved := ramped(t, manyIDs(t, 4000), upTo100(), func(percentage int) assign.Spec {
		return assign.Spec{
			Salt: "shop.checkout", Arms: arms(1, 1), Traffic: percentOf(percentage),
			Hash: peer.PlanOut{Param: "colour", Namespace: "shop", NumSegments: 100, Segments: singles(drawn[:percentage])},
		}
	})
	require.Positive(t, enrolled)
	require.Zero(t, moved)
}

func singles(segments []int) []peer.PlanOutSegments {
	list := make([]peer.PlanOutSegments, len(segments))
	for i, segment := range segments {
		list[i] = peer.PlanOutSegments{From: int64(segment), To: int64(segment) + 1}
	}
	return list
}

// A unit is enrolled if its segment is one of the experiment's: randomInteger with
// the salt "namespace.segment".
func TestPlanOutSegments(t *testing.T) {
	formula := peer.PlanOut{
		Param: "colour", Namespace: "shop", NumSegments: 1000,
		Segments: []peer.PlanOutSegments{{From: 900, To: 1000}, {From: 0, To: 50}, {From: 300, To: 400}},
	}
	split := newSplit(t, assign.Spec{Salt: "shop.checkout", Arms: arms(1), Traffic: percentOf(25), Hash: formula})
	in := 0
	for _, id := range manyIDs(t, 2000) {
		segment := int64(peer.PlanOut{}.Hash("shop.segment", id) % 1000)
		require.Equal(t, segment, formula.Segment(id), id)
		want := segment < 50 || segment >= 300 && segment < 400 || segment >= 900
		_, enrolled := split.Variant(id)
		require.Equal(t, want, enrolled, id)
		if want {
			in++
		}
	}
	require.Positive(t, in)
	require.Equal(t, int64(-1), peer.PlanOut{}.Segment("customer-42"))
}

// uniformChoice and weightedChoice of equal weights are two mappings.
func TestPlanOutOperators(t *testing.T) {
	of := func(operator string) *assign.Split {
		return newSplit(t, assign.Spec{Salt: "checkout", Arms: arms(1, 1), Hash: peer.PlanOut{Param: "colour", Operator: operator}})
	}
	preset, uniform, weighted, differ := of(""), of("uniformChoice"), of("weightedChoice"), 0
	for _, id := range manyIDs(t, 1000) {
		h := peer.PlanOut{}.Hash("checkout.colour", id)
		require.Equal(t, int(h%2), decide(uniform, id), id)
		require.Equal(t, int(h>>59), decide(weighted, id), id)
		require.Equal(t, decide(preset, id), decide(uniform, id), id)
		if decide(weighted, id) != decide(uniform, id) {
			differ++
		}
	}
	require.Positive(t, differ)
}

func TestPlanOutProblems(t *testing.T) {
	param := peer.PlanOut{Param: "colour"}
	with := func(change func(*peer.PlanOut)) peer.PlanOut {
		formula := param
		change(&formula)
		return formula
	}
	namespace := func(segments ...peer.PlanOutSegments) peer.PlanOut {
		return peer.PlanOut{Param: "colour", Namespace: "shop", NumSegments: 10, Segments: segments}
	}
	requireProblems(t, []specProblem{
		{"no parameter", "its name is hashed", assign.Spec{Salt: "s", Hash: peer.PlanOut{}}, []string{"hash.param"}},
		{"parameter and full salt", "only one of them is hashed",
			assign.Spec{Salt: "s", Hash: with(func(p *peer.PlanOut) { p.FullSalt = "f" })}, []string{"hash.full_salt"}},
		{"operator", "randomInteger picks no arm",
			assign.Spec{Salt: "s", Hash: with(func(p *peer.PlanOut) { p.Operator = "randomInteger" })}, []string{"hash.operator"}},
		{"scale", "uniformChoice has no weights", assign.Spec{Salt: "s", Hash: with(func(p *peer.PlanOut) { p.Scale = 10 })}, []string{"hash.scale"}},
		{"weights of uniformChoice", "it has none", assign.Spec{Salt: "s", Arms: arms(1, 2, 1, 3), Hash: param}, []string{"arms[1].weight", "arms[3].weight"}},
		{"traffic", "nothing says how it is drawn", assign.Spec{Salt: "s", Traffic: percentOf(10), Hash: param}, []string{"hash.gate"}},
		{"gate and namespace", "the traffic would be a product",
			assign.Spec{Salt: "s", Traffic: percentOf(10), Hash: peer.PlanOut{
				Param: "colour", Gate: "g", Namespace: "shop", NumSegments: 10, Segments: singles([]int{3}),
			}}, []string{"hash.gate"}},
		{"traffic of a namespace", "it is the share of the segments",
			assign.Spec{Salt: "s", Traffic: percentOf(20), Hash: namespace(peer.PlanOutSegments{From: 0, To: 3})}, []string{"traffic"}},
		{"segments out of range", "the namespace has ten",
			assign.Spec{Salt: "s", Traffic: percentOf(20), Hash: namespace(peer.PlanOutSegments{From: 9, To: 11})}, []string{"hash.segments[0]"}},
		{"segments twice", "they would count twice",
			assign.Spec{Salt: "s", Traffic: percentOf(20), Hash: namespace(peer.PlanOutSegments{From: 3, To: 4}, peer.PlanOutSegments{From: 3, To: 4})},
			[]string{"hash.segments"}},
		{"segments without a namespace", "its name is hashed",
			assign.Spec{Salt: "s", Hash: with(func(p *peer.PlanOut) { p.NumSegments = 10 })}, []string{"hash.namespace"}},
		{"namespace without segments", "their number is the modulus",
			assign.Spec{Salt: "s", Hash: with(func(p *peer.PlanOut) { p.Namespace = "shop" })}, []string{"hash.num_segments"}},
	})
}

func TestPlanOutParse(t *testing.T) {
	formula, err := peer.Parse("planout/1", map[string]any{
		"param": "colour", "operator": "weightedChoice", "scale": 10,
		"namespace": "shop", "num_segments": 100, "segments": []any{map[string]any{"from": 0, "to": 10}},
	})
	require.NoError(t, err)
	require.Equal(t, peer.PlanOut{
		Param: "colour", Operator: "weightedChoice", Scale: 10,
		Namespace: "shop", NumSegments: 100, Segments: []peer.PlanOutSegments{{From: 0, To: 10}},
	}, formula)
	require.Equal(t, "planout/1", formula.Name())
	formula, err = peer.Parse("planout/1", map[string]any{"full_salt": "f", "gate": "g"})
	require.NoError(t, err)
	require.Equal(t, peer.PlanOut{FullSalt: "f", Gate: "g"}, formula)
	_, err = peer.Parse("planout/1", nil)
	require.ErrorContains(t, err, "hash.param")
}

func TestPlanOutAllocations(t *testing.T) { requireNoAllocations(t, planoutSpec(50)) }

func BenchmarkPlanOut(b *testing.B) { benchSpec(b, planoutSpec(100)) }

// Whatever salt and unit, the arm is that of the hashes.
func FuzzPlanOut(f *testing.F) {
	f.Add("checkout", "colour", "customer-42", uint16(500))
	f.Add("été", "a.b", "\xff.", uint16(1000))
	f.Fuzz(func(t *testing.T, salt, param, unit string, p uint16) {
		p %= 1001
		traffic := assign.Share{Num: uint64(p), Den: 1000}
		split, err := assign.NewSplit(assign.Spec{
			Salt: salt, Arms: arms(1, 1, 1), Traffic: traffic, Hash: peer.PlanOut{Param: param, Gate: "gate"},
		})
		if err != nil {
			return // the salt or the parameter is empty, or the salt has a zero byte
		}
		want := -1
		if float64(peer.PlanOut{}.Hash(salt+".gate", unit))/0xFFFFFFFFFFFFFFF <= float64(p)/1000 {
			want = int(peer.PlanOut{}.Hash(salt+"."+param, unit) % 3)
		}
		if got := decide(split, unit); got != want {
			t.Fatalf("got arm %d, want %d", got, want)
		}
	})
}

func ExamplePlanOut() {
	// The script: in_test = bernoulliTrial(p=0.6, unit=userid);
	// colour = weightedChoice(choices=["blue", "red"], weights=[0.7, 0.3], unit=userid);
	split, err := assign.NewSplit(assign.Spec{
		Salt:    "checkout", // the experiment's salt
		Arms:    []assign.Arm{{Variant: "blue", Weight: 7}, {Variant: "red", Weight: 3}},
		Traffic: assign.Share{Num: 60, Den: 100},
		Hash:    peer.PlanOut{Param: "colour", Operator: "weightedChoice", Scale: 10, Gate: "in_test"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, unit := range []string{"customer-1", "customer-2", "customer-3", "customer-4", "customer-5", "customer-6"} {
		variant, enrolled := split.Variant(unit)
		fmt.Printf("%s %q %t\n", unit, variant, enrolled)
	}
	// Output:
	// customer-1 "red" true
	// customer-2 "blue" true
	// customer-3 "red" true
	// customer-4 "" false
	// customer-5 "red" true
	// customer-6 "" false
}
