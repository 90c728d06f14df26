package analysis_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
)

func TestHealth(t *testing.T) {
	fine := func() *trial { return newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 510) }
	checkHealth(t, []healthCase{
		{"even", "the weights are met exactly", fine(), analysis.CheckSRM, analysis.OK, "p = 1"},
		{"warning", "p = 0.0086 warns", newTrial("blue").arm("control", 44700, 500).arm("blue", 45489, 510), analysis.CheckSRM, analysis.Warn,
			"p = 0.00861; control is -0.437 points off its share"},
		{"failure", "p = 0.0000006 fails", newTrial("blue").arm("control", 5000, 500).arm("blue", 5500, 510), analysis.CheckSRM, analysis.Fail, "p = 1.06e-06"},
		{"own threshold", "thresholds are options", newTrial("blue").arm("control", 5000, 500).arm("blue", 5500, 510).
			thresholds(analysis.Thresholds{SRMWarn: -1, SRMFail: -1}), analysis.CheckSRM, analysis.OK, "p = 1.06e-06"},
		{"too few to judge", "a chi-square of three units says nothing", newTrial("blue").arm("control", 3, 1).arm("blue", 0, 0), analysis.CheckSRM, analysis.OK, "not judged"},
		{"three arms", "the arm furthest off is named", newTrial("blue", "red").arm("control", 5000, 500).arm("blue", 5000, 510).arm("red", 4400, 400),
			analysis.CheckSRM, analysis.Fail, "red is -2.78 points off its share"},
		{"unequal weights", "configured weights count", newTrial("blue").arm("control", 9000, 500).arm("blue", 1000, 510).
			with(func(e *experiment.Experiment) { e.Arms[0].Weight, e.Arms[1].Weight = 90, 10 }), analysis.CheckSRM, analysis.OK, "p = 1"},
		{"without contaminated", "a mismatch that leaving units out makes is found", fine().contaminate("blue", "control", 500, 50),
			analysis.CheckSRMClean, analysis.Fail, "without contaminated units"},
		{"without contaminated, unequal weights", "a small arm loses a larger part of its units to chance alone", newTrial("blue").arm("control", 90000, 900).arm("blue", 10000, 100).
			with(func(e *experiment.Experiment) { e.Arms[0].Weight, e.Arms[1].Weight = 90, 10 }).
			contaminate("control", "blue", 900, 9).contaminate("blue", "control", 900, 9), analysis.CheckSRMClean, analysis.OK, "p = 1"},
		{"without contaminated, unequal weights and one direction", "and not all of them", newTrial("blue").arm("control", 90000, 900).arm("blue", 10000, 100).
			with(func(e *experiment.Experiment) { e.Arms[0].Weight, e.Arms[1].Weight = 90, 10 }).
			contaminate("blue", "control", 900, 9), analysis.CheckSRMClean, analysis.Fail, "control is +0.454 points"},
		{"zero weight", "nobody may be in an arm of weight 0", newTrial("blue", "off").arm("control", 5000, 500).arm("blue", 5000, 510).arm("off", 1, 0).
			with(func(e *experiment.Experiment) { e.Arms[2].Weight = 0 }), analysis.CheckZeroWeight, analysis.Fail, "1 units in off, which has weight 0"},
		{"zero weight unused", "an unused arm is fine", newTrial("blue", "off").arm("control", 5000, 500).arm("blue", 5000, 510).
			with(func(e *experiment.Experiment) { e.Arms[2].Weight = 0 }), analysis.CheckZeroWeight, analysis.OK, ""},
		{"no contamination", "nothing to say", fine(), analysis.CheckContaminated, analysis.OK, "no unit"},
		{"some contamination", "below 1 % it is shown only", fine().contaminate("blue", "control", 99, 9), analysis.CheckContaminated, analysis.OK,
			"99 of 10,000 units (0.990 %) met two variants and are left out: blue to control 99"},
		{"contamination warns", "from 1 %", fine().contaminate("blue", "control", 100, 9), analysis.CheckContaminated, analysis.Warn, "1.00 %"},
		{"contamination fails", "from 10 %", fine().contaminate("blue", "control", 500, 50).contaminate("control", "blue", 500, 50),
			analysis.CheckContaminated, analysis.Fail, "10.0 %"},
		{"by arm", "rates of 0.1 % and 1 % differ", fine().contaminate("blue", "control", 50, 5).contaminate("control", "blue", 5, 0),
			analysis.CheckContaminatedByArm, analysis.Warn, "control 0.100 %, blue 1.00 %"},
		{"by arm alike", "rates of 1 % and 1.1 % do not", fine().contaminate("blue", "control", 55, 5).contaminate("control", "blue", 50, 0),
			analysis.CheckContaminatedByArm, analysis.OK, "p = 0.626"},
		{"by arm, unequal weights", "90 to 10 expects as many from the small arm as from the large one", newTrial("blue").arm("control", 9000, 900).arm("blue", 1000, 100).
			with(func(e *experiment.Experiment) { e.Arms[0].Weight, e.Arms[1].Weight = 90, 10 }).
			contaminate("control", "blue", 50, 5).contaminate("blue", "control", 50, 5), analysis.CheckContaminatedByArm, analysis.OK, "control 0.556 %, blue 5.00 %; p = 1"},
		{"by arm, unequal weights and one direction", "equal rates are not what chance makes of 90 to 10", newTrial("blue").arm("control", 9000, 900).arm("blue", 1000, 100).
			with(func(e *experiment.Experiment) { e.Arms[0].Weight, e.Arms[1].Weight = 90, 10 }).
			contaminate("control", "blue", 90, 9).contaminate("blue", "control", 10, 1), analysis.CheckContaminatedByArm, analysis.Warn, "chance alone seldom"},
		{"effect changed", "significant only without them", newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 550).
			contaminate("control", "blue", 60, 60).contaminate("blue", "control", 60, 0), analysis.CheckContaminatedEffect, analysis.Warn,
			"blue is better without them and no effect found with them"},
		{"effect unchanged", "the same finding", fine().contaminate("blue", "control", 50, 5), analysis.CheckContaminatedEffect, analysis.OK, "the same"},
		{"moved", "counted", fine().move("control", "blue", 7), analysis.CheckMoved, analysis.OK, "7 of 10,000 units"},
		{"unknown variant", "any such unit warns", fine().arm("violet", 9, 0), analysis.CheckUnknown, analysis.Warn, "violet"},
		{"many in an unknown variant", "from 1 % it fails", fine().arm("violet", 102, 0), analysis.CheckUnknown, analysis.Fail, "102 of 10,102 units (1.01 %)"},
		{"one unit", "no variance from one unit", newTrial("blue").arm("control", 1, 1).arm("blue", 1, 0), analysis.CheckSize, analysis.Fail, "blue has 1, control has 1"},
		{"few conversions", "fewer than 5 are expected", newTrial("blue").arm("control", 500, 3).arm("blue", 500, 4), analysis.CheckSize, analysis.Warn,
			"blue expects 3.50 units with the event"},
		{"few without", "fewer than 5 are expected not to", newTrial("blue").arm("control", 500, 497).arm("blue", 500, 496), analysis.CheckSize, analysis.Warn,
			"blue expects 3.50 units without the event"},
		{"few units of a mean", "fewer than 30", newTrial("blue").mean("control", 29, 10, 3).mean("blue", 40, 10, 3), analysis.CheckSize, analysis.Warn, "control has 29 units"},
		{"no window", "the last units had no time", fine().windowless(), analysis.CheckWindow, analysis.Warn, "no window"},
	})
}

