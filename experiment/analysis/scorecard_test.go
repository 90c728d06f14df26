package analysis_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
	"github.com/touchlift/touchlift/stats"
)

// secondaries gives every arm four secondary proportions of the same counts.
func (tr *trial) secondaries(counts map[string][]float64) *trial {
	for _, key := range []string{"a", "b", "c", "d"} {
		tr.catalog.Metrics = append(tr.catalog.Metrics, experiment.Metric{Key: key, Kind: experiment.MetricProportion, Event: key, Window: week})
		tr.experiment().Metrics.Secondary = append(tr.experiment().Metrics.Secondary, key)
	}
	for i, c := range tr.cells.Cells {
		for _, converted := range counts[c.Variant] {
			tr.cells.Cells[i].Sums = append(tr.cells.Cells[i].Sums, experiment.Sums{N: c.Units, Sum: converted, SumSquares: converted})
		}
	}
	return tr
}

// The two families are corrected apart, each in its own way.
func TestFamilies(t *testing.T) {
	for _, secondary := range []experiment.Adjustment{"", experiment.AdjustBH, experiment.AdjustHolm} {
		tr := newTrial("blue", "red").arm("control", 5000, 500).arm("blue", 5000, 560).arm("red", 5000, 570)
		tr.secondaries(map[string][]float64{"control": {500, 500, 500, 500}, "blue": {510, 550, 570, 600}, "red": {520, 540, 580, 590}})
		tr.experiment().Plan.Families.Secondary = secondary
		result := tr.run(t)
		require.Len(t, result.Scorecard, 10)
		var primary, rest []float64
		for i, row := range result.Scorecard {
			if i < 2 {
				assert.Equal(t, analysis.Primary, row.Role, "the primary metric comes first")
				primary = append(primary, row.Test.P)
				continue
			}
			assert.Equal(t, analysis.Secondary, row.Role)
			rest = append(rest, row.Test.P)
		}
		holm, err := stats.Holm(primary)
		require.NoError(t, err)
		correct, name := stats.BenjaminiHochberg, experiment.AdjustBH
		if secondary == experiment.AdjustHolm {
			correct, name = stats.Holm, experiment.AdjustHolm
		}
		adjusted, err := correct(rest)
		require.NoError(t, err)
		for i, row := range result.Scorecard {
			assert.InDelta(t, append(holm, adjusted...)[i], row.Test.AdjustedP, 1e-15, "row %d", i)
		}
		assert.Equal(t, []analysis.Family{
			{Role: analysis.Primary, Adjustment: experiment.AdjustHolm, Comparisons: 2, Alpha: 0.05},
			{Role: analysis.Secondary, Adjustment: name, Comparisons: 8, Alpha: 0.05},
		}, result.Families)
	}
}

// A comparison that cannot be tested keeps its place in the family.
func TestFamilyKeepsItsSize(t *testing.T) {
	tr := newTrial("blue", "red").arm("control", 5000, 0).arm("blue", 5000, 0).arm("red", 5000, 6)
	result := tr.run(t)
	assert.Equal(t, analysis.NotInferable, result.Scorecard[0].Mark)
	require.NotNil(t, result.Scorecard[1].Test)
	assert.InEpsilon(t, 2*result.Scorecard[1].Test.P, result.Scorecard[1].Test.AdjustedP, 1e-12)
}

// A row says where an interval and the mark disagree; the mark is the test's.
func TestIntervalsThatDisagree(t *testing.T) {
	tests := []struct {
		name, why string
		trial     *trial
		mark      analysis.Mark
		want      []analysis.Warning
	}{
		{"agreement", "p = 0.74", newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 510), analysis.NotFound, nil},
		{"agreement on an effect", "p = 0.0014", newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 600), analysis.Better, nil},
		{"lift without the test", "p = 0.054, lift -26.7 to -0.7 %", newTrial("blue").arm("control", 225, 146).arm("blue", 225, 126),
			analysis.NotFound, []analysis.Warning{analysis.LiftDisagrees}},
		{"test without the lift", "p = 0.031, lift -0.1 to +42 %", newTrial("blue").arm("control", 150, 86).arm("blue", 150, 104),
			analysis.Better, []analysis.Warning{analysis.LiftDisagrees}},
		{"test without the difference", "p = 0.047, -10 to +0.1 points", newTrial("blue").arm("control", 150, 10).arm("blue", 150, 3),
			analysis.Worse, []analysis.Warning{analysis.DifferenceDisagrees}},
		{"family", "p = 0.03, adjusted 0.06", newTrial("blue", "red").arm("control", 5000, 500).arm("blue", 5000, 568).arm("red", 5000, 500),
			analysis.NotFound, []analysis.Warning{analysis.IntervalsUnadjusted}},
		{"no interval, no disagreement", "nobody converted in control, which has no lift", newTrial("blue").arm("control", 5000, 0).arm("blue", 5000, 50), analysis.Better, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			row := tt.trial.run(t).Scorecard[0]
			assert.Equal(t, tt.mark, row.Mark, tt.why)
			assert.Equal(t, tt.want, row.Warnings, tt.why)
		})
	}
}

