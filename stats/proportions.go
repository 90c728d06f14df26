package stats

import (
	"math"

	"github.com/touchlift/touchlift/stats/internal/special"
)

// ProportionOptions of [Proportions]. The zero value is a two-sided test at
// alpha = 0.05 with the pooled standard error.
type ProportionOptions struct {
	// Alpha is the error rate, in (0, 1); 0 means 0.05.
	Alpha float64
	// Alternative: TwoSided (default), Greater or Less.
	Alternative Alternative
	// Unpooled takes the standard error from each arm's own rate, as the Wald
	// interval does. The default pools the arms, which is what holds under "no
	// difference" and keeps its meaning when one arm has no successes.
	Unpooled bool
	// Yates applies the continuity correction to the pooled statistic: more
	// cautious, too cautious for most. Excludes Unpooled.
	Yates bool
}

// Proportions tests whether two rates differ, by the two-proportion z-test.
//
// The estimand is the difference of rates, treatment - control, in fractions.
// Pooled (default): z = difference/SE with SE^2 = p(1-p)(1/n1 + 1/n2), p the
// rate of both arms together; its square is Pearson's chi-square of the 2x2
// table. CI is then the score interval that inverts the same test (Mee 1984),
// so that interval and P agree at every alpha; with Yates P is corrected and
// CI is not. Unpooled: SE^2 = p1(1-p1)/n1 + p2(1-p2)/n2, and CI is the Wald
// interval, which is not clipped to [-1, 1].
//
// Each unit counts once: units that did, of units exposed. Zero successes in
// one arm are no obstacle to the pooled test: 0/1000 against 30/1000 gives
// p = 3.4e-8.
//
// [WarnSmallCounts] where an expected count is below 5.
// Errors: [ErrTooFewUnits] for an empty arm, [ErrZeroVariance] where the
// standard error is 0 (nobody did or everybody did; unpooled also 0/n against
// n/n), [ErrInvalidSummary], [ErrInvalidOption]. Beside an error the result
// carries the rates where they exist; P is NaN and CI is none.
//
// Mee, R. W. (1984), Biometrics 40:1175-1176. Checked against 50-digit values.
func Proportions(control, treatment Counts, o ProportionOptions) (ProportionResult, error) {
	options, err := Options{Alpha: o.Alpha, Alternative: o.Alternative}.resolve()
	r := ProportionResult{Inference: noInference(o.method(), options), Control: control.Rate(), Treatment: treatment.Rate()}
	r.Difference = Points(rateDifference(control, treatment))
	if err == nil && o.Yates && o.Unpooled {
		err = &InputError{Kind: ErrInvalidOption, Input: "Yates", Value: math.NaN(),
			Want: "the correction is for the pooled test; leave Unpooled or Yates out"}
	}
	if err == nil {
		err = checkCounts(control, treatment)
	}
	if err != nil {
		return r, err
	}
	r.SE = o.standardError(control, treatment)
	if r.SE == 0 {
		return r, zeroVariance()
	}
	r.DF = math.Inf(1)
	r.Statistic = o.statistic(control, treatment, r.SE)
	r.P, r.LogP = tailOf(r.Statistic, r.DF, options.Alternative)
	z := special.NormalUpper(options.tailAlpha())
	if o.Unpooled {
		r.CI = around(float64(r.Difference), z*r.SE, options.Alternative)
	} else {
		r.CI = scoreInterval(control, treatment, z, options.Alternative)
	}
	if smallestExpected(control, treatment) < 5 {
		r.Warnings = append(r.Warnings, WarnSmallCounts)
	}
	return r, nil
}

func (o ProportionOptions) method() Method {
	switch {
	case o.Unpooled:
		return MethodUnpooledZ
	case o.Yates:
		return MethodPooledYates
	default:
		return MethodPooledZ
	}
}

func (o ProportionOptions) standardError(control, treatment Counts) float64 {
	if o.Unpooled {
		return math.Sqrt(control.rateVariance() + treatment.rateVariance())
	}
	both := Counts{Successes: control.Successes + treatment.Successes, N: control.N + treatment.N}
	return math.Sqrt(both.Rate() * both.failureRate() * (1/float64(control.N) + 1/float64(treatment.N)))
}

// statistic is z, moved towards 0 by half a unit in either arm with Yates.
func (o ProportionOptions) statistic(control, treatment Counts, se float64) float64 {
	cross := crossDifference(control, treatment)
	if o.Yates {
		half := (float64(control.N) + float64(treatment.N)) / 2
		cross = math.Copysign(math.Max(0, math.Abs(cross)-half), cross)
	}
	return cross / float64(control.N) / float64(treatment.N) / se
}

func (c Counts) failureRate() float64 { return float64(c.N-c.Successes) / float64(c.N) }

func (c Counts) rateVariance() float64 { return c.Rate() * c.failureRate() / float64(c.N) }

// crossDifference is x2 n1 - x1 n2, with the rounding of both products
// accounted for, so that equal rates give exactly 0.
func crossDifference(control, treatment Counts) float64 {
	xt, nc := float64(treatment.Successes), float64(control.N)
	xc, nt := float64(control.Successes), float64(treatment.N)
	p, q := xt*nc, xc*nt
	return (p - q) + (math.FMA(xt, nc, -p) - math.FMA(xc, nt, -q))
}

func rateDifference(control, treatment Counts) float64 {
	if control.N == 0 || treatment.N == 0 {
		return math.NaN()
	}
	return crossDifference(control, treatment) / float64(control.N) / float64(treatment.N)
}

func checkCounts(control, treatment Counts) error {
	if err := control.check("control"); err != nil {
		return err
	}
	return treatment.check("treatment")
}

// check is validate, and at least one unit.
func (c Counts) check(input string) error {
	if err := c.validate(input); err != nil {
		return err
	}
	if c.N == 0 {
		return &InputError{Kind: ErrTooFewUnits, Input: input + ".N", Value: 0, Want: "want at least 1 unit; wait for more"}
	}
	return nil
}

// smallestExpected is the smallest of the four cell counts expected were there
// no difference.
func smallestExpected(control, treatment Counts) float64 {
	both := Counts{Successes: control.Successes + treatment.Successes, N: control.N + treatment.N}
	return float64(min(control.N, treatment.N)) * math.Min(both.Rate(), both.failureRate())
}
