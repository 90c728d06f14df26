package experiment_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
)

// ruled is a catalogue with one of everything that a rule may refer to: the
// experiment "upsell", whose arm of customer c-1 is told, a layer and a holdout of
// everyone but a sliver.
func ruled(e experiment.Experiment) *experiment.Catalog {
	upsell := checkout()
	upsell.Key, upsell.Salt = "upsell", "upsell-2026-11"
	c := catalogOf(e, upsell)
	c.Attributes = []experiment.Declaration{{Key: "country", Type: audience.TypeString}, {Key: "bot", Type: audience.TypeBool}, {Key: "staff", Type: audience.TypeBool}}
	c.Exclusions = experiment.Exclusions{Bots: "bot", Internal: "staff"}
	c.Layers = []experiment.Layer{{Key: "checkout", Salt: "layer-1", Unit: experiment.KindCustomer}}
	c.Holdouts = []experiment.Holdout{{Key: "global", Salt: "holdout-1", Unit: experiment.KindCustomer, Share: assign.Share{Num: 999_999, Den: 1_000_000}}}
	return c
}

// stop turns one rule on, so that it decides on customer c-1.
type stop struct {
	reason experiment.Reason
	turnOn func(e *experiment.Experiment, subject *experiment.Subject, given experiment.Assignments)
}

// stops are the rules in their order of precedence.
func stops() []stop {
	attribute := func(name string) func(*experiment.Experiment, *experiment.Subject, experiment.Assignments) {
		return func(_ *experiment.Experiment, s *experiment.Subject, _ experiment.Assignments) {
			s.Attributes = append(s.Attributes, experiment.Bool(name, true))
		}
	}
	change := func(f func(e *experiment.Experiment)) func(*experiment.Experiment, *experiment.Subject, experiment.Assignments) {
		return func(e *experiment.Experiment, _ *experiment.Subject, _ experiment.Assignments) { f(e) }
	}
	return []stop{
		{experiment.ReasonConcluded, change(func(e *experiment.Experiment) {
			e.Concluded = experiment.Concluded{At: midday, Serve: "free_returns"}
		})},
		{experiment.ReasonEnded, change(func(e *experiment.Experiment) { e.Ends = midday })},
		{experiment.ReasonPaused, change(func(e *experiment.Experiment) { e.Paused = true })},
		{experiment.ReasonOverride, change(func(e *experiment.Experiment) {
			e.Overrides = map[string][]string{"free_returns": {"c-1"}}
		})},
		{experiment.ReasonBot, attribute("bot")},
		{experiment.ReasonInternal, attribute("staff")},
		{experiment.ReasonSticky, func(e *experiment.Experiment, _ *experiment.Subject, given experiment.Assignments) {
			e.Sticky = true
			_, _ = given.Assign(context.Background(), keyOf(e, "c-1"), experiment.Assignment{Unit: "c-1", Variant: "free_returns"})
		}},
		{experiment.ReasonPrerequisite, change(func(e *experiment.Experiment) {
			e.Requires = experiment.Requirement{Experiment: "upsell", Variant: "control"} // c-1 meets free_returns there
		})},
		{experiment.ReasonLayer, change(func(e *experiment.Experiment) {
			e.Layer = experiment.Slots{Layer: "checkout", From: 0, To: 1} // c-1 is in another slot
		})},
		{experiment.ReasonAudience, change(func(e *experiment.Experiment) { e.Audience = `country == "NO"` })},
		{experiment.ReasonTraffic, change(func(e *experiment.Experiment) { e.Traffic = experiment.Steady(assign.Share{Num: 0, Den: 1}) })},
		{experiment.ReasonHoldout, change(func(e *experiment.Experiment) { e.Holdout = "global" })},
		{experiment.ReasonArm, change(func(*experiment.Experiment) {})},
	}
}

func keyOf(e *experiment.Experiment, id string) experiment.AssignmentKey {
	return experiment.AssignmentKey{Experiment: e.Key, Run: e.Run(), ID: experiment.ID{Kind: e.Unit, Value: id}}
}

