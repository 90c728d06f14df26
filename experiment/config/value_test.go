package config_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment/config"
)

// loadPayload reads one value of a payload.
func loadPayload(value string) (any, error) {
	catalog, err := config.Load(fstest.MapFS{
		"touchpoints.yaml": text(checkoutPage),
		"a.yaml": text(`experiment: a
touchpoints: [checkout-page]
unit: customer
salt: a
arms: [{variant: control, weight: 1, payload: {value: ` + value + `}}, {variant: b, weight: 1}]
`)})
	if err != nil {
		return nil, err
	}
	return catalog.Experiments[0].Arms[0].Payload["value"], nil
}

// What is read without quotes is what every reader of YAML reads.
func TestPayloadValues(t *testing.T) {
	for _, row := range []struct {
		written string
		want    any // nil if it is refused
		reason  string
	}{
		{`free_returns`, "free_returns", "a plain text"},
		{`"NO"`, "NO", "quotes make a text of anything"},
		{`'1.10'`, "1.10", "single quotes too"},
		{`NOR`, "NOR", "only whole words are traps"},
		{`Norway`, "Norway", "only whole words are traps"},
		{`true`, true, "the word of every YAML"},
		{`False`, false, "YAML 1.2 has this case too"},
		{`5`, 5.0, "a whole number"},
		{`-0.25`, -0.25, "a number as short as can be"},
		{`59.9`, 59.9, "a number as short as can be"},
		{`0`, 0.0, "zero"},
		{`9007199254740992`, 9007199254740992.0, "the last whole number that is exact"},
		{`1.2.3`, "1.2.3", "no YAML reads this as a number"},
		{`5%`, "5%", "no YAML reads this as a number"},
		{`""`, "", "an empty text that is written"},
		{`a:b`, "a:b", "a colon without a space"},
		{`12:99`, "12:99", "no minutes"},
		{`é`, "é", "letters of any language"},
		{`no`, nil, "false in YAML 1.1"},
		{`No`, nil, "false in YAML 1.1"},
		{`OFF`, nil, "false in YAML 1.1"},
		{`y`, nil, "true in YAML 1.1"},
		{`59.90`, nil, "a number loses the zero"},
		{`1.10`, nil, "a version loses the zero"},
		{`007`, nil, "a number loses the zeros"},
		{`089`, nil, "8 and 9 are no octal digits, so readers differ"},
		{`0123`, nil, "83 or 123"},
		{`0x1F`, nil, "31"},
		{`0o17`, nil, "15, or a text in YAML 1.1"},
		{`0b11`, nil, "3, or a text in YAML 1.2"},
		{`1_000`, nil, "1000, or a text in YAML 1.2"},
		{`1e3`, nil, "1000"},
		{`1e999`, nil, "no finite number"},
		{`+5`, nil, "5"},
		{`.5`, nil, "0.5"},
		{`5.`, nil, "5"},
		{`-0`, 0.0, "minus zero is zero"},
		{`9007199254740993`, nil, "no float64 has all the digits"},
		{`.inf`, nil, "not finite"},
		{`.NaN`, nil, "not a number"},
		{`2026-01-05`, nil, "a date"},
		{`22:30`, nil, "1350 in YAML 1.1"},
		{`~`, nil, "null"},
		{`null`, nil, "null"},
		{`!!str 5`, nil, "tags are refused"},
	} {
		t.Run(row.written, func(t *testing.T) {
			got, err := loadPayload(row.written)
			if row.want == nil {
				require.Error(t, err, row.reason)
				return
			}
			require.NoError(t, err, row.reason)
			if number, ok := row.want.(float64); ok {
				assert.InDelta(t, number, got, 0, row.reason)
				return
			}
			assert.Equal(t, row.want, got, row.reason)
		})
	}
}

func TestDurations(t *testing.T) {
	const day = 24 * time.Hour
	for _, row := range []struct {
		written string
		want    time.Duration // 0 if it is refused
		reason  string
	}{
		{"14d", 14 * day, "days"},
		{"36h", 36 * time.Hour, "hours"},
		{"30m", 30 * time.Minute, "minutes"},
		{"90s", 90 * time.Second, "seconds"},
		{"2w", 14 * day, "weeks"},
		{"1d12h", 36 * time.Hour, "two units"},
		{"1w1d1h1m1s", 8*day + time.Hour + time.Minute + time.Second, "all units"},
		{`"14d"`, 14 * day, "quotes do no harm"},
		{"007d", 7 * day, "the unit makes leading zeros harmless"},
		{"10400w", 10400 * 7 * day, "just below 200 years"},
		{"12h1d", 0, "the largest comes first"},
		{"1d1d", 0, "each unit once"},
		{"1.5d", 0, "whole numbers"},
		{"-1d", 0, "no negative durations"},
		{"1 d", 0, "no spaces"},
		{"d", 0, "a number is missing"},
		{"14", 0, "a unit is missing"},
		{"14D", 0, "units are small letters"},
		{"500ms", 0, "no unit below a second"},
		{"2 weeks", 0, "no words"},
		{"20000w", 0, "beyond what a duration holds"},
		{"15250w1d10h", 0, "beyond 200 years"},
		{"15250w300d", 0, "beyond what a duration holds only together"},
		{"9223372036854775808s", 0, "beyond an int64"},
		{"[1d]", 0, "no list"},
	} {
		t.Run(row.written, func(t *testing.T) {
			catalog, err := config.Load(fstest.MapFS{"metrics.yaml": text("m: {kind: mean, event: e, window: " + row.written + "}")})
			if row.want == 0 {
				require.Error(t, err, row.reason)
				return
			}
			require.NoError(t, err, row.reason)
			assert.Equal(t, row.want, catalog.Metrics[0].Window, row.reason)
		})
	}
}

// A mapping may use the names y and n, but not other words for true and false.
func TestNamesOfPayloads(t *testing.T) {
	for _, row := range []struct {
		written string
		ok      bool
	}{
		{"{x: 1, y: 2, n: 3, Y: 4}", true},
		{`{"NO": 1, "1": 2}`, true},
		{"{NO: 1}", false},
		{"{on: 1}", false},
		{"{1: 1}", false},
		{"{2026-01-05: 1}", false},
		{"{null: 1}", false},
		{"{[a]: 1}", false},
		{"{true: 1}", false},
	} {
		t.Run(row.written, func(t *testing.T) {
			_, err := loadPayload(row.written)
			assert.Equal(t, row.ok, err == nil, "%v", err)
		})
	}
}
