package record_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/record"
)

// With default options a refusal is told once: by the next Flush, or by Close.
func TestRejectionsAreTold(t *testing.T) {
	store := newFakeStore()
	store.fault = refusePoison
	bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
		for i := range 100 {
			require.NoError(t, accept(r, i, []int{7, 70, 99}))
		}
		var told *record.RejectedError
		err := r.Flush(within(t, time.Minute))
		require.ErrorAs(t, err, &told)
		assert.Equal(t, 1, told.Exposures)
		assert.Equal(t, 2, told.Conversions)
		require.ErrorIs(t, err, errPoison)
		require.ErrorIs(t, err, experiment.ErrPermanent)
		require.NoError(t, r.Flush(within(t, time.Minute)), "it was told")

		poison(t, r, 200, 1)
		exposeAll(t, r, 300, 310)
		err = r.Close(within(t, time.Minute))
		require.ErrorAs(t, err, &told)
		assert.Equal(t, 1, told.Exposures)
		assert.Zero(t, told.Conversions)
		assert.Equal(t, err, r.Close(context.Background()), "closing again says the same")
		assert.Equal(t, err, r.Flush(context.Background()), "and so does Flush")
		assert.EqualValues(t, 4, quiet(t, r).Rejected)
	})
}

// A rejection between two calls of Flush, with nothing left to wait for, is
// told too.
func TestRejectionsInTheBackgroundAreTold(t *testing.T) {
	store := newFakeStore()
	store.fault = refusePoison
	bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
		poison(t, r, 0, 1)
		after(time.Minute)
		assert.EqualValues(t, 1, quiet(t, r).Rejected)
		var told *record.RejectedError
		require.ErrorAs(t, r.Flush(context.Background()), &told)
		assert.Equal(t, 1, told.Exposures)
		require.NoError(t, r.Close(context.Background()))
	})
}

// Where events are refused and others are not delivered, both are told.
func TestRejectionsAreToldBesideWhatRemains(t *testing.T) {
	store := newFakeStore()
	store.fault = refusePoison
	bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
		var told *record.RejectedError
		poison(t, r, 0, 1)
		after(time.Minute)
		store.fail(down)
		exposeAll(t, r, 10, 13)
		err := r.Flush(within(t, time.Second))
		var late *record.FlushError
		require.ErrorAs(t, err, &late)
		require.ErrorAs(t, err, &told)
		assert.Equal(t, 3, late.Remaining.Exposures)

		store.fail(refusePoison)
		require.NoError(t, r.Flush(within(t, time.Minute)))
		poison(t, r, 1, 1)
		after(time.Minute)
		store.fail(down)
		exposeAll(t, r, 20, 24)
		err = r.Close(within(t, time.Second))
		var left *record.CloseError
		require.ErrorAs(t, err, &left)
		require.ErrorAs(t, err, &told)
		assert.Equal(t, 4, left.Remaining.Exposures)
		assert.Equal(t, 1, told.Exposures)
		assert.Equal(t, err, r.Close(context.Background()))
	})
}

// Who has OnReject has the events, and needs no error.
func TestOnRejectTakesThePlaceOfTheError(t *testing.T) {
	store := newFakeStore()
	store.fault = refusePoison
	got := 0
	options := record.Options{OnReject: func(record.Rejected) { got++ }}
	bubble(t, store, options, func(t *testing.T, r *record.Recorder) {
		for i := range 20 {
			require.NoError(t, accept(r, i, []int{7}))
		}
		require.NoError(t, r.Flush(within(t, time.Minute)))
		require.NoError(t, r.Close(within(t, time.Minute)))
		assert.Equal(t, 1, got)
	})
}
