package record

import (
	"errors"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// nudged returns a channel that is closed when Flush or Close want an attempt
// soon, or the store has shown that it is back.
func (r *Recorder) nudged() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.nudge
}

// hurry closes that channel. Needs mu.
func (r *Recorder) hurry() {
	close(r.nudge)
	r.nudge = make(chan struct{})
}

// backoff waits after a failed attempt. A nudge since that attempt began ends
// the wait, resets failures, and starts a shorter wait that no nudge ends, so
// that many calls of Flush cannot make a storm. It returns false when Close
// gave up, or is under way and the store is closed.
func (r *Recorder) backoff(failures *int, events int, err error, nudge <-chan struct{}) bool {
	if errors.Is(err, experiment.ErrStoreClosed) && r.isStopped() {
		return false // nothing will open it again
	}
	if r.life.Err() != nil {
		return false // nothing will be tried again, so nothing is reported
	}
	wait := r.delay(*failures)
	r.reportRetry(Retry{Events: events, Failures: *failures, Wait: wait, Err: err})
	switch r.sleep(wait, nudge) {
	case halted:
		return false
	case hurried:
		*failures = 0
		return r.sleep(r.delay(1), nil) != halted
	}
	return true
}

// delay draws the wait after so many failures in a row ("full jitter").
func (r *Recorder) delay(failures int) time.Duration {
	limit := r.options.MinBackoff
	for range failures - 1 {
		if limit > r.options.MaxBackoff/2 {
			limit = r.options.MaxBackoff
			break
		}
		limit *= 2
	}
	r.jitter.Lock()
	defer r.jitter.Unlock()
	return time.Duration(r.options.Rand() * float64(limit))
}

// wakening is how a sleep came to its end.
type wakening int

const (
	rested  wakening = iota // it was long enough
	hurried                 // by a nudge
	halted                  // by Close giving up
)

// sleep waits for a while, a nudge or the end.
func (r *Recorder) sleep(wait time.Duration, nudge <-chan struct{}) wakening {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-nudge:
		return hurried
	case <-r.life.Done():
	}
	if r.life.Err() != nil {
		return halted
	}
	return rested
}

func (r *Recorder) isStopped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stopped
}
