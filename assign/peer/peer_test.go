package peer_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

func withSeed(seed int64) *int64 { return &seed }

// everyFormula has each formula with parameters of each kind, and at least one with
// none. Their JSON is part of the revisions of configurations: a line never changes.
func everyFormula() map[string]assign.Formula {
	return map[string]assign.Formula{
		`{"name":"growthbook/1"}`: peer.GrowthBook{},
		`{"name":"growthbook/2","namespace":"checkout","namespace_to":0.5}`: peer.GrowthBook{
			Version: 2, Namespace: "checkout", NamespaceTo: 0.5,
		},
		`{"name":"growthbook/2","filters":[{"seed":"layer","version":1,"ranges":[{"from":0,"to":0.25},{"from":0.5,"to":1}]}],"ranges":[{"from":0.5,"to":1},{"from":0,"to":0.5}]}`: peer.GrowthBook{
			Version: 2,
			Filters: []peer.GrowthBookFilter{{Seed: "layer", Version: 1, Ranges: peer.GrowthBookRanges{{From: 0, To: 0.25}, {From: 0.5, To: 1}}}},
			Ranges:  peer.GrowthBookRanges{{From: 0.5, To: 1}, {From: 0, To: 0.5}},
		},
		`{"name":"launchdarkly/1","flag_salt":"saltyA","seed":0,"variations":[{"variant":"v0","weight":50000},{"weight":50000}]}`: peer.LaunchDarkly{
			FlagSalt: "saltyA", Seed: withSeed(0),
			Variations: []peer.LaunchDarklyVariation{{Variant: "v0", Weight: 50000}, {Weight: 50000}},
		},
		`{"name":"launchdarkly/1","flag_salt":""}`:                     peer.LaunchDarkly{},
		`{"name":"launchdarkly/1","seed":61}`:                          peer.LaunchDarkly{Seed: withSeed(61)},
		`{"name":"statsig/1"}`:                                         peer.Statsig{},
		`{"name":"statsig/1","allocation_salt":"a","allocated":"0-9"}`: peer.Statsig{AllocationSalt: "a", Allocated: "0-9"},
		`{"name":"statsig/1","rule_salt":"r"}`:                         peer.Statsig{RuleSalt: "r"},
		`{"name":"optimizely/1","group":"7","group_from":1,"group_to":2,"ranges":[{"variant":"v0","end":5000},{"end":6000}]}`: peer.Optimizely{
			Group: "7", GroupFrom: 1, GroupTo: 2, Ranges: []peer.OptimizelyRange{{Variant: "v0", End: 5000}, {End: 6000}},
		},
		`{"name":"eppo/1","total_shards":100,"traffic_salt":"t","traffic_ranges":[{"start":0,"end":50}],"ranges":[{"variant":"v0","start":0,"end":100}]}`: peer.Eppo{
			TotalShards: 100, TrafficSalt: "t", TrafficRanges: []peer.EppoShards{{End: 50}}, Ranges: []peer.EppoRange{{Variant: "v0", End: 100}},
		},
		`{"name":"eppo/legacy"}`: peer.EppoLegacy{},
		`{"name":"split/1","traffic_allocation_seed":-3,"unsigned":true}`: peer.Split{Algo: 1, TrafficAllocationSeed: -3, Unsigned: true},
		`{"name":"split/2"}`:                          peer.Split{},
		`{"name":"unleash/1","rollout_group":"shop"}`: peer.Unleash{RolloutGroup: "shop"},
		`{"name":"gofeatureflag/1"}`:                  peer.GOFeatureFlag{},
		`{"name":"planout/1","param":"colour"}`:       peer.PlanOut{Param: "colour"},
		`{"name":"posthog/1"}`:                        peer.PostHog{},
	}
}

// The JSON of a formula names it and is what Parse reads.
func TestJSON(t *testing.T) {
	names := map[string]bool{}
	for text, formula := range everyFormula() {
		got, err := json.Marshal(formula)
		require.NoError(t, err)
		require.Equal(t, text, string(got))
		var parameters map[string]any
		require.NoError(t, json.Unmarshal(got, &parameters))
		require.Equal(t, formula.Name(), parameters["name"])
		delete(parameters, "name")
		parsed, err := peer.Parse(formula.Name(), parameters)
		require.NoError(t, err, text)
		again, err := json.Marshal(parsed)
		require.NoError(t, err)
		require.Equal(t, text, string(again))
		names[formula.Name()] = true
	}
	require.Len(t, names, len(peer.Names()), "every formula is here")
}

