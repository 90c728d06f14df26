package analysis

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/stats"
)

func rateSummary(successes, n int64) summary {
	counts := stats.Counts{Successes: successes, N: n}
	return summary{n: n, counts: counts, moments: counts.Moments()}
}

func meanSummary(n int64, mean, m2 float64) summary {
	return summary{n: n, moments: stats.Moments{N: n, Mean: mean, M2: m2}}
}

func contrastOf(kind experiment.MetricKind, phases ...[2]summary) contrast {
	t := tally{units: make(map[stay]int64), summaries: make(map[stay][]summary)}
	for phase, arms := range phases {
		for i, v := range []string{"control", "blue"} {
			at := stay{group{variant: v}, phase}
			t.units[at], t.summaries[at] = arms[i].n, []summary{arms[i]}
		}
	}
	return t.contrast(kind, 0, "control", "blue")
}

func near(t *testing.T, want, got float64, what string) {
	t.Helper()
	assert.LessOrEqual(t, math.Abs(want-got), 1e-11*max(math.Abs(want), math.Abs(got), 1e-3), "%s: want %v, got %v", what, want, got)
}

func nearInterval(t *testing.T, want, got stats.Interval, what string) {
	t.Helper()
	near(t, want.Low, got.Low, what)
	near(t, want.High, got.High, what)
}

// With one phase the combination over phases is the procedure that serves an
// experiment without phases: pooled z, Newcombe, Welch, and the lift of each.
func TestOnePhaseIsThePlainProcedure(t *testing.T) {
	const seed = 2
	random := rand.New(rand.NewPCG(seed, seed))
	for round := range 200 {
		a, b := 5+random.Int64N(900), 5+random.Int64N(900)
		for _, c := range []contrast{
			contrastOf(experiment.MetricProportion, [2]summary{rateSummary(1+random.Int64N(a-1), a), rateSummary(1+random.Int64N(b-1), b)}),
			contrastOf(experiment.MetricMean, [2]summary{meanSummary(a, 10*random.Float64(), 1+random.Float64()), meanSummary(b, 10*random.Float64(), 1+random.Float64())}),
		} {
			plain, plainTest, err := c.difference(0.05)
			require.NoError(t, err, "seed %d, round %d", seed, round)
			one, oneTest, err := c.stratified(0.05)
			require.NoError(t, err, "seed %d, round %d", seed, round)
			near(t, plain.Value, one.Value, "difference")
			nearInterval(t, plain.Interval, one.Interval, "interval")
			near(t, plainTest.SE, oneTest.SE, "standard error")
			near(t, plainTest.DF, oneTest.DF, "degrees of freedom")
			near(t, plainTest.LogP, oneTest.LogP, "log p")
			assert.Equal(t, plainTest.Warnings, oneTest.Warnings, "seed %d, round %d", seed, round)
			want, err := c.liftEffect()
			require.NoError(t, err)
			got := c.stratifiedLift()
			near(t, want.VarControl, got.VarControl, "variance of control")
			near(t, want.VarTreatment, got.VarTreatment, "variance of treatment")
			near(t, want.Estimate/want.Control, got.Estimate/got.Control, "lift")
		}
	}
}

// Whatever the phases: swapping arms mirrors the result, their order does not
// matter, a scale and a shift per phase do what they should, and two phases of
// one kind halve the variance.
func TestPhasesAreCombinedConsistently(t *testing.T) {
	const seed = 4
	random := rand.New(rand.NewPCG(seed, seed))
	for range 200 {
		var phases, swapped, moved, turned [][2]summary
		for range 2 + random.IntN(4) {
			a := meanSummary(2+random.Int64N(500), random.NormFloat64(), 100*random.Float64())
			b := meanSummary(2+random.Int64N(500), random.NormFloat64(), 100*random.Float64())
			shift := 10 * random.NormFloat64()
			phases, swapped = append(phases, [2]summary{a, b}), append(swapped, [2]summary{b, a})
			moved = append(moved, [2]summary{meanSummary(a.n, shift+2*a.moments.Mean, 4*a.moments.M2), meanSummary(b.n, shift+2*b.moments.Mean, 4*b.moments.M2)})
			turned = append([][2]summary{{a, b}}, turned...)
		}
		run := func(phases ...[2]summary) (Estimate, *Test) {
			e, test, err := contrastOf(experiment.MetricMean, phases...).difference(0.05)
			require.NoError(t, err, "seed %d", seed)
			return e, test
		}
		e, test := run(phases...)
		s, sTest := run(swapped...)
		near(t, -e.Value, s.Value, "swapped difference")
		near(t, test.LogP, sTest.LogP, "swapped p")
		m, mTest := run(moved...)
		near(t, 2*e.Value, m.Value, "a phase's shift drops out")
		near(t, 2*test.SE, mTest.SE, "a scale scales")
		near(t, test.DF, mTest.DF, "and leaves the degrees of freedom")
		o, oTest := run(turned...)
		near(t, e.Value, o.Value, "order of phases")
		near(t, test.LogP, oTest.LogP, "order of phases")
		twice, twiceTest := run(append(phases, phases...)...)
		near(t, e.Value, twice.Value, "the same phases again")
		near(t, test.SE/math.Sqrt2, twiceTest.SE, "halve the variance")
	}
}
