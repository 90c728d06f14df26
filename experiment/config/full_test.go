package config_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
	"github.com/touchlift/touchlift/experiment/config"
)

// Every key of the format arrives where the catalogue has it.
func TestFullFormat(t *testing.T) {
	catalog, err := config.Load(os.DirFS(filepath.Join("testdata", "experiments")))
	require.NoError(t, err)

	require.Len(t, catalog.Experiments, 2)
	utc(t, catalog)
	assert.Equal(t, checkoutExperiment(t), catalog.Experiments[0])
	assert.Equal(t, welcomeExperiment(), catalog.Experiments[1])
	checkEligibility(t, catalog)
	assert.Equal(t, []experiment.Touchpoint{
		{Key: "welcome-email", Stage: experiment.StageRetention, Channel: experiment.ChannelEmail},
		{Key: "checkout-page", Stage: experiment.StagePurchase, Channel: experiment.ChannelWeb},
		{Key: "order-email", Stage: experiment.StagePostPurchase, Channel: experiment.ChannelEmail, UnitCost: 0.01},
	}, catalog.Touchpoints)
	day := 24 * time.Hour
	assert.Equal(t, []experiment.Metric{
		{Key: "unsubscribe_rate", Kind: experiment.MetricProportion, Event: "unsubscribe", Delay: time.Hour,
			Window: 9*day + 12*time.Hour + 30*time.Minute + 15*time.Second, Direction: experiment.Decrease},
		{Key: "opens", Kind: experiment.MetricMean, Event: "open", Aggregation: experiment.AggregateCount},
		{Key: "profit_per_visitor", Kind: experiment.MetricMean, Event: "purchase", Window: 14 * day, Cap: 500},
		{Key: "conversion_rate", Kind: experiment.MetricProportion, Event: "purchase", Window: 14 * day},
	}, catalog.Metrics)
}

// checkEligibility compares who may take part with what the files say.
func checkEligibility(t *testing.T, catalog *experiment.Catalog) {
	t.Helper()
	assert.Equal(t, []experiment.Declaration{
		{Key: "country", Type: audience.TypeString}, {Key: "age", Type: audience.TypeNumber}, {Key: "company", Type: audience.TypeBool},
		{Key: "email", Type: audience.TypeString}, {Key: "user_agent", Type: audience.TypeString},
	}, catalog.Attributes)
	assert.Equal(t, []experiment.Segment{
		{Key: "nordic", Audience: `country in ["NO", "SE", "DK", "FI", "IS"]`},
		{Key: "grown_up", Audience: "age >= 18 && has(country)"},
		{Key: "business", Audience: `company || email endsWith ".gov"`},
	}, catalog.Segments)
	assert.Equal(t, []experiment.Layer{
		{Key: "checkout", Salt: "checkout-layer", Unit: experiment.KindCustomer, Slots: 100},
		{Key: "mail", Salt: "mail-layer", Unit: experiment.KindCustomer},
	}, catalog.Layers)
	assert.Equal(t, []experiment.Holdout{
		{Key: "global-2026", Salt: "holdout-2026", Unit: experiment.KindCustomer, Share: assign.Share{Num: 1, Den: 100},
			Scope: experiment.Scope{Global: true}},
		{Key: "winter-2026", Salt: "holdout-winter", Unit: experiment.KindCustomer, Share: assign.Share{Num: 1, Den: 20}},
		{Key: "mail-2026", Salt: "holdout-mail", Unit: experiment.KindCustomer, Share: assign.Share{Num: 1, Den: 20},
			Scope: experiment.Scope{Touchpoint: "welcome-email"}},
		{Key: "retention-2026", Salt: "holdout-retention", Unit: experiment.KindCustomer, Share: assign.Share{Num: 1, Den: 40},
			Scope: experiment.Scope{Stage: experiment.StageRetention}},
		{Key: "layer-2026", Salt: "holdout-layer", Unit: experiment.KindCustomer, Share: assign.Share{Num: 1, Den: 10},
			Scope: experiment.Scope{Layer: "mail"}},
	}, catalog.Holdouts)
	assert.Equal(t, experiment.Exclusions{
		Bots: `user_agent matches "(?i)bot|crawler|spider"`, Internal: `email endsWith "@shop.example"`,
	}, catalog.Exclusions)
}

