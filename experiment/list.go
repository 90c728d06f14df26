package experiment

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/touchlift/touchlift/assign"
)

// ListError says why a row of a list cannot be loaded.
type ListError struct {
	// Row counts from 1.
	Row int
	// ID and Variant of the row.
	ID, Variant string
	// Problem is what is wrong and what is wanted.
	Problem string
}

// Error names the row, its content and the problem.
func (e *ListError) Error() string {
	return fmt.Sprintf("experiment: row %d of the list (%.80q, %.80q): %s", e.Row, e.ID, e.Variant, e.Problem)
}

// maxListErrors is how many bad rows are told of. More than that have one cause.
const maxListErrors = 100

// LoadList puts the rows of a list that was split beforehand (package assign) into
// the assignments of an experiment, so that every touchpoint serves what the list
// says. The experiment has to be Sticky; give it a traffic of 0% if nobody outside
// the list is to take part. Rows of units that are not enrolled are left out. Loading a
// list again changes nothing. It returns the number of rows whose units stand as the
// list says.
//
// Every row is looked at: the error joins a *ListError for each that cannot be loaded,
// up to 100, because its id cannot be a unit, its variant is none of the experiment, a
// holdout keeps the unit out, or it has another variant already. It stops at an error of
// the assignments. An invalid catalogue is refused as by [New].
func LoadList(ctx context.Context, assignments Assignments, catalog *Catalog, key string, rows iter.Seq[assign.Row]) (loaded int, err error) {
	s, err := compileCatalog(catalog, assignments, nil)
	if err != nil {
		return 0, err
	}
	c := s.experiments.find(key)
	if c == nil {
		return 0, s.unknown("experiment", key)
	}
	if !c.rules.sticky {
		return 0, fmt.Errorf("experiment: %q is not sticky, so that no list decides; set sticky: true", key)
	}
	row := 0
	var problems []error
	for r := range rows {
		row++
		if !r.Enrolled {
			continue
		}
		problem, err := c.loadRow(ctx, assignments, r)
		if err != nil {
			return loaded, errors.Join(append(problems, fmt.Errorf("experiment: row %d of the list: %w", row, err))...)
		}
		if problem == "" {
			loaded++
		} else if len(problems) < maxListErrors {
			problems = append(problems, &ListError{Row: row, ID: r.ID, Variant: r.Variant, Problem: problem})
		}
	}
	return loaded, errors.Join(problems...)
}

func (c *compiled) loadRow(ctx context.Context, assignments Assignments, r assign.Row) (problem string, err error) {
	if err := checkUnit(r.ID); err != nil {
		return fmt.Sprintf("the id cannot be a unit: %v", err), nil
	}
	if !slices.Contains(c.variants, r.Variant) {
		return fmt.Sprintf("the variants of experiment %q are %s", c.key, strings.Join(c.variants, ", ")), nil
	}
	if c.heldOut(assign.Hash(r.ID)) {
		return "a holdout keeps the unit out; split the list without such units", nil
	}
	given := Assignment{Unit: r.ID, Variant: r.Variant}
	kept, err := assignments.Assign(ctx, c.assignmentKey(ID{Kind: c.kind, Value: r.ID}), given)
	if err == nil && (kept.Unit != given.Unit || kept.Variant != given.Variant) {
		problem = fmt.Sprintf("the unit was given %q before, which stands", kept.Variant)
	}
	return problem, err
}
