package stats_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/stats"
)

var (
	nan = math.NaN()
	inf = math.Inf(1)
)

// requireNoInference holds what goes beside every error: nothing that can be
// taken for a finding.
func requireNoInference(t *testing.T, i stats.Inference) {
	t.Helper()
	require.True(t, math.IsNaN(i.P), "p = %g", i.P)
	require.True(t, math.IsNaN(i.LogP), "log p = %g", i.LogP)
	require.True(t, math.IsNaN(i.Statistic), "statistic = %g", i.Statistic)
	require.Equal(t, stats.NoInterval, i.CI.Kind)
	require.False(t, i.CI.Contains(0))
}

// 2*(1-CDF) gives p = 0 here.
func TestHugeStatisticKeepsItsP(t *testing.T) {
	n := int64(100_000)
	se := math.Sqrt(2.0 / float64(n))
	r, err := stats.Welch(moments(n, 0, 1), moments(n, 13.43*se, 1), stats.Options{})
	require.NoError(t, err)
	require.InEpsilon(t, 199_998, r.DF, 1e-12)
	require.InEpsilon(t, 13.43, r.Statistic, 1e-12)
	require.InEpsilon(t, 4.2033e-41, r.P, 2e-5)
	require.InEpsilon(t, math.Log(r.P), r.LogP, 1e-12)
}

// 2*(1-CDF) gives 4.885e-15 here, 1.5 % off.
func TestLargeStatisticKeepsItsDigits(t *testing.T) {
	n := int64(100_000)
	r, err := stats.Welch(moments(n, 0, 1), moments(n, 7.829*math.Sqrt(2.0/float64(n)), 1), stats.Options{})
	require.NoError(t, err)
	require.InEpsilon(t, 4.957e-15, r.P, 5e-3, "t is given to four digits")
}

// Zero successes in one arm was "zero variance", p = 1 and an interval (0, 0)
// elsewhere.
func TestNoSuccessesInOneArm(t *testing.T) {
	r, err := stats.Proportions(stats.Counts{N: 1000}, stats.Counts{Successes: 30, N: 1000}, stats.ProportionOptions{})
	require.NoError(t, err)
	require.Equal(t, stats.MethodPooledZ, r.Method)
	require.Less(t, r.P, 1e-7)
	require.Greater(t, r.CI.Low, 0.0)
	require.InDelta(t, 0.03, float64(r.Difference), 1e-15)
	r, err = stats.Proportions(stats.Counts{N: 1000}, stats.Counts{Successes: 30, N: 1000}, stats.ProportionOptions{Unpooled: true})
	require.NoError(t, err, "one arm varies, which is enough")
	require.Less(t, r.P, 1e-7)
}

func TestNobodyDid(t *testing.T) {
	for _, o := range []stats.ProportionOptions{{}, {Unpooled: true}, {Yates: true}} {
		r, err := stats.Proportions(stats.Counts{N: 40}, stats.Counts{N: 60}, o)
		require.ErrorIs(t, err, stats.ErrZeroVariance)
		requireNoInference(t, r.Inference)
		require.Zero(t, r.Control)
	}
	i, err := stats.Newcombe(stats.Counts{N: 40}, stats.Counts{N: 60}, stats.Options{})
	require.NoError(t, err, "the score interval has an answer")
	require.InDelta(t, -0.08762160119728665, i.Low, 1e-12)
}

// All against nobody: the Wald standard error is 0, the pooled one is not.
func TestAllAgainstNobody(t *testing.T) {
	control, treatment := stats.Counts{Successes: 10, N: 10}, stats.Counts{N: 20}
	r, err := stats.Proportions(control, treatment, stats.ProportionOptions{Unpooled: true})
	require.ErrorIs(t, err, stats.ErrZeroVariance)
	requireNoInference(t, r.Inference)
	r, err = stats.Proportions(control, treatment, stats.ProportionOptions{})
	require.NoError(t, err)
	require.InEpsilon(t, 4.3204630578274975e-08, r.P, 1e-10)
	require.Equal(t, -1.0, r.CI.Low)
	require.Less(t, r.CI.High, -0.5)
}

// Counting the zero-weight arm as a degree of freedom gave 0.1353 elsewhere.
func TestSRMDegreesOfFreedomCountPositiveWeights(t *testing.T) {
	r, err := stats.SRM([]int64{5100, 4900, 0}, []float64{.5, .5, 0})
	require.NoError(t, err)
	require.Equal(t, 1, r.DF)
	require.InEpsilon(t, 0.04550026389635842, r.P, 1e-11)
	require.Empty(t, r.Leaks)
	require.InDelta(t, 0.01, math.Abs(float64(r.Imbalance)), 1e-15)
}

