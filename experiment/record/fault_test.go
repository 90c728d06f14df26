package record_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/record"
)

// Every failure but a permanent one is tried again with the same batch.
func TestFailuresAreTriedAgain(t *testing.T) {
	type fault = func(context.Context, experiment.Batch, *experiment.Memory) (experiment.Receipt, error)
	rows := []struct {
		name, reason string
		fault        fault
		want         record.Counters
	}{
		{"retryable", "nothing was stored", func(context.Context, experiment.Batch, *experiment.Memory) (experiment.Receipt, error) {
			return experiment.Receipt{}, errDown
		}, record.Counters{Inserted: 3}},
		{"unknown, not stored", "the answer was lost before the commit", func(context.Context, experiment.Batch, *experiment.Memory) (experiment.Receipt, error) {
			return experiment.Receipt{}, errUnknown
		}, record.Counters{Inserted: 3}},
		{"unknown, stored", "the answer was lost after the commit", func(ctx context.Context, b experiment.Batch, m *experiment.Memory) (experiment.Receipt, error) {
			receipt, _ := m.Record(ctx, b)
			return receipt, errUnknown
		}, record.Counters{Duplicate: 3}},
		{"untyped", "an error that says nothing is safe to repeat", func(context.Context, experiment.Batch, *experiment.Memory) (experiment.Receipt, error) {
			return experiment.Receipt{}, errUntyped
		}, record.Counters{Inserted: 3}},
		{"hangs", "the attempt times out", func(ctx context.Context, _ experiment.Batch, _ *experiment.Memory) (experiment.Receipt, error) {
			<-ctx.Done()
			return experiment.Receipt{}, ctx.Err()
		}, record.Counters{Inserted: 3}},
		{"panics", "a bug in a store must not end the process", func(context.Context, experiment.Batch, *experiment.Memory) (experiment.Receipt, error) {
			panic("index out of range")
		}, record.Counters{Inserted: 3}},
		{"panics after storing", "as an unknown outcome", func(ctx context.Context, b experiment.Batch, m *experiment.Memory) (experiment.Receipt, error) {
			_, _ = m.Record(ctx, b)
			panic(42)
		}, record.Counters{Duplicate: 3}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			store := newFakeStore()
			store.fault = func(ctx context.Context, call int, b experiment.Batch, m *experiment.Memory) (experiment.Receipt, error) {
				if call <= 4 {
					return row.fault(ctx, b, m)
				}
				return m.Record(ctx, b)
			}
			bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
				for i := range 3 {
					require.NoError(t, r.Expose(context.Background(), exposureOf(i)))
				}
				after(2 * time.Minute)
				want := row.want
				want.Accepted, want.Batches, want.Retries = 3, 1, 4
				assert.Equal(t, want, quiet(t, r), row.reason)
				assert.Equal(t, []int{3, 3, 3, 3, 3}, store.sizes())
				assert.Len(t, store.Exposures(), 3)
			})
		})
	}
}

// What is tried again is the very same batch, whatever was accepted meanwhile
// and whatever the store did to the slices it was lent.
func TestTheSameBatchIsTriedAgain(t *testing.T) {
	var attempts [][]experiment.Exposure
	store := newFakeStore()
	store.fault = func(ctx context.Context, call int, b experiment.Batch, m *experiment.Memory) (experiment.Receipt, error) {
		attempts = append(attempts, slices.Clone(b.Exposures))
		_ = append(b.Exposures, exposureOf(99))
		if call < 4 {
			return experiment.Receipt{}, errUnknown
		}
		return m.Record(ctx, b)
	}
	bubble(t, store, record.Options{BatchEvents: 6}, func(t *testing.T, r *record.Recorder) {
		for i := range 3 {
			require.NoError(t, r.Expose(context.Background(), exposureOf(i)))
		}
		after(200 * time.Millisecond)
		for i := range 2 {
			require.NoError(t, r.Expose(context.Background(), exposureOf(10+i)))
		}
		after(150 * time.Millisecond)
		require.NoError(t, r.Flush(context.Background()))
		for _, attempt := range attempts {
			if attempt[0].Unit == "c-0" {
				assert.Equal(t, attempts[0], attempt)
			}
		}
		assert.GreaterOrEqual(t, len(attempts), 4)
		assert.Len(t, store.Exposures(), 5)
	})
}

