package experiment_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment"
)

// problems returns "path CODE" of every problem of a catalogue.
func problems(t *testing.T, c *experiment.Catalog) []string {
	t.Helper()
	err := c.Validate()
	if err == nil {
		return nil
	}
	var invalid *experiment.InvalidCatalogError
	require.ErrorAs(t, err, &invalid)
	var list []string
	for _, p := range invalid.Problems {
		assert.NotEmpty(t, p.Message)
		assert.Contains(t, p.Error(), string(p.Code))
		list = append(list, p.Path.String()+" "+string(p.Code))
	}
	return list
}

func first(c *experiment.Catalog) *experiment.Experiment { return &c.Experiments[0] }

// TestValidate breaks a sound catalogue in one place per row.
func TestValidate(t *testing.T) {
	type catalog = experiment.Catalog
	rows := []struct {
		name, reason string
		change       func(c *catalog)
		want         string
	}{
		{"no touchpoint key", "a touchpoint is referred to by its key", func(c *catalog) { c.Touchpoints[2].Key = "" }, "touchpoints[2].key TL010"},
		{"same touchpoint twice", "a reference must have one meaning", func(c *catalog) { c.Touchpoints[2].Key = "order-email" }, "touchpoints[2].key TL013"},
		{"unknown stage", "stages are a closed list", func(c *catalog) { c.Touchpoints[0].Stage = "puchase" }, "touchpoints[0].stage TL017"},
		{"no channel", "every touchpoint has one", func(c *catalog) { c.Touchpoints[0].Channel = "" }, "touchpoints[0].channel TL010"},
		{"negative unit cost", "contacts do not earn by themselves", func(c *catalog) { c.Touchpoints[0].UnitCost = -1 }, "touchpoints[0].unit_cost TL015"},
		{"unit cost NaN", "NaN is no amount", func(c *catalog) { c.Touchpoints[0].UnitCost = math.NaN() }, "touchpoints[0].unit_cost TL015"},
		{"metric without event", "nothing would count", func(c *catalog) { c.Metrics[0].Event = "" }, "metrics[0].event TL010"},
		{"same metric twice", "a reference must have one meaning", func(c *catalog) { c.Metrics[1].Key = "conversion_rate" }, "metrics[1].key TL013"},
		{"unknown kind", "kinds are a closed list", func(c *catalog) { c.Metrics[0].Kind = "ratio" }, "metrics[0].kind TL017"},
		{"proportion with aggregation", "a proportion is always any", func(c *catalog) { c.Metrics[0].Aggregation = "sum" }, "metrics[0].aggregation TL017"},
		{"proportion with cap", "a proportion is 0 or 1", func(c *catalog) { c.Metrics[0].Cap = 3 }, "metrics[0].cap TL015"},
		{"mean of maxima", "units without an event would leave the denominator", func(c *catalog) { c.Metrics[1].Aggregation = "max" }, "metrics[1].aggregation TL017"},
		{"negative cap", "0 is no cap", func(c *catalog) { c.Metrics[1].Cap = -3 }, "metrics[1].cap TL015"},
		{"negative window", "time runs forward", func(c *catalog) { c.Metrics[1].Window = -1 }, "metrics[1].window TL015"},
		{"odd nanoseconds", "stores keep microseconds", func(c *catalog) { c.Metrics[1].Delay = 1500 }, "metrics[1].delay TL015"},
		{"unknown direction", "directions are a closed list", func(c *catalog) { c.Metrics[1].Direction = "up" }, "metrics[1].direction TL017"},
		{"no key", "an experiment is referred to by its key", func(c *catalog) { first(c).Key = "" }, "experiments[0].key TL010"},
		{"key with a line break", "keys stand in logs and reports", func(c *catalog) { first(c).Key = "a\nb" }, "experiments[0].key TL011"},
		{"key with space around", "nobody sees it", func(c *catalog) { first(c).Key = "a " }, "experiments[0].key TL011"},
		{"long key", "keys stand in tables", func(c *catalog) { first(c).Key = strings.Repeat("k", 201) }, "experiments[0].key TL011"},
		{"no touchpoints", "it would run nowhere", func(c *catalog) { first(c).Touchpoints = nil }, "experiments[0].touchpoints TL010"},
		{"unknown touchpoint", "it would never be met", func(c *catalog) { first(c).Touchpoints[1] = "order-mail" }, "experiments[0].touchpoints[1] TL014"},
		{"touchpoint twice", "one is enough", func(c *catalog) { first(c).Touchpoints[1] = "checkout-page" }, "experiments[0].touchpoints[1] TL013"},
		{"no unit", "something must be randomised", func(c *catalog) { first(c).Unit = "" }, "experiments[0].unit TL010"},
		{"no salt", "it must survive renames, so it is explicit", func(c *catalog) { first(c).Salt = "" }, "experiments[0].salt TL010"},
		{"salt with NUL", "NUL separates salt and purpose", func(c *catalog) { first(c).Salt = "a\x00b" }, "experiments[0].salt TL011"},
		{"salt not UTF-8", "it names the run in every event", func(c *catalog) { first(c).Salt = "\xff" }, "experiments[0].salt TL011"},
		{"long salt", "it stands in every event", func(c *catalog) { first(c).Salt = strings.Repeat("s", 4097) }, "experiments[0].salt TL011"},
		{"one arm", "nothing to compare with", func(c *catalog) { first(c).Arms = first(c).Arms[:1] }, "experiments[0].arms TL010"},
		{"variant twice", "its weight would be ambiguous", func(c *catalog) { first(c).Arms[1].Variant = "control" }, "experiments[0].arms[1].variant TL013"},
		{"variant holdout", "results call the units kept out so", func(c *catalog) { first(c).Arms[1].Variant = "holdout" }, "experiments[0].arms[1].variant TL011"},
		{"all weights zero", "somebody must get something", func(c *catalog) { first(c).Arms[0].Weight, first(c).Arms[1].Weight = 0, 0 }, "experiments[0].arms TL012"},
		{"traffic above all", "a share is at most 1", func(c *catalog) { first(c).Traffic = experiment.Steady(assign.Share{Num: 3, Den: 2}) }, "experiments[0].traffic[0].share TL015"},
		{"payload with a channel", "it cannot be served", func(c *catalog) { first(c).Arms[1].Payload["x"] = make(chan int) }, "experiments[0].arms[1].payload.x TL018"},
		{"payload with NaN", "JSON has none", func(c *catalog) { first(c).Arms[1].Payload["x"] = []any{math.NaN()} }, "experiments[0].arms[1].payload.x TL018"},
		{"payload with a large integer", "a float64 would change it", func(c *catalog) { first(c).Arms[1].Payload["x"] = int64(1<<53 + 1) }, "experiments[0].arms[1].payload.x TL018"},
		{"payload in a circle", "depth is bounded", func(c *catalog) {
			loop := map[string]any{}
			loop["loop"] = loop
			first(c).Arms[1].Payload["x"] = loop
		}, "experiments[0].arms[1].payload.x TL018"},
		{"ends before it starts", "it would never run", func(c *catalog) { first(c).Starts = midday; first(c).Ends = midday }, "experiments[0].ends TL016"},
		{"starts in the year 10000", "it has no text form, so no revision", func(c *catalog) { first(c).Starts = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }, "experiments[0].starts TL016"},
		{"payload with a bad name inside", "it has no JSON", func(c *catalog) {
			first(c).Arms[1].Payload["x"] = map[string]any{"a\x00": 1}
		}, "experiments[0].arms[1].payload.x TL018"},
		{"payload with a number that is none", "json.Number is any text", func(c *catalog) { first(c).Arms[1].Payload["x"] = json.Number("five") }, "experiments[0].arms[1].payload.x TL018"},
		{"override of an unknown variant", "nobody would meet it", func(c *catalog) { first(c).Overrides = map[string][]string{"free": {"x"}} }, "experiments[0].overrides.free TL014"},
		{"override of an empty id", "no unit is empty", func(c *catalog) { first(c).Overrides = map[string][]string{"control": {""}} }, "experiments[0].overrides.control[0] TL011"},
		{"override twice", "an id gets one variant", func(c *catalog) {
			first(c).Overrides = map[string][]string{"control": {"x"}, "free_returns": {"y", "x"}}
		}, "experiments[0].overrides.free_returns[1] TL013"},
		{"unknown metric", "it could not be computed", func(c *catalog) { first(c).Metrics.Primary = "conversion" }, "experiments[0].metrics.primary TL014"},
		{"secondary without primary", "one metric decides", func(c *catalog) { first(c).Metrics.Secondary = []string{"conversion_rate"} }, "experiments[0].metrics.primary TL010"},
		{"primary among the secondary", "it would be tested twice", func(c *catalog) {
			first(c).Metrics = experiment.Metrics{Primary: "conversion_rate", Secondary: []string{"conversion_rate"}}
		}, "experiments[0].metrics.secondary[0] TL013"},
		{"unknown method", "methods are a closed list", func(c *catalog) { first(c).Plan.Method = "magic" }, "experiments[0].analysis.method TL017"},
		{"alpha of 0.95", "a confidence in its place would ship noise", func(c *catalog) { first(c).Plan.Alpha = 0.95 }, "experiments[0].analysis.alpha TL015"},
		{"BH for the primary family", "it does not hold the family-wise error rate", func(c *catalog) { first(c).Plan.Families.Primary = "bh" }, "experiments[0].analysis.families.primary TL017"},
		{"negative sample", "a count of units", func(c *catalog) { first(c).Plan.Sample = -1 }, "experiments[0].analysis.sample TL015"},
		{"sample without primary", "maturity is the primary metric's", func(c *catalog) { first(c).Plan.Sample = 10 }, "experiments[0].analysis.sample TL010"},
		{"sample without window", "no unit would ever mature", func(c *catalog) {
			first(c).Plan.Sample = 10
			first(c).Metrics.Primary = "revenue_per_visitor"
		}, "experiments[0].analysis.sample TL019"},
		{"concluded without a variant", "what is served?", func(c *catalog) { first(c).Concluded.At = midday }, "experiments[0].concluded.serve TL010"},
		{"concluded with an unknown variant", "it has no payload", func(c *catalog) {
			first(c).Concluded = experiment.Concluded{At: midday, Serve: "free"}
		}, "experiments[0].concluded.serve TL014"},
		{"concluded, but when", "neither at nor ends", func(c *catalog) { first(c).Concluded.Serve = "control" }, "experiments[0].concluded.at TL016"},
		{"concluded before the start", "it never ran", func(c *catalog) {
			first(c).Starts = midday
			first(c).Concluded = experiment.Concluded{At: midday.Add(-time.Hour), Serve: "control"}
		}, "experiments[0].concluded.at TL016"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			c := catalogOf(checkout())
			require.Empty(t, problems(t, c), "the catalogue is sound before the change")
			row.change(c)
			assert.Equal(t, []string{row.want}, problems(t, c), row.reason)
			_, err := experiment.New(c, experiment.Options{})
			assert.Error(t, err, "no engine for it")
		})
	}
}

