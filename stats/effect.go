package stats

import (
	"math"

	"github.com/touchlift/touchlift/stats/internal/special"
)

// Effect is an estimated difference, treatment - control, with its
// uncertainty. Estimators make it from summaries, procedures consume it:
// whatever a difference was adjusted for or clustered by, the same tests and
// intervals apply.
type Effect struct {
	Estimate float64 `json:"estimate"` // treatment - control, in the unit of the metric
	SE       float64 `json:"se"`       // its standard error, above 0
	DF       float64 `json:"df"`       // degrees of freedom; 0 or +Inf: the normal distribution
	N        int64   `json:"n"`        // independent units, or clusters, of both arms together
}

// MeanDifference estimates the difference of two means with the standard error
// and degrees of freedom of Welch (1947), which let the arms vary differently.
//
// Each arm needs two units ([ErrTooFewUnits]) and at least one arm must vary
// ([ErrZeroVariance]).
func MeanDifference(control, treatment Moments) (Effect, error) {
	if err := checkMeans(control, treatment); err != nil {
		return Effect{}, err
	}
	vc, vt := control.meanVariance(), treatment.meanVariance()
	e := Effect{Estimate: treatment.Mean - control.Mean, SE: math.Hypot(math.Sqrt(vc), math.Sqrt(vt)),
		DF: welchDF(vc, vt, control.N, treatment.N), N: control.N + treatment.N}
	return e, checkSE(e)
}

// PooledDifference estimates the difference of two means with one variance for
// both arms and N - 2 degrees of freedom. Errors are those of MeanDifference.
func PooledDifference(control, treatment Moments) (Effect, error) {
	if err := checkMeans(control, treatment); err != nil {
		return Effect{}, err
	}
	df := float64(control.N-1) + float64(treatment.N-1)
	pooled := control.M2/df + treatment.M2/df
	se := math.Sqrt(pooled) * math.Sqrt(1/float64(control.N)+1/float64(treatment.N))
	e := Effect{Estimate: treatment.Mean - control.Mean, SE: se, DF: df, N: control.N + treatment.N}
	return e, checkSE(e)
}

// meanVariance is the sampling variance of the mean.
func (m Moments) meanVariance() float64 { return m.Variance() / float64(m.N) }

// welchDF is the Welch-Satterthwaite approximation, in shares so that it
// neither over- nor underflows: it depends on the ratio of the variances only.
func welchDF(vc, vt float64, nc, nt int64) float64 {
	if vt > vc {
		vc, vt, nc, nt = vt, vc, nt, nc
	}
	ratio := vt / vc
	sum := 1 + ratio
	return sum * sum / (1/float64(nc-1) + ratio*ratio/float64(nt-1))
}

// checkMeans refuses summaries from which no difference can be judged.
func checkMeans(control, treatment Moments) error {
	if err := control.validate("control"); err != nil {
		return err
	}
	if err := treatment.validate("treatment"); err != nil {
		return err
	}
	if control.N < 2 {
		return tooFewUnits("control.N", control.N)
	}
	if treatment.N < 2 {
		return tooFewUnits("treatment.N", treatment.N)
	}
	return nil
}

func tooFewUnits(input string, n int64) error {
	return &InputError{Kind: ErrTooFewUnits, Input: input, Value: float64(n),
		Want: "want at least 2 units per arm; wait for more"}
}

// checkSE refuses an effect that nothing can be divided by.
func checkSE(e Effect) error {
	switch {
	case !isFinite(e.Estimate):
		return &InputError{Kind: ErrNonFinite, Input: "estimate", Value: e.Estimate,
			Want: "want a finite difference; rescale the metric"}
	case math.IsNaN(e.SE) || math.IsInf(e.SE, 0):
		return &InputError{Kind: ErrNonFinite, Input: "standard error", Value: e.SE,
			Want: "want a finite standard error; rescale the metric"}
	case e.SE < 0:
		return &InputError{Kind: ErrInvalidSummary, Input: "standard error", Value: e.SE,
			Want: "want a standard error above 0"}
	case e.SE == 0:
		return zeroVariance()
	case math.IsNaN(e.DF) || e.DF < 0:
		return &InputError{Kind: ErrInvalidSummary, Input: "degrees of freedom", Value: e.DF,
			Want: "want a number above 0, or 0 for the normal distribution"}
	}
	return nil
}

func zeroVariance() error {
	return &InputError{Kind: ErrZeroVariance, Input: "standard error", Value: 0,
		Want: "all units of both arms have the same value; wait until the metric varies"}
}

// Infer tests the effect against 0 and gives its interval: from the t
// distribution with DF degrees of freedom, or the normal where DF is 0 or
// +Inf. Interval and P agree: 0 is outside CI exactly where P < Alpha.
//
// Errors: [ErrZeroVariance] for an SE of 0, [ErrNonFinite],
// [ErrInvalidOption].
func (e Effect) Infer(o Options) (Inference, error) {
	method := MethodT
	if e.DF == 0 || math.IsInf(e.DF, 1) {
		e.DF, method = math.Inf(1), MethodZ
	}
	return e.infer(method, o)
}

func (e Effect) infer(method Method, o Options) (Inference, error) {
	o, err := o.resolve()
	if err == nil {
		err = checkSE(e)
	}
	if err != nil {
		return noInference(method, o), err
	}
	statistic := e.Estimate / e.SE
	p, logP := tailOf(statistic, e.DF, o.Alternative)
	return Inference{Method: method, SE: e.SE, Statistic: statistic, DF: e.DF, P: p, LogP: logP,
		CI:    around(e.Estimate, e.SE*special.StudentUpper(o.tailAlpha(), e.DF), o.Alternative),
		Alpha: o.Alpha, Alternative: o.Alternative}, nil
}

// tailOf returns p and its logarithm for a statistic in the direction of the
// alternative.
func tailOf(statistic, df float64, a Alternative) (p, logP float64) {
	switch a {
	case Greater:
		return special.StudentTail(statistic, df)
	case Less:
		return special.StudentTail(-statistic, df)
	default:
		return special.StudentTwoSided(statistic, df)
	}
}

// around is the interval with the given half-width, or the bound on the side
// of the alternative.
func around(estimate, half float64, a Alternative) Interval {
	switch a {
	case Greater:
		return Interval{Low: estimate - half, High: math.Inf(1), Kind: UpperUnbounded}
	case Less:
		return Interval{Low: math.Inf(-1), High: estimate + half, Kind: LowerUnbounded}
	default:
		return Interval{Low: estimate - half, High: estimate + half, Kind: Bounded}
	}
}
