package special

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// StudentUpper returns the t with P(T > t) = p for Student's t with df degrees
// of freedom. StudentUpper(0, df) = +Inf, StudentUpper(1, df) = -Inf. gonum's
// takes 12 us, more than a whole Welch test, and is off by 5e-9 at 1e8 degrees
// of freedom.
func StudentUpper(p, df float64) float64 {
	switch {
	case !(p >= 0 && p <= 1) || !(df > 0):
		return math.NaN()
	case p == 0:
		return math.Inf(1)
	case p == 0.5:
		return 0
	case p > 0.5:
		return -StudentUpper(1-p, df) // exact: p is in [0.5, 1]
	case math.IsInf(df, 1):
		return NormalUpper(p)
	case df == 1:
		return 1 / math.Tan(math.Pi*p)
	case df == 2:
		return (1 - 2*p) / math.Sqrt(2*p*(1-p))
	}
	start, done := cornishFisher(NormalUpper(p), df)
	if done {
		return start
	}
	return studentHalley(start, p, df)
}

// cornishFisher expands the t quantile around the normal quantile z in powers
// of 1/df (Abramowitz and Stegun 26.7.5, one term more), and says whether the
// last term is so small that the next cannot matter.
func cornishFisher(z, df float64) (t float64, exact bool) {
	s := z * z
	g1 := (s + 1) / 4
	g2 := ((5*s+16)*s + 3) / 96
	g3 := (((3*s+19)*s+17)*s - 15) / 384
	g4 := ((((79*s+776)*s+1482)*s-1920)*s - 945) / 92160
	g5 := (((((27*s+339)*s+930)*s-1782)*s-765)*s + 17955) / 368640
	v := 1 / df
	last := v * v * v * v * v * g5
	series := 1 + v*(g1+v*(g2+v*(g3+v*g4))) + last
	return z * series, math.Abs(last) < 1e-15 && s < df/50
}

// studentHalley refines a start to the t > 0 with P(T > t) = p < 1/2, by
// Halley's method. In log t the log tail is concave, so that it converges from
// far off; near 0 it works on the tail itself, which is convex there.
func studentHalley(t, p, df float64) float64 {
	logP := math.Log(p)
	if df >= 1 {
		t = hillStart(p, df)
	}
	if !(t > 0) || math.IsInf(t, 1) {
		t = studentPowerStart(logP, df)
	}
	logScale := math.Log(halfGammaRatio(df/2)) - logSqrt2Pi
	for range 60 {
		tail, logTail := StudentTail(t, df)
		logDensity := logScale - (df+1)/2*logOnePlusSquare(t, df)
		curve := (df + 1) / (df/t + t) // -d log density/dt
		var next float64
		if p > 0.2 {
			step := (tail - p) / math.Exp(logDensity)
			next = t + step/math.Max(0.5, 1-step*curve/2)
		} else {
			hazard := t * math.Exp(logDensity-logTail) // -d log tail/d log t
			step := (logTail - logP) / hazard
			next = t * math.Exp(step/math.Max(0.5, 1+step*(1+hazard-t*curve)/2))
		}
		if !(next > 0) {
			next = t / 2
		}
		change := math.Abs(next - t)
		t = next
		// The error after a step is of the order of its cube.
		if change <= 1e-5*t {
			break
		}
	}
	return t
}

// hillStart approximates the t with P(T > t) = p < 1/2 to some six digits for
// df of 5 or more, fewer below (Hill 1970, CACM algorithm 396).
func hillStart(p, df float64) float64 {
	a := 1 / (df - 0.5)
	b := 48 / (a * a)
	c := ((20700*a/b-98)*a-16)*a + 96.36
	d := ((94.5/(b+c)-3)/b + 1) * math.Sqrt(a*math.Pi/2) * df
	y := math.Pow(2*d*p, 2/df)
	if y <= 0.05+a { // far out
		y = ((1/(((df+6)/(df*y)-0.089*d-0.822)*(df+2)*3)+0.5/(df+4))*y-1)*(df+1)/(df+2) + 1/y
		return math.Sqrt(df * y)
	}
	x := -NormalUpper(p)
	y = x * x
	if df < 5 {
		c += 0.3 * (df - 4.5) * (x + 0.6)
	}
	c += (((0.05*d*x-5)*x-7)*x-2)*x + b
	y = (((((0.4*y+6.3)*y+36)*y+94.5)/c-y-3)/b + 1) * x
	return math.Sqrt(df * math.Expm1(a*y*y))
}

