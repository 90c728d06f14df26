package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"github.com/touchlift/touchlift/experiment"
)

// Record stores a batch in one transaction; see [experiment.Store]. When it
// returns nil the batch is as durable as [Options].Synchronous says. Calls
// take turns, also with those of other processes; batches of about 1,000
// events share the cost of the disk well.
//
// A file that cannot be written, for want of space or rights or because it is
// damaged, gives [experiment.ErrRetryable] with a hint: the events are sound and
// belong in the queue until the place is mended.
func (s *Store) Record(ctx context.Context, batch experiment.Batch) (experiment.Receipt, error) {
	if err := s.enter(); err != nil {
		return experiment.Receipt{}, err
	}
	defer s.leave()
	if err := batch.Validate(); err != nil {
		return experiment.Receipt{}, err
	}
	var receipt experiment.Receipt
	err := s.change(ctx, opRecord, func(w *writer) error {
		r := recording{writer: w, received: s.options.Now().UnixMicro()}
		err := r.record(batch)
		receipt = r.receipt
		return err
	})
	if err != nil {
		return experiment.Receipt{}, err
	}
	return receipt, nil
}

// writer is the connection that changes the file, and what it remembers.
type writer struct {
	conn  *sqlite.Conn
	names numbers
}

func newWriter(conn *sqlite.Conn) *writer {
	w := &writer{conn: conn}
	w.names.forget()
	return w
}

// recording is the recording of one batch within a transaction.
type recording struct {
	*writer
	received int64 // microseconds
	receipt  experiment.Receipt
	// newestErasure is the time of the newest tombstone. Events dated at or
	// after it, which are nearly all, need not be looked up.
	newestErasure int64
	erasures      bool
}

func (r *recording) record(batch experiment.Batch) error {
	r.names.trim()
	if err := r.readErasures(); err != nil {
		return err
	}
	if err := r.recordExposures(batch.Exposures); err != nil {
		return err
	}
	return r.recordConversions(batch.Conversions)
}

// reserve returns the number before the first of n new ones in a sequence.
func (w *writer) reserve(sequence string, n int) (int64, error) {
	stmt, err := w.conn.Prepare("UPDATE sequences SET last = last + ?2 WHERE name = ?1 RETURNING last")
	if err != nil {
		return 0, err
	}
	stmt.BindText(1, sequence)
	stmt.BindInt64(2, int64(n))
	last, _, err := scalar(stmt)
	return last - int64(n), err
}
