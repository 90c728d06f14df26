package record_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/record"
)

// refuseAll is a store that calls the failure of its place permanent.
func refuseAll(context.Context, int, experiment.Batch, *experiment.Memory) (experiment.Receipt, error) {
	return experiment.Receipt{}, errPoison
}

// exposeAll records good events, numbered from..to.
func exposeAll(t *testing.T, r *record.Recorder, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		require.NoError(t, r.Expose(context.Background(), exposureOf(i)))
	}
}

// poison records n events that refusePoison refuses.
func poison(t *testing.T, r *record.Recorder, from, n int) {
	t.Helper()
	for i := range n {
		e := exposureOf(from + i)
		e.Touchpoint = "poison"
		require.NoError(t, r.Expose(context.Background(), e))
	}
}

// A store that refuses everything for good is treated as one that is down: the
// events are kept, the calls are few, and when its place is mended everything
// is delivered.
func TestRefusalOfEverythingIsAnOutage(t *testing.T) {
	for _, events := range []int{2, 3, 10, 1000, 5000} {
		t.Run(fmt.Sprint(events), func(t *testing.T) {
			store := newFakeStore()
			store.fault = refuseAll
			var r *record.Recorder
			retries := 0
			options := record.Options{OnRetry: func(retry record.Retry) {
				retries++
				assert.ErrorIs(t, retry.Err, experiment.ErrPermanent)
				assert.NoError(t, r.Counters().Check())
			}}
			bubble(t, store, options, func(t *testing.T, recorder *record.Recorder) {
				r = recorder
				exposeAll(t, r, 0, events)
				var late *record.FlushError
				err := r.Flush(within(t, time.Second))
				require.ErrorAs(t, err, &late)
				assert.Equal(t, events, late.Remaining.Exposures)
				require.ErrorIs(t, err, experiment.ErrPermanent)
				after(time.Hour)
				c := quiet(t, r)
				assert.EqualValues(t, events, c.Queued+c.InFlight)
				assert.Zero(t, c.Rejected)
				assert.Positive(t, c.Retries)
				assert.Positive(t, retries)
				assert.Less(t, len(store.seen()), 21*(retries+2), "a search ends soon")
				assert.Less(t, retries, 1000, "the wait grows to 30 s")
				calls := len(store.seen())
				store.heal()
				require.NoError(t, r.Flush(within(t, time.Minute)))
				assert.EqualValues(t, events, quiet(t, r).Inserted)
				assert.Equal(t, (events+999)/1000, len(store.seen())-calls, "the batches are whole again")
			})
		})
	}
}

// Nothing is given up however early or late in the search for what is refused
// the store is mended.
func TestMendedInTheMiddleOfASearch(t *testing.T) {
	for refusals := range 120 {
		store := newFakeStore()
		store.fault = func(ctx context.Context, call int, batch experiment.Batch, memory *experiment.Memory) (experiment.Receipt, error) {
			if call <= refusals {
				return experiment.Receipt{}, errPoison
			}
			return memory.Record(ctx, batch)
		}
		bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
			exposeAll(t, r, 0, 50)
			require.NoError(t, r.Flush(within(t, time.Hour)), "%d refusals", refusals)
			require.EqualValues(t, 50, quiet(t, r).Inserted, "%d refusals", refusals)
		})
	}
}

// Close in such an outage gives up with its ctx and says why.
func TestCloseWhileEverythingIsRefused(t *testing.T) {
	store := newFakeStore()
	store.fault = refuseAll
	bubble(t, store, record.Options{BatchEvents: 10}, func(t *testing.T, r *record.Recorder) {
		exposeAll(t, r, 0, 95)
		after(time.Minute)
		err := r.Close(within(t, 20*time.Second))
		var left *record.CloseError
		require.ErrorAs(t, err, &left)
		assert.Equal(t, record.Remaining{Exposures: 95}, left.Remaining)
		require.ErrorIs(t, err, experiment.ErrPermanent)
		c := quiet(t, r)
		assert.EqualValues(t, 95, c.Dropped)
		assert.Zero(t, c.Rejected)
		assert.Zero(t, goroutines())
	})
}

// What no store can keep is given up at once, also where it is everything.
func TestInvalidEventsAreNoOutage(t *testing.T) {
	store := newFakeStore()
	store.fault = func(context.Context, int, experiment.Batch, *experiment.Memory) (experiment.Receipt, error) {
		return experiment.Receipt{}, &experiment.EventError{Field: "Unit", Problem: "is wrong"}
	}
	bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
		exposeAll(t, r, 0, 8)
		var told *record.RejectedError
		require.ErrorAs(t, r.Flush(within(t, time.Second)), &told)
		assert.Equal(t, 8, told.Exposures)
		c := quiet(t, r)
		assert.EqualValues(t, 8, c.Rejected)
		assert.Zero(t, c.Retries)
		assert.Len(t, store.seen(), 15)
	})
}

