package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), os.DirFS("experiments"), filepath.Join(t.TempDir(), "touchlift.db"), &out))
	assert.Contains(t, out.String(), "free_returns free_returns\n")
	assert.Contains(t, out.String(), "checkout-reassurance: keep running")
}

// TestReadme: the code in the README is the code that runs here, line by line
// and in the same order.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, after, found := strings.Cut(string(readme), "```go\n")
	require.True(t, found, "the README has a block of Go")
	block, _, found := strings.Cut(after, "```")
	require.True(t, found)
	program, err := os.ReadFile("main.go")
	require.NoError(t, err)

	rest := string(program)
	lines := 0
	for line := range strings.Lines(block) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		lines++
		before, after, found := strings.Cut(rest, line+"\n")
		if !assert.True(t, found, "%q is not in main.go, or not in this order", line) {
			continue
		}
		_ = before
		rest = after
	}
	assert.GreaterOrEqual(t, lines, 10)
	assert.LessOrEqual(t, lines, 15, "the README shows at most 15 lines")
}
