package peer_test

import (
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

// posthogVectors has only our own vectors, which were checked against the running SDK.
func posthogVectors(t *testing.T, dir string, c *tally) {
	posthogRows(t, filepath.Join(dir, "vectors.csv"), c)
}

func posthogRows(t *testing.T, path string, c *tally) {
	ones := make([]uint64, 100)
	for i := range ones {
		ones[i] = 1
	}
	for _, row := range readCSV(t, path, "flag_key", "distinct_id", "rollout_hash", "variant_hash") {
		rollout, err := strconv.ParseFloat(row[2], 64)
		require.NoError(t, err)
		variant, err := strconv.ParseFloat(row[3], 64)
		require.NoError(t, err)
		wantArm, end := -1, 0.0
		for i := range ones {
			if end += 1.0 / 100; variant < end {
				wantArm = i
				break
			}
		}
		wantPercent := 0
		for rollout > float64(wantPercent)/100 {
			wantPercent++
		}
		gotArm := decide(newSplit(t, assign.Spec{Salt: row[0], Arms: arms(ones...), Hash: peer.PostHog{}}), row[1])
		gotPercent := 0
		for decide(newSplit(t, assign.Spec{
			Salt: row[0], Arms: arms(1), Hash: peer.PostHog{}, Traffic: assign.Share{Num: uint64(gotPercent), Den: 100},
		}), row[1]) != 0 {
			gotPercent++
		}
		c.equal([4]float64{rollout, variant, float64(wantArm), float64(wantPercent)},
			[4]float64{peer.PostHog{}.Rollout(row[0], row[1]), peer.PostHog{}.Variant(row[0], row[1]), float64(gotArm), float64(gotPercent)},
			"vectors.csv: flag %q, id %q", row[0], row[1])
	}
}
