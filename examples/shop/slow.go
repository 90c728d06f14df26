package main

import (
	"context"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// slowStore is a store whose every batch takes longer, as over a bad network.
type slowStore struct {
	experiment.Store
	delay time.Duration
}

// slowed returns the store, slower by delay.
func slowed(store experiment.Store, delay time.Duration) experiment.Store {
	if delay <= 0 {
		return store
	}
	return slowStore{Store: store, delay: delay}
}

// Record waits, then records.
func (s slowStore) Record(ctx context.Context, batch experiment.Batch) (experiment.Receipt, error) {
	timer := time.NewTimer(s.delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return s.Store.Record(ctx, batch)
	case <-ctx.Done():
		return experiment.Receipt{}, &experiment.StoreError{Op: "record", Outcome: experiment.ErrRetryable, Err: ctx.Err()}
	}
}
