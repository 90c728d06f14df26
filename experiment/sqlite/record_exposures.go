package sqlite

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/touchlift/touchlift/experiment"
)

// placed is an exposure with the numbers of its run and placement.
type placed struct {
	*experiment.Exposure
	run       int64
	placement *placement
	us        int64
}

// exposureStatements are the statements that record exposures.
type exposureStatements struct {
	insert, find, advance, insertDetails, readDetails, deleteDetails *sqlite.Stmt
}

func (w *writer) exposureStatements() (s exposureStatements, err error) {
	err = w.prepare(map[**sqlite.Stmt]string{
		&s.insert: `INSERT INTO exposures (run, unit, placement, first_us, seq)
			VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING`,
		&s.find: "SELECT first_us, seq FROM exposures WHERE run = ?1 AND unit = ?2 AND placement = ?3",
		&s.advance: `UPDATE exposures SET first_us = ?4, seq = ?5
			WHERE run = ?1 AND unit = ?2 AND placement = ?3`,
		&s.insertDetails: "INSERT INTO exposure_details (seq, recv_us, ids, attributes) VALUES (?1, ?2, ?3, ?4)",
		&s.readDetails:   "SELECT ids, attributes FROM exposure_details WHERE seq = ?1",
		&s.deleteDetails: "DELETE FROM exposure_details WHERE seq = ?1",
	})
	return s, err
}

// prepare prepares each statement once a connection.
func (w *writer) prepare(queries map[**sqlite.Stmt]string) error {
	for stmt, query := range queries {
		var err error
		if *stmt, err = w.conn.Prepare(query); err != nil {
			return err
		}
	}
	return nil
}

func (r *recording) recordExposures(exposures []experiment.Exposure) error {
	if len(exposures) == 0 {
		return nil
	}
	sorted, err := r.placeExposures(exposures)
	if err != nil {
		return err
	}
	statements, err := r.exposureStatements()
	if err != nil {
		return err
	}
	seq, err := r.reserve("exposures", len(sorted))
	if err != nil {
		return err
	}
	for i := range sorted {
		seq++
		if err := r.recordExposure(&statements, &sorted[i], seq); err != nil {
			return err
		}
	}
	return r.storeBounds()
}

// placeExposures numbers the exposures that are not barred and sorts them by
// key, so that neighbours in the file are written together. Equal keys stay in
// the order of the batch.
func (r *recording) placeExposures(exposures []experiment.Exposure) ([]placed, error) {
	sorted := make([]placed, 0, len(exposures))
	for i := range exposures {
		e := &exposures[i]
		p := placed{Exposure: e, us: e.Time.UnixMicro()}
		barred, err := r.barredExposure(e, p.us)
		if err != nil {
			return nil, err
		}
		if barred {
			r.receipt.Barred++
			continue
		}
		if p.run, err = r.run(runKey{e.Experiment, e.Run, e.Kind}); err != nil {
			return nil, err
		}
		p.placement, err = r.place(placementKey{p.run, e.Variant, e.Touchpoint, e.Phase, e.Class})
		if err != nil {
			return nil, err
		}
		sorted = append(sorted, p)
	}
	slices.SortStableFunc(sorted, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.run, b.run), strings.Compare(a.Unit, b.Unit), cmp.Compare(a.placement.no, b.placement.no))
	})
	return sorted, nil
}

func (r *recording) recordExposure(s *exposureStatements, p *placed, seq int64) error {
	p.bindKey(s.insert)
	s.insert.BindInt64(4, p.us)
	s.insert.BindInt64(5, seq)
	if err := finish(s.insert); err != nil {
		return err
	}
	if r.conn.Changes() == 0 {
		return r.mergeExposure(s, p, seq)
	}
	r.receipt.Inserted++
	return r.storeDetails(s, p, seq)
}

func (p *placed) bindKey(stmt *sqlite.Stmt) {
	stmt.BindInt64(1, p.run)
	stmt.BindText(2, p.Unit)
	stmt.BindInt64(3, p.placement.no)
}