// A constant arm beside one that varies is named.
func TestConstantArmIsNamed(t *testing.T) {
	row := newTrial("blue").mean("control", 50, 10, 0).mean("blue", 50, 11, 3).run(t).Scorecard[0]
	assert.Equal(t, []analysis.Warning{analysis.ConstantBaseline}, row.Warnings)
	row = newTrial("blue").mean("control", 50, 10, 3).mean("blue", 50, 11, 0).run(t).Scorecard[0]
	assert.Equal(t, []analysis.Warning{analysis.ConstantVariant}, row.Warnings)
	assert.Empty(t, row.Test.Warnings)
}

// A secondary metric with a longer window says that units are missing.
func TestSecondaryWithLongerWindow(t *testing.T) {
	for _, tt := range []struct {
		name    string
		later   time.Duration // after the first 10 units of an arm, 10 more come
		window  time.Duration
		want    []analysis.Warning
		n       int64
		problem string
	}{
		{"all matured", 0, week, nil, 20, ""},
		{"longer, all matured", 0, 8 * 24 * time.Hour, nil, 20, ""},
		{"longer, half matured", 2 * 24 * time.Hour, 8 * 24 * time.Hour, []analysis.Warning{analysis.WindowsOpen}, 10, ""},
		{"longer, none matured", 2 * 24 * time.Hour, 3 * week, []analysis.Warning{analysis.WindowsOpen}, 0, "too few units have matured"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newArrivals(t)
			for i := range 20 {
				at := ends.Add(-2 * 24 * time.Hour)
				if i >= 10 {
					at = at.Add(tt.later).Add(-time.Hour)
				} else {
					at = at.Add(-24 * time.Hour)
				}
				a.meet("control", at, i%2 == 0).meet("blue", at, i%3 == 0)
			}
			tr := newTrial("blue")
			tr.experiment().Metrics.Secondary = []string{"revenue"}
			tr.catalog.Metrics[1].Window = tt.window
			row := a.run(tr, mature.Add(10*week)).Scorecard[1]
			assert.Equal(t, tt.n, row.Control.N)
			assert.Equal(t, tt.want, row.Warnings)
			assert.Contains(t, row.Problem, tt.problem)
		})
	}
}

// A lift without an interval says what is the case.
func TestLiftWithoutInterval(t *testing.T) {
	tests := []struct {
		name    string
		trial   *trial
		value   float64
		problem string
	}{
		{"nobody in blue", newTrial("blue").arm("control", 10000, 9000).arm("blue", 10000, 0), -1, "every unit of blue has the value 0, so that the lift has no interval"},
		{"nobody in blue, few in control", newTrial("blue").arm("control", 200, 9).arm("blue", 200, 0), -1, "every unit of blue has the value 0, so that the lift has no interval"},
		{"all against none", newTrial("blue").arm("control", 100, 100).arm("blue", 100, 0), -1, "all units of control have one value and all of blue another"},
		{"nobody in control", newTrial("blue").arm("control", 10000, 0).arm("blue", 10000, 90), math.NaN(), "control is 0"},
		{"all in both", newTrial("blue").arm("control", 100, 100).arm("blue", 100, 100), 0, "all units of both arms have the same value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lift := tt.trial.run(t).Scorecard[0].Lift
			if math.IsNaN(tt.value) {
				assert.True(t, math.IsNaN(lift.Value))
			} else {
				assert.Equal(t, tt.value, lift.Value)
			}
			assert.Equal(t, stats.NoInterval, lift.Interval.Kind)
			assert.Empty(t, lift.Method)
			assert.Contains(t, lift.Problem, tt.problem)
		})
	}
}

