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
}

// eligible is what a rule answers where it matches.
const eligible = "eligible"

// nothing closes what needs no closing.
func nothing() {}

// deciders are the libraries that split traffic, touchlift first.
func deciders() []contestant {
	return []contestant{
		{"touchlift", "github.com/touchlift/touchlift", openTouchlift},
		{"GrowthBook", "github.com/growthbook/growthbook-golang", openGrowthBook},
		{"LaunchDarkly", "github.com/launchdarkly/go-server-sdk/v7", openLaunchDarkly},
		{"OpenFeature", "github.com/open-feature/go-sdk", openOpenFeature},
		{"PostHog", "github.com/posthog/posthog-go", openPostHog},
		{"Statsig", "github.com/statsig-io/go-sdk", openStatsig},
	}
}

// rules are the languages that match attributes, touchlift first. They have
// nothing but targeting.
func rules() []contestant {
	return []contestant{
		{"touchlift", "github.com/touchlift/touchlift", openAudience},
		{"CEL", "github.com/google/cel-go", openCEL},
		{"Expr", "github.com/expr-lang/expr", openExpr},
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
