package analysis

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/stats"
)

// data is what the source holds as of one moment, counted in two ways.
type data struct {
	all   tally // contaminated units where they were first exposed
	clean tally // contaminated units left out
}

// group names units that belong together: those of a variant, or the holdout.
type group struct {
	variant string
	holdout bool
}

// stay is a group in one phase.
type stay struct {
	group
	phase int
}

// tally holds the units of each group and their outcomes, phase by phase.
type tally struct {
	units               map[stay]int64
	summaries           map[stay][]summary // one per metric; absent while waiting
	contaminated, moved []experiment.Transition
}

// total counts the units of a group in all phases.
func (t tally) total(g group) int64 {
	n := int64(0)
	for s, units := range t.units {
		if s.group == g {
			n += units
		}
	}
	return n
}

// phases lists those in which a variant has units.
func (t tally) phases() []int {
	var phases []int
	for s, units := range t.units {
		if !s.holdout && units > 0 && !slices.Contains(phases, s.phase) {
			phases = append(phases, s.phase)
		}
	}
	slices.Sort(phases)
	return phases
}

// stays lists the groups and phases that have outcomes, in a fixed order.
func (t tally) stays() []stay { return slices.SortedFunc(maps.Keys(t.summaries), compareStays) }

// summary is that of metric i in a group and phase; empty where there is none.
func (t tally) summary(g group, phase, i int) summary {
	if s := t.summaries[stay{g, phase}]; i < len(s) {
		return s[i]
	}
	return summary{}
}

// summary of one metric in one group and phase. Problem is not nil where the sums do not
// yield one.
type summary struct {
	n       int64
	counts  stats.Counts  // of a proportion
	moments stats.Moments // of either kind
	problem error
}

// read asks for everything that the result needs. While the plan waits no
// outcome is asked for, so that none can be shown.
func (r *run) read(ctx context.Context, at moment) (data, error) {
	var metrics []roleMetric
	if at.stage != Waiting {
		metrics = r.metrics
	}
	clean, err := r.tally(ctx, experiment.ExcludeContaminated, metrics, at.asOf)
	if err != nil {
		return data{}, err
	}
	all, err := r.tally(ctx, experiment.FirstArm, metrics[:min(1, len(metrics))], at.asOf)
	return data{all: all, clean: clean}, err
}

func (r *run) tally(ctx context.Context, policy experiment.Contaminated, metrics []roleMetric, asOf time.Time) (tally, error) {
	values := make([]experiment.Value, len(metrics))
	for i, m := range metrics {
		values[i] = m.Value()
	}
	cells, err := r.source.Summarize(ctx, r.query(policy, values, asOf))
	if err != nil {
		return tally{}, err
	}
	sums := sumStays(cells.Cells)
	if repivot(values, metrics, sums) {
		again, err := r.source.Summarize(ctx, r.query(policy, values, asOf))
		if err != nil {
			return tally{}, err
		}
		cells, sums = again, sumStays(again.Cells)
	}
	t := tally{units: make(map[stay]int64), summaries: make(map[stay][]summary),
		contaminated: cells.Contaminated, moved: cells.Moved}
	for _, c := range cells.Cells {
		t.units[stay{group{c.Variant, c.Holdout}, c.Phase}] += c.Units
	}
	for at, s := range sums {
		for i, m := range metrics {
			t.summaries[at] = append(t.summaries[at], summarize(m.Kind, s[i]))
		}
	}
	return t, nil
}

// sumStays adds up the cells of a group in a phase.
func sumStays(cells []experiment.Cell) map[stay][]experiment.Sums {
	sums := make(map[stay][]experiment.Sums)
	for _, c := range cells {
		at := stay{group{c.Variant, c.Holdout}, c.Phase}
		if sums[at] == nil {
			sums[at] = make([]experiment.Sums, len(c.Sums))
		}
		for i, s := range c.Sums {
			total := &sums[at][i]
			total.N += s.N
			total.Pivot = s.Pivot
			total.Sum += s.Sum
			total.SumSquares += s.SumSquares
		}
	}
	return sums
}

// repivot moves the pivot of every mean whose sums around 0 would cost digits
// to the mean of all groups, and reports whether there is one. A proportion's
// sums are whole numbers and exact.
func repivot(values []experiment.Value, metrics []roleMetric, sums map[stay][]experiment.Sums) bool {
	moved := false
	stays := slices.SortedFunc(maps.Keys(sums), compareStays) // so that equal data give equal digits
	for i, m := range metrics {
		if m.Kind == experiment.MetricProportion {
			continue
		}
		n, sum, lossy := int64(0), 0.0, false
		for _, at := range stays {
			s := sums[at][i]
			n, sum = n+s.N, sum+s.Sum
			lossy = lossy || losesDigits(s)
		}
		if mean := sum / float64(n); lossy && mean-mean == 0 {
			values[i].Pivot, moved = mean, true
		}
	}
	return moved
}

func compareStays(a, b stay) int {
	return cmp.Or(strings.Compare(a.variant, b.variant), cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.phase, b.phase))
}

// losesDigits reports whether the variance is less than a ten-thousandth of
// the square of the mean, so that four digits or more of it cancel.
func losesDigits(s experiment.Sums) bool {
	if s.N < 2 {
		return s.N == 1 && s.Sum != 0
	}
	square := s.Sum / float64(s.N) * s.Sum
	return s.SumSquares-square < 1e-4*square
}

func summarize(kind experiment.MetricKind, s experiment.Sums) summary {
	if kind == experiment.MetricProportion {
		counts := stats.Counts{Successes: int64(math.Round(s.Sum)), N: s.N}
		return summary{n: s.N, counts: counts, moments: counts.Moments(), problem: counts.Validate()}
	}
	moments, err := stats.FromSums(s.N, s.Pivot, s.Sum, s.SumSquares)
	if errors.Is(err, stats.ErrIllConditioned) && constant(s) {
		moments, err = stats.Moments{N: s.N, Mean: s.Pivot + s.Sum/float64(s.N)}, nil
	}
	return summary{n: s.N, moments: moments, problem: err}
}

// constant reports whether the values differ from a pivot near them by no more
// than rounding: all units have the same value.
func constant(s experiment.Sums) bool {
	spread := math.Sqrt(s.SumSquares / float64(s.N))
	return s.Pivot != 0 && spread <= 1e-13*math.Abs(s.Pivot)
}
