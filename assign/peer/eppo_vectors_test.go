package peer_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

func eppoRows(t *testing.T, path string, c *tally) {
	for _, row := range readCSV(t, path, "salt", "subject", "shard_of_10000") {
		split := newSplit(t, assign.Spec{Salt: row[0], Arms: arms(10, 20, 30, 40), Hash: peer.Eppo{}})
		c.equal(fmt.Sprint(row[2], " ", bucketArm(t, row[2], 10000)),
			fmt.Sprint(peer.Eppo{}.Bucket(row[0], row[1]), " ", decide(split, row[1])), "%q %q", row[0], row[1])
	}
}

// eppoAllocation is an allocation of a flag: rules, and splits of shards.
type eppoAllocation struct {
	Rules   []struct{ Conditions []eppoCondition }
	StartAt string
	EndAt   string
	Splits  []struct {
		VariationKey string
		Shards       []eppoShard
	}
}

type eppoShard struct {
	Salt   string
	Ranges []struct{ Start, End uint64 }
}

type eppoFlag struct {
	Enabled     bool
	TotalShards uint64
	Variations  map[string]struct{ Value json.RawMessage }
	Allocations []eppoAllocation
}

func eppoVectors(t *testing.T, dir string, c *tally) {
	eppoRows(t, filepath.Join(dir, "vectors.csv"), c)
	raw, err := os.ReadFile(filepath.Join(dir, "ufc", "flags-v1.json"))
	require.NoError(t, err)
	flags := decode[struct{ Flags map[string]eppoFlag }](t, raw).Flags
	paths, err := filepath.Glob(filepath.Join(dir, "ufc", "tests", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		suite := decode[eppoSuite](t, raw)
		left := 0
		for _, subject := range suite.Subjects {
			subject.SubjectAttributes["id"] = firstOf(subject.SubjectAttributes["id"], subject.SubjectKey)
			variation, hashed := flags[suite.Flag].evaluate(t, subject.SubjectKey, subject.SubjectAttributes)
			if !hashed {
				left++
				continue
			}
			want := ""
			if subject.EvaluationDetails.VariationKey != nil {
				want = *subject.EvaluationDetails.VariationKey
			}
			c.equal(want, variation, "%s %q", suite.Flag, subject.SubjectKey)
		}
		if left > 0 {
			c.leave(left, "%s: no shard is asked on the way to the answer", filepath.Base(path))
		}
	}
	eppoLegacyVectors(t, dir, c)
	eppoLeave(t, dir, c)
}

func firstOf(given any, otherwise string) any {
	if given != nil {
		return given
	}
	return otherwise
}

type eppoSuite struct {
	Flag     string
	Subjects []struct {
		SubjectKey        string
		SubjectAttributes map[string]any
		EvaluationDetails struct{ VariationKey *string }
	}
}

// eppoLeave counts the suites that are not about the arms of an experiment.
func eppoLeave(t *testing.T, dir string, c *tally) {
	for pattern, why := range map[string]string{"ufc/bandit-tests/*.json": "bandits", "assignment-v2-holdouts/*.json": "holdouts"} {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, paths, pattern)
		count := 0
		for _, path := range paths {
			raw, err := os.ReadFile(path)
			require.NoError(t, err)
			count += len(decode[struct{ Subjects []any }](t, raw).Subjects)
		}
		c.leave(count, "%s: %s", pattern, why)
	}
}

// evaluate returns the variation of the first allocation that matches, "" for none,
// and whether a shard was asked. Splits go through a [assign.Split].
func (f eppoFlag) evaluate(t *testing.T, subject string, attributes map[string]any) (variation string, hashed bool) {
	if !f.Enabled {
		return "", false
	}
	for _, allocation := range f.Allocations {
		if !allocation.open() || !allocation.matches(attributes) {
			continue
		}
		if len(allocation.Splits) > 0 && len(allocation.Splits[0].Shards) == 0 {
			return allocation.Splits[0].VariationKey, hashed
		}
		hashed = true
		if variant, enrolled := newSplit(t, allocation.spec(t, f.TotalShards)).Variant(subject); enrolled {
			return variant, true
		}
	}
	return "", hashed
}

// spec returns the splits of an allocation in our words. Their shards are one of the
// arm, the last, and in some cases one of the traffic, the same for all.
func (a eppoAllocation) spec(t *testing.T, total uint64) assign.Spec {
	hash := peer.Eppo{TotalShards: total}
	spec := assign.Spec{}
	in := total
	var armTotal uint64
	for _, split := range a.Splits {
		arm := split.Shards[len(split.Shards)-1]
		require.Contains(t, []string{"", arm.Salt}, spec.Salt)
		spec.Salt = arm.Salt
		var weight uint64
		for _, r := range arm.Ranges {
			hash.Ranges = append(hash.Ranges, peer.EppoRange{Variant: split.VariationKey, Start: r.Start, End: r.End})
			weight += r.End - r.Start
		}
		armTotal += weight
		spec.Arms = append(spec.Arms, assign.Arm{Variant: split.VariationKey, Weight: weight})
		if len(split.Shards) == 2 {
			traffic := split.Shards[0]
			require.Contains(t, []string{"", traffic.Salt}, hash.TrafficSalt)
			hash.TrafficSalt, hash.TrafficRanges, in = traffic.Salt, nil, 0
			for _, r := range traffic.Ranges {
				hash.TrafficRanges = append(hash.TrafficRanges, peer.EppoShards{Start: r.Start, End: r.End})
				in += r.End - r.Start
			}
		}
	}
	require.True(t, slices.ContainsFunc(spec.Arms, func(arm assign.Arm) bool { return arm.Weight > 0 }))
	spec.Traffic = assign.Share{Num: in * armTotal, Den: total * total}
	spec.Hash = hash
	return spec
}
