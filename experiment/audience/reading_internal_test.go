package audience

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is read as a date is what the standard library reads, and the same point in
// time. The standard library also takes a comma, one digit of an hour and fractions
// of any length, so the other direction is a list.
func TestParseInstantAgainstStandardLibrary(t *testing.T) {
	const seed = 20260105
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	letters := "0123456789-:TZ+. "
	accepted := 0
	for range 50000 {
		text := time.Unix(random.Int64N(300e9)-60e9, random.Int64N(1e9)).UTC().Format(time.RFC3339Nano)
		if random.IntN(2) == 0 {
			text = strings.TrimSuffix(text, "Z") + fmt.Sprintf("%+03d:%02d", random.IntN(50)-25, random.IntN(65))
		}
		if random.IntN(3) == 0 {
			text = text[:min(len(text), 10)]
		}
		for range random.IntN(3) {
			at := random.IntN(len(text))
			text = text[:at] + string(letters[random.IntN(len(letters))]) + text[at+1:]
		}
		got, ok := parseInstant(text)
		if !ok {
			continue
		}
		accepted++
		want, err := time.Parse(time.RFC3339Nano, text)
		if len(text) == len(time.DateOnly) {
			want, err = time.Parse(time.DateOnly, text)
		}
		require.NoError(t, err, text)
		require.Equal(t, want.Unix(), got.seconds, text)
		require.EqualValues(t, want.Nanosecond(), got.nanos, text)
	}
	assert.Greater(t, accepted, 20000)
}

func TestParseInstant(t *testing.T) {
	for _, row := range []struct {
		text, reason string
		ok           bool
	}{
		{"2026-01-05", "a day", true},
		{"2024-02-29", "a leap day", true},
		{"2000-02-29", "divisible by 400", true},
		{"1900-02-29", "divisible by 100", false},
		{"2026-02-29", "no leap year", false},
		{"2026-04-31", "30 days", false},
		{"2026-12-31", "31 days", true},
		{"2026-13-01", "no such month", false},
		{"2026-00-01", "no such month", false},
		{"2026-01-00", "no such day", false},
		{"0000-01-01", "the first year", true},
		{"2026-1-5", "two digits", false},
		{"20260105", "no hyphens", false},
		{"+026-01-05", "digits only", false},
		{"2026-01-05T08:00:00Z", "UTC", true},
		{"2026-01-05T08:00:00z", "capitals", false},
		{"2026-01-05t08:00:00Z", "capitals", false},
		{"2026-01-05 08:00:00Z", "a T between", false},
		{"2026-01-05T08:00Z", "seconds too", false},
		{"2026-01-05T08:00:00", "no zone", false},
		{"2026-01-05T24:00:00Z", "hours to 23", false},
		{"2026-01-05T23:60:00Z", "minutes to 59", false},
		{"2026-01-05T23:59:60Z", "no leap seconds", false},
		{"2026-01-05T08:00:00.5Z", "a fraction", true},
		{"2026-01-05T08:00:00.123456789Z", "nanoseconds", true},
		{"2026-01-05T08:00:00.1234567890Z", "less than nanoseconds", false},
		{"2026-01-05T08:00:00.Z", "a fraction has digits", false},
		{"2026-01-05T08:00:00,5Z", "a point, no comma", false},
		{"2026-01-05T08:00:00+23:59", "the widest zone", true},
		{"2026-01-05T08:00:00-01:00", "west", true},
		{"2026-01-05T08:00:00+24:00", "no such zone", false},
		{"2026-01-05T08:00:00+01:60", "no such zone", false},
		{"2026-01-05T08:00:00+0100", "a colon", false},
		{"2026-01-05T08:00:00*01:00", "a sign", false},
		{"2026-01-05T08:00:00+a1:00", "digits", false},
		{"", "nothing", false},
	} {
		_, ok := parseInstant(row.text)
		assert.Equal(t, row.ok, ok, "%s: %s", row.text, row.reason)
	}
}

// The order that item 11 of Semantic Versioning 2.0.0 gives as its examples, and more.
func TestVersionOrder(t *testing.T) {
	order := []string{
		"0.0.0-0", "0.0.0", "0.0.1", "0.1.0", "1.0.0--", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
		"1.0.0-rc.1", "1.0.0", "1.9.0", "1.10.0", "1.11.0", "2.0.0", "2.1.0", "2.1.1", "10.0.0", "99999999999999999999999.0.0",
	}
	for i, a := range order {
		for j, b := range order {
			left, okA := parseVersion(a)
			right, okB := parseVersion(b + "+build.01.-")
			require.True(t, okA && okB, "%s %s", a, b)
			assert.Equal(t, i < j, left.compare(right) < 0, "%s < %s", a, b)
			assert.Equal(t, i == j, left.compare(right) == 0, "%s = %s", a, b)
		}
	}
	for text, reason := range map[string]string{
		"": "nothing", "1": "three numbers", "1.2": "three numbers", "1.2.3.4": "three numbers", "v1.2.3": "no v", "01.2.3": "a leading zero",
		"1.2.3-": "an empty pre-release", "1.2.3-a..b": "an empty identifier", "1.2.3-01": "a leading zero", "1.2.3+": "an empty build",
		"1.2.3+a+b": "one build", "1.2.3-a_b": "no such letter", "1.2.3-é": "ASCII", " 1.2.3": "a space", "-1.2.3": "a sign", "1.2.x": "digits",
	} {
		_, ok := parseVersion(text)
		assert.False(t, ok, "%q: %s", text, reason)
	}
	_, ok := parseVersion("1.2.3-0a.a-b.0+001")
	assert.True(t, ok)
}
