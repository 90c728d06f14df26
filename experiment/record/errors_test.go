package record_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/record"
)

func TestErrorTexts(t *testing.T) {
	three := record.Remaining{Exposures: 1, Conversions: 2}
	rows := []struct {
		name, reason string
		err          error
		text         string
		is           []error
	}{
		{"future", "it says how far and how to mend it",
			&record.FutureError{Time: noon.Add(25 * time.Hour), Now: noon, MaxAhead: 24 * time.Hour},
			"record: event dated in the future: Time is 2026-11-03T13:00:00Z, 25h0m0s ahead of the clock, " +
				"want at most 24h0m0s; mend the clock that made it, or set Options.MaxAhead",
			[]error{record.ErrFuture}},
		{"flush, store down", "what remains, and both causes",
			&record.FlushError{Remaining: three, StoreErr: errUntyped, Err: context.Canceled},
			"record: flush: 1 exposure and 2 conversions not delivered: context canceled; last error of the store: something else",
			[]error{errUntyped, context.Canceled}},
		{"flush, no answer", "a store that is slow has no error",
			&record.FlushError{Remaining: three, Err: context.DeadlineExceeded},
			"record: flush: 1 exposure and 2 conversions not delivered: context deadline exceeded; the store has not answered in time",
			[]error{context.DeadlineExceeded}},
		{"close, store closed", "no ctx has ended",
			&record.CloseError{Remaining: three, StoreErr: experiment.ErrStoreClosed},
			"record: close: 1 exposure and 2 conversions not delivered; last error of the store: experiment: the store is closed",
			[]error{experiment.ErrStoreClosed}},
		{"too large", "both sizes and how to mend it",
			&record.TooLargeError{Size: 700, Max: 512},
			"record: the event is larger than the queue: it has 700 bytes, want at most 512; " +
				"shorten its attributes, or raise Options.QueueBytes",
			[]error{record.ErrTooLarge}},
		{"rejected", "how many, why, and how to keep them",
			&record.RejectedError{Exposures: 1, Conversions: 2, Err: errPoison},
			"record: the store refused 1 exposure and 2 conversions for good; last reason: " +
				"experiment: the store refuses: record: value out of range; set Options.OnReject to keep such events",
			[]error{experiment.ErrPermanent}},
		{"panic", "its outcome is unknown",
			&record.PanicError{Value: "index out of range"},
			"record: the store panicked: index out of range",
			[]error{experiment.ErrUnknownOutcome}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			assert.EqualError(t, row.err, row.text, row.reason)
			for _, target := range row.is {
				assert.ErrorIs(t, row.err, target)
			}
			assert.NotErrorIs(t, row.err, errors.ErrUnsupported)
		})
	}
}

// An error that calls itself permanent and something else is tried again: that
// is the safe reading.
func TestContradictoryErrorsAreTriedAgain(t *testing.T) {
	store := newFakeStore()
	store.fault = func(ctx context.Context, call int, b experiment.Batch, m *experiment.Memory) (experiment.Receipt, error) {
		switch call {
		case 1:
			return experiment.Receipt{}, errors.Join(errPoison, errUnknown)
		case 2:
			return experiment.Receipt{}, errors.Join(errPoison, errDown)
		}
		return m.Record(ctx, b)
	}
	bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
		assert.NoError(t, r.Expose(context.Background(), exposureOf(1)))
		assert.NoError(t, r.Flush(context.Background()))
		assert.Equal(t, record.Counters{Accepted: 1, Inserted: 1, Batches: 1, Retries: 2}, quiet(t, r))
	})
}
