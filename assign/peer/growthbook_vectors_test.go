package peer_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

func growthbookRows(t *testing.T, path string, c *tally) {
	header := []string{"seed_or_namespace", "value", "bucket_v1_of_1000", "bucket_v2_of_10000", "namespace_of_1000"}
	for _, row := range readCSV(t, path, header...) {
		seed, id := row[0], row[1]
		v1, _ := peer.GrowthBook{Version: 1}.Bucket(seed, id)
		v2, _ := peer.GrowthBook{Version: 2}.Bucket(seed, id)
		c.equal(fmt.Sprint(row[2], " ", bucketArm(t, row[2], 1000)),
			fmt.Sprint(math.Round(v1*1000), decide(growthbookSplit(t, 1, seed), id)), "v1 %q %q", seed, id)
		c.equal(fmt.Sprint(row[3], " ", bucketArm(t, row[3], 10000)),
			fmt.Sprint(math.Round(v2*10000), decide(growthbookSplit(t, 2, seed), id)), "v2 %q %q", seed, id)
		k, err := strconv.ParseFloat(row[4], 64)
		require.NoError(t, err)
		in := peer.GrowthBook{Namespace: seed, NamespaceFrom: k / 1000, NamespaceTo: (k + 1) / 1000}
		c.equal(true, in.InNamespace(id), "namespace %q %q", seed, id)
	}
}

// growthbookSplit has four arms of 10, 20, 30 and 40 %.
func growthbookSplit(t *testing.T, version int, seed string) *assign.Split {
	return newSplit(t, assign.Spec{Salt: seed, Arms: arms(10, 20, 30, 40), Hash: peer.GrowthBook{Version: version}})
}

// bucketArm returns the arm of 10, 20, 30 and 40 % that owns a bucket.
func bucketArm(t *testing.T, bucket string, buckets int) int {
	k, err := strconv.Atoi(bucket)
	require.NoError(t, err)
	switch {
	case k < buckets/10:
		return 0
	case k < buckets*3/10:
		return 1
	case k < buckets*6/10:
		return 2
	}
	return 3
}

func growthbookVectors(t *testing.T, dir string, c *tally) {
	growthbookRows(t, filepath.Join(dir, "vectors.csv"), c)
	for _, name := range []string{"cases-spec5.json", "cases-spec6.json"} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		var suites map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(raw, &suites))
		growthbookHashCases(t, decode[[][]any](t, suites["hash"]), c)
		growthbookRangeCases(t, suites, c)
		growthbookChooseCases(t, decode[[][4]json.RawMessage](t, suites["chooseVariation"]), c)
		growthbookNamespaceCases(t, decode[[][4]json.RawMessage](t, suites["inNamespace"]), c)
		growthbookRunCases(t, name, decode[[][6]json.RawMessage](t, suites["run"]), c)
		growthbookFeatureCases(t, name, decode[[][4]json.RawMessage](t, suites["feature"]), c)
		for suite, cases := range suites {
			switch suite {
			case "hash", "getBucketRange", "getEqualWeights", "chooseVariation", "inNamespace", "run", "feature", "specVersion":
			default:
				c.leave(casesIn(decode[any](t, cases)), "%s %s", name, suite)
			}
		}
	}
}

// casesIn counts the cases of a suite: a list, or a map of lists.
func casesIn(suite any) int {
	if list, ok := suite.([]any); ok {
		return len(list)
	}
	count := 0
	for _, part := range suite.(map[string]any) {
		if list, ok := part.([]any); ok {
			count += len(list)
		}
	}
	return count
}

func decode[T any](t *testing.T, raw []byte) (value T) {
	t.Helper()
	require.NoError(t, json.Unmarshal(raw, &value), "%s", raw)
	return value
}

func growthbookHashCases(t *testing.T, cases [][]any, c *tally) {
	for _, row := range cases {
		version := int(row[2].(float64))
		n, known := peer.GrowthBook{Version: version}.Bucket(row[0].(string), row[1].(string))
		if row[3] == nil {
			c.equal(false, known, "hash %v", row)
			continue
		}
		c.equal(row[3], n, "hash %v", row)
	}
}

// rounded is what the suites compare: 8 decimals.
func rounded(list peer.GrowthBookRanges) string {
	text := ""
	for _, r := range list {
		text += fmt.Sprintf("[%.8f %.8f]", r.From, r.To)
	}
	return text
}

func pairs(list [][2]float64) (ranges peer.GrowthBookRanges) {
	for _, p := range list {
		ranges = append(ranges, peer.GrowthBookRange{From: p[0], To: p[1]})
	}
	return ranges
}

func growthbookRangeCases(t *testing.T, suites map[string]json.RawMessage, c *tally) {
	for _, row := range decode[[][3]json.RawMessage](t, suites["getBucketRange"]) {
		in := decode[[3]json.RawMessage](t, row[1])
		got := peer.GrowthBookLayout(decode[int](t, in[0]), decode[float64](t, in[1]), decode[[]float64](t, in[2]))
		c.equal(rounded(pairs(decode[[][2]float64](t, row[2]))), rounded(got), "getBucketRange %s", row[0])
	}
	for _, row := range decode[[][2]json.RawMessage](t, suites["getEqualWeights"]) {
		got := ""
		for _, r := range peer.GrowthBookLayout(decode[int](t, row[0]), 1, nil) {
			got += fmt.Sprintf("%.8f ", r.To-r.From)
		}
		want := ""
		for _, w := range decode[[]float64](t, row[1]) {
			want += fmt.Sprintf("%.8f ", w)
		}
		c.equal(want, got, "getEqualWeights %s", row[0])
	}
}

func growthbookChooseCases(t *testing.T, cases [][4]json.RawMessage, c *tally) {
	for _, row := range cases {
		got := pairs(decode[[][2]float64](t, row[2])).Choose(decode[float64](t, row[1]))
		c.equal(decode[int](t, row[3]), got, "chooseVariation %s", row[0])
	}
}

func growthbookNamespaceCases(t *testing.T, cases [][4]json.RawMessage, c *tally) {
	for _, row := range cases {
		in := decode[[3]any](t, row[2])
		g := peer.GrowthBook{Version: 2, Namespace: in[0].(string), NamespaceFrom: in[1].(float64), NamespaceTo: in[2].(float64)}
		id, want := decode[string](t, row[1]), decode[bool](t, row[3])
		c.equal(want, g.InNamespace(id), "inNamespace %s", row[0])
		_, enrolled := newSplit(t, assign.Spec{Salt: "s", Arms: arms(1, 1), Hash: g}).Variant(id)
		require.Equal(t, want, enrolled, "%s through the split", row[0])
	}
}

// weightsOf returns whole numbers in the ratio of the weights.
func weightsOf(t *testing.T, weights []float64) []uint64 {
	t.Helper()
	all := make([]uint64, len(weights))
	for i, w := range weights {
		all[i] = uint64(math.Round(w * 1e8))
		require.Equal(t, w, float64(all[i])/1e8)
	}
	return all
}

// shareOf returns the share that is written as this decimal number.
func shareOf(t *testing.T, number json.Number) assign.Share {
	t.Helper()
	exact, ok := new(big.Rat).SetString(number.String())
	require.True(t, ok, number)
	return assign.Share{Num: exact.Num().Uint64(), Den: exact.Denom().Uint64()}
}
