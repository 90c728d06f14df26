package stats

import (
	"fmt"
	"math"
	"strings"
)

// RelativeLift is a difference relative to control, (treatment - control)/|control|.
// 0.052 prints as +5.2 %.
type RelativeLift float64

// String returns the lift in per cent with its sign.
func (l RelativeLift) String() string { return signedPercent(float64(l), " %") }

// Points is a difference of two rates as a fraction: 0.008 prints as
// +0.8 points (percentage points).
type Points float64

// String returns the difference in percentage points with its sign.
func (p Points) String() string { return signedPercent(float64(p), " points") }

func signedPercent(v float64, unit string) string {
	switch {
	case math.IsNaN(v):
		return "undefined"
	case math.IsInf(v, 0):
		return fmt.Sprintf("%+g", v)
	}
	return fmt.Sprintf("%+.*f%s", percentDecimals(v), 100*v, unit)
}

// percentDecimals keeps a digit or two of small values.
func percentDecimals(v float64) int {
	decimals := 1
	for limit := 0.000995; math.Abs(v) < limit && v != 0 && decimals < 6; limit /= 10 {
		decimals++
	}
	return decimals
}

// String returns the result in one line: method, both means, difference, interval, p.
func (r Result) String() string {
	plain := func(v float64) string { return fmt.Sprintf("%.4g", v) }
	return r.line(fmt.Sprintf("difference %+.4g", r.Difference), r.CI.format(plain),
		fmt.Sprintf("control %.4g, treatment %.4g", r.Control, r.Treatment))
}

// String returns the result in one line: method, both rates, difference in
// points, interval, p.
func (r ProportionResult) String() string {
	points := func(v float64) string { return Points(v).String() }
	return r.line("difference "+r.Difference.String(), r.CI.format(points),
		fmt.Sprintf("control %.4g %%, treatment %.4g %%", 100*r.Control, 100*r.Treatment))
}

// String returns the result in one line: method, both means, lift, interval, p.
func (r LiftResult) String() string {
	percent := func(v float64) string { return RelativeLift(v).String() }
	return r.line("lift "+r.Lift.String(), r.CI.format(percent),
		fmt.Sprintf("control %.4g, treatment %.4g", r.Control, r.Treatment))
}

// line puts the parts of a result behind each other.
func (i Inference) line(estimate, interval, arms string) string {
	var b strings.Builder
	if i.CI.Kind == NoInterval {
		fmt.Fprintf(&b, "%s, no inference (%s; %s)", estimate, arms, i.Method)
		return b.String()
	}
	fmt.Fprintf(&b, "%s, %.4g %% interval %s, %s", estimate, 100*(1-i.Alpha), interval, i.formatP())
	if i.Alternative != TwoSided {
		fmt.Fprintf(&b, " (%s)", i.Alternative)
	}
	fmt.Fprintf(&b, " (%s; %s", arms, i.Method)
	for _, w := range i.Warnings {
		fmt.Fprintf(&b, "; %s", w)
	}
	b.WriteByte(')')
	return b.String()
}

// formatP prints p, through its logarithm where it underflowed.
func (i Inference) formatP() string {
	if i.P > 1e-300 {
		return fmt.Sprintf("p = %.3g", i.P)
	}
	log10 := i.LogP / math.Ln10
	exponent := math.Floor(log10)
	return fmt.Sprintf("p = %.2fe%.0f", math.Pow(10, log10-exponent), exponent)
}