// After a failure a store's client may still be reading the batch it was lent:
// that memory is not used again.
func TestMemoryOfAFailedAttemptIsLeftAlone(t *testing.T) {
	var lent, kept []experiment.Exposure
	store := newFakeStore()
	store.fault = func(ctx context.Context, call int, b experiment.Batch, m *experiment.Memory) (experiment.Receipt, error) {
		if call == 1 {
			lent, kept = b.Exposures, slices.Clone(b.Exposures)
			return experiment.Receipt{}, errUnknown
		}
		return m.Record(ctx, b)
	}
	bubble(t, store, record.Options{BatchEvents: 3}, func(t *testing.T, r *record.Recorder) {
		for i := range 60 {
			require.NoError(t, r.Expose(context.Background(), exposureOf(i)))
			require.NoError(t, r.Flush(context.Background()))
		}
		require.NotEmpty(t, kept)
		assert.Equal(t, kept, lent)
	})
}

// The wait before a repeated call is drawn from a range that doubles up to a
// limit.
func TestBackoff(t *testing.T) {
	var waits []time.Duration
	store := newFakeStore()
	store.fault = down
	options := record.Options{
		Rand:    func() float64 { return 0.5 },
		OnRetry: func(retry record.Retry) { waits = append(waits, retry.Wait) },
	}
	bubble(t, store, options, func(t *testing.T, r *record.Recorder) {
		require.NoError(t, r.Expose(context.Background(), exposureOf(1)))
		after(2 * time.Minute)
		ms := time.Millisecond
		want := []time.Duration{25 * ms, 50 * ms, 100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms,
			3200 * ms, 6400 * ms, 12800 * ms, 15000 * ms, 15000 * ms}
		require.GreaterOrEqual(t, len(waits), len(want))
		assert.Equal(t, want, waits[:len(want)])
		calls := store.seen()
		for i, wait := range want {
			assert.Equal(t, wait, calls[i+1].at.Sub(calls[i].at), "after failure %d", i+1)
		}
		store.heal()
	})
}

// The doubling stops at the limit, also where the limit is the largest number.
func TestBackoffDoesNotOverflow(t *testing.T) {
	var last time.Duration
	store := newFakeStore()
	store.fault = down
	options := record.Options{
		MinBackoff: 1, MaxBackoff: math.MaxInt64, Rand: func() float64 { return 1e-9 },
		OnRetry: func(retry record.Retry) { last = max(last, retry.Wait) },
	}
	bubble(t, store, options, func(t *testing.T, r *record.Recorder) {
		require.NoError(t, r.Expose(context.Background(), exposureOf(1)))
		after(3 * time.Minute)
		store.heal()
		assert.InDelta(t, float64(math.MaxInt64)*1e-9, float64(last), 10)
	})
}

// A refused event is found, wherever it stands, and the others are delivered.
func TestPoison(t *testing.T) {
	rows := []struct {
		name, reason string
		poison       []int
		calls        int
	}{
		{"first", "the first half of every half", []int{0}, 15},
		{"middle", "either half", []int{50}, 15},
		{"last", "the last half of every half; a conversion", []int{99}, 15},
		{"both ends", "two searches in one batch", []int{0, 99}, 27},
		{"neighbours", "they part at the last cut", []int{10, 11}, 17},
		{"none", "no search", nil, 1},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			store := newFakeStore()
			store.fault = refusePoison
			var rejected []record.Rejected
			options := record.Options{OnReject: func(event record.Rejected) { rejected = append(rejected, event) }}
			bubble(t, store, options, func(t *testing.T, r *record.Recorder) {
				for i := range 100 {
					require.NoError(t, accept(r, i, row.poison))
				}
				require.NoError(t, r.Flush(context.Background()))
				c := quiet(t, r)
				assert.EqualValues(t, 100-len(row.poison), c.Inserted)
				assert.EqualValues(t, len(row.poison), c.Rejected)
				assert.Zero(t, c.Retries, "cutting in two is no retry")
				require.Len(t, rejected, len(row.poison))
				for i, event := range rejected {
					require.ErrorIs(t, event.Err, experiment.ErrPermanent)
					assert.Equal(t, row.poison[i], numberOf(event), row.reason)
				}
				assert.InDelta(t, row.calls, len(store.seen()), 4)
			})
		})
	}
}