// Traffic in a zero-weight arm inflated the expected counts elsewhere.
func TestSRMLeakIsItsOwnFinding(t *testing.T) {
	r, err := stats.SRM([]int64{5100, 4900, 77}, []float64{.5, .5, 0})
	require.NoError(t, err)
	require.InEpsilon(t, 0.04550026389635842, r.P, 1e-11, "the leak changes no p")
	require.Equal(t, []stats.Leak{{Arm: 2, Observed: 77}}, r.Leaks)
	r, err = stats.SRM([]int64{500, 7}, []float64{1, 0})
	require.ErrorIs(t, err, stats.ErrInfeasible)
	require.Equal(t, []stats.Leak{{Arm: 1, Observed: 7}}, r.Leaks, "found even where nothing can be compared")
	require.True(t, math.IsNaN(r.P))
}

// A NaN sum gave p = NaN and no error elsewhere.
func TestNaNIsAnError(t *testing.T) {
	good := moments(10, 1, 2)
	for _, value := range []float64{nan, inf, -inf} {
		bad := stats.Summarize([]float64{1, 2, value, 3})
		require.ErrorIs(t, bad.Validate(), stats.ErrNonFinite)
		var merged stats.Moments
		merged.Merge(good)
		merged.Merge(bad)
		for name, run := range meanProcedures() {
			for _, pair := range [][2]stats.Moments{{bad, good}, {good, bad}, {good, merged}} {
				i, err := run(pair[0], pair[1], stats.Options{})
				require.ErrorIs(t, err, stats.ErrNonFinite, name)
				requireNoInference(t, i)
			}
		}
		_, err := stats.FromSums(3, 0, value, 1)
		require.ErrorIs(t, err, stats.ErrNonFinite)
	}
}

// meanProcedures are the procedures that compare two Moments, by name.
func meanProcedures() map[string]func(control, treatment stats.Moments, o stats.Options) (stats.Inference, error) {
	type moments = stats.Moments
	return map[string]func(control, treatment moments, o stats.Options) (stats.Inference, error){
		"Welch": func(c, t moments, o stats.Options) (stats.Inference, error) {
			r, err := stats.Welch(c, t, o)
			return r.Inference, err
		},
		"PooledT": func(c, t moments, o stats.Options) (stats.Inference, error) {
			r, err := stats.PooledT(c, t, o)
			return r.Inference, err
		},
		"Z": func(c, t moments, o stats.Options) (stats.Inference, error) {
			r, err := stats.Z(c, t, o)
			return r.Inference, err
		},
		"LiftDelta": func(c, t moments, o stats.Options) (stats.Inference, error) {
			r, err := stats.LiftDelta(c, t, o)
			return r.Inference, err
		},
		"LiftFieller": func(c, t moments, o stats.Options) (stats.Inference, error) {
			r, err := stats.LiftFieller(c, t, o)
			return r.Inference, err
		},
		"Lift": func(c, t moments, o stats.Options) (stats.Inference, error) {
			r, err := stats.Lift(c, t, o)
			return r.Inference, err
		},
	}
}

// One unit gave p = 1 elsewhere; equal values gave an interval (0, 0).
func TestTooFewUnitsAndZeroVariance(t *testing.T) {
	good := moments(10, 1, 2)
	for name, run := range meanProcedures() {
		for _, few := range []stats.Moments{{}, stats.Summarize([]float64{5})} {
			for _, pair := range [][2]stats.Moments{{few, good}, {good, few}, {few, few}} {
				i, err := run(pair[0], pair[1], stats.Options{})
				require.ErrorIs(t, err, stats.ErrTooFewUnits, name)
				requireNoInference(t, i)
			}
		}
		i, err := run(stats.Summarize([]float64{2, 2, 2}), stats.Summarize([]float64{3, 3, 3}), stats.Options{})
		require.ErrorIs(t, err, stats.ErrZeroVariance, name)
		requireNoInference(t, i)
		i, err = run(stats.Summarize([]float64{2, 2, 2}), good, stats.Options{})
		require.NoError(t, err, "%s: one arm that varies is enough", name)
		require.Greater(t, i.P, 0.0)
	}
}

