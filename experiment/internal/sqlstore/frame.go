package sqlstore

import (
	"cmp"
	"slices"
	"strings"

	"github.com/touchlift/touchlift/experiment"
)

// Frame is what a store knows of a run before it reads exposures.
type Frame struct {
	// Run is the number of the run.
	Run int64
	// Kind is the number of the kind of its units.
	Kind int64
	// Placements of the run, all of them.
	Placements []Placement
	// Earliest and Latest bound the times of the run's exposures, in
	// microseconds.
	Earliest, Latest int64
	// Events has the number of each Value's event; a number that no event has
	// stands for one that was never recorded.
	Events []int64
}

// Placement is everything in the natural key of an exposure but the unit.
type Placement struct {
	No         int64
	Variant    string
	Touchpoint string
	Phase      int
	Class      experiment.Class
}

// group is what a unit can be in: a variant, or the holdout.
type group struct {
	variant string
	holdout bool
}

// cell is a group in a phase.
type cell struct {
	group int
	phase int
}

// plan numbers what occurs in a run. A placement's rank is its place in the
// order of first exposures at one time.
type plan struct {
	ranked      []Placement // without overrides, by rank
	groups      []group
	cells       []cell
	touchpoints []string
	groupOf     []int64 // by rank
	cellOf      []int64 // by rank
	touchOf     []int64 // by rank
}

func newPlan(placements []Placement) *plan {
	p := &plan{}
	for _, placement := range placements {
		if placement.Class != experiment.ClassOverride {
			p.ranked = append(p.ranked, placement)
		}
	}
	slices.SortFunc(p.ranked, func(a, b Placement) int {
		return cmp.Or(
			cmp.Compare(a.Phase, b.Phase),
			strings.Compare(a.Variant, b.Variant),
			strings.Compare(a.Touchpoint, b.Touchpoint),
			strings.Compare(string(a.Class), string(b.Class)),
		)
	})
	for _, placement := range p.ranked {
		g := group{variant: placement.Variant}
		if placement.Class == experiment.ClassHoldout {
			g = group{holdout: true}
		}
		groupNo := number(&p.groups, g)
		p.groupOf = append(p.groupOf, groupNo)
		p.cellOf = append(p.cellOf, number(&p.cells, cell{int(groupNo), placement.Phase}))
		p.touchOf = append(p.touchOf, number(&p.touchpoints, placement.Touchpoint))
	}
	return p
}

// number returns the index of a value in a list, to which it is added if it is
// new.
func number[T comparable](list *[]T, value T) int64 {
	i := slices.Index(*list, value)
	if i < 0 {
		i = len(*list)
		*list = append(*list, value)
	}
	return int64(i)
}