// logOnePlusSquare returns log(1 + t^2/df), also where the square overflows.
func logOnePlusSquare(t, df float64) float64 {
	if square := t / df * t; !math.IsInf(square, 1) {
		return math.Log1p(square)
	}
	return 2*math.Log(t) - math.Log(df)
}

// studentPowerStart inverts the power-law tail C t^-df, which bounds the tail
// from above.
func studentPowerStart(logP, df float64) float64 {
	logC := math.Log(halfGammaRatio(df/2)) - logSqrt2Pi + (df+1)/2*math.Log(df) - math.Log(df)
	return math.Exp((logC - logP) / df)
}

// ChiSquareUpper returns the x with P(X > x) = p for a chi-square variable
// with df degrees of freedom. Up to p = 1/2 it is gonum's inverse; beyond, that
// one inverts 1 - CDF and is off by 3e-9 at p = 0.999999, so that the CDF,
// gonum's too, is inverted in its place.
func ChiSquareUpper(p, df float64) float64 {
	switch {
	case !(p >= 0 && p <= 1) || !(df > 0) || math.IsInf(df, 1):
		return math.NaN()
	case p <= 0.5:
		return 2 * mathext.GammaIncRegCompInv(df/2, p)
	case p == 1:
		return 0
	}
	return 2 * solveLower(1-p, df/2, math.Inf(1), func(x float64) (float64, float64) {
		return mathext.GammaIncReg(df/2, x), logGammaPrefix(df/2, x)
	})
}

// BetaQuantile returns the x with I_x(a, b) = p for p in [0, 1], a, b > 0.
//
// gonum's InvRegIncBeta is no start for it: far out it can return 1e-16 where
// the answer is 0.9 (p = 1e-38, a = 836, b = 3.7).
func BetaQuantile(p, a, b float64) float64 {
	switch {
	case !(p >= 0 && p <= 1) || !(a > 0 && b > 0) || math.IsInf(a, 1) || math.IsInf(b, 1):
		return math.NaN()
	case p == 0 || p == 1:
		return p
	case p > 0.5:
		return 1 - BetaQuantile(1-p, b, a) // 1-p is exact: p is in [0.5, 1]
	}
	return solveLower(p, a/(a+b), 1, func(x float64) (float64, float64) {
		return BetaCDF(x, a, b), logBetaPrefix(x, 1-x, a, b) - math.Log1p(-x)
	})
}

// solveLower finds the x in (0, high) at which a distribution function is p. f
// returns the function and the logarithm of x times its density. Newton's
// method on the logarithm of the function in log x, held inside a bracket that
// only shrinks: near 0 a distribution function is a power of x, a straight
// line there.
func solveLower(p, x, high float64, f func(float64) (cdf, logSlope float64)) float64 {
	low, logP := 0.0, math.Log(p)
	for range 200 {
		cdf, logSlope := f(x)
		logCDF := math.Log(cdf)
		if logCDF > logP {
			high = x
		} else {
			low = x
		}
		next := x * math.Exp((logP-logCDF)/math.Exp(logSlope-logCDF))
		if !(next > low && next < high) {
			next = middle(low, high, x)
		}
		change := math.Abs(next - x)
		x = next
		if change <= 1e-14*x {
			break
		}
	}
	return x
}

// middle halves a bracket: on the log scale where it spans magnitudes.
func middle(low, high, x float64) float64 {
	switch {
	case math.IsInf(high, 1):
		return 2 * x
	case low == 0:
		return high / 1024
	case high > 4*low:
		return math.Sqrt(low) * math.Sqrt(high)
	default:
		return low + (high-low)/2
	}
}
