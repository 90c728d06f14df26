package analysis

import (
	"fmt"
	"math"
	"slices"

	"github.com/touchlift/touchlift/experiment/internal/wording"
	"github.com/touchlift/touchlift/stats"
)

// The populations of a balance test.
const (
	allUnits   = "all units"
	cleanUnits = "without contaminated units"
)

// leastExpected is the smallest expected count of a cell with which a
// chi-square test is worth reading.
const leastExpected = 5

// balances tests the sizes of the arms with and without contaminated units.
func (r *run) balances(d data) []Balance {
	weights := r.weights()
	var balances []Balance
	for _, p := range []struct {
		name    string
		tally   tally
		weights []float64
	}{{allUnits, d.all, weights}, {cleanUnits, d.clean, r.cleanWeights(d, weights)}} {
		ratio, err := sampleRatio(r.sizes(p.tally), p.weights)
		if err != nil {
			continue
		}
		balances = append(balances, Balance{Population: p.name, Statistic: ratio.Statistic, DF: ratio.DF, P: ratio.P,
			LogP: ratio.LogP, Imbalance: float64(ratio.Imbalance), Worst: r.experiment.Arms[ratio.Arm].Variant})
	}
	return balances
}

// weights are the arms' shares of all weight.
func (r *run) weights() []float64 {
	weights, sum := make([]float64, len(r.experiment.Arms)), 0.0
	for i, a := range r.experiment.Arms {
		weights[i] = float64(a.Weight)
		sum += weights[i]
	}
	for i := range weights {
		weights[i] /= sum
	}
	return weights
}

func (r *run) sizes(t tally) []int64 {
	sizes := make([]int64, len(r.experiment.Arms))
	for i, a := range r.experiment.Arms {
		sizes[i] = t.units[group{variant: a.Variant}]
	}
	return sizes
}

// cleanWeights are the sizes to expect without contaminated units. If a share q
// of units is randomised again, arm i with share w keeps 1 - q (1 - w) of its
// own: arms of unequal weight lose unequal parts, without any fault. The q that
// explains the number of units left out is assumed.
func (r *run) cleanWeights(d data, weights []float64) []float64 {
	all, clean, leaves := int64(0), int64(0), 0.0
	for i, n := range r.sizes(d.all) {
		all += n
		leaves += float64(n) * (1 - weights[i])
	}
	for _, n := range r.sizes(d.clean) {
		clean += n
	}
	if clean >= all || leaves == 0 {
		return weights
	}
	q := min(float64(all-clean)/leaves, 1)
	left := make([]float64, len(weights))
	for i, w := range weights {
		left[i] = w * (1 - q*(1-w))
	}
	return left
}

// sampleRatio is the SRM check where there is enough to judge.
func sampleRatio(observed []int64, weights []float64) (stats.SampleRatio, error) {
	ratio, err := stats.SRM(observed, weights)
	if err != nil {
		return ratio, err
	}
	units, sum, least := 0.0, 0.0, math.Inf(1)
	for i, w := range weights {
		if w > 0 {
			units, sum, least = units+float64(observed[i]), sum+w, min(least, w)
		}
	}
	if units*least/sum < leastExpected {
		return ratio, stats.ErrTooFewUnits
	}
	return ratio, nil
}

func (r *run) checkBalance(id string, balances []Balance, population string) Check {
	i := slices.IndexFunc(balances, func(b Balance) bool { return b.Population == population })
	if i < 0 {
		return passed(id, "not judged: fewer than 2 arms carry weight, or fewer than %d units are expected in one (%s)",
			leastExpected, population)
	}
	b := balances[i]
	detail := fmt.Sprintf("sizes of the arms against their weights, %s: p = %s", population, wording.P(b.P, b.LogP))
	if b.Imbalance != 0 {
		detail += fmt.Sprintf("; %s is %s off its share", wording.Name(b.Worst), wording.Points(b.Imbalance))
	}
	c := Check{ID: id, Level: OK, Detail: detail}
	switch {
	case b.P < r.thresholds.SRMFail:
		c.Level, c.Fix = Fail, "find where units get lost or double: redirects, bots, exposures logged in one arm only, changed weights; then start a new run"
	case b.P < r.thresholds.SRMWarn:
		c.Level, c.Fix = Warn, "chance alone does this once in a hundred healthy experiments; check that exposures are logged in the same place in every arm"
	}
	return c
}

// checkCleanBalance is the check without contaminated units, where there are
// any: one finding is not told twice.
func (r *run) checkCleanBalance(res *Result) Check {
	if unitsOf(res.Contaminated) == 0 {
		return passed(CheckSRMClean, "no contaminated units to leave out")
	}
	return r.checkBalance(CheckSRMClean, res.Balance, cleanUnits)
}
