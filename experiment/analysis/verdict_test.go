package analysis_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
)

func TestVerdict(t *testing.T) {
	tests := []struct {
		name, why string
		trial     *trial
		status    analysis.Status
		sentence  string
		reason    string // part of the verdict's reason
		next      string // part of its next step
	}{
		{
			name: "no exposures", why: "an empty store decides nothing",
			trial:  newTrial("blue"),
			status: analysis.NoData, sentence: "no data", reason: `no exposure of run "salt"`, next: "calls Expose",
		},
		{
			name: "holdout alone", why: "there are exposures, but none to an arm",
			trial:  newTrial("blue").holdout(700),
			status: analysis.NoData, sentence: "no data", reason: `nobody was exposed to an arm in run "salt"; 700 units are in the holdout`, next: "outside the holdout",
		},
		{
			name: "not started", why: "no exposures before the start are as they should be",
			trial:  newTrial("blue").with(func(e *experiment.Experiment) { e.Starts = ends.Add(52 * week); e.Ends = ends.Add(53 * week) }),
			status: analysis.NoData, sentence: "no data", next: "starts at 2027-10-31 00:00:00 UTC",
		},
		{
			name: "paused without data", why: "a paused experiment records nothing",
			trial:  newTrial("blue").with(func(e *experiment.Experiment) { e.Paused = true }),
			status: analysis.NoData, sentence: "no data", next: "resume",
		},
		{
			name: "better", why: "significantly better at the evaluation ships",
			trial:  newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 600),
			status: analysis.Ship, sentence: "ship blue", reason: "orders is 12.0 % with blue against 10.0 % with control: +2.00 points",
			next: "serve blue to everyone",
		},
		{
			name: "worse", why: "significantly worse rolls back",
			trial:  newTrial("blue").arm("control", 5000, 600).arm("blue", 5000, 500),
			status: analysis.Rollback, sentence: "rollback blue", reason: "-2.00 points", next: "serve control",
		},
		{
			name: "no difference", why: "not significant is no effect found, never proof of none",
			trial:  newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 510),
			status: analysis.Stop, sentence: "stop: no effect found, keep control", reason: "rules out lifts above +13.", next: "keep control",
		},
		{
			name: "decrease is better", why: "returns go down with blue",
			trial:  newTrial("blue").decrease().arm("control", 5000, 600).arm("blue", 5000, 500),
			status: analysis.Ship, sentence: "ship blue", reason: "-2.00 points",
		},
		{
			name: "increase is worse", why: "returns go up with blue",
			trial:  newTrial("blue").decrease().arm("control", 5000, 500).arm("blue", 5000, 600),
			status: analysis.Rollback, sentence: "rollback blue",
		},
		{
			name: "decrease without difference", why: "the bound on the gain is the lower end of the interval",
			trial:  newTrial("blue").decrease().arm("control", 5000, 500).arm("blue", 5000, 510),
			status: analysis.Stop, sentence: "stop: no effect found, keep control", reason: "rules out lifts below -9.",
		},
		{
			name: "best of two", why: "of several winners the best estimate, if the pairwise test agrees",
			trial:  newTrial("blue", "red").arm("control", 5000, 500).arm("blue", 5000, 620).arm("red", 5000, 800),
			status: analysis.Ship, sentence: "ship red", reason: "against blue +3.60 points",
		},
		{
			name: "either of two", why: "winners that cannot be told apart are named together, the best first",
			trial:  newTrial("blue", "red").arm("control", 5000, 500).arm("blue", 5000, 620).arm("red", 5000, 630),
			status: analysis.Ship, sentence: "ship either red or blue", reason: "cannot be told apart", next: "costs least of red or blue",
		},
		{
			name: "winner and loser", why: "a loser beside a winner is named",
			trial:  newTrial("blue", "red").arm("control", 5000, 500).arm("blue", 5000, 400).arm("red", 5000, 630),
			status: analysis.Ship, sentence: "ship red", reason: "worse than control: blue",
		},
		{
			name: "two losers", why: "every loser is rolled back",
			trial:  newTrial("blue", "red").arm("control", 5000, 600).arm("blue", 5000, 400).arm("red", 5000, 430),
			status: analysis.Rollback, sentence: "rollback blue and red", reason: "2 arms are worse",
		},
		{
			name: "Holm decides", why: "p = 0.03 of one arm in two is not enough",
			trial:  newTrial("blue", "red").arm("control", 5000, 500).arm("blue", 5000, 568).arm("red", 5000, 500),
			status: analysis.Stop, sentence: "stop: no effect found, keep control", reason: "no difference from control was found on orders at alpha 0.05; intervals that hold for all arms together rule out lifts above +28.4 %",
		},
		{
			name: "nothing but losses in the lift interval", why: "p = 0.054: a bound on the side of losses would contradict the test",
			trial:  newTrial("blue").arm("control", 225, 146).arm("blue", 225, 126),
			status: analysis.Stop, sentence: "stop: no effect found, keep control",
			reason: "no difference from control was found on orders at alpha 0.05; the interval rules out differences above +0.14",
		},
		{
			name: "only one arm carries weight", why: "an arm turned off leaves nothing to compare; that is no finding",
			trial: newTrial("blue").arm("control", 5000, 500).
				with(func(e *experiment.Experiment) { e.Arms[1].Weight = 0 }),
			status: analysis.Review, sentence: "review", reason: "only one arm carries weight: there is nothing to compare", next: "give another arm weight",
		},
		{
			name: "only one arm while waiting", why: "no wait brings a comparison",
			trial: newTrial("blue").arm("control", 5000, 500).at(ends).
				with(func(e *experiment.Experiment) { e.Arms[1].Weight = 0 }),
			status: analysis.Review, sentence: "review", reason: "only one arm carries weight", next: "conclude",
		},
		{
			name: "control without weight", why: "nothing to wait for",
			trial: newTrial("blue", "red").arm("blue", 5000, 500).arm("red", 5000, 600).
				with(func(e *experiment.Experiment) { e.Arms[0].Weight = 0 }),
			status: analysis.Review, sentence: "review", reason: "control, the control, has weight 0", next: "give control weight",
		},
		{
			name: "mean", why: "means go by Welch",
			trial:  newTrial("blue").mean("control", 5000, 10, 5).mean("blue", 5000, 11, 6),
			status: analysis.Ship, sentence: "ship blue", reason: "orders is 11 with blue against 10 with control: +1 (+0.783 to +1.22)",
		},
		{
			name: "lift without end", why: "where the lift has no bound, the difference has",
			trial:  newTrial("blue").mean("control", 500, 0.1, 5).mean("blue", 500, 0.2, 5),
			status: analysis.Stop, sentence: "stop: no effect found, keep control", reason: "rules out differences above +0.72",
		},
		{
			name: "nobody converted", why: "no variance, no test, no verdict from numbers",
			trial:  newTrial("blue").arm("control", 5000, 0).arm("blue", 5000, 0),
			status: analysis.Review, sentence: "review", reason: "cannot be tested: zero variance", next: "event of the primary metric",
		},
		{
			name: "everybody converted", why: "the event is tracked, and says nothing",
			trial:  newTrial("blue").arm("control", 5000, 5000).arm("blue", 5000, 5000),
			status: analysis.Review, sentence: "review", reason: "cannot be tested: zero variance: all units of both arms have the same value",
			next: "new run with a primary metric that varies",
		},
		{
			name: "constant arms that differ", why: "not the same value, and still no variance",
			trial:  newTrial("blue").mean("control", 50, 10, 0).mean("blue", 50, 11, 0),
			status: analysis.Review, sentence: "review", reason: "all units of control have one value and all of blue another",
			next: "new run with a primary metric that varies",
		},
		{
			name: "no primary metric", why: "nothing can decide",
			trial: newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 600).
				with(func(e *experiment.Experiment) { e.Metrics = experiment.Metrics{} }),
			status: analysis.Review, sentence: "review", reason: "names no primary metric",
		},
		{
			name: "SRM", why: "a failed check withholds the verdict",
			trial:  newTrial("blue").arm("control", 5000, 500).arm("blue", 5500, 700),
			status: analysis.Unhealthy, sentence: "unhealthy", reason: "srm failed", next: "new run",
		},
		{
			name: "weights are configured", why: "5,000 to 5,500 is fine where the weights say so",
			trial: newTrial("blue").arm("control", 5000, 500).arm("blue", 5500, 700).
				with(func(e *experiment.Experiment) { e.Arms[0].Weight, e.Arms[1].Weight = 10, 11 }),
			status: analysis.Ship, sentence: "ship blue",
		},
		{
			name: "waiting without horizon", why: "neither a sample nor an end",
			trial: newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 600).
				with(func(e *experiment.Experiment) { e.Ends = zero }),
			status: analysis.KeepRunning, sentence: "keep running", reason: "neither a sample nor an end", next: "set analysis.sample, or ends",
		},
		{
			name: "concluded without an end", why: "the conclusion ends it, and nobody planned the moment",
			trial: newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 600).at(mature).
				with(func(e *experiment.Experiment) {
					e.Ends, e.Concluded = zero, experiment.Concluded{At: ends, Serve: "blue"}
				}),
			status: analysis.Ship, sentence: "ship blue", next: "the error rates hold only if no outcome led to it",
		},
		{
			name: "concluded without an end, an hour ago", why: "the last units have a week to convert",
			trial: newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 600).at(ends.Add(time.Hour)).
				with(func(e *experiment.Experiment) {
					e.Ends, e.Concluded = zero, experiment.Concluded{At: ends, Serve: "blue"}
				}),
			status: analysis.KeepRunning, sentence: "keep running", reason: "mature at 2026-11-08 00:00:00 UTC", next: "wait until then",
		},
		{
			name: "concluded before the end", why: "nobody is exposed between the conclusion and the end",
			trial: newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 600).at(mature).
				with(func(e *experiment.Experiment) {
					e.Ends, e.Concluded = ends.Add(52*week), experiment.Concluded{At: ends, Serve: "blue"}
				}),
			status: analysis.Ship, sentence: "ship blue", next: "the conclusion set the moment of the evaluation",
		},
		{
			name: "waiting for the end", why: "an hour before the last units mature",
			trial:  newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 600).at(mature.Add(-1)),
			status: analysis.KeepRunning, sentence: "keep running", reason: "mature at 2026-11-08 00:00:00 UTC",
		},
		{
			name: "the end itself", why: "at the very moment of maturity the evaluation is there",
			trial:  newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 600).at(mature),
			status: analysis.Ship, sentence: "ship blue",
		},
		{
			name: "waiting for the sample", why: "one arm is short by one unit",
			trial:  newTrial("blue").arm("control", 5000, 500).arm("blue", 4999, 600).sample(5000).at(ends),
			status: analysis.KeepRunning, sentence: "keep running", reason: "4,999 of 5,000 planned units have matured in blue",
			next: "at the latest until 2026-11-08 00:00:00 UTC",
		},
		{
			name: "paused while waiting", why: "a paused experiment is analysed, and cannot grow",
			trial: newTrial("blue").arm("control", 4999, 500).arm("blue", 5000, 600).sample(5000).at(ends).
				with(func(e *experiment.Experiment) { e.Paused = true }),
			status: analysis.KeepRunning, sentence: "keep running", next: "paused",
		},
		{
			name: "overdue", why: "the deadline passed without the planned size",
			trial:  newTrial("blue").arm("control", 5000, 500).arm("blue", 4999, 600).sample(5000).at(mature),
			status: analysis.Review, sentence: "review", reason: "only 4,999 of 5,000 planned units had matured in blue at the deadline, 2026-11-08",
			next: "its error rates hold",
		},
		{
			name: "concluded early", why: "after the conclusion nobody is exposed any more, so the deadline is earlier",
			trial: newTrial("blue").arm("control", 5000, 500).arm("blue", 4999, 600).sample(5000).at(mature.Add(-week)).
				with(func(e *experiment.Experiment) {
					e.Concluded = experiment.Concluded{At: ends.Add(-week), Serve: "control"}
				}),
			status: analysis.Review, sentence: "review", reason: "at the deadline, 2026-11-01",
			next: "concluded before its plan, and the error rates hold only if no outcome led to that",
		},
		{
			name: "concluded after the evaluation", why: "a concluded experiment is analysed like any other",
			trial: newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 600).
				with(func(e *experiment.Experiment) { e.Concluded.Serve = "blue" }),
			status: analysis.Ship, sentence: "ship blue",
		},
		{
			name: "arm without weight", why: "an arm that gets nobody is no comparison and has no sample to reach",
			trial: newTrial("blue", "off").arm("control", 5000, 500).arm("blue", 5000, 600).sample(5000).
				with(func(e *experiment.Experiment) { e.Arms[2].Weight = 0 }),
			status: analysis.Ship, sentence: "ship blue",
		},
		{
			name: "contaminated units decide", why: "exclusion and first arm disagree",
			trial: newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 580).
				contaminate("control", "blue", 50, 0).contaminate("blue", "control", 50, 40),
			status: analysis.Review, sentence: "review", reason: "met two variants",
		},
		{
			name: "contaminated units differ by arm", why: "leaving them out may not be neutral",
			trial: newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 600).
				contaminate("control", "blue", 40, 4).contaminate("blue", "control", 90, 9),
			status: analysis.Review, sentence: "review", reason: "met two variants",
		},
		{
			name: "few contaminated units differ by arm", why: "half a per cent of the units bias nothing worth a review",
			trial: newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 600).
				contaminate("control", "blue", 10, 1).contaminate("blue", "control", 40, 4),
			status: analysis.Ship, sentence: "ship blue",
		},
		{
			name: "symmetric contamination of unequal arms", why: "90 to 10: a tenth of control's and nine tenths of blue's re-randomised units change arm",
			trial: newTrial("blue").arm("control", 90000, 9000).arm("blue", 10000, 1300).
				with(func(e *experiment.Experiment) { e.Arms[0].Weight, e.Arms[1].Weight = 90, 10 }).
				contaminate("control", "blue", 900, 90).contaminate("blue", "control", 900, 117),
			status: analysis.Ship, sentence: "ship blue",
		},
		{
			name: "harmless contamination", why: "a few units in both directions change nothing",
			trial: newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 600).
				contaminate("control", "blue", 10, 1).contaminate("blue", "control", 12, 1),
			status: analysis.Ship, sentence: "ship blue",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			result := tt.trial.run(t)
			v := result.Verdict
			assert.Equal(t, tt.status, v.Status, tt.why)
			assert.Equal(t, tt.sentence, v.Sentence, tt.why)
			assert.Contains(t, v.Reason, tt.reason, tt.why)
			assert.Contains(t, v.Next, tt.next, tt.why)
			assert.NotEmpty(t, v.Reason)
			if result.Stage != analysis.Waiting {
				text, err := json.Marshal(result)
				require.NoError(t, err)
				assert.NotContains(t, string(text), "wait", "the moment is over; nothing more comes")
			}
			assert.NotEmpty(t, v.Next)
		})
	}
}

