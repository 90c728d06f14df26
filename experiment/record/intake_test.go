package record_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/record"
)

func TestRefusedExposures(t *testing.T) {
	rows := []struct {
		name, reason string
		change       func(*experiment.Exposure)
		want         error
		count        func(record.Counters) int64
	}{
		{"empty unit", "nobody could be counted", func(e *experiment.Exposure) { e.Unit = "" },
			experiment.ErrInvalidEvent, func(c record.Counters) int64 { return c.Invalid }},
		{"NUL in variant", "several stores cannot keep it", func(e *experiment.Exposure) { e.Variant = "a\x00b" },
			experiment.ErrInvalidEvent, func(c record.Counters) int64 { return c.Invalid }},
		{"no time", "the zero time is a forgotten time", func(e *experiment.Exposure) { e.Time = time.Time{} },
			experiment.ErrInvalidEvent, func(c record.Counters) int64 { return c.Invalid }},
		{"attribute is NaN", "it would poison sums", func(e *experiment.Exposure) {
			e.Attributes = []experiment.Attribute{experiment.Number("age", math.NaN())}
		}, experiment.ErrInvalidEvent, func(c record.Counters) int64 { return c.Invalid }},
		{"a day and a microsecond ahead", "a broken clock", func(e *experiment.Exposure) {
			e.Time = e.Time.Add(24*time.Hour + time.Microsecond)
		}, record.ErrFuture, func(c record.Counters) int64 { return c.Future }},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			bubble(t, newFakeStore(), record.Options{}, func(t *testing.T, r *record.Recorder) {
				exposure := exposureOf(1)
				row.change(&exposure)
				err := r.Expose(context.Background(), exposure)
				require.ErrorIs(t, err, row.want, row.reason)
				c := quiet(t, r)
				assert.EqualValues(t, 1, row.count(c))
				assert.EqualValues(t, 1, c.Refused())
				assert.Zero(t, c.Accepted)
			})
		})
	}
}

func TestRefusedConversions(t *testing.T) {
	rows := []struct {
		name, reason string
		change       func(*experiment.Conversion)
		want         error
	}{
		{"zero id", "recording could not be repeated", func(v *experiment.Conversion) { v.ID = experiment.ConversionID{} }, experiment.ErrInvalidEvent},
		{"infinite value", "it would poison sums", func(v *experiment.Conversion) { v.Value = math.Inf(1) }, experiment.ErrInvalidEvent},
		{"dated next week", "a broken clock", func(v *experiment.Conversion) { v.Time = v.Time.AddDate(0, 0, 7) }, record.ErrFuture},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			bubble(t, newFakeStore(), record.Options{}, func(t *testing.T, r *record.Recorder) {
				conversion := conversionOf(1)
				row.change(&conversion)
				require.ErrorIs(t, r.Track(context.Background(), conversion), row.want, row.reason)
				c := quiet(t, r)
				assert.EqualValues(t, 1, c.Refused())
				assert.Zero(t, c.Accepted)
			})
		})
	}
}

func TestTimeLimit(t *testing.T) {
	rows := []struct {
		name, reason string
		max          time.Duration
		ahead        time.Duration
		accepted     bool
	}{
		{"past", "late events are welcome", 0, -20 * 365 * 24 * time.Hour, true},
		{"exactly a day", "the limit itself is allowed", 0, 24 * time.Hour, true},
		{"a microsecond more", "the limit is exact", 0, 24*time.Hour + time.Microsecond, false},
		{"own limit met", "MaxAhead replaces the day", time.Minute, time.Minute, true},
		{"own limit passed", "MaxAhead replaces the day", time.Minute, time.Minute + time.Second, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			bubble(t, newFakeStore(), record.Options{MaxAhead: row.max}, func(t *testing.T, r *record.Recorder) {
				after(3 * time.Hour) // the clock moves on after New
				exposure := exposureOf(1)
				exposure.Time = exposure.Time.Add(row.ahead)
				err := r.Expose(context.Background(), exposure)
				if row.accepted {
					require.NoError(t, err, row.reason)
					return
				}
				var future *record.FutureError
				require.ErrorAs(t, err, &future, row.reason)
				assert.Equal(t, exposure.Time, future.Time)
				assert.True(t, future.Now.Equal(time.Now()))
			})
		})
	}
}

