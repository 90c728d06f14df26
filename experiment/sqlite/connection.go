package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// Memory of the page caches. A sort spills to a temporary file at the size of
// its connection's cache.
const (
	writerCache = "PRAGMA cache_size = -65536" // 64 MiB
	readerCache = "PRAGMA cache_size = -16384" // 16 MiB; more is no faster
)

// pragmas of every connection.
var pragmas = []string{
	"PRAGMA temp_store = FILE",
	// Writing the log back seldom lets many batches share a page of the file:
	// units arrive in no order, and each batch touches pages all over.
	"PRAGMA wal_autocheckpoint = 8000",
	"PRAGMA journal_size_limit = 67108864",
}

func (m Synchronous) pragma() string {
	if m == Normal {
		return "PRAGMA synchronous = NORMAL"
	}
	return "PRAGMA synchronous = FULL"
}

// connect opens one connection.
func (s *Store) connect(flags sqlite.OpenFlags, settings ...string) (*sqlite.Conn, error) {
	conn, err := sqlite.OpenConn(s.path, flags)
	if err != nil {
		return nil, err
	}
	conn.SetBusyTimeout(s.options.BusyTimeout)
	for _, pragma := range append(settings, pragmas...) {
		if err := sqlitex.ExecuteTransient(conn, pragma, nil); err != nil {
			_ = conn.Close()
			return nil, fmt.Errorf("%s: %w", pragma, err)
		}
	}
	conn.SetBlockOnBusy() // until the interrupt of within
	return conn, nil
}

// connectWriter opens the connection that changes the file.
func (s *Store) connectWriter() (*sqlite.Conn, error) {
	if s.options.ReadOnly {
		return s.connectReader()
	}
	conn, err := s.connect(sqlite.OpenReadWrite|sqlite.OpenCreate, s.options.Synchronous.pragma(), writerCache)
	if err != nil {
		return nil, err
	}
	if err := s.writeAheadLog(conn); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// connectReader opens a connection that reads.
func (s *Store) connectReader() (*sqlite.Conn, error) {
	conn, err := s.connect(sqlite.OpenReadOnly, readerCache)
	if err != nil {
		return nil, err
	}
	if err := createFunctions(conn); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// writeAheadLog switches the file to a write-ahead log. Where several open a
// new file at once SQLite answers busy without waiting, so this waits.
func (s *Store) writeAheadLog(conn *sqlite.Conn) error {
	for deadline := time.Now().Add(s.options.BusyTimeout); ; {
		err := sqlitex.ExecuteTransient(conn, "PRAGMA journal_mode = WAL", nil)
		if sqlite.ErrCode(err).ToPrimary() != sqlite.ResultBusy || time.Now().After(deadline) {
			return err
		}
		<-time.After(2 * time.Millisecond)
	}
}

// errBusy is the cause of a context that ended because the file stayed locked.
var errBusy = errors.New("sqlite: waited for another writer")

// begin starts a transaction; it waits at most the busy timeout for the lock.
// Afterwards ctx alone interrupts the connection.
func (s *Store) begin(ctx context.Context, conn *sqlite.Conn, statement string) error {
	waiting, stop := context.WithTimeoutCause(ctx, s.options.BusyTimeout, errBusy)
	defer stop()
	conn.SetInterrupt(waiting.Done())
	err := execute(conn, statement)
	if err != nil && ctx.Err() == nil && waiting.Err() != nil {
		err = fmt.Errorf("%w for %v: %w", errBusy, s.options.BusyTimeout, sqlite.ResultBusy.ToError())
	}
	conn.SetInterrupt(ctx.Done())
	return err
}

// rollback ends a transaction without its changes, whatever interrupts.
func rollback(conn *sqlite.Conn) {
	conn.SetInterrupt(nil)
	if !conn.AutocommitEnabled() {
		// A failed rollback leaves the transaction open; closing the
		// connection, which the caller does next, drops it all the same.
		_ = execute(conn, "ROLLBACK")
	}
}

// execute runs a statement that returns no rows, prepared once a connection.
func execute(conn *sqlite.Conn, query string) error {
	stmt, err := conn.Prepare(query)
	if err != nil {
		return err
	}
	return finish(stmt)
}

// finish steps a statement that returns no rows.
func finish(stmt *sqlite.Stmt) error {
	_, err := stmt.Step()
	return errors.Join(err, stmt.Reset())
}

// scalar runs a prepared query of one column and returns the first row's
// number, and whether there is a row.
func scalar(stmt *sqlite.Stmt) (number int64, found bool, err error) {
	found, err = stmt.Step()
	if found {
		number = stmt.ColumnInt64(0)
	}
	return number, found, errors.Join(err, stmt.Reset())
}
