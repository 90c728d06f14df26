package peer_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

// gbExperiment is an experiment of GrowthBook's suites, or a rule of a feature.
type gbExperiment struct {
	Key           string
	Seed          string
	Variations    []any
	Weights       []float64
	Coverage      json.Number
	HashVersion   int
	HashAttribute string
	Namespace     []any
	Ranges        [][2]float64
	Range         *[2]float64
	Force         any
	Meta          []struct{ Passthrough bool }
	Filters       []struct {
		Seed        string
		Attribute   string
		HashVersion int
		Ranges      [][2]float64
	}
}

// otherKeys are what decides in the SDK before or after bucketing.
func otherKeys(object map[string]any, bucketing ...string) []string {
	var keys []string
	for key := range object {
		if !slices.Contains(bucketing, key) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

var gbBucketing = []string{"key", "seed", "variations", "weights", "coverage", "hashVersion", "hashAttribute",
	"namespace", "ranges", "filters"}

// growthbookID returns the id as the SDK reads it: a text or a number other than 0.
func growthbookID(attributes map[string]any, name string) string {
	if name == "" {
		name = "id"
	}
	switch id := attributes[name].(type) {
	case string:
		return id
	case float64:
		if id != 0 {
			return strconv.FormatFloat(id, 'f', -1, 64)
		}
	}
	return ""
}

// spec returns the experiment in our words, but for its filters.
func (e gbExperiment) spec(t *testing.T) assign.Spec {
	g := peer.GrowthBook{Version: e.HashVersion, Ranges: pairs(e.Ranges)}
	if len(e.Namespace) == 3 && len(e.Filters) == 0 {
		g.Namespace, g.NamespaceFrom, g.NamespaceTo = e.Namespace[0].(string), e.Namespace[1].(float64), e.Namespace[2].(float64)
	}
	spec := assign.Spec{Salt: e.Seed, Hash: g}
	if spec.Salt == "" {
		spec.Salt = e.Key
	}
	weights := slices.Repeat([]uint64{1}, len(e.Variations))
	switch {
	case len(e.Ranges) > 0:
		// In the SDK the ranges rule; weights and traffic have to say the same here.
		var sum uint64
		for i, r := range e.Ranges {
			weights[i] = uint64(math.Round((r[1] - r[0]) * 1e4))
			sum += weights[i]
		}
		spec.Traffic = assign.Share{Num: sum, Den: 1e4}
	case len(e.Weights) == len(e.Variations):
		weights = weightsOf(t, e.Weights)
	}
	if e.Coverage != "" && len(e.Ranges) == 0 {
		spec.Traffic = shareOf(t, e.Coverage)
	}
	spec.Arms = arms(weights...)
	return spec
}

// arm returns the arm of the subject, -1 if it is not in the experiment. A hash
// version that the SDK does not know keeps everyone out there; here it is an error.
func (e gbExperiment) arm(t *testing.T, attributes map[string]any) int {
	for _, f := range e.Filters {
		spec := assign.Spec{Salt: "everyone", Arms: arms(1), Hash: peer.GrowthBook{Filters: []peer.GrowthBookFilter{
			{Seed: f.Seed, Version: f.HashVersion, Ranges: pairs(f.Ranges)},
		}}}
		if _, enrolled := newSplit(t, spec).Variant(growthbookID(attributes, f.Attribute)); !enrolled {
			return -1
		}
	}
	split, err := assign.NewSplit(e.spec(t))
	if e.HashVersion > 2 {
		require.Error(t, err)
		return -1
	}
	require.NoError(t, err)
	id := growthbookID(attributes, e.HashAttribute)
	if id == "" {
		return -1
	}
	return decide(split, id)
}

// growthbookRunCases runs the experiments in which nothing but the hash decides.
func growthbookRunCases(t *testing.T, file string, cases [][6]json.RawMessage, c *tally) {
	left := map[string]int{}
	for _, row := range cases {
		context, experiment := decode[map[string]any](t, row[1]), decode[gbExperiment](t, row[2])
		others := append(otherKeys(context, "attributes"), otherKeys(decode[map[string]any](t, row[2]), gbBucketing...)...)
		switch {
		case len(others) > 0:
			left[fmt.Sprint("decided by ", others)]++
		case len(experiment.Variations) < 2:
			left["the SDK runs no experiment with one variation"]++
		default:
			attributes, _ := context["attributes"].(map[string]any)
			arm := experiment.arm(t, attributes)
			want := fmt.Sprint(decode[any](t, row[3]), decode[bool](t, row[4]))
			c.equal(want, fmt.Sprint(experiment.Variations[max(arm, 0)], arm >= 0), "%s run %s", file, row[0])
		}
	}
	leaveAll(c, file+" run", left)
}

func leaveAll(c *tally, suite string, left map[string]int) {
	for _, why := range slices.Sorted(maps.Keys(left)) {
		c.leave(left[why], "%s: %s", suite, why)
	}
}

// growthbookFeatureCases walks the rules of a feature, where they are decided by
// hashes alone: forced values for a part of the units, and experiments.
func growthbookFeatureCases(t *testing.T, file string, cases [][4]json.RawMessage, c *tally) {
	left := map[string]int{}
	for _, row := range cases {
		context := decode[struct {
			Attributes map[string]any
			Features   map[string]struct {
				DefaultValue any
				Rules        []json.RawMessage
			}
		}](t, row[1])
		name := decode[string](t, row[2])
		feature := context.Features[name]
		hashed := false
		others := otherKeys(decode[map[string]any](t, row[1]), "attributes", "features")
		value, decided := feature.DefaultValue, false
		for _, raw := range feature.Rules {
			rule := decode[map[string]any](t, raw)
			others = append(others, otherKeys(rule, append(gbBucketing, "id", "force", "range", "meta", "name", "phase", "type")...)...)
			hashed = hashed || rule["variations"] != nil || rule["coverage"] != nil || rule["range"] != nil
			if got, enrolled := growthbookRule(t, name, raw, context.Attributes); enrolled && !decided && len(others) == 0 {
				value, decided = got, true
			}
		}
		switch {
		case len(others) > 0:
			left[fmt.Sprint("decided by ", others)]++
		case !hashed:
			left["nothing is hashed"]++
		default:
			c.equal(fmt.Sprint(decode[map[string]any](t, row[3])["value"]), fmt.Sprint(value), "%s feature %s", file, row[0])
		}
	}
	leaveAll(c, file+" feature", left)
}

// growthbookRule returns the value of a rule and whether it has one for the subject.
func growthbookRule(t *testing.T, feature string, raw json.RawMessage, attributes map[string]any) (any, bool) {
	rule := decode[gbExperiment](t, raw)
	if rule.Key == "" {
		rule.Key = feature
	}
	if len(rule.Variations) == 0 {
		if rule.Range == nil && rule.Coverage == "" {
			return rule.Force, rule.Force != nil
		}
		// A forced value for a part of the units is a split with one arm.
		forced := rule
		forced.Variations = []any{rule.Force}
		if rule.Range != nil {
			forced.Ranges, forced.Coverage = [][2]float64{*rule.Range}, ""
		}
		return rule.Force, forced.arm(t, attributes) >= 0
	}
	arm := rule.arm(t, attributes)
	if arm < 0 || arm < len(rule.Meta) && rule.Meta[arm].Passthrough {
		return nil, false
	}
	return rule.Variations[arm], true
}
