package stats

import (
	"math"

	"github.com/touchlift/touchlift/stats/internal/special"
)

// ChiSquare is a chi-square test: statistic, degrees of freedom, p.
type ChiSquare struct {
	Statistic float64
	DF        int
	// P and LogP, its natural logarithm, are NaN where DF is 0: there was
	// nothing to compare.
	P, LogP float64
}

// newChiSquare takes the statistic from here, not from gonum's stat.ChiSquare,
// which wants slices of expected counts and rounds each of them.
func newChiSquare(statistic float64, df int) ChiSquare {
	c := ChiSquare{Statistic: statistic, DF: df, P: math.NaN(), LogP: math.NaN()}
	if df > 0 {
		c.P, c.LogP = special.ChiSquareTail(statistic, float64(df))
	}
	return c
}

// Leak is traffic in an arm that had weight 0: a fault of its own, which no
// chi-square measures.
type Leak struct {
	Phase    int   `json:"phase"`    // index of the phase; 0 for SRM
	Arm      int   `json:"arm"`      // index of the arm
	Observed int64 `json:"observed"` // units seen there
}

// SampleRatio is the outcome of a sample ratio check.
type SampleRatio struct {
	ChiSquare
	// Imbalance is the largest gap, in size, between observed and expected
	// share over the arms of positive weight, with its sign: +0.01 is
	// one point more than expected.
	Imbalance Points
	// Arm is the index of the arm with that gap; -1 where nothing was compared.
	Arm int
	// Leaks are the arms of weight 0 that have units all the same; nil is good.
	Leaks []Leak
	// Warnings holds WarnSmallCounts where fewer than 5 units were expected in
	// an arm; nil where there is nothing to say.
	Warnings []Warning
}

// SRM checks for a sample ratio mismatch: whether units arrived in the arms in
// the proportion of the weights, by Pearson's chi-square. A tiny p (below
// 0.001, say) means that assignment, exposure or logging is broken, and that
// no other result is to be trusted.
//
// observed holds the units per arm, weights the configured weights in the same
// order; only their proportions matter. Arms of weight 0 are left out of
// expected counts and degrees of freedom; units in them are listed in Leaks.
//
// Errors: [ErrTooFewUnits] where no arm of positive weight has units,
// [ErrInfeasible] for fewer than two arms of positive weight, or slices of
// different length, [ErrNonFinite], [ErrInvalidOption] for a negative weight,
// [ErrInvalidSummary] for a negative count. Beside the first two, Leaks is
// still filled; P is NaN.
func SRM(observed []int64, weights []float64) (SampleRatio, error) {
	if err := checkPhase(observed, weights); err != nil {
		return SampleRatio{ChiSquare: newChiSquare(0, 0), Arm: -1}, err
	}
	r := phaseRatio(observed, weights, 0)
	if r.DF > 0 {
		return r, nil
	}
	return r, nothingToCompare(weights)
}

// nothingToCompare says why a check has no degrees of freedom.
func nothingToCompare(weights []float64) error {
	positive := 0
	for _, w := range weights {
		if w > 0 {
			positive++
		}
	}
	if positive < 2 {
		return &InputError{Kind: ErrInfeasible, Input: "arms of positive weight", Value: float64(positive),
			Want: "want at least 2 to compare"}
	}
	return &InputError{Kind: ErrTooFewUnits, Input: "observed, total", Value: 0, Want: "want at least 1 unit; wait for traffic"}
}

// phaseRatio is the check of one phase whose inputs are sound.
func phaseRatio(observed []int64, weights []float64, phase int) SampleRatio {
	r := SampleRatio{ChiSquare: newChiSquare(0, 0), Arm: -1}
	var units, largest float64
	arms := 0
	for i, w := range weights {
		if w > 0 {
			arms++
			units += float64(observed[i])
			largest = math.Max(largest, w)
		} else if observed[i] > 0 {
			r.Leaks = append(r.Leaks, Leak{Phase: phase, Arm: i, Observed: observed[i]})
		}
	}
	if arms >= 2 && units > 0 {
		r.compare(observed, weights, units, largest)
	}
	return r
}

// compare fills the chi-square and the imbalance in. Weights are brought near
// 1 by a power of 2, which changes no digit and keeps products in range.
func (r *SampleRatio) compare(observed []int64, weights []float64, units, largest float64) {
	_, exponent := math.Frexp(largest)
	scale := math.Ldexp(1, -exponent)
	var total exact
	for _, w := range weights {
		total = total.plus(w * scale)
	}
	statistic, smallest, df := 0.0, math.Inf(1), -1
	for i, w := range weights {
		if w <= 0 {
			continue
		}
		df++
		w *= scale
		gap := total.times(float64(observed[i])).minus(units, w) / total.high // observed - expected
		expected := units * w / total.high
		statistic += gap / expected * gap
		smallest = math.Min(smallest, expected)
		if share := gap / units; r.Arm < 0 || math.Abs(share) > math.Abs(float64(r.Imbalance)) {
			r.Imbalance, r.Arm = Points(share), i
		}
	}
	r.ChiSquare = newChiSquare(statistic, df)
	if smallest < 5 {
		r.Warnings = append(r.Warnings, WarnSmallCounts)
	}
}

// exact is a number in two halves, to twice the usual precision: observed
// counts that match the weights exactly must give a chi-square of 0.
type exact struct{ high, low float64 }

func (e exact) plus(v float64) exact {
	sum := e.high + v
	back := sum - e.high
	return exact{sum, e.low + (e.high - (sum - back)) + (v - back)}
}

func (e exact) times(v float64) exact {
	high := e.high * v
	return exact{high, math.FMA(e.high, v, -high) + e.low*v}
}

// minus returns e - a b, rounded once.
func (e exact) minus(a, b float64) float64 {
	product := a * b
	return (e.high - product) + (e.low - math.FMA(a, b, -product))
}

// checkPhase refuses counts and weights that cannot be meant.
func checkPhase(observed []int64, weights []float64) error {
	if len(observed) != len(weights) {
		return &InputError{Kind: ErrInfeasible, Input: "observed, length", Value: float64(len(observed)),
			Want: "want one count per weight, in the same order"}
	}
	largest := 0.0
	for _, w := range weights {
		largest = math.Max(largest, w)
	}
	for i, w := range weights {
		switch {
		case w > 0 && w < largest*1e-200 && isFinite(largest):
			return &InputError{Kind: ErrInvalidOption, Input: indexed("weights", i), Value: w,
				Want: "want weights of comparable size, or 0 for an arm that is not running"}
		case !isFinite(w):
			return &InputError{Kind: ErrNonFinite, Input: indexed("weights", i), Value: w, Want: "want a finite weight"}
		case w < 0:
			return &InputError{Kind: ErrInvalidOption, Input: indexed("weights", i), Value: w, Want: "want a weight of 0 or more"}
		case observed[i] < 0:
			return &InputError{Kind: ErrInvalidSummary, Input: indexed("observed", i), Value: float64(observed[i]),
				Want: "want a count that is not negative"}
		}
	}
	return nil
}
