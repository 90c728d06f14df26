package sqlite

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/touchlift/touchlift/experiment"
)

// identified is a row of conversion_ids to be written.
type identified struct {
	kind  int64
	id    string
	event int64
	us    int64
	seq   int64
	value float64
}

// conversionStatements are the statements that record conversions.
type conversionStatements struct {
	insert, find, insertID *sqlite.Stmt
}

func (w *writer) conversionStatements() (s conversionStatements, err error) {
	err = w.prepare(map[**sqlite.Stmt]string{
		&s.insert: `INSERT INTO conversions (seq, id, time_us, recv_us, event, value, touchpoint, ids, attributes)
			VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO NOTHING`,
		&s.find: "SELECT event, value FROM conversions WHERE id = ?1",
		&s.insertID: `INSERT INTO conversion_ids (kind, id, event, time_us, seq, value)
			VALUES (?1, ?2, ?3, ?4, ?5, ?6)`,
	})
	return s, err
}

func (r *recording) recordConversions(conversions []experiment.Conversion) error {
	if len(conversions) == 0 {
		return nil
	}
	statements, err := r.conversionStatements()
	if err != nil {
		return err
	}
	seq, err := r.reserve("conversions", len(conversions))
	if err != nil {
		return err
	}
	rows := make([]identified, 0, len(conversions))
	for _, i := range orderByID(conversions) {
		seq++
		if rows, err = r.recordConversion(&statements, &conversions[i], seq, rows); err != nil {
			return err
		}
	}
	return insertIDs(statements.insertID, rows)
}

// orderByID returns the indexes of the conversions in the order of their ids,
// so that neighbours in the index of ids are written together. Equal ids stay
// in the order of the batch.
func orderByID(conversions []experiment.Conversion) []int {
	order := make([]int, len(conversions))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return bytes.Compare(conversions[a].ID[:], conversions[b].ID[:]) })
	return order
}

// recordConversion writes a conversion if it is new, and appends its rows of
// conversion_ids.
func (r *recording) recordConversion(s *conversionStatements, v *experiment.Conversion, seq int64, rows []identified) ([]identified, error) {
	us := v.Time.UnixMicro()
	barred, err := r.barred(v.IDs, us)
	if err != nil {
		return nil, err
	}
	if barred {
		r.receipt.Barred++
		return rows, nil
	}
	event, err := r.name(v.Event)
	if err != nil {
		return nil, err
	}
	inserted, err := r.insertConversion(s.insert, v, seq, us, event)
	if err != nil {
		return nil, err
	}
	if !inserted {
		return rows, r.compareConversion(s.find, v, event)
	}
	r.receipt.Inserted++
	for _, id := range v.IDs {
		kind, err := r.name(string(id.Kind))
		if err != nil {
			return nil, err
		}
		rows = append(rows, identified{kind, id.Value, event, us, seq, v.Value})
	}
	return rows, nil
}

func (r *recording) insertConversion(stmt *sqlite.Stmt, v *experiment.Conversion, seq, us, event int64) (inserted bool, err error) {
	touchpoint, err := r.name(v.Touchpoint)
	if err != nil {
		return false, err
	}
	stmt.BindInt64(1, seq)
	stmt.BindBytes(2, v.ID[:])
	stmt.BindInt64(3, us)
	stmt.BindInt64(4, r.received)
	stmt.BindInt64(5, event)
	stmt.BindFloat(6, v.Value)
	stmt.BindInt64(7, touchpoint)
	stmt.BindText(8, experiment.EncodeIDs(v.IDs))
	stmt.BindText(9, experiment.EncodeAttributes(v.Attributes))
	err = finish(stmt)
	return r.conn.Changes() == 1, err
}

// compareConversion counts a conversion whose id is taken.
func (r *recording) compareConversion(stmt *sqlite.Stmt, v *experiment.Conversion, event int64) error {
	stmt.BindBytes(1, v.ID[:])
	_, err := stmt.Step()
	same := stmt.ColumnInt64(0) == event && stmt.ColumnFloat(1) == v.Value
	if err := errors.Join(err, stmt.Reset()); err != nil {
		return err
	}
	if same {
		r.receipt.Duplicate++
	} else {
		r.receipt.Conflicting++
	}
	return nil
}

func insertIDs(stmt *sqlite.Stmt, rows []identified) error {
	slices.SortFunc(rows, func(a, b identified) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), strings.Compare(a.id, b.id),
			cmp.Compare(a.event, b.event), cmp.Compare(a.us, b.us), cmp.Compare(a.seq, b.seq))
	})
	for i := range rows {
		stmt.BindInt64(1, rows[i].kind)
		stmt.BindText(2, rows[i].id)
		stmt.BindInt64(3, rows[i].event)
		stmt.BindInt64(4, rows[i].us)
		stmt.BindInt64(5, rows[i].seq)
		stmt.BindFloat(6, rows[i].value)
		if err := finish(stmt); err != nil {
			return err
		}
	}
	return nil
}
