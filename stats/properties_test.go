package stats_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/stats"
)

// generator returns the random source of a property test and logs its seed.
func generator(t *testing.T) *rand.Rand {
	t.Helper()
	const seed = 20261122
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

func sample(r *rand.Rand, n int, mean, sd float64) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = mean + sd*r.NormFloat64()
	}
	return values
}

func requireSameMoments(t *testing.T, want, got stats.Moments, relative float64) {
	t.Helper()
	require.Equal(t, want.N, got.N)
	require.InDelta(t, want.Mean, got.Mean, relative*math.Max(math.Abs(want.Mean), math.Sqrt(want.M2)))
	require.InDelta(t, want.M2, got.M2, relative*want.M2)
}

func TestRowsSummaryAndShardsAgree(t *testing.T) {
	r := generator(t)
	for range 100 {
		sd := math.Exp(4 * r.NormFloat64())
		values := sample(r, 2+r.IntN(2000), 10*sd*r.NormFloat64(), sd)
		before := slices.Clone(values)
		whole := stats.Summarize(values)
		require.Equal(t, before, values, "Summarize reads only")
		shards := make([]stats.Moments, 1+r.IntN(9)) // some stay empty
		for _, v := range values {
			shards[r.IntN(len(shards))].Add(v)
		}
		var leftToRight, rightToLeft stats.Moments
		for i := range shards {
			leftToRight.Merge(shards[i])
			rightToLeft.Merge(shards[len(shards)-1-i])
		}
		requireSameMoments(t, whole, leftToRight, 1e-11)
		requireSameMoments(t, leftToRight, rightToLeft, 1e-12)
	}
}

func TestMergeIsAssociative(t *testing.T) {
	r := generator(t)
	for range 200 {
		a := stats.Summarize(sample(r, 1+r.IntN(50), 1e8, 1))
		b := stats.Summarize(sample(r, 1+r.IntN(50), 1e8+3, 2))
		c := stats.Summarize(sample(r, 1+r.IntN(50), 1e8-1, 0.5))
		left, right := a, b
		left.Merge(b)
		left.Merge(c)
		right.Merge(c)
		withRight := a
		withRight.Merge(right)
		requireSameMoments(t, left, withRight, 1e-8) // 8 digits are the offset
		a.Mean, b.Mean, c.Mean = a.Mean-1e8, b.Mean-1e8, c.Mean-1e8
		left, right, withRight = a, b, a
		left.Merge(b)
		left.Merge(c)
		right.Merge(c)
		withRight.Merge(right)
		requireSameMoments(t, left, withRight, 1e-12)
	}
}

func TestCountsAndTheirMomentsAgree(t *testing.T) {
	r := generator(t)
	for range 100 {
		var counts, shard stats.Counts
		var rows stats.Moments
		rate := r.Float64()
		for range 1 + r.IntN(500) {
			success := r.Float64() < rate
			if r.IntN(2) == 0 {
				counts.Add(success)
			} else {
				shard.Add(success)
			}
			rows.Add(map[bool]float64{true: 1}[success])
		}
		counts.Merge(shard)
		require.NoError(t, counts.Validate())
		m := counts.Moments()
		require.Equal(t, rows.N, m.N)
		require.InDelta(t, rows.Mean, m.Mean, 1e-12)
		require.InDelta(t, rows.M2, m.M2, 1e-9)
	}
}

func TestSwappingArmsMirrors(t *testing.T) {
	r := generator(t)
	for range 200 {
		a := stats.Summarize(sample(r, 2+r.IntN(60), 5, 2))
		b := stats.Summarize(sample(r, 2+r.IntN(60), 5.4, 3))
		for _, run := range []func(a, b stats.Moments, o stats.Options) (stats.Result, error){stats.Welch, stats.PooledT, stats.Z} {
			there, err := run(a, b, stats.Options{})
			require.NoError(t, err)
			back, err := run(b, a, stats.Options{})
			require.NoError(t, err)
			require.Equal(t, there.P, back.P)
			require.InDelta(t, there.Difference, -back.Difference, 0)
			require.InDelta(t, there.CI.Low, -back.CI.High, 1e-14)
			greater, _ := run(a, b, stats.Options{Alternative: stats.Greater})
			less, _ := run(b, a, stats.Options{Alternative: stats.Less})
			require.Equal(t, greater.P, less.P)
			require.InDelta(t, greater.CI.Low, -less.CI.High, 1e-14)
			other, _ := run(a, b, stats.Options{Alternative: stats.Less})
			require.InDelta(t, 1, greater.P+other.P, 1e-14, "the two sides share all there is")
		}
		ca, cb := randomCounts(r), randomCounts(r)
		there, err := stats.Proportions(ca, cb, stats.ProportionOptions{})
		if err != nil {
			continue
		}
		back, err := stats.Proportions(cb, ca, stats.ProportionOptions{})
		require.NoError(t, err)
		require.InEpsilon(t, there.P, back.P, 1e-12)
		require.InDelta(t, there.CI.Low, -back.CI.High, 1e-12)
	}
}

