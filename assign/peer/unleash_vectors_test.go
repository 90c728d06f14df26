package peer_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

func unleashVectors(t *testing.T, dir string, c *tally) {
	unleashRows(t, filepath.Join(dir, "vectors.csv"), c)
	folder := filepath.Join(dir, "specifications")
	var files []string
	decodeFile(t, filepath.Join(folder, "index.json"), &files)
	require.NotEmpty(t, files)
	for _, file := range files {
		unleashFile(t, filepath.Join(folder, file), c)
	}
}

func decodeFile(t *testing.T, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, into), path)
}

func unleashRows(t *testing.T, path string, c *tally) {
	thousand := make([]uint64, 1000)
	for i := range thousand {
		thousand[i] = 1
	}
	for _, row := range readCSV(t, path, "group_id", "stickiness_value", "rollout_1_to_100", "variant_1_to_1000") {
		var want [2]int
		for i := range want {
			number, err := strconv.Atoi(row[2+i])
			require.NoError(t, err)
			want[i] = number
		}
		formula, percent := peer.Unleash{}, 0
		variant := 1 + decide(newSplit(t, assign.Spec{Salt: row[0], Arms: arms(thousand...), Hash: formula}), row[1])
		for decide(newSplit(t, assign.Spec{
			Salt: "another", Arms: arms(1), Hash: peer.Unleash{RolloutGroup: row[0]},
			Traffic: assign.Share{Num: uint64(percent), Den: 100},
		}), row[1]) != 0 {
			percent++
		}
		got := [4]int{formula.RolloutBucket(row[0], row[1]), int(formula.VariantBucket(row[0], row[1])), percent, variant}
		c.equal([4]int{want[0], want[1], want[0], want[1]}, got, "vectors.csv: group %q, id %q", row[0], row[1])
	}
}

// The parts of a specification that bucketing needs.
type (
	unleashContext struct {
		UserID, SessionID, Environment string
		Properties                     map[string]string
	}
	unleashVariant struct {
		Name       string
		Weight     uint64
		Stickiness string
		Overrides  []struct {
			ContextName string
			Values      []string
		}
	}
	unleashStrategy struct {
		Name        string
		Parameters  map[string]string
		Segments    []int
		Constraints []struct {
			ContextName, Operator string
			Values                []string
			Inverted              bool
		}
		Variants []unleashVariant
	}
	unleashFeature struct {
		Name         string
		Enabled      bool
		Strategies   []unleashStrategy
		Variants     []unleashVariant
		Dependencies []any
	}
	unleashCase struct {
		Description string
		Context     unleashContext
		ToggleName  string
		Expected    json.RawMessage `json:"expectedResult"`
	}
)

// field returns a field of the context, "" if it is missing. Where "default" finds
// nothing, Unleash draws an id at random; any will do, because no expectation of a
// specification can depend on it.
func (x unleashContext) field(name string) string {
	switch name {
	case "userId":
		return x.UserID
	case "sessionId":
		return x.SessionID
	case "environment":
		return x.Environment
	case "", "default":
		for _, id := range []string{x.UserID, x.SessionID} {
			if id != "" {
				return id
			}
		}
		return "drawn at random"
	}
	return x.Properties[name]
}

// unleashFile runs the cases of one specification that test bucketing.
func unleashFile(t *testing.T, path string, c *tally) {
	var file struct {
		State               struct{ Features []unleashFeature }
		Tests, VariantTests []unleashCase
	}
	decodeFile(t, path, &file)
	left := 0
	for i, one := range append(file.Tests, file.VariantTests...) {
		at := slices.IndexFunc(file.State.Features, func(f unleashFeature) bool { return f.Name == one.ToggleName })
		if at < 0 || !file.State.Features[at].buckets(one.Context) {
			left++
			continue
		}
		enabled, variant := file.State.Features[at].evaluate(t, one.Context)
		var want struct {
			Name    string
			Enabled bool `json:"feature_enabled"`
		}
		if i < len(file.Tests) {
			require.NoError(t, json.Unmarshal(one.Expected, &want.Enabled))
			c.equal(want.Enabled, enabled, "%s: %s", filepath.Base(path), one.Description)
			continue
		}
		require.NoError(t, json.Unmarshal(one.Expected, &want))
		c.equal([2]any{want.Enabled, want.Name}, [2]any{enabled, variant}, "%s: %s", filepath.Base(path), one.Description)
	}
	if left > 0 {
		c.leave(left, "%s", filepath.Base(path))
	}
}

