package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	zombiezen "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/sqlite"
)

// open opens a store that is closed at the end of the test.
func open(t *testing.T, path string, options sqlite.Options) *sqlite.Store {
	t.Helper()
	store, err := sqlite.OpenWith(path, options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store
}

// batchOf makes a batch of n exposures and n conversions.
func batchOf(h *history, n int) experiment.Batch {
	return experiment.Batch{Exposures: h.exposures(n), Conversions: h.conversions(n)}
}

// execute runs SQL on the file beside the store.
func execute(t *testing.T, path, query string) {
	t.Helper()
	conn, err := zombiezen.OpenConn(path, zombiezen.OpenReadWrite, zombiezen.OpenCreate)
	require.NoError(t, err)
	require.NoError(t, sqlitex.ExecuteScript(conn, query, nil))
	require.NoError(t, conn.Close())
}

// count runs a query that returns one number.
func count(t *testing.T, path, query string) int64 {
	t.Helper()
	conn, err := zombiezen.OpenConn(path, zombiezen.OpenReadOnly)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	stmt, _, err := conn.PrepareTransient(query)
	require.NoError(t, err)
	defer func() { require.NoError(t, stmt.Finalize()) }()
	n, err := sqlitex.ResultInt64(stmt)
	require.NoError(t, err)
	return n
}

// requireSound fails unless SQLite finds the file sound and its tables agree.
func requireSound(t *testing.T, path string) {
	t.Helper()
	require.Equal(t, int64(1), count(t, path, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"))
	require.Zero(t, count(t, path, "SELECT count(*) FROM pragma_foreign_key_check"))
	require.Zero(t, count(t, path, "SELECT count(*) FROM exposures WHERE seq NOT IN (SELECT seq FROM exposure_details)"))
	require.Zero(t, count(t, path, "SELECT count(DISTINCT seq) - (SELECT count(*) FROM exposure_details) FROM exposures"))
	require.Zero(t, count(t, path, "SELECT count(*) FROM conversions WHERE seq NOT IN (SELECT seq FROM conversion_ids)"))
	require.Zero(t, count(t, path, `SELECT count(*) FROM conversion_ids i LEFT JOIN conversions c ON c.seq = i.seq
		WHERE c.seq IS NULL OR i.event <> c.event OR i.time_us <> c.time_us OR i.value <> c.value`))
	require.Zero(t, count(t, path, `SELECT count(*) FROM exposures e JOIN placements p ON p.no = e.placement
		WHERE e.first_us NOT BETWEEN p.earliest_us AND p.latest_us OR e.run <> p.run`), "placements bound their exposures")
}

// requireOutcome fails unless the error is a StoreError with that outcome and a
// hint that contains some text.
func requireOutcome(t *testing.T, err, outcome error, hint string) {
	t.Helper()
	require.ErrorIs(t, err, outcome)
	var e *experiment.StoreError
	require.ErrorAs(t, err, &e)
	assert.Contains(t, e.Hint, hint)
	if hint != "" {
		assert.NotEmpty(t, e.Hint)
	}
}

func TestOpenRefuses(t *testing.T) {
	folder := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		return path
	}
	newer := filepath.Join(folder, "newer.db")
	require.NoError(t, open(t, newer, sqlite.Options{}).Close())
	execute(t, newer, "UPDATE meta SET value = value + 1 WHERE name = 'schema'")
	nameless := filepath.Join(folder, "nameless.db")
	execute(t, nameless, "CREATE TABLE meta (name TEXT, value INTEGER)")
	foreign := filepath.Join(folder, "foreign.db")
	execute(t, foreign, "CREATE TABLE exposures (mine TEXT)")

	tests := []struct {
		name, reason string
		path         string
		options      sqlite.Options
		want         error
		hint, text   string
	}{
		{"no path", "a store in memory would be lost without a word", "", sqlite.Options{}, sqlite.ErrInvalidOptions, "", "experiment.NewMemory"},
		{"memory", "each connection would have a memory of its own", ":memory:", sqlite.Options{}, sqlite.ErrInvalidOptions, "", "experiment.NewMemory"},
		{"missing folder", "SQLite says only that it cannot open", filepath.Join(folder, "none", "a.db"), sqlite.Options{}, fs.ErrNotExist, "create the folder", "none"},
		{"folder", "a folder is no file", folder, sqlite.Options{}, sqlite.ErrInvalidOptions, "", "is a folder"},
		{"missing file to read", "reading must not create a file", filepath.Join(folder, "missing.db"), sqlite.Options{ReadOnly: true}, fs.ErrNotExist, "", "missing.db"},
		{"not a database", "writing into it would destroy somebody's file", write("text.db", bytes.Repeat([]byte("not a database "), 500)), sqlite.Options{}, sqlite.ErrCorrupt, "restore", ""},
		{"newer schema", "an old reader would misread it", newer, sqlite.Options{}, sqlite.ErrNewerSchema, "version of touchlift", "version 2, want at most 1"},
		{"newer schema to read", "reading it is no better", newer, sqlite.Options{ReadOnly: true}, sqlite.ErrNewerSchema, "version of touchlift", ""},
		{"empty file to read", "the schema cannot be made without writing", write("empty.db", nil), sqlite.Options{ReadOnly: true}, experiment.ErrPermanent, "without ReadOnly", "version 0, want 1"},
		{"meta without version", "no version of ours made it", nameless, sqlite.Options{}, sqlite.ErrCorrupt, "", "names no schema version"},
		{"somebody else's table", "it must not be taken over", foreign, sqlite.Options{}, experiment.ErrPermanent, "", "already exists"},
		{"unknown mode", "a slip must not weaken durability", filepath.Join(folder, "m.db"), sqlite.Options{Synchronous: 7}, sqlite.ErrInvalidOptions, "", "want Full or Normal"},
		{"negative wait", "it has no meaning", filepath.Join(folder, "m.db"), sqlite.Options{BusyTimeout: -1}, sqlite.ErrInvalidOptions, "", "BusyTimeout is -1ns"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			store, err := sqlite.OpenWith(test.path, test.options)
			require.Nil(t, store, test.reason)
			require.ErrorIs(t, err, test.want, test.reason)
			requireOutcome(t, err, experiment.ErrPermanent, test.hint)
			assert.Contains(t, err.Error(), test.text)
		})
	}
}

func TestNewerSchemaSaysVersions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "touchlift.db")
	require.NoError(t, open(t, path, sqlite.Options{}).Close())
	execute(t, path, "UPDATE meta SET value = 99 WHERE name = 'schema'")
	_, err := sqlite.Open(path)
	var schema *sqlite.SchemaError
	require.ErrorAs(t, err, &schema)
	assert.Equal(t, sqlite.SchemaError{Found: 99, Supported: sqlite.Supported()}, *schema)
}

