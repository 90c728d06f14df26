package sqlstore

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
)

var update = flag.Bool("update", false, "write the golden files")

// plain is a dialect whose texts are easy to read.
var plain = Dialect{
	Placeholder:  func(n int) string { return fmt.Sprintf("?%d", n) },
	Join:         "JOIN",
	Materialized: " MATERIALIZED",
	Quotient:     func(a, b string) string { return fmt.Sprintf("quotient(%s, %s)", a, b) },
	Pad:          func(number string, digits int) string { return fmt.Sprintf("pad(%s, %d)", number, digits) },
	Hex:          func(bytes string) string { return fmt.Sprintf("hex(%s)", bytes) },
	Integer:      func(text string, skip int) string { return fmt.Sprintf("integer(%s, %d)", text, skip) },
	Path:         func(name string) string { return "/" + name },
	Member:       func(object, path string) string { return fmt.Sprintf("member(%s, %s)", object, path) },
	Text:         func(object, path string) string { return fmt.Sprintf("text_of(%s, %s)", object, path) },
	Number:       func(object, path string) string { return fmt.Sprintf("number_of(%s, %s)", object, path) },
	Truth:        func(object, path string) string { return fmt.Sprintf("truth_of(%s, %s)", object, path) },
}

var (
	noon = time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	week = 7 * 24 * time.Hour
)

// frame is a run with two arms, a holdout and an override.
func frame(events ...int64) Frame {
	return Frame{
		Run: 3, Kind: 1, Events: events,
		Earliest: noon.UnixMicro(), Latest: noon.AddDate(0, 0, 3).UnixMicro(),
		Placements: []Placement{
			{No: 4, Variant: "free_returns", Touchpoint: "checkout-page", Class: experiment.ClassArm},
			{No: 5, Variant: "control", Touchpoint: "checkout-page", Class: experiment.ClassArm},
			{No: 8, Variant: "control", Touchpoint: "checkout-page", Class: experiment.ClassHoldout},
			{No: 9, Variant: "control", Touchpoint: "basket", Class: experiment.ClassOverride},
		},
	}
}

func TestGolden(t *testing.T) {
	oslo, err := time.LoadLocation("Europe/Oslo")
	require.NoError(t, err)
	tests := []struct {
		name, reason string
		query        experiment.Query
		frame        Frame
	}{
		{"units", "no value, no total", experiment.Query{}, frame()},
		{"week", "a proportion and a mean of one event", experiment.Query{
			Values: []experiment.Value{
				{Event: "purchase", Aggregation: experiment.AggregateAny, Window: week, MatureOnly: true},
				{Event: "purchase", Aggregation: experiment.AggregateSum, Window: week, MatureOnly: true, Cap: 500, Pivot: 42},
			},
			Cross: [][2]int{{0, 1}},
		}, frame(2, 2)},
		{"series", "several moments need running totals, and no join with them", experiment.Query{
			AsOf:         []time.Time{noon.AddDate(0, 0, 1), noon.AddDate(0, 0, 2), noon.AddDate(0, 0, 3)},
			Contaminated: experiment.FirstArm,
			Values:       []experiment.Value{{Event: "purchase", Aggregation: experiment.AggregateLast}},
		}, frame(2)},
		{"filters", "each type of operand", experiment.Query{
			Values: []experiment.Value{{
				Event: "purchase", Aggregation: experiment.AggregateMin, Side: experiment.Before, Delay: time.Hour, Window: week,
				Filter: []experiment.Comparison{
					{Field: experiment.FieldValue, Op: experiment.Greater, Operand: audience.NumberValue(10)},
					{Field: experiment.FieldTouchpoint, Op: experiment.Equal, Operand: audience.StringValue("checkout-page")},
					{Field: experiment.FieldAttribute, Attribute: "currency", Op: experiment.NotEqual, Operand: audience.StringValue("NOK")},
					{Field: experiment.FieldAttribute, Attribute: "items", Op: experiment.LessEqual, Operand: audience.NumberValue(3)},
					{Field: experiment.FieldAttribute, Attribute: "gift", Op: experiment.Equal, Operand: audience.BoolValue(true)},
				},
			}},
		}, frame(2)},
		{"by", "each kind of dimension; the clock changes on the 29th", experiment.Query{
			By: []experiment.Dimension{experiment.ByAttribute("country"), experiment.ByTouchpoint(), experiment.ByDay(oslo)},
		}, frame()},
		{"cluster", "totals of stores", experiment.Query{
			Cluster: experiment.KindStore,
			Values:  []experiment.Value{{Event: "purchase", Aggregation: experiment.AggregateSum}, {Aggregation: experiment.AggregateUnit}},
			Cross:   [][2]int{{0, 1}},
		}, frame(2, 0)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			q := test.query
			q.Experiment, q.Run, q.Kind = "checkout-reassurance", "checkout-2026-11", experiment.KindCustomer
			if q.AsOf == nil {
				q.AsOf = []time.Time{noon.AddDate(0, 0, 14)}
			}
			require.NoError(t, q.Validate())
			statement := Build(plain, q, test.frame)
			got := statement.SQL + "\n"
			for i, arg := range statement.Args {
				got += fmt.Sprintf("-- ?%d = %v (%T)\n", i+1, arg, arg)
			}
			path := filepath.Join("testdata", test.name+".sql")
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, string(want), got, test.reason)
			for _, word := range []string{"purchase", "checkout", "country", "store'", "NOK"} {
				assert.NotContains(t, statement.SQL, word, "values are bound, not written")
			}
		})
	}
}

