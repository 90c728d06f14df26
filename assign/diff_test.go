package assign_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
)

func makeSplit(t testing.TB, spec assign.Spec) *assign.Split {
	t.Helper()
	split, err := assign.NewSplit(spec)
	require.NoError(t, err)
	return split
}

// Every change of a spec and the exact share of units that it moves. All weights and
// shares are such that the ends are whole numbers, and the shares so the plain ones.
func TestDiff(t *testing.T) {
	even := assign.Spec{Salt: "s", Arms: abc(1, 1)}
	with := func(edit func(*assign.Spec)) assign.Spec {
		spec := even
		edit(&spec)
		return spec
	}
	quarter := assign.Share{Num: 1, Den: 4}
	half := assign.Share{Num: 1, Den: 2}
	rows := []struct {
		name, reason string
		old, new     assign.Spec
		want         string
	}{
		{"same", "the same function", even, even, "nobody changes"},
		{"other words", "50/50 is 1/1", even, with(func(s *assign.Spec) { s.Arms = abc(50, 50) }), "nobody changes"},
		{"ramp", "the first quarter keeps its arms", with(func(s *assign.Spec) { s.Traffic = quarter }), even,
			"75% of the units enter\n  (not enrolled) -> a 37.5%\n  (not enrolled) -> b 37.5%"},
		{"traffic shrinks", "the others keep their arms", with(func(s *assign.Spec) { s.Traffic = half }),
			with(func(s *assign.Spec) { s.Traffic = quarter }),
			"25% of the units leave\n  a -> (not enrolled) 12.5%\n  b -> (not enrolled) 12.5%"},
		{"phase", "the smallest move", even, with(func(s *assign.Spec) { s.Phases = [][]assign.Arm{abc(3, 1)} }),
			"25% of the units change arm\n  b -> a 25%"},
		{"phase at half the traffic", "only who is enrolled is moved", with(func(s *assign.Spec) { s.Traffic = half }),
			with(func(s *assign.Spec) { s.Traffic, s.Phases = half, [][]assign.Arm{abc(3, 1)} }),
			"12.5% of the units change arm\n  b -> a 12.5%"},
		{"third arm as a phase", "nobody is swapped between the others", even, with(func(s *assign.Spec) { s.Phases = [][]assign.Arm{abc(1, 1, 2)} }),
			"50% of the units change arm\n  a -> c 25%\n  b -> c 25%"},
		{"third arm without a phase", "the ends shift, and part of a becomes b although b does not grow", even,
			with(func(s *assign.Spec) { s.Arms = abc(1, 1, 2) }),
			"75% of the units change arm\n  a -> b 25%\n  b -> c 50%"},
		{"arms change places", "arms match by name, not by place", even,
			with(func(s *assign.Spec) { s.Arms = []assign.Arm{{Variant: "b", Weight: 1}, {Variant: "a", Weight: 1}} }),
			"100% of the units change arm\n  a -> b 50%\n  b -> a 50%"},
		{"renamed", "another name is another variant", even,
			with(func(s *assign.Spec) { s.Arms = []assign.Arm{{Variant: "a", Weight: 1}, {Variant: "B", Weight: 1}} }),
			"50% of the units change arm\n  b -> B 50%"},
		{"new salt", "two independent lines", even, with(func(s *assign.Spec) { s.Salt = "t" }),
			"50% of the units change arm\n  a -> b 25%\n  b -> a 25%"},
		{"new salt at a quarter of the traffic", "four independent streams", with(func(s *assign.Spec) { s.Traffic = quarter }),
			with(func(s *assign.Spec) { s.Salt, s.Traffic = "t", quarter }),
			"3.125% of the units change arm, 18.75% enter, 18.75% leave\n  a -> b 1.5625%\n  a -> (not enrolled) 9.375%\n" +
				"  b -> a 1.5625%\n  b -> (not enrolled) 9.375%\n  (not enrolled) -> a 9.375%\n  (not enrolled) -> b 9.375%"},
		{"one position", "a share that is no 0", even,
			with(func(s *assign.Spec) { s.Phases = [][]assign.Arm{abc(1<<63-1, 1<<63+1)} }),
			"<0.0001% of the units change arm\n  a -> b <0.0001%"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			change := diff(t, makeSplit(t, row.old), makeSplit(t, row.new))
			require.Equal(t, row.want, change.String(), row.reason)
		})
	}
}