// accept records event i: the first half are exposures. Poisoned ones are of
// touchpoint "poison".
func accept(r *record.Recorder, i int, poison []int) error {
	touchpoint := "page"
	for _, p := range poison {
		if p == i {
			touchpoint = "poison"
		}
	}
	if i < 50 {
		e := exposureOf(i)
		e.Touchpoint = touchpoint
		return r.Expose(context.Background(), e)
	}
	v := conversionOf(i)
	v.Value, v.Touchpoint = float64(i), touchpoint
	return r.Track(context.Background(), v)
}

func numberOf(event record.Rejected) int {
	if event.Exposure == nil {
		return int(event.Conversion.Value)
	}
	for i := range 50 {
		if event.Exposure.Unit == exposureOf(i).Unit {
			return i
		}
	}
	return -1
}

// refusePoison refuses every batch that has an event of touchpoint "poison". It
// appends to the slices it is lent, which must not touch events behind them.
func refusePoison(ctx context.Context, _ int, batch experiment.Batch, memory *experiment.Memory) (experiment.Receipt, error) {
	_ = append(batch.Exposures, experiment.Exposure{})
	_ = append(batch.Conversions, experiment.Conversion{})
	for i := range batch.Exposures {
		if batch.Exposures[i].Touchpoint == "poison" {
			return experiment.Receipt{}, errPoison
		}
	}
	for i := range batch.Conversions {
		if batch.Conversions[i].Touchpoint == "poison" {
			return experiment.Receipt{}, errPoison
		}
	}
	return memory.Record(ctx, batch)
}

// A rejected event stays as it was, however many batches follow.
func TestRejectedEventsAreTheCallbacksOwn(t *testing.T) {
	store := newFakeStore()
	store.fault = refusePoison
	var rejected []record.Rejected
	options := record.Options{BatchEvents: 4, OnReject: func(event record.Rejected) { rejected = append(rejected, event) }}
	bubble(t, store, options, func(t *testing.T, r *record.Recorder) {
		poison := exposureOf(1)
		poison.Touchpoint = "poison"
		require.NoError(t, r.Expose(context.Background(), poison))
		for i := range 50 {
			require.NoError(t, r.Expose(context.Background(), exposureOf(100+i)))
		}
		require.NoError(t, r.Flush(context.Background()))
		require.Len(t, rejected, 1)
		assert.Equal(t, &poison, rejected[0].Exposure)
	})
}

func TestCallbacksThatPanic(t *testing.T) {
	var calls sync.Map
	options := record.Options{
		OnReject: func(record.Rejected) { calls.Store("reject", true); panic("reject") },
		OnRetry:  func(record.Retry) { calls.Store("retry", true); panic("retry") },
	}
	store := newFakeStore()
	store.fault = func(ctx context.Context, call int, batch experiment.Batch, memory *experiment.Memory) (experiment.Receipt, error) {
		if call == 1 {
			return experiment.Receipt{}, errDown
		}
		return refusePoison(ctx, call, batch, memory)
	}
	bubble(t, store, options, func(t *testing.T, r *record.Recorder) {
		require.NoError(t, accept(r, 1, []int{1}))
		require.NoError(t, accept(r, 2, nil))
		require.NoError(t, r.Flush(context.Background()))
		c := quiet(t, r)
		assert.EqualValues(t, 1, c.Rejected)
		assert.EqualValues(t, 1, c.Inserted)
		_, rejected := calls.Load("reject")
		_, retried := calls.Load("retry")
		assert.True(t, rejected && retried)
	})
}

