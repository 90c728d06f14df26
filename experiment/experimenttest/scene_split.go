package experimenttest

import (
	"slices"
	"time"
	_ "time/tzdata" // days in a zone must not depend on the machine

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
)

// splitScenes try dimensions.
func splitScenes() []scene {
	text, number, truth := audience.StringValue, audience.NumberValue, audience.BoolValue
	has := func(attributes ...experiment.Attribute) func(*experiment.Exposure) { return having(attributes...) }
	return []scene{
		{
			name: "by attribute", rule: "levels have types: the number 1, the string 1, the truth and nothing are four levels",
			exposures: []experiment.Exposure{met("u", "a", 0, has(experiment.Number("x", 1))), met("v", "a", 0, has(experiment.String("x", "1"))),
				met("w", "a", 0, has(experiment.Bool("x", true))), met("y", "a", 0), met("z", "a", 0, has(experiment.String("x", "")))},
			conversions: []experiment.Conversion{did("u", 1, 0), did("v", 2, 0), did("w", 4, 0), did("y", 8, 0), did("z", 16, 0)},
			query:       split(ask(orders(0, 0)), experiment.ByAttribute("x")),
			want: answer(levels(arm("a", 1, totals(8)), audience.Value{}), levels(arm("a", 1, totals(16)), text("")), levels(arm("a", 1, totals(2)), text("1")),
				levels(arm("a", 1, totals(1)), number(1)), levels(arm("a", 1, totals(4)), truth(true))),
		},
		{
			name: "by attribute at first exposure", rule: "the level is that of the first exposure, also where only a later one has the attribute",
			exposures: []experiment.Exposure{met("u", "a", 0, has(experiment.String("x", "old"))), met("u", "a", hour, at("mail"), has(experiment.String("x", "new"))),
				met("v", "a", 0), met("v", "a", hour, at("mail"), has(experiment.String("x", "new")))},
			query: split(ask(), experiment.ByAttribute("x")),
			want:  answer(levels(arm("a", 1), audience.Value{}), levels(arm("a", 1), text("old"))),
		},
		{
			name: "by two dimensions", rule: "cells are ordered by the levels of the dimensions in the order of the query",
			exposures: []experiment.Exposure{met("u", "a", 0, at("page"), has(experiment.Bool("x", true))), met("v", "a", 0, at("mail"), has(experiment.Bool("x", true))),
				met("w", "a", 0, at("page"), has(experiment.Bool("x", false))), met("y", "a", 0, at("page"), has(experiment.Bool("x", false)))},
			query: split(ask(), experiment.ByAttribute("x"), experiment.ByTouchpoint()),
			want: answer(levels(arm("a", 2), truth(false), text("page")), levels(arm("a", 1), truth(true), text("mail")),
				levels(arm("a", 1), truth(true), text("page"))),
		},
		{
			name: "by numbers", rule: "numbers as levels are ordered as numbers",
			exposures: []experiment.Exposure{met("u", "a", 0, has(experiment.Number("x", 10))), met("v", "a", 0, has(experiment.Number("x", 9))),
				met("w", "a", 0, has(experiment.Number("x", -0.5))), met("y", "a", 0, has(experiment.Number("x", 1e21)))},
			query: split(ask(), experiment.ByAttribute("x")),
			want: answer(levels(arm("a", 1), number(-0.5)), levels(arm("a", 1), number(9)),
				levels(arm("a", 1), number(10)), levels(arm("a", 1), number(1e21))),
		},
	}
}

