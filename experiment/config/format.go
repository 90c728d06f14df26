package config

import (
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment"
)

// The tables of this file and of format_files.go are the format: what is read, what
// is refused and what the package comment lists all come from them.

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
			optional("hash", hash(), "the formula that splits; default touchlift/1", func(e *e) *assign.Formula { return &e.Hash }),
			optional("traffic", traffic(), "the share of units that is enrolled; default 100%", func(e *e) *experiment.Traffic { return &e.Traffic }),
			optional("phases", list(phaseObject().kind()), "new weights while it runs, oldest first", func(e *e) *[]experiment.Phase { return &e.Phases }),
			optional("audience", rule("everyone"), "who is eligible; default everyone", func(e *e) *string { return &e.Audience }),
			optional("layer", slotsObject().kind(), "keeps the experiments of a layer apart; default none",
				func(e *e) *experiment.Slots { return &e.Layer }),
			optional("holdout", named("the holdouts whose scope it is in, or write none to be exempt from them"),
				"the holdout it is under; none exempts it from all", func(e *e) *string { return &e.Holdout }),
			optional("requires", requirementObject().kind(), "only units that meet this variant take part",
				func(e *e) *experiment.Requirement { return &e.Requires }),
			optional("sticky", truth(), "keeps a unit's variant whatever changes; default false", func(e *e) *bool { return &e.Sticky }),
			optional("links", list(text[experiment.Kind]()), "kinds of id that share the variant; needs sticky",
				func(e *e) *[]experiment.Kind { return &e.Links }),
			optional("overrides", overrides(), "variant to the ids that are forced into it",
				func(e *e) *map[string][]string { return &e.Overrides }),
			optional("metrics", metricsObject().kind(), "what decides and what describes", func(e *e) *experiment.Metrics { return &e.Metrics }),
			optional("analysis", planObject().kind(), "what is settled about the analysis", func(e *e) *experiment.Plan { return &e.Plan }),
			optional("concluded", concludedObject().kind(), "what is served after the end", func(e *e) *experiment.Concluded { return &e.Concluded }),
		},
		later: []string{"decision"},
		others: map[string]string{
			"condition": "audience", "targeting": "audience", "coverage": "traffic", "rollout": "traffic", "seed": "salt",
			"key": "experiment", "name": "experiment", "namespace": "layer", "variants": "arms", "variations": "arms", "whitelist": "overrides",
		},
	}
}

// moment is a date that means what it says. absent is what leaving it out means.
func moment(absent string) kind[time.Time] {
	return written(date(), experiment.CodeInvalidTimes, "leave it out for "+absent)
}

// overrides map a variant to ids. Written the other way round they say that first.
func overrides() kind[map[string][]string] {
	ids := list(text[string]())
	read := ids.read
	ids.read = func(d *decoder, n *yaml.Node) []string {
		if is := follow(n); is.Kind == yaml.ScalarNode && !isNull(is) {
			d.fail(n, CodeWrongType, "a variant comes first, then the list of the ids that are forced into it: free_returns: [qa-1, qa-2]",
				"%s is %s; overrides map a variant to a list of ids", d.subject(), describe(is))
			return nil
		}
		return read(d, n)
	}
	return mapping(ids)
}

func armObject() object[experiment.Arm] {
	type a = experiment.Arm
	return object[a]{
		name:   "arm",
		title:  "variant",
		others: map[string]string{"key": "variant", "name": "variant"},
		fields: []field[a]{
			required("variant", text[string](), "name of the treatment", func(a *a) *string { return &a.Variant }),
			required("weight", weightOfArm(), "relative to the other arms' weights; 0 is nobody", func(a *a) *uint64 { return &a.Weight }),
			optional("payload", payload(), "what the application reads", func(a *a) *experiment.Payload { return &a.Payload }),
		},
	}
}

func trafficStepObject() object[experiment.TrafficStep] {
	type t = experiment.TrafficStep
	return object[t]{
		name: "step",
		fields: []field[t]{
			optional("from", moment("always"), "when it starts; only the first may leave it out", func(t *t) *time.Time { return &t.From }),
			required("share", share(), "of the units, no less than before", func(t *t) *assign.Share { return &t.Share }),
		},
	}
}

func phaseObject() object[experiment.Phase] {
	type p = experiment.Phase
	return object[p]{
		name: "phase",
		fields: []field[p]{
			required("from", date(), "when it starts", func(p *p) *time.Time { return &p.From }),
			required("arms", list(armObject().kind()), "all arms from then on; a new one may have a payload",
				func(p *p) *[]experiment.Arm { return &p.Arms }),
		},
	}
}

// slotsObject is the part of a layer that an experiment holds.
func slotsObject() object[experiment.Slots] {
	type s = experiment.Slots
	return object[s]{
		name:  "layer",
		empty: true,
		fields: []field[s]{
			required("name", text[string](), "a layer of layers.yaml", func(s *s) *string { return &s.Layer }),
			slotsField(),
		},
	}
}

func requirementObject() object[experiment.Requirement] {
	type r = experiment.Requirement
	return object[r]{
		name:  "requires",
		empty: true,
		fields: []field[r]{
			required("experiment", text[string](), "another experiment with the same unit", func(r *r) *string { return &r.Experiment }),
			required("variant", text[string](), "the variant that a unit meets there", func(r *r) *string { return &r.Variant }),
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
			optional("alpha", written(number("0.05"), experiment.CodeInvalidNumber, "it lies between 0 and 0.5; leave it out for 0.05"),
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
