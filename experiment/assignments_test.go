package experiment_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment"
)

func assignmentKey(id string) experiment.AssignmentKey {
	return experiment.AssignmentKey{Experiment: "e", Run: "r", ID: experiment.ID{Kind: experiment.KindCustomer, Value: id}}
}

// The first assignment stands, also among many writers.
func TestMemoryAssignmentsKeepTheFirst(t *testing.T) {
	m := experiment.NewMemoryAssignments(0)
	var wait sync.WaitGroup
	got := make([]experiment.Assignment, 50)
	for i := range got {
		wait.Go(func() {
			got[i], _ = m.Assign(t.Context(), assignmentKey("c-1"), experiment.Assignment{Unit: "c-1", Variant: fmt.Sprint(i)})
		})
	}
	wait.Wait()
	stands, ok, err := m.Assignment(t.Context(), assignmentKey("c-1"))
	require.NoError(t, err)
	require.True(t, ok)
	for i := range got {
		assert.Equal(t, stands, got[i])
	}
	assert.Equal(t, 1, m.Len())
	_, ok, err = m.Assignment(t.Context(), assignmentKey("c-2"))
	assert.NoError(t, err)
	assert.False(t, ok)
}

// The one that was not used for longest makes room.
func TestMemoryAssignmentsForgetTheOldest(t *testing.T) {
	m := experiment.NewMemoryAssignments(2)
	for _, id := range []string{"a", "b", "a", "c"} {
		_, err := m.Assign(t.Context(), assignmentKey(id), experiment.Assignment{Unit: id, Variant: "x"})
		require.NoError(t, err)
	}
	assert.Equal(t, 2, m.Len())
	_, a, _ := m.Assignment(t.Context(), assignmentKey("a"))
	_, b, _ := m.Assignment(t.Context(), assignmentKey("b"))
	_, c, _ := m.Assignment(t.Context(), assignmentKey("c"))
	assert.Equal(t, []bool{true, false, true}, []bool{a, b, c}, "a was used after b")
}

func TestMemoryAssignmentsLookAtContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m := experiment.NewMemoryAssignments(0)
	_, err := m.Assign(ctx, assignmentKey("a"), experiment.Assignment{})
	assert.ErrorIs(t, err, context.Canceled)
	_, _, err = m.Assignment(ctx, assignmentKey("a"))
	assert.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, m.Len())
}

// A sticky unit keeps its variant when traffic, audience, weights and layers would
// say otherwise, and a new one does not get in.
func TestStickyOutlastsChanges(t *testing.T) {
	given, recorder := experiment.NewMemoryAssignments(0), &kept{}
	e := checkout()
	e.Sticky = true
	engine := newEngine(t, e, experiment.Options{Assignments: given, Recorder: recorder, Now: standing(midday)})
	first := make([]experiment.Decision, 200)
	for i := range first {
		var err error
		first[i], err = engine.Expose(t.Context(), "checkout-page", "checkout", experiment.Customer(fmt.Sprintf("c-%d", i)))
		require.NoError(t, err)
		require.Equal(t, experiment.ReasonArm, first[i].Reason, "new")
	}
	e.Phases = []experiment.Phase{{From: midday, Arms: []experiment.Arm{{Variant: "control", Weight: 1}}}}
	e.Traffic = experiment.Steady(assign.Share{Num: 0, Den: 1})
	e.Layer = experiment.Slots{Layer: "checkout", From: 0, To: 1}
	e.Audience = `country == "NO"`
	require.NoError(t, engine.Replace(ruled(e)))
	for i := range first {
		d, err := engine.Expose(t.Context(), "order-email", "checkout", experiment.Customer(fmt.Sprintf("c-%d", i)))
		require.NoError(t, err)
		require.Equal(t, experiment.ReasonSticky, d.Reason)
		require.True(t, d.Enrolled)
		require.Equal(t, first[i].Variant, d.Variant)
		require.Equal(t, 0, d.Phase(), "it counts in the phase of its first exposure")
	}
	d, err := engine.Expose(t.Context(), "order-email", "checkout", experiment.Customer("new"))
	require.NoError(t, err)
	assert.Equal(t, experiment.ReasonLayer, d.Reason)
	assert.Equal(t, experiment.ClassSticky, recorder.exposures[len(recorder.exposures)-1].Class)
	assert.Len(t, recorder.exposures, 400)
}

