package config

import (
	"slices"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/touchlift/touchlift/experiment"
)

// The tables of this file are the format: what is read, what is refused and what
// the package comment lists all come from them.

// experimentObject is one file with an experiment.
func experimentObject() object[experiment.Experiment] {
	type e = experiment.Experiment
	return object[e]{
		name: "experiment",
		fields: []field[e]{
			required("experiment", text[string](), "name in code, events and results",
				func(e *e) *string { return &e.Key }).named("key"),
			required("touchpoints", list(text[string]()), "where it runs; the same unit meets the same variant at each",
				func(e *e) *[]string { return &e.Touchpoints }),
			optional("owner", text[string](), "who to ask", func(e *e) *string { return &e.Owner }),
			optional("hypothesis", text[string](), "what is expected, and why", func(e *e) *string { return &e.Hypothesis }),
			required("unit", text[experiment.Kind](), "the kind of id that is randomised, such as customer",
				func(e *e) *experiment.Kind { return &e.Unit }),
			required("salt", text[string](), "hashed with the unit; a new salt is a new run", func(e *e) *string { return &e.Salt }),
			optional("starts", moment("no bound"), "it runs from here on; default: no bound", func(e *e) *time.Time { return &e.Starts }),
			optional("ends", moment("no bound"), "and until before this; default: no bound", func(e *e) *time.Time { return &e.Ends }),
			optional("paused", truth(), "serves control and records nothing; default false", func(e *e) *bool { return &e.Paused }),
			required("arms", list(armObject().kind()), "at least two; the first is control", func(e *e) *[]experiment.Arm { return &e.Arms }),
			optional("traffic", traffic(), "the share of units that is enrolled; default 100%", func(e *e) *experiment.Traffic { return &e.Traffic }),
			optional("overrides", mapping(list(text[string]())), "variant to the ids that are forced into it",
				func(e *e) *map[string][]string { return &e.Overrides }),
			optional("metrics", metricsObject().kind(), "what decides and what describes", func(e *e) *experiment.Metrics { return &e.Metrics }),
			optional("analysis", planObject().kind(), "what is settled about the analysis", func(e *e) *experiment.Plan { return &e.Plan }),
			optional("concluded", concludedObject().kind(), "what is served after the end", func(e *e) *experiment.Concluded { return &e.Concluded }),
		},
		later: []string{"audience", "decision", "hash", "holdout", "layer", "phases", "requires", "sticky"},
	}
}

// moment is a date that means what it says. absent is what leaving it out means.
func moment(absent string) kind[time.Time] {
	return written(date(), experiment.CodeInvalidTimes, "leave it out for "+absent)
}

func armObject() object[experiment.Arm] {
	type a = experiment.Arm
	return object[a]{
		name:  "arm",
		title: "variant",
		fields: []field[a]{
			required("variant", text[string](), "name of the treatment", func(a *a) *string { return &a.Variant }),
			required("weight", weightOfArm(), "relative to the other arms' weights; 0 is nobody", func(a *a) *uint64 { return &a.Weight }),
			optional("payload", payload(), "what the application reads", func(a *a) *experiment.Payload { return &a.Payload }),
		},
	}
}

func metricsObject() object[experiment.Metrics] {
	type m = experiment.Metrics
	return object[m]{
		name: "metrics",
		fields: []field[m]{
			optional("primary", written(text[string](), experiment.CodeMissing, "name a metric, or leave it out"), "the metric that decides",
				func(m *m) *string { return &m.Primary }),
			optional("secondary", list(text[string]()), "metrics that describe", func(m *m) *[]string { return &m.Secondary }),
		},
		later: []string{"guardrails"},
	}
}

func planObject() object[experiment.Plan] {
	type p = experiment.Plan
	return object[p]{
		name: "analysis",
		fields: []field[p]{
			optional("method", choice[experiment.Method]("fixed", "always_valid", "bayesian", "group_sequential"), "fixed", func(p *p) *experiment.Method { return &p.Method }),
			optional("alpha", written(number(), experiment.CodeInvalidNumber, "it lies between 0 and 0.5; leave it out for 0.05"),
				"two-sided error rate of each family; default 0.05", func(p *p) *float64 { return &p.Alpha }),
			optional("sample", written(whole(), experiment.CodeInvalidNumber, "leave it out to decide when the units of the whole run have matured"),
				"matured units per arm to wait for", func(p *p) *int64 { return &p.Sample }),
			optional("families", familiesObject().kind(), "corrections for several hypotheses", func(p *p) *experiment.Families { return &p.Families }),
		},
		later: []string{"cuped", "duration", "harm_alpha", "mde", "power", "segments"},
	}
}

func familiesObject() object[experiment.Families] {
	type f = experiment.Families
	return object[f]{
		name: "families",
		fields: []field[f]{
			optional("primary", choice[experiment.Adjustment]("holm", "dunnett"), "holm", func(f *f) *experiment.Adjustment { return &f.Primary }),
			optional("secondary", choice[experiment.Adjustment]("bh"), "bh (default) or holm",
				func(f *f) *experiment.Adjustment { return &f.Secondary }),
		},
		later: []string{"segments"},
	}
}

func concludedObject() object[experiment.Concluded] {
	type c = experiment.Concluded
	return object[c]{
		name: "concluded",
		fields: []field[c]{
			optional("at", moment("the end of the experiment"), "when; default: when it ends", func(c *c) *time.Time { return &c.At }),
			optional("serve", text[string](), "the variant that everyone gets; required once something is concluded", func(c *c) *string { return &c.Serve }),
		},
	}
}

// touchpointObject is what stands under a key of touchpoints.yaml.
func touchpointObject() object[experiment.Touchpoint] {
	type t = experiment.Touchpoint
	return object[t]{
		name: "touchpoint",
		fields: []field[t]{
			required("stage", text[experiment.Stage](), "stage of the customer journey, such as purchase", func(t *t) *experiment.Stage { return &t.Stage }),
			required("channel", text[experiment.Channel](), "medium of the contact, such as web", func(t *t) *experiment.Channel { return &t.Channel }),
			optional("offline", truth(), "away from a screen; default false", func(t *t) *bool { return &t.Offline }),
			optional("unit_cost", number(), "what one contact costs; default 0", func(t *t) *float64 { return &t.UnitCost }),
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
			optional("cap", written(number(), experiment.CodeInvalidNumber, "leave it out for no cap"), "of a mean: a unit's total counts up to here",
				func(m *m) *float64 { return &m.Cap }),
		},
		later: []string{"cost", "day", "denominator", "margin", "numerator", "quantile", "score"},
	}
}

// choice is one word of several, which package experiment knows. An empty text is
// refused because it would silently mean the usual word. Words of the later format
// are not called wrong.
func choice[T ~string](usual string, later ...T) kind[T] {
	k := written(text[T](), experiment.CodeInvalidChoice, "leave it out for "+usual)
	read := k.read
	k.read = func(d *decoder, n *yaml.Node) T {
		word := read(d, n)
		if slices.Contains(later, word) {
			d.fail(n, CodeUnsupported, "leave it out for "+usual, "%s %q is not supported by this version", d.subject(), string(word))
		}
		return word
	}
	return k
}
