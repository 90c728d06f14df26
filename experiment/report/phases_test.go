package report_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
	"github.com/touchlift/touchlift/experiment/report"
)

// phased is a page test that was re-weighted, and given a third arm, while orders
// rose, with 5 % of the customers kept out.
func phased() *experiment.Catalog {
	catalog := pageTest(experiment.Plan{}, experiment.MetricProportion)
	e := &catalog.Experiments[0]
	e.Arms[1].Variant = "banner"
	e.Phases = []experiment.Phase{{From: time.Date(2026, 10, 15, 8, 0, 0, 0, time.UTC),
		Arms: []experiment.Arm{{Variant: "control", Weight: 6}, {Variant: "banner", Weight: 2}, {Variant: "video", Weight: 2}}}}
	e.Metrics.Secondary = []string{"spend"}
	catalog.Metrics = append(catalog.Metrics, experiment.Metric{Key: "spend", Kind: experiment.MetricMean, Event: "purchase", Window: 24 * time.Hour})
	catalog.Holdouts = []experiment.Holdout{{Key: "brand", Salt: "brand", Unit: experiment.KindCustomer,
		Share: assign.Share{Num: 1, Den: 20}, Scope: experiment.Scope{Global: true}}}
	return catalog
}

// in puts a cell into a phase, and adds what its units spent: some 50 per order.
func in(phase int, c experiment.Cell) experiment.Cell {
	orders := c.Sums[0].Sum
	c.Phase = phase
	c.Sums = append(c.Sums, experiment.Sums{N: c.Units, Sum: 50 * orders, SumSquares: 2600 * orders})
	return c
}

func phasedSource() recorded {
	early, late := proportionCell("", 540, 52), proportionCell("", 510, 98)
	early.Holdout, late.Holdout = true, true
	return recorded{
		cells: []experiment.Cell{
			in(0, proportionCell("control", 5020, 502)), in(0, proportionCell("banner", 4980, 570)), in(0, early),
			in(1, proportionCell("control", 5970, 1194)), in(1, proportionCell("banner", 2010, 430)), in(1, proportionCell("video", 2020, 440)), in(1, late),
		},
		moved: []experiment.Transition{{Variant: "banner", To: "control", Units: 210}, {Variant: "banner", To: "video", Units: 190}},
	}
}

func phasedResult(t *testing.T) analysis.Result {
	t.Helper()
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	result, err := analysis.Run(context.Background(), phasedSource(), phased(), "page-test", analysis.Options{Now: func() time.Time { return now }})
	require.NoError(t, err)
	return result
}

// Two phases and a holdout: sizes by phase, rows that compare within phases, and
// the units kept out apart.
func TestPhasesAndHoldout(t *testing.T) {
	result := phasedResult(t)
	golden(t, "phases.txt", []byte(report.Text(result)))
	text, err := report.JSON(result)
	require.NoError(t, err)
	goldenJSON(t, "phases.json", text)
	var back analysis.Result
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, result, back, "JSON reads back")
}

// Weights that came after the units are not passed off as theirs.
func TestWeightNow(t *testing.T) {
	source := recorded{cells: []experiment.Cell{in(0, proportionCell("control", 5020, 502)), in(0, proportionCell("banner", 4980, 570))}}
	for name, at := range map[string]struct {
		now    time.Time
		header string
	}{
		"before the phase": {time.Date(2026, 10, 14, 0, 0, 0, 0, time.UTC), "weight  units"},
		"in the phase":     {time.Date(2026, 10, 16, 0, 0, 0, 0, time.UTC), "weight now  units"},
	} {
		result, err := analysis.Run(context.Background(), source, phased(), "page-test", analysis.Options{Now: func() time.Time { return at.now }})
		require.NoError(t, err)
		assert.Contains(t, report.Text(result), at.header, name)
	}
}
