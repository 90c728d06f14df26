package sqlstore

import (
	"fmt"
	"math"
	"strings"

	"github.com/touchlift/touchlift/experiment"
)

// totals are the common table expressions that end in total: for each unit with
// conversions, and each moment at which one of its totals changes, a row with
// the total of every value from there on.
func (s *summary) totals() []string {
	return []string{s.stepped(), s.running(), s.total()}
}

// stepped has, for each unit and moment, what the conversions add that this
// moment is the first to see.
func (s *summary) stepped() string {
	columns := []string{"u.unit_id", s.moments.seeing(s.builder, "c.time_us") + " AS moment_no",
		"min(u.cell_no) AS cell_no", "min(u.entry_no) AS entry_no", "min(u.leave_no) AS leave_no", "min(u.start_us) AS start_us"}
	for i := range s.query.By {
		columns = append(columns, fmt.Sprintf("min(u.level_%d) AS level_%d", i, i))
	}
	if s.query.Cluster != "" {
		columns = append(columns, "min(u.cluster_id) AS cluster_id")
	}
	for i := range s.query.Values {
		columns = append(columns, fmt.Sprintf("%s AS part_%d", s.aggregate(i), i))
	}
	from, to := s.reach()
	return fmt.Sprintf(`stepped AS (
	SELECT %s
	FROM unit u
	%s conversion_ids c ON c.kind = %s AND c.id = u.unit_id%s
	WHERE u.entry_no < u.leave_no AND c.event IN (%s) AND c.time_us < %s%s%s
	GROUP BY u.unit_id, moment_no)`,
		strings.Join(columns, ",\n\t\t"), s.Join, s.arg(s.frame.Kind), s.conversionJoins(),
		s.events(), s.arg(s.moments.last()), from, to)
}

// conversionJoins joins what stands in the conversion itself, where a value
// looks at it.
func (s *summary) conversionJoins() string {
	var row, touchpoint bool
	for _, v := range s.query.Values {
		row = row || v.Aggregation == experiment.AggregateLast
		for _, c := range v.Filter {
			row = row || c.Field != experiment.FieldValue
			touchpoint = touchpoint || c.Field == experiment.FieldTouchpoint
		}
	}
	text := ""
	if row {
		text += fmt.Sprintf("\n\t%s conversions v ON v.seq = c.seq", s.Join)
	}
	if touchpoint {
		text += fmt.Sprintf("\n\t%s names n ON n.no = v.touchpoint", s.Join)
	}
	return text
}

// events lists the numbers of the events of the values.
func (s *summary) events() string {
	var placeholders []string
	for i, v := range s.query.Values {
		if v.Aggregation != experiment.AggregateUnit {
			number(&placeholders, s.arg(s.frame.Events[i]))
		}
	}
	if len(placeholders) == 0 {
		return "NULL"
	}
	return strings.Join(placeholders, ", ")
}

// window returns the offsets from the first exposure between which a value's
// events lie, and whether there is such a bound.
func window(v experiment.Value) (from, to int64, bounded [2]bool) {
	delay, length := v.Delay.Microseconds(), v.Window.Microseconds()
	if v.Side == experiment.Before {
		return -delay - length, -delay, [2]bool{length > 0, true}
	}
	return delay, delay + length, [2]bool{true, length > 0}
}

// reach returns conditions that hold for every conversion which any value
// counts, so that an index can skip the others.
func (s *summary) reach() (from, to string) {
	lowest, highest := int64(math.MaxInt64), int64(math.MinInt64)
	bounded := [2]bool{true, true}
	for _, v := range s.query.Values {
		if v.Aggregation == experiment.AggregateUnit {
			continue
		}
		low, high, has := window(v)
		lowest, highest = min(lowest, low), max(highest, high)
		bounded[0], bounded[1] = bounded[0] && has[0], bounded[1] && has[1]
	}
	if lowest > highest { // no value has events
		return "", ""
	}
	if bounded[0] {
		from = fmt.Sprintf(" AND c.time_us >= u.start_us + %s", s.arg(lowest))
	}
	if bounded[1] {
		to = fmt.Sprintf(" AND c.time_us < u.start_us + %s", s.arg(highest))
	}
	return from, to
}

// matches returns the condition under which a value counts a conversion.
func (s *summary) matches(i int) string {
	v := s.query.Values[i]
	conditions := []string{"c.event = " + s.arg(s.frame.Events[i])}
	from, to, bounded := window(v)
	if bounded[0] {
		conditions = append(conditions, "c.time_us >= u.start_us + "+s.arg(from))
	}
	if bounded[1] {
		conditions = append(conditions, "c.time_us < u.start_us + "+s.arg(to))
	}
	for _, c := range v.Filter {
		conditions = append(conditions, s.comparison(c))
	}
	return strings.Join(conditions, " AND ")
}

// aggregate returns the aggregate of the conversions that a value counts, NULL
// where there is none.
func (s *summary) aggregate(i int) string {
	of := func(function, what string) string {
		return fmt.Sprintf("%s(CASE WHEN %s THEN %s END)", function, s.matches(i), what)
	}
	switch s.query.Values[i].Aggregation {
	case experiment.AggregateAny, experiment.AggregateCount:
		return of("sum", "1")
	case experiment.AggregateMin:
		return of("min", "c.value")
	case experiment.AggregateMax:
		return of("max", "c.value")
	case experiment.AggregateLast:
		return of("max", s.latestKey())
	case experiment.AggregateUnit:
		return "min(0)"
	}
	return of("sum", "c.value")
}

