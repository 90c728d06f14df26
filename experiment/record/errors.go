package record

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// Why an event was not accepted. Invalid events get the errors of their
// Validate instead, which match [experiment.ErrInvalidEvent].
var (
	// ErrFull: the queue is full, because the store is slower than the events
	// or does not answer. The event is not recorded.
	ErrFull = errors.New("record: the queue is full")
	// ErrTooLarge: the event alone is larger than the queue. Errors that match
	// it are *TooLargeError.
	ErrTooLarge = errors.New("record: the event is larger than the queue")
	// ErrClosed: Close was called before.
	ErrClosed = errors.New("record: the recorder is closed")
	// ErrFuture: the event is dated too far ahead. Errors that match it are
	// *FutureError.
	ErrFuture = errors.New("record: event dated in the future")
)

// FutureError says how far ahead an event is dated.
type FutureError struct {
	Time     time.Time     // of the event
	Now      time.Time     // on the recorder's clock
	MaxAhead time.Duration // see [Options.MaxAhead]
}

// Error names the time, the clock and the limit.
func (e *FutureError) Error() string {
	return fmt.Sprintf("%v: Time is %s, %v ahead of the clock, want at most %v; "+
		"mend the clock that made it, or set Options.MaxAhead", ErrFuture,
		e.Time.UTC().Format(time.RFC3339), e.Time.Sub(e.Now).Round(time.Second), e.MaxAhead)
}

// Is reports true for ErrFuture.
func (e *FutureError) Is(target error) bool { return target == ErrFuture }

// TooLargeError says how large an event is that can never be accepted.
type TooLargeError struct {
	Size int64 // of the event in bytes, estimated as for [Options.QueueBytes]
	Max  int64 // [Options.QueueBytes]
}

// Error names the size and the bound.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%v: it has %d bytes, want at most %d; shorten its attributes, or raise Options.QueueBytes",
		ErrTooLarge, e.Size, e.Max)
}

// Is reports true for ErrTooLarge.
func (e *TooLargeError) Is(target error) bool { return target == ErrTooLarge }

// Remaining counts events by kind.
type Remaining struct {
	Exposures   int
	Conversions int
}

// Total returns the number of events.
func (r Remaining) Total() int { return r.Exposures + r.Conversions }

func (r *Remaining) add(other Remaining) {
	r.Exposures += other.Exposures
	r.Conversions += other.Conversions
}

// String reads like "3 exposures and 1 conversion".
func (r Remaining) String() string {
	return plural(r.Exposures, "exposure") + " and " + plural(r.Conversions, "conversion")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// CloseError says what Close could not deliver before its ctx ended.
type CloseError struct {
	// Remaining events are lost to the recorder. Those of the last attempt may
	// be in the store all the same.
	Remaining Remaining
	// StoreErr is the last error of the store, nil if it just did not answer in
	// time.
	StoreErr error
	// Err is the error of Close's ctx; nil where the store was closed before
	// the recorder, which Close does not wait out.
	Err error
}

// Error names what remains and why.
func (e *CloseError) Error() string {
	return undelivered("close", e.Remaining, e.StoreErr, e.Err)
}

// Unwrap returns the error of the ctx and that of the store.
func (e *CloseError) Unwrap() []error { return causes(e.Err, e.StoreErr) }

// FlushError says what was not delivered when the ctx of Flush ended. The
// recorder keeps the events and goes on trying.
type FlushError struct {
	// Remaining events of the batches that Flush waited for.
	Remaining Remaining
	// StoreErr is the last error of the store, nil if it just did not answer in
	// time.
	StoreErr error
	// Err is the error of Flush's ctx.
	Err error
}

// Error names what remains and why.
func (e *FlushError) Error() string {
	return undelivered("flush", e.Remaining, e.StoreErr, e.Err)
}

// Unwrap returns the error of the ctx and that of the store.
func (e *FlushError) Unwrap() []error { return causes(e.Err, e.StoreErr) }

func undelivered(op string, remaining Remaining, storeErr, err error) string {
	text := fmt.Sprintf("record: %s: %v not delivered", op, remaining)
	if err != nil {
		text = fmt.Sprintf("%s: %v", text, err)
	}
	if storeErr == nil {
		return text + "; the store has not answered in time"
	}
	return fmt.Sprintf("%s; last error of the store: %v", text, storeErr)
}

func causes(errs ...error) []error {
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

// RejectedError counts the events that the store refused for good and that no
// error has told of. They are lost: set [Options.OnReject] to get them.
type RejectedError struct {
	Exposures   int
	Conversions int
	// Err is the store's error for the last of them. It matches
	// [experiment.ErrPermanent].
	Err error
}

// Error names how many and the last reason.
func (e *RejectedError) Error() string {
	return fmt.Sprintf("record: the store refused %v for good; last reason: %v; set Options.OnReject to keep such events",
		Remaining{Exposures: e.Exposures, Conversions: e.Conversions}, e.Err)
}

// Unwrap returns the store's error.
func (e *RejectedError) Unwrap() error { return e.Err }

// with counts further events; e may be nil.
func (e *RejectedError) with(events experiment.Batch, err error) *RejectedError {
	if e == nil {
		e = &RejectedError{}
	}
	e.Exposures += len(events.Exposures)
	e.Conversions += len(events.Conversions)
	e.Err = err
	return e
}

// withRejected joins the two where both are there.
func withRejected(err error, rejected *RejectedError) error {
	switch {
	case rejected == nil:
		return err
	case err == nil:
		return rejected
	}
	return errors.Join(err, rejected)
}

// PanicError is a panic of the store. The recorder goes on and tries the batch
// again, as after any failure with an unknown outcome.
type PanicError struct {
	Value any    // what the store panicked with
	Stack []byte // of the goroutine, as runtime/debug.Stack formats it
}

// Error shows the value.
func (e *PanicError) Error() string { return fmt.Sprintf("record: the store panicked: %v", e.Value) }

// Is reports true for experiment.ErrUnknownOutcome.
func (e *PanicError) Is(target error) bool { return target == experiment.ErrUnknownOutcome }
