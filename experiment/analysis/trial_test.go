package analysis_test

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
	"github.com/touchlift/touchlift/experiment/internal/datasets"
)

const week = 7 * 24 * time.Hour

var (
	ends   = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	mature = ends.Add(week) // every unit exposed before ends is mature
)

// trial is a made-up experiment: its definition, and the cells of a store that
// does not change over time.
type trial struct {
	catalog *experiment.Catalog
	cells   experiment.Cells // FirstArm
	clean   []experiment.Cell
	queries []experiment.Query
	now     time.Time
	options analysis.Options
}

// newTrial is an experiment with one proportion, the arms "control" and the
// others named, all of weight 1, which ended long ago.
func newTrial(arms ...string) *trial {
	e := experiment.Experiment{
		Key: "trial", Touchpoints: []string{"page"}, Unit: experiment.KindCustomer, Salt: "salt",
		Arms:    []experiment.Arm{{Variant: "control", Weight: 1}},
		Metrics: experiment.Metrics{Primary: "orders"},
		Ends:    ends,
	}
	for _, variant := range arms {
		e.Arms = append(e.Arms, experiment.Arm{Variant: variant, Weight: 1})
	}
	return &trial{
		catalog: &experiment.Catalog{
			Touchpoints: []experiment.Touchpoint{{Key: "page", Stage: experiment.StagePurchase, Channel: experiment.ChannelWeb}},
			Metrics: []experiment.Metric{
				{Key: "orders", Kind: experiment.MetricProportion, Event: "purchase", Window: week},
				{Key: "revenue", Kind: experiment.MetricMean, Event: "purchase", Window: week},
			},
			Experiments: []experiment.Experiment{e},
		},
		now: mature.Add(time.Hour),
	}
}

func (tr *trial) experiment() *experiment.Experiment { return &tr.catalog.Experiments[0] }

func (tr *trial) primary() *experiment.Metric { return &tr.catalog.Metrics[0] }

// arm adds units of which some converted, in the last phase that is declared.
func (tr *trial) arm(variant string, units, converted int64) *trial {
	tr.cells.Cells = append(tr.cells.Cells, experiment.Cell{Variant: variant, Units: units, Phase: len(tr.experiment().Phases),
		Sums: []experiment.Sums{{N: units, Sum: float64(converted), SumSquares: float64(converted)}}})
	return tr
}

// mean adds units with a mean of the primary metric, which becomes a mean.
func (tr *trial) mean(variant string, units int64, mean, deviation float64) *trial {
	tr.primary().Kind = experiment.MetricMean
	n := float64(units)
	tr.cells.Cells = append(tr.cells.Cells, experiment.Cell{Variant: variant, Units: units, Phase: len(tr.experiment().Phases),
		Sums: []experiment.Sums{{N: units, Sum: n * mean, SumSquares: n*mean*mean + (n-1)*deviation*deviation}}})
	return tr
}

// contaminate declares units of the cells given so far as contaminated, of
// which some converted; excluding them takes them out.
func (tr *trial) contaminate(from, to string, units, converted int64) *trial {
	return tr.contaminateIn(0, from, to, units, converted)
}

func (tr *trial) contaminateIn(phase int, from, to string, units, converted int64) *trial {
	tr.cells.Contaminated = append(tr.cells.Contaminated, experiment.Transition{Variant: from, To: to, Units: units, Phase: phase})
	if tr.clean == nil {
		tr.clean = slices.Clone(tr.cells.Cells)
	}
	i := slices.IndexFunc(tr.clean, func(c experiment.Cell) bool { return c.Variant == from && c.Phase == phase })
	c := tr.clean[i]
	c.Units -= units
	c.Sums = []experiment.Sums{{N: c.Sums[0].N - units, Sum: c.Sums[0].Sum - float64(converted),
		SumSquares: c.Sums[0].SumSquares - float64(converted)}}
	tr.clean[i] = c
	return tr
}

// reweight declares a phase, two weeks before the end for the first one and a day
// later for each that follows, with the weights of control and the other arms.
// Cells that are added afterwards are of this phase.
func (tr *trial) reweight(control uint64, others ...experiment.Arm) *trial {
	e := tr.experiment()
	e.Phases = append(e.Phases, experiment.Phase{From: reweighted.AddDate(0, 0, len(e.Phases)),
		Arms: append([]experiment.Arm{{Variant: "control", Weight: control}}, others...)})
	return tr
}

var reweighted = ends.Add(-2 * week)

func weight(variant string, weight uint64) experiment.Arm {
	return experiment.Arm{Variant: variant, Weight: weight}
}

func (tr *trial) holdout(units int64) *trial {
	tr.cells.Cells = append(tr.cells.Cells, experiment.Cell{Holdout: true, Units: units, Sums: []experiment.Sums{{N: units, Sum: 1, SumSquares: 1}}})
	return tr
}

var zero time.Time

func (tr *trial) with(change func(*experiment.Experiment)) *trial {
	change(tr.experiment())
	return tr
}

func (tr *trial) decrease() *trial {
	tr.primary().Direction = experiment.Decrease
	return tr
}

func (tr *trial) sample(n int64) *trial {
	tr.experiment().Plan.Sample = n
	return tr
}

func (tr *trial) at(now time.Time) *trial {
	tr.now = now
	return tr
}

// Summarize answers any query with the cells as of each of its moments.
func (tr *trial) Summarize(_ context.Context, q experiment.Query) (experiment.Cells, error) {
	if err := q.Validate(); err != nil {
		return experiment.Cells{}, err
	}
	tr.queries = append(tr.queries, q)
	cells := tr.cells.Cells
	if q.Contaminated == experiment.ExcludeContaminated && tr.clean != nil {
		cells = tr.clean
	}
	var answer experiment.Cells
	for _, asOf := range q.AsOf {
		for _, c := range cells {
			c.AsOf, c.Sums = asOf, c.Sums[:len(q.Values)]
			answer.Cells = append(answer.Cells, c)
		}
		for _, t := range tr.cells.Contaminated {
			t.AsOf = asOf
			answer.Contaminated = append(answer.Contaminated, t)
		}
		for _, t := range tr.cells.Moved {
			t.AsOf = asOf
			answer.Moved = append(answer.Moved, t)
		}
	}
	answer.Sort()
	return answer, nil
}

func (tr *trial) run(t testing.TB) analysis.Result {
	t.Helper()
	options := tr.options
	options.Now = func() time.Time { return tr.now }
	result, err := analysis.Run(context.Background(), tr, tr.catalog, "trial", options)
	require.NoError(t, err)
	return result
}

func check(t testing.TB, result analysis.Result, id string) analysis.Check {
	t.Helper()
	for _, c := range result.Health {
		if c.ID == id {
			return c
		}
	}
	require.Failf(t, "no such check", "%s is not among %v", id, result.Health)
	return analysis.Check{}
}

func closeTo(t testing.TB, want, got float64, reason string) {
	t.Helper()
	require.LessOrEqual(t, math.Abs(want-got), 1e-12*math.Max(math.Abs(want), 1e-300), "%s: want %v, got %v", reason, want, got)
}

// analyse runs the analysis of a data set on a source.
func analyse(t testing.TB, source analysis.Source, s datasets.Set) analysis.Result {
	t.Helper()
	result, err := analysis.Run(context.Background(), source, s.Catalog, s.Key, analysis.Options{Now: func() time.Time { return s.Now }})
	require.NoError(t, err)
	return result
}
