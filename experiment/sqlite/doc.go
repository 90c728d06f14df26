// Package sqlite keeps events in one SQLite file, without a server and without
// cgo. It is a [experiment.Store] for one machine: tens of thousands of events
// a second go in, and ten million are summarised in well under a minute.
//
//	store, err := sqlite.Open("touchlift.db")
//	if err != nil {
//		return err
//	}
//	defer store.Close()
//	receipt, err := store.Record(ctx, batch)
//	cells, err := store.Summarize(ctx, query)
//
// # What acknowledged means
//
// When Record returns nil, the batch is written through to the disk: it survives
// kill -9, a crash of the operating system and a power cut, as far as the disk
// keeps what it says it wrote. When Record returns an error that matches
// [experiment.ErrRetryable] or [experiment.ErrPermanent], nothing of the batch
// is stored; what a damaged, full or unwritable file refuses is retryable, for
// the events are sound and the file can be mended. [experiment.ErrUnknownOutcome] is returned only where the disk
// failed in the middle of making the batch durable. Recording a batch again is
// always safe.
//
// With [Options].Synchronous set to [Normal] a power cut may lose every batch
// since the last checkpoint, though none that a mere kill -9 would interrupt.
//
// # One writer
//
// SQLite lets one writer in at a time. Calls of Record and Forget take turns,
// in one process and between several that have the file open; each waits up to
// [Options].BusyTimeout. Summarize reads one state of the file and holds nobody
// up. The file must lie on a local disk: the locks of network file systems do
// not work.
//
// # Files and backup
//
// Beside touchlift.db lie touchlift.db-wal and touchlift.db-shm while it is
// open. They belong to it: never delete, copy or move one without the others.
// To copy a file in use, run
//
//	sqlite3 touchlift.db "VACUUM INTO 'copy.db'"
//
// or have Litestream follow it. Copying touchlift.db alone while a process has
// it open gives a damaged copy.
//
// # A full disk
//
// Record then fails with [experiment.ErrRetryable] and stores nothing; what was
// recorded before stays, and Summarize goes on unless it needs a large
// temporary file (in the folder that SQLITE_TMPDIR or TMPDIR names). Free some
// space and record the batch again: no repair and no restart is needed.
//
// # Looking inside
//
// The views exposure_list and conversion_list show the events with their names:
//
//	sqlite3 touchlift.db "SELECT * FROM exposure_list LIMIT 5"
//
// The tables are described in migrations. A newer version of this package
// brings an older file up to date when it opens it; an older version refuses a
// newer file with [ErrNewerSchema].
package sqlite
