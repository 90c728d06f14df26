package experimenttest

import (
	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
)

// valueScenes try how the events of a unit become its total.
func valueScenes() []scene {
	// u ordered three times, v once for nothing, w never.
	exposures := []experiment.Exposure{met("u", "a", 0), met("v", "a", 0), met("w", "a", 0)}
	conversions := []experiment.Conversion{
		did("u", 4, 3*hour), did("u", -2, 2*hour), did("u", 1, hour), did("v", 0, hour),
		did("w", 100, hour, of("refund")), did("x", 100, hour),
	}
	one := func(name, rule string, v experiment.Value, want experiment.Sums) scene {
		return scene{name: name, rule: rule, exposures: exposures, conversions: conversions, query: ask(v), want: answer(arm("a", 3, want))}
	}
	return []scene{
		one("any", "any is 1 with an event, else 0", aggregated(experiment.AggregateAny), totals(1, 1, 0)),
		one("count", "count is the number of events, 0 without", aggregated(experiment.AggregateCount), totals(3, 1, 0)),
		one("sum", "sum is the sum of values, 0 without an event", aggregated(experiment.AggregateSum), totals(3, 0, 0)),
		one("min", "min is the smallest value; a unit without an event is not in N", aggregated(experiment.AggregateMin), totals(-2, 0)),
		one("max", "max is the greatest value; a unit without an event is not in N", aggregated(experiment.AggregateMax), totals(4, 0)),
		one("last", "last is the value of the latest event; a unit without an event is not in N", aggregated(experiment.AggregateLast), totals(4, 0)),
		one("unit", "unit is 1 for every unit, and names no event", experiment.Value{Aggregation: experiment.AggregateUnit}, totals(1, 1, 1)),
		one("unknown event", "an event that nobody did is 0, not an error", experiment.Value{Event: "Order", Aggregation: experiment.AggregateCount}, totals(0, 0, 0)),
		one("cap", "a total above the cap counts as the cap: the unit's total, not each event",
			experiment.Value{Event: "order", Aggregation: experiment.AggregateSum, Cap: 2}, totals(2, 0, 0)),
		one("cap of a negative total", "a total below the cap stays, also below zero",
			experiment.Value{Event: "order", Aggregation: experiment.AggregateMin, Cap: 1}, totals(-2, 0)),
		one("pivot", "the pivot is subtracted from each total before squaring",
			experiment.Value{Event: "order", Aggregation: experiment.AggregateSum, Pivot: 2}, pivoted(2, 3, 0, 0)),
		one("cap, then pivot", "the cap applies first, then the pivot",
			experiment.Value{Event: "order", Aggregation: experiment.AggregateSum, Cap: 2, Pivot: 1.5}, pivoted(1.5, 2, 0, 0)),
		one("pivot of an absent total", "the pivot is not subtracted for units that do not count",
			experiment.Value{Event: "order", Aggregation: experiment.AggregateMax, Pivot: 3}, pivoted(3, 4, 0)),
		{
			name: "last of equal time", rule: "of several latest events at one time the greatest id is the last",
			exposures: exposures[:1], conversions: lastOfEqualTime(), query: ask(aggregated(experiment.AggregateLast)),
			want: answer(arm("a", 1, totals(7))),
		},
		{
			name: "last in the window", rule: "last is the latest event of the window and the filter, not of all",
			exposures: exposures[:1], conversions: conversions,
			query: ask(experiment.Value{Event: "order", Aggregation: experiment.AggregateLast, Window: 3 * hour,
				Filter: []experiment.Comparison{{Field: experiment.FieldValue, Op: experiment.Greater, Operand: audience.NumberValue(0)}}}),
			want: answer(arm("a", 1, totals(1))),
		},
		{
			name: "several values", rule: "each value has its own N and sums, in the order of the query",
			exposures: exposures, conversions: conversions,
			query: ask(aggregated(experiment.AggregateMax), aggregated(experiment.AggregateCount), aggregated(experiment.AggregateMax)),
			want:  answer(arm("a", 3, totals(4, 0), totals(3, 1, 0), totals(4, 0))),
		},
		{
			name: "no values", rule: "a query without values counts units",
			exposures: exposures, conversions: conversions, query: ask(), want: answer(arm("a", 3)),
		},
	}
}

// lastOfEqualTime are three orders at one time; 7 has the greatest id.
func lastOfEqualTime() []experiment.Conversion {
	numbered := func(first, last byte) func(*experiment.Conversion) {
		return func(v *experiment.Conversion) { v.ID = experiment.ConversionID{0: first, 15: last} }
	}
	return []experiment.Conversion{
		did("u", 9, hour, numbered(0x7f, 0xff)), did("u", 7, hour, numbered(0xff, 0x01)), did("u", 8, hour, numbered(0x80, 0xff)),
	}
}

