package config

import (
	"time"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
)

// touchpointObject is what stands under a key of touchpoints.yaml.
func touchpointObject() object[experiment.Touchpoint] {
	type t = experiment.Touchpoint
	return object[t]{
		name: "touchpoint",
		fields: []field[t]{
			required("stage", text[experiment.Stage](), "stage of the customer journey, such as purchase", func(t *t) *experiment.Stage { return &t.Stage }),
			required("channel", text[experiment.Channel](), "medium of the contact, such as web", func(t *t) *experiment.Channel { return &t.Channel }),
			optional("offline", truth(), "away from a screen; default false", func(t *t) *bool { return &t.Offline }),
			optional("unit_cost", number("0.01"), "what one contact costs; default 0", func(t *t) *float64 { return &t.UnitCost }),
		},
	}
}

// metricObject is what stands under a key of metrics.yaml.
func metricObject() object[experiment.Metric] {
	type m = experiment.Metric
	return object[m]{
		name: "metric",
		fields: []field[m]{
			required("kind", text[experiment.MetricKind](), "proportion or mean", func(m *m) *experiment.MetricKind { return &m.Kind }),
			required("event", text[string](), "the conversion that counts", func(m *m) *string { return &m.Event }),
			optional("aggregation", choice[experiment.Aggregation]("sum"), "of a mean: sum (default) or count",
				func(m *m) *experiment.Aggregation { return &m.Aggregation }),
			optional("window", written(duration(), experiment.CodeInvalidNumber, "leave it out for a window without end"),
				"length of a unit's window; default: without end", func(m *m) *time.Duration { return &m.Window }),
			optional("delay", duration(), "from a unit's first exposure to its window; default 0s", func(m *m) *time.Duration { return &m.Delay }),
			optional("direction", choice[experiment.Direction]("increase"), "increase (default) or decrease",
				func(m *m) *experiment.Direction { return &m.Direction }),
			optional("cap", written(number("500"), experiment.CodeInvalidNumber, "leave it out for no cap"), "of a mean: a unit's total counts up to here",
				func(m *m) *float64 { return &m.Cap }),
		},
		later: []string{"cost", "day", "denominator", "margin", "numerator", "quantile", "score"},
	}
}

// attributeObject is a type under a name of attributes.yaml.
func attributeObject() object[experiment.Declaration] {
	type a = experiment.Declaration
	return object[a]{
		name:  "attribute",
		short: true,
		fields: []field[a]{
			required("type", attributeType(), "of its values: string, number or bool", func(a *a) *audience.Type { return &a.Type }),
		},
	}
}

// segmentObject is a rule under a name of segments.yaml.
func segmentObject() object[experiment.Segment] {
	type s = experiment.Segment
	return object[s]{
		name:  "segment",
		short: true,
		fields: []field[s]{
			required("rule", rule("no segment"), "who belongs to it", func(s *s) *string { return &s.Audience }).named("audience"),
		},
	}
}

// layerObject is what stands under a key of layers.yaml.
func layerObject() object[experiment.Layer] {
	type l = experiment.Layer
	return object[l]{
		name: "layer",
		fields: []field[l]{
			required("salt", text[string](), "hashed with the unit; a new salt reshuffles all experiments", func(l *l) *string { return &l.Salt }),
			required("unit", text[experiment.Kind](), "the kind of id that its experiments randomise", func(l *l) *experiment.Kind { return &l.Unit }),
			optional("slots", slotCount(), "how many equal parts it has; default 100", func(l *l) *uint64 { return &l.Slots }),
		},
	}
}

// holdoutObject is what stands under a key of holdouts.yaml.
func holdoutObject() object[experiment.Holdout] {
	type h = experiment.Holdout
	return object[h]{
		name: "holdout",
		fields: []field[h]{
			required("salt", text[string](), "hashed with the unit; a new salt holds out others", func(h *h) *string { return &h.Salt }),
			required("unit", text[experiment.Kind](), "the kind of id that is held out", func(h *h) *experiment.Kind { return &h.Unit }),
			required("share", share(), "of the units, above 0% and below 100%", func(h *h) *assign.Share { return &h.Share }),
			optional("scope", scopeObject().kind(), "the experiments under it; default: those that name it",
				func(h *h) *experiment.Scope { return &h.Scope }),
		},
	}
}

// scopeObject has one of its keys.
func scopeObject() object[experiment.Scope] {
	type s = experiment.Scope
	const absent = "without a scope the holdout is over the experiments that name it"
	return object[s]{
		name: "scope",
		none: "name what the holdout is over, such as {global: true}, or leave the scope out; " + absent,
		fields: []field[s]{
			optional("global", written(truth(), experiment.CodeInvalidChoice, "write true for every experiment, or leave it out; "+absent), "true for every experiment", func(s *s) *bool { return &s.Global }),
			optional("layer", named("no layer"), "every experiment of that layer", func(s *s) *string { return &s.Layer }),
			optional("touchpoint", named("no touchpoint"), "every experiment at that touchpoint", func(s *s) *string { return &s.Touchpoint }),
			optional("stage", choice[experiment.Stage]("no stage"), "every experiment at a touchpoint of that stage",
				func(s *s) *experiment.Stage { return &s.Stage }),
		},
	}
}

// exclusionsObject is the file traffic.yaml.
func exclusionsObject() object[experiment.Exclusions] {
	type x = experiment.Exclusions
	return object[x]{
		name: "traffic",
		fields: []field[x]{
			optional("bots", rule("no bots"), "who is a machine; default nobody", func(x *x) *string { return &x.Bots }),
			optional("internal", rule("nobody"), "who is one of your own; default nobody", func(x *x) *string { return &x.Internal }),
		},
	}
}
