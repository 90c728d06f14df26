package experiment_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
)

func soundQuery() experiment.Query {
	return experiment.Query{
		Experiment: "checkout", Run: "checkout-2026-11", Kind: experiment.KindCustomer, AsOf: []time.Time{midday},
		Values: []experiment.Value{{Event: "purchase", Aggregation: experiment.AggregateSum, Window: time.Hour, MatureOnly: true}},
	}
}

func TestQueryValidate(t *testing.T) {
	require.NoError(t, soundQuery().Validate())
	filter := func(c experiment.Comparison) func(q *experiment.Query) {
		return func(q *experiment.Query) { q.Values[0].Filter = []experiment.Comparison{c} }
	}
	for _, row := range []struct {
		name, reason string
		change       func(q *experiment.Query)
		want         string
	}{
		{"no run", "an experiment without its run mixes randomisations", func(q *experiment.Query) { q.Run = "" }, "Run"},
		{"no moment", "as of when?", func(q *experiment.Query) { q.AsOf = nil }, "AsOf is empty"},
		{"moments out of order", "cells follow them", func(q *experiment.Query) { q.AsOf = []time.Time{midday, midday} }, "AsOf[1]"},
		{"moments apart by less than a microsecond", "stores keep microseconds", func(q *experiment.Query) { q.AsOf = []time.Time{midday, midday.Add(1)} }, "AsOf[1]"},
		{"unknown policy", "two are known", func(q *experiment.Query) { q.Contaminated = 2 }, "Contaminated"},
		{"no event", "nothing would count", func(q *experiment.Query) { q.Values[0].Event = "" }, "Event is empty"},
		{"unknown aggregation", "a closed list", func(q *experiment.Query) { q.Values[0].Aggregation = "avg" }, "Aggregation"},
		{"negative delay", "an exposure after its conversion is the side Before", func(q *experiment.Query) { q.Values[0].Delay = -1 }, "Delay"},
		{"window beyond the range", "first exposure + window must be a time", func(q *experiment.Query) { q.Values[0].Window = math.MaxInt64 }, "Window"},
		{"window with nanoseconds", "stores keep microseconds", func(q *experiment.Query) { q.Values[0].Window = 1001 }, "microseconds"},
		{"mature without window", "it would never be", func(q *experiment.Query) { q.Values[0].Window = 0 }, "MatureOnly"},
		{"unknown side", "two are known", func(q *experiment.Query) { q.Values[0].Side = 2 }, "Side"},
		{"negative cap", "0 is none", func(q *experiment.Query) { q.Values[0].Cap = -1 }, "Cap"},
		{"pivot NaN", "it would poison the sums", func(q *experiment.Query) { q.Values[0].Pivot = math.NaN() }, "Pivot"},
		{"cross of nothing", "indexes of Values", func(q *experiment.Query) { q.Cross = [][2]int{{0, 1}} }, "Cross[0]"},
		{"zero dimension", "it says nothing", func(q *experiment.Query) { q.By = []experiment.Dimension{{}} }, "By[0]"},
		{"attribute without name", "which?", func(q *experiment.Query) { q.By = []experiment.Dimension{experiment.ByAttribute("")} }, "By[0]"},
		{"unknown field", "a closed list", filter(experiment.Comparison{Field: "event", Op: "==", Operand: audience.StringValue("x")}), "Field"},
		{"unknown operator", "a closed list", filter(experiment.Comparison{Field: "value", Op: "=", Operand: audience.NumberValue(1)}), "Op"},
		{"value against a string", "values are numbers", filter(experiment.Comparison{Field: "value", Op: "==", Operand: audience.StringValue("1")}), "Operand"},
		{"operand missing", "nothing equals nothing", filter(experiment.Comparison{Field: "attribute", Attribute: "a", Op: "=="}), "Operand"},
		{"attribute unnamed", "which?", filter(experiment.Comparison{Field: "attribute", Op: "==", Operand: audience.NumberValue(1)}), "Attribute"},
	} {
		t.Run(row.name, func(t *testing.T) {
			q := soundQuery()
			row.change(&q)
			err := q.Validate()
			require.ErrorIs(t, err, experiment.ErrInvalidQuery, row.reason)
			assert.ErrorContains(t, err, row.want, row.reason)
		})
	}
}

