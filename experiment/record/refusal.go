package record

import (
	"cmp"
	"errors"
	"math/bits"
	"slices"

	"github.com/touchlift/touchlift/experiment"
)

// A store that refuses for good what it is given may mean the events or, against
// its contract, its place: a file that cannot be written. The first must be
// given up, the second kept until somebody has mended the place. They are told
// apart by what the store takes: an event is given up when the store refused it,
// took something else, and refused it again, standing alone.

// span is a part of a batch: the events from..to, exposures first.
type span struct{ from, to int }

func (s span) len() int { return s.to - s.from }

// halves returns what to try next of a refused span: its halves, or an event
// that stands alone once more.
func (s span) halves() []span {
	if s.len() == 1 {
		return []span{s}
	}
	middle := s.from + s.len()/2
	return []span{{s.from, middle}, {middle, s.to}}
}

// searchLimit is how many refusals in doubt end a search among n events. It is
// about twice what finding one event takes.
func searchLimit(n int) int { return 2 * bits.Len(uint(n-1)) }

// believe says whether a refusal for good is about the events refused.
func (r *Recorder) believe(b *batch, err error) bool {
	if errors.Is(err, experiment.ErrInvalidEvent) {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !b.doubted {
		b.doubted = true
		b.doubt = r.calls
		if b.len() == 1 { // it has no neighbour that could speak for the store
			b.doubt = r.doubt
		}
	}
	r.doubt = r.calls
	return r.proof > b.doubt
}

// succeeded takes note that a call of the store succeeded. One after failures
// shows that the store is back, one that began after a refusal settles doubts:
// who waits to try again is nudged.
func (r *Recorder) succeeded(call int64, recovered bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lastErr = nil
	if recovered || r.proof <= r.doubt && call > r.doubt {
		r.hurry()
	}
	r.proof = max(r.proof, call)
}

// hold waits with what is left of a batch in doubt, as in an outage. It returns
// false when Close gave up.
func (r *Recorder) hold(b *batch, failures *int, err error, nudge <-chan struct{}) bool {
	b.pending = join(b.pending)
	*failures++
	return r.backoff(failures, b.left.Total(), err, nudge)
}

// join puts adjacent spans together.
func join(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	joined := spans[:1:1]
	for _, s := range spans[1:] {
		if last := &joined[len(joined)-1]; last.to == s.from {
			last.to = s.to
		} else {
			joined = append(joined, s)
		}
	}
	return joined
}

// putBack lets other batches pass one in doubt: what becomes of them tells what
// its refusal means. Needs mu.
func (r *Recorder) putBack(b *batch) {
	r.counters.InFlight -= int64(b.left.Total())
	r.counters.Queued += int64(b.left.Total())
	r.queue.doubtful = append(r.queue.doubtful, b)
	r.work.Signal()
}
