package record_test

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/record"
)

// goroutines counts those that recorders have started and not ended.
func goroutines() int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return strings.Count(string(stacks), "created by github.com/touchlift/touchlift/experiment/record.New")
}

func TestGoroutines(t *testing.T) {
	rows := []struct {
		name, reason string
		fault        func(context.Context, int, experiment.Batch, *experiment.Memory) (experiment.Receipt, error)
	}{
		{"healthy", "Close ends all", nil},
		{"down", "an outage starts none, and Close ends those that wait", down},
		{"hanging", "a store that obeys its ctx is waited for", hang},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			store := newFakeStore()
			store.fault = row.fault
			synctest.Test(t, func(t *testing.T) {
				r, err := record.New(store, record.Options{BatchEvents: 10})
				require.NoError(t, err)
				for i := range 1000 {
					require.NoError(t, r.Expose(context.Background(), exposureOf(i)))
				}
				after(time.Minute)
				assert.LessOrEqual(t, goroutines(), 4)
				assert.Positive(t, goroutines(), "the count works")
				_ = r.Close(within(t, time.Second))
				synctest.Wait() // a goroutine that has said so may still be returning
				assert.Zero(t, goroutines(), row.reason)
			})
		})
	}
}

func TestCloseDuringAnOutage(t *testing.T) {
	rows := []struct {
		name, reason string
		fault        func(context.Context, int, experiment.Batch, *experiment.Memory) (experiment.Receipt, error)
		cause        error
	}{
		{"down", "the last error says why", down, experiment.ErrRetryable},
		{"hanging", "the call is told to stop; its answer says nothing of the batch", hang, context.Canceled},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			store := newFakeStore()
			store.fault = row.fault
			bubble(t, store, record.Options{BatchEvents: 10}, func(t *testing.T, r *record.Recorder) {
				for i := range 35 {
					require.NoError(t, r.Expose(context.Background(), exposureOf(i)))
				}
				for i := range 7 {
					require.NoError(t, r.Track(context.Background(), conversionOf(i)))
				}
				start := time.Now()
				err := r.Close(within(t, 5*time.Second))
				assert.Equal(t, 5*time.Second, time.Since(start))
				var left *record.CloseError
				require.ErrorAs(t, err, &left)
				assert.Equal(t, record.Remaining{Exposures: 35, Conversions: 7}, left.Remaining)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorIs(t, err, row.cause, row.reason)
				c := quiet(t, r)
				assert.EqualValues(t, 42, c.Dropped)
				assert.Zero(t, c.Queued+c.InFlight)
				assert.Equal(t, err, r.Close(context.Background()), "closing again says the same")
			})
		})
	}
}

// The store comes back while Close waits: nothing is lost, also where the
// backoff had grown to half a minute.
func TestCloseOutlivesAnOutage(t *testing.T) {
	store := newFakeStore()
	store.fault = down
	bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
		for i := range 5000 {
			require.NoError(t, r.Expose(context.Background(), exposureOf(i)))
		}
		after(10 * time.Minute)
		healed := make(chan struct{})
		go func() {
			defer close(healed)
			<-time.After(2 * time.Second)
			store.heal()
		}()
		require.NoError(t, r.Close(within(t, 10*time.Second)))
		<-healed
		assert.EqualValues(t, 5000, quiet(t, r).Inserted)
	})
}

func TestCloseWithAnEndedContext(t *testing.T) {
	store := newFakeStore()
	bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
		require.NoError(t, r.Expose(context.Background(), exposureOf(1)))
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		err := r.Close(ctx)
		c := quiet(t, r)
		if err == nil { // delivered before Close looked
			assert.EqualValues(t, 1, c.Inserted)
			return
		}
		var left *record.CloseError
		require.ErrorAs(t, err, &left)
		require.ErrorIs(t, err, context.Canceled)
		assert.EqualValues(t, 1, left.Remaining.Total())
		assert.EqualValues(t, 1, c.Dropped)
	})
}

// A store that commits when it is told to stop is heard: its events are not
// counted as dropped.
func TestCloseHearsTheLastAnswer(t *testing.T) {
	store := newFakeStore()
	store.fault = func(ctx context.Context, _ int, batch experiment.Batch, memory *experiment.Memory) (experiment.Receipt, error) {
		<-ctx.Done()
		<-time.After(50 * time.Millisecond)
		return memory.Record(context.WithoutCancel(ctx), batch)
	}
	bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
		require.NoError(t, r.Expose(context.Background(), exposureOf(1)))
		start := time.Now()
		require.NoError(t, r.Close(within(t, time.Second)))
		assert.Equal(t, 1050*time.Millisecond, time.Since(start))
		assert.EqualValues(t, 1, quiet(t, r).Inserted)
	})
}

// A store that ignores its ctx cannot hold Close up. What it says later changes
// no counter and starts no further call.
func TestCloseLeavesAStoreThatIgnoresItsContext(t *testing.T) {
	rows := []struct {
		name, reason string
		late         error
	}{
		{"stored", "too late to be counted", nil},
		{"refused", "the search for what is refused ends too", errPoison},
		{"failed", "nobody tries again", errDown},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, release := newFakeStore(), make(chan struct{})
				store.fault = func(_ context.Context, _ int, batch experiment.Batch, memory *experiment.Memory) (experiment.Receipt, error) {
					<-release
					return experiment.Receipt{Inserted: batch.Len()}, row.late
				}
				r, err := record.New(store, record.Options{OnReject: func(record.Rejected) { t.Error("rejected after Close") }})
				require.NoError(t, err)
				require.NoError(t, r.Expose(context.Background(), exposureOf(1)))
				require.NoError(t, r.Expose(context.Background(), exposureOf(2)))
				start := time.Now()
				err = r.Close(within(t, time.Second))
				assert.Equal(t, 1100*time.Millisecond, time.Since(start), "ctx and grace")
				var left *record.CloseError
				require.ErrorAs(t, err, &left)
				before := quiet(t, r)
				close(release)
				assert.Equal(t, before, quiet(t, r), row.reason)
				assert.EqualValues(t, 2, before.Dropped)
				assert.Len(t, store.seen(), 1, row.reason)
				assert.Zero(t, goroutines())
			})
		})
	}
}

// Somebody closes the store first. Close must not wait for it to come back.
func TestCloseAfterTheStoreWasClosed(t *testing.T) {
	store := newFakeStore()
	bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
		require.NoError(t, r.Expose(context.Background(), exposureOf(1)))
		require.NoError(t, store.Close())
		start := time.Now()
		err := r.Close(context.Background())
		assert.Equal(t, start, time.Now())
		require.ErrorIs(t, err, experiment.ErrStoreClosed)
		var left *record.CloseError
		require.ErrorAs(t, err, &left)
		assert.NoError(t, left.Err)
		assert.EqualValues(t, 1, quiet(t, r).Dropped)
	})
}

func TestManyCloses(t *testing.T) {
	store := newFakeStore()
	store.fault = slow(300 * time.Millisecond)
	bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
		for i := range 3000 {
			require.NoError(t, r.Expose(context.Background(), exposureOf(i)))
		}
		var closers sync.WaitGroup
		for range 5 {
			closers.Go(func() { assert.NoError(t, r.Close(context.Background())) })
		}
		synctest.Wait()
		err := r.Close(within(t, 10*time.Millisecond))
		require.ErrorIs(t, err, context.DeadlineExceeded, "a later Close is held to its own ctx")
		closers.Wait()
		assert.EqualValues(t, 3000, quiet(t, r).Inserted, "and takes nothing from the first")
		require.NoError(t, r.Close(context.Background()))
	})
}
