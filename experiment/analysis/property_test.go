package analysis_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
	"github.com/touchlift/touchlift/experiment/internal/datasets"
	"github.com/touchlift/touchlift/stats"
)

// The order in which treatments are configured changes nothing but the order
// of the rows.
func TestOrderOfArms(t *testing.T) {
	const seed = 3
	random := rand.New(rand.NewPCG(seed, seed))
	for round := range 50 {
		converted := []int64{400 + random.Int64N(250), 400 + random.Int64N(250), 400 + random.Int64N(250)}
		run := func(order []string) analysis.Result {
			tr := newTrial(order...).arm("control", 5000, 500)
			for i, variant := range []string{"a", "b", "c"} {
				tr.arm(variant, 5000, converted[i])
			}
			return tr.run(t)
		}
		one, other := run([]string{"a", "b", "c"}), run([]string{"c", "a", "b"})
		byVariant := func(r analysis.Result) map[string]analysis.Row {
			rows := make(map[string]analysis.Row)
			for _, row := range r.Scorecard {
				rows[row.Variant] = row
			}
			return rows
		}
		assert.Equal(t, byVariant(one), byVariant(other), "seed %d, round %d", seed, round)
		assert.Equal(t, one.Verdict.Status, other.Verdict.Status, "seed %d, round %d", seed, round)
		assert.ElementsMatch(t, one.Verdict.Variants, other.Verdict.Variants, "seed %d, round %d", seed, round)
	}
}

// spending fills a store with the values of two arms, one unit each.
func spending(t testing.TB, arms map[string][]float64) *experiment.Memory {
	store := experiment.NewMemory(experiment.MemoryOptions{})
	var batch experiment.Batch
	for variant, values := range arms {
		for i, v := range values {
			unit := fmt.Sprint(variant, i)
			batch.Exposures = append(batch.Exposures, experiment.Exposure{Experiment: "trial", Run: "salt", Kind: experiment.KindCustomer,
				Unit: unit, Variant: variant, Touchpoint: "page", Class: experiment.ClassArm, Time: begins})
			batch.Conversions = append(batch.Conversions, experiment.Conversion{ID: experiment.ConversionKey(unit), Time: begins.Add(time.Hour),
				Event: "purchase", Value: v, IDs: []experiment.ID{{Kind: experiment.KindCustomer, Value: unit}}})
		}
	}
	_, err := store.Record(context.Background(), batch)
	require.NoError(t, err)
	return store
}

func meanTrial() *trial {
	tr := newTrial("blue")
	tr.primary().Kind = experiment.MetricMean
	return tr
}

func spent(t testing.TB, source analysis.Source) analysis.Row {
	tr := meanTrial()
	result, err := analysis.Run(context.Background(), source, tr.catalog, "trial", analysis.Options{Now: func() time.Time { return tr.now }})
	require.NoError(t, err)
	require.Len(t, result.Scorecard, 1)
	return result.Scorecard[0]
}

// The analysis of a store gives the digits of package stats on the rows,
// however far the values are from 0, and follows scale and shift.
func TestMeansFollowScaleAndShift(t *testing.T) {
	const seed = 11
	random := rand.New(rand.NewPCG(seed, seed))
	for _, tt := range []struct {
		name         string
		scale, shift float64
		digits       float64 // relative
	}{
		{"as they are", 1, 0, 1e-9},
		{"cents", 100, 0, 1e-9},
		{"tiny", 1e-6, 0, 1e-9},
		{"large", 1e6, 0, 1e-9},
		{"shifted by 1e4", 1, 1e4, 1e-9},
		{"shifted by 1e8", 1, 1e8, 1e-6}, // a float64 near 1e8 holds 8 digits of a difference of 0.2, and so do sums of rows
		{"negative", -1, -1e4, 1e-9},
	} {
		t.Run(tt.name, func(t *testing.T) {
			arms := map[string][]float64{}
			for _, variant := range []string{"control", "blue"} {
				for range 200 {
					arms[variant] = append(arms[variant], 10+3*random.NormFloat64())
				}
			}
			plain := spent(t, spending(t, arms))
			for variant := range arms {
				for i, v := range arms[variant] {
					arms[variant][i] = tt.shift + tt.scale*v
				}
			}
			row := spent(t, spending(t, arms))
			want, err := stats.Welch(stats.Summarize(arms["control"]), stats.Summarize(arms["blue"]), stats.Options{})
			require.NoError(t, err)
			require.NotNil(t, row.Test, row.Problem)
			assert.InEpsilon(t, want.P, row.Test.P, tt.digits, "seed %d: the digits of the rows", seed)
			assert.InEpsilon(t, want.Difference, row.Difference.Value, tt.digits)
			assert.InEpsilon(t, want.CI.Low, row.Difference.Interval.Low, tt.digits)
			assert.InEpsilon(t, plain.Test.P, row.Test.P, math.Max(tt.digits, 1e-6), "p does not depend on scale and shift")
			assert.InEpsilon(t, tt.scale*plain.Difference.Value, row.Difference.Value, math.Max(tt.digits, 1e-6))
		})
	}
}

