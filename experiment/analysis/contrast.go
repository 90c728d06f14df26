package analysis

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/internal/wording"
	"github.com/touchlift/touchlift/stats"
)

// contrast is what a row compares: two arms on one metric, within the phases in
// which both have units that count. A phase is a stratum: units of different
// phases differ in time, and where the weights differ too, the arms would differ
// by the time at which their units came.
type contrast struct {
	kind              experiment.MetricKind
	baseline, variant string
	strata            []stratum // by phase
	alone             [2]int64  // units of either arm where no phase has both
	leftOut           bool      // a phase in which an arm has a single unit
}

// stratum is a phase with the summaries of both arms.
type stratum struct {
	phase  int
	weight float64 // its share of the units that are compared
	arms   [2]summary
}

// The arms of a contrast.
const (
	controlArm = iota
	treatmentArm
)

// leastUnits is how many units either arm needs in one of several phases: from
// one unit no variance is estimated.
const leastUnits = 2

// contrast collects the phases that compare two variants on metric i.
func (t tally) contrast(kind experiment.MetricKind, i int, baseline, variant string) contrast {
	c := contrast{kind: kind, baseline: baseline, variant: variant}
	var all, both, sound []stratum
	for _, phase := range t.phases() {
		s := stratum{phase: phase, arms: [2]summary{
			t.summary(group{variant: baseline}, phase, i), t.summary(group{variant: variant}, phase, i)}}
		n, other := s.arms[controlArm].n, s.arms[treatmentArm].n
		c.alone[controlArm] += n
		c.alone[treatmentArm] += other
		if n+other > 0 {
			all = append(all, s)
		}
		if n > 0 && other > 0 {
			both = append(both, s)
		}
		if n >= leastUnits && other >= leastUnits {
			sound = append(sound, s)
		}
	}
	switch {
	case len(all) == 0:
		c.strata = []stratum{{}}
	case len(all) == 1:
		c.strata = all
	case len(sound) > 0:
		c.strata, c.leftOut = sound, len(sound) < len(both)
	case kind == experiment.MetricProportion:
		c.strata = both
	default:
		c.strata = both[:min(1, len(both))] // too few units for a mean in each of them
	}
	for i, s := range c.strata {
		c.strata[i].weight = float64(s.arms[controlArm].n+s.arms[treatmentArm].n) / float64(max(c.units(), 1))
	}
	return c
}

// units of both arms that are compared.
func (c contrast) units() int64 { return c.n(controlArm) + c.n(treatmentArm) }

// n counts the units of an arm that are compared.
func (c contrast) n(arm int) int64 {
	n := int64(0)
	for _, s := range c.strata {
		n += s.arms[arm].n
	}
	return n
}

// mean of an arm over the phases, by their weights: what it would have been had
// the arm been met by all the units that are compared.
func (c contrast) mean(arm int) float64 {
	mean := 0.0
	for _, s := range c.strata {
		mean += s.weight * s.arms[arm].moments.Mean
	}
	return mean
}

// constant reports whether all units of an arm have one value in each phase.
func (c contrast) constant(arm int) bool {
	return !slices.ContainsFunc(c.strata, func(s stratum) bool { return s.arms[arm].moments.M2 != 0 })
}

// alike reports whether the means are the same in each phase but for rounding.
func (c contrast) alike() bool {
	return !slices.ContainsFunc(c.strata, func(s stratum) bool {
		a, b := s.arms[controlArm].moments.Mean, s.arms[treatmentArm].moments.Mean
		return math.Abs(a-b) > 1e-12*max(math.Abs(a), math.Abs(b))
	})
}

// observed is what the row shows of an arm.
func (c contrast) observed(arm int) Observed {
	switch len(c.strata) {
	case 0:
		return Observed{N: c.alone[arm], Numerator: math.NaN(), Value: math.NaN()}
	case 1:
		return observed(c.kind, c.strata[0].arms[arm])
	}
	var all Observed
	for _, s := range c.strata {
		o := observed(c.kind, s.arms[arm])
		all.N += o.N
		all.Numerator += o.Numerator
		all.Value += s.weight * o.Value
	}
	return all
}