// A quiet service sends events one by one. One that is refused is given up at
// once if the store was well before; further ones wait until the store has
// taken something, which shows that it is they that are refused.
func TestRefusedEventsThatStandAlone(t *testing.T) {
	store := newFakeStore()
	store.fault = refusePoison
	bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
		for i := range 6 { // more than there are senders
			poison(t, r, i, 1)
			after(time.Minute)
			c := quiet(t, r)
			assert.EqualValues(t, 1, c.Rejected)
			assert.EqualValues(t, i, c.Queued+c.InFlight)
		}
		exposeAll(t, r, 100, 101)
		after(time.Minute)
		c := quiet(t, r)
		assert.EqualValues(t, 1, c.Inserted, "it does not wait for those in doubt")
		assert.EqualValues(t, 6, c.Rejected)
		exposeAll(t, r, 101, 102)
		after(time.Second)
		poison(t, r, 200, 1)
		after(time.Second)
		assert.EqualValues(t, 7, quiet(t, r).Rejected, "the store was well before")
	})
}

// Batches of nothing but refused events hold nobody up.
func TestBatchesInDoubtLetOthersPass(t *testing.T) {
	store := newFakeStore()
	store.fault = refusePoison
	bubble(t, store, record.Options{BatchEvents: 4}, func(t *testing.T, r *record.Recorder) {
		poison(t, r, 0, 40)
		after(time.Minute)
		c := quiet(t, r)
		assert.Zero(t, c.Rejected)
		assert.EqualValues(t, 40, c.Queued+c.InFlight)
		exposeAll(t, r, 100, 104)
		after(time.Minute)
		c = quiet(t, r)
		assert.EqualValues(t, 4, c.Inserted)
		assert.EqualValues(t, 40, c.Rejected)
		var told *record.RejectedError
		require.ErrorAs(t, r.Flush(context.Background()), &told)
		assert.Equal(t, 40, told.Exposures)
	})
}

// Doubts are settled soon after the store has taken something, however long the
// wait for the next attempt had grown.
func TestDoubtsAreSettledSoon(t *testing.T) {
	store := newFakeStore()
	store.fault = refusePoison
	bubble(t, store, record.Options{Rand: func() float64 { return 0.999 }}, func(t *testing.T, r *record.Recorder) {
		poison(t, r, 0, 2)
		after(10 * time.Minute)
		assert.Zero(t, quiet(t, r).Rejected)
		exposeAll(t, r, 100, 101)
		after(time.Second)
		assert.EqualValues(t, 2, quiet(t, r).Rejected)
	})
}

// A Flush waits for batches in doubt as well.
func TestFlushWaitsForBatchesInDoubt(t *testing.T) {
	store := newFakeStore()
	store.fault = refuseAll
	bubble(t, store, record.Options{BatchEvents: 2}, func(t *testing.T, r *record.Recorder) {
		exposeAll(t, r, 0, 20)
		after(10 * time.Minute)
		var late *record.FlushError
		require.ErrorAs(t, r.Flush(within(t, 10*time.Minute)), &late)
		assert.Equal(t, 20, late.Remaining.Exposures)
		store.heal()
		require.NoError(t, r.Flush(within(t, time.Minute)))
		assert.Len(t, store.Exposures(), 20)
	})
}

// Random traffic over a store that is well, refuses everything for a while, and
// is well again: nothing is lost but, at most, one event that stood alone when
// the outage began.
func TestSimulationOfAnOutageCalledPermanent(t *testing.T) {
	given := 0
	for seed := range uint64(100) {
		rng, jitter := rand.New(rand.NewPCG(seed, 4)), rand.New(rand.NewPCG(seed, 6))
		store := newFakeStore()
		options := record.Options{BatchEvents: 1 + rng.IntN(40), MaxBackoff: 5 * time.Second, Rand: jitter.Float64}
		bubble(t, store, options, func(t *testing.T, r *record.Recorder) {
			number := 0
			traffic := func(n int) {
				for range n {
					exposeAll(t, r, number, number+1)
					number++
					if pause := rng.IntN(3000); pause < 600 {
						after(time.Duration(pause) * time.Millisecond)
					}
					require.NoError(t, r.Counters().Check(), "seed %d", seed)
				}
			}
			traffic(rng.IntN(60))
			store.fail(refuseAll)
			traffic(1 + rng.IntN(200))
			store.heal()
			traffic(rng.IntN(60))
			_ = r.Flush(within(t, time.Hour))
			c := quiet(t, r)
			require.LessOrEqual(t, c.Rejected, int64(1), "seed %d", seed)
			require.EqualValues(t, number, c.Inserted+c.Rejected, "seed %d", seed)
			require.Len(t, store.Exposures(), int(c.Inserted), "seed %d", seed)
			given += int(c.Rejected)
		})
	}
	require.Positive(t, given, "the simulation must meet the case")
}

// Poison of any density is found once the store has taken something.
func TestPoisonOfAnyDensity(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 5))
		var bad []int
		for i := range 100 {
			if rng.Float64() < float64(seed)/60 {
				bad = append(bad, i)
			}
		}
		var rejected []int
		store := newFakeStore()
		store.fault = refusePoison
		options := record.Options{OnReject: func(event record.Rejected) { rejected = append(rejected, numberOf(event)) }}
		bubble(t, store, options, func(t *testing.T, r *record.Recorder) {
			for i := range 100 {
				require.NoError(t, accept(r, i, bad))
			}
			after(time.Minute)
			exposeAll(t, r, 1000, 1001)
			require.NoError(t, r.Flush(within(t, time.Minute)), "seed %d", seed)
			slices.Sort(rejected)
			require.Equal(t, bad, rejected, "seed %d", seed)
			require.EqualValues(t, 101-len(bad), quiet(t, r).Inserted, "seed %d", seed)
		})
	}
}
