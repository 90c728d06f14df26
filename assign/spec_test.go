package assign_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
)

func evenArms() []assign.Arm {
	return []assign.Arm{{Variant: "control", Weight: 1}, {Variant: "treatment", Weight: 1}}
}

// Every problem of a spec is found in one run and names its field.
func TestNewSplitProblems(t *testing.T) {
	rows := []struct {
		name   string
		spec   assign.Spec
		fields []string
	}{
		{"no salt", assign.Spec{Arms: evenArms()}, []string{"salt"}},
		{"salt that would end early", assign.Spec{Salt: "a\x00b", Arms: evenArms()}, []string{"salt"}},
		{"no arms", assign.Spec{Salt: "s"}, []string{"arms"}},
		{"nobody could be in any arm", assign.Spec{Salt: "s", Arms: []assign.Arm{{Variant: "a"}, {Variant: "b"}}}, []string{"arms"}},
		{"variant without a name", assign.Spec{Salt: "s", Arms: []assign.Arm{{Weight: 1}}}, []string{"arms[0].variant"}},
		{"two without a name", assign.Spec{Salt: "s", Arms: []assign.Arm{{Weight: 1}, {Weight: 1}}},
			[]string{"arms[0].variant", "arms[1].variant"}},
		{"variant twice", assign.Spec{Salt: "s", Arms: append(evenArms(), assign.Arm{Variant: "control", Weight: 1})},
			[]string{"arms[2].variant"}},
		{"more than everyone", assign.Spec{Salt: "s", Arms: evenArms(), Traffic: assign.Share{Num: 2, Den: 1}}, []string{"traffic"}},
		{"share of nothing", assign.Spec{Salt: "s", Arms: evenArms(), Traffic: assign.Share{Num: 1}}, []string{"traffic"}},
		{"all at once", assign.Spec{Arms: []assign.Arm{{Variant: "a"}, {Variant: "a"}, {}}, Traffic: assign.Share{Num: 1}},
			[]string{"salt", "arms[1].variant", "arms[2].variant", "arms", "traffic"}},
		{"phase without arms", assign.Spec{Salt: "s", Arms: evenArms(), Phases: [][]assign.Arm{{}}}, []string{"phases[0]"}},
		{"phase for nobody", assign.Spec{Salt: "s", Arms: evenArms(), Phases: [][]assign.Arm{evenArms(), abc(0, 0)}}, []string{"phases[1]"}},
		{"variant without a name in a phase", assign.Spec{Salt: "s", Arms: evenArms(), Phases: [][]assign.Arm{{{Variant: "control", Weight: 1}, {Weight: 1}}}},
			[]string{"phases[0][1].variant"}},
		{"variant twice in a phase", assign.Spec{Salt: "s", Arms: evenArms(), Phases: [][]assign.Arm{{{Variant: "x", Weight: 1}, {Variant: "x", Weight: 1}}}},
			[]string{"phases[0][1].variant"}},
		{"more phases than there may be", assign.Spec{Salt: "s", Arms: evenArms(), Phases: slices.Repeat([][]assign.Arm{evenArms()}, 101)}, []string{"phases"}},
		{"and one of them bad", assign.Spec{Salt: "s", Arms: evenArms(), Phases: append(slices.Repeat([][]assign.Arm{evenArms()}, 100), nil)},
			[]string{"phases", "phases[100]"}},
		{"formula, without a salt", assign.Spec{Arms: evenArms(), Hash: refusing{}}, []string{"salt", "arms[1].weight", "hash.x"}},
		{"formula, with phases", assign.Spec{Salt: "s", Arms: evenArms(), Phases: [][]assign.Arm{{}}, Hash: refusing{}},
			[]string{"phases", "phases[0]", "arms[1].weight", "hash.x"}},
		{"formula, without traffic", assign.Spec{Salt: "s", Arms: evenArms(), Traffic: assign.Share{Num: 1}, Hash: refusing{}}, []string{"traffic", "hash.x"}},
		{"formula, without arms", assign.Spec{Salt: "s", Hash: refusing{}}, []string{"arms", "hash.x"}},
		{"formula, with a bad arm", assign.Spec{Salt: "s", Arms: []assign.Arm{{Weight: 1}}, Hash: refusing{}}, []string{"arms[0].variant", "hash.x"}},
		{"formula that cannot be judged", assign.Spec{Salt: "s", Hash: alternating{}}, []string{"arms"}},
		{"phases under a formula that has none", assign.Spec{Salt: "s", Arms: evenArms(), Phases: [][]assign.Arm{evenArms()}, Hash: alternating{}},
			[]string{"phases"}},
		{"all at once, phases too", assign.Spec{Traffic: assign.Share{Num: 1}, Phases: [][]assign.Arm{{}, {{}}}, Hash: alternating{}},
			[]string{"salt", "arms", "traffic", "phases", "phases[0]", "phases[1][0].variant", "phases[1]"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			split, err := assign.NewSplit(row.spec)
			require.Nil(t, split)
			var list assign.SpecErrors
			require.ErrorAs(t, err, &list)
			var fields []string
			for _, problem := range list {
				fields = append(fields, problem.Field)
				require.True(t, strings.HasPrefix(problem.Error(), "assign: "+problem.Field+": "), problem.Error())
				require.NotEmpty(t, problem.Problem)
				require.True(t, strings.HasPrefix(problem.Want, "want "), problem.Want)
				require.ErrorIs(t, err, problem)
			}
			require.Equal(t, row.fields, fields)
			require.Equal(t, len(row.fields), len(strings.Split(err.Error(), "\n")))
			var first *assign.SpecError
			require.True(t, errors.As(err, &first))
			require.Same(t, list[0], first)
		})
	}
}

