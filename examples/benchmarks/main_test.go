package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRewriteBetweenTheMarkers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "README.md")
	require.NoError(t, os.WriteFile(path, []byte("# title\n\n"+begin+"\nold\n"+end+"\n\nmore\n"), 0o640))
	tables := markdown(asked(), median, "On a machine.")
	require.NoError(t, rewrite(path, tables))
	written, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "# title\n\n"+begin+"\n"+tables+end+"\n\nmore\n", string(written))

	require.NoError(t, rewrite(path, tables))
	again, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(written), string(again), "the same tables leave the same file")
}

// TestRunRefusesToWriteHastyFigures: what stands in a README looks settled.
func TestRunRefusesToWriteHastyFigures(t *testing.T) {
	path := filepath.Join(t.TempDir(), "README.md")
	text := begin + "\n" + end + "\n"
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	for reason, flags := range map[string][]string{
		"too few rounds": {"-count", "5", "-time", "50ms"},
		"too short":      {"-count", "24", "-time", "49ms"},
	} {
		var out strings.Builder
		err := run(append(flags, "-write", path), &out, io.Discard)
		assert.ErrorContains(t, err, "want -count 6 or more and -time 50ms or more", reason)
		assert.Empty(t, out.String(), "said before anything is measured")
	}
	kept, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, text, string(kept))
	assert.NoError(t, check(24, 50*time.Millisecond, nil, path))
	assert.NoError(t, check(6, 200*time.Millisecond, nil, path), "the usual run")
}

func TestRunShowsTheBestOfTheRounds(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run([]string{"-count", "1", "-time", "1ms", "-best"}, &out, io.Discard))
	assert.Contains(t, out.String(), "Best of 1 round of 1ms.")
	assert.Equal(t, layout(markdown(asked(), median, "")), layout(out.String()))
	assert.Contains(t, made("Medians", 6, time.Second), "Medians of 6 interleaved rounds of 1s. ")
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
		`benchmarks: -write with 0 rounds of 1µs, want -count 6 or more and -time 50ms or more`,
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
