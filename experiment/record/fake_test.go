package record_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/record"
)

// fakeStore is a memory store with a fault in front of it. It remembers the
// size and time of every call.
type fakeStore struct {
	*experiment.Memory
	// fault is called with the number of the call, from 1. Nil means none.
	fault func(ctx context.Context, call int, batch experiment.Batch, store *experiment.Memory) (experiment.Receipt, error)

	mu    sync.Mutex
	calls []call
}

type call struct {
	events int
	at     time.Time
	first  string // unit or event name of the first event
}

func newFakeStore() *fakeStore {
	return &fakeStore{Memory: experiment.NewMemory(experiment.MemoryOptions{})}
}

func (s *fakeStore) Record(ctx context.Context, batch experiment.Batch) (experiment.Receipt, error) {
	s.mu.Lock()
	c := call{events: batch.Len(), at: time.Now()}
	if len(batch.Exposures) > 0 {
		c.first = batch.Exposures[0].Unit
	} else if len(batch.Conversions) > 0 {
		c.first = batch.Conversions[0].Event
	}
	s.calls = append(s.calls, c)
	n, fault := len(s.calls), s.fault
	s.mu.Unlock()
	if fault == nil {
		return s.Memory.Record(ctx, batch)
	}
	return fault(ctx, n, batch, s.Memory)
}

func (s *fakeStore) seen() []call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]call(nil), s.calls...)
}

func (s *fakeStore) sizes() []int {
	var sizes []int
	for _, c := range s.seen() {
		sizes = append(sizes, c.events)
	}
	return sizes
}

// Outcomes of a store.
var (
	errDown    = &experiment.StoreError{Op: "record", Outcome: experiment.ErrRetryable, Err: errors.New("connection refused")}
	errPoison  = &experiment.StoreError{Op: "record", Outcome: experiment.ErrPermanent, Err: errors.New("value out of range")}
	errUnknown = &experiment.StoreError{Op: "record", Outcome: experiment.ErrUnknownOutcome, Err: errors.New("connection reset")}
	errUntyped = errors.New("something else")
)

// down fails every call.
func down(context.Context, int, experiment.Batch, *experiment.Memory) (experiment.Receipt, error) {
	return experiment.Receipt{}, errDown
}

// hang answers when its ctx ends.
func hang(ctx context.Context, _ int, _ experiment.Batch, _ *experiment.Memory) (experiment.Receipt, error) {
	<-ctx.Done()
	return experiment.Receipt{}, ctx.Err()
}

// slow answers rightly after a while.
func slow(wait time.Duration) func(context.Context, int, experiment.Batch, *experiment.Memory) (experiment.Receipt, error) {
	return func(ctx context.Context, _ int, batch experiment.Batch, store *experiment.Memory) (experiment.Receipt, error) {
		<-time.After(wait)
		return store.Record(ctx, batch)
	}
}

// downUntil fails every call until a while after the first.
func downUntil(wait time.Duration) func(context.Context, int, experiment.Batch, *experiment.Memory) (experiment.Receipt, error) {
	first := sync.OnceValue(time.Now)
	return func(ctx context.Context, call int, batch experiment.Batch, store *experiment.Memory) (experiment.Receipt, error) {
		if time.Since(first()) < wait {
			return down(ctx, call, batch, store)
		}
		return store.Record(ctx, batch)
	}
}

// exposureOf makes a valid exposure of a numbered customer, dated now.
func exposureOf(n int) experiment.Exposure {
	e := exampleExposure(fmt.Sprintf("c-%d", n))
	e.Time = time.Now()
	return e
}

// conversionOf makes a valid conversion under a numbered key, dated now.
func conversionOf(n int) experiment.Conversion {
	v := exampleOrder(fmt.Sprintf("order-%d", n), fmt.Sprintf("c-%d", n))
	v.Time = time.Now()
	return v
}

// bubble runs a test in synthetic time, with a recorder that is closed at the
// end and audited: no event unaccounted for.
func bubble(t *testing.T, store experiment.Store, options record.Options, test func(*testing.T, *record.Recorder)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		recorder, err := record.New(store, options)
		require.NoError(t, err)
		defer func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
			defer cancel()
			_ = recorder.Close(ctx)
			quiet(t, recorder)
		}()
		test(t, recorder)
	})
}

// quiet waits until nothing moves and checks the counters.
func quiet(t *testing.T, recorder *record.Recorder) record.Counters {
	t.Helper()
	synctest.Wait()
	c := recorder.Counters()
	require.NoError(t, c.Check())
	return c
}

// after lets synthetic time pass.
func after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// within is a ctx of synthetic time that ends with the test.
func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// heal ends the fault.
func (s *fakeStore) heal() { s.fail(nil) }

// fail begins a fault.
func (s *fakeStore) fail(fault func(context.Context, int, experiment.Batch, *experiment.Memory) (experiment.Receipt, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}
