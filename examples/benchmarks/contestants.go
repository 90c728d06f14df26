package main

import "fmt"

// visitor is what a request knows about who is asking. Every contestant builds
// its own user, context or subject from it, once per question.
type visitor struct {
	id, country string
	age         float64
}

// answer puts one question for a visitor: the name of the arm, or "" for a
// visitor who is not eligible. It is called from several goroutines at once.
type answer func(*visitor) string

// contestant is one library, ready to be measured.
type contestant struct {
	name   string // as the table shows it
	module string // where the version comes from
	// open makes an answer from a local configuration, and what closes it.
	// With targeting, only adults in five countries are eligible.
	open func(targeting bool) (answer, func(), error)
	note note // what a reader of the figures has to know
}

// note is a footnote to a contestant's figures.
type note struct {
	text string
	// targeted is a note to figures with targeting alone.
	targeted bool
}

// applies reports whether there is a note to figures with or without targeting.
func (n note) applies(targeting bool) bool { return n.text != "" && (targeting || !n.targeted) }

// eligible is what a rule answers where it matches.
const eligible = "eligible"

// nothing closes what needs no closing.
func nothing() {}

// The notes to contestants whose figures are not what they seem.
const (
	openFeatureNote = "OpenFeature is an interface without a hash and rules of its own: the figure is its client, with touchlift's package assign for the split and Go code for the rule behind it."
	postHogNote     = "PostHog skips the hash of its rollout where a flag has conditions, so that the table with country and age asks less of it than the one without."
)

// deciders are the libraries that split traffic, touchlift first.
func deciders() []contestant {
	return []contestant{
		{name: "touchlift", module: "github.com/touchlift/touchlift", open: openTouchlift},
		{name: "GrowthBook", module: "github.com/growthbook/growthbook-golang", open: openGrowthBook},
		{name: "LaunchDarkly", module: "github.com/launchdarkly/go-server-sdk/v7", open: openLaunchDarkly},
		{name: "OpenFeature", module: "github.com/open-feature/go-sdk", open: openOpenFeature, note: note{text: openFeatureNote}},
		{name: "PostHog", module: "github.com/posthog/posthog-go", open: openPostHog, note: note{text: postHogNote, targeted: true}},
		{name: "Statsig", module: "github.com/statsig-io/go-sdk", open: openStatsig},
	}
}

// rules are the languages that match attributes, touchlift first. They have
// nothing but targeting.
func rules() []contestant {
	return []contestant{
		{name: "touchlift", module: "github.com/touchlift/touchlift", open: openAudience},
		{name: "CEL", module: "github.com/google/cel-go", open: openCEL},
		{name: "Expr", module: "github.com/expr-lang/expr", open: openExpr},
	}
}

// keyOf names the experiment or flag: every configuration holds both.
func keyOf(targeting bool) string {
	if targeting {
		return "checkout-nordic"
	}
	return "checkout"
}

// nordic are the countries of the rule.
var nordic = [...]string{"DK", "FI", "IS", "NO", "SE"}

// crowd is how many visitors come in turn. A power of two, so that taking the
// next one costs nothing.
const crowd = 1024

// visitors are who the benchmarks ask for: ids of 36 bytes, as UUIDs have, all
// eligible, so that every contestant walks the whole way.
func visitors() *[crowd]visitor {
	all := new([crowd]visitor)
	for i := range all {
		all[i] = visitor{
			id:      fmt.Sprintf("0191c5f0-7a3b-7c4d-8e5f-60718293%04x", i),
			country: nordic[i%len(nordic)],
			age:     float64(18 + i%60),
		}
	}
	return all
}
