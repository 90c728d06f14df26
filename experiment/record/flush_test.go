package record_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/record"
)

func TestFlushOfNothing(t *testing.T) {
	bubble(t, newFakeStore(), record.Options{}, func(t *testing.T, r *record.Recorder) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		require.NoError(t, r.Flush(ctx), "there is nothing to wait for")
		require.NoError(t, r.Close(context.Background()))
		require.NoError(t, r.Flush(ctx), "Close has delivered everything")
	})
}

func TestFlushDoesNotWaitForTheBatchToFill(t *testing.T) {
	store := newFakeStore()
	bubble(t, store, record.Options{BatchWait: time.Hour}, func(t *testing.T, r *record.Recorder) {
		_ = quiet(t, r) // the senders are asleep
		start := time.Now()
		require.NoError(t, r.Expose(context.Background(), exposureOf(1)))
		require.NoError(t, r.Track(context.Background(), conversionOf(1)))
		_ = quiet(t, r)
		require.NoError(t, r.Flush(context.Background()))
		assert.Equal(t, start, time.Now())
		assert.EqualValues(t, 2, quiet(t, r).Inserted)
	})
}

// Flush is a barrier: what was accepted before it is in the store when it
// returns, although producers never pause and batches overtake each other.
func TestFlushIsABarrier(t *testing.T) {
	store := newFakeStore()
	store.fault = func(ctx context.Context, call int, batch experiment.Batch, memory *experiment.Memory) (experiment.Receipt, error) {
		<-time.After(time.Duration(call*37%11) * 20 * time.Millisecond)
		if call%5 == 0 {
			return experiment.Receipt{}, errDown
		}
		return memory.Record(ctx, batch)
	}
	bubble(t, store, record.Options{BatchEvents: 16}, func(t *testing.T, r *record.Recorder) {
		var producers sync.WaitGroup
		stop := make(chan struct{})
		defer producers.Wait()
		defer close(stop)
		producers.Go(func() {
			for i := 1_000_000; ; i++ {
				select {
				case <-stop:
					return
				case <-time.After(5 * time.Millisecond):
					assert.NoError(t, r.Expose(context.Background(), exposureOf(i)))
				}
			}
		})
		for round := range 40 {
			for i := range round {
				require.NoError(t, r.Track(context.Background(), conversionOf(round*100+i)))
			}
			require.NoError(t, r.Flush(context.Background()))
			require.Len(t, store.Conversions(), (round+1)*round/2, "round %d", round)
		}
	})
}

func TestFlushSaysWhyItGaveUp(t *testing.T) {
	rows := []struct {
		name, reason string
		fault        func(context.Context, int, experiment.Batch, *experiment.Memory) (experiment.Receipt, error)
		cause        error
	}{
		{"down", "the caller learns what is wrong with the store", down, experiment.ErrRetryable},
		{"hangs", "no answer yet is no error of the store", hang, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			store := newFakeStore()
			store.fault = row.fault
			bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
				require.NoError(t, r.Expose(context.Background(), exposureOf(1)))
				require.NoError(t, r.Expose(context.Background(), exposureOf(2)))
				require.NoError(t, r.Track(context.Background(), conversionOf(1)))
				start := time.Now()
				err := r.Flush(within(t, 3*time.Second))
				assert.Equal(t, 3*time.Second, time.Since(start))
				var failed *record.FlushError
				require.ErrorAs(t, err, &failed)
				assert.Equal(t, record.Remaining{Exposures: 2, Conversions: 1}, failed.Remaining)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				if row.cause == nil {
					assert.NoError(t, failed.StoreErr, row.reason)
				} else {
					assert.ErrorIs(t, err, row.cause, row.reason)
				}
				store.heal()
				require.NoError(t, r.Flush(context.Background()), "nothing was lost")
				assert.EqualValues(t, 3, quiet(t, r).Inserted)
			})
		})
	}
}

// What came after Flush is not among what Flush misses.
func TestFlushCountsOnlyWhatItWaitsFor(t *testing.T) {
	store := newFakeStore()
	store.fault = down
	bubble(t, store, record.Options{BatchEvents: 5}, func(t *testing.T, r *record.Recorder) {
		for i := range 5 {
			require.NoError(t, r.Expose(context.Background(), exposureOf(i)))
		}
		flushed := make(chan error, 1)
		go func() { flushed <- r.Flush(within(t, time.Second)) }()
		after(100 * time.Millisecond)
		for i := range 23 {
			require.NoError(t, r.Track(context.Background(), conversionOf(i)))
		}
		var failed *record.FlushError
		require.ErrorAs(t, <-flushed, &failed)
		assert.Equal(t, record.Remaining{Exposures: 5}, failed.Remaining)
		store.heal()
	})
}

// An error of the store that is over is not given as the reason.
func TestFlushForgetsErrorsThatAreOver(t *testing.T) {
	store := newFakeStore()
	store.fault = down
	bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
		require.NoError(t, r.Expose(context.Background(), exposureOf(1)))
		after(time.Second)
		store.heal()
		require.NoError(t, r.Flush(context.Background()))
		store.fail(hang)
		require.NoError(t, r.Expose(context.Background(), exposureOf(2)))
		var failed *record.FlushError
		require.ErrorAs(t, r.Flush(within(t, time.Second)), &failed)
		assert.NoError(t, failed.StoreErr)
		store.heal()
	})
}

// Flush tries again at once a batch that waits out a long backoff, but a storm
// of Flushes is no storm of calls.
func TestFlushCutsTheBackoffShort(t *testing.T) {
	store := newFakeStore()
	store.fault = down
	bubble(t, store, record.Options{Rand: func() float64 { return 0.999 }}, func(t *testing.T, r *record.Recorder) {
		require.NoError(t, r.Expose(context.Background(), exposureOf(1)))
		after(10 * time.Minute) // backoff has reached 30 s
		calls := len(store.seen())
		start := time.Now()
		for range 200 {
			require.Error(t, r.Flush(within(t, 5*time.Millisecond)))
		}
		assert.Equal(t, time.Second, time.Since(start))
		assert.LessOrEqual(t, len(store.seen())-calls, 21, "a call per 50 ms")
		store.heal()
		start = time.Now()
		require.NoError(t, r.Flush(context.Background()))
		assert.LessOrEqual(t, time.Since(start), 100*time.Millisecond)
	})
}

func TestFlushDuringCloseThatGivesUp(t *testing.T) {
	store := newFakeStore()
	store.fault = down
	bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
		require.NoError(t, r.Expose(context.Background(), exposureOf(1)))
		flushed := make(chan error, 1)
		go func() { flushed <- r.Flush(context.Background()) }()
		closeErr := r.Close(within(t, time.Second))
		var left *record.CloseError
		require.ErrorAs(t, closeErr, &left)
		assert.Equal(t, closeErr, <-flushed, "the event was dropped, so Flush must not say that all is well")
		assert.Equal(t, closeErr, r.Flush(context.Background()))
		assert.True(t, errors.Is(closeErr, experiment.ErrRetryable))
	})
}