// healthCase is a trial with what one check says of it.
type healthCase struct {
	name, why string
	trial     *trial
	id        string
	level     analysis.Level
	detail    string // part of it
}

func checkHealth(t *testing.T, tests []healthCase) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			result := tt.trial.run(t)
			c := check(t, result, tt.id)
			assert.Equal(t, tt.level, c.Level, "%s: %s", tt.why, c.Detail)
			assert.Contains(t, c.Detail, tt.detail, tt.why)
			assert.Equal(t, tt.level != analysis.OK, c.Fix != "", "a fix where, and only where, there is something to mend")
			if tt.level == analysis.Fail {
				assert.Equal(t, analysis.Unhealthy, result.Verdict.Status, "a failed check withholds the verdict")
			}
		})
	}
}

func (tr *trial) thresholds(th analysis.Thresholds) *trial {
	tr.options.Thresholds = th
	return tr
}

func (tr *trial) windowless() *trial {
	tr.primary().Window = 0
	return tr
}

func (tr *trial) move(from, to string, units int64) *trial {
	tr.cells.Moved = append(tr.cells.Moved, experiment.Transition{Variant: from, To: to, Units: units})
	return tr
}

// The holdout is a group of its own and in no comparison.
func TestHoldoutIsItsOwnGroup(t *testing.T) {
	tr := newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 600)
	without := tr.run(t)
	with := tr.holdout(700).run(t)
	assert.Equal(t, without.Scorecard, with.Scorecard)
	assert.Equal(t, without.Balance, with.Balance)
	assert.Equal(t, without.Verdict, with.Verdict)
	assert.Equal(t, analysis.Group{Role: analysis.HoldoutGroup, Units: 700}, with.Groups[2])
}

func TestCrossingsAreAddedUpAndSorted(t *testing.T) {
	tr := newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 600)
	tr.cells.Contaminated = []experiment.Transition{
		{Variant: "control", To: "blue", Units: 1}, {Variant: "blue", ToHoldout: true, Units: 3},
		{Variant: "control", Phase: 1, To: "blue", Units: 4}, {Holdout: true, To: "blue", Units: 3},
	}
	assert.Equal(t, []analysis.Crossing{
		{From: "control", To: "blue", Units: 5}, {From: "blue", To: "holdout", Units: 3}, {From: "holdout", To: "blue", Units: 3},
	}, tr.run(t).Contaminated)
}
