package analysis_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
	"github.com/touchlift/touchlift/stats"
)

// shifted is even at first and 80 to 20 from the first phase on.
func shifted() *trial {
	return newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 510).
		reweight(8, weight("blue", 2)).arm("control", 8000, 960).arm("blue", 2000, 250)
}

func TestHealthOfPhases(t *testing.T) {
	sticky := func(e *experiment.Experiment) { e.Sticky = true }
	dropped := func(kept int64) *trial { // red is given up, and some of its units turn up all the same
		return newTrial("blue", "red").arm("control", 5000, 500).arm("blue", 5000, 510).arm("red", 5000, 500).
			reweight(1, weight("blue", 1)).arm("control", 5000, 500).arm("blue", 5000, 510).arm("red", kept, 0)
	}
	uneven := func() *trial { // contaminated at 1 % at first and at 10 % later, each time as chance has it
		return newTrial("blue").arm("control", 90000, 9000).arm("blue", 10000, 1000).
			with(func(e *experiment.Experiment) { e.Arms[0].Weight, e.Arms[1].Weight = 9, 1 }).
			reweight(1, weight("blue", 1)).arm("control", 10000, 1000).arm("blue", 10000, 1000)
	}
	checkHealth(t, []healthCase{
		{"declared re-weight", "each phase is compared with its own weights", shifted(), analysis.CheckSRM, analysis.OK,
			"sizes of the arms against their weights in each of 2 phases, all units: p = 1"},
		{"re-weight without a phase", "the same units in one phase are a mismatch", newTrial("blue").arm("control", 13000, 1460).arm("blue", 7000, 760),
			analysis.CheckSRM, analysis.Fail, "control is +15.0 points off its share"},
		{"mismatch in one phase", "that adds up to the weights over both", newTrial("blue").arm("control", 5000, 500).arm("blue", 4600, 460).
			reweight(1, weight("blue", 1)).arm("control", 4600, 460).arm("blue", 5000, 500), analysis.CheckSRM, analysis.Fail,
			"p = 5.78e-08; in phase 0 control is +2.08 points off its share"},
		{"mismatch in the later phase", "the weights of the first one still in force somewhere", newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 510).
			reweight(8, weight("blue", 2)).arm("control", 800, 96).arm("blue", 500, 60), analysis.CheckSRM, analysis.Fail, "in phase 1 control is -18.5 points"},
		{"third arm", "an arm is expected in the phases that have it", newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 510).
			reweight(1, weight("blue", 1), weight("red", 1)).arm("control", 2000, 200).arm("blue", 2000, 200).arm("red", 2000, 210), analysis.CheckSRM, analysis.OK, "p = 1"},
		{"a phase of a few units", "takes no part where fewer than 5 are expected in an arm", newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 510).
			reweight(99, weight("blue", 1)).arm("control", 5, 0).arm("blue", 5, 0), analysis.CheckSRM, analysis.OK, "p = 1"},
		{"without contaminated units", "each phase loses by its own weights", uneven().
			contaminate("control", "blue", 900, 9).contaminate("blue", "control", 900, 9).
			contaminateIn(1, "control", "blue", 1000, 10).contaminateIn(1, "blue", "control", 1000, 10), analysis.CheckSRMClean, analysis.OK, "p = 1"},
		{"contaminated by arm", "a share that grows while the weights change is no difference between arms", uneven().
			contaminate("control", "blue", 900, 9).contaminate("blue", "control", 900, 9).
			contaminateIn(1, "control", "blue", 1000, 10).contaminateIn(1, "blue", "control", 1000, 10), analysis.CheckContaminatedByArm, analysis.OK,
			"control 1.90 %, blue 9.50 %; p = 1"},
		{"contaminated by arm in one phase", "but one in a phase is", uneven().
			contaminate("control", "blue", 900, 9).contaminate("blue", "control", 900, 9).
			contaminateIn(1, "control", "blue", 1500, 10).contaminateIn(1, "blue", "control", 500, 10), analysis.CheckContaminatedByArm, analysis.Warn, "chance alone seldom"},
		{"zero weight in a phase", "an arm that was given up gets nobody new", dropped(1), analysis.CheckZeroWeight, analysis.Fail, "1 units in red in phase 1, which has weight 0"},
		{"dropped arm", "its units of before are fine", dropped(0), analysis.CheckZeroWeight, analysis.OK, "no traffic"},
		{"zero weight, sticky", "who keeps a variant may have lost the first exposure", dropped(9).with(sticky), analysis.CheckZeroWeight, analysis.Warn, "9 units in red in phase 1"},
		{"zero weight, sticky and many", "so many are not lost", dropped(900).with(sticky), analysis.CheckZeroWeight, analysis.Fail, "900 units in red"},
		{"zero weight, sticky and too early", "nobody keeps what did not run before", newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 510).arm("red", 1, 0).with(sticky).
			reweight(1, weight("blue", 1), weight("red", 1)), analysis.CheckZeroWeight, analysis.Fail, "1 units in red in phase 0"},
		{"declared phases only", "nothing to say", shifted(), analysis.CheckUnknownPhase, analysis.OK, "every unit"},
		{"a phase that nobody declared", "its weights are unknown", shifted().inPhase(7, "blue", 30, 3), analysis.CheckUnknownPhase, analysis.Warn,
			"30 of 20,030 units (0.150 %) were first exposed in phases that the experiment does not declare, so that no weights are known for them: 7"},
		{"many in such a phase", "from 1 % on it fails", newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 510).inPhase(1, "blue", 400, 3),
			analysis.CheckUnknownPhase, analysis.Fail, "400 of 10,400"},
		{"moved", "counted with their pairs", shifted().move("blue", "control", 70), analysis.CheckMoved, analysis.OK, "70 of 20,000 units met another variant in a later phase"},
		{"phases agree", "both differences are told", shifted(), analysis.CheckPhases, analysis.OK,
			"orders: blue +0.350 points within phases and -0.374 points with all phases thrown together"},
		{"phases turn round", "significant within, and the opposite without", newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 580).
			reweight(8, weight("blue", 2)).arm("control", 8000, 1600).arm("blue", 2000, 440), analysis.CheckPhases, analysis.Warn,
			"turns round once phases are thrown together: blue +1.80 points within phases and -1.58 points"},
	})
}

