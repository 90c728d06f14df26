package datasets

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
)

func newTestLedger(t *testing.T) *Ledger {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "reference.json"), []byte(`{"set": {"p": 0.25, "ci": [-1, 2], "name": "a"}}`), 0o644))
	l, err := NewLedger(dir)
	require.NoError(t, err)
	return l
}

// A comparison that does not hold is found, or the harness proves nothing.
func TestLedgerFindsDifferences(t *testing.T) {
	tests := []struct {
		name, reason string
		compare      func(*Ledger)
		holds        bool
	}{
		{"same", "the number itself", func(l *Ledger) { l.number("s", "set/p", 0.25) }, true},
		{"near", "within 1e-9", func(l *Ledger) { l.number("s", "set/p", 0.25*(1+9e-10)) }, true},
		{"far", "beyond 1e-9", func(l *Ledger) { l.number("s", "set/p", 0.25*(1+2e-9)) }, false},
		{"not a number", "NaN is near nothing", func(l *Ledger) { l.number("s", "set/p", math.NaN()) }, false},
		{"no such key", "a wrong path is no success", func(l *Ledger) { l.number("s", "set/q", 0) }, false},
		{"text for a number", "the reference has a text there", func(l *Ledger) { l.number("s", "set/name", 0) }, false},
		{"list", "both ends", func(l *Ledger) { l.numbers("s", "set/ci", -1, 2) }, true},
		{"list with a wrong end", "each end counts", func(l *Ledger) { l.numbers("s", "set/ci", -1, 3) }, false},
		{"text", "texts are exact", func(l *Ledger) { l.text("s", "set/name", "a") }, true},
		{"wrong text", "texts are exact", func(l *Ledger) { l.text("s", "set/name", "b") }, false},
		{"unequal", "anything else", func(l *Ledger) { l.equal("s", 1, 2) }, false},
		{"error", "errors are findings", func(l *Ledger) { l.fail("s", errors.New("broken")) }, false},
		{"different results", "counts are exact", func(l *Ledger) {
			l.sameResults("s", analysis.Result{Groups: []analysis.Group{{Units: 1 << 40}}}, analysis.Result{Groups: []analysis.Group{{Units: 1<<40 + 1}}})
		}, false},
		{"same results", "rounding is no difference", func(l *Ledger) {
			l.sameResults("s", analysis.Result{Balance: []analysis.Balance{{P: 0.1}}}, analysis.Result{Balance: []analysis.Balance{{P: 0.1 * (1 + 1e-12)}}})
		}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newTestLedger(t)
			tt.compare(l)
			holds := true
			for _, f := range l.Findings() {
				holds = holds && f.Problem == ""
			}
			require.NotEmpty(t, l.Findings())
			assert.Equal(t, tt.holds, holds, "%s: %v", tt.reason, l.Findings())
		})
	}
}

func TestLedgerKnowsWhatIsMissing(t *testing.T) {
	l := newTestLedger(t)
	l.number("s", "set/p", 0.25)
	assert.Equal(t, []string{"set/ci/0", "set/ci/1", "set/name"}, l.Missing())
}

// A directory without the files is a failure.
func TestMissingFilesFail(t *testing.T) {
	_, err := NewLedger(t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)
	l := newTestLedger(t)
	l.Check(context.Background(), t.TempDir(), func(string) (experiment.Store, error) {
		return experiment.NewMemory(experiment.MemoryOptions{}), nil
	}, true)
	require.Len(t, l.Findings(), 6, "one for each data set")
	for _, f := range l.Findings() {
		assert.Contains(t, f.Problem, "no such file", f.Name)
	}
}

// A recording refuses what it does not know.
func TestRecordingRefuses(t *testing.T) {
	s := CookieCats()
	r, err := Recorded(s)
	require.NoError(t, err)
	m := s.Catalog.Metrics[0]
	ask := func(at time.Time, values ...experiment.Value) error {
		_, err := r.Summarize(context.Background(), experiment.Query{AsOf: asOf(at), Values: values})
		return err
	}
	assert.NoError(t, ask(r.AsOf, m.Value()))
	assert.NoError(t, ask(r.AsOf.Add(day)), "units are known at any time")
	assert.ErrorContains(t, ask(r.AsOf.Add(day), m.Value()), "outcomes are recorded as of")
	assert.ErrorContains(t, ask(r.AsOf, m.Value(), m.Value(), m.Value(), m.Value(), m.Value()), "4 values are recorded, not 5")
	_, err = Recorded(Set{Name: "unheard-of"})
	assert.ErrorIs(t, err, os.ErrNotExist)
}
