package sqlite

import (
	"math"

	"zombiezen.com/go/sqlite"

	"github.com/touchlift/touchlift/experiment"
)

// maxRemembered bounds what the writer remembers, should somebody put an order
// number into the name of an event.
const maxRemembered = 1 << 14

// numbers remembers the small numbers that stand in the file for names, runs
// and placements. They are never changed or deleted, so what was committed
// stays true; what was not must be forgotten.
type numbers struct {
	names      map[string]int64
	runs       map[runKey]int64
	placements map[placementKey]*placement
}

type runKey struct {
	experiment, run string
	kind            experiment.Kind
}

type placementKey struct {
	run                 int64
	variant, touchpoint string
	phase               int
	class               experiment.Class
}

// placement is the number of a placement and the bounds of its times, in the
// file and in the batch at hand.
type placement struct {
	no               int64
	earliest, latest int64
	widened          bool
}

func (n *numbers) forget() {
	n.names = make(map[string]int64)
	n.runs = make(map[runKey]int64)
	n.placements = make(map[placementKey]*placement)
}

// name returns the number of a name, a new one if it has none.
func (w *writer) name(text string) (int64, error) {
	if no, ok := w.names.names[text]; ok {
		return no, nil
	}
	bind := func(stmt *sqlite.Stmt) { stmt.BindText(1, text) }
	no, err := w.intern("SELECT no FROM names WHERE name = ?1", "INSERT INTO names (name) VALUES (?1)", bind)
	if err == nil {
		w.names.names[text] = no
	}
	return no, err
}

// run returns the number of a run, a new one if it has none.
func (w *writer) run(key runKey) (int64, error) {
	if no, ok := w.names.runs[key]; ok {
		return no, nil
	}
	kind, err := w.name(string(key.kind))
	if err != nil {
		return 0, err
	}
	bind := func(stmt *sqlite.Stmt) {
		stmt.BindText(1, key.experiment)
		stmt.BindText(2, key.run)
		stmt.BindInt64(3, kind)
	}
	no, err := w.intern("SELECT no FROM runs WHERE experiment = ?1 AND run = ?2 AND kind = ?3",
		"INSERT INTO runs (experiment, run, kind) VALUES (?1, ?2, ?3)", bind)
	if err == nil {
		w.names.runs[key] = no
	}
	return no, err
}

// place returns the placement of a key, a new one if there is none.
func (w *writer) place(key placementKey) (*placement, error) {
	if p := w.names.placements[key]; p != nil {
		return p, nil
	}
	bind := func(stmt *sqlite.Stmt) {
		stmt.BindInt64(1, key.run)
		stmt.BindText(2, key.variant)
		stmt.BindText(3, key.touchpoint)
		stmt.BindInt64(4, int64(key.phase))
		stmt.BindText(5, string(key.class))
	}
	no, err := w.intern(`SELECT no FROM placements
		WHERE run = ?1 AND variant = ?2 AND touchpoint = ?3 AND phase = ?4 AND class = ?5`,
		`INSERT INTO placements (run, variant, touchpoint, phase, class, earliest_us, latest_us)
		VALUES (?1, ?2, ?3, ?4, ?5, 9223372036854775807, -9223372036854775808)`, bind)
	if err != nil {
		return nil, err
	}
	p := &placement{no: no, earliest: math.MaxInt64, latest: math.MinInt64}
	w.names.placements[key] = p
	return p, nil
}

// intern returns the number that find yields, or that of the row which insert
// adds.
func (w *writer) intern(find, insert string, bind func(*sqlite.Stmt)) (int64, error) {
	stmt, err := w.conn.Prepare(find)
	if err != nil {
		return 0, err
	}
	bind(stmt)
	no, found, err := scalar(stmt)
	if err != nil || found {
		return no, err
	}
	if stmt, err = w.conn.Prepare(insert); err != nil {
		return 0, err
	}
	bind(stmt)
	if err := finish(stmt); err != nil {
		return 0, err
	}
	return w.conn.LastInsertRowID(), nil
}

// widen moves the bounds of a placement's times. The file is told at the end
// of the batch.
func (p *placement) widen(us int64) {
	if us < p.earliest {
		p.earliest, p.widened = us, true
	}
	if us > p.latest {
		p.latest, p.widened = us, true
	}
}

// storeBounds tells the file of the bounds that the batch widened.
func (w *writer) storeBounds() error {
	stmt, err := w.conn.Prepare(`UPDATE placements
		SET earliest_us = min(earliest_us, ?2), latest_us = max(latest_us, ?3) WHERE no = ?1`)
	if err != nil {
		return err
	}
	for _, p := range w.names.placements {
		if !p.widened {
			continue
		}
		p.widened = false
		stmt.BindInt64(1, p.no)
		stmt.BindInt64(2, p.earliest)
		stmt.BindInt64(3, p.latest)
		if err := finish(stmt); err != nil {
			return err
		}
	}
	return nil
}

// trim forgets what is remembered when it has become too much. Between two
// batches only: within one, placements are pointed to.
func (n *numbers) trim() {
	if len(n.names)+len(n.runs)+len(n.placements) > maxRemembered {
		n.forget()
	}
}