func TestNames(t *testing.T) {
	require.Equal(t, []string{
		"eppo/1", "eppo/legacy", "gofeatureflag/1", "growthbook/1", "growthbook/2", "launchdarkly/1", "optimizely/1",
		"planout/1", "posthog/1", "split/1", "split/2", "statsig/1", "unleash/1",
	}, peer.Names())
}

// Whoever lists the table finds a text for everything.
func TestTable(t *testing.T) {
	for _, entry := range peer.Table() {
		require.NotEmpty(t, entry.SDK, entry.Name)
		require.NotEmpty(t, entry.Salt, entry.Name)
		requireDocumented(t, entry.Name, entry.Parameters)
	}
}

func requireDocumented(t *testing.T, path string, parameters []peer.Parameter) {
	seen := map[string]bool{}
	for _, p := range parameters {
		at := path + "." + p.Name
		require.NotEmpty(t, p.Doc, at)
		require.False(t, seen[p.Name], at)
		require.Contains(t, []peer.Kind{peer.Text, peer.Integer, peer.Count, peer.Number, peer.Flag, peer.List}, p.Kind, at)
		require.Equal(t, p.Kind == peer.List, len(p.Items) > 0, at)
		seen[p.Name] = true
		requireDocumented(t, at, p.Items)
	}
}

func TestParseProblems(t *testing.T) {
	rows := []struct {
		name, reason string
		hash         string
		parameters   map[string]any
		fields       []string
		says         string
	}{
		{"unknown", "a typing error names the nearest", "growthbok/2", nil, []string{"hash"}, `did you mean "growthbook/2"?`},
		{"our own", "touchlift/1 is no peer, but is offered", "sha1", nil, []string{"hash"}, "want touchlift/1, or one of eppo/1"},
		{"parameter", "so does one in a parameter", "growthbook/2", map[string]any{"namspace": "x"}, []string{"hash.namspace"}, `did you mean "namespace"?`},
		{"none taken", "a formula may have no parameters", "posthog/1", map[string]any{"seed": 1}, []string{"hash.seed"}, "no parameters here"},
		{"kinds", "all problems at once", "growthbook/2", map[string]any{"namespace": 7, "namespace_from": "0", "filters": 3, "ranges": []any{1}},
			[]string{"hash.namespace", "hash.namespace_from", "hash.filters", "hash.ranges[0]"}, "put numbers and dates in quotes"},
		{"required", "a salt left out would move everyone", "launchdarkly/1", nil, []string{"hash.flag_salt"}, "is missing"},
		{"required, and more", "all problems at once", "launchdarkly/1", map[string]any{"variations": 7}, []string{"hash.variations", "hash.flag_salt"}, "and so is hash.seed"},
		{"items", "the path leads to the item", "growthbook/1", map[string]any{"ranges": []any{map[string]any{"from": 0.0, "too": 1.0}}},
			[]string{"hash.ranges[0].to", "hash.ranges[0].too"}, `did you mean "to"?`},
		{"negative", "buckets count from 0", "eppo/1", map[string]any{"total_shards": -1}, []string{"hash.total_shards"}, "a whole number from 0 up"},
		{"fraction", "a bucket is whole", "optimizely/1", map[string]any{"group": "7", "group_to": 0.5}, []string{"hash.group_to"}, "a whole number from 0 up"},
		{"too large", "2^53 and above have lost digits", "launchdarkly/1", map[string]any{"flag_salt": "s", "seed": 1e17}, []string{"hash.seed"}, "a whole number"},
		{"meaning", "fields that contradict each other", "growthbook/1", map[string]any{"namespace_to": 2.0}, []string{"hash.namespace"}, "is empty but has a range"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			formula, err := peer.Parse(row.hash, row.parameters)
			require.Nil(t, formula, row.reason)
			var list assign.SpecErrors
			require.True(t, errors.As(err, &list), row.reason)
			var fields []string
			for _, problem := range list {
				fields = append(fields, problem.Field)
				require.NotEmpty(t, problem.Want)
			}
			require.Equal(t, row.fields, fields, row.reason)
			require.Contains(t, err.Error(), row.says, row.reason)
		})
	}
}

