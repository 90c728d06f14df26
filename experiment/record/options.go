package record

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// Options of a recorder. The zero value is good for a service.
type Options struct {
	// QueueEvents bounds the events in memory, queued and in flight together.
	// 0 means 100,000.
	QueueEvents int
	// QueueBytes bounds the memory of those events. It is compared with an
	// estimate: 192 bytes for an exposure or 128 for a conversion, 32 for each
	// id, 48 for each attribute, and the length of all text. 0 means 64 MiB.
	QueueBytes int64

	// BatchEvents is the most events in one call of the store. 0 means 1,000.
	BatchEvents int
	// BatchBytes is the most bytes in one call of the store, estimated as for
	// QueueBytes. An event that is larger travels alone. 0 means 1 MiB.
	BatchBytes int64
	// BatchWait is the longest that an event waits for others to join its
	// batch. 0 means 200 ms.
	BatchWait time.Duration

	// AttemptTimeout ends the ctx of one call of the store. Afterwards the
	// outcome is unknown and the call is repeated. 0 means 10 s.
	AttemptTimeout time.Duration
	// MinBackoff and MaxBackoff bound the wait before a repeated call: it is
	// drawn evenly from 0 to MinBackoff, then from 0 to twice as much, and so
	// on up to MaxBackoff. 0 means 50 ms and 30 s; a MinBackoff above 30 s
	// raises that MaxBackoff.
	MinBackoff time.Duration
	MaxBackoff time.Duration

	// MaxAhead is how far ahead of Now an event may be dated. 0 means 24 h.
	MaxAhead time.Duration

	// OnReject gets each event that the store refused for good, before Flush
	// or Close returns. One call of it or OnRetry runs at a time, and delivery
	// waits for it. It must not call Flush or Close. A panic in it is recovered
	// and logged. Nil means that the next Flush or Close returns a
	// *RejectedError that counts them.
	OnReject func(Rejected)
	// OnRetry gets each failed call of the store that will be repeated, also
	// one refused for good that is not believed; see the package comment. The
	// rules of OnReject hold. It is not called once the ctx of Close has ended.
	OnRetry func(Retry)

	// Logger gets warnings. They never have ids, values or texts of errors, as
	// those may name a person. Nil discards them.
	Logger *slog.Logger

	// Now is the clock that MaxAhead is measured from. It must be safe for
	// concurrent use. Nil means time.Now.
	Now func() time.Time
	// Rand draws evenly from [0, 1), for backoff. One call at a time. Nil means
	// math/rand/v2.Float64.
	Rand func() float64
}

// Rejected is an event that the store refused for good.
type Rejected struct {
	// Exposure or Conversion is the event; the other one is nil.
	Exposure   *experiment.Exposure
	Conversion *experiment.Conversion
	// Err is the store's error. It matches [experiment.ErrPermanent].
	Err error
}

// Retry is a failed call of the store that will be repeated.
type Retry struct {
	Events   int           // in the batch
	Failures int           // in a row, from 1; counted anew after Flush and Close
	Wait     time.Duration // before the next call; Flush and Close shorten it
	Err      error         // of the store, or *PanicError
}

// OptionError says which option is wrong.
type OptionError struct {
	Field   string // of [Options], or "store"
	Value   any
	Problem string // what is wanted
}

// Error names the field, the value and what is wanted.
func (e *OptionError) Error() string {
	return fmt.Sprintf("record: %s is %v, %s", e.Field, e.Value, e.Problem)
}

func (o *Options) validate(store experiment.Store) error {
	var problems []error
	add := func(field string, value any, problem string) {
		problems = append(problems, &OptionError{Field: field, Value: value, Problem: problem})
	}
	if store == nil {
		add("store", store, "want a store")
	}
	for _, option := range []struct {
		field string
		value any
		sign  int64
	}{
		{"QueueEvents", o.QueueEvents, int64(o.QueueEvents)},
		{"QueueBytes", o.QueueBytes, o.QueueBytes},
		{"BatchEvents", o.BatchEvents, int64(o.BatchEvents)},
		{"BatchBytes", o.BatchBytes, o.BatchBytes},
		{"BatchWait", o.BatchWait, int64(o.BatchWait)},
		{"AttemptTimeout", o.AttemptTimeout, int64(o.AttemptTimeout)},
		{"MinBackoff", o.MinBackoff, int64(o.MinBackoff)},
		{"MaxBackoff", o.MaxBackoff, int64(o.MaxBackoff)},
		{"MaxAhead", o.MaxAhead, int64(o.MaxAhead)},
	} {
		if option.sign < 0 {
			add(option.field, option.value, "want more than 0, or 0 for the default")
		}
	}
	if o.MaxBackoff > 0 && o.MaxBackoff < o.withDefaults().MinBackoff {
		add("MaxBackoff", o.MaxBackoff, fmt.Sprintf("want at least MinBackoff, which is %v", o.withDefaults().MinBackoff))
	}
	return errors.Join(problems...)
}

func (o Options) withDefaults() Options {
	setDefault(&o.QueueEvents, 100_000)
	setDefault(&o.QueueBytes, 64<<20)
	setDefault(&o.BatchEvents, 1_000)
	setDefault(&o.BatchBytes, 1<<20)
	setDefault(&o.BatchWait, 200*time.Millisecond)
	setDefault(&o.AttemptTimeout, 10*time.Second)
	setDefault(&o.MinBackoff, 50*time.Millisecond)
	setDefault(&o.MaxBackoff, max(30*time.Second, o.MinBackoff))
	setDefault(&o.MaxAhead, 24*time.Hour)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	return o
}

func setDefault[T comparable](option *T, value T) {
	var zero T
	if *option == zero {
		*option = value
	}
}