// Deciding gives nothing away: only an exposure is kept.
func TestDecideAssignsNothing(t *testing.T) {
	given := experiment.NewMemoryAssignments(0)
	e := checkout()
	e.Sticky = true
	engine := newEngine(t, e, experiment.Options{Assignments: given})
	_, err := engine.Decide(t.Context(), "checkout-page", "checkout", experiment.Customer("c-1"))
	require.NoError(t, err)
	_, err = engine.At(t.Context(), "checkout-page", experiment.Customer("c-1"), nil)
	require.NoError(t, err)
	assert.Zero(t, given.Len())
}

// Two devices that met different variants turn out to be one customer: from the
// log-in on the first one's variant is met everywhere, and the crossing is counted.
func TestCrossoverIsCounted(t *testing.T) {
	given, recorder := experiment.NewMemoryAssignments(0), &kept{}
	e := checkout()
	e.Unit, e.Sticky, e.Links = experiment.KindDevice, true, []experiment.Kind{experiment.KindCustomer}
	engine := newEngine(t, e, experiment.Options{Assignments: given, Recorder: recorder, Now: standing(midday)})
	expose := func(ids ...experiment.ID) experiment.Decision {
		d, err := engine.Expose(t.Context(), "checkout-page", "checkout", experiment.Subject{IDs: ids})
		require.NoError(t, err)
		return d
	}
	customer := experiment.ID{Kind: experiment.KindCustomer, Value: "c-1"}
	first, second := twoDevices(t, expose)
	met := expose(first, customer)
	crossed, ok := engine.Counters("checkout")
	require.True(t, ok)
	assert.Zero(t, crossed.Crossovers)
	after := expose(second, customer)
	assert.Equal(t, met.Variant, after.Variant, "the customer is treated as before")
	crossed, _ = engine.Counters("checkout")
	assert.Equal(t, uint64(1), crossed.Crossovers)
	last := recorder.exposures[len(recorder.exposures)-1]
	assert.Equal(t, second.Value, last.Unit, "each device is a unit, this one now contaminated")
	assert.Equal(t, experiment.KindDevice, last.Kind)
	assert.Equal(t, met.Variant, expose(customer).Variant)
	assert.Equal(t, first.Value, recorder.exposures[len(recorder.exposures)-1].Unit, "a customer without a device is the first one")
	_, ok = engine.Counters("nope")
	assert.False(t, ok)
}

// twoDevices are devices that meet different variants.
func twoDevices(t *testing.T, expose func(ids ...experiment.ID) experiment.Decision) (first, second experiment.ID) {
	first = experiment.ID{Kind: experiment.KindDevice, Value: "d-0"}
	met := expose(first)
	for i := 1; i < 50; i++ {
		second = experiment.ID{Kind: experiment.KindDevice, Value: fmt.Sprintf("d-%d", i)}
		if expose(second).Variant != met.Variant {
			return first, second
		}
	}
	t.Fatal("fifty devices met one variant")
	return first, second
}

// A table that was split beforehand decides, and nobody else gets in.
func TestTableOfAssignments(t *testing.T) {
	given := experiment.NewMemoryAssignments(0)
	e := checkout()
	e.Sticky, e.Traffic = true, experiment.Steady(assign.Share{Num: 0, Den: 1})
	for _, row := range [][2]string{{"c-1", "free_returns"}, {"c-2", "control"}, {"c-3", "long gone"}} {
		_, err := given.Assign(t.Context(), keyOf(&e, row[0]), experiment.Assignment{Unit: row[0], Variant: row[1]})
		require.NoError(t, err)
	}
	engine := newEngine(t, e, experiment.Options{Assignments: given})
	for _, row := range []struct {
		id, variant string
		reason      experiment.Reason
	}{
		{"c-1", "free_returns", experiment.ReasonSticky},
		{"c-2", "control", experiment.ReasonSticky},
		{"c-3", "control", experiment.ReasonTraffic},
		{"c-4", "control", experiment.ReasonTraffic},
	} {
		d, err := engine.Decide(t.Context(), "checkout-page", "checkout", experiment.Customer(row.id))
		require.NoError(t, err)
		assert.Equal(t, row.variant, d.Variant, row.id)
		assert.Equal(t, row.reason, d.Reason, row.id)
	}
}
