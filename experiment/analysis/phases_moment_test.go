package analysis_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
)

// meetIn records a new unit of a phase.
func (a *arrivals) meetIn(phase int, variant string, at time.Time, converts bool) *arrivals {
	a.n++
	return a.expose(experiment.Exposure{Unit: fmt.Sprint("unit ", a.n), Variant: variant, Phase: phase, Class: experiment.ClassArm, Time: at}, converts)
}

// The planned size is asked of the arms that the phase in force compares: an arm
// that was given up is not waited for, one that was added is.
func TestPlannedSizeWithPhases(t *testing.T) {
	const hour = time.Hour
	first := func(a *arrivals, variant string, hours ...int) {
		for _, h := range hours {
			a.meetIn(0, variant, begins.Add(time.Duration(h)*hour), h%2 == 0)
		}
	}
	second := func(a *arrivals, variant string, hours ...int) {
		for _, h := range hours {
			a.meetIn(1, variant, reweighted.Add(time.Duration(h)*hour), h%2 == 0)
		}
	}
	tests := []struct {
		name, why string
		trial     *trial
		arrive    func(*arrivals)
		stage     analysis.Stage
		exposed   time.Time // of the unit that completes the size
		reason    string
	}{
		{"re-weight", "units of both phases count", newTrial("blue").reweight(8, weight("blue", 2)), func(a *arrivals) {
			first(a, "control", 1, 2)
			first(a, "blue", 1, 2)
			second(a, "control", 1, 2, 3)
			second(a, "blue", 5)
		}, analysis.Evaluated, reweighted.Add(5 * hour), ""},
		{"reached before the phase", "a phase to come changes nothing", newTrial("blue").reweight(1, weight("blue", 1), weight("green", 1)), func(a *arrivals) {
			first(a, "control", 1, 2, 3)
			first(a, "blue", 1, 2, 4)
			second(a, "green", 1)
		}, analysis.Evaluated, begins.Add(4 * hour), ""},
		{"added arm", "it needs the size too, and so does control beside it", newTrial("blue").reweight(1, weight("blue", 1), weight("green", 1)), func(a *arrivals) {
			first(a, "control", 1, 2)
			first(a, "blue", 1, 2, 3)
			second(a, "control", 1, 2, 9)
			second(a, "green", 1, 2, 3)
		}, analysis.Evaluated, reweighted.Add(9 * hour), ""},
		{"added arm too small", "control has the size, but not beside green", newTrial("blue").reweight(1, weight("blue", 1), weight("green", 1)), func(a *arrivals) {
			first(a, "control", 1, 2)
			first(a, "blue", 1, 2, 3)
			second(a, "control", 1, 2)
			second(a, "green", 1, 2, 3)
		}, analysis.Overdue, time.Time{}, "only 2 of 3 planned units had matured in control"},
		{"dropped arm", "nobody waits for red any more, from the phase on", newTrial("blue", "red").reweight(1, weight("blue", 1)), func(a *arrivals) {
			first(a, "control", 1, 2, 3)
			first(a, "blue", 1, 2, 3)
			first(a, "red", 1)
			second(a, "control", 7)
		}, analysis.Evaluated, reweighted, ""},
		{"dropped control", "what no phase compares any more does not reach the size", newTrial("blue").reweight(0, weight("blue", 1)), func(a *arrivals) {
			first(a, "control", 1, 2)
			first(a, "blue", 1, 2, 3)
			second(a, "blue", 1, 2, 3)
		}, analysis.Overdue, time.Time{}, "only 2 of 3 planned units had matured in control"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := newArrivals(t)
			tt.arrive(a)
			result := a.run(tt.trial.sample(3), mature.Add(week))
			require.Equal(t, tt.stage, result.Stage, tt.why)
			if tt.stage == analysis.Evaluated {
				assert.Equal(t, tt.exposed.Add(week), result.AsOf, tt.why)
				early := a.run(tt.trial, result.AsOf.Add(-time.Microsecond))
				assert.Equal(t, analysis.Waiting, early.Stage, "a microsecond before")
				assert.Equal(t, result, a.run(tt.trial, result.AsOf), "frozen")
			} else {
				assert.Contains(t, result.Verdict.Reason, tt.reason, tt.why)
			}
		})
	}
}

// The search over phases agrees with counting.
func TestSearchOverPhasesAgreesWithCounting(t *testing.T) {
	const seed = 8
	random := rand.New(rand.NewPCG(seed, seed))
	for round := range 25 {
		a := newArrivals(t)
		tr := newTrial("blue").reweight(1, weight("blue", 3)).reweight(3, weight("blue", 1))
		size := int64(1 + random.IntN(25))
		counts, want, at := [2]int64{}, time.Time{}, reweighted.Add(-20*time.Hour)
		for range 70 {
			at = at.Add(time.Duration(random.Int64N(2)) * time.Duration(1+random.Int64N(2*int64(time.Hour)/1000)) * time.Microsecond)
			phase, arm := 0, random.IntN(2)
			for _, p := range tr.experiment().Phases {
				if !at.Before(p.From) {
					phase++
				}
			}
			a.meetIn(phase, []string{"control", "blue"}[arm], at, false)
			if counts[arm]++; want.IsZero() && min(counts[0], counts[1]) >= size {
				want = at
			}
		}
		result := a.run(tr.sample(size), at.Add(week))
		if want.IsZero() {
			require.Equal(t, analysis.Waiting, result.Stage, "seed %d, round %d", seed, round)
			continue
		}
		require.Equal(t, want.Add(week), result.AsOf, "seed %d, round %d, planned size %d", seed, round, size)
	}
}

