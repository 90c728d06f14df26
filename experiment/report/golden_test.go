package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
	"github.com/touchlift/touchlift/experiment/internal/datasets"
	"github.com/touchlift/touchlift/experiment/report"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, got, 0o644))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run go test with -update to write it")
	assert.Equal(t, string(want), string(got))
}

// goldenJSON compares keys and texts exactly and numbers to 1e-9: their last
// digits depend on the processor.
func goldenJSON(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		golden(t, name, got)
		return
	}
	want, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err, "run go test with -update to write it")
	var a, b any
	require.NoError(t, json.Unmarshal(want, &a))
	require.NoError(t, json.Unmarshal(got, &b))
	sameJSON(t, name, a, b)
	assert.Equal(t, keyLines(want), keyLines(got), "the order of the keys")
}

func sameJSON(t *testing.T, path string, want, got any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		other, _ := got.(map[string]any)
		assert.Len(t, other, len(want), path)
		for key, v := range want {
			sameJSON(t, path+"/"+key, v, other[key])
		}
	case []any:
		other, _ := got.([]any)
		if assert.Len(t, other, len(want), path) {
			for i, v := range want {
				sameJSON(t, fmt.Sprint(path, "/", i), v, other[i])
			}
		}
	case float64:
		other, ok := got.(float64)
		assert.True(t, ok && math.Abs(other-want) <= 1e-9*math.Abs(want), "%s is %v, want %v", path, got, want)
	default:
		assert.Equal(t, want, got, path)
	}
}