// inPhase adds units of any phase.
func (tr *trial) inPhase(phase int, variant string, units, converted int64) *trial {
	tr.cells.Cells = append(tr.cells.Cells, experiment.Cell{Variant: variant, Units: units, Phase: phase,
		Sums: []experiment.Sums{{N: units, Sum: float64(converted), SumSquares: float64(converted)}}})
	return tr
}

// Sizes are shown for every phase beside what was expected.
func TestBalanceOfPhases(t *testing.T) {
	result := newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 510).
		reweight(8, weight("blue", 2)).arm("control", 8060, 960).arm("blue", 1940, 250).run(t)
	b := result.Balance[0]
	closeTo(t, 2.25, b.Statistic, "chi-squares of 0 and 2.25 are summed") // 60^2/8000 + 60^2/2000
	assert.Equal(t, 2, b.DF)
	assert.Equal(t, 1, b.Phase)
	require.Len(t, b.Phases, 2)
	assert.Equal(t, analysis.PhaseBalance{Phase: 0, Arms: []analysis.PhaseArm{{"control", 1, 5000, 5000}, {"blue", 1, 5000, 5000}},
		Test: &analysis.PhaseRatio{DF: 1, P: 1, Worst: "control"}}, b.Phases[0])
	assert.Equal(t, reweighted, b.Phases[1].From)
	assert.Equal(t, []analysis.PhaseArm{{"control", 8, 8060, 8000}, {"blue", 2, 1940, 2000}}, b.Phases[1].Arms)
	assert.InDelta(t, 0.006, b.Phases[1].Test.Imbalance, 1e-15)
	assert.Equal(t, uint64(8), result.Groups[0].Weight, "the weight in force")

	plain := newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 510).run(t)
	assert.Empty(t, plain.Balance[0].Phases, "one phase needs no list")
	assert.Empty(t, plain.Scorecard[0].Phases)
}