// TestValidateReportsEverything: five mistakes, five problems, in order.
func TestValidateReportsEverything(t *testing.T) {
	c := catalogOf(checkout(), checkout())
	c.Touchpoints[0].Stage = "nowhere"
	c.Experiments[0].Salt = ""
	c.Experiments[0].Arms[1].Variant = ""
	c.Experiments[1].Metrics.Primary = "convrsion_rate"
	assert.Equal(t, []string{
		"touchpoints[0].stage TL017", "experiments[0].salt TL010", "experiments[0].arms[1].variant TL010",
		"experiments[1].key TL013", "experiments[1].metrics.primary TL014",
	}, problems(t, c))
	assert.ErrorContains(t, c.Validate(), `did you mean "conversion_rate"?`)
}

// TestRevision: equal definitions have equal revisions, others do not.
func TestRevision(t *testing.T) {
	a, b := checkout(), checkout()
	assert.Equal(t, a.Revision(), b.Revision())
	assert.Len(t, a.Revision(), 12)
	a.Starts, b.Starts = midday, midday.In(time.FixedZone("", 3600))
	assert.Equal(t, a.Revision(), b.Revision(), "one moment in two zones")
	b.Arms[1].Payload["days"] = 31
	assert.NotEqual(t, a.Revision(), b.Revision())
}

func TestMetricValue(t *testing.T) {
	week := 7 * 24 * time.Hour
	for _, row := range []struct {
		name, reason string
		metric       experiment.Metric
		want         experiment.Value
	}{
		{
			"proportion", "a unit converts once",
			experiment.Metric{Kind: experiment.MetricProportion, Event: "visit", Window: week},
			experiment.Value{Event: "visit", Aggregation: experiment.AggregateAny, Window: week, MatureOnly: true},
		},
		{
			"mean", "the sum is the default, the cap applies to the unit's total",
			experiment.Metric{Kind: experiment.MetricMean, Event: "purchase", Cap: 100, Delay: week},
			experiment.Value{Event: "purchase", Aggregation: experiment.AggregateSum, Cap: 100, Delay: week},
		},
		{
			"mean of counts", "the aggregation is the metric's",
			experiment.Metric{Kind: experiment.MetricMean, Event: "purchase", Aggregation: experiment.AggregateCount, Window: week},
			experiment.Value{Event: "purchase", Aggregation: experiment.AggregateCount, Window: week, MatureOnly: true},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.want, row.metric.Value(), row.reason)
		})
	}
}
