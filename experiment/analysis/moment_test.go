package analysis_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
)

// arrivals is an in-memory store to which units come one by one.
type arrivals struct {
	t     testing.TB
	store *experiment.Memory
	n     int
}

func newArrivals(t testing.TB) *arrivals {
	return &arrivals{t: t, store: experiment.NewMemory(experiment.MemoryOptions{})}
}

// meet records that a new unit met a variant, and its conversion an hour later
// if it converts.
func (a *arrivals) meet(variant string, at time.Time, converts bool) *arrivals {
	a.n++
	return a.again(fmt.Sprint("unit ", a.n), variant, at, converts)
}

func (a *arrivals) again(unit, variant string, at time.Time, converts bool) *arrivals {
	return a.expose(experiment.Exposure{Unit: unit, Variant: variant, Class: experiment.ClassArm, Time: at}, converts)
}

// expose records an exposure of which unit, variant, class, phase and time are given.
func (a *arrivals) expose(e experiment.Exposure, converts bool) *arrivals {
	e.Experiment, e.Run, e.Kind, e.Touchpoint = "trial", "salt", experiment.KindCustomer, "page"
	batch, unit, at := experiment.Batch{Exposures: []experiment.Exposure{e}}, e.Unit, e.Time
	if converts {
		batch.Conversions = []experiment.Conversion{{ID: experiment.ConversionKey(unit), Time: at.Add(time.Hour), Event: "purchase", Value: 1,
			IDs: []experiment.ID{{Kind: experiment.KindCustomer, Value: unit}}}}
	}
	_, err := a.store.Record(context.Background(), batch)
	require.NoError(a.t, err)
	return a
}

func (a *arrivals) run(tr *trial, now time.Time) analysis.Result {
	a.t.Helper()
	result, err := analysis.Run(context.Background(), a.store, tr.catalog, "trial", analysis.Options{Now: func() time.Time { return now }})
	require.NoError(a.t, err)
	return result
}

var begins = ends.Add(-4 * week)

// The evaluation is at the very microsecond at which the last unit of the
// planned size matures, and stays there.
func TestEvaluationIsAtTheExactMoment(t *testing.T) {
	const odd = 123457 * time.Microsecond
	a := newArrivals(t)
	a.meet("control", begins, true).meet("control", begins.Add(odd), false).meet("control", begins.Add(2*time.Hour), true)
	a.meet("blue", begins.Add(time.Second), true).meet("blue", begins.Add(3*time.Hour+odd), false) // the second of blue completes the size
	a.meet("blue", begins.Add(3*time.Hour+odd+time.Microsecond), true)                             // comes a microsecond too late
	tr := newTrial("blue").sample(2)
	want := begins.Add(3*time.Hour + odd).Add(week)

	early := a.run(tr, want.Add(-time.Microsecond))
	assert.Equal(t, analysis.Waiting, early.Stage, "a microsecond before")
	assert.Equal(t, int64(1), early.Groups[1].Matured)

	for _, now := range []time.Time{want, want.Add(time.Microsecond), want.Add(time.Hour), want.Add(5000 * week)} {
		result := a.run(tr, now)
		require.Equal(t, analysis.Evaluated, result.Stage, "now %v", now)
		assert.Equal(t, want, result.AsOf, "now %v", now)
		assert.Equal(t, int64(3), result.Scorecard[0].Control.N, "all three of control have matured by then")
		assert.Equal(t, int64(2), result.Scorecard[0].Treatment.N, "the third of blue has not")
	}
}

// What happens after the evaluation does not reach the result, whenever it is
// computed.
func TestEvaluationIsFrozen(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	a := newArrivals(t)
	at := begins
	for range 200 {
		at = at.Add(time.Duration(random.Int64N(int64(time.Hour))))
		a.meet([]string{"control", "blue"}[random.IntN(2)], at, random.IntN(5) == 0)
	}
	tr := newTrial("blue").sample(60).with(func(e *experiment.Experiment) { e.Ends = zero })
	first := a.run(tr, at.Add(week))
	require.Equal(t, analysis.Evaluated, first.Stage)
	at = first.AsOf // an event at the moment itself is not before it
	for range 300 {
		a.meet("blue", at, true)
		at = at.Add(time.Duration(random.Int64N(int64(time.Hour))))
	}
	a.again("unit 1", "blue", at, false).again("unit 1", "control", at, false)
	assert.Equal(t, first, a.run(tr, at.Add(52*week)))
}

// The search agrees with counting, on random arrivals with many at one moment.
func TestSearchAgreesWithCounting(t *testing.T) {
	const seed = 7
	random := rand.New(rand.NewPCG(seed, seed))
	for round := range 25 {
		a := newArrivals(t)
		var times [2][]time.Time
		at := begins
		for range 40 {
			at = at.Add(time.Duration(random.Int64N(3)) * time.Duration(1+random.Int64N(1_000_000)) * time.Microsecond)
			arm := random.IntN(2)
			times[arm] = append(times[arm], at)
			a.meet([]string{"control", "blue"}[arm], at, false)
		}
		size := min(len(times[0]), len(times[1]), 1+random.IntN(15))
		want := times[0][size-1]
		if other := times[1][size-1]; other.After(want) {
			want = other
		}
		result := a.run(newTrial("blue").sample(int64(size)), at.Add(week))
		require.Equal(t, want.Add(week), result.AsOf, "seed %d, round %d, planned size %d", seed, round, size)
	}
}