// utc takes the offsets of the times away, after a look at them.
func utc(t *testing.T, catalog *experiment.Catalog) {
	t.Helper()
	e := &catalog.Experiments[0]
	for _, at := range []*time.Time{&e.Starts, &e.Ends, &e.Concluded.At, &e.Traffic[0].From, &e.Traffic[1].From, &e.Phases[0].From} {
		_, offset := at.Zone()
		assert.Equal(t, 3600, offset, "the offset that is written stays")
		*at = at.UTC()
	}
}

// checkoutExperiment is testdata/experiments/checkout.yaml, with times in UTC.
func checkoutExperiment(t *testing.T) experiment.Experiment {
	t.Helper()
	return experiment.Experiment{
		Key:         "checkout-reassurance",
		Touchpoints: []string{"checkout-page", "order-email"},
		Owner:       "growth@shop.example",
		Hypothesis:  "Showing free returns next to the pay button raises profit per visitor by 3%.",
		Unit:        experiment.KindCustomer,
		Salt:        "checkout-reassurance-2026",
		Arms: []experiment.Arm{
			{Variant: "control", Weight: 50, Payload: experiment.Payload{"banner": "none"}},
			{Variant: "free_returns", Weight: 50, Payload: experiment.Payload{"banner": "free_returns"}},
		},
		Traffic: experiment.Traffic{
			{From: moment(t, "2026-01-05T07:00:00Z"), Share: assign.Share{Num: 1, Den: 20}},
			{From: moment(t, "2026-01-07T07:00:00Z"), Share: assign.Share{Num: 1, Den: 1}},
		},
		Phases: []experiment.Phase{{From: moment(t, "2026-01-19T07:00:00Z"),
			Arms: []experiment.Arm{{Variant: "control", Weight: 40}, {Variant: "free_returns", Weight: 60}}}},
		Audience:  `country in ["NO", "SE"] && age >= 18 && !segment("business")`,
		Layer:     experiment.Slots{Layer: "checkout", From: 0, To: 50},
		Holdout:   "winter-2026",
		Requires:  experiment.Requirement{Experiment: "welcome-mail", Variant: "short"},
		Sticky:    true,
		Links:     []experiment.Kind{experiment.KindDevice},
		Starts:    moment(t, "2026-01-05T07:00:00Z"),
		Ends:      moment(t, "2026-02-16T07:00:00Z"),
		Overrides: map[string][]string{"free_returns": {"qa-1", "qa-2"}},
		Metrics:   experiment.Metrics{Primary: "profit_per_visitor", Secondary: []string{"conversion_rate"}},
		Plan: experiment.Plan{Method: experiment.MethodFixed, Alpha: 0.05, Sample: 20000,
			Families: experiment.Families{Primary: experiment.AdjustHolm, Secondary: experiment.AdjustBH}},
		Concluded: experiment.Concluded{At: moment(t, "2026-02-20T07:00:00Z"), Serve: "free_returns"},
	}
}

// welcomeExperiment is testdata/experiments/mail/welcome.yaml.
func welcomeExperiment() experiment.Experiment {
	return experiment.Experiment{
		Key:         "welcome-mail",
		Touchpoints: []string{"welcome-email"},
		Unit:        experiment.KindCustomer,
		Salt:        "welcome-mail", // by an alias
		Arms: []experiment.Arm{
			{Variant: "control", Weight: 2},
			{Variant: "short", Weight: 1, Payload: experiment.Payload{"subject": "Welcome\nto the shop\n", "lines": []any{1.0, 2.5, -3.0},
				"style": map[string]any{"bold": true, "colour": "NO"}}},
			{Variant: "long", Weight: 1, Payload: experiment.Payload{"style": map[string]any{"bold": true, "colour": "NO"}, "empty": "",
				"nested": []any{[]any{"a"}, map[string]any{"b": false}}}},
		},
		Hash:     peer.GrowthBook{Version: 2, Namespace: "mail", NamespaceFrom: 0.25, NamespaceTo: 1},
		Traffic:  experiment.Steady(assign.Share{Num: 1, Den: 1}),
		Phases:   []experiment.Phase{},
		Audience: "segment(\"nordic\")\n  && segment(\"grown_up\")\n",
		Layer:    experiment.Slots{Layer: "mail", From: 10, To: 20},
		Holdout:  experiment.NoHoldout,
		Links:    []experiment.Kind{},
	}
}