// A damaged page is reported as damage, and nothing is written over it.
func TestDamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "touchlift.db")
	store := open(t, path, sqlite.Options{})
	h := newHistory(500)
	_, err := store.Record(t.Context(), batchOf(h, 1000))
	require.NoError(t, err)
	require.NoError(t, store.Close())
	root := count(t, path, "SELECT rootpage FROM sqlite_schema WHERE name = 'exposures'")
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	_, err = file.WriteAt(bytes.Repeat([]byte{0xee}, 4096), (root-1)*4096)
	require.NoError(t, errors.Join(err, file.Close()))

	store = open(t, path, sqlite.Options{})
	_, err = store.Summarize(t.Context(), benchQuery)
	require.ErrorIs(t, err, sqlite.ErrCorrupt)
	requireOutcome(t, err, experiment.ErrPermanent, "restore")
	_, err = store.Record(t.Context(), batchOf(h, 10))
	require.ErrorIs(t, err, sqlite.ErrCorrupt)
	requireOutcome(t, err, experiment.ErrRetryable, "restore")
}

func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "touchlift.db")
	writer := open(t, path, sqlite.Options{})
	h := newHistory(500)
	_, err := writer.Record(t.Context(), batchOf(h, 1000))
	require.NoError(t, err)
	reader := open(t, path, sqlite.Options{ReadOnly: true})
	want, err := writer.Summarize(t.Context(), benchQuery)
	require.NoError(t, err)
	got, err := reader.Summarize(t.Context(), benchQuery)
	require.NoError(t, err)
	assert.Equal(t, want, got)

	_, err = reader.Record(t.Context(), batchOf(h, 1))
	requireOutcome(t, err, experiment.ErrRetryable, "without ReadOnly")
	_, err = reader.Forget(t.Context(), experiment.ID{Kind: "customer", Value: "c-42"})
	requireOutcome(t, err, experiment.ErrPermanent, "without ReadOnly")
	got, err = reader.Summarize(t.Context(), benchQuery)
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

