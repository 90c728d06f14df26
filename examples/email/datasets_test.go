package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
)

// Real campaigns, against numbers that were computed with pandas, scipy and
// statsmodels.

// dataset returns the path of a file in the folder of real data.
func dataset(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv("TOUCHLIFT_DATASETS")
	if folder == "" {
		t.Skip("TOUCHLIFT_DATASETS is not set: name the folder with " + name)
	}
	return filepath.Join(folder, name)
}

// reference is one block of reference.json.
func reference[T any](t *testing.T, campaign string) T {
	t.Helper()
	text, err := os.ReadFile(dataset(t, "reference.json"))
	require.NoError(t, err)
	all := make(map[string]json.RawMessage)
	require.NoError(t, json.Unmarshal(text, &all))
	var block T
	require.NoError(t, json.Unmarshal(all[campaign], &block))
	return block
}

// rate is the reference of a proportion.
type rate struct {
	Control, Treatment struct {
		N           int64
		Conversions float64
	}
	Diff    float64
	PPooled float64 `json:"p_pooled"`
}

// mean is the reference of a mean.
type mean struct {
	Control, Treatment struct {
		N    int64
		Mean float64
	}
	Diff, SE, T, DF, P float64
	CI95               [2]float64
}

func analyse(t *testing.T, path string) analysis.Result {
	t.Helper()
	table, err := open(path)
	require.NoError(t, err)
	defer table.Close()
	c, err := chooseCampaign("", table)
	require.NoError(t, err)
	batch, err := c.events(table)
	require.NoError(t, err)
	store := experiment.NewMemory(experiment.MemoryOptions{})
	_, err = record(t.Context(), store, batch)
	require.NoError(t, err)
	result, err := analysis.Run(t.Context(), store, c.catalog, c.experiment.Key, analysis.Options{})
	require.NoError(t, err)
	return result
}

// row finds a row of the scorecard.
func row(t *testing.T, result analysis.Result, metric, variant string) analysis.Row {
	t.Helper()
	for _, row := range result.Scorecard {
		if row.Metric == metric && row.Variant == variant {
			require.NotNil(t, row.Test, "%s of %s", metric, variant)
			return row
		}
	}
	require.Failf(t, "no row", "%s of %s", metric, variant)
	return analysis.Row{}
}

const tolerance = 1e-9

func checkRate(t *testing.T, want rate, have analysis.Row) {
	t.Helper()
	assert.Equal(t, want.Control.N, have.Control.N)
	assert.Equal(t, want.Treatment.N, have.Treatment.N)
	assert.Equal(t, want.Control.Conversions, have.Control.Numerator)
	assert.Equal(t, want.Treatment.Conversions, have.Treatment.Numerator)
	assert.InEpsilon(t, want.Diff, have.Difference.Value, tolerance)
	assert.InEpsilon(t, want.PPooled, have.Test.P, tolerance)
}

func checkMean(t *testing.T, want mean, have analysis.Row) {
	t.Helper()
	assert.Equal(t, want.Control.N, have.Control.N)
	assert.Equal(t, want.Treatment.N, have.Treatment.N)
	assert.InEpsilon(t, want.Control.Mean, have.Control.Value, tolerance)
	assert.InEpsilon(t, want.Treatment.Mean, have.Treatment.Value, tolerance)
	assert.InEpsilon(t, want.Diff, have.Difference.Value, tolerance)
	assert.InEpsilon(t, want.SE, have.Test.SE, tolerance)
	assert.InEpsilon(t, want.T, have.Test.Statistic, tolerance)
	assert.InEpsilon(t, want.DF, have.Test.DF, tolerance)
	assert.InEpsilon(t, want.P, have.Test.P, tolerance)
	assert.InEpsilon(t, want.CI95[0], have.Difference.Interval.Low, tolerance)
	assert.InEpsilon(t, want.CI95[1], have.Difference.Interval.High, tolerance)
}

