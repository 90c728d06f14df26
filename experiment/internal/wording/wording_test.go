package wording

import (
	"math"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestNumbers(t *testing.T) {
	tests := []struct{ name, got, want, reason string }{
		{"small count", Count(999), "999", "no comma below a thousand"},
		{"count", Count(1234567), "1,234,567", "a comma each three digits"},
		{"negative count", Count(-1234), "-1,234", "the sign is no digit"},
		{"zero", Number(0), "0", "zero has no significant digit"},
		{"three digits", Number(0.0123456), "0.0123", "rounded to three digits"},
		{"trailing zero", Number(0.5), "0.500", "three digits are three digits"},
		{"rounds up a digit", Number(9.999), "10.0", "the rounded number decides on the decimals"},
		{"thousands", Number(12345.6), "12,300", "three digits of a large number"},
		{"whole", Number(12345), "12,345", "whole numbers are exact"},
		{"tiny", Number(1.2345e-7), "1.23e-07", "an exponent where zeros would hide it"},
		{"huge", Number(-1.2345e12), "-1.23e+12", "an exponent where zeros would hide it"},
		{"not a number", Number(math.NaN()), "undefined", "never the text NaN"},
		{"infinity", Number(math.Inf(-1)), "-inf", "an open end"},
		{"signed", Signed(0.25), "+0.250", "differences carry a sign"},
		{"signed negative", Signed(-0.25), "-0.250", "one sign only"},
		{"signed zero", Signed(0), "0", "no sign without a direction"},
		{"total", Total(30311.69), "30,311.69", "money keeps its cents"},
		{"whole total", Total(3894), "3,894", "no decimals where there are none"},
		{"negative total", Total(-0.5), "-0.50", "refunds"},
		{"expected units", Tenths(5003.46), "5,003.5", "a part of a unit tells it from a count"},
		{"whole expected units", Tenths(5000), "5,000.0", "the decimals stand below each other"},
		{"no expected units", Tenths(math.NaN()), "undefined", "never the text NaN"},
		{"percent", Percent(0.0525), "5.25 %", "a proportion"},
		{"whole percent", Percent(0.13), "13.0 %", "a rate has three digits although it looks whole"},
		{"no percent", Percent(0), "0 %", "zero has no digits to round"},
		{"all percent", Percent(1), "100 %", "three digits are all there is"},
		{"interval end", Hundredths(0.5), "+50.0", "the unit stands once, behind the interval"},
		{"lift", Lift(0.0525), "+5.25 %", "a lift has a sign"},
		{"points", Points(-0.0525), "-5.25 points", "a difference of proportions is no per cent"},
		{"undefined lift", Lift(math.NaN()), "undefined", "no unit without a number"},
		{"p", P(0.0123456, math.Log(0.0123456)), "0.0123", "three digits"},
		{"p of one", P(1, 0), "1", "no difference at all"},
		{"underflown p", P(0, -1000*math.Ln10), "1.00e-1000", "never p = 0"},
		{"list", List([]string{"a", "b", "c"}, "or"), "a, b or c", "a sentence"},
		{"list of one", List([]string{"a"}, "or"), "a", "no conjunction"},
		{"days", Duration(14 * 24 * time.Hour), "14 days", "the longest unit that is exact"},
		{"one day", Duration(24 * time.Hour), "1 day", "singular"},
		{"hours", Duration(36 * time.Hour), "36 hours", "a day and a half is no number of days"},
		{"fraction", Duration(1500 * time.Millisecond), "1.5s", "shorter than a second"},
		{"confidence", Confidence(0.05), "95 %", "no digits that are not there"},
		{"high confidence", Confidence(0.0001), "99.99 %", "never rounded to certainty"},
		{"odd confidence", Confidence(0.07), "93 %", "0.07 is no binary fraction"},
		{"highest confidence", Confidence(1e-9), "99.9999999 %", "never rounded to certainty"},
		{"plain name", Name("naïve 変種"), "naïve 変種", "every script is fine"},
		{"terminal escape", Name("a\x1b[31m\nb"), `a\x1b[31m\x0ab`, "data must not drive the terminal"},
		{"direction override", Name("a\u202eb"), `a\u202eb`, "data must not reorder the line"},
		{"invisible tag", Name("a\U000e0041"), `a\U000e0041`, "data must not hide in the line"},
		{"broken UTF-8", Name("a\xffb"), `a\xffb`, "the byte is shown"},
		{"moment", Moment(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)), "2026-01-02 03:04:05 UTC", "to the second"},
		{"microseconds", Moment(time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)), "2026-01-02 03:04:05.000006 UTC", "exact where it matters"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, tt.got, tt.reason) })
	}
}

// Whatever the name, what is printed is one line of visible UTF-8.
func FuzzName(f *testing.F) {
	for _, seed := range []string{"", "control", "a\x1b[31m", "\u202e", "\xff\ufffd", "変種\u2028"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		safe := Name(name)
		assert.True(t, utf8.ValidString(safe))
		for _, r := range safe {
			assert.True(t, unicode.IsGraphic(r) && r != '\u2028' && r != '\u2029', "%q is in %q", r, safe)
		}
		assert.Equal(t, safe, Name(safe), "what is safe stays as it is")
	})
}