func randomCounts(r *rand.Rand) stats.Counts {
	n := 1 + r.Int64N(400)
	return stats.Counts{Successes: r.Int64N(n + 1), N: n}
}

func TestShiftMovesNothingButTheMeans(t *testing.T) {
	r := generator(t)
	for range 100 {
		x, y := sample(r, 40, 0, 1), sample(r, 50, 0.3, 2)
		shift := float64(1 + r.IntN(1000))
		moved := func(values []float64) stats.Moments {
			var m stats.Moments
			for _, v := range values {
				m.Add(v + shift)
			}
			return m
		}
		want, err := stats.Welch(stats.Summarize(x), stats.Summarize(y), stats.Options{})
		require.NoError(t, err)
		got, err := stats.Welch(moved(x), moved(y), stats.Options{})
		require.NoError(t, err)
		require.InEpsilon(t, want.P, got.P, 1e-9)
		require.InDelta(t, want.CI.Low, got.CI.Low, 1e-10)
		require.InDelta(t, want.Control+shift, got.Control, 1e-10)
	}
}

// The value tested is outside the interval exactly where P < Alpha, at every
// alpha and for every alternative.
func TestIntervalAndPAgree(t *testing.T) {
	r := generator(t)
	checked := map[string]int{}
	agree := func(name string, i stats.Inference, err error) {
		if err != nil || math.Abs(i.P-i.Alpha) < 1e-9 {
			return // at the border itself, rounding decides
		}
		require.Equal(t, i.P >= i.Alpha, i.CI.Contains(0), "%s p=%g alpha=%g ci=%v %v", name, i.P, i.Alpha, i.CI, i.Alternative)
		checked[fmt.Sprint(name, i.Alternative, i.CI.Contains(0))]++
	}
	for range 1500 {
		o := stats.Options{Alpha: []float64{1e-6, 0.001, 0.01, 0.05, 0.2, 0.5, 0.7, 0.999}[r.IntN(8)],
			Alternative: stats.Alternative(r.IntN(3))}
		a := stats.Summarize(sample(r, 2+r.IntN(40), 2*r.NormFloat64(), 2))
		b := stats.Summarize(sample(r, 2+r.IntN(40), a.Mean+r.NormFloat64(), 2))
		for name, run := range meanProcedures() {
			i, err := run(a, b, o)
			require.NoError(t, err)
			agree(name, i, err)
		}
		ca, cb := randomCounts(r), randomCounts(r)
		for name, p := range map[string]stats.ProportionOptions{"pooled": {}, "unpooled": {Unpooled: true}} {
			p.Alpha, p.Alternative = o.Alpha, o.Alternative
			got, err := stats.Proportions(ca, cb, p)
			agree(name, got.Inference, err)
		}
	}
	require.Len(t, checked, 8*3*2, "every procedure and alternative came out both ways: %v", checked)
}

func TestMoreUnitsNarrowTheInterval(t *testing.T) {
	r := generator(t)
	for range 50 {
		a, b := sample(r, 30, 1, 1), sample(r, 30, 1.5, 2)
		before := inf
		for _, times := range []int64{1, 2, 5, 100, 1_000_000} {
			m := func(values []float64) stats.Moments {
				s := stats.Summarize(values)
				return stats.Moments{N: s.N * times, Mean: s.Mean, M2: s.M2 * float64(times)}
			}
			got, err := stats.Welch(m(a), m(b), stats.Options{})
			require.NoError(t, err)
			width := got.CI.High - got.CI.Low
			require.Less(t, width, before)
			before = width
		}
	}
}

