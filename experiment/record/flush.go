package record

import "context"

// waiter waits for all batches up to a number.
type waiter struct {
	number uint64
	done   chan struct{}
}

// Flush sends what is queued without waiting for batches to fill, and returns
// when every event accepted before it has its fate: it is in the store, or was
// refused by the store for good. It also cuts short the wait of a batch that is
// to be retried. Events accepted meanwhile may go along, and do not hold Flush
// up.
//
// Refused events went to OnReject. Where that is nil, Flush returns a
// *RejectedError that counts those refused since a Flush last said so.
//
// When ctx ends first it returns a *FlushError and nothing is lost: the
// recorder goes on. Where both apply the errors are joined. After Close it
// returns what Close returned, and when a Close gives up meanwhile too.
func (r *Recorder) Flush(ctx context.Context) error {
	w := r.enlist()
	if w == nil {
		return r.tell(nil)
	}
	select {
	case <-w.done:
		return r.tell(nil)
	case <-ctx.Done():
		return r.tell(r.desert(w, ctx.Err()))
	}
}

// enlist makes everything queued due and returns a waiter for it, or nil where
// there is nothing to wait for.
func (r *Recorder) enlist() *waiter {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.oldest() == 0 {
		return nil
	}
	r.queue.expire()
	r.work.Broadcast()
	r.hurry()
	w := &waiter{number: r.queue.number, done: make(chan struct{})}
	r.waiters = append(r.waiters, w)
	return w
}

// oldest returns the number of the oldest batch that has events without a fate,
// 0 if there is none. Needs mu.
func (r *Recorder) oldest() uint64 {
	oldest := r.queue.oldest()
	for _, batches := range [][]*batch{r.inflight, r.queue.doubtful} {
		for _, b := range batches {
			if oldest == 0 || b.number < oldest {
				oldest = b.number
			}
		}
	}
	return oldest
}

// wake ends the waits that are over. Needs mu.
func (r *Recorder) wake() {
	oldest := r.oldest()
	kept := r.waiters[:0]
	for _, w := range r.waiters {
		if oldest == 0 || oldest > w.number {
			close(w.done)
		} else {
			kept = append(kept, w)
		}
	}
	clear(r.waiters[len(kept):])
	r.waiters = kept
}

// desert ends one wait whose ctx has ended.
func (r *Recorder) desert(w *waiter, err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-w.done: // just now
		return nil
	default:
	}
	for i, other := range r.waiters {
		if other == w {
			r.waiters = append(r.waiters[:i], r.waiters[i+1:]...)
			break
		}
	}
	return &FlushError{Remaining: r.remaining(w.number), StoreErr: r.lastErr, Err: err}
}

// remaining counts the events without a fate in batches up to a number. Needs
// mu.
func (r *Recorder) remaining(number uint64) Remaining {
	var sum Remaining
	for _, batches := range [][]*batch{r.inflight, r.queue.doubtful} {
		for _, b := range batches {
			if b.number <= number {
				sum.add(b.left)
			}
		}
	}
	for _, b := range r.queue.all() {
		if b.number <= number {
			sum.add(b.total())
		}
	}
	return sum
}

// tell joins the error of a Flush with what there is to say of rejected events.
// Once Close is done its outcome says everything.
func (r *Recorder) tell(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.abandoned {
		return r.outcome
	}
	untold := r.untold
	if !r.stopped { // else Close says it too
		r.untold = nil
	}
	return withRejected(err, untold)
}

// result returns the outcome of Close, nil before.
func (r *Recorder) result() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.outcome
}