// A file that has become read-only takes no batch, and no part of one, until it
// can be written again.
func TestReadOnlyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "touchlift.db")
	store := open(t, path, sqlite.Options{})
	h := newHistory(500)
	_, err := store.Record(t.Context(), batchOf(h, 10))
	require.NoError(t, err)
	require.NoError(t, store.OnWriter("PRAGMA query_only = 1"))
	batch := batchOf(h, 10)
	_, err = store.Record(t.Context(), batch)
	requireOutcome(t, err, experiment.ErrRetryable, "permissions")
	require.NoError(t, store.OnWriter("PRAGMA query_only = 0"))
	receipt, err := store.Record(t.Context(), batch)
	require.NoError(t, err)
	assert.Equal(t, 20, receipt.Inserted, "nothing of the refused batch was stored")
}

// A full disk refuses batches in whole; what was recorded stays, and recording
// goes on when there is room.
func TestFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "touchlift.db")
	store := open(t, path, sqlite.Options{})
	h := newHistory(500)
	recorded := 0
	require.NoError(t, store.OnWriter("PRAGMA max_page_count = 100"))
	var refused experiment.Batch
	for {
		batch := batchOf(h, 100)
		receipt, err := store.Record(t.Context(), batch)
		if err != nil {
			requireOutcome(t, err, experiment.ErrRetryable, "free some space")
			require.Zero(t, receipt)
			refused = batch
			break
		}
		recorded += receipt.Inserted
	}
	require.Positive(t, recorded)
	stored := func() int64 {
		return count(t, path, "SELECT (SELECT count(*) FROM exposures) + (SELECT count(*) FROM conversions)")
	}
	require.Equal(t, int64(recorded), stored())
	requireSound(t, path)
	_, err := store.Summarize(t.Context(), benchQuery)
	require.NoError(t, err)
	require.NoError(t, store.OnWriter("PRAGMA max_page_count = 1000000"))
	receipt, err := store.Record(t.Context(), refused)
	require.NoError(t, err)
	require.Equal(t, refused.Len(), receipt.Total())
	require.Zero(t, receipt.Conflicting)
	require.Equal(t, int64(recorded+receipt.Inserted), stored())
	requireSound(t, path)
}

// Another process that does not let go of the file makes a call fail after
// BusyTimeout, with nothing stored and the promise that it may work later.
func TestBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "touchlift.db")
	store := open(t, path, sqlite.Options{BusyTimeout: 20 * time.Millisecond})
	h := newHistory(500)
	other, err := zombiezen.OpenConn(path, zombiezen.OpenReadWrite)
	require.NoError(t, err)
	require.NoError(t, sqlitex.ExecuteTransient(other, "BEGIN IMMEDIATE", nil))
	batch := batchOf(h, 10)
	_, err = store.Record(t.Context(), batch)
	requireOutcome(t, err, experiment.ErrRetryable, "BusyTimeout")
	assert.Contains(t, err.Error(), "20ms")
	_, err = store.Summarize(t.Context(), benchQuery)
	require.NoError(t, err, "reading waits for nobody")

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the caller went away"))
	_, err = store.Record(ctx, batch)
	requireOutcome(t, err, experiment.ErrRetryable, "")
	assert.Contains(t, err.Error(), "the caller went away")

	require.NoError(t, sqlitex.ExecuteTransient(other, "ROLLBACK", nil))
	require.NoError(t, other.Close())
	receipt, err := store.Record(t.Context(), batch)
	require.NoError(t, err)
	assert.Equal(t, 20, receipt.Inserted)
}

