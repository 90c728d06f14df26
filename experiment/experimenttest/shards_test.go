package experimenttest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
)

// TestMergeOfShards spreads the units of random histories over three stores
// and wants the merged answers of one.
func TestMergeOfShards(t *testing.T) {
	compared := 0
	for seed := range uint64(40) {
		h, err := newHistory(seed)
		require.NoError(t, err)
		whole := experiment.NewMemory(experiment.MemoryOptions{})
		shards := make([]*experiment.Memory, 3)
		for i := range shards {
			shards[i] = experiment.NewMemory(experiment.MemoryOptions{})
		}
		for _, s := range h.steps {
			_, err := whole.Record(t.Context(), s.batch)
			require.NoError(t, err)
			for i := range shards {
				// Each shard has the exposures of its units and all conversions.
				part := experiment.Batch{Conversions: s.batch.Conversions}
				for _, e := range s.batch.Exposures {
					if int(e.Unit[0])%len(shards) == i {
						part.Exposures = append(part.Exposures, e)
					}
				}
				_, err := shards[i].Record(t.Context(), part)
				require.NoError(t, err)
			}
		}
		for range queriesPerHistory {
			q := h.query()
			if q.Cluster != "" {
				continue // a cluster would have to live in one shard
			}
			want, err := whole.Summarize(t.Context(), q)
			require.NoError(t, err)
			answers := make([]experiment.Cells, len(shards))
			for i := range shards {
				answers[i], err = shards[i].Summarize(t.Context(), q)
				require.NoError(t, err)
			}
			merged, err := experiment.Merge(answers...)
			require.NoError(t, err)
			require.Empty(t, Diff(want, merged), "seed %d, %s", seed, describeQuery(q))
			compared += len(want.Cells)
		}
	}
	require.Greater(t, compared, 1000)
}
