package stats

import (
	"math"

	"github.com/touchlift/touchlift/stats/internal/special"
)

// Wilson returns the score interval of one rate, in fractions. It stays inside
// [0, 1], and ends exactly at 0 for no successes and at 1 for no failures.
// With a one-sided Alternative it is a bound; its other end is infinite.
//
// Errors: [ErrTooFewUnits] for no units, [ErrInvalidSummary],
// [ErrInvalidOption]; beside an error the interval is none.
//
// Wilson, E. B. (1927), JASA 22:209-212. Checked against 50-digit values.
func Wilson(c Counts, o Options) (Interval, error) {
	o, err := o.resolve()
	if err == nil {
		err = c.check("counts")
	}
	if err != nil {
		return noInterval(), err
	}
	low, high := wilsonEnds(c, special.NormalUpper(o.tailAlpha()))
	return oneSided(low, high, o.Alternative), nil
}

// oneSided keeps the ends that the alternative asks for.
func oneSided(low, high float64, a Alternative) Interval {
	switch a {
	case Greater:
		return Interval{Low: low, High: math.Inf(1), Kind: UpperUnbounded}
	case Less:
		return Interval{Low: math.Inf(-1), High: high, Kind: LowerUnbounded}
	default:
		return Interval{Low: low, High: high, Kind: Bounded}
	}
}

// wilsonEnds solves (rate - p)^2 = z^2 p (1-p)/n for p: two roots of
// (1 + k) p^2 - (2 rate + k) p + rate^2 with k = z^2/n. The root nearer 0 comes
// from the product of the roots, without cancellation. For a negative z (an
// alpha above 1/2, one-sided) the ends trade places.
func wilsonEnds(c Counts, z float64) (low, high float64) {
	rate, k := c.Rate(), z*z/float64(c.N)
	root := math.Abs(z) * math.Sqrt((4*rate*c.failureRate()+k)/float64(c.N))
	high = (2*rate + k + root) / (2 * (1 + k))
	if c.Successes == c.N {
		high = 1
	}
	if high > 0 {
		low = rate * rate / ((1 + k) * high)
	}
	if z < 0 {
		return high, low
	}
	return low, high
}

// Newcombe returns an interval for the difference of two rates, treatment -
// control, in fractions: the hybrid of the two Wilson intervals (Newcombe's
// method 10). It stays inside [-1, 1] and has an answer where the Wald interval
// has none, such as 0/n against 0/m. With a one-sided Alternative it is a
// bound; its other end is infinite.
//
// Errors are those of [Wilson].
//
// Newcombe, R. G. (1998), Statistics in Medicine 17:873-890. Checked against
// 50-digit values.
func Newcombe(control, treatment Counts, o Options) (Interval, error) {
	o, err := o.resolve()
	if err == nil {
		err = checkCounts(control, treatment)
	}
	if err != nil {
		return noInterval(), err
	}
	z := special.NormalUpper(o.tailAlpha())
	lowC, highC := wilsonEnds(control, z)
	lowT, highT := wilsonEnds(treatment, z)
	difference := rateDifference(control, treatment)
	below := math.Hypot(treatment.Rate()-lowT, highC-control.Rate())
	above := math.Hypot(highT-treatment.Rate(), control.Rate()-lowC)
	if z < 0 {
		below, above = -below, -above
	}
	return oneSided(difference-below, difference+above, o.Alternative), nil
}
