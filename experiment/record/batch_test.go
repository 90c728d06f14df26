package record_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/record"
)

func TestBatchesByCount(t *testing.T) {
	store := newFakeStore()
	bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
		for i := range 1250 {
			require.NoError(t, r.Expose(context.Background(), exposureOf(i)))
			require.NoError(t, r.Track(context.Background(), conversionOf(i)))
		}
		c := quiet(t, r)
		assert.EqualValues(t, 2000, c.Inserted, "full batches go at once")
		assert.EqualValues(t, 500, c.Queued, "the rest waits")
		after(200 * time.Millisecond)
		assert.EqualValues(t, 2500, quiet(t, r).Inserted)
		assert.Equal(t, []int{1000, 1000, 500}, store.sizes())
		assert.EqualValues(t, 3, quiet(t, r).Batches)
	})
}

func TestBatchesByBytes(t *testing.T) {
	rows := []struct {
		name, reason string
		limit        int64
		want         []int
	}{
		{"three fit", "the fourth would pass the limit", 35_000, []int{3, 3, 1}},
		{"exactly two", "a batch that meets the limit is full", 2 * 10_000, []int{2, 2, 2, 1}},
		{"none fits", "an event above the limit travels alone", 5_000, []int{1, 1, 1, 1, 1, 1, 1}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			store := newFakeStore()
			bubble(t, store, record.Options{BatchBytes: row.limit}, func(t *testing.T, r *record.Recorder) {
				for i := range 7 {
					e := exposureOf(i)
					fixed := 192 + len(e.Experiment+e.Run+e.Unit+e.Variant+e.Touchpoint) + len(e.Kind) + len(e.Class) +
						32 + len(e.Kind) + len(e.Unit) + 48 + len("note")
					e.Attributes = []experiment.Attribute{experiment.String("note", strings.Repeat("x", 10_000-fixed))}
					require.NoError(t, r.Expose(context.Background(), e))
				}
				require.NoError(t, r.Flush(context.Background()))
				assert.ElementsMatch(t, row.want, store.sizes(), row.reason)
			})
		})
	}
}

// A batch that is full by bytes goes at once, not with the event after it.
func TestBatchFullByBytesGoesAtOnce(t *testing.T) {
	store := newFakeStore()
	bubble(t, store, record.Options{BatchBytes: 100, BatchWait: time.Hour}, func(t *testing.T, r *record.Recorder) {
		require.NoError(t, r.Expose(context.Background(), exposureOf(1)))
		assert.EqualValues(t, 1, quiet(t, r).Inserted)
	})
}

func TestBatchesByTime(t *testing.T) {
	store := newFakeStore()
	bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
		start := time.Now()
		for i := range 3 {
			require.NoError(t, r.Expose(context.Background(), exposureOf(i)))
			after(70 * time.Millisecond)
		}
		after(10 * time.Second)
		require.NoError(t, r.Expose(context.Background(), exposureOf(3)))
		after(10 * time.Second)
		calls := store.seen()
		require.Len(t, calls, 2)
		assert.Equal(t, 3, calls[0].events)
		assert.Equal(t, 200*time.Millisecond, calls[0].at.Sub(start), "from the first event of the batch")
		assert.Equal(t, 210*time.Millisecond+10*time.Second+200*time.Millisecond, calls[1].at.Sub(start))
	})
}

// No event waits longer than BatchWait for a free sender, however batches
// follow each other.
func TestNoEventWaitsLongerThanBatchWait(t *testing.T) {
	for gap := 5 * time.Millisecond; gap < 300*time.Millisecond; gap += 35 * time.Millisecond {
		store := newFakeStore()
		bubble(t, store, record.Options{BatchEvents: 4}, func(t *testing.T, r *record.Recorder) {
			for i := range 50 {
				require.NoError(t, r.Expose(context.Background(), exposureOf(i)))
				after(gap)
				stored := store.Exposures()
				for j := range i + 1 {
					if waited := time.Duration(i-j+1) * gap; waited >= 200*time.Millisecond {
						require.True(t, contains(stored, exposureOf(j).Unit), "gap %v: event %d waits for %v", gap, j, waited)
					}
				}
			}
		})
	}
}

func contains(exposures []experiment.Exposure, unit string) bool {
	for i := range exposures {
		if exposures[i].Unit == unit {
			return true
		}
	}
	return false
}

// During an outage batches fill up instead of growing many.
func TestBatchesFillWhileTheStoreIsDown(t *testing.T) {
	store := newFakeStore()
	store.fault = down
	bubble(t, store, record.Options{BatchEvents: 100}, func(t *testing.T, r *record.Recorder) {
		for i := range 500 {
			require.NoError(t, r.Expose(context.Background(), exposureOf(i)))
			after(time.Second)
		}
		before := quiet(t, r)
		assert.EqualValues(t, 2, before.Batches)
		assert.EqualValues(t, 500, before.Queued+before.InFlight)
		store.heal()
		require.NoError(t, r.Flush(context.Background()))
		c := quiet(t, r)
		assert.EqualValues(t, 500, c.Inserted)
		assert.LessOrEqual(t, c.Batches, int64(7))
	})
}

func TestAtMostTwoBatchesInFlight(t *testing.T) {
	store := newFakeStore()
	running := make(chan struct{}, 2) // a third call would fail
	store.fault = func(ctx context.Context, call int, batch experiment.Batch, memory *experiment.Memory) (experiment.Receipt, error) {
		select {
		case running <- struct{}{}:
		default:
			t.Error("three calls at once")
		}
		defer func() { <-running }()
		<-time.After(300 * time.Millisecond)
		return memory.Record(ctx, batch)
	}
	bubble(t, store, record.Options{BatchEvents: 10}, func(t *testing.T, r *record.Recorder) {
		start := time.Now()
		for i := range 100 {
			require.NoError(t, r.Expose(context.Background(), exposureOf(i)))
		}
		require.NoError(t, r.Flush(context.Background()))
		assert.Equal(t, 5*300*time.Millisecond, time.Since(start), "ten batches, two at a time")
	})
}

// A busy loop must not lose anything: 20,000 exposures, then Close.
func TestTightLoopThenClose(t *testing.T) {
	rows := []struct {
		name, reason string
		fault        func(context.Context, int, experiment.Batch, *experiment.Memory) (experiment.Receipt, error)
	}{
		{"healthy", "the common case", nil},
		{"300 ms slow", "shutdown must wait for a slow store", slow(300 * time.Millisecond)},
		{"down for 3 s", "shutdown must outlive a restart of the store", downUntil(3 * time.Second)},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			store := newFakeStore()
			store.fault = row.fault
			bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
				for i := range 20_000 {
					require.NoError(t, r.Expose(context.Background(), exposureOf(i)))
				}
				require.NoError(t, r.Close(within(t, 10*time.Second)), row.reason)
				assert.EqualValues(t, 20_000, quiet(t, r).Inserted)
				assert.Len(t, store.Exposures(), 20_000)
			})
		})
	}
}