// A clock that is set back is noticed with the next batch.
func TestClockSetBack(t *testing.T) {
	clock := make(chan time.Duration, 1)
	clock <- 48 * time.Hour // wrong at first
	now := func() time.Time {
		offset := <-clock
		clock <- offset
		return time.Now().Add(offset)
	}
	bubble(t, newFakeStore(), record.Options{Now: now}, func(t *testing.T, r *record.Recorder) {
		ahead := exposureOf(1)
		ahead.Time = ahead.Time.Add(60 * time.Hour)
		require.NoError(t, r.Expose(context.Background(), ahead), "12 h ahead of the clock as it is")
		<-clock
		clock <- 0
		require.NoError(t, r.Flush(context.Background()))
		after(time.Second)
		require.ErrorIs(t, r.Expose(context.Background(), ahead), record.ErrFuture)
	})
}

func TestQueueIsBoundedByCount(t *testing.T) {
	store := newFakeStore()
	store.fault = hang
	bubble(t, store, record.Options{QueueEvents: 10, BatchEvents: 4}, func(t *testing.T, r *record.Recorder) {
		for i := range 10 {
			require.NoError(t, r.Expose(context.Background(), exposureOf(i)))
		}
		require.ErrorIs(t, r.Expose(context.Background(), exposureOf(10)), record.ErrFull)
		require.ErrorIs(t, r.Track(context.Background(), conversionOf(10)), record.ErrFull)
		c := quiet(t, r)
		assert.EqualValues(t, 10, c.Accepted)
		assert.EqualValues(t, 8, c.InFlight, "two batches of four")
		assert.EqualValues(t, 2, c.Queued)
		assert.EqualValues(t, 2, c.Full)

		store.heal()
		require.NoError(t, r.Flush(context.Background()))
		require.NoError(t, r.Expose(context.Background(), exposureOf(11)), "there is room again")
	})
}

func TestQueueIsBoundedByBytes(t *testing.T) {
	store := newFakeStore()
	store.fault = hang
	big := exposureOf(1)
	big.Attributes = []experiment.Attribute{experiment.String("note", strings.Repeat("x", 10_000))}
	bubble(t, store, record.Options{QueueBytes: 35_000}, func(t *testing.T, r *record.Recorder) {
		big.Time = time.Now()
		for range 3 {
			require.NoError(t, r.Expose(context.Background(), big))
		}
		require.ErrorIs(t, r.Expose(context.Background(), big), record.ErrFull, "4 x 10 kB is above 35 kB")
		require.NoError(t, r.Expose(context.Background(), exposureOf(2)), "a small one still fits")
		store.heal()
		require.NoError(t, r.Flush(context.Background()))
		require.NoError(t, r.Expose(context.Background(), big), "the bytes were given back")
	})
}

// An event that no empty queue could hold gets an error of its own: waiting for
// room would not help.
func TestEventLargerThanTheQueue(t *testing.T) {
	bubble(t, newFakeStore(), record.Options{QueueBytes: 5_000}, func(t *testing.T, r *record.Recorder) {
		e, v := exposureOf(1), conversionOf(1)
		e.Attributes = []experiment.Attribute{experiment.String("note", strings.Repeat("x", 10_000))}
		v.Attributes = e.Attributes
		for _, err := range []error{r.Expose(context.Background(), e), r.Track(context.Background(), v)} {
			var large *record.TooLargeError
			require.ErrorAs(t, err, &large)
			require.ErrorIs(t, err, record.ErrTooLarge)
			assert.NotErrorIs(t, err, record.ErrFull)
			assert.Greater(t, large.Size, int64(10_000))
			assert.EqualValues(t, 5_000, large.Max)
		}
		c := quiet(t, r)
		assert.Equal(t, record.Counters{TooLarge: 2}, c)
		assert.EqualValues(t, 2, c.Refused())
		require.NoError(t, r.Close(context.Background()))
		require.ErrorIs(t, r.Expose(context.Background(), e), record.ErrClosed)
	})
}