// Before the evaluation nothing about outcomes is shown, nor even asked for.
func TestNothingIsShownBeforeTheEvaluation(t *testing.T) {
	for _, tr := range []*trial{
		newTrial("blue").arm("control", 5000, 500).arm("blue", 4999, 900).sample(5000).at(ends),
		newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 900).at(ends),
	} {
		result := tr.run(t)
		require.Equal(t, analysis.KeepRunning, result.Verdict.Status)
		assert.Equal(t, analysis.Waiting, result.Stage)
		assert.Empty(t, result.Scorecard)
		assert.Empty(t, result.Families)
		assert.Empty(t, result.Pairwise)
		assert.Equal(t, tr.now, result.AsOf)
		for _, q := range tr.queries {
			assert.Empty(t, q.Values, "an outcome was asked for")
		}
		assert.Positive(t, result.Groups[1].Matured, "the progress is shown")
	}
}

// At a missed deadline the scorecard is there for a person to judge.
func TestOverdueShowsTheScorecard(t *testing.T) {
	result := newTrial("blue").arm("control", 5000, 500).arm("blue", 4999, 600).sample(5000).run(t)
	require.Equal(t, analysis.Overdue, result.Stage)
	assert.Equal(t, mature, result.AsOf)
	assert.Len(t, result.Scorecard, 1)
}
