package peer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
	"go.yaml.in/yaml/v4"
)

func launchdarklyRows(t *testing.T, path string, c *tally) {
	for _, row := range readCSV(t, path, "flag_key", "salt", "value", "bucket_float32", "bucket_with_seed_61_float32") {
		seed := int64(61)
		launchdarklyCase(t, peer.LaunchDarkly{FlagSalt: row[1]}, row[0], row[2], row[3], c)
		launchdarklyCase(t, peer.LaunchDarkly{FlagSalt: row[1], Seed: &seed}, row[0], row[2], row[4], c)
	}
}

// launchdarklyCase compares the place of an id, and the arm of 10, 20, 30 and 40 % that
// it has by that place.
func launchdarklyCase(t *testing.T, hash peer.LaunchDarkly, flag, id, want string, c *tally) {
	place, err := strconv.ParseFloat(want, 32)
	require.NoError(t, err)
	arm := bucketArm(t, strconv.Itoa(int(place*100000)), 100000)
	split := newSplit(t, assign.Spec{Salt: flag, Arms: arms(10, 20, 30, 40), Hash: hash})
	c.equal(fmt.Sprint(float32(place), " ", arm), fmt.Sprint(hash.Bucket(flag, id), " ", decide(split, id)), "%s %q %+v", flag, id, hash)
}

func launchdarklyVectors(t *testing.T, dir string, c *tally) {
	launchdarklyRows(t, filepath.Join(dir, "vectors.csv"), c)
	for _, row := range readCSV(t, filepath.Join(dir, "bucket-golden.csv"), "flag_key", "salt", "seed", "value", "bucket_float32") {
		hash := peer.LaunchDarkly{FlagSalt: row[1]}
		if row[2] != "" {
			seed, err := strconv.ParseInt(row[2], 10, 64)
			require.NoError(t, err)
			hash.Seed = &seed
		}
		launchdarklyCase(t, hash, row[0], row[3], row[4], c)
	}
	folder := filepath.Join(dir, "server-side-eval")
	launchdarklyRollouts(t, filepath.Join(folder, "rollout-or-experiment.yml"), c)
	others, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, other := range others {
		if other.Name() == "rollout-or-experiment.yml" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, other.Name()))
		require.NoError(t, err)
		require.NotContains(t, string(text), "rollout", other.Name())
		var suite launchdarklySuite
		require.NoError(t, yaml.Unmarshal(text, &suite))
		c.leave(suite.cases(), "%s: no rollout in it", other.Name())
	}
}

// launchdarklySuite is a file of server-side-eval. Its evaluations run once for each of
// its parameters; lists in the parameters are combined, each with each.
type launchdarklySuite struct {
	Parameters  []any
	Evaluations []any
}

func (s launchdarklySuite) cases() int {
	combined, single := 1, 0
	for _, parameter := range s.Parameters {
		if list, ok := parameter.([]any); ok {
			combined *= len(list)
		} else {
			single++
		}
	}
	return max(single, combined) * len(s.Evaluations)
}

func launchdarklyRollouts(t *testing.T, path string, c *tally) {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var suite struct {
		Constants map[string]struct {
			VariationIndex *int `yaml:"variationIndex"`
			Reason         struct {
				InExperiment bool `yaml:"inExperiment"`
			}
		}
		Parameters []struct {
			Name    string `yaml:"NAME"`
			Rollout struct {
				Kind       string
				Variations []struct {
					Variation int
					Weight    uint64
					Untracked bool
				}
			} `yaml:"ROLLOUT"`
			User        struct{ Key string } `yaml:"USER"`
			Fallthrough string               `yaml:"EXPECT_FOR_FALLTHROUGH"`
			Rule        string               `yaml:"EXPECT_FOR_RULE"`
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &suite))
	require.NotEmpty(t, suite.Parameters)
	for _, p := range suite.Parameters {
		if len(p.Rollout.Variations) == 0 {
			c.leave(2, "%s: an empty rollout is an error of the flag", p.Name)
			continue
		}
		var entries []peer.LaunchDarklyVariation
		held := map[int]uint64{}
		rest := uint64(100000)
		for i, v := range p.Rollout.Variations {
			mass := v.Weight
			if i == len(p.Rollout.Variations)-1 {
				mass = rest // what is past the end belongs to the last
			}
			rest -= mass
			held[v.Variation] += mass
			entries = append(entries, peer.LaunchDarklyVariation{Variant: fmt.Sprint(v.Variation), Weight: v.Weight})
		}
		spec := assign.Spec{Hash: peer.LaunchDarkly{Variations: entries}}
		for _, v := range p.Rollout.Variations {
			spec.Arms = append(spec.Arms, assign.Arm{Variant: fmt.Sprint(v.Variation), Weight: held[v.Variation]})
		}
		for flag, expect := range map[string]string{"flag-with-fallthrough-rollout": p.Fallthrough, "flag-with-rule-rollout": p.Rule} {
			want := suite.Constants[expect[1:len(expect)-1]]
			require.NotNil(t, want.VariationIndex, expect)
			spec.Salt = flag
			variant, _ := newSplit(t, spec).Variant(p.User.Key)
			c.equal(fmt.Sprint(*want.VariationIndex), variant, "%s, %s", p.Name, flag)
			untracked := p.Rollout.Kind != "experiment" || p.Rollout.Variations[0].Untracked && variant == "2"
			require.Equal(t, !untracked, want.Reason.InExperiment, "%s: what is tracked", p.Name)
		}
	}
}