func TestTooFewUnitsSaysWhichArm(t *testing.T) {
	r, err := stats.Welch(moments(10, 1, 2), stats.Summarize([]float64{5}), stats.Options{})
	var input *stats.InputError
	require.ErrorAs(t, err, &input)
	assert.Equal(t, "treatment.N", input.Input)
	assert.Equal(t, 1.0, input.Value)
	assert.Equal(t, "stats: too few units: treatment.N = 1; want at least 2 units per arm; wait for more", err.Error())
	assert.Equal(t, 4.0, r.Difference, "the means are known")
}

// An absolute difference was refused elsewhere because a ratio would divide by
// the control mean.
func TestControlMeanZero(t *testing.T) {
	control, treatment := moments(50, 0, 1), moments(50, 2, 1)
	r, err := stats.Welch(control, treatment, stats.Options{})
	require.NoError(t, err)
	require.Equal(t, 2.0, r.Difference)
	require.Less(t, r.P, 1e-10)
	for name, run := range meanProcedures() {
		if name[0] != 'L' {
			continue
		}
		i, err := run(control, treatment, stats.Options{})
		require.ErrorIs(t, err, stats.ErrZeroBaseline, name)
		requireNoInference(t, i)
	}
	l, err := stats.Lift(control, treatment, stats.Options{})
	require.Error(t, err)
	require.True(t, math.IsNaN(float64(l.Lift)))
	require.Equal(t, "undefined", l.Lift.String())
	rates, err := stats.RateLift(stats.Counts{N: 1000}, stats.Counts{Successes: 30, N: 1000})
	require.NoError(t, err, "one arm varies")
	_, err = rates.Lift(stats.Options{})
	require.ErrorIs(t, err, stats.ErrZeroBaseline)
	_, err = stats.RateLift(stats.Counts{N: 1000}, stats.Counts{N: 1000})
	require.ErrorIs(t, err, stats.ErrZeroVariance)
	_, err = stats.RateLift(stats.Counts{}, stats.Counts{N: 1000})
	require.ErrorIs(t, err, stats.ErrTooFewUnits)
	ratio, err := stats.RatioFieller(control, treatment, stats.Options{})
	require.NoError(t, err)
	require.Equal(t, stats.Exclusive, ratio.Kind)
}

// Winner and loser were flipped for negative baselines elsewhere.
func TestNegativeBaseline(t *testing.T) {
	control, treatment := moments(1000, -10, 1), moments(1000, -9.5, 1)
	for _, run := range []func(a, b stats.Moments, o stats.Options) (stats.LiftResult, error){stats.Lift, stats.LiftDelta, stats.LiftFieller} {
		r, err := run(control, treatment, stats.Options{})
		require.NoError(t, err)
		require.InDelta(t, 0.05, float64(r.Lift), 1e-15)
		require.Equal(t, "+5.0 %", r.Lift.String())
		require.Greater(t, r.Statistic, 0.0)
		require.True(t, r.CI.Low > 0 && r.CI.Low < 0.05 && r.CI.High > 0.05, r.CI.String())
		less, err := run(control, treatment, stats.Options{Alternative: stats.Less})
		require.NoError(t, err)
		require.Greater(t, less.P, 0.999, "treatment is larger")
	}
}

// The same data in seconds and milliseconds gave p = 0.264 and 4.3e-12
// elsewhere, by a variance floor in data units.
func TestScaleDoesNotMatter(t *testing.T) {
	control, treatment := moments(200, 1.2e-4, 3e-9), moments(210, 1.35e-4, 4e-9)
	scale := func(m stats.Moments, by float64) stats.Moments {
		return stats.Moments{N: m.N, Mean: m.Mean * by, M2: m.M2 * by * by}
	}
	for name, run := range meanProcedures() {
		want, err := run(control, treatment, stats.Options{})
		require.NoError(t, err)
		for _, by := range []float64{1000, 1e-9, 1e60, 1e-60, 1e130, 1e-130} {
			got, err := run(scale(control, by), scale(treatment, by), stats.Options{})
			require.NoError(t, err, "%s scaled by %g", name, by)
			require.InEpsilon(t, want.P, got.P, 1e-9, "%s scaled by %g", name, by)
		}
	}
}

