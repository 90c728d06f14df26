package peer_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

func splitVectors(t *testing.T, dir string, c *tally) {
	splitRows(t, filepath.Join(dir, "vectors.csv"), c)
	splitMurmurSample(t, filepath.Join(dir, "murmur3-sample-every30th.csv"), c)
	splitLegacySample(t, filepath.Join(dir, "legacy-sample-every20th.jsonl"), c)
	others, err := filepath.Glob(filepath.Join(dir, "*semantic_versions.csv"))
	require.NoError(t, err)
	semver, err := filepath.Glob(filepath.Join(dir, "*_semver.csv"))
	require.NoError(t, err)
	others = append(append(others, semver...), filepath.Join(dir, "regex.txt"))
	for _, path := range others {
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		c.leave(strings.Count(strings.TrimSpace(string(raw)), "\n")+1, "matchers: %s", filepath.Base(path))
	}
}

func seedOf(t *testing.T, text string) uint32 {
	t.Helper()
	seed, err := strconv.ParseInt(text, 10, 64)
	require.NoError(t, err)
	return uint32(seed)
}

// splitPlaces asks the users' entry for the bucket in two ways: by a hundred arms of
// 1 %, and by the least traffic that enrols the key.
func splitPlaces(t *testing.T, formula peer.Split, seed, key string) (byArms, byTraffic int) {
	t.Helper()
	ones := make([]uint64, 100)
	for i := range ones {
		ones[i] = 1
	}
	byArms = 1 + decide(newSplit(t, assign.Spec{Salt: seed, Arms: arms(ones...), Hash: formula}), key)
	formula.TrafficAllocationSeed = int64(int32(seedOf(t, seed)))
	for byTraffic = range 101 {
		spec := assign.Spec{Salt: "1", Arms: arms(1), Traffic: assign.Share{Num: uint64(byTraffic), Den: 100}, Hash: formula}
		if decide(newSplit(t, spec), key) == 0 {
			break
		}
	}
	return byArms, byTraffic
}

func splitRows(t *testing.T, path string, c *tally) {
	for _, row := range readCSV(t, path, "seed", "key", "murmur_1_to_100") {
		want, err := strconv.Atoi(row[2])
		require.NoError(t, err)
		byArms, byTraffic := splitPlaces(t, peer.Split{}, row[0], row[1])
		got := [3]int{peer.Split{}.Bucket(seedOf(t, row[0]), row[1]), byArms, byTraffic}
		c.equal([3]int{want, want, want}, got, "vectors.csv: seed %s, key %q", row[0], row[1])
	}
}

// splitMurmurSample reads rows of seed, key, murmur3 and bucket.
func splitMurmurSample(t *testing.T, path string, c *tally) {
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	rows, err := csv.NewReader(strings.NewReader(string(raw))).ReadAll()
	require.NoError(t, err)
	for _, row := range rows {
		seed := seedOf(t, row[0])
		got := [2]string{strconv.FormatUint(uint64(peer.Split{}.Hash(seed, row[1])), 10), strconv.Itoa(peer.Split{}.Bucket(seed, row[1]))}
		c.equal([2]string{row[2], row[3]}, got, "murmur3 sample: seed %s, key %q", row[0], row[1])
	}
}

// splitLegacySample reads rows of seed, key, signed hash and bucket. The buckets are
// those of the signed hash. The SDK for Go, without a sign, agrees where the hash is
// not negative, and by chance elsewhere.
func splitLegacySample(t *testing.T, path string, c *tally) {
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	signed, unsigned, differ, rows := peer.Split{Algo: 1}, peer.Split{Algo: 1, Unsigned: true}, 0, 0
	for lines := bufio.NewScanner(file); lines.Scan(); rows++ {
		var row [4]any
		decoder := json.NewDecoder(strings.NewReader(lines.Text()))
		decoder.UseNumber()
		require.NoError(t, decoder.Decode(&row), lines.Text())
		key := row[1].(string)
		number := func(i int) int64 {
			n, err := row[i].(json.Number).Int64()
			require.NoError(t, err)
			return n
		}
		seed, hash := uint32(number(0)), number(2)
		c.equal([2]int64{hash, number(3)}, [2]int64{int64(int32(signed.Hash(seed, key))), int64(signed.Bucket(seed, key))},
			"legacy sample: seed %d, key %q", number(0), key)
		c.equal(int64(uint32(hash))%100+1, int64(unsigned.Bucket(seed, key)), "legacy sample without a sign: seed %d, key %q", number(0), key)
		if unsigned.Bucket(seed, key) != signed.Bucket(seed, key) {
			differ++
		}
	}
	t.Logf("legacy hash: %d of %d buckets differ without a sign", differ, rows)
	require.Greater(t, differ, rows*2/5, "the two readings of the legacy hash are told apart")
}
