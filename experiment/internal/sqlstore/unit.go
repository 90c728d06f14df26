package sqlstore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/touchlift/touchlift/experiment"
)

// byPlacement returns an expression that maps the number of a placement to
// values that are given by rank, NULL for an override.
func (s *summary) byPlacement(placement string, byRank func(rank int) int64) string {
	all := slices.Clone(s.frame.Placements)
	slices.SortFunc(all, func(a, b Placement) int { return int(a.No - b.No) })
	bounds, values := make([]int64, len(all)), make([]int64, len(all))
	for i, p := range all {
		bounds[i], values[i] = p.No, null
		if rank := slices.Index(s.plan.ranked, p); rank >= 0 {
			values[i] = byRank(rank)
		}
	}
	return s.step(placement, bounds, values)
}

func (s *summary) rankOf(placement string) string {
	return s.byPlacement(placement, func(rank int) int64 { return int64(rank) })
}

func (s *summary) groupOf(placement string) string {
	return s.byPlacement(placement, func(rank int) int64 { return s.plan.groupOf[rank] })
}

func (s *summary) phaseOf(placement string) string {
	return s.byPlacement(placement, func(rank int) int64 { return int64(s.plan.ranked[rank].Phase) })
}

// exposures returns the condition for exposures e of the run that count.
func (s *summary) exposures() string {
	text := fmt.Sprintf("e.run = %s AND e.first_us < %s", s.arg(s.frame.Run), s.arg(s.moments.last()))
	if len(s.plan.ranked) < len(s.frame.Placements) {
		text += fmt.Sprintf(" AND (%s) IS NOT NULL", s.byPlacement("e.placement", func(int) int64 { return 1 }))
	}
	return text
}

// grouped has one row for each unit. A primary key that starts with run and
// unit makes this one pass without a sort.
func (s *summary) grouped() string {
	group := s.groupOf("e.placement")
	return fmt.Sprintf(`grouped AS%s (
	SELECT e.unit AS unit_id, min(%s) AS first_key, min(%s) AS lowest, max(%s) AS highest
	FROM exposures e
	WHERE %s
	GROUP BY e.unit)`,
		s.Materialized, s.packing.pack("e.first_us", s.rankOf("e.placement")), group, group, s.exposures())
}

// mixed looks at the units with several groups. A unit is contaminated by its
// first exposure whose group is not the first group of its phase, and has moved
// by its first exposure whose group is not the unit's first group.
func (s *summary) mixed() string {
	key := s.packing.pack("e.first_us", s.rankOf("e.placement"))
	return fmt.Sprintf(`met AS (
	SELECT g.unit_id, g.first_key, %s AS met_key, %s AS met_group, %s AS met_phase
	FROM grouped g %s exposures e ON e.unit = g.unit_id
	WHERE g.lowest < g.highest AND %s),
compared AS (
	SELECT unit_id, first_key, met_key, met_group,
		first_value(met_group) OVER (PARTITION BY unit_id, met_phase ORDER BY met_key) AS phase_group,
		first_value(met_group) OVER (PARTITION BY unit_id ORDER BY met_key) AS unit_group
	FROM met),
turned AS (
	SELECT unit_id, first_key, met_key, CASE WHEN phase_group <> unit_group THEN phase_group ELSE met_group END AS other_group,
		min(CASE WHEN met_group <> phase_group THEN met_key END) OVER (PARTITION BY unit_id) AS bad_key,
		min(CASE WHEN met_group <> unit_group THEN met_key END) OVER (PARTITION BY unit_id) AS moved_key
	FROM compared),
mixed AS%s (
	SELECT unit_id, min(first_key) AS start_key, min(bad_key) AS fault_key, min(moved_key) AS move_key,
		min(CASE WHEN met_key = bad_key THEN other_group END) AS fault_group
	FROM turned
	GROUP BY unit_id)`,
		key, s.groupOf("e.placement"), s.phaseOf("e.placement"), s.Join, s.exposures(), s.Materialized)
}

// whole has every unit, with the key of the exposure that contaminated it.
func (s *summary) whole() string {
	return `whole AS (
	SELECT unit_id, first_key AS start_key, NULL AS fault_key FROM grouped WHERE lowest = highest
	UNION ALL
	SELECT unit_id, start_key, fault_key FROM mixed)`
}

