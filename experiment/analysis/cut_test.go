package analysis_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
)

// Units whose window reaches beyond the end are counted, exactly, and from a
// fifth on the check warns.
func TestUnitsCutShort(t *testing.T) {
	whole := ends.Add(-week) // who is first exposed at it is mature at the end
	early := ends.Add(-2 * week)
	concluded := func(e *experiment.Experiment) {
		e.Concluded = experiment.Concluded{At: ends.Add(-week), Serve: "control"}
	}
	tests := []struct {
		name, why string
		trial     *trial
		late      int // of 10 units per arm those that come at lateAt, the others come early
		lateAt    time.Time
		level     analysis.Level
		detail    string
	}{
		{"none", "the last window closes at the end", newTrial("blue"), 5, whole, analysis.OK, "to the end of every unit's window"},
		{"one in ten", "below a fifth", newTrial("blue"), 1, whole.Add(time.Microsecond), analysis.OK,
			"the end of the experiment, 2026-11-01 00:00:00 UTC, fell into the window of 2 of 20 units (10.0 %)"},
		{"one in five", "from a fifth", newTrial("blue"), 2, whole.Add(time.Microsecond), analysis.Warn, "4 of 20 units (20.0 %); what an arm does"},
		{"own threshold", "thresholds are options", newTrial("blue").thresholds(analysis.Thresholds{CutWarn: 0.1}), 1, whole.Add(time.Hour), analysis.Warn, "2 of 20"},
		{"sample before the end", "the evaluation comes first", newTrial("blue").sample(8).with(func(e *experiment.Experiment) { e.Ends = ends.Add(week) }),
			2, whole.Add(time.Hour), analysis.OK, "every unit's window"},
		{"overdue", "the deadline is a window after the end", newTrial("blue").sample(11), 3, whole.Add(time.Hour), analysis.Warn, "6 of 20"},
		{"concluded", "the conclusion is an end", newTrial("blue").sample(11).with(concluded), 5, whole.Add(-time.Hour), analysis.Warn, "2026-10-25 00:00:00 UTC, fell into the window of 10 of 20"},
		{"sent", "a mail that was sent stays sent", mailed(newTrial("blue")), 5, whole.Add(time.Hour), analysis.OK, "every touchpoint sends"},
		{"no window", "there is nothing to cut", newTrial("blue").windowless(), 5, whole.Add(time.Hour), analysis.OK, "not judged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := newArrivals(t)
			for i := range 10 {
				at := early
				if i < tt.late {
					at = tt.lateAt
				}
				a.meet("control", at, i%2 == 0).meet("blue", at, i%3 == 0)
			}
			tr := tt.trial
			options := tr.options
			options.Now = func() time.Time { return mature.Add(2 * week) }
			result, err := analysis.Run(t.Context(), a.store, tr.catalog, "trial", options)
			assert.NoError(t, err)
			c := check(t, result, analysis.CheckCut)
			assert.Equal(t, tt.level, c.Level, "%s: %s", tt.why, c.Detail)
			assert.Contains(t, c.Detail, tt.detail, tt.why)
			if tt.level == analysis.Warn {
				assert.Contains(t, c.Fix, "during the last 7 days")
			}
		})
	}
}

func mailed(tr *trial) *trial {
	tr.catalog.Touchpoints[0].Channel = experiment.ChannelEmail
	return tr
}
