package peer_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
)

// sdk is an SDK whose formulas are held against data.
type sdk struct {
	name   string
	folder string // below the folder that TOUCHLIFT_CONFORMANCE names
	// published reads the folder: its vectors.csv and what the SDK publishes itself.
	published func(t *testing.T, dir string, c *tally)
	// rows reads a vectors.csv, here the copy testdata/<name>.csv.
	rows func(t *testing.T, path string, c *tally)
}

func sdks() []sdk {
	return []sdk{
		{"growthbook", "growthbook", growthbookVectors, growthbookRows},
		{"launchdarkly", "launchdarkly", launchdarklyVectors, launchdarklyRows},
		{"statsig", "statsig", statsigVectors, statsigRows},
		{"optimizely", "optimizely", optimizelyVectors, optimizelyRows},
		{"eppo", "eppo", eppoVectors, eppoRows},
		{"split", "split", splitVectors, splitRows},
		{"unleash", "unleash", unleashVectors, unleashRows},
		{"gofeatureflag", "go-feature-flag", gofeatureflagVectors, gofeatureflagRows},
		{"planout", "planout", planoutVectors, planoutRows},
		{"posthog", "posthog", posthogVectors, posthogRows},
	}
}

// TestVectors holds every formula against the data of the folder that
// TOUCHLIFT_CONFORMANCE names: vectors of ours that were checked against the running
// SDKs, and what the SDKs publish.
func TestVectors(t *testing.T) {
	dir := os.Getenv("TOUCHLIFT_CONFORMANCE")
	if dir == "" {
		t.Skip("TOUCHLIFT_CONFORMANCE is not set: it names the folder with the data of other SDKs")
	}
	require.DirExists(t, dir, "TOUCHLIFT_CONFORMANCE")
	var total tally
	for _, s := range sdks() {
		t.Run(s.name, func(t *testing.T) {
			c := &tally{t: t}
			defer func() { total.merge(c) }()
			folder := filepath.Join(dir, s.folder)
			require.DirExists(t, folder)
			requireSameFile(t, filepath.Join(folder, "vectors.csv"), filepath.Join("testdata", s.name+".csv"))
			s.published(t, folder, c)
			c.close()
		})
	}
	fmt.Printf("vectors: %d not bucketing\n", total.left)
	fmt.Printf("vectors: %d passed, %d failed\n", total.passed, total.failed)
}

// The copies of our own vectors hold on every machine.
func TestCommittedVectors(t *testing.T) {
	for _, s := range sdks() {
		t.Run(s.name, func(t *testing.T) {
			c := &tally{t: t}
			s.rows(t, filepath.Join("testdata", s.name+".csv"), c)
			c.close()
			require.GreaterOrEqual(t, c.passed, 150)
		})
	}
}

func requireSameFile(t *testing.T, original, ours string) {
	t.Helper()
	want, err := os.ReadFile(original)
	require.NoError(t, err)
	got, err := os.ReadFile(ours)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "%s is a copy of %s", ours, original)
}

// tally counts the cases of one SDK.
type tally struct {
	t *testing.T
	passed, failed,
	left int // cases that do not test bucketing
}

const maxReported = 20 // failures of one SDK that are written out

// equal counts a case. The name is that of the case, for its line if it fails.
func (c *tally) equal(want, got any, name string, args ...any) {
	c.t.Helper()
	if want == got {
		c.passed++
		return
	}
	c.fail("%s: got %v, want %v", fmt.Sprintf(name, args...), got, want)
}

// fail counts a case that failed.
func (c *tally) fail(format string, args ...any) {
	c.t.Helper()
	c.failed++
	if c.failed <= maxReported {
		c.t.Errorf(format, args...)
		return
	}
	c.t.Fail()
}

// leave counts cases that do not test bucketing, and says why.
func (c *tally) leave(cases int, why string, args ...any) {
	c.left += cases
	c.t.Logf("%d not bucketing: %s", cases, fmt.Sprintf(why, args...))
}

// close fails a test that compared nothing, and logs the counts.
func (c *tally) close() {
	c.t.Helper()
	if c.passed+c.failed == 0 {
		c.t.Error("no case was compared")
	}
	c.t.Logf("%d passed, %d failed, %d not bucketing", c.passed, c.failed, c.left)
}

func (c *tally) merge(other *tally) {
	c.passed += other.passed
	c.failed += other.failed
	c.left += other.left
}

// readCSV returns the rows below the header, which must be the given one.
func readCSV(t *testing.T, path string, header ...string) [][]string {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err, path)
	require.Greater(t, len(rows), 1, path)
	require.Equal(t, header, rows[0], path)
	return rows[1:]
}

// newSplit is the entry of users: it fails the test on an error.
func newSplit(t testing.TB, spec assign.Spec) *assign.Split {
	t.Helper()
	split, err := assign.NewSplit(spec)
	require.NoError(t, err)
	return split
}

// arms returns arms v0, v1, .. of the weights.
func arms(weights ...uint64) []assign.Arm {
	list := make([]assign.Arm, len(weights))
	for i, weight := range weights {
		list[i] = assign.Arm{Variant: fmt.Sprintf("v%d", i), Weight: weight}
	}
	return list
}

// decide returns the index of the id's arm, -1 if it is not enrolled.
func decide(split *assign.Split, id string) int {
	index, enrolled := split.ArmOf(id)
	if enrolled != (index >= 0) {
		return -2 // no arm has this index
	}
	return index
}
