package sqlstore

import (
	"fmt"
	"math"
	"strings"

	"github.com/touchlift/touchlift/experiment"
)

// clusters adds up, for each moment, what the units of a cluster contribute:
// each unit what it has without conversions, and each unit with conversions
// the difference. A unit that does not count contributes NULL.
func (s *summary) clusters() string {
	levels := list(s.shape.levels(""))
	return fmt.Sprintf(`moment AS (
	SELECT * FROM (%s) numbered),
contribution AS (
	SELECT cell_no%s, moment_no, cluster_id, 1 AS unit_count%s
	FROM (SELECT unit.*%s FROM unit) entered
	%s moment ON moment_no >= entry_no AND moment_no < leave_no
	UNION ALL
	SELECT cell_no%s, moment_no, cluster_id, 0%s
	FROM total
	%s moment ON moment_no >= from_no AND moment_no < until_no),
cluster AS (
	SELECT cell_no%s, moment_no, cluster_id, sum(unit_count) AS units%s
	FROM contribution
	GROUP BY cell_no%s, moment_no, cluster_id)`,
		s.momentRows(), levels, list(s.contributions(s.baseline)), list(s.dueColumns("start_us")), s.Join,
		levels, list(s.contributions(s.excess)), s.Join,
		levels, list(s.clusterSums()), levels)
}

// momentRows lists the numbers of the moments.
func (s *summary) momentRows() string {
	rows := make([]string, len(s.moments))
	for i := range rows {
		rows[i] = fmt.Sprintf("SELECT %s AS moment_no", s.arg(int64(i)))
	}
	return strings.Join(rows, " UNION ALL ")
}

// contributions returns one column for each value, NULL while a unit is not
// mature.
func (s *summary) contributions(of func(i int) string) []string {
	var columns []string
	for i := range s.query.Values {
		y := of(i)
		if due := s.shape.dueOf[i]; due >= 0 {
			y = fmt.Sprintf("CASE WHEN due_%d <= moment_no THEN %s END", due, y)
		}
		columns = append(columns, fmt.Sprintf("%s AS part_%d", y, i))
	}
	return columns
}

// baseline is what a unit has without conversions.
func (s *summary) baseline(i int) string {
	if !s.shape.always[i] {
		return "NULL"
	}
	return s.arg(withoutEvents(s.query.Values[i]))
}

// excess is what its conversions add to it.
func (s *summary) excess(i int) string {
	if !s.shape.always[i] {
		return fmt.Sprintf("y_%d", i)
	}
	return fmt.Sprintf("y_%d - %s", i, s.arg(withoutEvents(s.query.Values[i])))
}

// withoutEvents is the total of a unit without an event, for a value that
// counts such units.
func withoutEvents(v experiment.Value) float64 {
	if v.Aggregation != experiment.AggregateUnit {
		return 0
	}
	if v.Cap > 0 {
		return math.Min(v.Cap, 1)
	}
	return 1
}

func (s *summary) clusterSums() []string {
	var columns []string
	for i := range s.query.Values {
		columns = append(columns, fmt.Sprintf("sum(part_%d) AS y_%d", i, i))
	}
	return columns
}

// clusterPart sums up the clusters, and counts the units that are in none.
func (s *summary) clusterPart() string {
	levels := list(s.shape.levels(""))
	clustered := make([]string, len(s.query.Values))
	for i := range clustered {
		clustered[i] = fmt.Sprintf("CASE WHEN cluster_id IS NOT NULL THEN y_%d END AS y_%d", i, i)
	}
	return fmt.Sprintf(`SELECT %d AS part, cell_no%s, moment_no, moment_no + 1%s,
	sum(CASE WHEN cluster_id IS NULL THEN 0 ELSE units END), sum(CASE WHEN cluster_id IS NULL THEN units ELSE 0 END), count(cluster_id)%s
FROM (SELECT cell_no%s, moment_no, cluster_id, units%s FROM cluster) clustered
GROUP BY cell_no%s, moment_no`,
		partClusters, levels, list(zeros(len(s.shape.dues))), list(s.sums()), levels, list(clustered), levels)
}
