package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment"
)

// traffic is one share, or a list of steps.
func traffic() kind[experiment.Traffic] {
	const want = "it is a share such as 5%, or a list of steps such as {from: 2026-01-05T08:00:00+01:00, share: 5%}"
	steady, steps := share(), list(trafficStepObject().kind())
	return kind[experiment.Traffic]{name: "share or steps", want: want, read: func(d *decoder, n *yaml.Node) experiment.Traffic {
		switch is := follow(n); {
		case is.Kind == yaml.MappingNode:
			d.fail(n, CodeWrongType, "a single step is a list too: put - before it", "%s is %s; %s", d.subject(), describe(is), want)
			return nil
		case is.Kind != yaml.SequenceNode:
			return experiment.Steady(steady.read(d, n))
		case len(is.Content) == 0 && d.untagged(n):
			d.fail(n, experiment.CodeMissing, "leave it out for 100%, or write 0% for nobody", "%s is an empty list", d.subject())
		}
		return steps.read(d, n)
	}}
}

// share is a percentage or a fraction.
func share() kind[assign.Share] {
	const want = "it is a share such as 5% or 1/20"
	return kind[assign.Share]{name: "share", want: want, read: func(d *decoder, n *yaml.Node) assign.Share {
		is, ok := d.scalar(n, want)
		if !ok {
			return assign.Share{}
		}
		value, err := assign.ParseShare(is.Value)
		var bad *assign.ShareError
		if errors.As(err, &bad) {
			d.fail(n, CodeBadFormat, bad.Want, "%s is %s, which %s", d.subject(), describe(is), bad.Problem)
			return assign.Share{}
		}
		return value
	}}
}

// date is a moment with its offset from UTC.
func date() kind[time.Time] {
	const want = "it is a moment such as 2026-01-05T08:00:00+01:00"
	return kind[time.Time]{name: "date", want: want, read: func(d *decoder, n *yaml.Node) time.Time {
		is, ok := d.scalar(n, want)
		if !ok {
			return time.Time{}
		}
		var value time.Time
		if err := value.UnmarshalText([]byte(is.Value)); err != nil {
			d.fail(n, CodeBadFormat, dateHint(is.Value), "%s is %s; %s", d.subject(), shorten(is.Value), want)
			return time.Time{}
		}
		return value
	}}
}

// dateHint says what is missing from what is nearly a moment.
func dateHint(text string) string {
	for _, near := range [...]struct{ layout, format, hint string }{
		{time.DateOnly, "2006-01-02T15:04:05", "add the time and the offset of your place: %s+01:00, or %[1]sZ for UTC"},
		{"2006-01-02T15:04:05", "2006-01-02T15:04:05", "add the offset of your place: %s+01:00, or %[1]sZ for UTC"},
		{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "write T between date and time and add the offset of your place: %s+01:00, or %[1]sZ for UTC"},
		{"2006-01-02T15:04", "2006-01-02T15:04:05", "add the seconds and the offset of your place: %s+01:00, or %[1]sZ for UTC"},
		{"2006-01-02 15:04", "2006-01-02T15:04:05", "write T between date and time, add the seconds and the offset of your place: %s+01:00, or %[1]sZ for UTC"},
		{"2006-01-02 15:04:05Z07:00", time.RFC3339, "write T between date and time: %s"},
		{"2006-01-02 15:04:05 Z07:00", time.RFC3339, "write T between date and time, and no space before the offset: %s"},
		{"2006-01-02T15:04Z07:00", time.RFC3339, "add the seconds: %s"},
	} {
		if t, err := time.Parse(near.layout, text); err == nil {
			return fmt.Sprintf(near.hint, t.Format(near.format))
		}
	}
	return ""
}

// duration is a number of weeks, days, hours, minutes and seconds.
func duration() kind[time.Duration] {
	const want = "it is a duration such as 14d, 36h or 1d12h"
	return kind[time.Duration]{name: "duration", want: want, read: func(d *decoder, n *yaml.Node) time.Duration {
		is, ok := d.scalar(n, want)
		if !ok {
			return 0
		}
		value, hint, ok := parseDuration(is.Value)
		if !ok {
			d.fail(n, CodeBadFormat, hint, "%s is %s; %s", d.subject(), describe(is), want)
			return 0
		}
		return value
	}}
}

// units of a duration, the largest first. A day is 24 hours.
func units() []struct {
	letter string
	length time.Duration
} {
	return []struct {
		letter string
		length time.Duration
	}{{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}}
}

const unitsHint = "the units are w, d, h, m and s, each after a whole number, the largest first"

// parseDuration reads whole numbers, each with its unit, each unit once, the
// largest first.
func parseDuration(text string) (total time.Duration, hint string, ok bool) {
	if isDigits(text) {
		return 0, fmt.Sprintf("add the unit: %ss, %[1]sm, %[1]sh, %[1]sd or %[1]sw", shorten(text)), false
	}
	rest := text
	for _, unit := range units() {
		end := 0
		for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
			end++
		}
		if end == 0 || !strings.HasPrefix(rest[end:], unit.letter) {
			continue
		}
		count, err := strconv.ParseInt(rest[:end], 10, 64)
		if err != nil || count > int64((math.MaxInt64-total)/unit.length) {
			return 0, "it is too long; the longest is 200 years", false
		}
		total += time.Duration(count) * unit.length
		rest = rest[end+len(unit.letter):]
	}
	if rest != "" || text == "" {
		return 0, unitsHint, false
	}
	return total, "", true
}