// Reference values from exact fractions and the normal distribution of Python's
// standard library, by the formulas of the package comment.
func TestProportionsOverPhases(t *testing.T) {
	row := newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 560).
		reweight(8, weight("blue", 2)).arm("control", 8000, 960).arm("blue", 2000, 250).run(t).Scorecard[0]
	near := func(want, got float64, what string) { assert.InEpsilon(t, want, got, 1e-9, what) }
	assert.Equal(t, int64(13000), row.Control.N)
	assert.Equal(t, 1460.0, row.Control.Numerator)
	near(0.11, row.Control.Value, "mean of the phases' rates by their units")
	near(0.1185, row.Treatment.Value, "mean of the phases' rates by their units")
	near(0.0085, row.Difference.Value, "not 0.0034, which all units together show")
	near(0.0051083259244100706, row.Test.SE, "standard error")
	near(1.6639502110432811, row.Test.Statistic, "z")
	near(0.09612237961800699, row.Test.P, "p")
	near(-0.0013605835060510729, row.Difference.Interval.Low, "low")
	near(0.018815272156840285, row.Difference.Interval.High, "high")
	near(0.07727272727272738, row.Lift.Value, "lift")
	near(-0.01649846762032897, row.Lift.Interval.Low, "low of the lift")
	near(0.17104392216578373, row.Lift.Interval.High, "high of the lift")
	assert.Equal(t, "stratified_two_proportion_z_pooled", row.Test.Method)
	assert.Equal(t, []analysis.PhaseEffect{
		{Phase: 0, Weight: 0.5, Control: analysis.Observed{N: 5000, Numerator: 500, Value: 0.1}, Treatment: analysis.Observed{N: 5000, Numerator: 560, Value: 0.112}},
		{Phase: 1, Weight: 0.5, Control: analysis.Observed{N: 8000, Numerator: 960, Value: 0.12}, Treatment: analysis.Observed{N: 2000, Numerator: 250, Value: 0.125}},
	}, row.Phases)
}

// The same for means; p by numerical integration of Student's density.
func TestMeansOverPhases(t *testing.T) {
	row := newTrial("blue").mean("control", 50, 10, 3).mean("blue", 40, 11, 4).
		reweight(8, weight("blue", 2)).mean("control", 80, 14, 3.5).mean("blue", 20, 15.5, 2).run(t).Scorecard[0]
	near := func(want, got float64, what string) { assert.InEpsilon(t, want, got, 1e-9, what) }
	near(1.263157894736842, row.Difference.Value, "difference")
	near(0.4774484932554624, row.Test.SE, "standard error")
	near(122.513805182708, row.Test.DF, "degrees of freedom")
	near(2.645642226502912, row.Test.Statistic, "t")
	near(0.009222685970337152, row.Test.P, "p")
	near(0.3180406171993059, row.Difference.Interval.Low, "low")
	near(2.2082751722743783, row.Difference.Interval.High, "high")
	near(1.263157894736842/row.Control.Value, row.Lift.Value, "lift of the means over phases")
	assert.Equal(t, "stratified_welch_t", row.Test.Method)
}

// A row compares the phases that both its arms have.
func TestArmsThatComeAndGo(t *testing.T) {
	tr := newTrial("blue", "red").arm("control", 5000, 500).arm("blue", 5000, 600).arm("red", 5000, 560).
		reweight(1, weight("blue", 1), weight("green", 1)).arm("control", 4000, 800).arm("blue", 4000, 900).arm("green", 4000, 980)
	result := tr.run(t)
	require.Len(t, result.Scorecard, 3)
	var names []string
	for _, g := range result.Groups {
		names = append(names, g.Variant)
	}
	assert.Equal(t, []string{"control", "blue", "red", "green"}, names, "in the order of first mention")
	assert.Equal(t, uint64(0), result.Groups[2].Weight, "red was given up")
	blue, red, green := result.Scorecard[0], result.Scorecard[1], result.Scorecard[2]
	assert.Len(t, blue.Phases, 2)
	assert.Equal(t, int64(5000), red.Control.N, "control of phase 0 alone")
	assert.Equal(t, 0, red.Phases[0].Phase)
	assert.Equal(t, int64(4000), green.Control.N, "control of phase 1 alone")
	assert.Equal(t, 1, green.Phases[0].Phase)
	want, err := stats.Proportions(stats.Counts{Successes: 800, N: 4000}, stats.Counts{Successes: 980, N: 4000}, stats.ProportionOptions{})
	require.NoError(t, err)
	assert.Equal(t, want.P, green.Test.P, "one phase is compared as an experiment without phases is")
	assert.Equal(t, analysis.Ship, result.Verdict.Status)
	assert.Equal(t, []string{"green"}, result.Verdict.Variants)
	require.Len(t, result.Pairwise, 1)
	assert.Equal(t, int64(4000), result.Pairwise[0].Control.N, "winners are compared where both ran")
}

