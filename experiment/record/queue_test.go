package record

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
)

// put adds n exposures of 10 bytes each.
func put(q *queue, n int) {
	for range n {
		b := q.open(10)
		b.exposures = append(b.exposures, experiment.Exposure{Unit: "c-42"})
		q.added(b, 10)
	}
}

// Memory that waits to be used again holds no event: it may name a person.
func TestSpareMemoryIsEmpty(t *testing.T) {
	q := queue{maxEvents: 4, maxBytes: 1000}
	put(&q, 4)
	b := q.take(0)
	require.NotNil(t, b)
	memory := b.exposures
	q.release(b)
	assert.Equal(t, make([]experiment.Exposure, 4), memory)
	assert.Zero(t, q.bytes)
	put(&q, 1)
	assert.Same(t, &memory[0], &q.filling.exposures[0], "and it is used again")
}

// However many batches an outage has piled up, few are kept for reuse.
func TestSpareMemoryIsBounded(t *testing.T) {
	q := queue{maxEvents: 4, maxBytes: 1000}
	put(&q, 400)
	for b := q.take(0); b != nil; b = q.take(0) {
		q.release(b)
	}
	assert.Len(t, q.spare, spares)
	assert.Zero(t, q.bytes)
}

// A batch in doubt goes first once it can be judged, and last before.
func TestBatchesInDoubtTakeTheirTurn(t *testing.T) {
	doubtful := func() *batch { return &batch{number: 1, doubt: 3} }
	q := queue{maxEvents: 2, maxBytes: 1000, number: 1, doubtful: []*batch{doubtful()}}
	put(&q, 2)
	assert.EqualValues(t, 2, q.take(3).number)
	assert.EqualValues(t, 1, q.take(3).number, "there is nothing else to try")
	assert.Nil(t, q.take(4))

	q.doubtful = []*batch{{number: 9, doubt: 5}, doubtful()}
	put(&q, 2)
	assert.EqualValues(t, 1, q.take(4).number)
	assert.EqualValues(t, 3, q.take(4).number)
	assert.EqualValues(t, 9, q.take(4).number)
}

// Who waits for a batch in doubt is not woken when later ones are through.
func TestWaitForABatchInDoubt(t *testing.T) {
	w := &waiter{number: 3, done: make(chan struct{})}
	r := Recorder{inflight: []*batch{{number: 5}}, waiters: []*waiter{w}}
	r.queue.doubtful = []*batch{{number: 2, left: Remaining{Exposures: 7}}}
	r.wake()
	assert.Equal(t, []*waiter{w}, r.waiters)
	assert.Equal(t, Remaining{Exposures: 7}, r.remaining(3))
	r.queue.doubtful = nil
	r.wake()
	assert.Empty(t, r.waiters)
	<-w.done
}

func TestQueueIsFirstInFirstOut(t *testing.T) {
	q := queue{maxEvents: 2, maxBytes: 1000}
	assert.Nil(t, q.take(0))
	assert.False(t, q.expire(), "there is nothing to hurry")
	put(&q, 5)
	assert.EqualValues(t, 1, q.oldest())
	assert.Len(t, q.all(), 3)
	for want := uint64(1); want <= 2; want++ {
		assert.Equal(t, want, q.take(0).number)
	}
	assert.Nil(t, q.take(0), "the last one is neither full nor due")
	assert.True(t, q.expire())
	assert.EqualValues(t, 3, q.take(0).number)
	assert.Zero(t, q.oldest())
}