// buckets reports whether the outcome follows from rollouts and variants alone: the
// feature is on, has one of them, and no constraint, override or other rule decides.
func (f unleashFeature) buckets(x unleashContext) bool {
	tested := len(f.Variants) > 0
	for _, s := range f.Strategies {
		for _, rule := range s.Constraints {
			if rule.Operator != "IN" || rule.Inverted || !slices.Contains(rule.Values, x.field(rule.ContextName)) {
				return false
			}
		}
		switch s.Name {
		case "flexibleRollout", "gradualRolloutUserId", "gradualRolloutSessionId":
			tested = true
		case "default":
		default:
			return false
		}
		tested = tested || len(s.Variants) > 0
		if len(s.Segments) > 0 {
			return false
		}
	}
	for _, v := range f.Variants {
		for _, o := range v.Overrides {
			if slices.Contains(o.Values, x.field(o.ContextName)) {
				return false
			}
		}
	}
	return tested && f.Enabled && len(f.Dependencies) == 0
}

// evaluate returns whether the feature is on and its variant. The first strategy that
// lets the unit in brings its own variants; without any, those of the feature count.
func (f unleashFeature) evaluate(t *testing.T, x unleashContext) (enabled bool, variant string) {
	t.Helper()
	for _, s := range f.Strategies {
		if !s.lets(t, x) {
			continue
		}
		if len(s.Variants) > 0 {
			return true, pickVariant(t, s.Parameters["groupId"], x.field(s.Parameters["stickiness"]), s.Variants)
		}
		return true, f.ownVariant(t, x)
	}
	if len(f.Strategies) == 0 {
		return true, f.ownVariant(t, x)
	}
	return false, "disabled"
}

func (f unleashFeature) ownVariant(t *testing.T, x unleashContext) string {
	t.Helper()
	if len(f.Variants) == 0 {
		return "disabled"
	}
	return pickVariant(t, f.Name, x.field(f.Variants[0].Stickiness), f.Variants)
}

// lets asks the users' entry whether the rollout lets the unit in.
func (s unleashStrategy) lets(t *testing.T, x unleashContext) bool {
	t.Helper()
	percentage, id := s.Parameters["percentage"], ""
	switch s.Name {
	case "flexibleRollout":
		percentage, id = s.Parameters["rollout"], x.field(s.Parameters["stickiness"])
	case "gradualRolloutUserId":
		id = x.UserID
	case "gradualRolloutSessionId":
		id = x.SessionID
	default:
		return true
	}
	traffic, err := assign.ParseShare(percentage + "%")
	require.NoError(t, err)
	split := newSplit(t, assign.Spec{Salt: s.Parameters["groupId"], Arms: arms(1), Traffic: traffic, Hash: peer.Unleash{}})
	_, enrolled := split.Variant(id)
	return enrolled
}

// pickVariant asks the users' entry for the variant.
func pickVariant(t *testing.T, group, id string, variants []unleashVariant) string {
	t.Helper()
	spec, sum := assign.Spec{Salt: group}, int64(0)
	for _, v := range variants {
		spec.Arms = append(spec.Arms, assign.Arm{Variant: v.Name, Weight: v.Weight})
		sum += int64(v.Weight)
	}
	spec.Hash = peer.Unleash{Normalizer: sum}
	variant, _ := newSplit(t, spec).Variant(id)
	return variant
}
