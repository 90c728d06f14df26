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

// sizes are the units of each variant in one phase, and the parts of them that
// the weights lead one to expect.
type sizes struct {
	phase  int
	units  []int64
	shares []float64
}

// balances tests the sizes of the arms with and without contaminated units, each
// phase against its own weights.
func (r *run) balances(d data) []Balance {
	all := r.sizes(d.all)
	var balances []Balance
	for _, p := range []struct {
		name   string
		phases []sizes
	}{{allUnits, all}, {cleanUnits, withoutContaminated(all, r.sizes(d.clean))}} {
		if b, ok := r.balance(p.phases); ok {
			b.Population = p.name
			balances = append(balances, b)
		}
	}
	return balances
}

// sizes lists the declared phases that have units.
func (r *run) sizes(t tally) []sizes {
	var all []sizes
	for _, phase := range t.phases() {
		if !r.schedule.declares(phase) {
			continue
		}
		s := sizes{phase: phase, shares: r.schedule.shares(phase)}
		for _, v := range r.schedule.variants {
			s.units = append(s.units, t.units[stay{group{variant: v}, phase}])
		}
		all = append(all, s)
	}
	return all
}

// withoutContaminated are the clean sizes with what to expect of them. If a share
// q of units is randomised again, arm i with share w keeps 1 - q (1 - w) of its
// own: arms of unequal weight lose unequal parts, without any fault. The q that
// explains the number of units that a phase left out is assumed.
func withoutContaminated(all, clean []sizes) []sizes {
	expected := slices.Clone(clean)
	for i, c := range clean {
		a := all[slices.IndexFunc(all, func(s sizes) bool { return s.phase == c.phase })]
		before, after, leaves := int64(0), int64(0), 0.0
		for j, n := range a.units {
			before, after = before+n, after+c.units[j]
			leaves += float64(n) * (1 - a.shares[j])
		}
		if after >= before || leaves == 0 {
			continue
		}
		q := min(float64(before-after)/leaves, 1)
		expected[i].shares = make([]float64, len(a.shares))
		for j, w := range a.shares {
			expected[i].shares[j] = w * (1 - q*(1-w))
		}
	}
	return expected
}

// balance sums the tests of the phases. One phase that cannot be judged takes no
// part in the sum.
func (r *run) balance(phases []sizes) (Balance, bool) {
	var judged []stats.Phase
	var b Balance
	worst := math.Inf(1)
	for _, s := range phases {
		p := r.phaseBalance(s)
		ratio, err := sampleRatio(s.units, s.shares)
		if err == nil {
			judged = append(judged, stats.Phase{Observed: s.units, Weights: s.shares})
			p.Test = &PhaseRatio{Statistic: ratio.Statistic, DF: ratio.DF, P: ratio.P, LogP: ratio.LogP,
				Imbalance: float64(ratio.Imbalance), Worst: r.schedule.variants[ratio.Arm]}
			if ratio.LogP < worst {
				worst, b.Phase, b.Imbalance, b.Worst = ratio.LogP, s.phase, p.Test.Imbalance, p.Test.Worst
			}
		}
		if len(phases) > 1 {
			b.Phases = append(b.Phases, p)
		}
	}
	whole, err := stats.SRMPhases(judged, stats.Holdout{})
	b.Statistic, b.DF, b.P, b.LogP = whole.Arms.Statistic, whole.Arms.DF, whole.Arms.P, whole.Arms.LogP
	return b, err == nil
}

// phaseBalance is what a phase should have and has.
func (r *run) phaseBalance(s sizes) PhaseBalance {
	p := PhaseBalance{Phase: s.phase}
	if from := r.schedule.phases[s.phase].from; !from.IsZero() {
		p.From = from.In(r.zone)
	}
	units, whole := 0.0, 0.0
	for i, n := range s.units {
		if s.shares[i] > 0 {
			units, whole = units+float64(n), whole+s.shares[i]
		}
	}
	for i, v := range r.schedule.variants {
		if s.shares[i] > 0 || s.units[i] > 0 {
			p.Arms = append(p.Arms, PhaseArm{Variant: v, Weight: r.schedule.phases[s.phase].weights[i],
				Units: s.units[i], Expected: units * s.shares[i] / whole})
		}
	}
	return p
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
	p := wording.P(b.P, b.LogP)
	detail, where := fmt.Sprintf("sizes of the arms against their weights, %s: p = %s", population, p), ""
	if len(b.Phases) > 1 {
		detail = fmt.Sprintf("sizes of the arms against their weights in each of %d phases, %s: p = %s", len(b.Phases), population, p)
		where = fmt.Sprintf("in phase %d ", b.Phase)
	}
	if b.Imbalance != 0 {
		detail += fmt.Sprintf("; %s%s is %s off its share", where, wording.Name(b.Worst), wording.Points(b.Imbalance))
	}
	c := Check{ID: id, Level: OK, Detail: detail}
	switch {
	case b.P < r.thresholds.SRMFail:
		c.Level, c.Fix = Fail, "find where units get lost or double: redirects, bots, exposures logged in one arm only, weights that were changed without a phase; then start a new run"
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