// storeDetails writes what belongs to a new or replaced exposure.
func (r *recording) storeDetails(s *exposureStatements, p *placed, seq int64) error {
	p.placement.widen(p.us)
	s.insertDetails.BindInt64(1, seq)
	s.insertDetails.BindInt64(2, r.received)
	s.insertDetails.BindText(3, experiment.EncodeIDs(p.IDs))
	s.insertDetails.BindText(4, experiment.EncodeAttributes(p.Attributes))
	if err := finish(s.insertDetails); err != nil {
		return err
	}
	key := exposureKey{p.run, p.Unit, p.placement.no}
	return r.eachOtherID(key, p.Kind, p.IDs, "INSERT OR IGNORE INTO exposure_ids (kind, id, run, unit, placement) VALUES (?1, ?2, ?3, ?4, ?5)")
}

// mergeExposure keeps the earlier of a stored exposure and this one.
func (r *recording) mergeExposure(s *exposureStatements, p *placed, seq int64) error {
	p.bindKey(s.find)
	found, err := s.find.Step()
	first, oldSeq := s.find.ColumnInt64(0), s.find.ColumnInt64(1)
	if err := errors.Join(err, s.find.Reset()); err != nil {
		return err
	}
	if !found || first < p.us {
		r.receipt.Duplicate++
		return nil
	}
	ids, attributes, err := readDetails(s.readDetails, oldSeq)
	if err != nil {
		return err
	}
	if first == p.us && ids+attributes <= p.Encoding() {
		r.receipt.Duplicate++
		return nil
	}
	r.receipt.Merged++
	return r.replaceExposure(s, p, seq, oldSeq, ids)
}

// replaceExposure puts an exposure in the place of a stored one of its key.
func (r *recording) replaceExposure(s *exposureStatements, p *placed, seq, oldSeq int64, oldIDs string) error {
	if err := r.deleteOtherIDs(exposureKey{p.run, p.Unit, p.placement.no}, p.Kind, oldIDs); err != nil {
		return err
	}
	s.deleteDetails.BindInt64(1, oldSeq)
	if err := finish(s.deleteDetails); err != nil {
		return err
	}
	p.bindKey(s.advance)
	s.advance.BindInt64(4, p.us)
	s.advance.BindInt64(5, seq)
	if err := finish(s.advance); err != nil {
		return err
	}
	return r.storeDetails(s, p, seq)
}

func readDetails(stmt *sqlite.Stmt, seq int64) (ids, attributes string, err error) {
	stmt.BindInt64(1, seq)
	found, err := stmt.Step()
	if found {
		ids, attributes = stmt.ColumnText(0), stmt.ColumnText(1)
	}
	return ids, attributes, errors.Join(err, stmt.Reset())
}

// exposureKey is the natural key of an exposure in numbers.
type exposureKey struct {
	run       int64
	unit      string
	placement int64
}

// deleteOtherIDs deletes the rows of exposure_ids that belong to an exposure
// with these ids.
func (w *writer) deleteOtherIDs(key exposureKey, kind experiment.Kind, encoded string) error {
	ids, err := experiment.DecodeIDs(encoded)
	if err != nil {
		return err
	}
	return w.eachOtherID(key, kind, ids, `DELETE FROM exposure_ids
		WHERE kind = ?1 AND id = ?2 AND run = ?3 AND unit = ?4 AND placement = ?5`)
}

// eachOtherID runs a statement for each id of an exposure but the unit.
func (w *writer) eachOtherID(key exposureKey, kind experiment.Kind, ids []experiment.ID, query string) error {
	for _, id := range ids {
		if id.Kind == kind && id.Value == key.unit {
			continue
		}
		no, err := w.name(string(id.Kind))
		if err != nil {
			return err
		}
		stmt, err := w.conn.Prepare(query)
		if err != nil {
			return err
		}
		stmt.BindInt64(1, no)
		stmt.BindText(2, id.Value)
		stmt.BindInt64(3, key.run)
		stmt.BindText(4, key.unit)
		stmt.BindInt64(5, key.placement)
		if err := finish(stmt); err != nil {
			return err
		}
	}
	return nil
}
