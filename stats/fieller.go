package stats

import (
	"math"

	"github.com/touchlift/touchlift/stats/internal/special"
)

// RatioFieller returns Fieller's set for the ratio of two means, treatment over
// control: every ratio R that the z-test of "treatment = R control" does not
// reject. Unlike a lift it exists for a control mean of exactly 0, where it is
// exclusive or unbounded.
//
// Errors are those of [Welch]; beside an error the interval is none.
func RatioFieller(control, treatment Moments, o Options) (Interval, error) {
	o, err := o.resolve()
	if err != nil {
		return noInterval(), err
	}
	l, err := MeanLift(control, treatment)
	if err != nil {
		return noInterval(), err
	}
	sign := 1.0
	if l.Control < 0 {
		sign = -1
	}
	return fieller{num: sign * l.Treatment, den: sign * l.Control, varNum: l.VarTreatment, varDen: l.VarControl,
		cov: l.Covariance, spread: l.spread()}.set(o), nil
}

// spread carries the two parts of the discriminant of Fieller's quadratic that
// do not change when a ratio is shifted to a lift: each is free of
// cancellation for independent arms.
type spread struct{ linear, constant float64 }

// spread returns T^2 VC + C^2 VT - 2 T C cov, and VC VT - cov^2.
func (l LiftEffect) spread() spread {
	return spread{
		linear: l.Treatment*l.Treatment*l.VarControl + l.Control*l.Control*l.VarTreatment -
			2*l.Treatment*l.Control*l.Covariance,
		constant: l.VarControl*l.VarTreatment - l.Covariance*l.Covariance,
	}
}

// fieller is the ratio num/den, den >= 0, of two correlated normal estimates.
type fieller struct {
	num, den, varNum, varDen, cov float64
	spread                        spread
}

// set solves (num - R den)^2 <= z^2 Var(num - R den): a R^2 - 2 b R + c <= 0.
func (f fieller) set(o Options) Interval {
	z := special.NormalUpper(o.tailAlpha())
	if z < 0 {
		return f.insideOut(o)
	}
	a := lessSquare(f.den, z*math.Sqrt(f.varDen))
	b := f.num*f.den - z*z*f.cov
	c := lessSquare(f.num, z*math.Sqrt(f.varNum))
	discriminant := z * z * (f.spread.linear - z*z*f.spread.constant)
	switch {
	case a > 0:
		low, high := quadraticRoots(a, b, c, math.Max(discriminant, 0))
		return oneSided(low, high, o.Alternative)
	case a == 0:
		return f.halfLine(b, c, o.Alternative)
	case discriminant <= 0:
		return everything()
	}
	low, high := quadraticRoots(a, b, c, discriminant)
	return f.exclusive(low, high, o.Alternative)
}

// exclusive is the set with a gap between low and high. A one-sided test
// rejects in the gap only if the gap is on its side.
func (f fieller) exclusive(low, high float64, a Alternative) Interval {
	gap := f.num - (low+(high-low)/2)*f.den
	if a == Greater && gap < 0 || a == Less && gap > 0 {
		return everything()
	}
	return Interval{Low: low, High: high, Kind: Exclusive}
}

// halfLine is the set at g = 1: -2 b R + c <= 0.
func (f fieller) halfLine(b, c float64, a Alternative) Interval {
	switch {
	case b > 0 && a != Less:
		return Interval{Low: c / (2 * b), High: math.Inf(1), Kind: UpperUnbounded}
	case b < 0 && a != Greater:
		return Interval{Low: math.Inf(-1), High: c / (2 * b), Kind: LowerUnbounded}
	default:
		return everything()
	}
}

// insideOut is the set for a one-sided alpha above 1/2, where the bound lies
// on the far side of the estimate.
func (f fieller) insideOut(o Options) Interval {
	mirrored := Options{Alpha: 1 - o.Alpha, Alternative: Greater}
	if o.Alternative == Greater {
		mirrored.Alternative = Less
	}
	other := f.set(mirrored)
	switch other.Kind {
	case UpperUnbounded:
		return Interval{Low: math.Inf(-1), High: other.Low, Kind: LowerUnbounded}
	case LowerUnbounded:
		return Interval{Low: other.High, High: math.Inf(1), Kind: UpperUnbounded}
	case Exclusive:
		return Interval{Low: other.Low, High: other.High, Kind: Bounded}
	default:
		return noInterval()
	}
}

func everything() Interval {
	return Interval{Low: math.Inf(-1), High: math.Inf(1), Kind: Unbounded}
}

// lessSquare returns x^2 - y^2 as a product, which keeps its digits.
func lessSquare(x, y float64) float64 { return (x - y) * (x + y) }

// quadraticRoots returns the roots of a R^2 - 2 b R + c in order, the smaller in
// size from the product of the roots.
func quadraticRoots(a, b, c, discriminant float64) (low, high float64) {
	q := b + math.Copysign(math.Sqrt(discriminant), b)
	if q == 0 {
		return 0, 0
	}
	first, second := q/a, c/q
	return math.Min(first, second), math.Max(first, second)
}
