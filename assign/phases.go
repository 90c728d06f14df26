package assign

import (
	"fmt"
	"slices"
)

// Limits of a spec with phases. Building a split takes at most maxPhases^2 / 2 walks
// over lines of maxPieces, which is below a second.
const (
	maxPhases = 100
	maxPieces = 10_000
)

// piece is a range of positions with one owner. It reaches to the start of the next
// piece of its line, the last one to 2^64. No piece is empty, and neighbours have
// different owners.
type piece struct {
	start uint64
	owner int // index of the variant
}

// line is who owns which positions, and how many each variant owns.
type line struct {
	pieces []piece
	sizes  []wide
}

// variantsOf lists the variants in the order in which the spec mentions them first,
// and says where each stands.
func variantsOf(spec Spec) (names []string, index map[string]int) {
	index = make(map[string]int, len(spec.Arms))
	for _, arms := range append([][]Arm{spec.Arms}, spec.Phases...) {
		for _, arm := range arms {
			if _, seen := index[arm.Variant]; !seen {
				index[arm.Variant] = len(names)
				names = append(names, arm.Variant)
			}
		}
	}
	return names, index
}

// sizesOf returns how many positions each variant gets by the weights of the arms,
// which are taken in the order of the index.
func sizesOf(arms []Arm, index map[string]int) []wide {
	weights := make([]uint64, len(index))
	var total, sum, last wide
	for _, arm := range arms {
		weights[index[arm.Variant]] = arm.Weight
		total = total.add(arm.Weight)
	}
	sizes := make([]wide, len(weights))
	for i, weight := range weights {
		if weight == 0 {
			continue
		}
		sum = sum.add(weight)
		end := boundaryOf(sum, total).wide()
		sizes[i], _ = end.minus(last)
		last = end
	}
	return sizes
}

// lay returns the line on which the variants lie one after the other.
func lay(sizes []wide) line {
	l := line{sizes: sizes}
	var start wide
	for i, size := range sizes {
		if size != (wide{}) {
			l.pieces = append(l.pieces, piece{start: start.lo, owner: i})
		}
		start = start.plus(size)
	}
	return l
}

// lineOf returns the line of the last phase. The spec has no other problem than,
// perhaps, too many pieces.
func lineOf(spec Spec, index map[string]int) (line, error) {
	// The phases that have not been undone. The last line is the current one.
	history := []line{lay(sizesOf(spec.Arms, index))}
	for i, arms := range spec.Phases {
		history = reweigh(history, sizesOf(arms, index))
		if pieces := len(history[len(history)-1].pieces); pieces > maxPieces {
			return line{}, SpecErrors{{
				Field: fmt.Sprintf("phases[%d]", i), Value: len(arms),
				Problem: fmt.Sprintf("arms, and the phases up to this one cut the line in %d pieces", pieces),
				Want:    fmt.Sprintf("want at most %d; use fewer arms or phases, or start a new run with a new salt", maxPieces),
			}}
		}
	}
	return history[len(history)-1], nil
}

// table returns the ends of all pieces but the last, and the owners of all.
func (l line) table() (ends []uint64, owners []int) {
	for i, p := range l.pieces {
		if i > 0 {
			ends = append(ends, p.start)
		}
		owners = append(owners, p.owner)
	}
	return ends, owners
}

// reweigh returns the history after a phase with these sizes. A phase with the sizes of
// the one before the current undoes the current, and leaves no trace of either.
func reweigh(history []line, sizes []wide) []line {
	last := len(history) - 1
	switch {
	case slices.Equal(sizes, history[last].sizes):
		return history
	case last > 0 && slices.Equal(sizes, history[last-1].sizes):
		return history[:last]
	}
	current := history[last]
	m := newMove(current.sizes, sizes)
	for _, past := range slices.Backward(history[:last]) {
		if slices.Equal(past.sizes, sizes) && differ(current.pieces, past.pieces) == m.left {
			return append(history, past)
		}
	}
	pieces := current.pieces
	for _, past := range slices.Backward(history[:last]) {
		pieces = m.sweep(pieces, past.pieces)
	}
	pieces = m.sweep(pieces, []piece{{owner: anyone}})
	return append(history, line{pieces: pieces, sizes: sizes})
}

// anyone, as the owner in a past line, stands for the variant of the lowest index that
// still needs positions.
const anyone = -1

// move is what is still to be moved between two phases.
type move struct {
	excess []wide // what a shrinking variant still has to give, 0 for the others
	need   []wide // what a growing variant still has to get, 0 for the others
	left   wide   // the sum of either
	lowest int    // no variant of a lower index needs anything
}

func newMove(from, to []wide) *move {
	m := &move{excess: make([]wide, len(to)), need: make([]wide, len(to))}
	for i := range to {
		if more, ok := to[i].minus(from[i]); ok {
			m.need[i] = more
			m.left = m.left.plus(more)
		} else {
			m.excess[i], _ = from[i].minus(to[i])
		}
	}
	return m
}

// take moves up to size positions from one owner to another and returns how many.
func (m *move) take(size wide, from, to int) wide {
	for _, bound := range []wide{m.excess[from], m.need[to]} {
		if bound.less(size) {
			size = bound
		}
	}
	m.excess[from], _ = m.excess[from].minus(size)
	m.need[to], _ = m.need[to].minus(size)
	m.left, _ = m.left.minus(size)
	return size
}

// receiver returns who gets positions that belonged to owner in the past.
func (m *move) receiver(owner int) int {
	if owner != anyone {
		return owner
	}
	for m.lowest+1 < len(m.need) && m.need[m.lowest] == (wide{}) {
		m.lowest++
	}
	return m.lowest
}

// sweep walks down from the highest position and gives what a variant has too much of
// to the owner in the past, as far as that one needs more. It returns the new line.
func (m *move) sweep(now, past []piece) []piece {
	if m.left == (wide{}) {
		return now
	}
	down := make(descending, 0, len(now)+len(m.need))
	high := wide{hi: 1}
	for i, j := len(now)-1, len(past)-1; i >= 0; {
		low := max(now[i].start, past[j].start)
		owner := now[i].owner
		for {
			room, _ := high.minus(wide{lo: low})
			to := m.receiver(past[j].owner)
			size := m.take(room, owner, to)
			if size == (wide{}) {
				break
			}
			high, _ = high.minus(size)
			down.add(high.lo, to)
		}
		if high != (wide{lo: low}) {
			down.add(low, owner)
			high = wide{lo: low}
		}
		if past[j].start == low && j > 0 {
			j--
		}
		if now[i].start == low {
			i--
		}
	}
	slices.Reverse(down)
	return []piece(down)
}

// descending is a line that is built from its end.
type descending []piece

// add puts a piece in front, or lengthens the first one if that has the same owner.
func (d *descending) add(start uint64, owner int) {
	if last := len(*d) - 1; last >= 0 && (*d)[last].owner == owner {
		(*d)[last].start = start
		return
	}
	*d = append(*d, piece{start: start, owner: owner})
}

// differ returns how many positions have different owners on the two lines.
func differ(a, b []piece) wide {
	var sum wide
	high := wide{hi: 1}
	for i, j := len(a)-1, len(b)-1; i >= 0 && j >= 0; {
		low := max(a[i].start, b[j].start)
		if a[i].owner != b[j].owner {
			size, _ := high.minus(wide{lo: low})
			sum = sum.plus(size)
		}
		high = wide{lo: low}
		if b[j].start == low {
			j--
		}
		if a[i].start == low {
			i--
		}
	}
	return sum
}