// TestComparison: no coercion, and a missing attribute fulfils nothing.
func TestComparison(t *testing.T) {
	v := soundConversion()
	v.Attributes = []experiment.Attribute{experiment.String("plan", "pro"), experiment.Bool("gift", false), experiment.Number("items", 3)}
	attribute := func(name string, op experiment.Op, operand audience.Value) experiment.Comparison {
		return experiment.Comparison{Field: experiment.FieldAttribute, Attribute: name, Op: op, Operand: operand}
	}
	for _, row := range []struct {
		name, reason string
		comparison   experiment.Comparison
		want         bool
	}{
		{"value", "59.9 > 50", experiment.Comparison{Field: experiment.FieldValue, Op: experiment.Greater, Operand: audience.NumberValue(50)}, true},
		{"value at the bound", "> is strict", experiment.Comparison{Field: experiment.FieldValue, Op: experiment.Greater, Operand: audience.NumberValue(59.9)}, false},
		{"no touchpoint", "it is the empty string", experiment.Comparison{Field: experiment.FieldTouchpoint, Op: experiment.Equal, Operand: audience.StringValue("")}, true},
		{"string", "equal", attribute("plan", experiment.Equal, audience.StringValue("pro")), true},
		{"string order", "byte order", attribute("plan", experiment.Less, audience.StringValue("q")), true},
		{"bool", "false < true", attribute("gift", experiment.Less, audience.BoolValue(true)), true},
		{"number", "3 <= 3", attribute("items", experiment.LessEqual, audience.NumberValue(3)), true},
		{"number against string", "no coercion", attribute("items", experiment.NotEqual, audience.StringValue("4")), false},
		{"bool against number", "no coercion", attribute("gift", experiment.Equal, audience.NumberValue(0)), false},
		{"missing, not equal", "a missing attribute fulfils nothing", attribute("none", experiment.NotEqual, audience.StringValue("x")), false},
		{"not equal", "3 != 4", attribute("items", experiment.NotEqual, audience.NumberValue(4)), true},
		{"greater or equal", "3 >= 4 is false", attribute("items", experiment.GreaterEqual, audience.NumberValue(4)), false},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.want, row.comparison.Holds(&v), row.reason)
		})
	}
}

// TestMerge: shards add up, and no argument changes.
func TestMerge(t *testing.T) {
	cell := func(variant string, units int64, sum float64) experiment.Cell {
		return experiment.Cell{
			AsOf: midday, Variant: variant, Units: units, By: []audience.Value{audience.StringValue("NO")},
			Sums:  []experiment.Sums{{N: units, Pivot: 1, Sum: sum, SumSquares: sum * sum}},
			Joint: []experiment.Joint{{N: units, SumX: sum, SumY: 2 * sum, SumXX: 1, SumYY: 2, SumXY: 3}},
		}
	}
	moved := experiment.Transition{AsOf: midday, Variant: "a", To: "b", Units: 2}
	one := experiment.Cells{Cells: []experiment.Cell{cell("b", 2, 10), cell("a", 1, 5)}, Moved: []experiment.Transition{moved}}
	two := experiment.Cells{Cells: []experiment.Cell{cell("b", 3, 1)}, Moved: []experiment.Transition{moved}, Contaminated: []experiment.Transition{moved}}
	merged, err := experiment.Merge(one, two)
	require.NoError(t, err)
	require.Len(t, merged.Cells, 2)
	assert.Equal(t, "a", merged.Cells[0].Variant, "cells are in order")
	assert.Equal(t, experiment.Sums{N: 5, Pivot: 1, Sum: 11, SumSquares: 101}, merged.Cells[1].Sums[0])
	assert.Equal(t, experiment.Joint{N: 5, SumX: 11, SumY: 22, SumXX: 2, SumYY: 4, SumXY: 6}, merged.Cells[1].Joint[0])
	assert.EqualValues(t, 4, merged.Moved[0].Units)
	assert.EqualValues(t, 2, merged.Contaminated[0].Units)
	assert.InDelta(t, 10, one.Cells[0].Sums[0].Sum, 0, "the arguments stay")

	other := experiment.Cells{Cells: []experiment.Cell{cell("b", 3, 1)}}
	other.Cells[0].Sums[0].Pivot = 2
	_, err = experiment.Merge(one, other)
	assert.ErrorIs(t, err, experiment.ErrDifferentQueries, "sums around different pivots do not add")
	other.Cells[0].Sums = nil
	_, err = experiment.Merge(one, other)
	assert.ErrorIs(t, err, experiment.ErrDifferentQueries)
}
