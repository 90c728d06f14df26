package stats

import (
	"cmp"
	"math"
	"slices"
	"strconv"
)

// Holm adjusts p-values for making many tests so that the chance of any false
// finding stays below alpha: compare each adjusted p with alpha. It is never
// worse than Bonferroni. Returns a new slice in the order of p; p is not
// touched. No p-values give an empty slice.
//
// Errors: [ErrNonFinite] for a NaN, [ErrInvalidOption] outside [0, 1].
//
// Holm, S. (1979), Scandinavian Journal of Statistics 6:65-70. Checked against
// R p.adjust.
func Holm(p []float64) ([]float64, error) {
	order, err := ascending(p)
	if err != nil {
		return nil, err
	}
	adjusted := make([]float64, len(p))
	running := 0.0
	for rank, i := range order {
		running = math.Max(running, math.Min(1, float64(len(p)-rank)*p[i]))
		adjusted[i] = running
	}
	return adjusted, nil
}

// BenjaminiHochberg adjusts p-values for making many tests so that the
// expected share of false findings among the findings stays below alpha, for
// tests that are independent or positively dependent. Returns a new slice in
// the order of p; p is not touched. No p-values give an empty slice.
//
// Errors are those of [Holm].
//
// Benjamini, Y., Hochberg, Y. (1995), JRSS B 57:289-300. Checked against R
// p.adjust.
func BenjaminiHochberg(p []float64) ([]float64, error) {
	order, err := ascending(p)
	if err != nil {
		return nil, err
	}
	adjusted := make([]float64, len(p))
	running := 1.0
	for rank := len(order) - 1; rank >= 0; rank-- {
		i := order[rank]
		running = math.Min(running, float64(len(p))/float64(rank+1)*p[i])
		adjusted[i] = running
	}
	return adjusted, nil
}

// ascending returns the indices of p by rising value, or what is wrong with p.
func ascending(p []float64) ([]int, error) {
	order := make([]int, len(p))
	for i, v := range p {
		if math.IsNaN(v) {
			return nil, &InputError{Kind: ErrNonFinite, Input: indexed("p", i), Value: v,
				Want: "want a p-value; leave tests without one out of the family"}
		}
		if v < 0 || v > 1 {
			return nil, &InputError{Kind: ErrInvalidOption, Input: indexed("p", i), Value: v,
				Want: "want a p-value from 0 to 1"}
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	return order, nil
}

func indexed(name string, i int) string { return name + "[" + strconv.Itoa(i) + "]" }
