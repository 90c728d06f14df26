package sqlstore

import (
	"fmt"
	"math"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
)

// Assembler puts the rows of a statement together. It keeps one sum for each
// cell and moment and no row.
type Assembler struct {
	shape shape
	cells map[place]*cellSum
	found experiment.Cells // the transitions so far
}

// place tells cells of one answer apart.
type place struct {
	moment, cell int
	levels       string
}

// cellSum is a cell while it is added up.
type cellSum struct {
	experiment.Cell
	counting []int64 // by value: units that count, for values that count units without events
	both     []int64 // by pair: units that count for both
}

// Assembler returns an assembler for the rows of the statement.
func (s Statement) Assembler() *Assembler {
	return &Assembler{shape: s.shape, cells: make(map[place]*cellSum)}
}

// Add takes a row: nil, int64, float64 or string in each column. It keeps no
// part of it.
func (a *Assembler) Add(row []any) error {
	r, err := a.shape.read(row)
	if err != nil {
		return err
	}
	if r.part == partContaminated || r.part == partMoved {
		return a.addTransition(r)
	}
	for moment := r.from; moment < r.until; moment++ {
		c := a.cell(moment, r)
		switch r.part {
		case partUnits:
			c.Units += r.counts[0]
			a.countUnits(c, r, moment)
		case partTotals:
			c.addSums(a.shape.mature(r.due, moment), r.sums)
		case partClusters:
			c.Units += r.counts[0]
			c.Unclustered += r.counts[1]
			c.Clusters += r.counts[2]
			c.addSums(func(int) bool { return true }, r.sums)
		default:
			return fmt.Errorf("sqlstore: row of part %d, want 0 to %d", r.part, partMoved)
		}
	}
	return nil
}

// mature returns whether a unit with these dues counts for a value at a moment.
func (s *shape) mature(due []int64, moment int) func(value int) bool {
	return func(value int) bool { return s.dueOf[value] < 0 || due[s.dueOf[value]] <= int64(moment) }
}

// cell returns the sum of the row's cell at a moment.
func (a *Assembler) cell(moment int, r answerRow) *cellSum {
	key := place{moment: moment, cell: r.cell, levels: r.levelKey}
	if c := a.cells[key]; c != nil {
		return c
	}
	q, met := &a.shape.query, a.shape.plan.cells[r.cell]
	g := a.shape.plan.groups[met.group]
	c := &cellSum{counting: make([]int64, len(q.Values)), both: make([]int64, len(q.Cross))}
	c.Cell = experiment.Cell{AsOf: q.AsOf[moment], Variant: g.variant, Holdout: g.holdout, Phase: met.phase, By: r.levels}
	for _, v := range q.Values {
		c.Sums = append(c.Sums, experiment.Sums{Pivot: v.Pivot})
	}
	for _, pair := range q.Cross {
		c.Joint = append(c.Joint, experiment.Joint{PivotX: q.Values[pair[0]].Pivot, PivotY: q.Values[pair[1]].Pivot})
	}
	a.cells[key] = c
	return c
}

func (a *Assembler) countUnits(c *cellSum, r answerRow, moment int) {
	mature := a.shape.mature(r.due, moment)
	counts := func(value int) bool { return a.shape.always[value] && mature(value) }
	for i := range c.counting {
		if counts(i) {
			c.counting[i] += r.counts[0]
		}
	}
	for i, pair := range a.shape.query.Cross {
		if counts(pair[0]) && counts(pair[1]) {
			c.both[i] += r.counts[0]
		}
	}
}

// addSums adds the sums of a row, for the values that count.
func (c *cellSum) addSums(counts func(value int) bool, sums rowSums) {
	for i := range c.Sums {
		if n := sums.values[i][0]; n > 0 && counts(i) {
			c.Sums[i].N += int64(n)
			c.Sums[i].Sum += sums.values[i][1]
			c.Sums[i].SumSquares += sums.values[i][2]
		}
	}
	for i := range c.Joint {
		s, j := sums.pairs[i], &c.Joint[i]
		if s[0] > 0 && counts(sums.cross[i][0]) && counts(sums.cross[i][1]) {
			j.N += int64(s[0])
			j.SumX += s[1]
			j.SumY += s[2]
			j.SumXX += s[3]
			j.SumYY += s[4]
			j.SumXY += s[5]
		}
	}
}

func (a *Assembler) addTransition(r answerRow) error {
	met := a.shape.plan.cells[r.cell]
	from := a.shape.plan.groups[met.group]
	if r.counts[1] < 0 || r.counts[1] >= int64(len(a.shape.plan.groups)) {
		return fmt.Errorf("sqlstore: transition to group %d, want one of %d", r.counts[1], len(a.shape.plan.groups))
	}
	to := a.shape.plan.groups[r.counts[1]]
	for moment := r.from; moment < r.until; moment++ {
		t := experiment.Transition{
			AsOf: a.shape.query.AsOf[moment], Variant: from.variant, Holdout: from.holdout, Phase: met.phase,
			To: to.variant, ToHoldout: to.holdout, Units: r.counts[0],
		}
		if r.part == partContaminated {
			a.found.Contaminated = append(a.found.Contaminated, t)
		} else {
			a.found.Moved = append(a.found.Moved, t)
		}
	}
	return nil
}

