package experimenttest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// maxDifferences is how many differences Diff lists.
const maxDifferences = 10

// Diff says how two answers to one query differ, one difference a line; it is
// empty where they agree. Keys, their order and counts are compared exactly.
// Sums may differ by 1e-9 of the size of what was added up, and for each unit
// by 1e-12 + 1e-14 |pivot|, because stores add in different orders and totals
// may cancel.
func Diff(want, got experiment.Cells) string { return diff(want, got, closeEnough) }

// diffExact is Diff with sums compared to the last bit.
func diffExact(want, got experiment.Cells) string {
	return diff(want, got, func(want, got, _ float64) bool { return want == got })
}

// equality compares two sums that may differ by a tolerance.
type equality func(want, got, tolerance float64) bool

func closeEnough(want, got, tolerance float64) bool {
	return want == got || math.Abs(want-got) <= tolerance
}

func diff(want, got experiment.Cells, equal equality) string {
	d := differences{equal: equal}
	d.order(got)
	wantCells, gotCells := cellsByKey(want.Cells), cellsByKey(got.Cells)
	for _, w := range want.Cells {
		key := describeCell(w)
		if g, found := gotCells[key]; found {
			d.cell(key, w, g)
		} else {
			d.add("%s: missing, want %d units", key, w.Units)
		}
	}
	for _, g := range got.Cells {
		if _, found := wantCells[describeCell(g)]; !found {
			d.add("%s: not wanted, has %d units", describeCell(g), g.Units)
		}
	}
	if len(got.Cells) != len(gotCells) {
		d.add("%d cells have only %d different keys", len(got.Cells), len(gotCells))
	}
	d.transitions("contaminated", want.Contaminated, got.Contaminated)
	d.transitions("moved", want.Moved, got.Moved)
	return d.text()
}

// differences collects what differs.
type differences struct {
	equal equality
	lines []string
}

