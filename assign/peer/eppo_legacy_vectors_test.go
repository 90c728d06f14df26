package peer_test

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

// eppoLegacyFlag is a flag of the older format.
type eppoLegacyFlag struct {
	SubjectShards uint64
	Overrides     map[string]string
	Rules         []struct {
		AllocationKey string
		Conditions    []eppoCondition
	}
	Allocations map[string]struct {
		PercentExposure json.Number
		Variations      []struct {
			Name       string
			TypedValue any
			ShardRange struct{ Start, End uint64 }
		}
	}
}

// eppoLegacyVectors runs the suites of the older format, but for subjects whose
// variation is listed by name and those that no rule lets in.
func eppoLegacyVectors(t *testing.T, dir string, c *tally) {
	raw, err := os.ReadFile(filepath.Join(dir, "rac-experiments-v3.json"))
	require.NoError(t, err)
	flags := decode[struct {
		Flags map[string]eppoLegacyFlag
	}](t, raw).Flags
	paths, err := filepath.Glob(filepath.Join(dir, "assignment-v2", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		suite := decode[struct {
			Experiment             string
			Subjects               []string
			SubjectsWithAttributes []struct {
				SubjectKey        string
				SubjectAttributes map[string]any
			}
			ExpectedAssignments []any
		}](t, raw)
		ids, attributes := suite.Subjects, make([]map[string]any, len(suite.Subjects))
		for _, subject := range suite.SubjectsWithAttributes {
			ids, attributes = append(ids, subject.SubjectKey), append(attributes, subject.SubjectAttributes)
		}
		flag, known := flags[suite.Experiment]
		left := 0
		for i, id := range ids {
			value, hashed := flag.evaluate(t, suite.Experiment, id, attributes[i])
			if !hashed || !known {
				left++
				continue
			}
			c.equal(eppoText(t, suite.ExpectedAssignments[i]), eppoText(t, value), "%s %q", suite.Experiment, id)
		}
		if left > 0 {
			c.leave(left, "%s: decided by a list or a rule, or of a flag that is not there", filepath.Base(path))
		}
	}
}

// eppoText writes a value as JSON; the suites give JSON as text.
func eppoText(t *testing.T, value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

// evaluate returns the value of the first rule that matches, nil for none, and whether
// the subject was hashed.
func (f eppoLegacyFlag) evaluate(t *testing.T, key, id string, attributes map[string]any) (value any, hashed bool) {
	digest := md5.Sum([]byte(id))
	if _, listed := f.Overrides[hex.EncodeToString(digest[:])]; listed {
		return nil, false
	}
	for _, rule := range f.Rules {
		all := eppoAllocation{Rules: []struct{ Conditions []eppoCondition }{{rule.Conditions}}}
		if !all.matches(attributes) {
			continue
		}
		allocation := f.Allocations[rule.AllocationKey]
		spec := assign.Spec{Salt: key, Traffic: shareOf(t, allocation.PercentExposure), Hash: peer.EppoLegacy{TotalShards: f.SubjectShards}}
		var start uint64
		for i, v := range allocation.Variations {
			require.Equal(t, start, v.ShardRange.Start, "ranges lie end to end")
			start = v.ShardRange.End
			spec.Arms = append(spec.Arms, assign.Arm{Variant: fmt.Sprint(i), Weight: v.ShardRange.End - v.ShardRange.Start})
		}
		if arm := decide(newSplit(t, spec), id); arm >= 0 {
			return allocation.Variations[arm].TypedValue, true
		}
		return nil, true
	}
	return nil, false
}