func TestNothingIsMutated(t *testing.T) {
	p := []float64{0.04, 0.01, 0.03, 0.01}
	_, err := stats.Holm(p)
	require.NoError(t, err)
	_, err = stats.BenjaminiHochberg(p)
	require.NoError(t, err)
	require.Equal(t, []float64{0.04, 0.01, 0.03, 0.01}, p)
	observed, weights := []int64{90, 110, 3}, []float64{2, 2, 0}
	_, err = stats.SRM(observed, weights)
	require.NoError(t, err)
	_, err = stats.SRMPhases([]stats.Phase{{Observed: observed, Weights: weights}}, stats.Holdout{Share: 0.1, Observed: 20})
	require.NoError(t, err)
	require.Equal(t, []int64{90, 110, 3}, observed)
	require.Equal(t, []float64{2, 2, 0}, weights)
}

func TestAdjustedPValues(t *testing.T) {
	r := generator(t)
	for range 200 {
		p := make([]float64, r.IntN(20))
		for i := range p {
			p[i] = math.Pow(r.Float64(), 3)
		}
		holm, err := stats.Holm(p)
		require.NoError(t, err)
		bh, err := stats.BenjaminiHochberg(p)
		require.NoError(t, err)
		require.Len(t, holm, len(p))
		require.Len(t, bh, len(p))
		for i := range p {
			require.True(t, p[i] <= bh[i] && bh[i] <= holm[i]+1e-15 && holm[i] <= math.Min(1, p[i]*float64(len(p)))+1e-15)
			for j := range p {
				if p[i] < p[j] {
					require.True(t, holm[i] <= holm[j] && bh[i] <= bh[j], "the order stays")
				}
			}
		}
	}
	for _, bad := range []float64{nan, -0.1, 1.0000001, inf} {
		for _, adjust := range []func([]float64) ([]float64, error){stats.Holm, stats.BenjaminiHochberg} {
			got, err := adjust([]float64{0.5, bad})
			require.Nil(t, got)
			require.ErrorContains(t, err, "p[1]")
		}
	}
}

// Only the proportions of the weights matter, whatever their size, and units
// that match them exactly give 0 exactly.
func TestSRMWeightsAreProportions(t *testing.T) {
	r := generator(t)
	for range 200 {
		weights := []float64{1 + r.Float64(), 1 + r.Float64(), 1 + r.Float64()}
		observed := []int64{r.Int64N(1e6), r.Int64N(1e6), r.Int64N(1e6)}
		want, err := stats.SRM(observed, weights)
		require.NoError(t, err)
		for _, by := range []float64{3, 1e300, 1e-300} {
			scaled := []float64{weights[0] * by, weights[1] * by, weights[2] * by}
			got, err := stats.SRM(observed, scaled)
			require.NoError(t, err)
			require.InEpsilon(t, want.Statistic, got.Statistic, 1e-12)
			require.InEpsilon(t, want.LogP, got.LogP, 1e-10)
		}
	}
	for _, n := range []int64{1, 7, 1e6, 1e15} {
		got, err := stats.SRM([]int64{3 * n, n, 4 * n}, []float64{3, 1, 4})
		require.NoError(t, err)
		require.Zero(t, got.Statistic)
		require.Equal(t, 1.0, got.P)
	}
}

// Any pivot within some thousand standard deviations of the mean gives the
// moments of the rows; one that is too far off is refused, not believed.
func TestFromSumsAgreesWithRows(t *testing.T) {
	r := generator(t)
	refused := 0
	for range 300 {
		sd := math.Exp(3 * r.NormFloat64())
		values := sample(r, 2+r.IntN(300), 50*sd*r.NormFloat64(), sd)
		want := stats.Summarize(values)
		pivot := want.Mean + sd*math.Pow(10, 8*r.Float64()-1)
		var sum, squares float64
		for _, v := range values {
			sum, squares = sum+(v-pivot), squares+(v-pivot)*(v-pivot)
		}
		got, err := stats.FromSums(want.N, pivot, sum, squares)
		if err != nil {
			require.ErrorIs(t, err, stats.ErrIllConditioned)
			require.Greater(t, math.Abs(pivot-want.Mean), 1000*math.Sqrt(want.M2/float64(want.N)))
			refused++
			continue
		}
		requireSameMoments(t, want, got, 1e-5)
	}
	require.NotZero(t, refused)
}
