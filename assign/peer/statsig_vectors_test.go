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

func statsigRows(t *testing.T, path string, c *tally) {
	for _, row := range readCSV(t, path, "salt", "unit_id", "user_bucket_of_1000", "pass_of_10000_with_rule_salt_r1") {
		salt, id := row[0], row[1]
		groups := newSplit(t, assign.Spec{Salt: salt, Arms: arms(10, 20, 30, 40), Hash: peer.Statsig{}})
		c.equal(fmt.Sprint(row[2], " ", bucketArm(t, row[2], 1000)),
			fmt.Sprint(peer.Statsig{}.Bucket(salt, id), " ", decide(groups, id)), "user_bucket %q %q", salt, id)
		gate := peer.Statsig{RuleSalt: "r1"}
		pass, err := strconv.ParseUint(row[3], 10, 64)
		require.NoError(t, err)
		// The gate lets the id through at the next hundredth of a percent and not before.
		closed := newSplit(t, assign.Spec{Salt: salt, Arms: arms(1), Traffic: assign.Share{Num: pass, Den: 10000}, Hash: gate})
		open := newSplit(t, assign.Spec{Salt: salt, Arms: arms(1), Traffic: assign.Share{Num: 2*pass + 1, Den: 20000}, Hash: gate})
		c.equal(fmt.Sprint(row[3], " ", passes(pass), " 0"),
			fmt.Sprint(gate.Pass(salt, id), " ", decide(closed, id), " ", decide(open, id)), "pass %q %q", salt, id)
	}
}

// passes returns the arm of an id whose number is just the percentage times 100: nobody,
// but where the product in float64 is above the whole number.
func passes(number uint64) int {
	percentage, _ := strconv.ParseFloat(fmt.Sprintf("%d.%02d", number/100, number%100), 64)
	if float64(number) < percentage*100 {
		return 0
	}
	return -1
}

func statsigVectors(t *testing.T, dir string, c *tally) {
	statsigRows(t, filepath.Join(dir, "vectors.csv"), c)
}
