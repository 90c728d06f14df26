package record_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/record"
)

// Producers, readers of counters, flushers and two Closes at once, in real
// time: for the race detector. The counters add up at every moment, not only
// when nothing moves.
func TestEverythingAtOnce(t *testing.T) {
	for range 20 {
		store := newFakeStore()
		r, err := record.New(store, record.Options{BatchEvents: 50, QueueEvents: 2000})
		require.NoError(t, err)
		outcomes := make([]tally, 4)
		var producers, others, closers sync.WaitGroup
		stop, half := make(chan struct{}), make(chan struct{})
		for p := range outcomes {
			outcomes[p].accepted = make(map[string]int)
			producers.Go(func() { burst(r, &outcomes[p], p, half) })
		}
		others.Go(func() { watch(t, r, stop) })
		others.Go(func() {
			for range 20 {
				assert.NoError(t, r.Flush(context.Background()))
			}
		})
		<-half
		for range 2 {
			closers.Go(func() { assert.NoError(t, r.Close(context.Background())) })
		}
		closers.Wait()
		producers.Wait()
		close(stop)
		others.Wait()
		c := r.Counters()
		require.NoError(t, c.Check())
		accepted, refused := 0, 0
		for p := range outcomes {
			accepted += sum(outcomes[p].accepted)
			refused += outcomes[p].refused
		}
		assert.Positive(t, accepted)
		assert.EqualValues(t, accepted, c.Accepted)
		assert.EqualValues(t, refused, c.Refused())
		assert.EqualValues(t, accepted, c.Inserted)
		assert.Len(t, store.Exposures(), accepted)
	}
}

// burst records events as fast as it goes, until the recorder is closed. The
// first producer says when it is half way.
func burst(r *record.Recorder, s *tally, producer int, half chan<- struct{}) {
	for i := range 2000 {
		if producer == 0 && i == 1000 {
			close(half)
		}
		e := exposureOf(producer*10_000 + i)
		err := r.Expose(context.Background(), e)
		s.note(e.Unit, false, err)
		if errors.Is(err, record.ErrClosed) {
			return
		}
	}
}

func watch(t *testing.T, r *record.Recorder, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
			if err := r.Counters().Check(); err != nil {
				t.Error(err)
				return
			}
		}
	}
}

// The recorder reads the caller's event and nothing of the caller's memory is
// written to.
func TestEventsAreNotChanged(t *testing.T) {
	r, err := record.New(newFakeStore(), record.Options{})
	require.NoError(t, err)
	e, v := exposureOf(1), conversionOf(1)
	e.Attributes = []experiment.Attribute{experiment.String("z", "1"), experiment.String("a", "2")}
	want := append([]experiment.Attribute(nil), e.Attributes...)
	require.NoError(t, r.Expose(context.Background(), e))
	require.NoError(t, r.Track(context.Background(), v))
	require.NoError(t, r.Close(context.Background()))
	assert.Equal(t, want, e.Attributes)
	assert.Equal(t, conversionOf(1).IDs, v.IDs)
}
