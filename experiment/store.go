package experiment

import (
	"context"
	"errors"
	"fmt"
)

// Store keeps exposures and conversions and summarises them. All methods may
// be called by several goroutines at once. The suite in package experimenttest
// holds every implementation to this contract.
type Store interface {
	// Record stores a batch, all of it or nothing, and returns when it is as
	// durable as the store makes it. Recording the same events again changes
	// nothing. An invalid batch is refused with the errors of [Batch.Validate].
	// Other errors match one of [ErrRetryable], [ErrPermanent] and
	// [ErrUnknownOutcome]. The store keeps none of the batch's memory.
	Record(ctx context.Context, batch Batch) (Receipt, error)

	// Summarize computes the sufficient statistics of a query inside the store.
	Summarize(ctx context.Context, query Query) (Cells, error)

	// Forget erases every event that carries the id, as unit or among its ids,
	// and bars events of that id dated before the erasure from then on. Later
	// events of the id are kept. An id that no event can carry is refused with
	// the errors of [ID.Validate].
	Forget(ctx context.Context, id ID) (Erasure, error)

	// Close releases the store. Afterwards every method returns
	// [ErrStoreClosed]; closing again returns nil.
	Close() error
}

// Batch is what is recorded at once.
type Batch struct {
	Exposures   []Exposure
	Conversions []Conversion
}

// Len returns the number of events.
func (b Batch) Len() int { return len(b.Exposures) + len(b.Conversions) }

// Validate returns every problem of every event, joined, each an *EventError
// with the index of its event: exposures first, then conversions.
func (b Batch) Validate() error {
	var c checker
	for i := range b.Exposures {
		c.index = i
		c.exposure(&b.Exposures[i])
	}
	for i := range b.Conversions {
		c.index = len(b.Exposures) + i
		c.conversion(&b.Conversions[i])
	}
	return c.err()
}

// Receipt says what became of each event of a batch; the counts add up to
// [Batch.Len].
type Receipt struct {
	// Inserted events are new.
	Inserted int
	// Merged exposures replaced a later one of their key.
	Merged int
	// Duplicate events changed nothing.
	Duplicate int
	// Conflicting conversions have the id of another with a different event
	// name or value; the earlier recorded one stands.
	Conflicting int
	// Barred events carry an erased id and are dated before its erasure; they
	// are not stored.
	Barred int
}

// Add adds the counts of another receipt.
func (r *Receipt) Add(other Receipt) {
	r.Inserted += other.Inserted
	r.Merged += other.Merged
	r.Duplicate += other.Duplicate
	r.Conflicting += other.Conflicting
	r.Barred += other.Barred
}

// Total returns the number of events that the receipt speaks of.
func (r Receipt) Total() int {
	return r.Inserted + r.Merged + r.Duplicate + r.Conflicting + r.Barred
}

// Erasure says what an erasure removed.
type Erasure struct {
	// Exposures and Conversions removed, as far as the store knows.
	Exposures   int
	Conversions int
	// Pending waits for an erasure that the store carries out later; nil means
	// that it is done.
	Pending func(ctx context.Context) error
}

// Wait returns when the erasure is done.
func (e Erasure) Wait(ctx context.Context) error {
	if e.Pending == nil {
		return nil
	}
	return e.Pending(ctx)
}

// How a store failed. A recorder branches on these with errors.Is.
var (
	// ErrRetryable: nothing was stored, and trying again may succeed, perhaps
	// only after somebody mended the place: a full disk, a file that may not be
	// written, a server that is down.
	ErrRetryable = errors.New("experiment: the store is not available now")
	// ErrPermanent: nothing was stored, and the store can never keep these
	// events, wherever it lives.
	ErrPermanent = errors.New("experiment: the store refuses")
	// ErrUnknownOutcome: the batch may or may not be stored. Trying again is
	// safe, because recording is idempotent.
	ErrUnknownOutcome = errors.New("experiment: the outcome is unknown")
	// ErrStoreClosed: the store was closed.
	ErrStoreClosed = errors.New("experiment: the store is closed")
)

// StoreError is a store's failure with its cause and what to do.
type StoreError struct {
	// Op is what was being done, such as "record".
	Op string
	// Outcome is ErrRetryable, ErrPermanent or ErrUnknownOutcome.
	Outcome error
	// Err is the cause.
	Err error
	// Hint says how to mend it, where that is known.
	Hint string
}

// Error names the operation, the cause and the hint.
func (e *StoreError) Error() string {
	text := fmt.Sprintf("%v: %s: %v", e.Outcome, e.Op, e.Err)
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// Unwrap returns the outcome and the cause.
func (e *StoreError) Unwrap() []error { return []error{e.Outcome, e.Err} }
