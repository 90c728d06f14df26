package peer_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

// gofeatureflagVectors also has the values that the SDK's own test states.
func gofeatureflagVectors(t *testing.T, dir string, c *tally) {
	gofeatureflagRows(t, filepath.Join(dir, "vectors.csv"), c)
	c.equal(uint32(70272), peer.GOFeatureFlag{}.Bucket("my-flag", "e56f628e-9817-498f-ae38-4961e9c2bb21"), "stated bucket")
	// The largest sum leaves the stated digest as it is.
	c.equal(uint32(3946001934), peer.GOFeatureFlag{Sum: 4294967}.Bucket("flagName", "UserKey"), "stated digest")
}

// descending returns a hundred arms of one weight whose names are in reverse order.
func descending() []assign.Arm {
	list := make([]assign.Arm, 100)
	for i := range list {
		list[i] = assign.Arm{Variant: fmt.Sprintf("%03d", 999-i), Weight: 1}
	}
	return list
}

func gofeatureflagRows(t *testing.T, path string, c *tally) {
	for _, row := range readCSV(t, path, "flag", "key", "bucket_of_100000") {
		bucket, err := strconv.Atoi(row[2])
		require.NoError(t, err)
		byArms := decide(newSplit(t, assign.Spec{Salt: row[0], Arms: descending(), Hash: peer.GOFeatureFlag{}}), row[1])
		byTraffic := 0
		for decide(newSplit(t, assign.Spec{
			Salt: row[0], Arms: arms(1), Hash: peer.GOFeatureFlag{Outside: "!"},
			Traffic: assign.Share{Num: uint64(byTraffic + 1), Den: 100},
		}), row[1]) != 0 {
			byTraffic++
		}
		got := [3]int{int(peer.GOFeatureFlag{}.Bucket(row[0], row[1])), byArms, byTraffic}
		c.equal([3]int{bucket, bucket / 1000, bucket / 1000}, got, "vectors.csv: flag %q, key %q", row[0], row[1])
	}
}
