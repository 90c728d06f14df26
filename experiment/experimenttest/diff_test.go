package experimenttest

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
)

func ExampleDiff() {
	moment := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	want := experiment.Cells{Cells: []experiment.Cell{{AsOf: moment, Variant: "control", Units: 2}}}
	got := experiment.Cells{Cells: []experiment.Cell{{AsOf: moment, Variant: "control", Units: 3}}}
	fmt.Println(Diff(want, got))
	fmt.Println(Diff(want, want) == "")
	// Output:
	// cell "control" phase 0 as of 2026-11-01T00:00:00Z: Units is 3, want 2
	// true
}

// sample is an answer with everything in it.
func sample() experiment.Cells {
	cell := levels(clusters(arm("a", 3, totals(1, 2, 3), pivoted(1e6, 1e6+1)), 2, 1), text("x"))
	cell.Joint = []experiment.Joint{pairs(0, 1e6, [2]float64{1, 1e6 + 1})}
	return experiment.Cells{
		Cells:        []experiment.Cell{cell, levels(arm("b", 1, totals(1), totals()), audience.Value{})},
		Contaminated: []experiment.Transition{goes("a", "b", 2)},
		Moved:        []experiment.Transition{goes("b", "a", 1), goes("b", "c", 1)},
	}
}

// diffRow changes the sample answer.
type diffRow struct {
	name, reason string
	change       func(*experiment.Cells)
	want         string // part of the text; "" where nothing differs
}