// TestPrecedenceOfEveryPair turns on two rules at a time: the upper one decides.
func TestPrecedenceOfEveryPair(t *testing.T) {
	all := stops()
	for i, upper := range all {
		for _, lower := range all[i+1:] {
			t.Run(fmt.Sprintf("%v before %v", upper.reason, lower.reason), func(t *testing.T) {
				e, subject, given := checkout(), experiment.Customer("c-1"), experiment.NewMemoryAssignments(0)
				lower.turnOn(&e, &subject, given)
				upper.turnOn(&e, &subject, given)
				recorder := &kept{}
				engine, err := experiment.New(ruled(e), experiment.Options{Now: standing(midday), Assignments: given, Recorder: recorder})
				require.NoError(t, err)
				d, err := engine.Decide(t.Context(), "checkout-page", "checkout", subject)
				require.NoError(t, err)
				assert.Equal(t, upper.reason.String(), d.Reason.String())
				explained, err := engine.Explain(t.Context(), "checkout-page", "checkout", subject)
				require.NoError(t, err)
				assert.Equal(t, d, explained.Decision)
				assert.NotContains(t, explained.Passed, upper.reason.String(), "the rule that decides is not passed")
				exposed, err := engine.Expose(t.Context(), "checkout-page", "checkout", subject)
				require.NoError(t, err)
				assert.Equal(t, d, exposed)
				assert.Equal(t, recorded(upper.reason), classes(recorder.exposures))
			})
		}
	}
}

// recorded is the class under which a reason is recorded, if it is.
func recorded(r experiment.Reason) []experiment.Class {
	switch r {
	case experiment.ReasonArm:
		return []experiment.Class{experiment.ClassArm}
	case experiment.ReasonSticky:
		return []experiment.Class{experiment.ClassSticky}
	case experiment.ReasonOverride:
		return []experiment.Class{experiment.ClassOverride}
	case experiment.ReasonHoldout:
		return []experiment.Class{experiment.ClassHoldout}
	}
	return nil
}

func classes(exposures []experiment.Exposure) []experiment.Class {
	var all []experiment.Class
	for _, e := range exposures {
		all = append(all, e.Class)
	}
	return all
}

// A held-out unit meets control, is recorded only where it would have taken part,
// and no other unit changes.
func TestHoldoutIsCounterfactual(t *testing.T) {
	e := checkout()
	e.Audience, e.Traffic = `country == "NO"`, experiment.Steady(assign.Share{Num: 1, Den: 2})
	without, err := experiment.New(ruled(e), experiment.Options{})
	require.NoError(t, err)
	recorder := &kept{}
	c := ruled(e)
	c.Holdouts[0].Share, c.Holdouts[0].Scope = assign.Share{Num: 1, Den: 5}, experiment.Scope{Stage: experiment.StagePostPurchase}
	with, err := experiment.New(c, experiment.Options{Recorder: recorder})
	require.NoError(t, err)
	held := 0
	for i := range 2000 {
		subject := experiment.Customer(fmt.Sprintf("c-%d", i), experiment.String("country", []string{"NO", "SE"}[i%2]))
		before, err := without.Decide(t.Context(), "checkout-page", "checkout", subject)
		require.NoError(t, err)
		after, err := with.Expose(t.Context(), "checkout-page", "checkout", subject)
		require.NoError(t, err)
		if after.Reason == experiment.ReasonHoldout {
			held++
			assert.True(t, before.Enrolled, "only who would be enrolled is held out")
			assert.Equal(t, "control", after.Variant)
			assert.False(t, after.Enrolled)
			continue
		}
		assert.Equal(t, before.Variant, after.Variant)
		assert.Equal(t, before.Reason, after.Reason)
	}
	assert.InDelta(t, 2000/2/2/5, held, 50)
	n := 0
	for _, exposure := range recorder.exposures {
		if exposure.Class == experiment.ClassHoldout {
			assert.Equal(t, "control", exposure.Variant)
			n++
		}
	}
	assert.Equal(t, held, n, "each is recorded as a group of its own")
}

