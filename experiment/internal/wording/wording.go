// Package wording writes numbers as people read them: three significant
// digits, thousands with commas, lifts in per cent, differences of proportions
// in points, p values that do not underflow.
package wording

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Count writes a whole number with commas: 12,345.
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Number writes three significant digits: 0.0123, 12.3, 1,230, 1.23e+09.
// Whole numbers below a million keep all their digits.
func Number(v float64) string {
	size := math.Abs(v)
	switch {
	case math.IsNaN(v):
		return "undefined"
	case math.IsInf(v, 0):
		return strings.ToLower(strconv.FormatFloat(v, 'g', -1, 64))
	case v == 0:
		return "0"
	case v == math.Trunc(v) && size < 1e6:
		return Count(int64(v))
	}
	return threeDigits(v)
}

// threeDigits writes three significant digits of a finite number that is not 0.
func threeDigits(v float64) string {
	size := math.Abs(v)
	switch {
	case size < 1e-4 || size >= 1e6:
		return strconv.FormatFloat(v, 'e', 2, 64)
	}
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	if math.Abs(rounded) >= 1000 {
		return Count(int64(rounded))
	}
	decimals := 2 - int(math.Floor(math.Log10(math.Abs(rounded))))
	return strconv.FormatFloat(v, 'f', max(decimals, 0), 64)
}

// Signed writes Number with a plus sign where it is positive.
func Signed(v float64) string {
	if v > 0 && !math.IsInf(v, 0) {
		return "+" + Number(v)
	}
	return Number(v)
}

// Total writes a total of values with at most two decimals: 30,311.69.
func Total(v float64) string {
	if math.Abs(v) >= 1e15 || (v != 0 && math.Abs(v) < 0.005) || v != v {
		return Number(v)
	}
	text := strconv.FormatFloat(math.Abs(v), 'f', 2, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	n, _ := strconv.ParseInt(whole, 10, 64)
	text = Count(n)
	if fraction != "00" {
		text += "." + fraction
	}
	if v < 0 {
		return "-" + text
	}
	return text
}

// Tenths writes an expected number of units with one decimal: 5,003.5.
func Tenths(v float64) string {
	if v != v || v < 0 || v >= 1e15 {
		return Number(v)
	}
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(v, 'f', 1, 64), ".")
	n, _ := strconv.ParseInt(whole, 10, 64)
	return Count(n) + "." + fraction
}

// Percent writes a fraction in per cent: 0.0525 is "5.25 %".
func Percent(v float64) string { return hundredths(v, "", " %") }

// Confidence writes 1 - alpha in per cent with all its digits: 0.0001 is
// "99.99 %".
func Confidence(alpha float64) string {
	return strconv.FormatFloat(100-100*alpha, 'g', 15, 64) + " %"
}

// Lift writes a fraction as a signed lift: 0.0525 is "+5.25 %".
func Lift(v float64) string { return hundredths(v, "+", " %") }

// Points writes a fraction as a difference in percentage points: 0.0525 is
// "+5.25 points".
func Points(v float64) string { return hundredths(v, "+", " points") }

// Hundredths writes a fraction in hundredths, signed and without a unit, for
// the ends of an interval: 0.0525 is "+5.25".
func Hundredths(v float64) string { return hundredths(v, "+", "") }

func hundredths(v float64, plus, unit string) string {
	switch {
	case math.IsNaN(v):
		return Number(v)
	case v == 0 || math.IsInf(v, 0):
		return Number(v) + unit
	case v < 0:
		plus = ""
	}
	return plus + threeDigits(100*v) + unit
}

// P writes a p value with three significant digits, through its natural
// logarithm where it underflows.
func P(p, logP float64) string {
	if p >= 1e-300 || math.IsNaN(p) || math.IsInf(logP, 0) || logP == 0 {
		return Number(p)
	}
	tens := logP / math.Ln10
	exponent := math.Floor(tens)
	return strconv.FormatFloat(math.Pow(10, tens-exponent), 'f', 2, 64) + "e" + strconv.FormatFloat(exponent, 'f', 0, 64)
}

// Moment writes a time to the second, with its microseconds where it has any.
func Moment(t time.Time) string {
	if t.Nanosecond() == 0 {
		return t.Format("2006-01-02 15:04:05 MST")
	}
	return t.Format("2006-01-02 15:04:05.000000 MST")
}

// Duration writes a time span in whole days, hours, minutes or seconds, the
// longest that is exact: "7 days", "36 hours".
func Duration(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		switch n := d / u.unit; {
		case d%u.unit != 0:
		case n == 1:
			return "1 " + u.name
		default:
			return Count(int64(n)) + " " + u.name + "s"
		}
	}
	return d.String()
}

// List joins words by commas, the last by the conjunction: "a, b or c".
func List(words []string, conjunction string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " " + conjunction + " " + words[last]
}

// Name makes a name from data safe to print in one line: control characters,
// formatting characters such as those that turn the direction of text, and
// bytes that are no UTF-8 appear as \x1b or \u202e.
func Name(name string) string {
	if !strings.ContainsFunc(name, unprintable) && utf8.ValidString(name) {
		return name
	}
	var b strings.Builder
	for i, r := range name {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(name[i:], "\ufffd"):
			fmt.Fprintf(&b, `\x%02x`, name[i])
		case !unprintable(r):
			b.WriteRune(r)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

func unprintable(r rune) bool { return !unicode.IsGraphic(r) || unicode.In(r, unicode.Zl, unicode.Zp) }
