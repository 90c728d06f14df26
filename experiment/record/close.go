package record

import (
	"context"
	"fmt"
	"time"
)

// grace is how long Close waits, after its ctx has ended, for a store that is
// told to stop.
const grace = 100 * time.Millisecond

// Close refuses further events, delivers what is queued, and ends the
// recorder's goroutines. While the store fails it keeps trying until ctx ends.
// Then it tells the store to stop, waits for that for at most 100 ms, counts
// what is left as dropped, and returns a *CloseError that says how much and
// why. A ctx that never ends makes it wait as long as the store is down; a
// store that was closed before the recorder is not waited for.
//
// Where OnReject is nil and the store refused events for good that no Flush has
// told of, Close returns a *RejectedError that counts them, joined with the
// *CloseError if there is one.
//
// Closing again returns the same, after waiting for the first Close where that
// is not done; a later Close whose own ctx ends first returns that ctx's error
// and changes nothing.
//
// A store that ignores its ctx keeps the goroutine that called it until it
// returns; all others have ended.
func (r *Recorder) Close(ctx context.Context) error {
	if r.store == nil {
		return nil // the zero Recorder
	}
	if !r.stop() {
		return r.await(ctx)
	}
	select {
	case <-r.idle:
	case <-ctx.Done():
		r.end()
		r.linger()
	}
	return r.conclude(ctx.Err())
}

// stop ends intake and says whether it was this call that did.
func (r *Recorder) stop() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return false
	}
	r.stopped = true
	close(r.closing)
	r.queue.expire()
	r.work.Broadcast()
	r.hurry()
	return true
}

// await waits for the outcome of another Close.
func (r *Recorder) await(ctx context.Context) error {
	select {
	case <-r.closed:
		return r.result()
	default:
	}
	select {
	case <-r.closed:
		return r.result()
	case <-ctx.Done():
		return fmt.Errorf("record: close: another Close is not done: %w", ctx.Err())
	}
}

// linger gives the senders a moment to hear from the store.
func (r *Recorder) linger() {
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-r.idle:
	case <-timer.C:
	}
}

// conclude gives up what is left, if anything, and fixes the outcome.
func (r *Recorder) conclude(err error) error {
	r.end()
	remaining, outcome := r.abandon(err)
	if remaining.Total() > 0 {
		r.options.Logger.Error("record: closed with undelivered events",
			"exposures", remaining.Exposures, "conversions", remaining.Conversions)
	}
	close(r.closed)
	return outcome
}

// abandon drops what is left.
func (r *Recorder) abandon(err error) (Remaining, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	remaining := r.remaining(r.queue.number)
	if remaining.Total() > 0 {
		r.outcome = &CloseError{Remaining: remaining, StoreErr: r.lastErr, Err: err}
	}
	r.outcome = withRejected(r.outcome, r.untold)
	r.untold = nil
	r.abandoned = true
	r.counters.Queued = 0
	r.counters.InFlight = 0
	r.counters.Dropped += int64(remaining.Total())
	r.queue.drop()
	r.inflight = nil
	for _, w := range r.waiters {
		close(w.done)
	}
	r.waiters = nil
	return remaining, r.outcome
}