// latestDigits is the width of time and id before the number of a conversion
// in its key.
const latestDigits = timeDigits + 32

// latestKey is greatest for the latest conversion, of several at one time for
// the one with the greatest id, and ends in the conversion's number.
func (s *summary) latestKey() string {
	sinceYear0 := fmt.Sprintf("(c.time_us + %s)", s.arg(int64(daysBefore1970*microsecondsPerDay)))
	return fmt.Sprintf("%s || %s || %s", s.Pad(sinceYear0, timeDigits), s.Hex("v.id"), s.Pad("c.seq", timeDigits))
}

// running adds up what the moments add.
func (s *summary) running() string {
	columns := []string{"unit_id", "cell_no", "entry_no", "leave_no", "start_us", "moment_no"}
	columns = append(columns, s.shape.levels("")...)
	if s.query.Cluster != "" {
		columns = append(columns, "cluster_id")
	}
	if len(s.moments) == 1 { // each unit has one row
		columns = append(columns, s.arg(int64(1))+" AS next_no")
	} else {
		columns = append(columns, fmt.Sprintf("lead(moment_no, 1, %s) OVER so_far AS next_no", s.arg(int64(len(s.moments)))))
	}
	for i, v := range s.query.Values {
		columns = append(columns, fmt.Sprintf("%s AS sum_%d", s.soFar(v, fmt.Sprintf("part_%d", i)), i))
	}
	text := "running AS (\n\tSELECT " + strings.Join(columns, ",\n\t\t") + "\n\tFROM stepped"
	if len(s.moments) > 1 {
		text += "\n\tWINDOW so_far AS (PARTITION BY unit_id ORDER BY moment_no)"
	}
	return text + ")"
}

func (s *summary) soFar(v experiment.Value, column string) string {
	if len(s.moments) == 1 {
		return column
	}
	function := "sum"
	switch v.Aggregation {
	case experiment.AggregateMin:
		function = "min"
	case experiment.AggregateMax, experiment.AggregateLast:
		function = "max"
	}
	return fmt.Sprintf("%s(%s) OVER so_far", function, column)
}

// total has the capped totals, and the moments between which they hold and the
// unit is in its cell.
func (s *summary) total() string {
	columns := []string{"cell_no",
		greatest("moment_no", "entry_no") + " AS from_no", least("next_no", "leave_no") + " AS until_no"}
	columns = append(columns, s.shape.levels("")...)
	columns = append(columns, s.dueColumns("start_us")...)
	if s.query.Cluster != "" {
		columns = append(columns, "cluster_id")
	}
	for i, v := range s.query.Values {
		columns = append(columns, fmt.Sprintf("%s AS y_%d", s.capped(v, s.complete(v, fmt.Sprintf("sum_%d", i))), i))
	}
	return "total AS (\n\tSELECT " + strings.Join(columns, ",\n\t\t") + "\n\tFROM running)"
}

// complete turns an aggregate into the value's total.
func (s *summary) complete(v experiment.Value, sum string) string {
	switch v.Aggregation {
	case experiment.AggregateAny:
		return fmt.Sprintf("CASE WHEN %s > 0 THEN 1.0 ELSE 0.0 END", sum)
	case experiment.AggregateCount, experiment.AggregateSum:
		return fmt.Sprintf("coalesce(%s, 0.0)", sum)
	case experiment.AggregateLast:
		return fmt.Sprintf("(SELECT l.value FROM conversions l WHERE l.seq = %s)", s.Integer(sum, latestDigits))
	case experiment.AggregateUnit:
		return "1.0"
	}
	return sum
}

func (s *summary) capped(v experiment.Value, y string) string {
	if v.Cap == 0 {
		return y
	}
	limit := s.arg(v.Cap)
	return fmt.Sprintf("CASE WHEN %s > %s THEN %s ELSE %s END", y, limit, limit, y)
}

// totalPart sums up the totals of units with conversions.
func (s *summary) totalPart() string {
	key := "cell_no" + list(s.shape.levels("")) + ", from_no, until_no" + list(s.shape.due(""))
	return fmt.Sprintf(`SELECT %d, %s, 0, 0, 0%s
FROM total
WHERE from_no < until_no
GROUP BY %s`, partTotals, key, list(s.sums()), key)
}

// sums returns the sums over y_0, y_1 and so on: three a value, six a pair.
func (s *summary) sums() []string {
	var columns []string
	less := func(i int) string { return fmt.Sprintf("(y_%d - %s)", i, s.arg(s.query.Values[i].Pivot)) }
	for i := range s.query.Values {
		y := less(i)
		columns = append(columns, fmt.Sprintf("count(y_%d)", i), fmt.Sprintf("sum(%s)", y), fmt.Sprintf("sum(%s * %s)", y, y))
	}
	for _, pair := range s.query.Cross {
		x, y := less(pair[0]), less(pair[1])
		both := func(function, what string) string {
			return fmt.Sprintf("%s(CASE WHEN y_%d IS NOT NULL AND y_%d IS NOT NULL THEN %s END)", function, pair[0], pair[1], what)
		}
		columns = append(columns, both("count", "1"), both("sum", x), both("sum", y),
			both("sum", x+" * "+x), both("sum", y+" * "+y), both("sum", x+" * "+y))
	}
	return columns
}