// refusing is a formula that finds a problem of its own, the salt and an arm bad.
type refusing struct{}

func (refusing) Name() string { return "refusing/1" }

func (refusing) Problems() assign.SpecErrors {
	return assign.SpecErrors{{Field: "hash.x", Value: "", Problem: "is missing", Want: "want one"}}
}

func (r refusing) Bucketing(spec assign.Spec) (assign.Bucketing, error) {
	weight := assign.SpecErrors{{Field: "arms[1].weight", Value: spec.Arms[1].Weight, Problem: "is not whole", Want: "want a whole one"}}
	if spec.Salt == "" {
		weight = append(weight, &assign.SpecError{Field: "salt", Value: "", Problem: "is no seed", Want: "want a seed"})
	}
	return nil, append(weight, r.Problems()...)
}

// failing is a formula whose error is none of the kind it should be.
type failing struct{ alternating }

var errFailing = errors.New("no bucketing today")

func (failing) Bucketing(assign.Spec) (assign.Bucketing, error) { return nil, errFailing }

// What such a formula says is not lost.
func TestNewSplitOfFailingFormula(t *testing.T) {
	_, err := assign.NewSplit(assign.Spec{Salt: "s", Arms: evenArms(), Hash: failing{}})
	require.ErrorIs(t, err, errFailing)
	_, err = assign.NewSplit(assign.Spec{Arms: evenArms(), Hash: failing{}})
	require.ErrorIs(t, err, errFailing)
	var list assign.SpecErrors
	require.ErrorAs(t, err, &list)
	require.Equal(t, "salt", list[0].Field)
}

// The value stands before the problem, and an empty one does not.
func TestSpecErrorSaid(t *testing.T) {
	rows := []struct {
		name  string
		value any
		want  string
	}{
		{"text", "a", `assign: f: "a" is bad: want b`},
		{"empty text", "", "assign: f: is bad: want b"},
		{"number", 7, "assign: f: 7 is bad: want b"},
		{"share", assign.Share{Num: 1, Den: 2}, "assign: f: 50% is bad: want b"},
	}
	for _, row := range rows {
		problem := &assign.SpecError{Field: "f", Value: row.value, Problem: "is bad", Want: "want b"}
		require.EqualError(t, problem, row.want, row.name)
	}
}

// What looks odd and is legal.
func TestNewSplitAccepts(t *testing.T) {
	rows := []struct {
		name string
		spec assign.Spec
	}{
		{"one arm", assign.Spec{Salt: "s", Arms: []assign.Arm{{Variant: "on", Weight: 7}}}},
		{"an arm for nobody", assign.Spec{Salt: "s", Arms: []assign.Arm{{Variant: "a", Weight: 1}, {Variant: "b"}}}},
		{"weights whose sum is no uint64", assign.Spec{Salt: "s", Arms: []assign.Arm{
			{Variant: "a", Weight: math.MaxUint64}, {Variant: "b", Weight: math.MaxUint64}}}},
		{"weights whose sum is 0 modulo 2^64", assign.Spec{Salt: "s", Arms: []assign.Arm{
			{Variant: "a", Weight: 1 << 63}, {Variant: "b", Weight: 1 << 63}}}},
		{"nobody", assign.Spec{Salt: "s", Arms: evenArms(), Traffic: assign.Share{Den: 1}}},
		{"share not reduced", assign.Spec{Salt: "s", Arms: evenArms(), Traffic: assign.Share{Num: 5, Den: 100}}},
		{"salt that is no UTF-8", assign.Spec{Salt: "\xff", Arms: evenArms()}},
		{"phases that change nothing", assign.Spec{Salt: "s", Arms: evenArms(), Phases: [][]assign.Arm{evenArms(), evenArms()}}},
		{"as many phases as there may be", assign.Spec{Salt: "s", Arms: evenArms(), Phases: slices.Repeat([][]assign.Arm{abc(1, 2), abc(3, 4)}, 50)}},
		{"a phase of new arms only", assign.Spec{Salt: "s", Arms: evenArms(), Phases: [][]assign.Arm{abc(1, 1)}}},
		{"names with spaces and accents", assign.Spec{Salt: "s", Arms: []assign.Arm{{Variant: " é ", Weight: 1}}}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := assign.NewSplit(row.spec)
			require.NoError(t, err)
		})
	}
}

// The caller may do with its slice what it likes.
func TestNewSplitKeepsNoSlice(t *testing.T) {
	arms := evenArms()
	split, err := assign.NewSplit(assign.Spec{Salt: "s", Arms: arms})
	require.NoError(t, err)
	before := variantsOf(split)
	require.Contains(t, before, "control")
	require.Contains(t, before, "treatment")
	arms[0], arms[1] = assign.Arm{Variant: "changed", Weight: 9}, assign.Arm{}
	require.Equal(t, before, variantsOf(split))
}

func variantsOf(split *assign.Split) []string {
	var all []string
	for i := range 50 {
		variant, _ := split.Variant(fmt.Sprintf("customer-%d", i))
		all = append(all, variant)
	}
	return all
}