// The stop sentence of several arms holds for all of them together: its bound
// is at alpha divided by their number.
func TestRuledOutTogether(t *testing.T) {
	result := newTrial("blue", "red").arm("control", 5000, 500).arm("blue", 5000, 510).arm("red", 5000, 500).run(t)
	alone := newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 510)
	alone.experiment().Plan.Alpha = 0.025
	bound := alone.run(t).Scorecard[0].Lift.Interval.High
	assert.Greater(t, bound, result.Scorecard[0].Lift.Interval.High, "wider than the marginal interval")
	assert.Contains(t, result.Verdict.Reason, fmt.Sprintf("intervals that hold for all arms together rule out lifts above +%.1f %%", 100*bound))
}

// With a metric that should fall, the best winner is the lowest.
func TestBestOfDecreasingWinners(t *testing.T) {
	result := newTrial("blue", "red").decrease().arm("control", 5000, 800).arm("blue", 5000, 500).arm("red", 5000, 650).run(t)
	assert.Equal(t, "ship blue", result.Verdict.Sentence)
	require.Len(t, result.Pairwise, 1)
	assert.Equal(t, "red", result.Pairwise[0].Baseline)
	assert.Equal(t, analysis.Better, result.Pairwise[0].Mark)
	assert.Negative(t, result.Pairwise[0].Difference.Value)
}

// Values that overflow make a row without inference, not an error, and JSON
// can say so.
func TestValuesThatOverflow(t *testing.T) {
	row := spent(t, spending(t, map[string][]float64{"control": {1e200, 1, 2}, "blue": {1, 2, 3}}))
	assert.Nil(t, row.Test)
	assert.Contains(t, row.Problem, "not a finite number")
	assert.Equal(t, int64(3), row.Control.N, "the units are there")
	assert.True(t, math.IsNaN(row.Control.Value))
	assert.True(t, math.IsNaN(row.Difference.Value))
	text, err := json.Marshal(row)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"control":{"n":3,"numerator":null,"value":null}`)
	var back analysis.Row
	require.NoError(t, json.Unmarshal(text, &back))
	assert.True(t, math.IsNaN(back.Control.Numerator))
	assert.True(t, math.IsNaN(back.Lift.Value))
	assert.Equal(t, row.Treatment, back.Treatment)
}

// Arms keep their configured order, then come the holdout and unknown variants.
func TestOrderOfGroups(t *testing.T) {
	tr := newTrial("zebra", "ant").arm("control", 100, 10).arm("zebra", 100, 10).arm("ant", 100, 10).arm("x", 1, 0).arm("b", 1, 0)
	tr.cells.Cells = append(tr.cells.Cells, experiment.Cell{Holdout: true, Units: 5, Sums: []experiment.Sums{{N: 5}}})
	var names []string
	for _, g := range tr.run(t).Groups {
		names = append(names, string(g.Role)+":"+g.Variant)
	}
	assert.Equal(t, []string{"control:control", "treatment:zebra", "treatment:ant", "holdout:", "unknown:b", "unknown:x"}, names)
}

// Moments are told in the zone that the reader asks for.
func TestTimezone(t *testing.T) {
	oslo := time.FixedZone("CET", 3600)
	tr := newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 600)
	tr.options.Timezone = oslo
	result := tr.run(t)
	assert.Equal(t, mature.In(oslo), result.AsOf)
	assert.Equal(t, mature.In(oslo), result.Plan.Deadline)
}

// A check names the most frequent pairs only.
func TestManyPairs(t *testing.T) {
	tr := newTrial("a", "b", "c")
	names := []string{"control", "a", "b", "c"}
	for _, name := range names {
		tr.arm(name, 10000, 1000)
	}
	for i, from := range names {
		for j, to := range names {
			if i != j {
				tr.contaminate(from, to, int64(10+i+j), 1)
			}
		}
	}
	detail := check(t, tr.run(t), analysis.CheckContaminated).Detail
	assert.Contains(t, detail, "c to b 15")
	assert.Contains(t, detail, "6 more pairs")
}