// No unit is in two experiments of a layer, and the slots decide how many are in each.
func TestLayerExcludes(t *testing.T) {
	a, b := checkout(), checkout()
	a.Layer = experiment.Slots{Layer: "checkout", From: 0, To: 30}
	b.Key, b.Salt, b.Layer = "banner", "banner-1", experiment.Slots{Layer: "checkout", From: 30, To: 100}
	c := ruled(a)
	c.Experiments = append(c.Experiments, b)
	engine, err := experiment.New(c, experiment.Options{})
	require.NoError(t, err)
	in := map[string]int{}
	for i := range 5000 {
		subject := experiment.Customer(fmt.Sprintf("c-%d", i))
		first, err := engine.Decide(t.Context(), "checkout-page", "checkout", subject)
		require.NoError(t, err)
		second, err := engine.Decide(t.Context(), "checkout-page", "banner", subject)
		require.NoError(t, err)
		require.NotEqual(t, first.Enrolled, second.Enrolled, "exactly one")
		if first.Enrolled {
			in[first.Variant]++
		}
	}
	assert.InDelta(t, 750, in["control"], 110)
	assert.InDelta(t, 750, in["free_returns"], 110, "the layer says nothing about the arm")
}

// A prerequisite asks for the treatment, not for the touchpoint.
func TestPrerequisite(t *testing.T) {
	e := checkout()
	e.Requires = experiment.Requirement{Experiment: "upsell", Variant: "free_returns"}
	c := ruled(e)
	c.Experiments[1].Touchpoints = []string{"shop-counter"}
	engine, err := experiment.New(c, experiment.Options{})
	require.NoError(t, err)
	met := 0
	for i := range 400 {
		subject := experiment.Customer(fmt.Sprintf("c-%d", i))
		wanted, err := engine.Decide(t.Context(), "shop-counter", "upsell", subject)
		require.NoError(t, err)
		d, err := engine.Decide(t.Context(), "checkout-page", "checkout", subject)
		require.NoError(t, err)
		require.Equal(t, wanted.Variant == "free_returns", d.Enrolled)
		if d.Enrolled {
			met++
		}
	}
	assert.InDelta(t, 200, met, 50)
}

// Traffic grows at its dates, and nobody leaves or changes the arm.
func TestTrafficStepsAndPhases(t *testing.T) {
	hour := time.Hour
	e := checkout()
	e.Starts = midday
	e.Traffic = experiment.Traffic{{From: midday, Share: assign.Share{Num: 1, Den: 20}}, {From: midday.Add(2 * hour)}}
	e.Phases = []experiment.Phase{
		{From: midday.Add(hour), Arms: []experiment.Arm{{Variant: "control", Weight: 60}, {Variant: "free_returns", Weight: 40}}},
		{From: midday.Add(3 * hour), Arms: []experiment.Arm{{Variant: "control", Weight: 1}, {Variant: "free_returns", Weight: 1}, {Variant: "gift", Weight: 1, Payload: experiment.Payload{"banner": "gift"}}}},
	}
	now := midday
	engine := newEngine(t, e, experiment.Options{Now: func() time.Time { return now }})
	ask := func(i int, at time.Duration) experiment.Decision {
		now = midday.Add(at)
		d, err := engine.Decide(t.Context(), "checkout-page", "checkout", experiment.Customer(fmt.Sprintf("c-%d", i)))
		require.NoError(t, err)
		return d
	}
	const units = 4000
	var few, moved, gifts int
	for i := range units {
		first, second, third, last := ask(i, 0), ask(i, hour), ask(i, 2*hour), ask(i, 3*hour)
		require.Equal(t, experiment.ReasonNotStarted, ask(i, -1).Reason)
		require.Equal(t, []int{0, 1, 1, 2}, []int{first.Phase(), second.Phase(), third.Phase(), last.Phase()})
		require.Equal(t, first.Enrolled, second.Enrolled)
		require.True(t, third.Enrolled && last.Enrolled)
		if first.Enrolled {
			few++
			require.Equal(t, second.Variant, third.Variant, "traffic moves nobody")
		}
		if first.Enrolled && first.Variant != second.Variant {
			moved++
			require.Equal(t, "control", second.Variant)
		}
		if last.Variant == "gift" {
			gifts++
			require.Equal(t, "gift", last.Text("banner", ""))
		} else if third.Variant == "free_returns" {
			require.Equal(t, "free_returns", last.Variant, "an arm that shrinks keeps or gives to the new one")
		}
	}
	assert.InDelta(t, units/20, few, 60)
	assert.Less(t, moved, few/5)
	assert.InDelta(t, units/3, gifts, 160)
}

