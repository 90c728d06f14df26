package experiment_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
	"github.com/touchlift/touchlift/experiment"
)

// upsellOf returns the experiment that checkout may require, in a catalogue with it.
func upsellOf(c *experiment.Catalog) *experiment.Experiment { return &c.Experiments[1] }

// requiring is a catalogue in which checkout requires free_returns of upsell.
func requiring() *experiment.Catalog {
	e := checkout()
	e.Requires = experiment.Requirement{Experiment: "upsell", Variant: "free_returns"}
	return ruled(e)
}

// A variant is met by override, by assignment and by conclusion as well as by the hash.
func TestPrerequisiteIsMetInEveryWay(t *testing.T) {
	rows := []struct {
		name, reason string
		change       func(e *experiment.Experiment)
		met          bool
	}{
		{"concluded for it", "everyone meets it", func(e *experiment.Experiment) {
			e.Concluded = experiment.Concluded{At: midday, Serve: "free_returns"}
		}, true},
		{"concluded for the other", "nobody meets it", func(e *experiment.Experiment) {
			e.Concluded = experiment.Concluded{At: midday, Serve: "control"}
		}, false},
		{"forced", "the tester meets it", func(e *experiment.Experiment) {
			e.Overrides = map[string][]string{"free_returns": {"c-2"}}
		}, true},
		{"forced into the other", "the tester does not meet it", func(e *experiment.Experiment) {
			e.Overrides = map[string][]string{"control": {"c-2"}}
		}, false},
		{"paused", "everyone meets control", func(e *experiment.Experiment) { e.Paused = true }, false},
		{"given", "what was given is met", func(e *experiment.Experiment) { e.Sticky = true }, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			c, given := requiring(), experiment.NewMemoryAssignments(0)
			row.change(upsellOf(c))
			if upsellOf(c).Sticky {
				_, err := given.Assign(t.Context(), keyOf(upsellOf(c), "c-2"), experiment.Assignment{Unit: "c-2", Variant: "free_returns"})
				require.NoError(t, err)
			}
			engine, err := experiment.New(c, experiment.Options{Now: standing(midday), Assignments: given})
			require.NoError(t, err)
			d, err := engine.Decide(t.Context(), "checkout-page", "checkout", experiment.Customer("c-2"))
			require.NoError(t, err)
			assert.Equal(t, row.met, d.Enrolled, row.reason)
		})
	}
}

// What the assignments of the required experiment cannot tell is said here too.
func TestPrerequisiteUnassigned(t *testing.T) {
	c, down := requiring(), errors.New("no connection")
	upsellOf(c).Sticky = true
	engine, err := experiment.New(c, experiment.Options{Assignments: broken{err: down}})
	require.NoError(t, err)
	d, err := engine.Decide(t.Context(), "checkout-page", "checkout", experiment.Customer("c-1"))
	assert.ErrorIs(t, err, experiment.ErrUnassigned)
	assert.ErrorIs(t, err, down)
	assert.Equal(t, experiment.ReasonUnassigned, d.Reason)
	decisions, err := engine.At(t.Context(), "checkout-page", experiment.Customer("c-1"), nil)
	assert.ErrorIs(t, err, down)
	assert.Len(t, decisions, 2)
}

// Of those who would meet the required variant the holdout keeps out its share here
// as everywhere; where this experiment is exempt they do not take part.
func TestHoldoutAndPrerequisite(t *testing.T) {
	count := func(exempt bool) map[experiment.Reason]int {
		c := requiring()
		c.Holdouts[0].Share, c.Holdouts[0].Scope.Global = assign.Share{Num: 1, Den: 5}, true
		if exempt {
			first(c).Holdout = experiment.NoHoldout
		}
		engine, err := experiment.New(c, experiment.Options{})
		require.NoError(t, err)
		counts := make(map[experiment.Reason]int)
		for i := range 5000 {
			d, err := engine.Decide(t.Context(), "checkout-page", "checkout", experiment.Customer(string(rune('a'+i%26))+time.Duration(i).String()))
			require.NoError(t, err)
			counts[d.Reason]++
		}
		return counts
	}
	under := count(false)
	assert.InDelta(t, 2000, under[experiment.ReasonArm], 180)
	assert.InDelta(t, 500, under[experiment.ReasonHoldout], 100)
	assert.InDelta(t, 2500, under[experiment.ReasonPrerequisite], 180)
	exempt := count(true)
	assert.Zero(t, exempt[experiment.ReasonHoldout])
	assert.Equal(t, under[experiment.ReasonArm], exempt[experiment.ReasonArm])
}