func TestHillstrom(t *testing.T) {
	path := dataset(t, "hillstrom.csv.gz")
	type arm struct {
		Visit, Conversion rate
		Spend             mean
	}
	want := reference[map[string]json.RawMessage](t, "hillstrom")
	result := analyse(t, path)

	assert.Equal(t, analysis.Ship, result.Verdict.Status)
	assert.Equal(t, []string{"Mens E-Mail"}, result.Verdict.Variants)
	for _, variant := range []string{"Mens E-Mail", "Womens E-Mail"} {
		var a arm
		require.NoError(t, json.Unmarshal(want[variant], &a))
		checkRate(t, a.Visit, row(t, result, "visit_rate", variant))
		checkRate(t, a.Conversion, row(t, result, "conversion_rate", variant))
		checkMean(t, a.Spend, row(t, result, "spend_per_customer", variant))
	}
	assert.InEpsilon(t, 0.9036929575604196, result.Balance[0].P, tolerance)
}

func TestCookieCats(t *testing.T) {
	path := dataset(t, "cookie_cats.csv.gz")
	want := reference[struct {
		SRM    struct{ P float64 }
		Day1   rate `json:"retention_1"`
		Day7   rate `json:"retention_7"`
		Rounds mean `json:"rounds_winsor_p99"`
	}](t, "cookie_cats")
	result := analyse(t, path)

	assert.Equal(t, analysis.Rollback, result.Verdict.Status)
	assert.Equal(t, []string{"gate_40"}, result.Verdict.Variants)
	checkRate(t, want.Day7, row(t, result, "day_7_retention", "gate_40"))
	checkRate(t, want.Day1, row(t, result, "day_1_retention", "gate_40"))
	checkMean(t, want.Rounds, row(t, result, "rounds_per_player", "gate_40"))

	assert.InEpsilon(t, want.SRM.P, result.Balance[0].P, tolerance)
	levels := make(map[string]analysis.Level)
	for _, check := range result.Health {
		levels[check.ID] = check.Level
	}
	assert.Equal(t, analysis.Warn, levels[analysis.CheckSRM], "p is between 0.001 and 0.01")
}

// TestRealFilesRun runs the program itself on both files, twice on one database.
// SQLite is some 30 times slower under the race detector, so there it gets the
// first rows alone.
func TestRealFilesRun(t *testing.T) {
	for _, row := range []struct{ name, reason, verdict string }{
		{"hillstrom.csv.gz", "the mail for men brings the most visits", "mens-or-womens-mail: ship Mens E-Mail"},
		{"cookie_cats.csv.gz", "the later gate loses players", "first-gate: rollback gate_40"},
	} {
		path := dataset(t, row.name)
		t.Run(row.name, func(t *testing.T) {
			o := options{csv: path, db: filepath.Join(t.TempDir(), "email.db")}
			if raceDetector {
				o.csv = firstRows(t, path, 2000)
			}
			var first, second bytes.Buffer
			require.NoError(t, run(t.Context(), o, &first))
			require.NoError(t, run(t.Context(), o, &second))
			_, answer := cutLine(t, first.String())
			counts, answerAgain := cutLine(t, second.String())
			assert.Contains(t, counts, "; 0 of these events are new")
			assert.Equal(t, answer, answerAgain)
			if !raceDetector {
				assert.Contains(t, answer, row.verdict, row.reason)
			}
		})
	}
}

// firstRows writes a file with the header and the first n rows of another.
func firstRows(t *testing.T, path string, n int) string {
	t.Helper()
	table, err := open(path)
	require.NoError(t, err)
	defer table.Close()
	var text strings.Builder
	rows := csv.NewWriter(&text)
	require.NoError(t, rows.Write(table.header))
	for range n {
		cells, _, err := table.next()
		require.NoError(t, err)
		require.NoError(t, rows.Write(cells))
	}
	rows.Flush()
	require.NoError(t, rows.Error())
	return writePacked(t, text.String())
}
