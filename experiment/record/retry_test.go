package record_test

import (
	"bytes"
	"context"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment/record"
)

// When one sender finds that the store is back, the other does not sleep on.
func TestRecoveryEndsEveryBackoff(t *testing.T) {
	draws := 0
	store := newFakeStore()
	store.fault = downUntil(time.Minute)
	options := record.Options{BatchEvents: 2, MinBackoff: time.Hour, Rand: func() float64 {
		draws++
		return []float64{0.02, 0.999, 0.001, 0.001}[min(draws, 4)-1] // 72 s, almost an hour, 3.6 s
	}}
	bubble(t, store, options, func(t *testing.T, r *record.Recorder) {
		for i := range 4 { // a batch for each sender
			require.NoError(t, r.Expose(context.Background(), exposureOf(i)))
		}
		after(80 * time.Second)
		assert.EqualValues(t, 4, quiet(t, r).Inserted)
	})
}

// Nobody is told of a retry that will not come: the call was ended by Close.
func TestNoRetryIsReportedAfterClose(t *testing.T) {
	store := newFakeStore()
	store.fault = hang
	var log bytes.Buffer
	options := record.Options{
		OnRetry: func(record.Retry) { t.Error("told of a retry that never comes") },
		Logger:  slog.New(slog.NewTextHandler(&log, nil)),
	}
	bubble(t, store, options, func(t *testing.T, r *record.Recorder) {
		exposeAll(t, r, 0, 3)
		require.Error(t, r.Close(within(t, time.Second)))
		after(time.Minute)
		assert.Len(t, store.seen(), 1)
		assert.NotContains(t, log.String(), "will try again")
	})
}

// lines gets the lines of a log.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}

// Nor after it has waited for another callback, while Close returned. In real
// time: a wait for a lock holds synthetic time up.
func TestNoRetryIsReportedBehindASlowCallback(t *testing.T) {
	store := newFakeStore()
	store.fault = down
	told, release, log := make(chan struct{}, 9), make(chan struct{}), make(lines, 9)
	r, err := record.New(store, record.Options{BatchEvents: 2, Logger: slog.New(slog.NewTextHandler(log, nil)),
		OnRetry: func(record.Retry) {
			told <- struct{}{}
			<-release
		}})
	require.NoError(t, err)
	exposeAll(t, r, 0, 4) // a batch for each sender
	assert.Contains(t, <-log, "will try again")
	assert.Contains(t, <-log, "will try again")
	<-told // one of the two is in the callback, the other waits for it
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.Error(t, r.Close(ctx))
	close(release)
	for goroutines() > 0 {
		runtime.Gosched()
	}
	assert.Empty(t, told, "told of a retry after Close had returned")
}
