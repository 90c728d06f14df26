package analysis

import (
	"errors"
	"fmt"
	"math"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/internal/wording"
	"github.com/touchlift/touchlift/stats"
)

// pair is what a row compares: two arms by name, with their summaries.
type pair struct {
	baseline, variant  string
	control, treatment summary
}

// lift is the difference relative to control. The variance of a rate is that of
// the test's counts, p (1 - p) / n.
func (p pair) lift(kind experiment.MetricKind, alpha float64) Estimate {
	effect, err := stats.MeanLift(p.control.moments, p.treatment.moments)
	if kind == experiment.MetricProportion {
		effect, err = stats.RateLift(p.control.counts, p.treatment.counts)
	}
	if p.control.n > 0 && p.control.moments.Mean == 0 {
		return Estimate{Value: math.NaN(), Problem: "control is 0: there is nothing to relate the difference to"}
	}
	if err != nil {
		return Estimate{Value: (effect.Treatment - effect.Control) / math.Abs(effect.Control), Problem: p.problem(err)}
	}
	result, err := effect.Lift(stats.Options{Alpha: alpha})
	e := Estimate{Value: float64(result.Lift), Interval: result.CI, Method: string(result.Method)}
	switch i := result.CI; {
	case errors.Is(err, stats.ErrZeroVariance) || i.Kind == stats.Bounded && i.High-i.Low <= 1e-12:
		// Every ratio of 0 to a control that varies is 0: an interval without
		// width, which would claim to know the lift exactly.
		return Estimate{Value: e.Value, Problem: "every unit of " + wording.Name(p.variant) + " has the value 0, so that the lift has no interval"}
	case err != nil:
		e.Method, e.Problem = "", p.problem(err)
	}
	return e
}

// problem is why there is no inference, in words that hold for an evaluation
// that is over: no unit is still to come.
func (p pair) problem(err error) string {
	switch {
	case errors.Is(err, stats.ErrTooFewUnits):
		return fmt.Sprintf("too few units: %s has %s, %s has %s", wording.Name(p.baseline), wording.Count(p.control.n),
			wording.Name(p.variant), wording.Count(p.treatment.n))
	case !errors.Is(err, stats.ErrZeroVariance):
		return problemText(err)
	case p.alike():
		return "zero variance: all units of both arms have the same value"
	}
	return fmt.Sprintf("zero variance: all units of %s have one value and all of %s another, so that nothing tells how far chance alone takes them",
		wording.Name(p.baseline), wording.Name(p.variant))
}

// alike reports whether the means are the same but for rounding.
func (p pair) alike() bool {
	c, t := p.control.moments.Mean, p.treatment.moments.Mean
	return math.Abs(c-t) <= 1e-12*max(math.Abs(c), math.Abs(t))
}

// problemText is the situation in words, without the package's prefix.
func problemText(err error) string {
	var input *stats.InputError
	if errors.As(err, &input) {
		return input.Kind.Error() + ": " + input.Want
	}
	return err.Error()
}
