package experiment_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment"
)

// listed is a catalogue whose first experiment serves a list and nobody else.
func listed() *experiment.Catalog {
	e := checkout()
	e.Sticky, e.Traffic = true, experiment.Steady(assign.Share{Num: 0, Den: 1})
	return ruled(e)
}

// Every bad row is named, the good ones are loaded, and again changes nothing.
func TestLoadList(t *testing.T) {
	rows := []assign.Row{
		{ID: "c-1", Variant: "free_returns", Enrolled: true},
		{ID: "c-2", Variant: "control", Enrolled: true},
		{ID: "c-3"}, // not enrolled
		{ID: "", Variant: "control", Enrolled: true},
		{ID: "c-5", Variant: "fre_returns", Enrolled: true},
		{ID: "c-1", Variant: "control", Enrolled: true},
	}
	given := experiment.NewMemoryAssignments(0)
	for range 2 {
		loaded, err := experiment.LoadList(t.Context(), given, listed(), "checkout", slices.Values(rows))
		assert.Equal(t, 2, loaded)
		var first *experiment.ListError
		require.ErrorAs(t, err, &first)
		assert.Equal(t, 4, first.Row)
		assert.ErrorContains(t, err, `row 5 of the list ("c-5", "fre_returns"): the variants of experiment "checkout" are control, free_returns`)
		assert.ErrorContains(t, err, `row 6 of the list ("c-1", "control"): the unit was given "free_returns" before`)
	}
	engine, err := experiment.New(listed(), experiment.Options{Assignments: given})
	require.NoError(t, err)
	for id, want := range map[string]experiment.Reason{"c-1": experiment.ReasonSticky, "c-3": experiment.ReasonTraffic} {
		d, err := engine.Decide(t.Context(), "order-email", "checkout", experiment.Customer(id))
		require.NoError(t, err)
		assert.Equal(t, want, d.Reason)
	}
}

// Who is held out is not let in by a list.
func TestLoadListWithHoldout(t *testing.T) {
	c := listed()
	c.Holdouts[0].Share, c.Holdouts[0].Scope.Global = assign.Share{Num: 1, Den: 5}, true
	rows := func(yield func(assign.Row) bool) {
		for i := range 1000 {
			if !yield(assign.Row{ID: fmt.Sprintf("c-%d", i), Variant: "control", Enrolled: true}) {
				return
			}
		}
	}
	loaded, err := experiment.LoadList(t.Context(), experiment.NewMemoryAssignments(0), c, "checkout", rows)
	assert.InDelta(t, 800, loaded, 60)
	assert.ErrorContains(t, err, "a holdout keeps the unit out")
	var joined interface{ Unwrap() []error }
	require.ErrorAs(t, err, &joined)
	assert.Len(t, joined.Unwrap(), 100, "more have the same cause")
}

func TestLoadListRefuses(t *testing.T) {
	none := slices.Values([]assign.Row{{ID: "c-1", Variant: "control", Enrolled: true}})
	_, err := experiment.LoadList(t.Context(), experiment.NewMemoryAssignments(0), listed(), "upsell", none)
	assert.ErrorContains(t, err, "set sticky: true")
	_, err = experiment.LoadList(t.Context(), experiment.NewMemoryAssignments(0), listed(), "chekout", none)
	assert.ErrorIs(t, err, experiment.ErrUnknown)
	down := errors.New("no connection")
	_, err = experiment.LoadList(t.Context(), broken{err: down}, listed(), "checkout", none)
	assert.ErrorIs(t, err, down)
	_, err = experiment.LoadList(t.Context(), experiment.NewMemoryAssignments(0), nil, "checkout", none)
	assert.ErrorContains(t, err, "the catalogue is nil")
	c := listed()
	c.Experiments[0].Salt = ""
	_, err = experiment.LoadList(t.Context(), experiment.NewMemoryAssignments(0), c, "checkout", none)
	assert.ErrorContains(t, err, "TL010")
}
