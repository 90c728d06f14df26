package assign_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// nodeBinary returns the Node.js that TOUCHLIFT_NODE names. Where the variable is set,
// what does not work is a failure and no reason to skip.
func nodeBinary(t *testing.T) string {
	t.Helper()
	node := os.Getenv("TOUCHLIFT_NODE")
	if node == "" {
		t.Skip("TOUCHLIFT_NODE is not set: set it to a node of version 18 or later, such as /usr/bin/node, to run the JavaScript of testdata on the vectors")
	}
	path, err := exec.LookPath(node)
	require.NoError(t, err, "TOUCHLIFT_NODE names a program")
	return path
}

// runVectors runs testdata/vectors.mjs on files and returns its last line.
func runVectors(t *testing.T, files ...string) (last string, err error) {
	t.Helper()
	command := exec.Command(nodeBinary(t), append([]string{"testdata/vectors.mjs"}, files...)...)
	out, err := command.CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if err != nil {
		t.Logf("%s", out)
	}
	return lines[len(lines)-1], err
}

// The package documentation is enough to write touchlift/1 in another language: the
// JavaScript in testdata was, and reproduces every field of every frozen row.
func TestJavaScript(t *testing.T) {
	files := []string{"testdata/vectors.jsonl", "testdata/phases.jsonl"}
	rows := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		rows += bytes.Count(raw, []byte("\n"))
	}
	last, err := runVectors(t, files...)
	require.NoError(t, err)
	fmt.Println(last)
	assert.Equal(t, fmt.Sprintf("javascript: %d passed, 0 failed", rows), last)
}

// The run above can fail: one digit of any field is enough.
func TestJavaScriptNoticesADigit(t *testing.T) {
	const spec = `{"spec":"even","why":"x","salt_hex":"73","arms":[{"variant":"a","weight":"1"}],` +
		`"traffic":{"num":"1","den":"1"},"seed_traffic":"0","seed_arm":"0","traffic_end":"10000000000000000","arm_ends":["10000000000000000"]}`
	file := filepath.Join(t.TempDir(), "wrong.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(spec+"\n"), 0o600))
	last, err := runVectors(t, file)
	require.Error(t, err)
	assert.Equal(t, "javascript: 0 passed, 1 failed", last)
}
