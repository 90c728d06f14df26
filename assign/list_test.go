package assign_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
)

func evenSpec(salt string) assign.Spec { return assign.Spec{Salt: salt, Arms: evenArms()} }

// numbered yields n ids, made one by one.
func numbered(n int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range n {
			if !yield(fmt.Sprintf("customer-%d", i)) {
				return
			}
		}
	}
}

func collectRows(t *testing.T, rows iter.Seq2[assign.Row, error]) []assign.Row {
	t.Helper()
	var all []assign.Row
	for row, err := range rows {
		require.NoError(t, err)
		all = append(all, row)
	}
	return all
}

// A list says of every id what the split says of it.
func TestListAgreesWithVariant(t *testing.T) {
	split := newSplit(t, "list", assign.Share{Num: 1, Den: 3})
	rows := collectRows(t, split.List(numbered(10_000)))
	require.Len(t, rows, 10_000)
	enrolled := 0
	for i, row := range rows {
		variant, in := split.Variant(fmt.Sprintf("customer-%d", i))
		require.Equal(t, assign.Row{ID: fmt.Sprintf("customer-%d", i), Variant: variant, Enrolled: in}, row)
		enrolled += btoi(in)
	}
	assert.InDelta(t, 10_000/3.0, enrolled, 4.9*48)
}

// Bad ids are named with their line, and the rows behind them follow.
func TestListNamesBadRows(t *testing.T) {
	split := newSplit(t, "list", assign.Share{})
	var found []error
	rows := 0
	for row, err := range split.List(slices.Values([]string{"a", "", "b", "c\x00d", "e"})) {
		rows++
		assert.Equal(t, err == nil, row.Enrolled)
		found = append(found, err)
	}
	require.Equal(t, 5, rows)
	var bad *assign.RowError
	require.ErrorAs(t, found[3], &bad)
	assert.Equal(t, 4, bad.Row)
	assert.Equal(t, "c\x00d", bad.ID)
	assert.ErrorIs(t, found[1], assign.ErrMissingUnit)
	assert.ErrorIs(t, found[3], assign.ErrInvalidUnit)
	assert.Equal(t, `assign: row 2, id "": unit id is empty: pass the id of the unit that the experiment randomises`, found[1].Error())
	assert.NoError(t, errors.Join(found[0], found[2], found[4]))
}

// A reader may stop, and an empty list has no rows.
func TestListStops(t *testing.T) {
	split := newSplit(t, "list", assign.Share{})
	seen := 0
	for range split.List(numbered(1 << 30)) {
		if seen++; seen == 3 {
			break
		}
	}
	assert.Equal(t, 3, seen)
	assert.Empty(t, collectRows(t, split.List(numbered(0))))
}

// A list of any length takes the same memory: none that grows.
func TestListAllocatesNothingPerRow(t *testing.T) {
	split := newSplit(t, "list", assign.Share{})
	id := "customer-42"
	same := func(n int) iter.Seq[string] {
		return func(yield func(string) bool) {
			for range n {
				if !yield(id) {
					return
				}
			}
		}
	}
	allocations := func(n int) float64 {
		return testing.AllocsPerRun(10, func() {
			for row, err := range split.List(same(n)) {
				if err != nil || !row.Enrolled {
					t.Error(row, err)
				}
			}
		})
	}
	assert.LessOrEqual(t, allocations(10_000), allocations(10)+1)
}

// A ListError holds the first hundred rows and counts the others.
func TestListErrorIsBounded(t *testing.T) {
	units := make([]assign.Candidate, 250)
	_, err := assign.Match(evenSpec("s"), units)
	var list *assign.ListError
	require.ErrorAs(t, err, &list)
	assert.Len(t, list.Rows, 100)
	assert.Equal(t, 150, list.More)
	assert.ErrorIs(t, err, assign.ErrMissingUnit)
	assert.Contains(t, err.Error(), "\nassign: and 150 more rows")
}

// A table is made once, by touchlift/1.
func TestTablesRefuseSpecs(t *testing.T) {
	rows := []struct {
		name   string
		spec   assign.Spec
		fields []string
	}{
		{"everything at once", assign.Spec{Traffic: assign.Share{Num: 2, Den: 1}}, []string{"salt", "arms", "traffic"}},
		{"phases", assign.Spec{Salt: "s", Arms: evenArms(), Phases: [][]assign.Arm{evenArms()}}, []string{"phases"}},
		{"another formula", assign.Spec{Salt: "s", Arms: evenArms(), Hash: otherFormula{}}, []string{"hash"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := assign.Stratify(row.spec, func(func(string, string) bool) {})
			assert.Equal(t, row.fields, fieldsOf(t, err))
			_, err = assign.Match(row.spec, nil)
			assert.Equal(t, row.fields, fieldsOf(t, err))
		})
	}
}

func fieldsOf(t *testing.T, err error) (fields []string) {
	t.Helper()
	var list assign.SpecErrors
	require.ErrorAs(t, err, &list)
	for _, problem := range list {
		fields = append(fields, problem.Field)
	}
	return fields
}

// otherFormula puts everybody into the first arm.
type otherFormula struct{}

func (otherFormula) Name() string                                      { return "other/1" }
func (f otherFormula) Bucketing(assign.Spec) (assign.Bucketing, error) { return f, nil }
func (otherFormula) Arm(string) (index int, enrolled bool)             { return 0, true }

// A plain list works with the formula of another SDK too.
func TestListByAnotherFormula(t *testing.T) {
	split, err := assign.NewSplit(assign.Spec{Salt: "s", Arms: evenArms(), Hash: otherFormula{}})
	require.NoError(t, err)
	for _, row := range collectRows(t, split.List(numbered(10))) {
		assert.Equal(t, evenArms()[0].Variant, row.Variant)
	}
}
