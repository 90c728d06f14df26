package record

import (
	"slices"

	"github.com/touchlift/touchlift/experiment"
)

// batch is what goes to the store at once. Events are put straight into the
// batch they will travel in, so that nothing is copied later.
type batch struct {
	number      uint64 // counts up from 1 in order of opening
	exposures   []experiment.Exposure
	conversions []experiment.Conversion
	bytes       int64
	due         bool      // to be taken before it is full
	left        Remaining // events whose fate is open; set when taken
	pending     []span    // these events; set when taken
	doubted     bool      // a refusal for good was not believed at once
	doubt       int64     // it is, once a later call than this one succeeded
	shared      bool      // a failed attempt may still read the memory
}

func (b *batch) len() int { return len(b.exposures) + len(b.conversions) }

func (b *batch) total() Remaining {
	return Remaining{Exposures: len(b.exposures), Conversions: len(b.conversions)}
}

// slice returns the events from..to, counted over exposures, then conversions.
// A store that appends to it does not touch the events behind.
func (b *batch) slice(from, to int) experiment.Batch {
	n := len(b.exposures)
	return experiment.Batch{
		Exposures:   part(b.exposures, min(from, n), min(to, n)),
		Conversions: part(b.conversions, max(from, n)-n, max(to, n)-n),
	}
}

func part[Event any](events []Event, from, to int) []Event { return events[from:to:to] }

// queue is a first-in first-out queue of batches. The last one, filling, still
// takes events. Those that the store refused and that are in doubt stand aside.
// It is guarded by Recorder.mu.
type queue struct {
	maxEvents int
	maxBytes  int64

	number   uint64 // of the batch opened last
	sealed   []*batch
	filling  *batch   // nil or not empty, once Expose or Track has returned
	doubtful []*batch // first come, first served
	spare    []*batch
	bytes    int64 // of all batches that are not released
}

// spares is how many used batches are kept for reuse: those in flight, and one
// that fills.
const spares = senders + 1

// open returns the batch that an event of a size goes into.
func (q *queue) open(size int64) *batch {
	if q.filling != nil && q.filling.bytes+size > q.maxBytes {
		q.seal()
	}
	if q.filling == nil {
		q.filling = q.fresh()
	}
	return q.filling
}

// added accounts for an event put into b and says whether there is a batch to
// take.
func (q *queue) added(b *batch, size int64) bool {
	b.bytes += size
	q.bytes += size
	if b.len() >= q.maxEvents || b.bytes >= q.maxBytes {
		q.seal()
	}
	return len(q.sealed) > 0
}

func (q *queue) seal() {
	q.sealed = append(q.sealed, q.filling)
	q.filling = nil
}

// expire makes the filling batch due, and says whether there is one.
func (q *queue) expire() bool {
	if q.filling == nil {
		return false
	}
	q.filling.due = true
	return true
}

// take removes and returns the batch to try next, or nil: a doubtful one that
// can be judged now that call number proof has succeeded, the oldest that is
// full or due, or a doubtful one where there is nothing to try before it.
func (q *queue) take(proof int64) *batch {
	ripe := slices.IndexFunc(q.doubtful, func(b *batch) bool { return proof > b.doubt })
	if ripe >= 0 {
		return q.pick(ripe)
	}
	if len(q.sealed) > 0 {
		b := q.sealed[0]
		q.sealed[0] = nil
		q.sealed = q.sealed[1:]
		return b
	}
	if q.filling != nil && q.filling.due {
		b := q.filling
		q.filling = nil
		return b
	}
	if len(q.doubtful) > 0 {
		return q.pick(0)
	}
	return nil
}

// pick removes and returns a doubtful batch.
func (q *queue) pick(i int) *batch {
	b := q.doubtful[i]
	q.doubtful = slices.Delete(q.doubtful, i, i+1)
	return b
}

// oldest returns the number of the oldest batch that was not taken yet, 0 if
// there is none.
func (q *queue) oldest() uint64 {
	switch {
	case len(q.sealed) > 0:
		return q.sealed[0].number
	case q.filling != nil:
		return q.filling.number
	}
	return 0
}

// all returns every batch that was not taken yet.
func (q *queue) all() []*batch {
	if q.filling == nil {
		return q.sealed
	}
	return append(q.sealed[:len(q.sealed):len(q.sealed)], q.filling)
}

// drop empties the queue and lets go of its memory.
func (q *queue) drop() {
	q.sealed, q.filling, q.doubtful, q.spare, q.bytes = nil, nil, nil, nil, 0
}

// fresh returns an empty batch with memory for about as many events as the last
// ones had.
func (q *queue) fresh() *batch {
	q.number++
	if n := len(q.spare); n > 0 {
		b := q.spare[n-1]
		q.spare[n-1] = nil
		q.spare = q.spare[:n-1]
		b.number = q.number
		return b
	}
	b := &batch{number: q.number}
	if n := len(q.sealed); n > 0 {
		b.exposures = make([]experiment.Exposure, 0, len(q.sealed[n-1].exposures))
		b.conversions = make([]experiment.Conversion, 0, len(q.sealed[n-1].conversions))
	}
	return b
}

// release gives up a batch whose events all have their fate, and keeps its
// memory for another where nobody else can read it.
func (q *queue) release(b *batch) {
	q.bytes -= b.bytes
	if b.shared || len(q.spare) >= spares {
		return
	}
	clear(b.exposures)
	clear(b.conversions)
	q.spare = append(q.spare, &batch{exposures: b.exposures[:0], conversions: b.conversions[:0]})
}
