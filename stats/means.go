package stats

import (
	"errors"
	"math"
)

// Welch tests whether two means differ, by the t-test that lets the arms vary
// differently. It is the one to use when nothing speaks for another.
//
// The estimand is the difference of means, treatment - control, in the unit of
// the metric: t = difference/SE, SE^2 = s1^2/n1 + s2^2/n2, compared with
// Student's t with the Welch-Satterthwaite degrees of freedom. The units must
// be independent: where customers were randomised, one value per customer.
//
// Errors: [ErrTooFewUnits] for an arm of fewer than 2 units, [ErrZeroVariance]
// where neither arm varies, [ErrNonFinite], [ErrInvalidSummary],
// [ErrInvalidOption]. Beside an error the result carries the means where they
// exist; P is NaN and CI is none.
// Warnings: [WarnFewUnits], [WarnUnbalancedArms], [WarnConstantArm].
//
// Welch, B. L. (1947), Biometrika 34:28-35. Checked against 50-digit values.
func Welch(control, treatment Moments, o Options) (Result, error) {
	e, err := MeanDifference(control, treatment)
	return meanResult(control, treatment, e, err, MethodWelch, o)
}

// PooledT tests whether two means differ, by Student's t-test with one
// variance for both arms and n1 + n2 - 2 degrees of freedom. Use it where the
// arms must vary alike, such as in tiny arms of one process; else use [Welch].
//
// Errors and warnings are those of Welch.
func PooledT(control, treatment Moments, o Options) (Result, error) {
	e, err := PooledDifference(control, treatment)
	return meanResult(control, treatment, e, err, MethodPooledT, o)
}

// Z tests whether two means differ, by comparing difference/SE of [Welch] with
// the normal distribution. For large arms, and to reproduce tools that do so;
// in small arms it finds too much.
//
// Errors and warnings are those of Welch.
func Z(control, treatment Moments, o Options) (Result, error) {
	e, err := MeanDifference(control, treatment)
	e.DF = math.Inf(1)
	return meanResult(control, treatment, e, err, MethodZ, o)
}

// meanResult turns an effect, or the error in its place, into a result.
func meanResult(control, treatment Moments, e Effect, err error, method Method, o Options) (Result, error) {
	o, optionErr := o.resolve()
	r := Result{Inference: noInference(method, o), Control: control.knownMean(), Treatment: treatment.knownMean()}
	r.Difference = r.Treatment - r.Control
	if errors.Is(err, ErrZeroVariance) {
		r.SE = 0
	}
	if err == nil {
		err = optionErr
	}
	if err != nil {
		return r, err
	}
	if r.Inference, err = e.infer(method, o); err != nil {
		return r, err
	}
	r.warnOfArms(control, treatment)
	return r, nil
}

// warnOfArms adds what the summaries of the arms give reason to doubt.
func (i *Inference) warnOfArms(control, treatment Moments) {
	small, large := min(control.N, treatment.N), max(control.N, treatment.N)
	if small < 30 {
		i.Warnings = append(i.Warnings, WarnFewUnits)
	}
	if float64(large) > 10*float64(small) {
		i.Warnings = append(i.Warnings, WarnUnbalancedArms)
	}
	if control.M2 == 0 || treatment.M2 == 0 {
		i.Warnings = append(i.Warnings, WarnConstantArm)
	}
}

// knownMean is the mean, or NaN where there are no units to have one.
func (m Moments) knownMean() float64 {
	if m.N < 1 {
		return math.NaN()
	}
	return m.Mean
}