// Cells returns the answer, in its documented order.
func (a *Assembler) Cells() (experiment.Cells, error) {
	answer, err := experiment.Merge(a.found)
	if err != nil {
		return experiment.Cells{}, err
	}
	for _, c := range a.cells {
		c.addWithoutEvents(&a.shape.query)
		answer.Cells = append(answer.Cells, c.Cell)
	}
	a.cells = nil
	answer.Sort()
	return answer, nil
}

// addWithoutEvents adds the units that count but have no conversions: all of
// them alike. Those of clusters are in the sums already.
func (c *cellSum) addWithoutEvents(q *experiment.Query) {
	for i, v := range q.Values {
		if rest := float64(c.counting[i] - c.Sums[i].N); rest > 0 {
			y := withoutEvents(v) - v.Pivot
			c.Sums[i].N = c.counting[i]
			c.Sums[i].Sum += rest * y
			c.Sums[i].SumSquares += rest * (y * y)
		}
	}
	for i, pair := range q.Cross {
		j := &c.Joint[i]
		if rest := float64(c.both[i] - j.N); rest > 0 {
			vx, vy := q.Values[pair[0]], q.Values[pair[1]]
			x, y := withoutEvents(vx)-vx.Pivot, withoutEvents(vy)-vy.Pivot
			j.N = c.both[i]
			j.SumX += rest * x
			j.SumY += rest * y
			j.SumXX += rest * (x * x)
			j.SumYY += rest * (y * y)
			j.SumXY += rest * (x * y)
		}
	}
}

// answerRow is a row of the answer, read.
type answerRow struct {
	part, cell  int
	levels      []audience.Value
	levelKey    string
	from, until int
	due         []int64
	counts      [3]int64
	sums        rowSums
}

// rowSums are the sums of a row: count, sum and sum of squares of each value;
// count, sums, sums of squares and sum of products of each pair.
type rowSums struct {
	values [][3]float64
	pairs  [][6]float64
	cross  [][2]int
}

// read takes a row apart.
func (s *shape) read(row []any) (answerRow, error) {
	want := 7 + len(s.query.By) + len(s.dues) + s.sums()
	if len(row) != want {
		return answerRow{}, fmt.Errorf("sqlstore: row of %d columns, want %d", len(row), want)
	}
	c := &cursor{row: row}
	r := answerRow{part: int(c.integer()), cell: int(c.integer())}
	if r.cell < 0 || r.cell >= len(s.plan.cells) {
		return r, fmt.Errorf("sqlstore: cell %d, want one of %d", r.cell, len(s.plan.cells))
	}
	for _, d := range s.query.By {
		level := c.level(d, s.plan.touchpoints)
		r.levels = append(r.levels, level)
		r.levelKey += fmt.Sprintf(" %v %q", level.Type(), level.String())
	}
	r.from, r.until = int(c.integer()), int(c.integer())
	if r.from < 0 || r.until > len(s.query.AsOf) {
		return r, fmt.Errorf("sqlstore: moments %d to %d, want 0 to %d", r.from, r.until, len(s.query.AsOf))
	}
	for range s.dues {
		r.due = append(r.due, c.integer())
	}
	for i := range r.counts {
		r.counts[i] = c.integer()
	}
	r.sums = rowSums{values: make([][3]float64, len(s.query.Values)), pairs: make([][6]float64, len(s.query.Cross)), cross: s.query.Cross}
	for i := range r.sums.values {
		c.sums(r.sums.values[i][:])
	}
	for i := range r.sums.pairs {
		c.sums(r.sums.pairs[i][:])
	}
	return r, c.err
}

// cursor reads the columns of a row one after the other and keeps the first
// error.
type cursor struct {
	row []any
	at  int
	err error
}

func (c *cursor) next() any {
	c.at++
	return c.row[c.at-1]
}

func (c *cursor) fail(value any, want string) {
	if c.err == nil {
		c.err = fmt.Errorf("sqlstore: column %d is %v (%T), want %s", c.at, value, value, want)
	}
}

func (c *cursor) integer() int64 {
	value := c.next()
	n, ok := value.(int64)
	if !ok {
		c.fail(value, "an integer")
	}
	return n
}

// sums reads a count and the sums that belong to it. Where something counts, a
// sum that SQL calls NULL is one that is not a number.
func (c *cursor) sums(into []float64) {
	for i := range into {
		switch value := c.next().(type) {
		case float64:
			into[i] = value
		case int64:
			into[i] = float64(value)
		case nil:
			into[i] = math.NaN()
		default:
			c.fail(value, "a number")
		}
	}
}

func (c *cursor) level(d experiment.Dimension, touchpoints []string) audience.Value {
	switch value := c.next().(type) {
	case nil:
		return audience.Value{}
	case string:
		attributes, err := experiment.DecodeAttributes(`{"level":` + value + `}`)
		if err != nil || len(attributes) != 1 {
			c.fail(value, "a JSON text")
			return audience.Value{}
		}
		return attributes[0].Value
	case int64:
		if _, ok := d.Day(); ok {
			return audience.StringValue(dayText(value))
		}
		if value >= 0 && value < int64(len(touchpoints)) {
			return audience.StringValue(touchpoints[value])
		}
		c.fail(value, "the number of a touchpoint")
	default:
		c.fail(value, "a level")
	}
	return audience.Value{}
}
