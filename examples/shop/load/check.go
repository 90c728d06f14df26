package load

import (
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// stored is what the database of a shop holds.
type stored struct {
	exposures map[visit]int // how many there are of each
	mixed     int           // customers who met two variants
	purchases int
}

// read opens the database of a shop that has ended, without touchlift.
func read(path string) (stored, error) {
	s := stored{exposures: make(map[visit]int)}
	db, err := sqlite.OpenConn(path, sqlite.OpenReadOnly)
	if err != nil {
		return s, err
	}
	err = errors.Join(
		query(db, "SELECT unit, touchpoint FROM exposure_list", func(row *sqlite.Stmt) {
			s.exposures[visit{customer: row.ColumnText(0), page: row.ColumnText(1)}]++
		}),
		query(db, "SELECT count(*) FROM (SELECT unit FROM exposure_list GROUP BY unit HAVING count(DISTINCT variant) > 1)",
			func(row *sqlite.Stmt) { s.mixed = row.ColumnInt(0) }),
		query(db, "SELECT count(*) FROM conversion_list WHERE event = 'purchase'",
			func(row *sqlite.Stmt) { s.purchases = row.ColumnInt(0) }),
		db.Close(),
	)
	return s, err
}

func query(db *sqlite.Conn, text string, each func(row *sqlite.Stmt)) error {
	return sqlitex.ExecuteTransient(db, text, &sqlitex.ExecOptions{ResultFunc: func(row *sqlite.Stmt) error {
		each(row)
		return nil
	}})
}

// check compares what the shop answered with what its database holds.
func check(o outcome, c counters, s stored) error {
	var problems []error
	add := func(format string, args ...any) { problems = append(problems, fmt.Errorf("load: "+format, args...)) }
	if o.answered == 0 {
		add("no request was answered")
	}
	lost, repeated, unasked := 0, 0, 0
	for v := range o.visits {
		if s.exposures[v] == 0 {
			lost++
		}
	}
	for v, n := range s.exposures {
		if n > 1 {
			repeated++
		}
		if !o.visits[v] {
			unasked++
		}
	}
	if lost > 0 {
		add("%d of %d answered visits are not in the database", lost, len(o.visits))
	}
	if repeated > 0 {
		add("%d visits are in the database more than once", repeated)
	}
	if unasked > o.failed {
		add("%d visits in the database were not answered, but only %d requests failed", unasked, o.failed)
	}
	if s.mixed > 0 {
		add("%d customers met two variants", s.mixed)
	}
	if s.purchases < o.orders || s.purchases > o.orders+o.failed {
		add("the database has %d purchases, %d were answered and %d requests failed", s.purchases, o.orders, o.failed)
	}
	if c["accepted"] != c["delivered"] || c["refused"] != 0 || c["dropped"] != 0 {
		add("accepted %d, delivered %d, refused %d, dropped %d events", c["accepted"], c["delivered"], c["refused"], c["dropped"])
	}
	return errors.Join(problems...)
}