func (d *differences) add(format string, args ...any) {
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

func (d *differences) text() string {
	if more := len(d.lines) - maxDifferences; more > 0 {
		d.lines = append(d.lines[:maxDifferences], fmt.Sprintf("and %d more differences", more))
	}
	return strings.Join(d.lines, "\n")
}

// order wants the answer to stand in its documented order.
func (d *differences) order(got experiment.Cells) {
	sorted := experiment.Cells{
		Cells:        slices.Clone(got.Cells),
		Contaminated: slices.Clone(got.Contaminated),
		Moved:        slices.Clone(got.Moved),
	}
	sorted.Sort()
	for i := range sorted.Cells {
		if describeCell(sorted.Cells[i]) != describeCell(got.Cells[i]) {
			d.add("cells are not in the order that Cells.Sort makes")
			break
		}
	}
	if !slices.Equal(describeTransitions(sorted.Contaminated), describeTransitions(got.Contaminated)) ||
		!slices.Equal(describeTransitions(sorted.Moved), describeTransitions(got.Moved)) {
		d.add("transitions are not in the order that Cells.Sort makes")
	}
}

func (d *differences) cell(key string, want, got experiment.Cell) {
	d.count(key+": Units", want.Units, got.Units)
	d.count(key+": Clusters", want.Clusters, got.Clusters)
	d.count(key+": Unclustered", want.Unclustered, got.Unclustered)
	if len(want.Sums) != len(got.Sums) || len(want.Joint) != len(got.Joint) {
		d.add("%s: has %d sums and %d joint sums, want %d and %d",
			key, len(got.Sums), len(got.Joint), len(want.Sums), len(want.Joint))
		return
	}
	for i := range want.Sums {
		d.sums(fmt.Sprintf("%s: Sums[%d]", key, i), want.Sums[i], got.Sums[i])
	}
	for i := range want.Joint {
		d.joint(fmt.Sprintf("%s: Joint[%d]", key, i), want.Joint[i], got.Joint[i])
	}
}

func (d *differences) sums(at string, want, got experiment.Sums) {
	x := spread{n: want.N, pivot: want.Pivot, sum: want.Sum, squares: want.SumSquares}
	d.count(at+".N", want.N, got.N)
	d.number(at+".Pivot", want.Pivot, got.Pivot, 0)
	d.number(at+".Sum", want.Sum, got.Sum, x.sumTolerance())
	d.number(at+".SumSquares", want.SumSquares, got.SumSquares, productTolerance(x, x))
}

func (d *differences) joint(at string, want, got experiment.Joint) {
	x := spread{n: want.N, pivot: want.PivotX, sum: want.SumX, squares: want.SumXX}
	y := spread{n: want.N, pivot: want.PivotY, sum: want.SumY, squares: want.SumYY}
	d.count(at+".N", want.N, got.N)
	d.number(at+".PivotX", want.PivotX, got.PivotX, 0)
	d.number(at+".PivotY", want.PivotY, got.PivotY, 0)
	d.number(at+".SumX", want.SumX, got.SumX, x.sumTolerance())
	d.number(at+".SumY", want.SumY, got.SumY, y.sumTolerance())
	d.number(at+".SumXX", want.SumXX, got.SumXX, productTolerance(x, x))
	d.number(at+".SumYY", want.SumYY, got.SumYY, productTolerance(y, y))
	d.number(at+".SumXY", want.SumXY, got.SumXY, productTolerance(x, y))
}

func (d *differences) count(at string, want, got int64) {
	if want != got {
		d.add("%s is %d, want %d", at, got, want)
	}
}

func (d *differences) number(at string, want, got, tolerance float64) {
	if !d.equal(want, got, tolerance) {
		d.add("%s is %v, want %v", at, got, want)
	}
}

// spread is the size of the numbers y - K of a sum.
type spread struct {
	n                   int64
	pivot, sum, squares float64
}

// perUnit is how much one y - K may differ.
func (s spread) perUnit() float64 { return 1e-12 + 1e-14*math.Abs(s.pivot) }

// norm is the root of the sum of squares.
func (s spread) norm() float64 { return math.Sqrt(s.squares) }

// sumTolerance allows 1e-9 of the sum of |y - K|, which is at most
// sqrt(N) times the norm.
func (s spread) sumTolerance() float64 {
	size := math.Abs(s.sum)
	if absolute := math.Sqrt(float64(s.n)) * s.norm(); !math.IsInf(absolute, 0) {
		size = max(size, absolute)
	}
	return 1e-9*size + float64(s.n)*s.perUnit()
}

// productTolerance allows 1e-9 of the norms' product, which bounds a sum of
// products, and what the differences of each factor make of it.
func productTolerance(x, y spread) float64 {
	root := math.Sqrt(float64(x.n))
	return 1e-9*x.norm()*y.norm() + root*(x.norm()*y.perUnit()+y.norm()*x.perUnit()) +
		float64(x.n)*x.perUnit()*y.perUnit()
}

func (d *differences) transitions(which string, want, got []experiment.Transition) {
	wanted, have := transitionsByKey(want), transitionsByKey(got)
	for _, t := range want {
		key := describeTransition(t)
		d.count(which+" "+key, wanted[key], have[key])
	}
	for _, t := range got {
		if key := describeTransition(t); wanted[key] == 0 {
			d.count(which+" "+key, 0, have[key])
		}
	}
	if len(got) != len(have) {
		d.add("%s: %d transitions have only %d different keys", which, len(got), len(have))
	}
}

func cellsByKey(cells []experiment.Cell) map[string]experiment.Cell {
	byKey := make(map[string]experiment.Cell, len(cells))
	for _, c := range cells {
		byKey[describeCell(c)] = c
	}
	return byKey
}

func transitionsByKey(transitions []experiment.Transition) map[string]int64 {
	byKey := make(map[string]int64, len(transitions))
	for _, t := range transitions {
		byKey[describeTransition(t)] += t.Units
	}
	return byKey
}

func describeCell(c experiment.Cell) string {
	text := fmt.Sprintf("cell %s phase %d as of %s", describeGroup(c.Variant, c.Holdout), c.Phase, describeTime(c.AsOf))
	for _, level := range c.By {
		text += fmt.Sprintf(" by %v %q", level.Type(), level.String())
	}
	return text
}

func describeTransition(t experiment.Transition) string {
	return fmt.Sprintf("from %s phase %d to %s as of %s",
		describeGroup(t.Variant, t.Holdout), t.Phase, describeGroup(t.To, t.ToHoldout), describeTime(t.AsOf))
}

func describeTransitions(transitions []experiment.Transition) []string {
	var texts []string
	for _, t := range transitions {
		texts = append(texts, describeTransition(t))
	}
	return texts
}

// describeGroup shows a holdout that also names a variant as what it is.
func describeGroup(variant string, holdout bool) string {
	switch {
	case holdout && variant == "":
		return "holdout"
	case holdout:
		return fmt.Sprintf("holdout of %q", variant)
	}
	return fmt.Sprintf("%q", variant)
}

func describeTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
