package assign

import (
	"math/bits"
	"math/rand/v2"
)

// purposeRounding is the stream that rounds an arm's share of a stratum.
const purposeRounding Purpose = "rounding"

// round sets the counts of the arms of every stratum.
func (s *Strata) round(spec Spec) {
	var total wide
	for _, arm := range spec.Arms {
		total = total.add(arm.Weight)
	}
	names := s.names()
	table := newRounding(len(names), len(spec.Arms), total)
	for row, name := range names {
		part := s.strata[name]
		part.counts = make([]uint64, len(spec.Arms))
		for arm := range spec.Arms {
			hi, lo := bits.Mul64(part.first.units, spec.Arms[arm].Weight)
			part.counts[arm], table.cells[row][arm] = wide{hi, lo}.over(total)
		}
	}
	table.solve(rand.NewPCG(Seed(purposeRounding, spec.Salt), 0))
	for row, name := range names {
		for arm, rest := range table.cells[row] {
			if rest == total {
				s.strata[name].counts[arm]++
			}
		}
	}
}

// rounding is a table of fractions that is rounded so that every cell keeps its
// expectation, and rows and columns keep their sums. A cell holds the numerator over
// one, the common denominator; the last row makes the sums of the columns whole.
//
// While a cell is a fraction, its row and its column have another one, because their
// sums are whole. So there is a circle of fractions that alternates between rows and
// columns. Adding to every other cell of it what is taken from the rest keeps all
// sums; one of the two largest such steps is drawn with the odds that keep the
// expectations, and rounds at least one cell.
type rounding struct {
	one     wide
	cells   [][]wide
	columns [][]int // rows that may hold a fraction, by column
}

func newRounding(rows, columns int, one wide) *rounding {
	table := &rounding{one: one, cells: make([][]wide, rows+1), columns: make([][]int, columns)}
	for row := range table.cells {
		table.cells[row] = make([]wide, columns)
	}
	return table
}

func (t *rounding) fraction(row, column int) bool {
	cell := t.cells[row][column]
	return cell != wide{} && cell != t.one
}

func (t *rounding) solve(random *rand.PCG) {
	last := len(t.cells) - 1
	for column := range t.columns {
		var sum wide
		for row := range last {
			if sum = sum.plus(t.cells[row][column]); !sum.less(t.one) {
				sum, _ = sum.minus(t.one)
			}
		}
		if sum != (wide{}) {
			t.cells[last][column], _ = t.one.minus(sum)
		}
		for row := range t.cells {
			if t.fraction(row, column) {
				t.columns[column] = append(t.columns[column], row)
			}
		}
	}
	for row := range t.cells {
		for column := range t.columns {
			for t.fraction(row, column) {
				t.step(t.circle(row, column), random)
			}
		}
	}
}

// place is a cell of the table.
type place struct{ row, column int }

// circle walks from a fraction to fractions of the same row and column by turns, until
// it meets a row or a column again, and returns what lies between: a circle, in which
// rows and columns alternate all the way round.
func (t *rounding) circle(row, column int) []place {
	var path []place // of the cells; those in even places are left along their row
	for {
		path = append(path, place{row, column})
		column = t.alongRow(row, column)
		if at, met := meets(path, func(p place) bool { return p.column == column }); met {
			return append(path[at:], place{row, column})
		}
		path = append(path, place{row, column})
		row = t.alongColumn(row, column)
		if at, met := meets(path, func(p place) bool { return p.row == row }); met {
			return append(path[at:], place{row, column})
		}
	}
}

// meets returns the last cell of the path, before its end, that is on a line.
func meets(path []place, on func(place) bool) (at int, met bool) {
	for at = len(path) - 1; at >= 0; at-- {
		if on(path[at]) {
			return at, true
		}
	}
	return 0, false
}

func (t *rounding) alongRow(row, column int) int {
	for other := range t.columns {
		if other != column && t.fraction(row, other) {
			return other
		}
	}
	return column // not reached: the sum of the row is whole
}

// alongColumn also forgets the rows that were rounded since it last looked.
func (t *rounding) alongColumn(row, column int) int {
	rows := t.columns[column]
	for i := len(rows) - 1; i >= 0; i-- {
		if !t.fraction(rows[i], column) {
			rows[i] = rows[len(rows)-1]
			rows = rows[:len(rows)-1]
			continue
		}
		if rows[i] != row {
			t.columns[column] = rows
			return rows[i]
		}
	}
	return row // not reached: the sum of the column is whole
}

// step adds to the cells in even places of the circle and takes from the others, or
// the other way round.
func (t *rounding) step(circle []place, random *rand.PCG) {
	up, down := t.one, t.one
	for i, p := range circle {
		room, _ := t.one.minus(t.cells[p.row][p.column])
		rest := t.cells[p.row][p.column]
		if i%2 == 1 {
			room, rest = rest, room
		}
		up, down = up.least(room), down.least(rest)
	}
	by, sign := up, 0
	if !drawWide(random, up.plus(down)).less(down) {
		by, sign = down, 1
	}
	for i, p := range circle {
		cell := &t.cells[p.row][p.column]
		if i%2 == sign {
			*cell = cell.plus(by)
		} else {
			*cell, _ = cell.minus(by)
		}
	}
}

// drawWide returns a number below n, each with the same chance; n is above 0.
func drawWide(random *rand.PCG, n wide) wide {
	most, _ := n.minus(wide{lo: 1})
	for {
		drawn := wide{lo: random.Uint64()}
		if most.hi > 0 {
			drawn.hi = random.Uint64() & (1<<bits.Len64(most.hi) - 1)
		} else {
			drawn.lo &= 1<<bits.Len64(most.lo) - 1
		}
		if drawn.less(n) {
			return drawn
		}
	}
}

func (a wide) least(b wide) wide {
	if a.less(b) {
		return a
	}
	return b
}

// over returns floor(a / den) and the rest, by long division. It wants 0 < den < 2^127
// and a quotient below 2^64.
func (a wide) over(den wide) (quotient uint64, rest wide) {
	for range 128 {
		next := a.hi >> 63
		a = a.double()
		rest = rest.double().add(next)
		quotient <<= 1
		if less, ok := rest.minus(den); ok {
			rest = less
			quotient |= 1
		}
	}
	return quotient, rest
}
