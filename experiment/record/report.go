package record

import (
	"errors"
	"fmt"

	"github.com/touchlift/touchlift/experiment"
)

// reject accounts for the one event of a span that the store refused for good,
// and hands it out.
func (r *Recorder) reject(b *batch, s span, err error) {
	if !r.countRejected(b, s, err) {
		return
	}
	rejected := rejection(b.slice(s.from, s.to), err)
	r.options.Logger.Error("record: the store refused an event for good", describe(rejected)...)
	if r.options.OnReject != nil {
		r.callback("OnReject", func() { r.options.OnReject(rejected) })
	}
}

// countRejected returns false where Close has counted the event as dropped.
func (r *Recorder) countRejected(b *batch, s span, err error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.abandoned {
		return false
	}
	r.counters.InFlight--
	r.counters.Rejected++
	r.settle(b, s)
	if r.options.OnReject == nil {
		r.untold = r.untold.with(b.slice(s.from, s.to), err)
	}
	return true
}

// rejection copies the event: whoever keeps it should not keep its whole batch.
func rejection(event experiment.Batch, err error) Rejected {
	if len(event.Exposures) == 1 {
		exposure := event.Exposures[0]
		return Rejected{Exposure: &exposure, Err: err}
	}
	conversion := event.Conversions[0]
	return Rejected{Conversion: &conversion, Err: err}
}

// describe returns what may be logged of a rejected event: nothing that could
// name a person.
func describe(rejected Rejected) []any {
	args := []any{"error_type", errorType(rejected.Err)}
	var invalid *experiment.EventError
	if errors.As(rejected.Err, &invalid) {
		args = append(args, "field", invalid.Field)
	}
	if rejected.Exposure != nil {
		return append(args, "kind", "exposure", "experiment", rejected.Exposure.Experiment)
	}
	return append(args, "kind", "conversion", "event", rejected.Conversion.Event)
}

// reportRetry says that a call of the store failed and will be repeated.
func (r *Recorder) reportRetry(retry Retry) {
	r.options.Logger.Warn("record: the store failed, will try again",
		"outcome", outcome(retry.Err), "error_type", errorType(retry.Err),
		"events", retry.Events, "failures", retry.Failures, "wait", retry.Wait)
	r.reportFull()
	if r.options.OnRetry != nil {
		r.callback("OnRetry", func() {
			if r.life.Err() == nil { // it may have ended while another callback ran
				r.options.OnRetry(retry)
			}
		})
	}
}

// reportFull says that the queue turned events away since the last report. A
// sender does it: the request path does not log.
func (r *Recorder) reportFull() {
	r.mu.Lock()
	full := r.counters.Full - r.fullSeen
	r.fullSeen = r.counters.Full
	r.mu.Unlock()
	if full > 0 {
		r.options.Logger.Error("record: the queue was full, events were not accepted", "events", full)
	}
}

// callback runs a function of the user, one at a time, and survives it.
func (r *Recorder) callback(name string, run func()) {
	r.callbacks.Lock()
	defer r.callbacks.Unlock()
	defer func() {
		if value := recover(); value != nil {
			r.options.Logger.Error("record: a callback panicked",
				"callback", name, "panic_type", fmt.Sprintf("%T", value))
		}
	}()
	run()
}

// outcome names what an error says of the batch.
func outcome(err error) string {
	var panicked *PanicError
	switch {
	case errors.As(err, &panicked):
		return "panic"
	case errors.Is(err, experiment.ErrUnknownOutcome):
		return "unknown"
	case errors.Is(err, experiment.ErrRetryable):
		return "retryable"
	case errors.Is(err, experiment.ErrPermanent):
		return "refused"
	}
	return "unknown"
}

// errorType names the type of the cause, in place of its text.
func errorType(err error) string {
	var failed *experiment.StoreError
	if errors.As(err, &failed) && failed.Err != nil {
		err = failed.Err
	}
	var panicked *PanicError
	if errors.As(err, &panicked) {
		return fmt.Sprintf("%T", panicked.Value)
	}
	return fmt.Sprintf("%T", err)
}