// Numbers may be of any type that a decoder makes.
func TestParseNumbers(t *testing.T) {
	for _, number := range []any{61, int64(61), uint64(61), int32(61), 61.0, json.Number("61")} {
		formula, err := peer.Parse("launchdarkly/1", map[string]any{"flag_salt": "s", "seed": number})
		require.NoError(t, err, "%T", number)
		require.Equal(t, peer.LaunchDarkly{FlagSalt: "s", Seed: withSeed(61)}, formula)
		half, err := peer.Parse("growthbook/2", map[string]any{"namespace": "n", "namespace_from": json.Number("0.5"), "namespace_to": 1})
		require.NoError(t, err)
		require.Equal(t, peer.GrowthBook{Version: 2, Namespace: "n", NamespaceFrom: 0.5, NamespaceTo: 1}, half)
	}
}

// No name and no parameters panic, and whatever parses can be laid out or says why not.
func FuzzParse(f *testing.F) {
	for text, formula := range everyFormula() {
		f.Add(formula.Name(), text, "customer-42")
	}
	f.Add("statsig/1", `{"allocation_salt":"a","allocated":"0-999999999999, -1"}`, "\xff")
	f.Add("eppo/1", `{"total_shards":4294967296,"ranges":[{"variant":"v0","start":5,"end":4}]}`, "")
	f.Fuzz(func(t *testing.T, name, text, id string) {
		var parameters map[string]any
		if json.Unmarshal([]byte(text), &parameters) != nil {
			return
		}
		delete(parameters, "name")
		formula, err := peer.Parse(name, parameters)
		if err != nil {
			return
		}
		for _, spec := range []assign.Spec{
			{Salt: "12", Arms: arms(1, 1), Hash: formula},
			{Salt: "12", Arms: arms(5, 3, 2), Traffic: assign.Share{Num: 1, Den: 10}, Hash: formula},
		} {
			split, err := assign.NewSplit(spec)
			if err != nil {
				var list assign.SpecErrors
				require.True(t, errors.As(err, &list), "%v", err)
				continue
			}
			index, enrolled := split.ArmOf(id)
			if enrolled != (index >= 0) || index >= len(spec.Arms) {
				t.Fatalf("%s: arm %d, %t", formula.Name(), index, enrolled)
			}
		}
	})
}

// A bad salt and bad arms do not hide what is wrong with the fields of a formula, and a
// bad salt does not hide what it makes of good arms.
func TestProblemsTogether(t *testing.T) {
	requireProblems(t, []specProblem{
		{"no salt", "weights are judged too", assign.Spec{Arms: arms(1, 2), Hash: peer.Optimizely{Group: "7"}},
			[]string{"salt", "hash.group_to", "arms[0].weight", "arms[1].weight"}},
		{"no salt, no seed", "the salt is said once", assign.Spec{Hash: peer.Split{Algo: 3}}, []string{"salt", "hash.algo"}},
		{"no weights", "the fields are judged alone", assign.Spec{Salt: "s", Arms: arms(0, 0), Hash: peer.GrowthBook{Version: 3}}, []string{"arms", "hash.version"}},
		{"no traffic", "so here", assign.Spec{Salt: "s", Traffic: assign.Share{Num: 3, Den: 2}, Hash: peer.Statsig{Allocated: "0-1000"}},
			[]string{"traffic", "hash.allocation_salt", "hash.allocated"}},
	})
}

func ExampleParse() {
	hash, err := peer.Parse("growthbook/2", map[string]any{"namespace": "checkout", "namespace_from": 0, "namespace_to": 0.5})
	fmt.Println(hash.Name(), err)
	_, err = peer.Parse("growthbok/2", nil)
	fmt.Println(err)
	// Output:
	// growthbook/2 <nil>
	// assign: hash: "growthbok/2" is no formula; did you mean "growthbook/2"?: want touchlift/1, or one of eppo/1, eppo/legacy, gofeatureflag/1, growthbook/1, growthbook/2, launchdarkly/1, optimizely/1, planout/1, posthog/1, split/1, split/2, statsig/1, unleash/1
}