// All but one position of 2^64 is not all.
func TestPercentNextToAll(t *testing.T) {
	change := diff(t, nil, makeSplit(t, assign.Spec{Salt: "s", Arms: abc(1), Traffic: assign.Share{Num: math.MaxUint64 - 1, Den: math.MaxUint64}}))
	require.Equal(t, ">99.9999% of the units enter\n  (not enrolled) -> a >99.9999%", change.String())
}

// Nothing and a zero split enrol nobody.
func TestDiffOfNothing(t *testing.T) {
	split := makeSplit(t, assign.Spec{Salt: "s", Arms: abc(1, 1)})
	rows := []struct {
		name     string
		old, new *assign.Split
		want     string
	}{
		{"nothing before", nil, split, "100% of the units enter\n  (not enrolled) -> a 50%\n  (not enrolled) -> b 50%"},
		{"nothing behind", split, nil, "100% of the units leave\n  a -> (not enrolled) 50%\n  b -> (not enrolled) 50%"},
		{"zero split", new(assign.Split), split, "100% of the units enter\n  (not enrolled) -> a 50%\n  (not enrolled) -> b 50%"},
		{"nothing at all", nil, new(assign.Split), "nobody changes"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			require.Equal(t, row.want, diff(t, row.old, row.new).String())
		})
	}
	require.Equal(t, "nobody changes", assign.Change{}.String(), "the zero Change")
}

func TestChangeJSON(t *testing.T) {
	change := diff(t, phased(t, abc(50, 50)), phased(t, abc(50, 50), abc(60, 40)))
	text, err := json.Marshal(change)
	require.NoError(t, err)
	require.JSONEq(t, `{"moved":0.1,"entered":0,"left":0,"moves":[{"from":"b","to":"a","share":0.1}]}`, string(text))
	text, err = json.Marshal(assign.Change{})
	require.NoError(t, err)
	require.JSONEq(t, `{"moved":0,"entered":0,"left":0,"moves":[]}`, string(text))
}

// A formula that does not say what raising the traffic does has promised nothing.
func TestKeepsEnrolled(t *testing.T) {
	spec := assign.Spec{Salt: "s", Arms: abc(1, 1)}
	require.True(t, assign.KeepsEnrolled(spec))
	spec.Hash = alternating{}
	require.False(t, assign.KeepsEnrolled(spec))
}

// alternating is a formula of another SDK: ids of even length are in the first arm.
type alternating struct{ Offset int }

func (alternating) Name() string                                      { return "alternating/1" }
func (a alternating) Bucketing(assign.Spec) (assign.Bucketing, error) { return a, nil }
func (a alternating) Arm(id string) (index int, enrolled bool)        { return (len(id) + a.Offset) % 2, true }

// A formula of another SDK is compared where nothing changed, and else refused.
func TestDiffOfAnotherFormula(t *testing.T) {
	spec := assign.Spec{Salt: "s", Arms: abc(1, 1), Hash: alternating{}}
	same := spec
	same.Traffic = assign.Share{Num: 3, Den: 3}
	require.Empty(t, diff(t, makeSplit(t, spec), makeSplit(t, same)).Moves)
	others := map[string]func(*assign.Spec){
		"salt":      func(s *assign.Spec) { s.Salt = "t" },
		"weights":   func(s *assign.Spec) { s.Arms = abc(1, 2) },
		"names":     func(s *assign.Spec) { s.Arms = []assign.Arm{{Variant: "a", Weight: 1}, {Variant: "B", Weight: 1}} },
		"traffic":   func(s *assign.Spec) { s.Traffic = assign.Share{Num: 1, Den: 2} },
		"parameter": func(s *assign.Spec) { s.Hash = alternating{Offset: 1} },
		"formula":   func(s *assign.Spec) { s.Hash = nil },
	}
	for what, edit := range others {
		other := spec
		edit(&other)
		for _, pair := range [][2]assign.Spec{{spec, other}, {other, spec}} {
			change, err := assign.Diff(makeSplit(t, pair[0]), makeSplit(t, pair[1]))
			var typed *assign.DiffError
			require.ErrorAs(t, err, &typed, what)
			require.Contains(t, err.Error(), "alternating/1", what)
			require.Contains(t, err.Error(), "compare decisions over your ids", what)
			require.Zero(t, change, what)
		}
	}
	_, err := makeSplit(t, spec).Outcomes(assign.Region{})
	require.Error(t, err)
}

