package experimenttest

import (
	"context"
	"sync/atomic"
)

// ending is a context that ends when it is looked at for the n-th time, be it
// through Err or Done.
type ending struct {
	context.Context
	end  context.CancelFunc
	left atomic.Int64
}

func newEnding(parent context.Context, n int) context.Context {
	ctx, cancel := context.WithCancel(parent)
	e := &ending{Context: ctx, end: cancel}
	e.left.Store(int64(n))
	return e
}

func (e *ending) look() {
	if e.left.Add(-1) <= 0 {
		e.end()
	}
}

// Done counts as a look.
func (e *ending) Done() <-chan struct{} {
	e.look()
	return e.Context.Done()
}

// Err counts as a look.
func (e *ending) Err() error {
	e.look()
	return e.Context.Err()
}
