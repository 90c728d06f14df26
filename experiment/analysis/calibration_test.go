package analysis_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
)

func binomial(random *rand.Rand, n int, rate float64) int64 {
	k := int64(0)
	for range n {
		if random.Float64() < rate {
			k++
		}
	}
	return k
}

// decided reports whether a verdict claims an effect.
func decided(v analysis.Verdict) bool {
	return v.Status == analysis.Ship || v.Status == analysis.Rollback
}

// Where no arm differs from control, a verdict claims an effect in alpha of the
// experiments, or less where Holm corrects for several arms.
func TestFalseVerdictsAreRare(t *testing.T) {
	const runs, units, rate, alpha, seed = 2000, 1000, 0.2, 0.05, 1
	margin := 4 * math.Sqrt(alpha*(1-alpha)/runs)
	for _, treatments := range [][]string{{"blue"}, {"blue", "red"}, {"blue", "red", "green"}} {
		random := rand.New(rand.NewPCG(seed, uint64(len(treatments))))
		wrong := 0
		for range runs {
			tr := newTrial(treatments...).arm("control", units, binomial(random, units, rate))
			for _, variant := range treatments {
				tr.arm(variant, units, binomial(random, units, rate))
			}
			if decided(tr.run(t).Verdict) {
				wrong++
			}
		}
		share := float64(wrong) / runs
		t.Logf("seed %d, %d treatments: %d of %d null experiments decided, %.4f", seed, len(treatments), wrong, runs, share)
		assert.Less(t, share, alpha+margin, "%d treatments", len(treatments))
		if len(treatments) == 1 {
			assert.Greater(t, share, alpha-margin, "the test uses its alpha")
		}
	}
}

// Looking every week does not raise the number of false verdicts: there is one
// evaluation, and later looks repeat it. A large effect is found.
func TestLookingOftenChangesNothing(t *testing.T) {
	const units, seed = 60, 1
	for _, tt := range []struct {
		name        string
		runs        int
		blue        float64
		least, most float64
	}{
		{"no effect", 40, 0.2, 0, 0.05 + 4*0.0345}, // sqrt(0.05 0.95 / 40) = 0.0345
		{"large effect", 15, 0.6, 0.9, 1},          // power is 0.997
	} {
		random := rand.New(rand.NewPCG(seed, seed))
		claims := 0
		for range tt.runs {
			a := newArrivals(t)
			for i := range 2 * units {
				at := begins.Add(time.Duration(i) * 2 * time.Hour)
				a.meet("control", at, random.Float64() < 0.2).meet("blue", at, random.Float64() < tt.blue)
			}
			tr := newTrial("blue").sample(units).with(func(e *experiment.Experiment) { e.Ends = zero })
			var verdicts []analysis.Status
			for weeks := range 4 {
				v := a.run(tr, begins.Add(time.Duration(weeks)*week)).Verdict
				if v.Status != analysis.KeepRunning && v.Status != analysis.NoData {
					verdicts = append(verdicts, v.Status)
				}
			}
			require.NotEmpty(t, verdicts)
			for _, v := range verdicts {
				require.Equal(t, verdicts[0], v, "a later look says something else")
			}
			if decided(analysis.Verdict{Status: verdicts[0]}) {
				claims++
			}
		}
		share := float64(claims) / float64(tt.runs)
		t.Logf("seed %d, %s: %d of %d experiments decided", seed, tt.name, claims, tt.runs)
		assert.GreaterOrEqual(t, share, tt.least, tt.name)
		assert.LessOrEqual(t, share, tt.most, tt.name)
	}
}
