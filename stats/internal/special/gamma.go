package special

import "math"

// halfGammaRatio returns Gamma(a+1/2)/(Gamma(a) sqrt(a)) for a > 0. It tends
// to 1 for large a, and keeps full precision where the difference of two
// log-gammas would lose it.
func halfGammaRatio(a float64) float64 {
	shift := 1.0
	start := a
	for a < 12 {
		shift *= a / (a + 0.5)
		a++
	}
	// Asymptotic series of Gamma(a+1/2)/Gamma(a)/sqrt(a) in 1/a, as the
	// exponential of the difference of two Stirling series (DLMF 5.11.8).
	x := 1 / a
	y := x * x
	series := x * (-1.0/8 + y*(1.0/192+y*(-1.0/640+y*(17.0/14336+y*(-31.0/18432+y*691.0/180224)))))
	return shift * math.Exp(series) * math.Sqrt(a/start)
}

// stirlingError returns log Gamma(a) - [(a-1/2) log a - a + log sqrt(2 pi)]
// for a > 0: what Stirling's formula leaves out, to full relative precision
// for large a.
func stirlingError(a float64) float64 {
	if a < 12 {
		lg, _ := math.Lgamma(a)
		return lg - ((a-0.5)*math.Log(a) - a + logSqrt2Pi)
	}
	x := 1 / a
	y := x * x
	return x * (1.0/12 + y*(-1.0/360+y*(1.0/1260+y*(-1.0/1680+y*(1.0/1188+y*(-691.0/360360+y/156))))))
}

// log1pmx returns log(1+x) - x for x > -1 without the cancellation for small x.
func log1pmx(x float64) float64 {
	if x < -0.45 || x > 0.9 {
		return math.Log1p(x) - x
	}
	// log(1+x) = 2 atanh(r) with r = x/(2+x); x = 2r + r x.
	r := x / (2 + x)
	y := r * r
	sum, power := 0.0, y
	for k := 3.0; ; k += 2 {
		term := power / k
		sum += term
		if term <= 1e-17*sum || term == 0 {
			break
		}
		power *= y
	}
	return r * (2*sum - x)
}

// logRatioExcess returns log(v) - (v-1) for v > 0, where excess is v-1 computed
// without cancellation.
func logRatioExcess(v, excess float64) float64 {
	if v < 0.5 {
		return math.Log(v) - excess
	}
	return log1pmx(excess)
}
