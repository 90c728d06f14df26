package sqlite

import (
	"context"
	"fmt"
	"math"

	"zombiezen.com/go/sqlite"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/internal/sqlstore"
)

// Summarize answers a query inside SQLite, from one state of the file; see
// [experiment.Store]. It runs beside Record and holds nobody up; at most three
// run at the same time. It needs room for a temporary file: about 50 bytes for
// each unit of the run.
func (s *Store) Summarize(ctx context.Context, query experiment.Query) (experiment.Cells, error) {
	if err := s.enter(); err != nil {
		return experiment.Cells{}, err
	}
	defer s.leave()
	if err := query.Validate(); err != nil {
		return experiment.Cells{}, err
	}
	cells, err := s.summarize(ctx, query)
	return cells, failure(ctx, "summarize", err)
}

func (s *Store) summarize(ctx context.Context, query experiment.Query) (experiment.Cells, error) {
	conn, err := s.acquireReader(ctx)
	if err != nil {
		return experiment.Cells{}, err
	}
	defer s.releaseReader(conn)
	if err := s.begin(ctx, conn, "BEGIN"); err != nil {
		return experiment.Cells{}, err
	}
	frame, found, err := readFrame(conn, query)
	if err != nil || !found {
		return experiment.Cells{}, err
	}
	statement := sqlstore.Build(dialect, query, frame)
	if statement.SQL == "" {
		return experiment.Cells{}, nil
	}
	return answer(conn, statement)
}

// answer runs a statement and puts its rows together.
func answer(conn *sqlite.Conn, statement sqlstore.Statement) (experiment.Cells, error) {
	stmt, trailing, err := conn.PrepareTransient(statement.SQL)
	if err != nil {
		return experiment.Cells{}, err
	}
	defer stmt.Finalize()
	if trailing > 0 {
		return experiment.Cells{}, fmt.Errorf("sqlite: %d bytes after the statement", trailing)
	}
	for i, arg := range statement.Args {
		bind(stmt, i+1, arg)
	}
	assembler := statement.Assembler()
	row := make([]any, stmt.ColumnCount())
	for {
		found, err := stmt.Step()
		if err != nil {
			return experiment.Cells{}, err
		}
		if !found {
			return assembler.Cells()
		}
		readRow(stmt, row)
		if err := assembler.Add(row); err != nil {
			return experiment.Cells{}, err
		}
	}
}

func bind(stmt *sqlite.Stmt, n int, arg any) {
	switch arg := arg.(type) {
	case int64:
		stmt.BindInt64(n, arg)
	case float64:
		stmt.BindFloat(n, arg)
	case string:
		stmt.BindText(n, arg)
	}
}

func readRow(stmt *sqlite.Stmt, row []any) {
	for i := range row {
		switch stmt.ColumnType(i) {
		case sqlite.TypeInteger:
			row[i] = stmt.ColumnInt64(i)
		case sqlite.TypeFloat:
			row[i] = stmt.ColumnFloat(i)
		case sqlite.TypeText:
			row[i] = stmt.ColumnText(i)
		default:
			row[i] = nil
		}
	}
}

// noNumber is the number of a name that the file does not have.
const noNumber = -1

// readFrame reads what belongs to the query's run, and whether the file has
// that run.
func readFrame(conn *sqlite.Conn, query experiment.Query) (f sqlstore.Frame, found bool, err error) {
	stmt, err := conn.Prepare(`SELECT r.no, r.kind FROM runs r JOIN names k ON k.no = r.kind
		WHERE r.experiment = ?1 AND r.run = ?2 AND k.name = ?3`)
	if err != nil {
		return f, false, err
	}
	stmt.BindText(1, query.Experiment)
	stmt.BindText(2, query.Run)
	stmt.BindText(3, string(query.Kind))
	err = each(stmt, func() { f.Run, f.Kind, found = stmt.ColumnInt64(0), stmt.ColumnInt64(1), true })
	if err != nil || !found {
		return f, found, err
	}
	if err := readPlacements(conn, &f); err != nil {
		return f, found, err
	}
	f.Events, err = readEvents(conn, query.Values)
	return f, found, err
}

func readPlacements(conn *sqlite.Conn, f *sqlstore.Frame) error {
	stmt, err := conn.Prepare(`SELECT no, variant, touchpoint, phase, class, earliest_us, latest_us
		FROM placements WHERE run = ?1`)
	if err != nil {
		return err
	}
	stmt.BindInt64(1, f.Run)
	f.Earliest, f.Latest = math.MaxInt64, math.MinInt64
	return each(stmt, func() {
		f.Placements = append(f.Placements, sqlstore.Placement{
			No: stmt.ColumnInt64(0), Variant: stmt.ColumnText(1), Touchpoint: stmt.ColumnText(2),
			Phase: stmt.ColumnInt(3), Class: experiment.Class(stmt.ColumnText(4)),
		})
		f.Earliest, f.Latest = min(f.Earliest, stmt.ColumnInt64(5)), max(f.Latest, stmt.ColumnInt64(6))
	})
}

func readEvents(conn *sqlite.Conn, values []experiment.Value) ([]int64, error) {
	stmt, err := conn.Prepare("SELECT no FROM names WHERE name = ?1")
	if err != nil {
		return nil, err
	}
	events := make([]int64, len(values))
	for i, v := range values {
		stmt.BindText(1, v.Event)
		no, found, err := scalar(stmt)
		if err != nil {
			return nil, err
		}
		if !found {
			no = noNumber
		}
		events[i] = no
	}
	return events, nil
}
