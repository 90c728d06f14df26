package sqlite_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	zombiezen "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/sqlite"
)

// handwritten is a program for the one run of the benchmark: it knows the
// numbers of names and placements, and checks nothing.
type handwritten struct {
	conn       *zombiezen.Conn
	placements map[[2]string]int64
	seq        int64
}

func openHandwritten(b *testing.B, path string) recorder {
	store, err := sqlite.Open(path) // makes the tables
	require.NoError(b, err)
	require.NoError(b, store.Close())
	return &handwritten{conn: connect(b, path), placements: make(map[[2]string]int64)}
}

func connect(b *testing.B, path string) *zombiezen.Conn {
	conn, err := zombiezen.OpenConn(path, zombiezen.OpenReadWrite, zombiezen.OpenCreate, zombiezen.OpenWAL)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, conn.Close()) })
	for _, pragma := range []string{"PRAGMA synchronous = FULL", "PRAGMA cache_size = -65536", "PRAGMA wal_autocheckpoint = 8000"} {
		require.NoError(b, sqlitex.ExecuteTransient(conn, pragma, nil))
	}
	return conn
}

func (h *handwritten) record(b *testing.B, batch experiment.Batch) {
	run(b, h.conn, "BEGIN IMMEDIATE")
	slices.SortFunc(batch.Exposures, func(x, y experiment.Exposure) int { return strings.Compare(x.Unit, y.Unit) })
	for i := range batch.Exposures {
		h.seq++
		h.exposure(b, &batch.Exposures[i])
	}
	for i := range batch.Conversions {
		h.seq++
		h.conversion(b, &batch.Conversions[i])
	}
	run(b, h.conn, "COMMIT")
}

func (h *handwritten) exposure(b *testing.B, e *experiment.Exposure) {
	key := [2]string{e.Variant, e.Touchpoint}
	if h.placements[key] == 0 {
		h.placements[key] = int64(len(h.placements) + 1)
	}
	us := e.Time.UnixMicro()
	stmt := h.conn.Prep(`INSERT INTO exposures (run, unit, placement, first_us, seq) VALUES (1, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET first_us = excluded.first_us, seq = excluded.seq WHERE excluded.first_us < first_us`)
	stmt.BindText(1, e.Unit)
	stmt.BindInt64(2, h.placements[key])
	stmt.BindInt64(3, us)
	stmt.BindInt64(4, h.seq)
	step(b, stmt)
	if h.conn.Changes() == 0 {
		return
	}
	stmt = h.conn.Prep("INSERT INTO exposure_details (seq, recv_us, ids, attributes) VALUES (?, ?, ?, ?)")
	stmt.BindInt64(1, h.seq)
	stmt.BindInt64(2, us)
	stmt.BindText(3, experiment.EncodeIDs(e.IDs))
	stmt.BindText(4, experiment.EncodeAttributes(e.Attributes))
	step(b, stmt)
}

func (h *handwritten) conversion(b *testing.B, v *experiment.Conversion) {
	stmt := h.conn.Prep(`INSERT INTO conversions (seq, id, time_us, recv_us, event, value, touchpoint, ids, attributes)
		VALUES (?, ?, ?, ?, 1, ?, 2, ?, ?) ON CONFLICT (id) DO NOTHING`)
	us := v.Time.UnixMicro()
	stmt.BindInt64(1, h.seq)
	stmt.BindBytes(2, v.ID[:])
	stmt.BindInt64(3, us)
	stmt.BindInt64(4, us)
	stmt.BindFloat(5, v.Value)
	stmt.BindText(6, experiment.EncodeIDs(v.IDs))
	stmt.BindText(7, experiment.EncodeAttributes(v.Attributes))
	step(b, stmt)
	if h.conn.Changes() == 0 {
		return
	}
	for _, id := range v.IDs {
		stmt = h.conn.Prep("INSERT INTO conversion_ids (kind, id, event, time_us, seq, value) VALUES (1, ?, 1, ?, ?, ?)")
		stmt.BindText(1, id.Value)
		stmt.BindInt64(2, us)
		stmt.BindInt64(3, h.seq)
		stmt.BindFloat(4, v.Value)
		step(b, stmt)
	}
}

// raw appends what an event carries to a table without keys.
type raw struct{ conn *zombiezen.Conn }

func openRaw(b *testing.B, path string) recorder {
	conn := connect(b, path)
	require.NoError(b, sqlitex.ExecuteTransient(conn, `CREATE TABLE events (experiment TEXT, run TEXT, kind TEXT, unit TEXT,
		name TEXT, touchpoint TEXT, time_us INTEGER, value REAL, attributes TEXT)`, nil))
	return raw{conn}
}

func (r raw) record(b *testing.B, batch experiment.Batch) {
	run(b, r.conn, "BEGIN IMMEDIATE")
	for i := range batch.Exposures {
		e := &batch.Exposures[i]
		r.append(b, e.Experiment, e.Run, e.Unit, e.Variant, e.Touchpoint, e.Time.UnixMicro(), 0, experiment.EncodeAttributes(e.Attributes))
	}
	for i := range batch.Conversions {
		v := &batch.Conversions[i]
		r.append(b, v.ID.String(), "", v.IDs[0].Value, v.Event, v.Touchpoint, v.Time.UnixMicro(), v.Value, experiment.EncodeAttributes(v.Attributes))
	}
	run(b, r.conn, "COMMIT")
}

func (r raw) append(b *testing.B, experiment, run, unit, name, touchpoint string, us int64, value float64, attributes string) {
	stmt := r.conn.Prep("INSERT INTO events VALUES (?, ?, 'customer', ?, ?, ?, ?, ?, ?)")
	for i, text := range []string{experiment, run, unit, name, touchpoint} {
		stmt.BindText(i+1, text)
	}
	stmt.BindInt64(6, us)
	stmt.BindFloat(7, value)
	stmt.BindText(8, attributes)
	step(b, stmt)
}

func run(b *testing.B, conn *zombiezen.Conn, query string) { step(b, conn.Prep(query)) }

func step(b *testing.B, stmt *zombiezen.Stmt) {
	if _, err := stmt.Step(); err != nil {
		b.Fatal(err)
	}
	if err := stmt.Reset(); err != nil {
		b.Fatal(err)
	}
}
