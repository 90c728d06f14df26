package analysis_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
	"github.com/touchlift/touchlift/stats"
)

// trend is a re-weight from 50/50 to 80/20 while the metric rises for everyone:
// 2,000 units in each phase, and an effect that is the same in both.
type trend struct {
	random        *rand.Rand
	metric        experiment.MetricKind
	early, late   float64 // of control
	effect        float64
	naive, naiveP float64
}

func (tr *trend) draw(trial *trial, variant string, n int64, level float64) stats.Moments {
	if tr.metric == experiment.MetricProportion {
		k := binomial(tr.random, int(n), level)
		trial.arm(variant, n, k)
		return stats.Counts{Successes: k, N: n}.Moments()
	}
	var m stats.Moments
	for range n {
		m.Add(level + 3*tr.random.NormFloat64())
	}
	trial.mean(variant, n, m.Mean, m.StdDev())
	return m
}

// run draws one experiment, and compares all its units by hand, phases ignored.
func (tr *trend) run(t testing.TB) analysis.Row {
	trial := newTrial("blue")
	control := tr.draw(trial, "control", 1000, tr.early)
	treated := tr.draw(trial, "blue", 1000, tr.early+tr.effect)
	trial.reweight(8, weight("blue", 2))
	control.Merge(tr.draw(trial, "control", 1600, tr.late))
	treated.Merge(tr.draw(trial, "blue", 400, tr.late+tr.effect))
	plain, err := stats.Welch(control, treated, stats.Options{})
	require.NoError(t, err)
	tr.naive, tr.naiveP = plain.Difference, plain.P
	result := trial.run(t)
	require.Equal(t, analysis.OK, check(t, result, analysis.CheckSRM).Level, "sizes are as declared")
	require.NotNil(t, result.Scorecard[0].Test, result.Scorecard[0].Problem)
	return result.Scorecard[0]
}

// Under a trend over time and a re-weight, a plain comparison of all units sees the
// trend; the scorecard does not: its intervals cover the true effect as often as
// they say, and where there is none it finds one in alpha of the experiments.
func TestTrendOverTime(t *testing.T) {
	const alpha, seed = 0.05, 1
	runs := 2000
	if testing.Short() {
		runs = 500
	}
	margin := 4 * math.Sqrt(alpha*(1-alpha)/float64(runs))
	for i, tt := range []struct {
		name                string
		metric              experiment.MetricKind
		early, late, effect float64
		bias                float64 // of the plain comparison: (late - early) times the change of the late units' share
	}{
		{"rates, no effect", experiment.MetricProportion, 0.10, 0.20, 0, 0.10 * (400.0/1400 - 1600.0/2600)},
		{"rates, an effect", experiment.MetricProportion, 0.10, 0.20, 0.03, 0.10 * (400.0/1400 - 1600.0/2600)},
		{"means, no effect", experiment.MetricMean, 10, 12, 0, 2 * (400.0/1400 - 1600.0/2600)},
		{"means, an effect", experiment.MetricMean, 10, 12, 0.3, 2 * (400.0/1400 - 1600.0/2600)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tr := &trend{random: rand.New(rand.NewPCG(seed, uint64(i))), metric: tt.metric, early: tt.early, late: tt.late, effect: tt.effect}
			var estimate, naive stats.Moments
			missed, missedLift, found, naiveFound := 0, 0, 0, 0
			lift := 2 * tt.effect / (tt.early + tt.late) // both phases have 2,000 units
			for range runs {
				row := tr.run(t)
				estimate.Add(row.Difference.Value)
				naive.Add(tr.naive)
				missed += count(!row.Difference.Interval.Contains(tt.effect))
				missedLift += count(!row.Lift.Interval.Contains(lift))
				found += count(row.Test.P < alpha)
				naiveFound += count(tr.naiveP < alpha)
			}
			share := func(n int) float64 { return float64(n) / float64(runs) }
			t.Logf("seed %d, %d runs: true effect %v, here %.5f, plain %.5f; intervals missed %.4f, of the lift %.4f; found %.4f, plain %.4f",
				seed, runs, tt.effect, estimate.Mean, naive.Mean, share(missed), share(missedLift), share(found), share(naiveFound))
			error4 := 4 * estimate.StdDev() / math.Sqrt(float64(runs))
			assert.InDelta(t, tt.effect, estimate.Mean, error4, "no bias within phases")
			assert.InDelta(t, tt.effect+tt.bias, naive.Mean, 4*naive.StdDev()/math.Sqrt(float64(runs)), "the plain comparison shows effect and trend")
			assert.InDelta(t, alpha, share(missed), margin, "coverage")
			assert.InDelta(t, alpha, share(missedLift), margin, "coverage of the lift")
			if tt.effect == 0 {
				assert.InDelta(t, alpha, share(found), margin, "false findings")
				assert.Greater(t, share(naiveFound), 0.5, "the plain comparison finds the trend")
			}
		})
	}
}

func count(hit bool) int {
	if hit {
		return 1
	}
	return 0
}
