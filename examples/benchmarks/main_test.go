package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRunWritesBetweenTheMarkers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "README.md")
	require.NoError(t, os.WriteFile(path, []byte("# title\n\n"+begin+"\nold\n"+end+"\n\nmore\n"), 0o640))
	var out strings.Builder
	require.NoError(t, run([]string{"-count", "1", "-time", "1ms", "-write", path}, &out, io.Discard))

	written, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "# title\n\n"+begin+"\n"+out.String()+end+"\n\nmore\n", string(written))
	assert.Equal(t, layout(markdown(asked(), median, "")), layout(out.String()))
	assert.Contains(t, out.String(), "Medians of 1 interleaved rounds of 1ms.")

	require.NoError(t, rewrite(path, out.String()))
	again, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(written), string(again), "the same tables leave the same file")
}

func TestRunShowsTheBestOfTheRounds(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run([]string{"-count", "1", "-time", "1ms", "-best"}, &out, io.Discard))
	assert.Contains(t, out.String(), "Best of 1 interleaved rounds of 1ms.")
}

func TestRunNamesEveryMistake(t *testing.T) {
	path := filepath.Join(t.TempDir(), "README.md")
	require.NoError(t, os.WriteFile(path, []byte(end+"\n"+begin+"\n"), 0o600))
	err := run([]string{"-count", "0", "-time", "1us", "-write", path, "all"}, io.Discard, io.Discard)
	require.Error(t, err)
	assert.Equal(t, []string{
		`benchmarks: -count 0, want at least 1`,
		`benchmarks: -time 1µs, want at least 1ms`,
		`benchmarks: unexpected ["all"]: there are only flags, see -h`,
		`benchmarks: -write ` + path + `: ` + errNoMarkers.Error(),
	}, strings.Split(err.Error(), "\n"))
	assert.ErrorIs(t, err, errNoMarkers)
}

func TestBetween(t *testing.T) {
	before, inside, after, err := between("a" + begin + "b" + end + "c")
	require.NoError(t, err)
	assert.Equal(t, []string{"a" + begin, "b", end + "c"}, []string{before, inside, after})
	for reason, text := range map[string]string{
		"no marker": "text", "no end": begin, "no begin": end, "the other way round": end + begin, "twice": begin + end + begin + end,
	} {
		_, _, _, err := between(text)
		assert.ErrorIs(t, err, errNoMarkers, reason)
	}
}