// Values that are all the same have no variance, however they round.
func TestConstantValues(t *testing.T) {
	for _, v := range []float64{5, 0.1, 1e8 / 3, -7.7} {
		arms := map[string][]float64{"control": slices.Repeat([]float64{v}, 37), "blue": slices.Repeat([]float64{v}, 41)}
		row := spent(t, spending(t, arms))
		assert.Nil(t, row.Test, "value %v", v)
		assert.Contains(t, row.Problem, "zero variance", "value %v", v)
		assert.InEpsilon(t, v, row.Control.Value, 1e-12)
	}
}

// Swapping control and treatment mirrors the difference and keeps p.
func TestSwapOfArms(t *testing.T) {
	one := newTrial("blue").arm("control", 4000, 500).arm("blue", 4100, 600).run(t).Scorecard[0]
	other := newTrial("blue").arm("control", 4100, 600).arm("blue", 4000, 500).run(t).Scorecard[0]
	closeTo(t, -one.Difference.Value, other.Difference.Value, "difference")
	closeTo(t, -one.Difference.Interval.Low, other.Difference.Interval.High, "interval")
	closeTo(t, one.Test.P, other.Test.P, "p")
}

// A store and three shards of it give the same result.
func TestShardsGiveTheSameResult(t *testing.T) {
	const seed = 5
	random := rand.New(rand.NewPCG(seed, seed))
	whole := experiment.NewMemory(experiment.MemoryOptions{})
	shards := datasets.Shards{}
	for range 3 {
		shards = append(shards, experiment.NewMemory(experiment.MemoryOptions{}))
	}
	ctx := context.Background()
	for i := range 900 {
		unit, at := fmt.Sprint(i), begins.Add(time.Duration(i)*time.Minute)
		var batch experiment.Batch
		for range 1 + random.IntN(20)/19 { // one in twenty may meet both
			batch.Exposures = append(batch.Exposures, experiment.Exposure{Experiment: "trial", Run: "salt", Kind: experiment.KindCustomer, Unit: unit,
				Variant: []string{"control", "blue"}[random.IntN(2)], Touchpoint: "page", Class: experiment.ClassArm, Time: at})
		}
		if random.IntN(3) == 0 {
			batch.Conversions = append(batch.Conversions, experiment.Conversion{ID: experiment.ConversionKey(unit), Time: at.Add(time.Hour),
				Event: "purchase", Value: float64(random.IntN(1000)) / 8, IDs: []experiment.ID{{Kind: experiment.KindCustomer, Value: unit}}})
		}
		_, err := whole.Record(ctx, batch)
		require.NoError(t, err)
		require.NoError(t, shards.Record(ctx, batch))
	}
	tr := newTrial("blue").sample(300)
	tr.experiment().Metrics.Secondary = []string{"revenue"}
	options := analysis.Options{Now: func() time.Time { return ends }}
	one, err := analysis.Run(ctx, whole, tr.catalog, "trial", options)
	require.NoError(t, err)
	merged, err := analysis.Run(ctx, shards, tr.catalog, "trial", options)
	require.NoError(t, err)
	require.Equal(t, analysis.Evaluated, one.Stage)
	assert.NotEmpty(t, one.Contaminated, "the trial has contaminated units")
	assert.Equal(t, one, merged, "eighths add up exactly in any order")
}
