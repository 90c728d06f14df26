package sqlite

import (
	"context"
	"errors"
	"sync"

	"zombiezen.com/go/sqlite"

	"github.com/touchlift/touchlift/experiment"
)

// maxReaders bounds the connections that summarise at the same time, and with
// them the memory.
const maxReaders = 3

// Store is a [experiment.Store] in one file. Make one with [Open].
type Store struct {
	path    string
	options Options

	// life is read-locked by every call and locked by Close.
	life   sync.RWMutex
	closed bool

	// writer holds the one connection that changes the file while no call
	// uses it; nil where it has to be opened.
	writer chan *writer
	// readers holds a slot for each reading connection: an idle one, or nil
	// where it has to be opened.
	readers chan *sqlite.Conn
}

var _ experiment.Store = (*Store)(nil)

func newStore(path string, options Options) *Store {
	s := &Store{path: path, options: options, writer: make(chan *writer, 1), readers: make(chan *sqlite.Conn, maxReaders)}
	s.writer <- nil
	for range maxReaders {
		s.readers <- nil
	}
	return s
}

// start opens the writing connection and brings the schema up to date.
func (s *Store) start() error {
	w, err := s.acquireWriter(context.Background())
	if err != nil {
		return err
	}
	defer s.releaseWriter(w)
	return s.migrate(w.conn)
}

// Close waits for the calls that run, and releases the file. Closing again
// returns nil.
func (s *Store) Close() error {
	s.life.Lock()
	defer s.life.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var errs []error
	for range maxReaders {
		if conn := <-s.readers; conn != nil {
			errs = append(errs, conn.Close())
		}
	}
	if w := <-s.writer; w != nil {
		errs = append(errs, w.conn.Close())
	}
	return errors.Join(errs...)
}

// enter begins a call, which ends with leave.
func (s *Store) enter() error {
	s.life.RLock()
	if s.closed {
		s.life.RUnlock()
		return experiment.ErrStoreClosed
	}
	return nil
}

func (s *Store) leave() { s.life.RUnlock() }

// acquireWriter waits for the writing connection until ctx ends.
func (s *Store) acquireWriter(ctx context.Context) (*writer, error) {
	select {
	case w := <-s.writer:
		if w != nil {
			return w, nil
		}
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	conn, err := s.connectWriter()
	if err != nil {
		s.writer <- nil
		return nil, err
	}
	return newWriter(conn), nil
}

// releaseWriter gives the writing connection back. One that is still in a
// transaction, which a failing disk can cause, is closed instead.
func (s *Store) releaseWriter(w *writer) {
	rollback(w.conn)
	if !w.conn.AutocommitEnabled() {
		_ = w.conn.Close()
		w = nil
	}
	s.writer <- w
}

// acquireReader waits for a reading connection until ctx ends.
func (s *Store) acquireReader(ctx context.Context) (*sqlite.Conn, error) {
	select {
	case conn := <-s.readers:
		if conn != nil {
			return conn, nil
		}
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	conn, err := s.connectReader()
	if err != nil {
		s.readers <- nil
	}
	return conn, err
}

func (s *Store) releaseReader(conn *sqlite.Conn) {
	rollback(conn)
	if !conn.AutocommitEnabled() {
		_ = conn.Close()
		conn = nil
	}
	s.readers <- conn
}

// change runs do in a transaction that is made durable if do succeeds, and
// undone in whole if not.
func (s *Store) change(ctx context.Context, op string, do func(*writer) error) error {
	if s.options.ReadOnly {
		return failure(ctx, op, errReadOnly)
	}
	w, err := s.acquireWriter(ctx)
	if err != nil {
		return failure(ctx, op, err)
	}
	defer s.releaseWriter(w)
	if err := s.begin(ctx, w.conn, "BEGIN IMMEDIATE"); err != nil {
		return failure(ctx, op, err)
	}
	if err := do(w); err != nil {
		rollback(w.conn)
		w.names.forget()
		return failure(ctx, op, err)
	}
	return s.commit(ctx, op, w)
}

// commit makes the transaction durable. From here on ctx interrupts nothing,
// so that a batch is either recorded or not.
func (s *Store) commit(ctx context.Context, op string, w *writer) error {
	if ctx.Err() != nil {
		rollback(w.conn)
		w.names.forget()
		return failure(ctx, op, ctx.Err())
	}
	w.conn.SetInterrupt(nil)
	err := execute(w.conn, "COMMIT")
	if err == nil {
		return nil
	}
	rollback(w.conn)
	w.names.forget()
	if sqlite.ErrCode(err).ToPrimary() == sqlite.ResultIOErr {
		return unknownOutcome(op, err)
	}
	return failure(context.WithoutCancel(ctx), op, err)
}