// unit has what is needed of every unit that is in a cell at some moment:
// its cell, and the moments at which it enters and leaves.
func (s *summary) unit() string {
	leave := s.arg(int64(len(s.moments)))
	if s.query.Contaminated == experiment.ExcludeContaminated {
		leave = fmt.Sprintf("CASE WHEN fault_key IS NULL THEN %s ELSE %s END", leave, s.moments.seeing(s.builder, s.packing.time("fault_key")))
	}
	keyed := fmt.Sprintf(`keyed AS (
	SELECT unit_id, %s AS start_us, %s AS start_rank, %s AS leave_no FROM whole)`,
		s.packing.time("start_key"), s.packing.rank("start_key"), leave)
	columns := []string{"k.unit_id", "k.start_us", "k.leave_no",
		s.byIndex("k.start_rank", s.plan.cellOf) + " AS cell_no",
		s.moments.seeing(s.builder, "k.start_us") + " AS entry_no"}
	columns = append(columns, s.levelColumns()...)
	if s.query.Cluster != "" {
		columns = append(columns, s.Text("d.ids", s.arg(s.Path(string(s.query.Cluster))))+" AS cluster_id")
	}
	if !s.needsDetails() {
		return keyed + ",\n" + "unit AS (\n\tSELECT " + strings.Join(columns, ",\n\t\t") + "\n\tFROM keyed k)"
	}
	return keyed + ",\n" + fmt.Sprintf(`unit AS%s (
	SELECT %s
	FROM keyed k
	%s exposures f ON f.run = %s AND f.unit = k.unit_id AND f.placement = %s
	%s exposure_details d ON d.seq = f.seq)`,
		s.Materialized, strings.Join(columns, ",\n\t\t"), s.Join, s.arg(s.frame.Run), s.placementOf("k.start_rank"), s.Join)
}

// placementOf maps a rank to the number of its placement.
func (s *summary) placementOf(rank string) string {
	numbers := make([]int64, len(s.plan.ranked))
	for i, p := range s.plan.ranked {
		numbers[i] = p.No
	}
	return s.byIndex(rank, numbers)
}

func (s *summary) levelColumns() []string {
	var columns []string
	for i, d := range s.query.By {
		var level string
		if name, ok := d.Attribute(); ok {
			level = s.Member("d.attributes", s.arg(s.Path(name)))
		} else if zone, ok := d.Day(); ok {
			level = s.day("k.start_us", zone, s.frame.Earliest, s.frame.Latest)
		} else {
			level = s.byIndex("k.start_rank", s.plan.touchOf)
		}
		columns = append(columns, fmt.Sprintf("%s AS level_%d", level, i))
	}
	return columns
}

// needsDetails reports whether the query looks at ids or attributes.
func (s *summary) needsDetails() bool {
	isAttribute := func(d experiment.Dimension) bool { _, ok := d.Attribute(); return ok }
	return s.query.Cluster != "" || slices.ContainsFunc(s.query.By, isAttribute)
}

// dueColumns has the moment from which a unit is mature, for each of the
// shape's dues.
func (s *summary) dueColumns(start string) []string {
	var columns []string
	for i, due := range s.shape.dues {
		reached := s.moments.reaching(s.builder, fmt.Sprintf("(%s + %s)", start, s.arg(due)))
		columns = append(columns, fmt.Sprintf("%s AS due_%d", reached, i))
	}
	return columns
}

// unitPart counts the units of the cells.
func (s *summary) unitPart() string {
	key := "cell_no" + list(s.shape.levels("")) + ", entry_no, leave_no" + list(s.shape.due(""))
	return fmt.Sprintf(`SELECT %d AS part, %s, count(*), 0, 0%s
FROM (SELECT cell_no%s, entry_no, leave_no%s FROM unit WHERE entry_no < leave_no) entered
GROUP BY %s`,
		partUnits, key, list(zeros(s.shape.sums())),
		list(s.shape.levels("")), list(s.dueColumns("start_us")), key)
}

// contaminatedPart counts the units that became contaminated.
func (s *summary) contaminatedPart() string {
	from := s.moments.seeing(s.builder, s.packing.time("fault_key"))
	return s.transitionPart(partContaminated, from, s.arg(int64(len(s.moments))), "fault_group", "fault_key IS NOT NULL")
}

// movedPart counts the units that moved, until they became contaminated.
func (s *summary) movedPart() string {
	from := s.moments.seeing(s.builder, s.packing.time("move_key"))
	until := fmt.Sprintf("CASE WHEN fault_key IS NULL THEN %s ELSE %s END",
		s.arg(int64(len(s.moments))), s.moments.seeing(s.builder, s.packing.time("fault_key")))
	to := s.byIndex(s.packing.rank("move_key"), s.plan.groupOf)
	return s.transitionPart(partMoved, from, until, to, "move_key IS NOT NULL")
}

func (s *summary) transitionPart(part int, from, until, to, condition string) string {
	return fmt.Sprintf(`SELECT %d, cell_no%s, from_no, until_no%s, count(*), to_no, 0%s
FROM (SELECT %s AS cell_no, %s AS from_no, %s AS until_no, %s AS to_no FROM mixed WHERE %s) changed
WHERE from_no < until_no
GROUP BY cell_no, from_no, until_no, to_no`,
		part, list(slices.Repeat([]string{"NULL"}, len(s.query.By))), list(zeros(len(s.shape.dues))), list(zeros(s.shape.sums())),
		s.byIndex(s.packing.rank("start_key"), s.plan.cellOf), from, until, to, condition)
}