// An event that fills the queue to the byte is accepted.
func TestEventAsLargeAsTheQueue(t *testing.T) {
	size := func() int64 {
		r, err := record.New(newFakeStore(), record.Options{QueueBytes: 1})
		require.NoError(t, err)
		defer r.Close(context.Background())
		var large *record.TooLargeError
		require.ErrorAs(t, r.Expose(context.Background(), exposureOf(1)), &large)
		return large.Size
	}()
	bubble(t, newFakeStore(), record.Options{QueueBytes: size}, func(t *testing.T, r *record.Recorder) {
		require.NoError(t, r.Expose(context.Background(), exposureOf(1)))
		require.ErrorIs(t, r.Expose(context.Background(), exposureOf(1)), record.ErrFull)
	})
}

// A Recorder that was not made with New behaves as one that was closed.
func TestZeroRecorder(t *testing.T) {
	var r record.Recorder
	require.ErrorIs(t, r.Expose(context.Background(), exposureOf(1)), record.ErrClosed)
	require.ErrorIs(t, r.Track(context.Background(), conversionOf(1)), record.ErrClosed)
	require.NoError(t, r.Flush(context.Background()))
	require.NoError(t, r.Close(context.Background()))
	require.NoError(t, r.Close(context.Background()))
	assert.Equal(t, record.Counters{Closed: 2}, r.Counters())
}

// A queue smaller than a batch does not wait for the batch to fill.
func TestFullQueueIsSentAtOnce(t *testing.T) {
	store := newFakeStore()
	bubble(t, store, record.Options{QueueEvents: 3, BatchWait: time.Hour}, func(t *testing.T, r *record.Recorder) {
		for i := range 3 {
			require.NoError(t, r.Expose(context.Background(), exposureOf(i)))
		}
		require.ErrorIs(t, r.Expose(context.Background(), exposureOf(3)), record.ErrFull)
		assert.EqualValues(t, 3, quiet(t, r).Inserted)
	})
}

// An exposure is a fact, whatever became of the request.
func TestCancelledRequestIsRecorded(t *testing.T) {
	store := newFakeStore()
	bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		require.NoError(t, r.Expose(ctx, exposureOf(1)))
		require.NoError(t, r.Track(ctx, conversionOf(1)))
		require.NoError(t, r.Flush(context.Background()))
		assert.Len(t, store.Exposures(), 1)
		assert.Len(t, store.Conversions(), 1)
	})
}

// The request path shares no lock with a call of the store: in synthetic time
// an event is accepted at the very instant, while the store hangs.
func TestRequestsDoNotWaitForTheStore(t *testing.T) {
	store := newFakeStore()
	store.fault = hang
	bubble(t, store, record.Options{BatchEvents: 1}, func(t *testing.T, r *record.Recorder) {
		start := time.Now()
		for i := range 1000 {
			require.NoError(t, r.Expose(context.Background(), exposureOf(i)))
		}
		_ = quiet(t, r)
		assert.Equal(t, start, time.Now())
		assert.Len(t, store.seen(), 2, "both senders hang")
		store.heal()
	})
}

func TestNothingIsAcceptedAfterClose(t *testing.T) {
	store := newFakeStore()
	bubble(t, store, record.Options{}, func(t *testing.T, r *record.Recorder) {
		require.NoError(t, r.Close(context.Background()))
		require.ErrorIs(t, r.Expose(context.Background(), exposureOf(1)), record.ErrClosed)
		require.ErrorIs(t, r.Track(context.Background(), conversionOf(1)), record.ErrClosed)
		assert.EqualValues(t, 2, quiet(t, r).Closed)
	})
}