// What is served carries the phase in force, forced and concluded units too.
func TestPhaseOfWhatIsServed(t *testing.T) {
	e := checkout()
	e.Starts, e.Ends = midday, midday.Add(10*time.Hour)
	e.Phases = []experiment.Phase{{From: midday.Add(time.Hour), Arms: []experiment.Arm{{Variant: "control", Weight: 1}, {Variant: "gift", Weight: 1}}}}
	e.Overrides = map[string][]string{"gift": {"qa-1"}}
	e.Concluded = experiment.Concluded{Serve: "gift"}
	now := midday
	engine := newEngine(t, e, experiment.Options{Now: func() time.Time { return now }})
	for _, row := range []struct {
		at     time.Duration
		reason experiment.Reason
		phase  int
	}{
		{0, experiment.ReasonOverride, 0},
		{time.Hour, experiment.ReasonOverride, 1},
		{10 * time.Hour, experiment.ReasonConcluded, 1},
	} {
		now = midday.Add(row.at)
		d, err := engine.Decide(t.Context(), "checkout-page", "checkout", experiment.Customer("qa-1"))
		require.NoError(t, err)
		assert.Equal(t, "gift", d.Variant)
		assert.Equal(t, row.reason, d.Reason)
		assert.Equal(t, row.phase, d.Phase(), "after %v", row.at)
	}
}

// The rules beside an unreadable assignment: bots come before, prerequisites after.
func TestUnassignedInItsPlace(t *testing.T) {
	for _, row := range []struct {
		name    string
		subject experiment.Subject
		want    experiment.Reason
	}{
		{"internal before unassigned", experiment.Customer("c-1", experiment.Bool("staff", true)), experiment.ReasonInternal},
		{"unassigned before prerequisite", experiment.Customer("c-1"), experiment.ReasonUnassigned},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := requiring()
			first(c).Sticky, first(c).Requires.Variant = true, "control" // which c-1 does not meet
			engine, err := experiment.New(c, experiment.Options{Assignments: broken{err: errors.New("no connection")}})
			require.NoError(t, err)
			d, err := engine.Decide(t.Context(), "checkout-page", "checkout", row.subject)
			assert.Equal(t, row.want == experiment.ReasonUnassigned, err != nil)
			assert.Equal(t, row.want, d.Reason)
		})
	}
}

// Before the first step of the traffic nobody is enrolled, by a formula neither that
// has ranges for half of the units alone.
func TestNobodyBeforeTheFirstStep(t *testing.T) {
	half := peer.GrowthBook{Version: 2, Ranges: []peer.GrowthBookRange{{From: 0, To: 0.25}, {From: 0.5, To: 0.75}}}
	for name, formula := range map[string]assign.Formula{"touchlift/1": nil, half.Name(): half} {
		t.Run(name, func(t *testing.T) {
			e := checkout()
			e.Hash, e.Traffic = formula, experiment.Traffic{{From: midday, Share: assign.Share{Num: 1, Den: 2}}}
			now := midday.Add(-1)
			engine := newEngine(t, e, experiment.Options{Now: func() time.Time { return now }})
			enrolled := func() (n int) {
				for i := range 400 {
					d, err := engine.Decide(t.Context(), "checkout-page", "checkout", experiment.Customer(time.Duration(i).String()))
					require.NoError(t, err)
					if d.Enrolled {
						n++
					}
				}
				return n
			}
			assert.Zero(t, enrolled())
			now = midday
			assert.InDelta(t, 200, enrolled(), 50)
		})
	}
}