func diffRows() []diffRow {
	return []diffRow{
		{"same", "equal answers", func(*experiment.Cells) {}, ""},
		{"zone", "the same instant in another zone", func(c *experiment.Cells) { c.Cells[0].AsOf = end.In(time.FixedZone("", 3600)) }, ""},
		{"rounding", "1e-10 of what was added up", func(c *experiment.Cells) { c.Cells[0].Sums[0].Sum *= 1 + 1e-10 }, ""},
		{"rounding of pivoted", "1e-15 of the pivot", func(c *experiment.Cells) { c.Cells[0].Sums[1].Sum += 1e-9 }, ""},
		{"moment", "another moment is another cell", func(c *experiment.Cells) { c.Cells[0].AsOf = end.Add(us) }, "missing"},
		{"cell missing", "every cell is wanted", func(c *experiment.Cells) { c.Cells = c.Cells[:1] }, "missing, want 1 units"},
		{"cell added", "no other cell is wanted", func(c *experiment.Cells) { c.Cells = append(c.Cells, arm("c", 5)) }, "not wanted, has 5 units"},
		{"cell twice", "a key stands once", func(c *experiment.Cells) { c.Cells = append(c.Cells, c.Cells[1]) }, "3 cells have only 2"},
		{"cell order", "cells are ordered", func(c *experiment.Cells) { c.Cells[0], c.Cells[1] = c.Cells[1], c.Cells[0] }, "not in the order"},
		{"phase", "the phase is part of the key", func(c *experiment.Cells) { c.Cells[1].Phase = 1 }, "phase 1"},
		{"level type", "the type of a level is part of the key", func(c *experiment.Cells) { c.Cells[0].By[0] = audience.StringValue("(missing)") }, "missing"},
		{"units", "counts are exact", func(c *experiment.Cells) { c.Cells[0].Units++ }, "Units is 4, want 3"},
		{"clusters", "counts are exact", func(c *experiment.Cells) { c.Cells[0].Clusters++ }, "Clusters is 3, want 2"},
		{"unclustered", "counts are exact", func(c *experiment.Cells) { c.Cells[0].Unclustered = 0 }, "Unclustered is 0, want 1"},
		{"n", "counts are exact", func(c *experiment.Cells) { c.Cells[0].Sums[0].N++ }, "Sums[0].N is 4, want 3"},
		{"sum", "1e-8 is too much", func(c *experiment.Cells) { c.Cells[0].Sums[0].Sum *= 1 + 1e-8 }, "Sums[0].Sum is"},
		{"squares", "1e-8 is too much", func(c *experiment.Cells) { c.Cells[0].Sums[0].SumSquares *= 1 + 1e-8 }, "SumSquares"},
		{"squares of pivoted", "a sum of squares without pivot loses digits", func(c *experiment.Cells) { c.Cells[0].Sums[1].SumSquares += 1e-6 }, "Sums[1].SumSquares"},
		{"nan", "NaN is nothing that was wanted", func(c *experiment.Cells) { c.Cells[0].Sums[0].Sum = math.NaN() }, "NaN"},
		{"pivot", "the pivot is the query's", func(c *experiment.Cells) { c.Cells[0].Sums[1].Pivot = 0 }, "Pivot is 0, want 1e+06"},
		{"sums missing", "one for each value", func(c *experiment.Cells) { c.Cells[1].Sums = nil }, "0 sums"},
		{"joint missing", "one for each pair", func(c *experiment.Cells) { c.Cells[0].Joint = nil }, "0 joint sums"},
		{"joint n", "counts are exact", func(c *experiment.Cells) { c.Cells[0].Joint[0].N++ }, "Joint[0].N"},
		{"joint product", "1e-8 is too much", func(c *experiment.Cells) { c.Cells[0].Joint[0].SumXY += 1e-7 }, "SumXY"},
		{"joint pivot", "the pivot is the query's", func(c *experiment.Cells) { c.Cells[0].Joint[0].PivotX = 1 }, "PivotX"},
		{"contaminated", "transitions are exact", func(c *experiment.Cells) { c.Contaminated[0].Units = 1 }, `contaminated from "a" phase 0 to "b"`},
		{"contaminated missing", "transitions are exact", func(c *experiment.Cells) { c.Contaminated = nil }, "is 0, want 2"},
		{"contaminated to holdout", "the holdout is no variant", func(c *experiment.Cells) { c.Contaminated[0].To, c.Contaminated[0].ToHoldout = "", true }, "to holdout"},
		{"moved added", "transitions are exact", func(c *experiment.Cells) { c.Moved = append(c.Moved, goes("b", "d", 1)) }, "is 1, want 0"},
		{"moved order", "transitions are ordered", func(c *experiment.Cells) { c.Moved[0], c.Moved[1] = c.Moved[1], c.Moved[0] }, "not in the order"},
		{"moved split", "a pair stands once", func(c *experiment.Cells) { c.Moved = append(c.Moved, c.Moved[1]) }, "3 transitions have only 2"},
	}
}

func TestDiff(t *testing.T) {
	names := make(map[string]bool)
	for _, row := range diffRows() {
		require.NotEmpty(t, row.reason)
		require.False(t, names[row.name], "two rows %q", row.name)
		names[row.name] = true
		t.Run(row.name, func(t *testing.T) {
			got := sample()
			row.change(&got)
			text := Diff(sample(), got)
			if row.want == "" {
				assert.Empty(t, text, row.reason)
				return
			}
			assert.Contains(t, text, row.want, row.reason)
		})
	}
}

func TestDiffListsTenDifferences(t *testing.T) {
	var want experiment.Cells
	for i := range 30 {
		want.Cells = append(want.Cells, arm(fmt.Sprintf("v%02d", i), 1))
	}
	text := Diff(want, experiment.Cells{})
	assert.Equal(t, maxDifferences+1, len(strings.Split(text, "\n")))
	assert.Contains(t, text, "and 20 more differences")
}

func TestDiffOfOverflow(t *testing.T) {
	overflown := answer(arm("a", 1, experiment.Sums{N: 1, Sum: 1e200, SumSquares: math.Inf(1)}))
	assert.Empty(t, Diff(overflown, overflown))
	other := answer(arm("a", 1, experiment.Sums{N: 1, Sum: 2e200, SumSquares: math.Inf(1)}))
	assert.Contains(t, Diff(overflown, other), "Sum is", "squares that overflow do not hide a wrong sum")
}
