package analysis

import (
	"context"
	"errors"
	"math"
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

// tally holds the units of each group and their outcomes, all phases together.
type tally struct {
	units               map[group]int64
	summaries           map[group][]summary // one per metric; absent while waiting
	contaminated, moved []experiment.Transition
}

// summary of one metric in one group. Problem is not nil where the sums do not
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
	sums := sumGroups(cells.Cells)
	if repivot(values, metrics, sums) {
		again, err := r.source.Summarize(ctx, r.query(policy, values, asOf))
		if err != nil {
			return tally{}, err
		}
		cells, sums = again, sumGroups(again.Cells)
	}
	t := tally{units: make(map[group]int64), summaries: make(map[group][]summary),
		contaminated: cells.Contaminated, moved: cells.Moved}
	for _, c := range cells.Cells {
		t.units[group{c.Variant, c.Holdout}] += c.Units
	}
	for g, s := range sums {
		for i, m := range metrics {
			t.summaries[g] = append(t.summaries[g], summarize(m.Kind, s[i]))
		}
	}
	return t, nil
}

// sumGroups adds up the cells of a group over its phases.
func sumGroups(cells []experiment.Cell) map[group][]experiment.Sums {
	sums := make(map[group][]experiment.Sums)
	for _, c := range cells {
		g := group{c.Variant, c.Holdout}
		if sums[g] == nil {
			sums[g] = make([]experiment.Sums, len(c.Sums))
		}
		for i, s := range c.Sums {
			total := &sums[g][i]
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
func repivot(values []experiment.Value, metrics []roleMetric, sums map[group][]experiment.Sums) bool {
	moved := false
	for i, m := range metrics {
		if m.Kind == experiment.MetricProportion {
			continue
		}
		n, sum, lossy := int64(0), 0.0, false
		for _, s := range sums {
			n, sum = n+s[i].N, sum+s[i].Sum
			lossy = lossy || losesDigits(s[i])
		}
		if mean := sum / float64(n); lossy && mean-mean == 0 {
			values[i].Pivot, moved = mean, true
		}
	}
	return moved
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