// A store whose receipt does not add up breaks its contract; the events are
// counted all the same.
func TestReceiptsThatDoNotAddUp(t *testing.T) {
	rows := []struct {
		name, reason string
		receipt      experiment.Receipt
		want         record.Counters
	}{
		{"empty", "a store that does not count", experiment.Receipt{}, record.Counters{Unreported: 2}},
		{"too few", "what it says is believed", experiment.Receipt{Inserted: 1}, record.Counters{Inserted: 1, Unreported: 1}},
		{"too many", "it cannot be believed", experiment.Receipt{Inserted: 3}, record.Counters{Unreported: 2}},
		{"negative", "it cannot be believed", experiment.Receipt{Inserted: 3, Merged: -1}, record.Counters{Unreported: 2}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			store := newFakeStore()
			store.fault = func(context.Context, int, experiment.Batch, *experiment.Memory) (experiment.Receipt, error) {
				return row.receipt, nil
			}
			var log bytes.Buffer
			options := record.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))}
			bubble(t, store, options, func(t *testing.T, r *record.Recorder) {
				require.NoError(t, r.Expose(context.Background(), exposureOf(1)))
				require.NoError(t, r.Track(context.Background(), conversionOf(1)))
				require.NoError(t, r.Flush(context.Background()))
				want := row.want
				want.Accepted, want.Batches = 2, 1
				assert.Equal(t, want, quiet(t, r), row.reason)
				assert.Contains(t, log.String(), "does not add up")
			})
		})
	}
}

// Logs say what went wrong and name nobody.
func TestLogsNameNobody(t *testing.T) {
	var log bytes.Buffer
	store := newFakeStore()
	store.fault = func(ctx context.Context, call int, batch experiment.Batch, memory *experiment.Memory) (experiment.Receipt, error) {
		switch {
		case call == 1:
			return experiment.Receipt{}, &experiment.StoreError{Op: "record", Outcome: experiment.ErrRetryable, Err: errors.New("key (secret-name)")}
		case call == 2:
			panic("secret-name")
		case batch.Len() == 1 && len(batch.Exposures) == 1:
			return experiment.Receipt{}, &experiment.EventError{Field: "Unit", Problem: `is "secret-name"`}
		}
		return refusePoison(ctx, call, batch, memory)
	}
	options := record.Options{QueueEvents: 3, Logger: slog.New(slog.NewTextHandler(&log, nil))}
	bubble(t, store, options, func(t *testing.T, r *record.Recorder) {
		e := exposureOf(1)
		e.Unit, e.Touchpoint, e.IDs[0].Value = "secret-name", "poison", "secret-name"
		v := conversionOf(1)
		v.Touchpoint, v.IDs[0].Value = "poison", "secret-name"
		require.NoError(t, r.Expose(context.Background(), e))
		require.NoError(t, r.Track(context.Background(), v))
		require.NoError(t, r.Track(context.Background(), conversionOf(2)))
		require.ErrorIs(t, r.Expose(context.Background(), e), record.ErrFull)
		require.ErrorIs(t, r.Flush(within(t, time.Minute)), experiment.ErrPermanent)
		store.fail(down)
		require.NoError(t, r.Expose(context.Background(), e))
		require.Error(t, r.Close(within(t, time.Second)))
		text := log.String()
		assert.NotContains(t, text, "secret-name")
		for _, want := range []string{
			"will try again", "outcome=retryable", "outcome=panic", "error_type=string",
			"field=Unit kind=exposure experiment=checkout-reassurance", "kind=conversion event=purchase",
			"queue was full", "closed with undelivered events", "exposures=1",
		} {
			assert.Contains(t, text, want)
		}
	})
}