// filterScenes try comparisons of every field, operator and type.
func filterScenes() []scene {
	// Each event has another power of two as its value, so a sum tells which count.
	conversions := []experiment.Conversion{
		did("u", 1, hour, with(experiment.String("size", "b"), experiment.Number("rank", 2), experiment.Bool("gift", true)), through("shop")),
		did("u", 2, hour, with(experiment.String("size", "a"), experiment.Number("rank", 10), experiment.Bool("gift", false)), through("page")),
		did("u", 4, hour, with(experiment.String("size", "é"), experiment.Number("rank", -1))),
		did("u", 8, hour, with(experiment.Number("size", 7), experiment.String("rank", "2"), experiment.String("gift", "true"))),
		did("u", 16, hour),
	}
	rows := []struct {
		name, rule string
		filter     []experiment.Comparison
		want       float64
	}{
		{"filter value ==", "a comparison of the value", filters(valued(experiment.Equal, 4)), 4},
		{"filter value !=", "a comparison of the value", filters(valued(experiment.NotEqual, 4)), 27},
		{"filter value <", "a comparison of the value", filters(valued(experiment.Less, 4)), 3},
		{"filter value <=", "a comparison of the value", filters(valued(experiment.LessEqual, 4)), 7},
		{"filter value >", "a comparison of the value", filters(valued(experiment.Greater, 4)), 24},
		{"filter value >=", "a comparison of the value", filters(valued(experiment.GreaterEqual, 4)), 28},
		{"filter touchpoint", "a comparison of the touchpoint", filters(touched(experiment.Equal, "shop")), 1},
		{"filter touchpoint missing", "the touchpoint of an event without one is the empty string", filters(touched(experiment.Equal, "")), 28},
		{"filter touchpoint order", "strings compare in byte order", filters(touched(experiment.GreaterEqual, "page")), 3},
		{"filter string ==", "an attribute of another type is not equal", filters(attributed("size", experiment.Equal, audience.StringValue("a"))), 2},
		{"filter string !=", "an attribute that is missing or of another type fulfils nothing, also not !=", filters(attributed("size", experiment.NotEqual, audience.StringValue("a"))), 5},
		{"filter string <", "strings compare in byte order", filters(attributed("size", experiment.Less, audience.StringValue("é"))), 3},
		{"filter string >", "strings compare in byte order: é after z", filters(attributed("size", experiment.Greater, audience.StringValue("z"))), 4},
		{"filter number <", "numbers compare as numbers, not as text", filters(attributed("rank", experiment.Less, audience.NumberValue(10))), 5},
		{"filter number ==", "the string 2 is not the number 2", filters(attributed("rank", experiment.Equal, audience.NumberValue(2))), 1},
		{"filter number as string", "the number 2 is not the string 2", filters(attributed("rank", experiment.Equal, audience.StringValue("2"))), 8},
		{"filter bool ==", "the string true is not the truth", filters(attributed("gift", experiment.Equal, audience.BoolValue(true))), 1},
		{"filter bool !=", "a missing truth value is not false", filters(attributed("gift", experiment.NotEqual, audience.BoolValue(true))), 2},
		{"filter bool <", "false is before true", filters(attributed("gift", experiment.Less, audience.BoolValue(true))), 2},
		{"filter number and bool", "the number 1 is not the truth", filters(attributed("gift", experiment.GreaterEqual, audience.NumberValue(0))), 0},
		{"filter of two", "every comparison must hold", filters(valued(experiment.Less, 8), attributed("rank", experiment.Greater, audience.NumberValue(0))), 3},
		{"filter attribute unknown", "an attribute that no event has fulfils nothing", filters(attributed("colour", experiment.NotEqual, audience.StringValue("red"))), 0},
	}
	scenes := make([]scene, len(rows))
	for i, row := range rows {
		v := aggregated(experiment.AggregateSum)
		v.Filter = row.filter
		scenes[i] = scene{name: row.name, rule: row.rule, exposures: []experiment.Exposure{met("u", "a", 0)},
			conversions: conversions, query: ask(v), want: answer(arm("a", 1, totals(row.want)))}
	}
	return scenes
}

func filters(comparisons ...experiment.Comparison) []experiment.Comparison { return comparisons }

func valued(op experiment.Op, operand float64) experiment.Comparison {
	return experiment.Comparison{Field: experiment.FieldValue, Op: op, Operand: audience.NumberValue(operand)}
}

func touched(op experiment.Op, operand string) experiment.Comparison {
	return experiment.Comparison{Field: experiment.FieldTouchpoint, Op: op, Operand: audience.StringValue(operand)}
}

func attributed(name string, op experiment.Op, operand audience.Value) experiment.Comparison {
	return experiment.Comparison{Field: experiment.FieldAttribute, Attribute: name, Op: op, Operand: operand}
}
