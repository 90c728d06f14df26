package special

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

const (
	sqrt2Pi    = 2.50662827463100050241576528481104525
	logSqrt2Pi = 0.918938533204672741780329736405617640
)

// NormalTail returns P(Z > z) for a standard normal Z, and its logarithm.
func NormalTail(z float64) (p, logP float64) {
	p = 0.5 * math.Erfc(z/math.Sqrt2)
	switch {
	case z > 30:
		return p, -z*z/2 - logSqrt2Pi + math.Log(mills(z))
	case z < -1:
		return p, math.Log1p(-0.5 * math.Erfc(-z/math.Sqrt2))
	default:
		return p, math.Log(p)
	}
}

// NormalTwoSided returns P(|Z| > |z|) for a standard normal Z, and its
// logarithm. Both keep their digits for z near 0, where p is near 1.
func NormalTwoSided(z float64) (p, logP float64) {
	z = math.Abs(z)
	p = math.Erfc(z / math.Sqrt2)
	switch {
	case z > 30:
		return p, math.Ln2 - z*z/2 - logSqrt2Pi + math.Log(mills(z))
	case z < 1:
		return p, math.Log1p(-math.Erf(z / math.Sqrt2))
	default:
		return p, math.Log(p)
	}
}

// mills returns the Mills ratio P(Z > z)/phi(z) for z > 0.
func mills(z float64) float64 {
	if z < 10 {
		return 0.5 * math.Erfc(z/math.Sqrt2) * sqrt2Pi * math.Exp(z*z/2)
	}
	// Divergent series, cut where its terms no longer matter
	// (Abramowitz and Stegun 26.2.12).
	sum, term, inv := 1.0, 1.0, 1/(z*z)
	for k := 1.0; k < 60; k += 2 {
		term *= -k * inv
		sum += term
		if math.Abs(term) < 1e-17 {
			break
		}
	}
	return sum / z
}

// NormalUpper returns the z with P(Z > z) = p: the upper quantile.
// NormalUpper(0) = +Inf, NormalUpper(1) = -Inf. It is gonum's quantile, always
// of the smaller tail: Quantile(1-p) has lost 7 of its 16 digits at p = 1e-10.
func NormalUpper(p float64) float64 {
	switch {
	case !(p >= 0 && p <= 1):
		return math.NaN()
	case p > 0.5:
		return mathext.NormalQuantile(1 - p) // exact: p is in [0.5, 1]
	default:
		return -mathext.NormalQuantile(p)
	}
}