// A batch is stored in whole or not at all, whenever its context ends.
func TestCancelledRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "touchlift.db")
	store := open(t, path, sqlite.Options{})
	h := newHistory(1 << 30)
	var acknowledged, cancelled int
	rounds := 100
	if testing.Short() {
		rounds = 10
	}
	for i := range rounds {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i*i)*3*time.Microsecond)
		receipt, err := store.Record(ctx, batchOf(h, 50))
		cancel()
		if err != nil {
			requireOutcome(t, err, experiment.ErrRetryable, "")
			require.ErrorIs(t, err, context.DeadlineExceeded)
			cancelled++
			continue
		}
		acknowledged += receipt.Inserted
	}
	require.Positive(t, cancelled)
	require.Equal(t, int64(acknowledged), count(t, path, "SELECT (SELECT count(*) FROM exposures) + (SELECT count(*) FROM conversions)"))
	receipt, err := store.Record(t.Context(), batchOf(h, 50))
	require.NoError(t, err, "a cancelled call leaves the store usable")
	require.Equal(t, 100, receipt.Inserted)
	requireSound(t, path)
}

// A long summary ends soon after its context.
func TestCancelledSummary(t *testing.T) {
	store := open(t, filepath.Join(t.TempDir(), "touchlift.db"), sqlite.Options{})
	h := newHistory(5_000)
	for range 5 {
		_, err := store.Record(t.Context(), batchOf(h, 1000))
		require.NoError(t, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	cells, err := store.Summarize(ctx, benchQuery)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	requireOutcome(t, err, experiment.ErrRetryable, "")
	require.Empty(t, cells.Cells)
	cells, err = store.Summarize(t.Context(), benchQuery)
	require.NoError(t, err)
	require.Len(t, cells.Cells, 2)
}

func TestClosed(t *testing.T) {
	store, err := sqlite.Open(filepath.Join(t.TempDir(), "touchlift.db"))
	require.NoError(t, err)
	require.NoError(t, store.Close())
	require.NoError(t, store.Close())
	_, err = store.Record(t.Context(), experiment.Batch{})
	require.ErrorIs(t, err, experiment.ErrStoreClosed)
	_, err = store.Summarize(t.Context(), experiment.Query{})
	require.ErrorIs(t, err, experiment.ErrStoreClosed)
	_, err = store.Forget(t.Context(), experiment.ID{})
	require.ErrorIs(t, err, experiment.ErrStoreClosed)
}

// Forget leaves no trace of an id in any table but its tombstone.
func TestForgetLeavesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "touchlift.db")
	store := open(t, path, sqlite.Options{})
	h := newHistory(20)
	batch := batchOf(h, 200)
	secret := experiment.ID{Kind: experiment.KindDevice, Value: "device-to-be-forgotten"}
	for i := range batch.Exposures {
		if i%3 == 0 {
			batch.Exposures[i].IDs = append(batch.Exposures[i].IDs, secret)
		}
		if i%4 == 0 {
			batch.Conversions[i].IDs = append(batch.Conversions[i].IDs, secret)
		}
	}
	_, err := store.Record(t.Context(), batch)
	require.NoError(t, err)
	erasure, err := store.Forget(t.Context(), secret)
	require.NoError(t, err)
	require.Positive(t, erasure.Exposures)
	require.Equal(t, 50, erasure.Conversions)
	require.NoError(t, erasure.Wait(t.Context()))
	requireSound(t, path)
	require.Zero(t, count(t, path, "SELECT count(*) FROM exposure_ids"))
	require.NoError(t, store.OnWriter("VACUUM"))
	require.NoError(t, store.OnWriter("PRAGMA wal_checkpoint(TRUNCATE)"))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.False(t, strings.Contains(string(content), secret.Value))
}
