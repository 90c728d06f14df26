package assign

import (
	"errors"
	"fmt"
	"iter"
	"strings"
)

// Row is one line of a table: a unit and what it was given. A table of rows is what
// a mailing, a call list or a store roll-out is made from, before anybody asks.
//
// A table from [Stratify] or [Match] is no function of the id alone. To let the web
// page and the store show what the mail promised, load it into the assignments of the
// engine (experiment.Assignments), with the salt as the run:
//
//	for row, err := range split.List(ids) {
//		if err == nil && row.Enrolled {
//			key := experiment.AssignmentKey{Experiment: "autumn-mail", Run: "autumn-mail-2026", ID: experiment.ID{Kind: "customer", Value: row.ID}}
//			_, err = assignments.Assign(ctx, key, experiment.Assignment{Unit: row.ID, Variant: row.Variant})
//		}
//		problems = append(problems, err) // errors.Join drops those that are nil
//	}
type Row struct {
	// ID of the unit, as it was given.
	ID string
	// Variant that the unit gets; "" if it is not enrolled.
	Variant string
	// Enrolled says whether the unit is in the experiment.
	Enrolled bool
	// Stratum of the unit in a list of [Strata]; "" in other tables.
	Stratum string
	// Group is the number of the matched group of [Match], from 1. It is 0 for a unit
	// that is not enrolled, and in other tables.
	Group int
}

// What can be wrong with a list; all are found with errors.Is.
var (
	// ErrDuplicateUnit says that an id stands in a list more than once.
	ErrDuplicateUnit = errors.New("unit is in the list more than once: list every unit once, in one stratum")
	// ErrUnknownStratum says that a stratum was not there when the list was stratified.
	ErrUnknownStratum = errors.New("stratum was not in the list that was stratified: list what was given to Stratify")
	// ErrChangedList says that a list gave other units when it was read again.
	ErrChangedList = errors.New("assign: list gives other units when it is read again: pass one that can be read more than once, such as a slice or a file that is opened anew")
	// ErrCovariate says that a unit cannot be matched by its covariates.
	ErrCovariate = errors.New("covariates cannot be compared")
	// ErrTooFewUnits says that a list is too short to match a single group.
	ErrTooFewUnits = errors.New("assign: too few units to match")
)

// RowError is what is wrong with one line of a list. It unwraps to its cause:
// [ErrMissingUnit], [ErrInvalidUnit], [ErrDuplicateUnit], [ErrUnknownStratum] or
// [ErrCovariate].
type RowError struct {
	Row int    // number of the line, from 1
	ID  string // the id as given
	Err error  // what is wrong with it
}

// Error names the line, the id, and what to do.
func (e *RowError) Error() string {
	return fmt.Sprintf("assign: row %d, id %q: %s", e.Row, e.ID, strings.TrimPrefix(e.Err.Error(), "assign: "))
}

// Unwrap returns the cause.
func (e *RowError) Unwrap() error { return e.Err }

// mostRows is how many bad lines a [ListError] holds, so that a list of a wrong kind
// does not fill the memory.
const mostRows = 100

// ListError is the error of [Stratify] and [Match] for a list with bad lines.
type ListError struct {
	// Rows that are bad, at least one, in the order of the list; the first 100.
	Rows []*RowError
	// More counts the bad rows behind them.
	More int
}

// Error lists the bad rows, one a line.
func (e *ListError) Error() string {
	var lines []string
	for _, row := range e.Rows {
		lines = append(lines, row.Error())
	}
	if e.More > 0 {
		lines = append(lines, fmt.Sprintf("assign: and %d more rows", e.More))
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the rows for errors.Is and errors.As.
func (e *ListError) Unwrap() []error {
	all := make([]error, len(e.Rows))
	for i, row := range e.Rows {
		all[i] = row
	}
	return all
}

func (e *ListError) add(row int, id string, err error) {
	if len(e.Rows) == mostRows {
		e.More++
		return
	}
	e.Rows = append(e.Rows, &RowError{Row: row, ID: id, Err: err})
}

// orNil returns the error if a row is bad.
func (e *ListError) orNil() error {
	if len(e.Rows) == 0 {
		return nil
	}
	return e
}

// List gives every id of a list its variant, one row an id and in their order. It
// holds one row at a time, so the list may be longer than the memory. What a unit gets
// depends on its id alone, as in [Split.Variant]: a list is never out of step with a
// page that asks later, and the arms' counts vary as those of independent draws do.
// Use [Stratify] for counts that are exact.
//
// An id that cannot be assigned comes as a row that is not enrolled, together with a
// [*RowError] that names the line; the rows behind it follow. An id that the list has
// twice comes twice, with the same variant: only a table of all ids could tell.
func (s *Split) List(ids iter.Seq[string]) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		number := 0
		for id := range ids {
			number++
			row := Row{ID: id}
			row.Variant, row.Enrolled = s.Variant(id)
			if !yield(row, rowProblem(number, id)) {
				return
			}
		}
	}
}

// rowProblem judges the id of a line. It does not return a nil *RowError as an error.
func rowProblem(number int, id string) error {
	if err := CheckID(id); err != nil {
		return &RowError{Row: number, ID: id, Err: err}
	}
	return nil
}

// checkTable judges a spec from which a table is made.
func checkTable(spec Spec) SpecErrors {
	list := spec.problems()
	if len(spec.Phases) > 0 {
		list.add("phases", len(spec.Phases), "phases",
			"want none for a table that is made once; give the arms their last weights")
	}
	if spec.Hash != nil {
		list.add("hash", spec.Hash.Name(), "is the formula of another SDK",
			"want the default touchlift/1: a table is ordered by its positions")
	}
	return list
}