// Of several winners the one that wins side by side is the best, though another
// gained more in a phase of its own.
func TestBestSideBySide(t *testing.T) {
	result := newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 1200).
		reweight(1, weight("blue", 1), weight("green", 1)).arm("control", 4000, 800).arm("blue", 4000, 900).arm("green", 4000, 1100).run(t)
	assert.Greater(t, result.Scorecard[0].Difference.Value, result.Scorecard[1].Difference.Value, "blue is further from control")
	assert.Equal(t, "ship green", result.Verdict.Sentence)
	assert.Equal(t, "blue", result.Pairwise[0].Baseline)
	assert.Equal(t, analysis.Better, result.Pairwise[0].Mark)
}

// Phases without units of both arms, or with single units, say so.
func TestPhasesThatCompareNothing(t *testing.T) {
	apart := newTrial("blue", "red").arm("control", 500, 50).arm("blue", 500, 60).
		with(func(e *experiment.Experiment) { e.Arms[2].Weight = 0 }).reweight(0, weight("red", 1)).arm("red", 500, 70).run(t)
	row := apart.Scorecard[1]
	assert.Nil(t, row.Test)
	assert.Contains(t, row.Problem, "no phase has units of both control and red")
	assert.Equal(t, int64(500), row.Treatment.N)
	assert.True(t, math.IsNaN(row.Treatment.Value))
	assert.Equal(t, analysis.Review, apart.Verdict.Status)
	assert.Contains(t, apart.Verdict.Reason, "no phase has units of both")

	single := newTrial("blue").mean("control", 500, 10, 3).mean("blue", 500, 11, 3).reweight(99, weight("blue", 1)).
		mean("control", 50, 10, 3).mean("blue", 1, 12, 0).run(t).Scorecard[0]
	assert.Equal(t, []analysis.Warning{analysis.PhasesLeftOut}, single.Warnings)
	assert.Equal(t, int64(500), single.Control.N)

	ones := newTrial("blue").mean("control", 50, 10, 3).mean("blue", 1, 11, 0).reweight(99, weight("blue", 1)).
		mean("control", 50, 10, 3).mean("blue", 1, 12, 0).run(t).Scorecard[0]
	assert.Nil(t, ones.Test)
	assert.Contains(t, ones.Problem, "too few units: control has 100, blue has 2")

	never := newTrial("blue").arm("control", 500, 50).with(func(e *experiment.Experiment) { e.Arms[1].Weight = 0 }).
		reweight(0, weight("blue", 1)).arm("blue", 500, 60).run(t)
	assert.Equal(t, analysis.Review, never.Verdict.Status)
	assert.Contains(t, never.Verdict.Reason, "never carry weight in the same phase")
	assert.Empty(t, never.Scorecard)
}

// What is the same in each phase of an arm has no variance, whatever it is in
// another phase.
func TestConstantPhases(t *testing.T) {
	same := newTrial("blue").mean("control", 50, 10, 0).mean("blue", 50, 10, 0).
		reweight(2, weight("blue", 1)).mean("control", 60, 20, 0).mean("blue", 30, 20, 0).run(t).Scorecard[0]
	assert.Nil(t, same.Test)
	assert.Contains(t, same.Problem, "zero variance: within each phase all units of both arms have the same value")
	other := newTrial("blue").mean("control", 50, 10, 0).mean("blue", 50, 11, 3).
		reweight(2, weight("blue", 1)).mean("control", 60, 20, 0).mean("blue", 30, 21, 4).run(t).Scorecard[0]
	require.NotNil(t, other.Test, other.Problem)
	assert.Equal(t, []analysis.Warning{analysis.ConstantBaseline}, other.Warnings)
	nobody := newTrial("blue").arm("control", 500, 0).arm("blue", 500, 0).
		reweight(2, weight("blue", 1)).arm("control", 600, 0).arm("blue", 300, 9).run(t).Scorecard[0]
	assert.True(t, math.IsNaN(nobody.Lift.Value))
	assert.Contains(t, nobody.Lift.Problem, "control is 0")
}

// A phase to come is in no family, and its arm in no list.
func TestPhaseToCome(t *testing.T) {
	tr := newTrial("blue").arm("control", 50, 5).arm("blue", 50, 6).reweight(1, weight("blue", 1), weight("green", 1)).at(reweighted.Add(-time.Hour))
	tr.experiment().Plan.Sample = 40
	early := tr.run(t)
	assert.Len(t, early.Groups, 2)
	assert.Equal(t, analysis.Evaluated, early.Stage)
	require.Len(t, early.Families, 1)
	assert.Equal(t, 1, early.Families[0].Comparisons)
}
