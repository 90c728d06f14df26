package experiment

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/touchlift/touchlift/experiment/audience"
)

// Cells answers a [Query].
type Cells struct {
	// Cells with at least one unit (or, in a query with a Cluster, at least one
	// unclustered unit), ordered by AsOf, Variant, Holdout, Phase and By.
	Cells []Cell `json:"cells"`
	// Contaminated units, whatever the query's policy: from the group of their
	// first exposure to the first other group they met in the phase in which
	// they became contaminated; of several such phases at one time, the lowest.
	// Ordered like cells, then by To.
	Contaminated []Transition `json:"contaminated,omitempty"`
	// Moved units, none of them contaminated: two groups in different phases.
	// From the group of their first exposure to the next one they met. Here as
	// above, exposures at equal times stand in the order of first exposures.
	Moved []Transition `json:"moved,omitempty"`
}

// Cell holds the sums over the units of one group.
type Cell struct {
	// AsOf is the moment as the query has it.
	AsOf time.Time `json:"as_of"`
	// Variant of the first exposure; empty for the holdout.
	Variant string `json:"variant"`
	Holdout bool   `json:"holdout,omitempty"`
	// Phase of the first exposure.
	Phase int `json:"phase"`
	// By has one level per dimension of the query: the attribute's value
	// (missing where the unit has none), the touchpoint or the day.
	By []audience.Value `json:"by,omitempty"`
	// Units first exposed before AsOf. In a query with a Cluster, those that
	// belong to one.
	Units int64 `json:"units"`
	// Clusters that the units form; 0 in a query without a Cluster.
	Clusters int64 `json:"clusters,omitempty"`
	// Unclustered units carry no id of the query's Cluster and are in no sum.
	Unclustered int64 `json:"unclustered,omitempty"`
	// Sums, one per value of the query.
	Sums []Sums `json:"sums"`
	// Joint sums, one per pair of the query's Cross.
	Joint []Joint `json:"joint,omitempty"`
}

// Sums over the units (or clusters) that count for one value. With y the total
// of one and K the pivot: N, sum of y-K and sum of (y-K)^2.
type Sums struct {
	N          int64   `json:"n"`
	Pivot      float64 `json:"pivot"`
	Sum        float64 `json:"sum"`
	SumSquares float64 `json:"sum_squares"`
}

// Joint sums over the units (or clusters) that count for both values of a
// pair, x and y, each less its own pivot.
type Joint struct {
	N      int64   `json:"n"`
	PivotX float64 `json:"pivot_x"`
	PivotY float64 `json:"pivot_y"`
	SumX   float64 `json:"sum_x"`
	SumY   float64 `json:"sum_y"`
	SumXX  float64 `json:"sum_xx"`
	SumYY  float64 `json:"sum_yy"`
	SumXY  float64 `json:"sum_xy"`
}

// Transition counts units that met a second group.
type Transition struct {
	AsOf time.Time `json:"as_of"`
	// Variant, Holdout and Phase of the first exposure.
	Variant string `json:"variant"`
	Holdout bool   `json:"holdout,omitempty"`
	Phase   int    `json:"phase"`
	// To is the other variant; ToHoldout is true where it is the holdout.
	To        string `json:"to"`
	ToHoldout bool   `json:"to_holdout,omitempty"`
	Units     int64  `json:"units"`
}

// ErrDifferentQueries is the error of answers that do not belong to one query.
var ErrDifferentQueries = errors.New("experiment: the answers belong to different queries")

// Merge adds up the answers of several stores to one query, where each unit
// (in a query with a Cluster, each cluster) lives in one of them with all its
// exposures and conversions. It changes none of its arguments. The error
// matches ErrDifferentQueries where cells of one key differ in the number of
// their sums or in a pivot.
func Merge(answers ...Cells) (Cells, error) {
	var all Cells
	for _, a := range answers {
		all.Cells = append(all.Cells, a.Cells...)
		all.Contaminated = append(all.Contaminated, a.Contaminated...)
		all.Moved = append(all.Moved, a.Moved...)
	}
	all.Sort()
	merged := Cells{Contaminated: foldTransitions(all.Contaminated), Moved: foldTransitions(all.Moved)}
	for _, cell := range all.Cells {
		last := len(merged.Cells) - 1
		if last < 0 || compareCells(merged.Cells[last], cell) != 0 {
			cell.By = slices.Clone(cell.By)
			cell.Sums = slices.Clone(cell.Sums)
			cell.Joint = slices.Clone(cell.Joint)
			merged.Cells = append(merged.Cells, cell)
			continue
		}
		if err := merged.Cells[last].add(cell); err != nil {
			return Cells{}, err
		}
	}
	return merged, nil
}

// Sort puts cells and transitions into their documented order.
func (c *Cells) Sort() {
	slices.SortStableFunc(c.Cells, compareCells)
	slices.SortStableFunc(c.Contaminated, compareTransitions)
	slices.SortStableFunc(c.Moved, compareTransitions)
}

func (c *Cell) add(other Cell) error {
	if len(c.Sums) != len(other.Sums) || len(c.Joint) != len(other.Joint) {
		return fmt.Errorf("%w: variant %q has %d and %d sums, %d and %d joint sums", ErrDifferentQueries,
			c.Variant, len(c.Sums), len(other.Sums), len(c.Joint), len(other.Joint))
	}
	c.Units += other.Units
	c.Clusters += other.Clusters
	c.Unclustered += other.Unclustered
	for i, s := range other.Sums {
		if c.Sums[i].Pivot != s.Pivot {
			return fmt.Errorf("%w: value %d has pivots %v and %v", ErrDifferentQueries, i, c.Sums[i].Pivot, s.Pivot)
		}
		c.Sums[i].N += s.N
		c.Sums[i].Sum += s.Sum
		c.Sums[i].SumSquares += s.SumSquares
	}
	for i, j := range other.Joint {
		c.Joint[i].N += j.N
		c.Joint[i].SumX += j.SumX
		c.Joint[i].SumY += j.SumY
		c.Joint[i].SumXX += j.SumXX
		c.Joint[i].SumYY += j.SumYY
		c.Joint[i].SumXY += j.SumXY
	}
	return nil
}

// foldTransitions adds up neighbours of one key in a sorted list.
func foldTransitions(sorted []Transition) []Transition {
	var folded []Transition
	for _, t := range sorted {
		if last := len(folded) - 1; last >= 0 && compareTransitions(folded[last], t) == 0 {
			folded[last].Units += t.Units
			continue
		}
		folded = append(folded, t)
	}
	return folded
}

func compareCells(a, b Cell) int {
	return cmp.Or(
		compareGroups(a.AsOf, b.AsOf, a.Variant, b.Variant, a.Holdout, b.Holdout, a.Phase, b.Phase),
		slices.CompareFunc(a.By, b.By, compareLevels),
	)
}

func compareTransitions(a, b Transition) int {
	return cmp.Or(
		compareGroups(a.AsOf, b.AsOf, a.Variant, b.Variant, a.Holdout, b.Holdout, a.Phase, b.Phase),
		strings.Compare(a.To, b.To),
		compareBools(a.ToHoldout, b.ToHoldout),
	)
}

func compareGroups(asOf1, asOf2 time.Time, v1, v2 string, h1, h2 bool, p1, p2 int) int {
	return cmp.Or(asOf1.Compare(asOf2), strings.Compare(v1, v2), compareBools(h1, h2), cmp.Compare(p1, p2))
}

func compareLevels(a, b audience.Value) int {
	order, _ := a.Compare(b)
	return cmp.Or(cmp.Compare(a.Type(), b.Type()), order)
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