// The search costs few queries of many moments, even where the size was reached
// two thousand years ago.
func TestSearchIsShort(t *testing.T) {
	tr := newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 600).sample(5000)
	tr.run(t)
	assert.LessOrEqual(t, len(tr.queries), 20, "queries")
	for _, q := range tr.queries {
		assert.LessOrEqual(t, len(q.AsOf), 64, "moments of a query")
	}
}

// Units that come at or after the end do not count towards the planned size.
func TestPlannedSizeEndsWithTheExperiment(t *testing.T) {
	a := newArrivals(t).meet("control", begins, true).meet("control", begins, false).meet("blue", begins, true)
	tr := newTrial("blue").sample(2)
	a.meet("blue", ends, false)
	result := a.run(tr, ends.Add(3*week))
	assert.Equal(t, analysis.Overdue, result.Stage)
	assert.Equal(t, ends.Add(week), result.AsOf)
	a.meet("blue", ends.Add(-time.Microsecond), false)
	result = a.run(tr, ends.Add(3*week))
	assert.Equal(t, analysis.Evaluated, result.Stage)
	assert.Equal(t, ends.Add(week-time.Microsecond), result.AsOf)
}

// Contaminated units count towards the size in their first arm, so that it
// never shrinks, and are left out of the outcomes.
func TestContaminatedUnitsCountTowardsTheSize(t *testing.T) {
	a := newArrivals(t)
	for range 3 {
		a.meet("control", begins, true).meet("control", begins, false).meet("blue", begins, true).meet("blue", begins, false)
	}
	a.again("unit 1", "blue", begins.Add(time.Hour), false)
	result := a.run(newTrial("blue").sample(6), ends)
	require.Equal(t, analysis.Evaluated, result.Stage)
	assert.Equal(t, begins.Add(week), result.AsOf)
	assert.Equal(t, int64(5), result.Scorecard[0].Control.N)
	assert.Equal(t, int64(6), result.Scorecard[0].Treatment.N)
	assert.Equal(t, int64(1), result.Groups[0].Contaminated)
}

// Each metric counts the units that are mature for it.
func TestUnitsOfEachMetric(t *testing.T) {
	a := newArrivals(t)
	for day := range 20 {
		at := begins.AddDate(0, 0, day)
		a.meet("control", at, day%2 == 0).meet("blue", at, day%3 == 0)
	}
	tr := newTrial("blue").sample(10)
	tr.catalog.Metrics[1].Window = 2 * week
	tr.catalog.Metrics = append(tr.catalog.Metrics,
		experiment.Metric{Key: "ever", Kind: experiment.MetricProportion, Event: "purchase"},
		experiment.Metric{Key: "half-year", Kind: experiment.MetricProportion, Event: "purchase", Window: 26 * week})
	tr.experiment().Metrics.Secondary = []string{"revenue", "ever", "half-year"}
	result := a.run(tr, ends)
	require.Equal(t, begins.AddDate(0, 0, 9).Add(week), result.AsOf)
	n := make(map[string]int64)
	for _, row := range result.Scorecard {
		n[row.Metric] = row.Control.N
	}
	assert.Equal(t, map[string]int64{"orders": 10, "revenue": 3, "ever": 16, "half-year": 0}, n)
	late := result.Scorecard[3]
	assert.Nil(t, late.Test)
	assert.Contains(t, late.Problem, "longer than those of the primary metric")
	assert.Equal(t, analysis.NotInferable, late.Mark)
}

var errBroken = errors.New("the store burns")

// broken answers some queries before it fails.
type broken struct {
	analysis.Source
	left int
}

func (b *broken) Summarize(ctx context.Context, q experiment.Query) (experiment.Cells, error) {
	if b.left == 0 {
		return experiment.Cells{}, errBroken
	}
	b.left--
	return b.Source.Summarize(ctx, q)
}

func TestErrors(t *testing.T) {
	tr := newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 600).sample(5000)
	ctx := context.Background()

	_, err := analysis.Run(ctx, tr, nil, "trial", analysis.Options{})
	require.ErrorIs(t, err, analysis.ErrNoCatalog)

	_, err = analysis.Run(ctx, tr, tr.catalog, "trail", analysis.Options{})
	require.ErrorIs(t, err, experiment.ErrUnknown)
	var unknown *experiment.UnknownError
	require.ErrorAs(t, err, &unknown)
	assert.Equal(t, "trial", unknown.Meant())

	invalid := newTrial("blue")
	invalid.experiment().Salt = ""
	_, err = analysis.Run(ctx, invalid, invalid.catalog, "trial", analysis.Options{})
	var problems *experiment.InvalidCatalogError
	require.ErrorAs(t, err, &problems)

	tr.run(t)
	for i := range len(tr.queries) {
		_, err = analysis.Run(ctx, &broken{tr, i}, tr.catalog, "trial", analysis.Options{Now: func() time.Time { return tr.now }})
		require.ErrorIs(t, err, errBroken, "query %d", i)
	}
}
