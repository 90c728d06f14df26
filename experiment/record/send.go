package record

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// pace makes a batch due when it has waited long enough. While one wait runs,
// further batches may be opened; they become due early rather than late.
func (r *Recorder) pace() {
	defer r.ended()
	timer := time.NewTimer(r.options.BatchWait)
	defer timer.Stop()
	for {
		select {
		case <-r.opened:
		case <-r.closing:
			return
		}
		timer.Reset(r.options.BatchWait)
		select {
		case <-timer.C:
		case <-r.closing:
			return
		}
		r.expire()
	}
}

func (r *Recorder) expire() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.queue.expire() {
		r.work.Signal()
	}
}

// send delivers batches until there is nothing left to do.
func (r *Recorder) send() {
	defer r.ended()
	failures := 0 // in a row
	for b := r.take(); b != nil; b = r.take() {
		if !r.deliver(b, &failures) {
			return // Close has given up; it accounts for b
		}
		r.finish(b)
	}
}

// ended counts a goroutine out.
func (r *Recorder) ended() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running--
	if r.running == 0 {
		close(r.idle)
	}
}

// take waits for a batch. It returns nil when the recorder is closed and empty,
// or has given up.
func (r *Recorder) take() *batch {
	r.horizon.advance(r.options.Now(), r.options.MaxAhead)
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		if r.life.Err() != nil {
			return nil
		}
		if b := r.queue.take(r.proof); b != nil {
			r.depart(b)
			return b
		}
		if r.stopped {
			return nil
		}
		r.work.Wait()
	}
}

// depart moves a batch from queued to in flight. Needs mu.
func (r *Recorder) depart(b *batch) {
	if b.pending == nil {
		b.left = b.total()
		b.pending = []span{{0, b.len()}}
		r.counters.Batches++
	} else {
		r.counters.Retries++
	}
	r.inflight = append(r.inflight, b)
	r.counters.Queued -= int64(b.left.Total())
	r.counters.InFlight += int64(b.left.Total())
}

// finish releases a batch whose events all have their fate, and puts back one
// that is in doubt.
func (r *Recorder) finish(b *batch) {
	defer r.reportFull()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.abandoned {
		return
	}
	for i, other := range r.inflight {
		if other == b {
			r.inflight = append(r.inflight[:i], r.inflight[i+1:]...)
			break
		}
	}
	if len(b.pending) > 0 {
		r.putBack(b)
		return
	}
	r.queue.release(b)
	r.wake()
}

// deliver brings every event of a batch to its fate: into the store or, where
// the store refuses it for good, to OnReject. A refused batch is cut in two
// until what is refused stands alone. Where the refusals look like an outage,
// it waits and leaves the rest of the batch pending. It returns false when
// Close gave up.
func (r *Recorder) deliver(b *batch, failures *int) bool {
	nudge := r.nudged()
	doubts, limit := 0, searchLimit(b.left.Total())
	for len(b.pending) > 0 {
		if r.life.Err() != nil {
			return false
		}
		s := b.pending[0]
		b.pending = b.pending[1:]
		receipt, err := r.persist(b, s, failures)
		switch {
		case err == nil:
			r.delivered(b, s, receipt)
			continue
		case !permanent(err):
			return false
		}
		believed := r.believe(b, err)
		if believed && s.len() == 1 {
			r.reject(b, s, err)
			continue
		}
		b.pending = append(b.pending, s.halves()...)
		if !believed {
			doubts++
		}
		if doubts > limit {
			return r.hold(b, failures, err, nudge)
		}
	}
	return true
}

// persist calls the store until it succeeds or fails for good. It returns
// another error only when Close gave up.
func (r *Recorder) persist(b *batch, s span, failures *int) (experiment.Receipt, error) {
	for {
		nudge, call := r.begin()
		receipt, err := r.attempt(b.slice(s.from, s.to))
		if err == nil {
			r.succeeded(call, *failures > 0)
			*failures = 0
			return receipt, nil
		}
		b.shared = true
		r.remember(err)
		if permanent(err) {
			return receipt, err
		}
		*failures++
		if !r.backoff(failures, s.len(), err, nudge) {
			return receipt, err
		}
		r.countRetry()
	}
}

// attempt calls the store once.
func (r *Recorder) attempt(batch experiment.Batch) (receipt experiment.Receipt, err error) {
	ctx, cancel := context.WithTimeout(r.life, r.options.AttemptTimeout)
	defer cancel()
	defer func() {
		if value := recover(); value != nil {
			err = &PanicError{Value: value, Stack: debug.Stack()}
		}
	}()
	return r.store.Record(ctx, batch)
}

// permanent says whether trying again is of no use. An error that also says
// otherwise, or says nothing, is tried again: that is safe.
func permanent(err error) bool {
	return errors.Is(err, experiment.ErrPermanent) &&
		!errors.Is(err, experiment.ErrRetryable) && !errors.Is(err, experiment.ErrUnknownOutcome)
}

// begin numbers a call of the store. It also returns what nudged does.
func (r *Recorder) begin() (nudge <-chan struct{}, call int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	return r.nudge, r.calls
}

// remember keeps the last error of the store for Flush and Close; a success ends
// it.
func (r *Recorder) remember(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lastErr = err
}

func (r *Recorder) countRetry() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counters.Retries++
}

// delivered accounts for the events of a span that the store has taken.
func (r *Recorder) delivered(b *batch, s span, receipt experiment.Receipt) {
	r.mu.Lock()
	complete := true
	if !r.abandoned {
		complete = r.counters.delivered(receipt, s.len())
		r.settle(b, s)
	}
	r.mu.Unlock()
	if !complete {
		r.options.Logger.Warn("record: the store's receipt does not add up to the batch",
			"events", s.len(), "receipt", receipt.Total())
	}
}

// settle takes a span from what is left of its batch. Needs mu.
func (r *Recorder) settle(b *batch, s span) {
	part := b.slice(s.from, s.to)
	b.left.Exposures -= len(part.Exposures)
	b.left.Conversions -= len(part.Conversions)
}
