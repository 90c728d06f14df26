package stats

import (
	"fmt"
	"math"
)

// FromSums makes moments from what SQL can compute in one pass: n values y,
// sum(y - pivot) and sum((y - pivot)^2). Any constant near the mean serves as
// the pivot, the first value for one; it must be the same in both sums.
//
// Plain sums (pivot 0) of values far from 0 do not hold the variance: its
// digits are cancelled before they arrive here. FromSums returns
// [ErrIllConditioned] where more than 8 of the 16 digits would be lost, that is
// where the mean is more than some 10^4 standard deviations from the pivot, and
// where the sums contradict each other. It does not return a wrong variance.
//
// Errors: also [ErrNonFinite], and [ErrInvalidSummary] for a negative n or
// sums without units.
func FromSums(n int64, pivot, sum, sumSquares float64) (Moments, error) {
	if err := checkSums(n, pivot, sum, sumSquares); err != nil {
		return Moments{}, err
	}
	if n == 0 {
		return Moments{}, nil
	}
	shift := sum / float64(n)
	square := sum * shift // n * shift^2
	m := Moments{N: n, Mean: pivot + shift, M2: math.FMA(-sum, shift, sumSquares)}
	if !isFinite(m.Mean) || !isFinite(m.M2) || !isFinite(square) {
		return Moments{}, &InputError{Kind: ErrNonFinite, Input: "sums", Value: math.NaN(),
			Want: "want sums whose mean and squares do not overflow; rescale the metric"}
	}
	if n == 1 {
		m.M2 = 0
		if math.Abs(sumSquares-square) <= 1e-8*square {
			return m, nil
		}
		return Moments{}, illConditioned(sumSquares, "one unit, and sumSquares is not sum^2; want both with the same pivot")
	}
	if m.M2 == 0 && isSmallWhole(sum) && isSmallWhole(sumSquares) {
		return m, nil // exact sums, such as those of all ones: the values are equal
	}
	// sumSquares carries a relative error of some 1e-16 per addition at best.
	if m.M2 <= 1e-8*square {
		return Moments{}, illConditioned(sumSquares, fmt.Sprintf(
			"the variance is lost in these sums; want sum(y-pivot) and sum((y-pivot)^2) with a pivot near the mean, such as %g",
			m.Mean))
	}
	return m, nil
}

// isSmallWhole reports whether v is a whole number small enough for sums of
// whole numbers to have reached it without rounding.
func isSmallWhole(v float64) bool { return v == math.Trunc(v) && math.Abs(v) < 1<<50 }

func illConditioned(sumSquares float64, want string) error {
	return &InputError{Kind: ErrIllConditioned, Input: "sumSquares", Value: sumSquares, Want: want}
}

func checkSums(n int64, pivot, sum, sumSquares float64) error {
	for _, input := range [...]struct {
		name  string
		value float64
	}{{"pivot", pivot}, {"sum", sum}, {"sumSquares", sumSquares}} {
		if !isFinite(input.value) {
			return &InputError{Kind: ErrNonFinite, Input: input.name, Value: input.value, Want: "want a finite number"}
		}
	}
	switch {
	case n < 0:
		return &InputError{Kind: ErrInvalidSummary, Input: "n", Value: float64(n),
			Want: "want a number of units that is not negative"}
	case sumSquares < 0:
		return &InputError{Kind: ErrInvalidSummary, Input: "sumSquares", Value: sumSquares,
			Want: "want a sum of squares, which is not negative"}
	case n == 0 && (sum != 0 || sumSquares != 0):
		return &InputError{Kind: ErrInvalidSummary, Input: "n", Value: 0, Want: "sums without units; want n above 0"}
	}
	return nil
}
