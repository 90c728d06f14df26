package sqlstore

import (
	"fmt"
	"math"
	"time"
)

// moments are the query's AsOf in microseconds. An event is numbered by the
// first moment that sees it.
type moments []int64

func newMoments(asOf []time.Time) moments {
	m := make(moments, len(asOf))
	for i, t := range asOf {
		m[i] = t.UnixMicro()
	}
	return m
}

func (m moments) last() int64 { return m[len(m)-1] }

// seeing returns the number of the first moment after the time us, which sees
// what happened then.
func (m moments) seeing(b *builder, us string) string { return m.step(b, us, 0) }

// reaching returns the number of the first moment at or after the time us.
func (m moments) reaching(b *builder, us string) string { return m.step(b, us, 1) }

func (m moments) step(b *builder, us string, shift int64) string {
	bounds, values := []int64{math.MinInt64}, []int64{0}
	for i, moment := range m {
		bounds = append(bounds, moment+shift)
		values = append(values, int64(i+1))
	}
	return b.step(us, bounds, values)
}

// Days are counted from a day before the year 1, so that none is negative.
const (
	microsecondsPerDay = 24 * 60 * 60 * 1_000_000
	daysBefore1970     = 719162 + 2
)

// day returns the number of the calendar day of the time us in a time zone,
// whose offsets between the two bounds stand in the expression.
func (b *builder) day(us string, zone *time.Location, earliest, latest int64) string {
	var bounds, shifts []int64
	for t := time.UnixMicro(earliest).In(zone); ; {
		_, seconds := t.Zone()
		bounds = append(bounds, t.UnixMicro())
		shifts = append(shifts, int64(seconds)*1_000_000+daysBefore1970*microsecondsPerDay)
		_, end := t.ZoneBounds()
		if end.IsZero() || end.UnixMicro() > latest {
			break
		}
		if !end.After(t) { // on the last day of a leap year, where a rule continues the zone's table
			end = t.Add(time.Hour)
		}
		t = end
	}
	shifted := fmt.Sprintf("(%s + (%s))", us, b.step(us, bounds, shifts))
	return b.Quotient(shifted, b.arg(int64(microsecondsPerDay)))
}

// dayText writes the day of that number as 2026-01-31.
func dayText(number int64) string {
	return time.Unix(0, 0).UTC().AddDate(0, 0, int(number-daysBefore1970)).Format(time.DateOnly)
}