func TestBuildWithoutPlacements(t *testing.T) {
	q := experiment.Query{AsOf: []time.Time{noon}}
	assert.Empty(t, Build(plain, q, Frame{}).SQL, "nothing was recorded")
	overrides := Frame{Placements: []Placement{{No: 1, Variant: "control", Touchpoint: "basket", Class: experiment.ClassOverride}}}
	assert.Empty(t, Build(plain, q, overrides).SQL, "overrides are in no query")
}

// A step is what it stands for: a table looked up.
func TestStep(t *testing.T) {
	b := newBuilder(plain)
	assert.Equal(t, "?1", b.step("x", []int64{0, 5}, []int64{7, 7}), "nothing to compare")
	assert.Equal(t, "NULL", b.step("x", []int64{0}, []int64{null}))
	assert.Equal(t, "CASE WHEN x < ?2 THEN ?1 ELSE ?3 END", b.step("x", []int64{0, 5, 6}, []int64{7, 8, 8}))
	bounds, values := make([]int64, 1000), make([]int64, 1000)
	for i := range bounds {
		bounds[i], values[i] = int64(i), int64(i)
	}
	deepest := 0
	for text, depth := b.step("x", bounds, values), 0; text != ""; {
		switch {
		case strings.HasPrefix(text, "CASE"):
			depth++
			deepest = max(deepest, depth)
		case strings.HasPrefix(text, "END"):
			depth--
		}
		text = text[1:]
	}
	assert.Equal(t, 10, deepest, "a thousand steps take ten comparisons")
}

func TestPackingChoosesTextWhereItMust(t *testing.T) {
	b := newBuilder(plain)
	year := int64(365 * microsecondsPerDay)
	tests := []struct {
		name, reason string
		ranks        int
		span         int64
		text         bool
	}{
		{"usual", "a year at ten placements", 10, year, false},
		{"many placements", "a century at a thousand", 1000, 100 * year, false},
		{"everything", "all the years at ten thousand", 10_000, 9998 * year, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			earliest := time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC).UnixMicro()
			p := newPacking(b, test.ranks, earliest, earliest+test.span)
			assert.Equal(t, test.text, p.text, test.reason)
			if !p.text {
				assert.Less(t, float64(test.span+1)*float64(test.ranks), float64(1<<62))
			}
		})
	}
}

func TestDayText(t *testing.T) {
	assert.Equal(t, "1970-01-01", dayText(daysBefore1970))
	assert.Equal(t, "2024-02-29", dayText(daysBefore1970+19782))
	assert.Equal(t, "0001-01-01", dayText(2))
	assert.Equal(t, "9999-12-31", dayText(daysBefore1970+2932896))
}

// A row that no statement of ours gives is an error, not a wrong number.
func TestAddRefuses(t *testing.T) {
	q := experiment.Query{AsOf: []time.Time{noon}, By: []experiment.Dimension{experiment.ByTouchpoint()}}
	tests := []struct {
		name, reason string
		row          []any
		text         string
	}{
		{"short", "a column is missing", []any{int64(0)}, "row of 1 columns, want 8"},
		{"cell", "no such cell", []any{int64(0), int64(9), int64(0), int64(0), int64(1), int64(1), int64(0), int64(0)}, "cell 9"},
		{"moment", "no such moment", []any{int64(0), int64(0), int64(0), int64(0), int64(2), int64(1), int64(0), int64(0)}, "moments 0 to 2"},
		{"part", "no such part", []any{int64(7), int64(0), int64(0), int64(0), int64(1), int64(1), int64(0), int64(0)}, "part 7"},
		{"group", "no such group", []any{int64(partMoved), int64(0), int64(0), int64(0), int64(1), int64(1), int64(5), int64(0)}, "group 5"},
		{"count", "a count is an integer", []any{int64(0), int64(0), int64(0), int64(0), int64(1), "1", int64(0), int64(0)}, "want an integer"},
		{"touchpoint", "no such touchpoint", []any{int64(0), int64(0), int64(4), int64(0), int64(1), int64(1), int64(0), int64(0)}, "number of a touchpoint"},
		{"level", "a level of an attribute is JSON", []any{int64(0), int64(0), "{", int64(0), int64(1), int64(1), int64(0), int64(0)}, "JSON"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := Build(plain, q, frame()).Assembler().Add(test.row)
			require.Error(t, err, test.reason)
			assert.Contains(t, err.Error(), test.text)
		})
	}
}
