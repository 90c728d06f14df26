package experiment_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment"
)

// atOnce is a recorder that writes each event to a store at once.
type atOnce struct{ store experiment.Store }

func (d atOnce) Expose(ctx context.Context, e experiment.Exposure) error {
	_, err := d.store.Record(ctx, experiment.Batch{Exposures: []experiment.Exposure{e}})
	return err
}

func (d atOnce) Track(ctx context.Context, v experiment.Conversion) error {
	_, err := d.store.Record(ctx, experiment.Batch{Conversions: []experiment.Conversion{v}})
	return err
}

// linkedExperiment randomises devices and knows customers.
func linkedExperiment() experiment.Experiment {
	e := checkout()
	e.Unit, e.Sticky, e.Links = experiment.KindDevice, true, []experiment.Kind{experiment.KindCustomer}
	return e
}

func device(id string) experiment.ID { return experiment.ID{Kind: experiment.KindDevice, Value: id} }

// What a customer does counts, on the first device, on another one, and without any.
func TestWhatALinkedCustomerDoesCounts(t *testing.T) {
	store := experiment.NewMemory(experiment.MemoryOptions{})
	now := midday
	engine := newEngine(t, linkedExperiment(), experiment.Options{
		Recorder: atOnce{store}, Assignments: experiment.NewMemoryAssignments(0), Now: func() time.Time { return now },
	})
	customer := experiment.ID{Kind: experiment.KindCustomer, Value: "c-42"}
	visits := []experiment.Subject{
		{IDs: []experiment.ID{device("phone")}},
		{IDs: []experiment.ID{device("phone"), customer}},
		{IDs: []experiment.ID{device("tablet"), customer}},
		{IDs: []experiment.ID{customer}},
	}
	for i, subject := range visits {
		_, err := engine.Expose(t.Context(), "checkout-page", "checkout", subject)
		require.NoError(t, err)
		now = now.Add(time.Minute)
		require.NoError(t, engine.Track(t.Context(), subject, experiment.Conversion{Event: "purchase", Value: float64(int(1) << i)}))
	}
	e := linkedExperiment()
	cells, err := store.Summarize(t.Context(), experiment.Query{
		Experiment: e.Key, Run: e.Run(), Kind: e.Unit, AsOf: []time.Time{now.Add(time.Hour)},
		Values: []experiment.Value{{Event: "purchase", Aggregation: experiment.AggregateSum}},
	})
	require.NoError(t, err)
	require.Len(t, cells.Cells, 1, "one variant")
	assert.Equal(t, int64(2), cells.Cells[0].Units, "phone and tablet")
	assert.InDelta(t, 1+2+4+8, cells.Cells[0].Sums[0].Sum, 0, "nothing of it is lost")
}

// A conversion is recorded also where its link cannot be read.
func TestTrackWithoutAssignments(t *testing.T) {
	down, recorder := errors.New("no connection"), &kept{}
	engine := newEngine(t, linkedExperiment(), experiment.Options{Recorder: recorder, Assignments: broken{err: down}})
	err := engine.Track(t.Context(), experiment.Customer("c-42"), experiment.Conversion{Event: "purchase"})
	assert.ErrorIs(t, err, experiment.ErrUnassigned)
	assert.ErrorIs(t, err, down)
	assert.NotErrorIs(t, err, experiment.ErrNotRecorded)
	require.Len(t, recorder.conversions, 1)
	assert.Equal(t, []experiment.ID{{Kind: experiment.KindCustomer, Value: "c-42"}}, recorder.conversions[0].IDs)
}

// A device that is held out is not let in by what the customer met on another one.
func TestLinkDoesNotEndAHoldout(t *testing.T) {
	c := ruled(linkedExperiment())
	c.Holdouts[0].Unit, c.Holdouts[0].Share, c.Holdouts[0].Scope.Touchpoint = experiment.KindDevice, assign.Share{Num: 1, Den: 2}, "order-email"
	c.Experiments = c.Experiments[:1]
	engine, err := experiment.New(c, experiment.Options{Recorder: discard{}, Assignments: experiment.NewMemoryAssignments(0)})
	require.NoError(t, err)
	held := 0
	for i := range 200 {
		d, err := engine.Expose(t.Context(), "checkout-page", "checkout", experiment.Subject{IDs: []experiment.ID{
			device(fmt.Sprint(i)), {Kind: experiment.KindCustomer, Value: fmt.Sprint(i / 20)},
		}})
		require.NoError(t, err)
		if d.Reason == experiment.ReasonHoldout {
			held++
		}
	}
	assert.InDelta(t, 100, held, 35)
}

// late is what another process writes between our reading and our writing.
type late struct{ theirs experiment.Assignment }

func (late) Assignment(context.Context, experiment.AssignmentKey) (experiment.Assignment, bool, error) {
	return experiment.Assignment{}, false, nil
}

func (l late) Assign(context.Context, experiment.AssignmentKey, experiment.Assignment) (experiment.Assignment, error) {
	return l.theirs, nil
}

// Of two processes that expose a unit for the first time the faster one decides.
func TestTheFasterProcessDecides(t *testing.T) {
	for _, variant := range []string{"control", "free_returns"} {
		e, recorder := checkout(), &kept{}
		e.Sticky = true
		engine := newEngine(t, e, experiment.Options{Recorder: recorder, Assignments: late{experiment.Assignment{Unit: "c-1", Variant: variant}}})
		d, err := engine.Expose(t.Context(), "checkout-page", "checkout", experiment.Customer("c-1"))
		require.NoError(t, err)
		assert.Equal(t, variant, d.Variant)
		assert.Equal(t, variant, recorder.exposures[0].Variant)
	}
}

// Also where the faster one met the customer on another device: each device is the
// unit of what it shows.
func TestTheFasterProcessIsAnotherDevice(t *testing.T) {
	recorder := &kept{}
	theirs := late{experiment.Assignment{Unit: "phone", Variant: "free_returns"}}
	engine := newEngine(t, linkedExperiment(), experiment.Options{Recorder: recorder, Assignments: theirs})
	for i := range 20 {
		d, err := engine.Expose(t.Context(), "checkout-page", "checkout",
			experiment.Subject{IDs: []experiment.ID{device(fmt.Sprint(i)), {Kind: experiment.KindCustomer, Value: "c-42"}}})
		require.NoError(t, err)
		assert.Equal(t, "free_returns", d.Variant)
		assert.Equal(t, fmt.Sprint(i), recorder.exposures[i].Unit)
	}
}

// An assignment that cannot be served any more is no crossover.
func TestStaleAssignmentIsNoCrossover(t *testing.T) {
	given := experiment.NewMemoryAssignments(0)
	e := linkedExperiment()
	_, err := given.Assign(t.Context(), keyOf(&e, "phone"), experiment.Assignment{Unit: "phone", Variant: "gone"})
	require.NoError(t, err)
	engine := newEngine(t, e, experiment.Options{Recorder: discard{}, Assignments: given})
	for range 3 {
		_, err = engine.Expose(t.Context(), "checkout-page", "checkout",
			experiment.Subject{IDs: []experiment.ID{device("phone"), {Kind: experiment.KindCustomer, Value: "c-42"}}})
		require.NoError(t, err)
	}
	counted, _ := engine.Counters("checkout")
	assert.Zero(t, counted.Crossovers)
}
