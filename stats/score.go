package stats

import (
	"math"

	"github.com/touchlift/touchlift/stats/internal/special"
)

// MiettinenNurminen returns the score interval for the difference of two rates,
// treatment - control, in fractions: the differences that a test with the
// rates estimated under that difference, and its variance enlarged by
// N/(N-1), does not reject. It stays inside [-1, 1] and holds its confidence in
// small arms and near rates of 0 and 1. With a one-sided Alternative it is a
// bound; its other end is infinite.
//
// Errors: [ErrTooFewUnits] for an empty arm, [ErrInvalidSummary],
// [ErrInvalidOption]; beside an error the interval is none.
//
// Miettinen, O., Nurminen, M. (1985), Statistics in Medicine 4:213-226. Checked
// against 50-digit values.
func MiettinenNurminen(control, treatment Counts, o Options) (Interval, error) {
	o, err := o.resolve()
	if err == nil {
		err = checkCounts(control, treatment)
	}
	if err != nil {
		return noInterval(), err
	}
	n := float64(control.N) + float64(treatment.N)
	z := special.NormalUpper(o.tailAlpha()) * math.Sqrt(n/(n-1))
	return scoreInterval(control, treatment, z, o.Alternative), nil
}

// scoreInterval inverts the score test of the difference of two rates: the
// differences d at which the statistic is at most z in size. At d = 0 that is
// the pooled z-test.
func scoreInterval(control, treatment Counts, z float64, a Alternative) Interval {
	low, high := math.Inf(-1), math.Inf(1)
	if a != Less {
		low = scoreEnd(control, treatment, z)
	}
	if a != Greater {
		high = -scoreEnd(treatment, control, z)
	}
	return oneSided(low, high, a)
}

// scoreEnd finds the lower end: the d with scoreStatistic(d) = z. The statistic
// is 0 at the estimate and falls as d rises, beyond all bounds towards -1 and
// 1. The search starts at the end of Newcombe's interval, which is close.
func scoreEnd(control, treatment Counts, z float64) float64 {
	estimate := rateDifference(control, treatment)
	limit := math.Copysign(1, -z)
	if z == 0 || estimate == limit {
		return estimate
	}
	excess := func(d float64) float64 { return scoreStatistic(control, treatment, d) - z }
	lowT, _ := wilsonEnds(treatment, z)
	_, highC := wilsonEnds(control, z)
	reach := math.Hypot(treatment.Rate()-lowT, highC-control.Rate())
	start := estimate - math.Copysign(reach, z)
	inner, outer := start+math.Copysign(0.2*reach, z), start-math.Copysign(0.2*reach, z)
	if !(excess(inner)*z < 0) {
		inner = estimate
	}
	if !(math.Abs(outer) < 1) || !(excess(outer)*z > 0) {
		outer = limit
	}
	return bracketedRoot(excess, inner, outer)
}

// bracketedRoot finds the zero of f between a and b, where it has different
// signs: regula falsi in the form of Illinois, halving where it stalls. gonum
// offers minimisers only, no root finder.
func bracketedRoot(f func(float64) float64, a, b float64) float64 {
	fa, fb := f(a), f(b)
	for i := range 200 {
		x := b - fb*(b-a)/(fb-fa)
		if inside := (x-a)*(b-x) > 0; !inside || i%8 == 7 {
			x = a + (b-a)/2
		}
		if x == a || x == b {
			return x
		}
		fx := f(x)
		if fx == 0 {
			return x
		}
		if (fx > 0) != (fb > 0) {
			a, fa = b, fb
		} else {
			fa /= 2
		}
		b, fb = x, fx
		if math.Abs(b-a) <= 4e-16*math.Abs(b) {
			return b
		}
	}
	return b
}

// scoreStatistic is (difference - d) over its standard error at the restricted
// rates.
func scoreStatistic(control, treatment Counts, d float64) float64 {
	gap := rateDifference(control, treatment) - d
	if gap == 0 {
		return 0
	}
	rate := restrictedRate(control, treatment, d)
	other := rate + d
	variance := rate*(1-rate)/float64(control.N) + other*(1-other)/float64(treatment.N)
	return gap / math.Sqrt(math.Max(variance, 0))
}

// restrictedRate is the control rate of greatest likelihood, given that the
// treatment rate is higher by d: the zero of the score, which falls from one
// end of the possible rates to the other. The closed form (a root of a cubic)
// starts it off; where the root is small its digits are not enough.
func restrictedRate(control, treatment Counts, d float64) float64 {
	low, high := math.Max(0, -d), math.Min(1, 1-d)
	rate := restrictedStart(control, treatment, d)
	if !(rate > low && rate < high) {
		rate = low + (high-low)/2
	}
	for range 100 {
		score, slope := rateScore(control, treatment, rate, d)
		if score > 0 {
			low = rate
		} else {
			high = rate
		}
		next := rate - score/slope
		if !(next > low) {
			next = low + (rate-low)/16
		} else if !(next < high) {
			next = high - (high-rate)/16
		}
		change := math.Abs(next - rate)
		rate = next
		if change <= 1e-13*rate+1e-17*math.Abs(d) {
			break
		}
	}
	return rate
}

// rateScore is the derivative of the log-likelihood by the control rate, and
// its derivative.
func rateScore(control, treatment Counts, rate, d float64) (score, slope float64) {
	for _, term := range [...]struct{ count, at, sign float64 }{
		{float64(control.Successes), rate, 1},
		{float64(control.N - control.Successes), 1 - rate, -1},
		{float64(treatment.Successes), rate + d, 1},
		{float64(treatment.N - treatment.Successes), 1 - rate - d, -1},
	} {
		if term.count > 0 {
			score += term.sign * term.count / term.at
			slope -= term.count / (term.at * term.at)
		}
	}
	return score, slope
}

// restrictedStart is the closed form of Miettinen and Nurminen.
func restrictedStart(control, treatment Counts, d float64) float64 {
	nc, nt := float64(control.N), float64(treatment.N)
	xc, xt := float64(control.Successes), float64(treatment.Successes)
	n := nc + nt
	second := ((nc+2*nt)*d - n - xc - xt) / n
	first := (nt*d*d - (n+2*xt)*d + xc + xt) / n
	constant := xt * d * (1 - d) / n
	third := second / 3
	q := third*third*third - second*first/6 + constant/2
	p := math.Copysign(math.Sqrt(math.Max(third*third-first/3, 0)), q)
	if p == 0 {
		return -third
	}
	angle := math.Acos(math.Max(-1, math.Min(1, q/(p*p*p))))
	return 2*p*math.Cos((math.Pi+angle)/3) - third
}