// Delta where the baseline is far from 0, Fieller where it is not.
func TestLiftChoosesByG(t *testing.T) {
	far, err := stats.Lift(moments(1000, 10, 25), moments(1000, 10.5, 26), stats.Options{})
	require.NoError(t, err)
	require.Equal(t, stats.MethodLiftDelta, far.Method)
	require.Less(t, far.G, 0.05)
	require.Empty(t, far.Warnings)
	near, err := stats.Lift(moments(100, 0.2, 4), moments(400, 1.5, 4), stats.Options{})
	require.NoError(t, err)
	require.Equal(t, stats.MethodLiftFieller, near.Method)
	require.Equal(t, stats.Exclusive, near.CI.Kind)
	require.Contains(t, near.Warnings, stats.WarnBaselineNearZero)
	delta, err := stats.LiftDelta(moments(100, 0.2, 4), moments(400, 1.5, 4), stats.Options{})
	require.NoError(t, err)
	require.Contains(t, delta.Warnings, stats.WarnBaselineNearZero)
}

func TestSmallCountsWarn(t *testing.T) {
	r, err := stats.Proportions(stats.Counts{Successes: 1, N: 20}, stats.Counts{Successes: 4, N: 25}, stats.ProportionOptions{})
	require.NoError(t, err)
	require.Contains(t, r.Warnings, stats.WarnSmallCounts)
	r, err = stats.Proportions(stats.Counts{Successes: 50, N: 500}, stats.Counts{Successes: 65, N: 500}, stats.ProportionOptions{})
	require.NoError(t, err)
	require.Empty(t, r.Warnings)
	s, err := stats.SRM([]int64{3, 2}, []float64{1, 1})
	require.NoError(t, err)
	require.Contains(t, s.Warnings, stats.WarnSmallCounts)
}

func TestOptionsOutsideTheirDomain(t *testing.T) {
	a, b := moments(10, 1, 2), moments(12, 2, 3)
	for _, o := range []stats.Options{{Alpha: 1}, {Alpha: -0.05}, {Alpha: 1.5}, {Alpha: nan}, {Alpha: inf}, {Alternative: 7}} {
		for name, run := range meanProcedures() {
			i, err := run(a, b, o)
			require.ErrorIs(t, err, stats.ErrInvalidOption, name)
			requireNoInference(t, i)
		}
		_, err := stats.Wilson(stats.Counts{Successes: 1, N: 2}, o)
		require.ErrorIs(t, err, stats.ErrInvalidOption)
		_, err = stats.Newcombe(stats.Counts{Successes: 1, N: 2}, stats.Counts{Successes: 1, N: 2}, o)
		require.ErrorIs(t, err, stats.ErrInvalidOption)
		_, err = stats.MiettinenNurminen(stats.Counts{Successes: 1, N: 2}, stats.Counts{Successes: 1, N: 2}, o)
		require.ErrorIs(t, err, stats.ErrInvalidOption)
		_, err = stats.RatioFieller(a, b, o)
		require.ErrorIs(t, err, stats.ErrInvalidOption)
		r, err := stats.Proportions(stats.Counts{Successes: 1, N: 2}, stats.Counts{Successes: 1, N: 2},
			stats.ProportionOptions{Alpha: o.Alpha, Alternative: o.Alternative})
		require.ErrorIs(t, err, stats.ErrInvalidOption)
		requireNoInference(t, r.Inference)
	}
	_, err := stats.Proportions(stats.Counts{Successes: 1, N: 2}, stats.Counts{Successes: 1, N: 2},
		stats.ProportionOptions{Yates: true, Unpooled: true})
	require.ErrorIs(t, err, stats.ErrInvalidOption, "Yates corrects the pooled test")
}

func TestCountsThatCannotBe(t *testing.T) {
	good := stats.Counts{Successes: 1, N: 2}
	for name, row := range map[string]struct {
		bad  stats.Counts
		want error
	}{
		"more successes than units": {stats.Counts{Successes: 3, N: 2}, stats.ErrInvalidSummary},
		"negative successes":        {stats.Counts{Successes: -1, N: 2}, stats.ErrInvalidSummary},
		"negative units":            {stats.Counts{Successes: -3, N: -2}, stats.ErrInvalidSummary},
		"no units":                  {stats.Counts{}, stats.ErrTooFewUnits},
	} {
		t.Run(name, func(t *testing.T) {
			for _, pair := range [][2]stats.Counts{{row.bad, good}, {good, row.bad}} {
				r, err := stats.Proportions(pair[0], pair[1], stats.ProportionOptions{})
				require.ErrorIs(t, err, row.want)
				requireNoInference(t, r.Inference)
				_, err = stats.Newcombe(pair[0], pair[1], stats.Options{})
				require.ErrorIs(t, err, row.want)
			}
			_, err := stats.Wilson(row.bad, stats.Options{})
			require.ErrorIs(t, err, row.want)
		})
	}
}
