package stats_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"

	"github.com/touchlift/touchlift/stats"
)

func numAcc(first, a, b float64) []float64 {
	values := []float64{first}
	for len(values) < 1001 {
		values = append(values, a, b)
	}
	return values
}

// NIST StRD NumAcc3 and NumAcc4: from plain sums one engine had a variance of
// 0.0115 and of -2.0.
func TestNumAcc(t *testing.T) {
	for _, row := range []struct {
		name   string
		values []float64
		mean   float64
	}{
		{"NumAcc3", numAcc(1000000.2, 1000000.1, 1000000.3), 1000000.2},
		{"NumAcc4", numAcc(10000000.2, 10000000.1, 10000000.3), 10000000.2},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := stats.Summarize(row.values)
			require.InEpsilon(t, row.mean, m.Mean, 1e-14)
			require.InEpsilon(t, 0.01, m.Variance(), 1e-7)
			require.InEpsilon(t, 0.1, m.StdDev(), 1e-7)
			var sum, squares, pivotSum, pivotSquares float64
			pivot := row.values[0]
			for _, v := range row.values {
				sum, squares = sum+v, squares+v*v
				pivotSum, pivotSquares = pivotSum+(v-pivot), pivotSquares+(v-pivot)*(v-pivot)
			}
			_, err := stats.FromSums(1001, 0, sum, squares)
			require.ErrorIs(t, err, stats.ErrIllConditioned)
			require.ErrorContains(t, err, "pivot")
			m, err = stats.FromSums(1001, pivot, pivotSum, pivotSquares)
			require.NoError(t, err)
			require.InEpsilon(t, 0.01, m.Variance(), 1e-7)
			require.InEpsilon(t, row.mean, m.Mean, 1e-14)
		})
	}
}

// In a million equal prices the rounding of the mean leaves gonum a variance of
// some 1e-37, with which two arms of equal values would differ at any p.
func TestEqualValuesHaveNoVariance(t *testing.T) {
	for _, row := range []struct {
		name  string
		value float64
		n     int
	}{
		{"a million prices", 19.99, 1_000_000},
		{"one third, many times", 1.0 / 3, 1001},
		{"far from 0", 1e8 + 0.1, 17},
		{"whose square overflows", 1e200, 3},
		{"whose sum overflows", 1e308, 3},
		{"one value", 0.7, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := stats.Summarize(slices.Repeat([]float64{row.value}, row.n))
			require.Equal(t, stats.Moments{N: int64(row.n), Mean: row.value}, m)
			require.NoError(t, m.Validate())
		})
	}
	require.Equal(t, stats.Moments{}, stats.Summarize(nil), "no values are no units")
}

// The trap of the test above and of the one below. Which values it takes
// depends on the order in which a machine adds.
func TestGonumVarianceOfEqualValues(t *testing.T) {
	smallest, largest := 0.0, 0.0
	for _, value := range []float64{19.99, 59.9, 2.2, 0.1, 1.0 / 3, 1e8 + 0.1} {
		values := slices.Repeat([]float64{value}, 10_000_000)
		for _, n := range []int{1_000_000, len(values)} {
			_, variance := stat.PopMeanVariance(values[:n], nil)
			smallest, largest = math.Min(smallest, variance), math.Max(largest, variance)
		}
	}
	require.Positive(t, largest, "gonum has changed; Summarize may need no special case for equal values")
	require.Negative(t, smallest, "gonum has changed; Summarize may need no bound at 0")
}

// One unit in ten million that differs in the last bit: gonum's variance can be
// below 0, which no summary may hold.
func TestNearlyEqualValuesAreValid(t *testing.T) {
	values := slices.Repeat([]float64{1e8 + 0.1}, 10_000_000)
	values[1] = math.Nextafter(values[0], inf)
	m := stats.Summarize(values)
	require.NoError(t, m.Validate())
	require.InEpsilon(t, values[0], m.Mean, 1e-9)
}

// A NaN or an infinity shows, also alone and among equal ones.
func TestSummarizeKeepsWhatIsNotFinite(t *testing.T) {
	for _, values := range [][]float64{{nan}, {inf}, {nan, nan}, {inf, inf}, {1, nan}, {nan, 1}, {1, -inf}, {inf, -inf}} {
		m := stats.Summarize(values)
		require.ErrorIs(t, m.Validate(), stats.ErrNonFinite, "%v", values)
		require.EqualValues(t, len(values), m.N)
	}
}