// What the assignments cannot tell is said, and nobody is guessed into an arm.
func TestUnreadableAssignments(t *testing.T) {
	e := checkout()
	e.Sticky = true
	down := errors.New("no connection")
	recorder := &kept{}
	engine := newEngine(t, e, experiment.Options{Recorder: recorder, Assignments: broken{err: down}})
	d, err := engine.Expose(t.Context(), "checkout-page", "checkout", experiment.Customer("c-1"))
	assert.ErrorIs(t, err, experiment.ErrUnassigned)
	assert.ErrorIs(t, err, down)
	assert.Equal(t, experiment.ReasonUnassigned, d.Reason)
	assert.Equal(t, "control", d.Variant)
	assert.False(t, d.Enrolled)
	assert.Empty(t, recorder.exposures)

	engine = newEngine(t, e, experiment.Options{Recorder: recorder, Assignments: broken{onlyWriting: true, err: down}})
	d, err = engine.Expose(t.Context(), "checkout-page", "checkout", experiment.Customer("c-1"))
	assert.ErrorIs(t, err, experiment.ErrNotAssigned)
	assert.ErrorIs(t, err, down)
	assert.Equal(t, experiment.ReasonArm, d.Reason, "the hash's arm stands")
	assert.Len(t, recorder.exposures, 1)

	_, err = experiment.New(catalogOf(e), experiment.Options{})
	assert.ErrorContains(t, err, "experiments[0].sticky: TL025")
}

type broken struct {
	err         error
	onlyWriting bool
}

func (b broken) Assignment(context.Context, experiment.AssignmentKey) (experiment.Assignment, bool, error) {
	if b.onlyWriting {
		return experiment.Assignment{}, false, nil
	}
	return experiment.Assignment{}, false, b.err
}

func (b broken) Assign(context.Context, experiment.AssignmentKey, experiment.Assignment) (experiment.Assignment, error) {
	return experiment.Assignment{}, b.err
}

// Explain tells a person why.
func TestExplainNamesEveryRule(t *testing.T) {
	e := checkout()
	e.Audience = `country == "NO"`
	engine, err := experiment.New(ruled(e), experiment.Options{})
	require.NoError(t, err)
	in, err := engine.Explain(t.Context(), "checkout-page", "checkout", experiment.Customer("c-1", experiment.String("country", "NO")))
	require.NoError(t, err)
	assert.Equal(t, "experiment touchpoint running unit override bot internal sticky prerequisite layer audience traffic holdout", strings.Join(in.Passed, " "))
	out, err := engine.Explain(t.Context(), "checkout-page", "checkout", experiment.Customer("c-1"))
	require.NoError(t, err)
	assert.Equal(t, experiment.ReasonAudience, out.Decision.Reason)
	assert.Contains(t, out.String(), "missing  country ==", "a person sees what the subject lacked")
	assert.Nil(t, in.Rule, "no rule over attributes decided")
}

// A subject's lack is counted once for each exposure, and goes on when the catalogue
// is replaced.
func TestMissingAttributesAreCounted(t *testing.T) {
	e := checkout()
	e.Audience = `country == "NO"`
	engine, err := experiment.New(ruled(e), experiment.Options{Recorder: discard{}})
	require.NoError(t, err)
	_, err = engine.Decide(t.Context(), "checkout-page", "checkout", experiment.Customer("c-1"))
	require.NoError(t, err)
	for range 2 {
		_, err = engine.Expose(t.Context(), "checkout-page", "checkout", experiment.Customer("c-1"))
		require.NoError(t, err)
		require.NoError(t, engine.Replace(ruled(e)))
	}
	counted, ok := engine.Counters("checkout")
	require.True(t, ok)
	assert.Equal(t, uint64(6), counted.MissingAttributes, "bot, staff and country, twice")
}