// dayScenes try days in zones, where clocks go forward and back too.
func dayScenes() ([]scene, error) {
	var scenes []scene
	for _, row := range []struct {
		name, rule, zone string
		moments          []string // of one unit each
		want             []string // the level of each
	}{
		{"by day", "a day is one of the calendar, by default of UTC", "",
			[]string{"2026-03-01T00:00:00Z", "2026-03-01T23:59:59.999999Z", "2026-03-02T00:00:00Z"}, []string{"2026-03-01", "2026-03-01", "2026-03-02"}},
		{"by day in a zone", "a day begins at midnight of the zone", "Asia/Kolkata",
			[]string{"2026-03-01T18:29:59.999999Z", "2026-03-01T18:30:00Z"}, []string{"2026-03-01", "2026-03-02"}},
		{"by day when clocks go forward", "the day on which clocks go forward has 23 hours", "Europe/Oslo",
			[]string{"2026-03-28T22:59:59.999999Z", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59.999999Z", "2026-03-29T22:00:00Z"},
			[]string{"2026-03-28", "2026-03-29", "2026-03-29", "2026-03-30"}},
		{"by day when clocks go back", "the day on which clocks go back has 25 hours", "America/New_York",
			[]string{"2026-11-01T03:59:59.999999Z", "2026-11-01T04:00:00Z", "2026-11-02T04:59:59.999999Z", "2026-11-02T05:00:00Z"},
			[]string{"2026-10-31", "2026-11-01", "2026-11-01", "2026-11-02"}},
		{"by day before 1970", "days before 1970 are days too", "America/New_York",
			[]string{"1969-12-31T04:59:59.999999Z", "1969-12-31T05:00:00Z", "1936-02-29T12:00:00Z"}, []string{"1969-12-30", "1969-12-31", "1936-02-29"}},
	} {
		s := scene{name: row.name, rule: row.rule, query: ask()}
		s.query.AsOf = []time.Time{time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
		var zone *time.Location
		if row.zone != "" {
			var err error
			if zone, err = time.LoadLocation(row.zone); err != nil {
				return nil, err
			}
		}
		s.query.By = []experiment.Dimension{experiment.ByDay(zone)}
		units := make(map[string]int64)
		for i, text := range row.moments {
			moment, err := time.Parse(time.RFC3339Nano, text)
			if err != nil {
				return nil, err
			}
			s.exposures = append(s.exposures, met(text, "a", 0, func(e *experiment.Exposure) { e.Time = moment }))
			units[row.want[i]]++
		}
		for day, n := range units {
			cell := levels(arm("a", n), audience.StringValue(day))
			cell.AsOf = s.query.AsOf[0]
			s.want.Cells = append(s.want.Cells, cell)
		}
		scenes = append(scenes, s)
	}
	return scenes, nil
}

// jointScenes try joint sums.
func jointScenes() []scene {
	exposures := []experiment.Exposure{met("u", "a", 0), met("v", "a", 0), met("w", "a", 0)}
	conversions := []experiment.Conversion{did("u", 3, hour), did("u", 5, hour), did("v", 7, hour), did("w", 2, -hour)}
	crossed := func(q experiment.Query, pairs ...[2]int) experiment.Query {
		q.Cross = pairs
		return q
	}
	sum, count, past := aggregated(experiment.AggregateSum), aggregated(experiment.AggregateCount), before(aggregated(experiment.AggregateSum))
	greatest := aggregated(experiment.AggregateMax)
	sum.Pivot, greatest.Pivot = 4, 1
	joined := func(c experiment.Cell, joint ...experiment.Joint) experiment.Cell {
		c.Joint = joint
		return c
	}
	return []scene{
		{
			name: "joint sums", rule: "joint sums are of the totals less their pivots, over the units that count for both",
			exposures: exposures, conversions: conversions, query: crossed(ask(sum, count, past), [2]int{0, 1}, [2]int{2, 0}),
			want: answer(joined(arm("a", 3, pivoted(4, 8, 7, 0), totals(2, 1, 0), totals(0, 0, 2)),
				pairs(4, 0, [2]float64{8, 2}, [2]float64{7, 1}, [2]float64{0, 0}), pairs(0, 4, [2]float64{0, 8}, [2]float64{0, 7}, [2]float64{2, 0}))),
		},
		{
			name: "joint sums of absent totals", rule: "a unit that does not count for one value of the pair is in none of its joint sums",
			exposures: exposures, conversions: conversions, query: crossed(ask(sum, greatest), [2]int{0, 1}, [2]int{1, 1}),
			want: answer(joined(arm("a", 3, pivoted(4, 8, 7, 0), pivoted(1, 5, 7)),
				pairs(4, 1, [2]float64{8, 5}, [2]float64{7, 7}), pairs(1, 1, [2]float64{5, 5}, [2]float64{7, 7}))),
		},
	}
}

// clusterScenes try clusters as units of observation.
func clusterScenes() []scene {
	north, south := knownAs(shop("north")), knownAs(shop("south"))
	exposures := []experiment.Exposure{
		met("u", "a", 0, north), met("v", "a", 0, north), met("w", "a", 0, south), met("x", "b", 0, north), met("y", "a", 0),
		met("z", "a", 0, knownAs(identity(experiment.KindDevice, "north"))),
	}
	conversions := []experiment.Conversion{did("u", 5, hour), did("v", 9, hour), did("w", 11, hour), did("x", 13, hour), did("y", 17, hour)}
	value := aggregated(experiment.AggregateSum)
	value.Cap, value.Pivot = 8, 3
	size := experiment.Value{Aggregation: experiment.AggregateUnit}
	ratio := clustered(ask(value, size), experiment.KindStore)
	ratio.Cross = [][2]int{{0, 1}}
	cellA := clusters(arm("a", 3, pivoted(3, 13, 8), totals(2, 1)), 2, 2)
	cellA.Joint = []experiment.Joint{pairs(3, 0, [2]float64{13, 2}, [2]float64{8, 1})}
	cellB := clusters(arm("b", 1, pivoted(3, 8), totals(1)), 1, 0)
	cellB.Joint = []experiment.Joint{pairs(3, 0, [2]float64{8, 1})}
	return slices.Concat([]scene{
		{
			name: "clusters", rule: "the capped totals of a cluster's units are added up, the pivot subtracted once; units without a cluster are only counted",
			exposures: exposures, conversions: conversions, query: ratio, want: answer(cellA, cellB),
		},
		{
			name: "clusters at first exposure", rule: "a unit belongs to the cluster of its first exposure",
			exposures: []experiment.Exposure{met("u", "a", 0, north), met("u", "a", hour, at("mail"), south), met("v", "a", 0), met("v", "a", hour, at("mail"), south)},
			query:     clustered(ask(size), experiment.KindStore), want: answer(clusters(arm("a", 1, totals(1)), 1, 1)),
		},
	}, absentClusterScenes())
}

func absentClusterScenes() []scene {
	north, south := knownAs(shop("north")), knownAs(shop("south"))
	mature := experiment.Value{Aggregation: experiment.AggregateUnit, Window: 2 * hour, MatureOnly: true}
	excluded := clustered(ask(aggregated(experiment.AggregateCount)), experiment.KindStore)
	return []scene{
		{
			name: "clusters without totals", rule: "a cluster counts for a value if one of its units does, with the totals of those",
			exposures:   []experiment.Exposure{met("u", "a", 0, north), met("v", "a", hour, north), met("w", "a", hour, south)},
			conversions: []experiment.Conversion{did("u", 5, hour)},
			query:       asOf(clustered(ask(mature, aggregated(experiment.AggregateMax)), experiment.KindStore), 2*hour),
			want:        answer(clusters(seen(arm("a", 3, totals(1), totals(5)), 2*hour), 2, 0)),
		},
		{
			name: "unclustered cell", rule: "a cell of unclustered units only is there, with no units and empty sums",
			exposures:   []experiment.Exposure{met("u", "a", 0), met("v", "b", 0, north)},
			conversions: []experiment.Conversion{did("u", 5, hour)},
			query:       excluded, want: answer(clusters(arm("a", 0, totals()), 0, 1), clusters(arm("b", 1, totals(0)), 1, 0)),
		},
		{
			name: "contaminated clusters", rule: "contamination is of units, not of clusters: the others of the cluster stay, its transitions count units",
			exposures:   []experiment.Exposure{met("u", "a", 0, north), met("u", "b", hour, north), met("v", "a", 0, north), met("w", "b", 0, north)},
			conversions: []experiment.Conversion{did("u", 5, hour), did("v", 7, hour)},
			query:       excluded,
			want: experiment.Cells{
				Cells:        []experiment.Cell{clusters(arm("a", 1, totals(1)), 1, 0), clusters(arm("b", 1, totals(0)), 1, 0)},
				Contaminated: []experiment.Transition{goes("a", "b", 1)},
			},
		},
		{
			name: "clusters of a cell", rule: "a cluster with units in two cells is one cluster in each",
			exposures: []experiment.Exposure{met("u", "a", 0, north), met("v", "a", 0, north, inPhase(1)), met("w", "a", 0, north)},
			query:     excluded, want: answer(clusters(arm("a", 2, totals(0)), 1, 0), phased(clusters(arm("a", 1, totals(0)), 1, 0), 1)),
		},
	}
}

// identityScenes try whose conversion an event is.
func identityScenes() []scene {
	return []scene{
		{
			name: "kinds of id", rule: "a conversion counts for the unit of the query's kind: a customer 42 is not a store 42",
			exposures:   []experiment.Exposure{met("42", "a", 0), met("43", "a", 0)},
			conversions: []experiment.Conversion{did("", 5, hour, by(shop("42"))), did("", 7, hour, by(shop("42"), customer("43")))},
			query:       ask(orders(0, 0)), want: answer(arm("a", 2, totals(0, 7))),
		},
		{
			name: "conversions of the exposure's other ids", rule: "a conversion joins by the unit, not by another id of the exposure",
			exposures:   []experiment.Exposure{met("u", "a", 0, knownAs(shop("north"), identity(experiment.KindDevice, "d")))},
			conversions: []experiment.Conversion{did("", 5, hour, by(identity(experiment.KindDevice, "d"), shop("north")))},
			query:       ask(orders(0, 0)), want: answer(arm("a", 1, totals(0))),
		},
	}
}