// effects are the phases of a row, where the experiment has several.
func (c contrast) effects(several bool) []PhaseEffect {
	if !several || c.units() == 0 {
		return nil
	}
	var effects []PhaseEffect
	for _, s := range c.strata {
		effects = append(effects, PhaseEffect{Phase: s.phase, Weight: s.weight,
			Control: observed(c.kind, s.arms[controlArm]), Treatment: observed(c.kind, s.arms[treatmentArm])})
	}
	return effects
}

// unusable says why no number of the row exists, or nothing.
func (c contrast) unusable() string {
	switch {
	case len(c.strata) > 0:
	case c.alone[controlArm] == 0 || c.alone[treatmentArm] == 0:
		return c.tooFew()
	default:
		return fmt.Sprintf("no phase has units of both %s and %s, so that they were never compared at one time",
			wording.Name(c.baseline), wording.Name(c.variant))
	}
	for _, s := range c.strata {
		if err := errors.Join(s.arms[controlArm].problem, s.arms[treatmentArm].problem); err != nil {
			return problemText(err)
		}
	}
	return ""
}

func (c contrast) tooFew() string {
	return fmt.Sprintf("too few units: %s has %s, %s has %s", wording.Name(c.baseline), wording.Count(c.alone[controlArm]),
		wording.Name(c.variant), wording.Count(c.alone[treatmentArm]))
}

// problem is why there is no inference, in words that hold for an evaluation
// that is over: no unit is still to come.
func (c contrast) problem(err error) string {
	within := ""
	if len(c.strata) > 1 {
		within = "within each phase "
	}
	switch {
	case errors.Is(err, stats.ErrTooFewUnits):
		return c.tooFew()
	case !errors.Is(err, stats.ErrZeroVariance):
		return problemText(err)
	case c.alike():
		return "zero variance: " + within + "all units of both arms have the same value"
	}
	return fmt.Sprintf("zero variance: %sall units of %s have one value and all of %s another, so that nothing tells how far chance alone takes them",
		within, wording.Name(c.baseline), wording.Name(c.variant))
}

// problemText is the situation in words, without the package's prefix.
func problemText(err error) string {
	var input *stats.InputError
	if errors.As(err, &input) {
		return input.Kind.Error() + ": " + input.Want
	}
	return err.Error()
}

// difference is treatment - control with its interval and test.
func (c contrast) difference(alpha float64) (Estimate, *Test, error) {
	if len(c.strata) > 1 {
		return c.stratified(alpha)
	}
	control, treatment := c.strata[0].arms[controlArm], c.strata[0].arms[treatmentArm]
	if c.kind == experiment.MetricProportion {
		return compareProportions(control.counts, treatment.counts, alpha)
	}
	return compareMeans(control.moments, treatment.moments, alpha)
}

// lift is the difference relative to control. The variance of a rate is that of
// the test's counts, p (1 - p) / n.
func (c contrast) lift(alpha float64) Estimate {
	effect, err := c.liftEffect()
	if c.n(controlArm) > 0 && c.mean(controlArm) == 0 {
		return Estimate{Value: math.NaN(), Problem: "control is 0: there is nothing to relate the difference to"}
	}
	if err != nil {
		return Estimate{Value: (effect.Treatment - effect.Control) / math.Abs(effect.Control), Problem: c.problem(err)}
	}
	result, err := effect.Lift(stats.Options{Alpha: alpha})
	e := Estimate{Value: float64(result.Lift), Interval: result.CI, Method: string(result.Method)}
	switch i := result.CI; {
	case errors.Is(err, stats.ErrZeroVariance) || i.Kind == stats.Bounded && i.High-i.Low <= 1e-12:
		// Every ratio of 0 to a control that varies is 0: an interval without
		// width, which would claim to know the lift exactly.
		return Estimate{Value: e.Value, Problem: "every unit of " + wording.Name(c.variant) + " has the value 0, so that the lift has no interval"}
	case err != nil:
		e.Method, e.Problem = "", c.problem(err)
	}
	return e
}

func (c contrast) liftEffect() (stats.LiftEffect, error) {
	if len(c.strata) > 1 {
		effect := c.stratifiedLift()
		_, err := effect.Infer(stats.Options{})
		return effect, err
	}
	control, treatment := c.strata[0].arms[controlArm], c.strata[0].arms[treatmentArm]
	if c.kind == experiment.MetricProportion {
		return stats.RateLift(control.counts, treatment.counts)
	}
	return stats.MeanLift(control.moments, treatment.moments)
}