// A unit counts once, in the arm and the phase of its first exposure: who moved is
// counted as moved, who keeps a variant is in the phase from which it keeps it, and
// neither is contaminated.
func TestUnitsThatMoveAndStay(t *testing.T) {
	a := newArrivals(t)
	early, late := reweighted.Add(-time.Hour), reweighted.Add(time.Hour)
	for i := range 40 {
		a.meetIn(0, "control", early, i%4 == 0).meetIn(0, "blue", early, i%3 == 0)
	}
	for i := range 40 {
		a.meetIn(1, "control", late, i%4 == 0)
	}
	for i := range 10 {
		a.meetIn(1, "blue", late, i%3 == 0)
	}
	met := func(unit, variant string, class experiment.Class) {
		a.expose(experiment.Exposure{Unit: unit, Variant: variant, Phase: 1, Class: class, Time: late}, false)
	}
	met("unit 2", "control", experiment.ClassArm) // was blue in phase 0
	met("unit 4", "control", experiment.ClassArm)
	met("unit 6", "blue", experiment.ClassSticky) // still blue
	met("new", "blue", experiment.ClassSticky)    // kept from a list: first met in phase 1
	for i := range 10 {
		met(fmt.Sprint("held ", i), "control", experiment.ClassHoldout)
	}
	tr := newTrial("blue").reweight(8, weight("blue", 2)).under(experiment.Holdout{Key: "h", Salt: "h", Share: percent(7), Scope: everywhere})
	result := a.run(tr, mature)
	assert.Equal(t, analysis.OK, check(t, result, analysis.CheckSRM).Level)
	assert.Empty(t, result.Contaminated)
	assert.Equal(t, []analysis.Crossing{{From: "blue", To: "control", Units: 2}}, result.Moved)
	row := result.Scorecard[0]
	require.Len(t, row.Phases, 2)
	assert.Equal(t, [2]int64{40, 40}, [2]int64{row.Phases[0].Control.N, row.Phases[0].Treatment.N})
	assert.Equal(t, [2]int64{40, 11}, [2]int64{row.Phases[1].Control.N, row.Phases[1].Treatment.N})
	assert.Equal(t, int64(10), result.Holdout.Units)
	assert.Equal(t, int64(80), row.Control.N, "the holdout met control and is none")
}

// Before the first step of the traffic nobody is enrolled: there is nothing to
// mend. A ramp changes neither weights nor phases, whatever its steps.
func TestTrafficSteps(t *testing.T) {
	steps := experiment.Traffic{{From: begins, Share: assign.Share{Num: 1, Den: 20}}, {From: reweighted, Share: assign.Share{Num: 1, Den: 1}}}
	tr := newTrial("blue").with(func(e *experiment.Experiment) { e.Traffic = steps })
	waiting := newArrivals(t).run(tr, begins.Add(-time.Hour))
	assert.Equal(t, analysis.NoData, waiting.Verdict.Status)
	assert.Contains(t, waiting.Verdict.Next, "nobody is enrolled before the first step of the traffic, at 2026-10-04 00:00:00 UTC")

	a, plain := newArrivals(t), newArrivals(t)
	for i := range 60 {
		at := begins.Add(time.Duration(i) * 7 * time.Hour)
		for _, to := range []*arrivals{a, plain} {
			to.meet("control", at, i%3 == 0).meet("blue", at, i%2 == 0)
		}
	}
	ramped, steady := a.run(tr.sample(50), ends), plain.run(newTrial("blue").sample(50), ends)
	require.Equal(t, analysis.Evaluated, ramped.Stage)
	ramped.Revision, steady.Revision = "", ""
	assert.Equal(t, steady, ramped)
}

// With an end, the units of every phase are evaluated once the last has matured.
func TestEndsWithPhases(t *testing.T) {
	tr := shifted()
	early := tr.at(mature.Add(-time.Microsecond)).run(t)
	assert.Equal(t, analysis.Waiting, early.Stage)
	assert.Equal(t, "keep running", early.Verdict.Sentence)
	assert.Len(t, early.Balance[0].Phases, 2, "sizes are no outcomes")
	assert.Empty(t, early.Scorecard)
	late := tr.at(mature).run(t)
	assert.Equal(t, analysis.Evaluated, late.Stage)
	assert.Equal(t, mature, late.AsOf)
}
