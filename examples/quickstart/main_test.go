package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestRun holds the whole program, with fewer customers, against its output.
func TestRun(t *testing.T) {
	db := filepath.Join(t.TempDir(), "quickstart.db")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), options{customers: 5000, seed: 1, db: db}, &out))
	have := strings.ReplaceAll(out.String(), db, "quickstart.db")
	if *update {
		require.NoError(t, os.WriteFile("testdata/output.golden", []byte(have), 0o644))
	}
	want, err := os.ReadFile("testdata/output.golden")
	require.NoError(t, err)
	assert.Equal(t, string(want), have)
	assert.FileExists(t, db)
}

func TestRunRemovesTemporaryDatabase(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	t.Setenv("TMP", folder) // Windows
	require.NoError(t, run(t.Context(), options{customers: 200, seed: 1}, io.Discard))
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Empty(t, left)
}

// TestPlay looks at the numbers of the result instead of its text.
func TestPlay(t *testing.T) {
	store := experiment.NewMemory(experiment.MemoryOptions{})
	result, counters, err := play(t.Context(), options{customers: 8000, seed: 1}, store, io.Discard)
	require.NoError(t, err)

	assert.Equal(t, analysis.Evaluated, result.Stage)
	assert.Equal(t, analysis.Ship, result.Verdict.Status)
	assert.Equal(t, []string{"free_returns"}, result.Verdict.Variants)
	primary, err := rowOf(result, "purchase_rate")
	require.NoError(t, err)
	assert.True(t, primary.Difference.Interval.Contains(trueEffect), "%v holds %v", primary.Difference.Interval, trueEffect)
	assert.False(t, primary.Difference.Interval.Contains(0))
	secondary, err := rowOf(result, "support_rate")
	require.NoError(t, err)
	assert.True(t, secondary.Difference.Interval.Contains(0), "%v holds 0", secondary.Difference.Interval)

	assert.EqualValues(t, 8000, primary.Control.N+primary.Treatment.N, "every customer counts once")
	assert.Equal(t, counters.Accepted, counters.Inserted, "no event came twice")
	assert.Len(t, store.Exposures(), int(counters.Accepted)-len(store.Conversions()))
	assert.Equal(t, trueConversions(store), primary.Control.Numerator+primary.Treatment.Numerator)
}

// trueConversions counts the purchases.
func trueConversions(store *experiment.Memory) (n float64) {
	for _, c := range store.Conversions() {
		if c.Event == "purchase" {
			n++
		}
	}
	return n
}

func TestSameVariantAtBothTouchpoints(t *testing.T) {
	store := experiment.NewMemory(experiment.MemoryOptions{})
	_, _, err := play(t.Context(), options{customers: 1000, seed: 3}, store, io.Discard)
	require.NoError(t, err)
	mailed := make(map[string]string)
	checkouts := 0
	for _, e := range store.Exposures() { // by time, so the mail comes first
		switch e.Touchpoint {
		case "newsletter":
			mailed[e.Unit] = e.Variant
		case "checkout-page":
			checkouts++
			assert.Equal(t, mailed[e.Unit], e.Variant, e.Unit)
		}
	}
	assert.Len(t, mailed, 1000)
	assert.InDelta(t, 500, checkouts, 80)
}

// TestIntervalsHoldTheEffect: with alpha 0.05 about 19 of 20 intervals do. The
// seeds are fixed, so the test gives the same every time.
func TestIntervalsHoldTheEffect(t *testing.T) {
	const seeds = 40
	inside := 0
	for seed := range uint64(seeds) {
		result, _, err := play(t.Context(), options{customers: 1000, seed: seed},
			experiment.NewMemory(experiment.MemoryOptions{}), io.Discard)
		require.NoError(t, err)
		row, err := rowOf(result, "purchase_rate")
		require.NoError(t, err)
		if row.Difference.Interval.Contains(trueEffect) {
			inside++
		}
	}
	assert.GreaterOrEqual(t, inside, 34, "of %d", seeds)
}

func TestRunRefuses(t *testing.T) {
	existing := filepath.Join(t.TempDir(), "kept.db")
	require.NoError(t, os.WriteFile(existing, nil, 0o600))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, row := range []struct {
		name    string
		reason  string
		ctx     context.Context
		options options
		want    string
	}{
		{"too few", "an arm could be empty", t.Context(), options{customers: 99}, "-customers is 99, want 100 to 1000000"},
		{"too many", "a day would not fit the queue", t.Context(), options{customers: 1_000_001}, "want 100 to 1000000"},
		{"existing file", "two simulations do not mix", t.Context(), options{customers: 100, db: existing}, "exists"},
		{"no folder", "the store says what is wrong", t.Context(), options{customers: 100, db: filepath.Join(existing, "x", "y.db")}, "kept.db"},
		{"interrupted", "Ctrl-C ends the program", cancelled, options{customers: 100}, "context canceled"},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.ErrorContains(t, run(row.ctx, row.options, io.Discard), row.want, row.reason)
		})
	}
}

func TestProgress(t *testing.T) {
	var file, terminal bytes.Buffer
	for _, p := range []*progress{newProgress(&file), {out: &terminal, terminal: true}} {
		p.step("step %d", 10)
		p.step("end")
		p.end()
	}
	assert.Equal(t, "step 10\nend\n", file.String(), "a file gets lines")
	assert.Equal(t, "\rstep 10\rend    \n", terminal.String(), "a terminal gets one line, overwritten in full")
}

func TestIsTerminal(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	defer file.Close()
	assert.False(t, isTerminal(file))
	assert.False(t, isTerminal(new(bytes.Buffer)))
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer null.Close()
	assert.True(t, isTerminal(null), "a character device")
}
