package sqlite

import (
	"context"
	"errors"

	"zombiezen.com/go/sqlite"

	"github.com/touchlift/touchlift/experiment"
)

// Forget erases every event that carries the id, in one transaction, and
// leaves a tombstone; see [experiment.Store]. It is done when it returns. Each
// erased event is found by index, so the cost is that of the id's own events.
//
// The erased rows stay as free bytes in the file and in its write-ahead log
// until they are written over; "VACUUM" in the sqlite3 shell removes them.
func (s *Store) Forget(ctx context.Context, id experiment.ID) (experiment.Erasure, error) {
	if err := s.enter(); err != nil {
		return experiment.Erasure{}, err
	}
	defer s.leave()
	if err := id.Validate(); err != nil {
		return experiment.Erasure{}, err
	}
	var erasure experiment.Erasure
	err := s.change(ctx, "forget", func(w *writer) (err error) {
		erasure, err = w.erase(id, s.options.Now().UnixMicro())
		return err
	})
	if err != nil {
		return experiment.Erasure{}, err
	}
	return erasure, nil
}

func (w *writer) erase(id experiment.ID, now int64) (experiment.Erasure, error) {
	var erasure experiment.Erasure
	if err := w.bury(id, now); err != nil {
		return erasure, err
	}
	kind, err := w.name(string(id.Kind))
	if err != nil {
		return erasure, err
	}
	exposures, err := w.exposuresOf(kind, id)
	if err != nil {
		return erasure, err
	}
	for _, e := range exposures {
		if err := w.eraseExposure(e); err != nil {
			return erasure, err
		}
	}
	conversions, err := w.conversionsOf(kind, id)
	if err != nil {
		return erasure, err
	}
	for _, seq := range conversions {
		if err := w.eraseConversion(seq); err != nil {
			return erasure, err
		}
	}
	return experiment.Erasure{Exposures: len(exposures), Conversions: len(conversions)}, nil
}

// bury leaves the tombstone, or moves it forward.
func (w *writer) bury(id experiment.ID, now int64) error {
	stmt, err := w.conn.Prepare(`INSERT INTO tombstones (hash, erased_us) VALUES (?1, ?2)
		ON CONFLICT (hash) DO UPDATE SET erased_us = max(erased_us, excluded.erased_us)`)
	if err != nil {
		return err
	}
	hash := tombstoneOf(id)
	stmt.BindBytes(1, hash[:])
	stmt.BindInt64(2, now)
	return finish(stmt)
}

// storedExposure is an exposure to be erased.
type storedExposure struct {
	exposureKey
	kind experiment.Kind
	seq  int64
}

// exposuresOf returns the exposures that carry the id, as unit or otherwise.
func (w *writer) exposuresOf(kind int64, id experiment.ID) ([]storedExposure, error) {
	stmt, err := w.conn.Prepare(`SELECT e.run, e.unit, e.placement, k.name, e.seq
		FROM runs r
		JOIN exposures e ON e.run = r.no AND e.unit = ?2
		JOIN names k ON k.no = r.kind
		WHERE r.kind = ?1
		UNION
		SELECT e.run, e.unit, e.placement, k.name, e.seq
		FROM exposure_ids o
		JOIN exposures e ON e.run = o.run AND e.unit = o.unit AND e.placement = o.placement
		JOIN runs r ON r.no = e.run
		JOIN names k ON k.no = r.kind
		WHERE o.kind = ?1 AND o.id = ?2`)
	if err != nil {
		return nil, err
	}
	stmt.BindInt64(1, kind)
	stmt.BindText(2, id.Value)
	var exposures []storedExposure
	err = each(stmt, func() {
		exposures = append(exposures, storedExposure{
			exposureKey: exposureKey{stmt.ColumnInt64(0), stmt.ColumnText(1), stmt.ColumnInt64(2)},
			kind:        experiment.Kind(stmt.ColumnText(3)),
			seq:         stmt.ColumnInt64(4),
		})
	})
	return exposures, err
}

func (w *writer) eraseExposure(e storedExposure) error {
	s, err := w.exposureStatements()
	if err != nil {
		return err
	}
	ids, _, err := readDetails(s.readDetails, e.seq)
	if err != nil {
		return err
	}
	if err := w.deleteOtherIDs(e.exposureKey, e.kind, ids); err != nil {
		return err
	}
	s.deleteDetails.BindInt64(1, e.seq)
	if err := finish(s.deleteDetails); err != nil {
		return err
	}
	stmt, err := w.conn.Prepare("DELETE FROM exposures WHERE run = ?1 AND unit = ?2 AND placement = ?3")
	if err != nil {
		return err
	}
	stmt.BindInt64(1, e.run)
	stmt.BindText(2, e.unit)
	stmt.BindInt64(3, e.placement)
	return finish(stmt)
}

// conversionsOf returns the numbers of the conversions that carry the id.
func (w *writer) conversionsOf(kind int64, id experiment.ID) ([]int64, error) {
	stmt, err := w.conn.Prepare("SELECT DISTINCT seq FROM conversion_ids WHERE kind = ?1 AND id = ?2")
	if err != nil {
		return nil, err
	}
	stmt.BindInt64(1, kind)
	stmt.BindText(2, id.Value)
	var numbers []int64
	err = each(stmt, func() { numbers = append(numbers, stmt.ColumnInt64(0)) })
	return numbers, err
}

func (w *writer) eraseConversion(seq int64) error {
	find, err := w.conn.Prepare("SELECT event, time_us, ids FROM conversions WHERE seq = ?1")
	if err != nil {
		return err
	}
	find.BindInt64(1, seq)
	var event, us int64
	var encoded string
	err = each(find, func() { event, us, encoded = find.ColumnInt64(0), find.ColumnInt64(1), find.ColumnText(2) })
	if err != nil {
		return err
	}
	ids, err := experiment.DecodeIDs(encoded)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := w.eraseConversionID(id, event, us, seq); err != nil {
			return err
		}
	}
	stmt, err := w.conn.Prepare("DELETE FROM conversions WHERE seq = ?1")
	if err != nil {
		return err
	}
	stmt.BindInt64(1, seq)
	return finish(stmt)
}

func (w *writer) eraseConversionID(id experiment.ID, event, us, seq int64) error {
	kind, err := w.name(string(id.Kind))
	if err != nil {
		return err
	}
	stmt, err := w.conn.Prepare(`DELETE FROM conversion_ids
		WHERE kind = ?1 AND id = ?2 AND event = ?3 AND time_us = ?4 AND seq = ?5`)
	if err != nil {
		return err
	}
	stmt.BindInt64(1, kind)
	stmt.BindText(2, id.Value)
	stmt.BindInt64(3, event)
	stmt.BindInt64(4, us)
	stmt.BindInt64(5, seq)
	return finish(stmt)
}

// each steps a query to its end and calls row for each row.
func each(stmt *sqlite.Stmt, row func()) error {
	for {
		found, err := stmt.Step()
		if !found || err != nil {
			return errors.Join(err, stmt.Reset())
		}
		row()
	}
}
