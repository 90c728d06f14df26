package sqlstore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/touchlift/touchlift/experiment"
)

// Statement answers a query. Run it with its arguments, give each row to
// [Assembler.Add], and take the answer from [Assembler.Cells].
type Statement struct {
	SQL string
	// Args, in the order of the placeholders' numbers: int64, float64 or string.
	Args []any

	shape shape
}

// Build writes the statement that answers a valid query about a run. It is the
// zero Statement where the frame shows that the answer is empty: no placement
// counts.
func Build(d Dialect, q experiment.Query, f Frame) Statement {
	p := newPlan(f.Placements)
	if len(p.ranked) == 0 {
		return Statement{}
	}
	b := newBuilder(d)
	s := &summary{
		builder: b, query: q, frame: f, plan: p, moments: newMoments(q.AsOf),
		packing: newPacking(b, len(p.ranked), f.Earliest, f.Latest),
		shape:   newShape(q, p),
	}
	text := s.text()
	return Statement{SQL: text, Args: b.args, shape: s.shape}
}

// summary writes one statement.
type summary struct {
	*builder
	packing packing
	query   experiment.Query
	frame   Frame
	plan    *plan
	moments moments
	shape   shape
}

// The parts of the answer. Each row names its part first.
const (
	partUnits        = iota // units of a cell
	partTotals              // sums over units with conversions
	partClusters            // units, clusters and sums of a cell
	partContaminated        // units that became contaminated
	partMoved               // units that moved
)

func (s *summary) text() string {
	common := []string{s.grouped(), s.mixed(), s.whole(), s.unit()}
	var parts []string
	if s.query.Cluster != "" {
		common = append(common, s.totals()...)
		common = append(common, s.clusters())
		parts = append(parts, s.clusterPart())
	} else {
		parts = append(parts, s.unitPart())
		if len(s.query.Values) > 0 {
			common = append(common, s.totals()...)
			parts = append(parts, s.totalPart())
		}
	}
	parts = append(parts, s.contaminatedPart(), s.movedPart())
	return "WITH " + strings.Join(common, ",\n") + "\n" + strings.Join(parts, "\nUNION ALL\n")
}

// shape is the layout of the answer's rows:
//
//	part, cell, levels, from, until, due, a, b, c, 3 sums a value, 6 a pair
//
// A row holds from one moment up to another. due has, for each delay and window
// after which units mature, the moment from which they are mature.
type shape struct {
	query  experiment.Query
	plan   *plan
	dues   []int64 // distinct delay + window of values with MatureOnly, microseconds
	dueOf  []int   // by value: index into dues, -1 for values that need no maturity
	always []bool  // by value: a unit without events counts
}

func newShape(q experiment.Query, p *plan) shape {
	s := shape{query: q, plan: p}
	for _, v := range q.Values {
		due := -1
		if v.MatureOnly && v.Side == experiment.After {
			due = int(number(&s.dues, (v.Delay + v.Window).Microseconds()))
		}
		s.dueOf = append(s.dueOf, due)
		optional := []experiment.Aggregation{experiment.AggregateMin, experiment.AggregateMax, experiment.AggregateLast}
		s.always = append(s.always, !slices.Contains(optional, v.Aggregation))
	}
	return s
}

// columns names a number of columns with a common stem, such as due_0, due_1.
func columns(table, stem string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s%s_%d", table, stem, i)
	}
	return names
}

// zeros fills columns that a part of the answer does not use.
func zeros(n int) []string { return slices.Repeat([]string{"0"}, n) }

func (s *shape) levels(table string) []string { return columns(table, "level", len(s.query.By)) }

func (s *shape) due(table string) []string { return columns(table, "due", len(s.dues)) }

// sums is the number of columns with sums.
func (s *shape) sums() int { return 3*len(s.query.Values) + 6*len(s.query.Cross) }
