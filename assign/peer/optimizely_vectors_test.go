package peer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

func optimizelyRows(t *testing.T, path string, c *tally) {
	for _, row := range readCSV(t, path, "entity_id", "bucketing_id", "bucket_of_10000") {
		optimizelyCase(t, row[0], row[1], row[2], c)
	}
}

func optimizelyCase(t *testing.T, entity, id, want string, c *tally) {
	split := newSplit(t, assign.Spec{Salt: entity, Arms: arms(10, 20, 30, 40), Hash: peer.Optimizely{}})
	c.equal(fmt.Sprint(want, " ", bucketArm(t, want, 10000)),
		fmt.Sprint(peer.Optimizely{}.Bucket(entity, id), " ", decide(split, id)), "%s %q", entity, id)
}

func optimizelyVectors(t *testing.T, dir string, c *tally) {
	optimizelyRows(t, filepath.Join(dir, "vectors.csv"), c)
	for _, row := range readCSV(t, filepath.Join(dir, "bucket-golden.csv"), "bucketing_id", "entity_id", "bucket") {
		optimizelyCase(t, row[1], row[0], row[2], c)
	}
	for _, name := range []string{"decide-test-datafile.json", "similar_rule_keys_bucketing_datafile.json", "typed_audience_datafile.json"} {
		optimizelyDatafile(t, filepath.Join(dir, name), c)
	}
	c.leave(1, "similar_rule_keys_bucketing_expected.json: the datafile retold")
}

type optimizelyEntry struct {
	EntityID   string
	EndOfRange uint64
}

type optimizelyExperiment struct {
	ID                string
	Variations        []struct{ ID string }
	TrafficAllocation []optimizelyEntry
	group             string
	from, to          uint64
}

// optimizelyDatafile lays out every experiment and rule of a datafile. The datafiles
// state no buckets: a case is that an experiment with all its ranges in one variation
// gives that one to each of 1,000 ids, and an empty one, or one without a part of its
// group, nothing.
func optimizelyDatafile(t *testing.T, path string, c *tally) {
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	file := decode[struct {
		Experiments []optimizelyExperiment
		Rollouts    []struct{ Experiments []optimizelyExperiment }
		Groups      []struct {
			ID, Policy        string
			TrafficAllocation []optimizelyEntry
			Experiments       []optimizelyExperiment
		}
	}](t, raw)
	all := file.Experiments
	for _, rollout := range file.Rollouts {
		all = append(all, rollout.Experiments...)
	}
	for _, group := range file.Groups {
		require.Equal(t, "random", group.Policy)
		for _, experiment := range group.Experiments {
			experiment.group = group.ID
			var start uint64
			for _, entry := range group.TrafficAllocation {
				if entry.EntityID == experiment.ID {
					experiment.from, experiment.to = start, entry.EndOfRange
				}
				start = entry.EndOfRange
			}
			all = append(all, experiment)
		}
	}
	for _, experiment := range all {
		optimizelyOne(t, filepath.Base(path), experiment, c)
	}
}

func optimizelyOne(t *testing.T, file string, experiment optimizelyExperiment, c *tally) {
	require.Len(t, experiment.TrafficAllocation, 1, "the datafiles have one range for each experiment")
	entry := experiment.TrafficAllocation[0]
	if experiment.group != "" && experiment.to == 0 {
		c.leave(1, "%s %s: has no part of its group", file, experiment.ID)
		return
	}
	hash := peer.Optimizely{
		Group: experiment.group, GroupFrom: experiment.from, GroupTo: experiment.to,
		Ranges: []peer.OptimizelyRange{{Variant: entry.EntityID, End: entry.EndOfRange}},
	}
	spec := assign.Spec{Salt: experiment.ID, Hash: hash, Traffic: assign.Share{Num: entry.EndOfRange, Den: 10000}}
	for _, variation := range experiment.Variations {
		arm := assign.Arm{Variant: variation.ID}
		if variation.ID == entry.EntityID {
			arm.Weight = 1
		}
		spec.Arms = append(spec.Arms, arm)
	}
	want := map[string]int{entry.EntityID: 1000}
	if entry.EndOfRange == 0 {
		want = map[string]int{"": 1000}
	}
	got := map[string]int{}
	split := newSplit(t, spec)
	for i := range 1000 {
		variant, _ := split.Variant(fmt.Sprintf("user-%d", i))
		got[variant]++
	}
	c.equal(fmt.Sprint(want), fmt.Sprint(got), "%s %s", file, experiment.ID)
}