// What Diff says is what happens to a million units.
func TestDiffAgreesWithReplay(t *testing.T) {
	n := 1_000_000
	if testing.Short() || raceDetector {
		n = 100_000
	}
	units := make([]assign.Unit, n)
	for i := range units {
		units[i] = assign.Hash(fmt.Sprintf("customer-%d", i))
	}
	tenth, third := assign.Share{Num: 1, Den: 10}, assign.Share{Num: 1, Den: 3}
	rows := []struct {
		name     string
		old, new assign.Spec
	}{
		{"phase", assign.Spec{Salt: "s", Arms: abc(50, 50)}, assign.Spec{Salt: "s", Arms: abc(50, 50), Phases: [][]assign.Arm{abc(60, 40), abc(1, 1, 1)}}},
		{"weights without a phase", assign.Spec{Salt: "s", Arms: abc(1, 2, 3), Traffic: third}, assign.Spec{Salt: "s", Arms: abc(3, 2, 1)}},
		{"new salt and traffic", assign.Spec{Salt: "s", Arms: abc(1, 2), Traffic: tenth}, assign.Spec{Salt: "t", Arms: abc(1, 1, 1), Traffic: third}},
		{"phase and shrinking traffic", assign.Spec{Salt: "s", Arms: abc(1, 1), Traffic: third},
			assign.Spec{Salt: "s", Arms: abc(1, 1), Traffic: tenth, Phases: [][]assign.Arm{abc(1, 4)}}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			old, new := makeSplit(t, row.old), makeSplit(t, row.new)
			t.Logf("worst |z| over %d units: %.2f", n, replay(t, units, old, new))
		})
	}
}

// replay counts the pairs of variants and compares them with the Diff, as z scores.
func replay(t *testing.T, units []assign.Unit, old, new *assign.Split) (worst float64) {
	t.Helper()
	name := func(split *assign.Split, u assign.Unit) string {
		if index, enrolled := split.Arm(u); enrolled {
			return split.Variants()[index]
		}
		return ""
	}
	counts := make(map[[2]string]int)
	for _, u := range units {
		counts[[2]string{name(old, u), name(new, u)}]++
	}
	for _, move := range diff(t, old, new).Moves {
		p, _ := move.Share.Float64()
		z := math.Abs(binomialZ(counts[[2]string{move.From, move.To}], len(units), p))
		require.Less(t, z, noiseLimit, "%v", move)
		worst = max(worst, z)
		delete(counts, [2]string{move.From, move.To})
	}
	for pair, count := range counts {
		require.True(t, pair[0] == pair[1], "%d units go from %q to %q, which Diff does not know", count, pair[0], pair[1])
	}
	return worst
}

// For any two splits, the shares add up: who is enrolled before, less who leaves, plus who
// enters, is who is enrolled behind; and the way back is the same with the ends swapped.
func TestDiffAddsUp(t *testing.T) {
	seed := uint64(20261126)
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 8))
	pairs := 60
	if testing.Short() || raceDetector {
		pairs = 6
	}
	for range pairs {
		a, b := randomSpec(random), randomSpec(random)
		if random.IntN(2) == 0 {
			b.Salt = a.Salt
		}
		there, back := diff(t, makeSplit(t, a), makeSplit(t, b)), diff(t, makeSplit(t, b), makeSplit(t, a))
		enrolled := func(spec assign.Spec) *big.Rat {
			return new(big.Rat).SetFrac(newReference(spec).trafficEnd, new(big.Int).Lsh(big.NewInt(1), 64))
		}
		balance := new(big.Rat).Sub(there.Entered, there.Left)
		require.Zero(t, balance.Cmp(new(big.Rat).Sub(enrolled(b), enrolled(a))), "%v\n%v", a, b)
		require.Zero(t, there.Entered.Cmp(back.Left))
		require.Zero(t, there.Moved.Cmp(back.Moved))
		require.Len(t, back.Moves, len(there.Moves))
		for _, move := range there.Moves {
			require.Positive(t, move.Share.Sign(), "%v", move)
		}
	}
}
