package record

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// Recorder queues events and delivers them to a store in batches. Make one with
// [New] and end it with [Recorder.Close]. The zero Recorder has no store and
// behaves as one that was closed. All methods may be called by several
// goroutines at once.
type Recorder struct {
	store   experiment.Store
	options Options // with the defaults filled in
	horizon horizon

	// life ends when Close gives up; attempts at the store run under it.
	life context.Context
	end  context.CancelFunc

	opened  chan struct{} // a token when a batch was opened; read by pace
	closing chan struct{} // closed when intake has stopped
	idle    chan struct{} // closed by the last goroutine to end
	closed  chan struct{} // closed when the outcome of Close stands

	jitter    sync.Mutex // held during calls of options.Rand
	callbacks sync.Mutex // held during calls of options.OnReject and OnRetry

	// mu guards everything below. It is held for a few instructions at a time,
	// never during a call of the store, of a callback or of the logger.
	mu        sync.Mutex
	work      sync.Cond // signalled when a batch may be taken
	queue     queue
	inflight  []*batch
	counters  Counters
	calls     int64          // of the store that began
	proof     int64          // the last of them that succeeded
	doubt     int64          // calls when the store last refused for good; -1 before
	untold    *RejectedError // what the next Flush or Close says; nil if nothing
	waiters   []*waiter
	nudge     chan struct{} // closed and replaced to cut a backoff short
	running   int           // goroutines that have not ended
	stopped   bool          // intake has stopped
	abandoned bool          // Close has given up what was left
	lastErr   error         // of the store; nil after a success
	outcome   error         // of Close, once closed is closed
	fullSeen  int64         // counters.Full when it was last logged
}

var _ experiment.Recorder = (*Recorder)(nil)

// senders is how many batches may be in flight at once.
const senders = 2

// New starts a recorder in front of a store. It runs three goroutines, which
// end with [Recorder.Close]. The recorder does not close the store. Errors are
// *OptionError, all of them joined.
func New(store experiment.Store, options Options) (*Recorder, error) {
	if err := options.validate(store); err != nil {
		return nil, err
	}
	r := &Recorder{
		store:   store,
		options: options.withDefaults(),
		opened:  make(chan struct{}, 1),
		closing: make(chan struct{}),
		idle:    make(chan struct{}),
		closed:  make(chan struct{}),
		nudge:   make(chan struct{}),
		running: senders + 1,
		doubt:   -1,
	}
	r.work.L = &r.mu
	r.queue.maxEvents = r.options.BatchEvents
	r.queue.maxBytes = r.options.BatchBytes
	r.horizon.advance(r.options.Now(), r.options.MaxAhead)
	r.life, r.end = context.WithCancel(context.Background())
	go r.pace()
	for range senders {
		go r.send()
	}
	return r, nil
}

// Expose accepts an exposure for delivery. It never waits for the store. The
// exposure's slices belong to the recorder from then on.
//
// An exposure is a fact by the time it gets here, so ctx is not looked at: a
// request that was cancelled still showed what it showed.
//
// Errors: those of [experiment.Exposure.Validate], [ErrFuture] as a
// *FutureError, [ErrTooLarge] as a *TooLargeError, [ErrFull], [ErrClosed]. With
// any of them the exposure was not accepted; the arm that was shown stands.
func (r *Recorder) Expose(_ context.Context, exposure experiment.Exposure) error {
	if r.store == nil {
		return r.refuse(&r.counters.Closed, ErrClosed)
	}
	if err := exposure.Validate(); err != nil {
		return r.refuse(&r.counters.Invalid, err)
	}
	if err := r.checkTime(exposure.Time); err != nil {
		return r.refuse(&r.counters.Future, err)
	}
	size := exposureSize(&exposure)
	r.mu.Lock()
	if err := r.admit(size); err != nil {
		r.mu.Unlock()
		return err
	}
	b := r.queue.open(size)
	b.exposures = append(b.exposures, exposure)
	opened := r.enqueued(b, size)
	r.mu.Unlock()
	if opened {
		r.announce()
	}
	return nil
}

// Track accepts a conversion for delivery, like [Recorder.Expose].
func (r *Recorder) Track(_ context.Context, conversion experiment.Conversion) error {
	if r.store == nil {
		return r.refuse(&r.counters.Closed, ErrClosed)
	}
	if err := conversion.Validate(); err != nil {
		return r.refuse(&r.counters.Invalid, err)
	}
	if err := r.checkTime(conversion.Time); err != nil {
		return r.refuse(&r.counters.Future, err)
	}
	size := conversionSize(&conversion)
	r.mu.Lock()
	if err := r.admit(size); err != nil {
		r.mu.Unlock()
		return err
	}
	b := r.queue.open(size)
	b.conversions = append(b.conversions, conversion)
	opened := r.enqueued(b, size)
	r.mu.Unlock()
	if opened {
		r.announce()
	}
	return nil
}

// Counters returns what became of every event so far, all of it as of one
// moment.
func (r *Recorder) Counters() Counters {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counters
}

// refuse counts an event that was not accepted.
func (r *Recorder) refuse(counter *int64, err error) error {
	r.mu.Lock()
	*counter++
	r.mu.Unlock()
	return err
}

// admit says whether the queue takes an event of a size. Needs mu.
func (r *Recorder) admit(size int64) error {
	if r.stopped {
		r.counters.Closed++
		return ErrClosed
	}
	if size > r.options.QueueBytes {
		r.counters.TooLarge++
		return &TooLargeError{Size: size, Max: r.options.QueueBytes}
	}
	held := r.counters.Queued + r.counters.InFlight
	if held >= int64(r.options.QueueEvents) || r.queue.bytes+size > r.options.QueueBytes {
		r.counters.Full++
		if r.queue.expire() { // a batch larger than the queue would never fill
			r.work.Signal()
		}
		return ErrFull
	}
	return nil
}

// enqueued accounts for an event just put into b and says whether it is b's
// first. Needs mu.
func (r *Recorder) enqueued(b *batch, size int64) (opened bool) {
	r.counters.Accepted++
	r.counters.Queued++
	if r.queue.added(b, size) {
		r.work.Signal()
	}
	return b.len() == 1
}

// announce tells pace that a batch was opened.
func (r *Recorder) announce() {
	select {
	case r.opened <- struct{}{}:
	default:
	}
}

// checkTime refuses a time too far ahead of the clock.
func (r *Recorder) checkTime(t time.Time) error {
	micros := t.UnixMicro()
	if micros <= r.horizon.micros.Load() {
		return nil
	}
	now := r.options.Now()
	if micros <= r.horizon.advance(now, r.options.MaxAhead) {
		return nil
	}
	return &FutureError{Time: t, Now: now, MaxAhead: r.options.MaxAhead}
}

// horizon is the latest time that is accepted, in microseconds since 1970. It
// saves the request path the reading of the clock: most events lie before a
// horizon seen earlier. It is renewed for each batch, so that a clock set back
// is noticed.
type horizon struct{ micros atomic.Int64 }

func (h *horizon) advance(now time.Time, ahead time.Duration) int64 {
	micros := now.Add(ahead).UnixMicro()
	h.micros.Store(micros)
	return micros
}