// keyLines are the keys of indented JSON in their order.
func keyLines(text []byte) []string {
	var keys []string
	for line := range strings.Lines(string(text)) {
		if key, _, ok := strings.Cut(strings.TrimSpace(line), `": `); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

// Real experiments, from their recorded statistics.
func TestRealExperiments(t *testing.T) {
	for _, set := range []datasets.Set{datasets.Hillstrom(), datasets.CookieCats(), datasets.LandingPage()} {
		t.Run(set.Name, func(t *testing.T) {
			recording, err := datasets.Recorded(set)
			require.NoError(t, err)
			result, err := analysis.Run(context.Background(), recording, set.Catalog, set.Key,
				analysis.Options{Now: func() time.Time { return set.Now }})
			require.NoError(t, err)
			golden(t, set.Name+".txt", []byte(report.Text(result)))
			text, err := report.JSON(result)
			require.NoError(t, err)
			goldenJSON(t, set.Name+".json", text)
		})
	}
}

func pageTest(plan experiment.Plan, kind experiment.MetricKind) *experiment.Catalog {
	return &experiment.Catalog{
		Touchpoints: []experiment.Touchpoint{{Key: "page", Stage: experiment.StagePurchase, Channel: experiment.ChannelWeb}},
		Metrics:     []experiment.Metric{{Key: "orders", Kind: kind, Event: "purchase", Window: 24 * time.Hour}},
		Experiments: []experiment.Experiment{{
			Key: "page-test", Touchpoints: []string{"page"}, Unit: experiment.KindCustomer, Salt: "page-2026",
			Arms:    []experiment.Arm{{Variant: "control", Weight: 1}, {Variant: "変種", Weight: 1}},
			Metrics: experiment.Metrics{Primary: "orders"}, Plan: plan,
			Ends: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		}},
	}
}

// oneArm turns the treatment off.
func oneArm(catalog *experiment.Catalog) *experiment.Catalog {
	catalog.Experiments[0].Arms[1].Weight = 0
	return catalog
}

func proportionCell(variant string, n, converted int64) experiment.Cell {
	return experiment.Cell{Variant: variant, Units: n, Sums: []experiment.Sums{{N: n, Sum: float64(converted), SumSquares: float64(converted)}}}
}

func meanCell(variant string, n int64, sum, squares float64) experiment.Cell {
	return experiment.Cell{Variant: variant, Units: n, Sums: []experiment.Sums{{N: n, Sum: sum, SumSquares: squares}}}
}

// Situations that real experiments do not show.
func TestSituations(t *testing.T) {
	holdout := proportionCell("", 120, 12)
	holdout.Holdout = true
	tests := []struct {
		name, reason string
		catalog      *experiment.Catalog
		cells        []experiment.Cell
		contaminated []experiment.Transition
		now          time.Time
	}{
		{
			name: "waiting", reason: "progress and health, and nothing about outcomes",
			catalog: pageTest(experiment.Plan{Sample: 2000}, experiment.MetricProportion),
			cells:   []experiment.Cell{proportionCell("control", 1500, 150), proportionCell("変種", 1510, 180)},
			now:     time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC),
		},
		{
			name: "no data", reason: "an empty store",
			catalog: pageTest(experiment.Plan{}, experiment.MetricProportion),
			now:     time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		},
		{
			name: "unhealthy", reason: "a skewed split, contaminated units, a holdout, and variants whose names would drive a terminal",
			catalog: pageTest(experiment.Plan{}, experiment.MetricProportion),
			cells: []experiment.Cell{proportionCell("control", 5000, 500), proportionCell("変種", 5600, 610), holdout,
				proportionCell("\x1b[2Jevil\nname", 3, 1), proportionCell("old", 2, 0)},
			contaminated: []experiment.Transition{
				{Variant: "control", To: "変種", Units: 70}, {Variant: "変種", To: "control", Units: 90},
				{Variant: "変種", ToHoldout: true, Units: 5}, {Variant: "control", To: "\x1b[2Jevil\nname", Units: 1},
			},
			now: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		},
		{
			name: "uncertain baseline", reason: "Fieller's set with a gap is written as such",
			catalog: pageTest(experiment.Plan{}, experiment.MetricMean),
			cells:   []experiment.Cell{meanCell("control", 500, 20, 12500), meanCell("変種", 500, 600, 13000)},
			now:     time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		},
		{
			name: "no baseline", reason: "an undefined lift says why",
			catalog: pageTest(experiment.Plan{}, experiment.MetricProportion),
			cells:   []experiment.Cell{proportionCell("control", 1000, 0), proportionCell("変種", 1000, 30)},
			now:     time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		},
		{
			name: "disagreement", reason: "the lift interval excludes 0 where the test found nothing",
			catalog: pageTest(experiment.Plan{}, experiment.MetricProportion),
			cells:   []experiment.Cell{proportionCell("control", 225, 146), proportionCell("変種", 225, 126)},
			now:     time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		},
		{
			name: "constant arm", reason: "the arm that does not vary is named",
			catalog: pageTest(experiment.Plan{Alpha: 0.0001}, experiment.MetricMean),
			cells:   []experiment.Cell{meanCell("control", 500, 1000, 2000), meanCell("変種", 500, 1100, 3000)},
			now:     time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		},
		{
			name: "holdout alone", reason: "there are exposures, but none to an arm",
			catalog: pageTest(experiment.Plan{}, experiment.MetricProportion),
			cells:   []experiment.Cell{holdout},
			now:     time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		},
		{
			name: "one arm", reason: "nothing to compare",
			catalog: oneArm(pageTest(experiment.Plan{}, experiment.MetricProportion)),
			cells:   []experiment.Cell{proportionCell("control", 225, 146)},
			now:     time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		},
		{
			name: "nothing varies", reason: "no inference says why",
			catalog: pageTest(experiment.Plan{}, experiment.MetricProportion),
			cells:   []experiment.Cell{proportionCell("control", 1000, 0), proportionCell("変種", 1000, 0)},
			now:     time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			source := recorded{cells: tt.cells, contaminated: tt.contaminated}
			result, err := analysis.Run(context.Background(), source, tt.catalog, "page-test", analysis.Options{Now: func() time.Time { return tt.now }})
			require.NoError(t, err)
			text := report.Text(result)
			assert.NotContains(t, text, "\x1b", "control characters from data")
			assert.NotContains(t, text, "NaN", "a missing number is said in words")
			golden(t, tt.name+".txt", []byte(text))
		})
	}
}

// JSON reads back into the same result, numbers that do not exist as NaN.
func TestJSONReadsBack(t *testing.T) {
	set := datasets.CookieCats()
	recording, err := datasets.Recorded(set)
	require.NoError(t, err)
	result, err := analysis.Run(context.Background(), recording, set.Catalog, set.Key, analysis.Options{Now: func() time.Time { return set.Now }})
	require.NoError(t, err)
	text, err := report.JSON(result)
	require.NoError(t, err)
	var back analysis.Result
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, result, back)
}

type fullDisk struct{}

var errFull = errors.New("disk full")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestWriteText(t *testing.T) {
	result := analysis.Result{Experiment: "e", Verdict: analysis.Verdict{Sentence: "review", Reason: "r", Next: "n"}}
	var b bytes.Buffer
	require.NoError(t, report.WriteText(&b, result))
	assert.Equal(t, report.Text(result), b.String())
	assert.ErrorIs(t, report.WriteText(fullDisk{}, result), errFull)
}
