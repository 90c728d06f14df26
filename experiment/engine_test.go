package experiment_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment"
)

var midday = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// standing makes a clock that stands still.
func standing(t time.Time) func() time.Time { return func() time.Time { return t } }

// TestPrecedence walks the rules in their order. Every row turns on one rule and
// the one below it, so that the upper one is seen to win.
func TestPrecedence(t *testing.T) {
	hour := time.Hour
	onlyControl := func(e *experiment.Experiment) { e.Traffic = experiment.Steady(assign.Share{Num: 0, Den: 1}) }
	override := func(e *experiment.Experiment) { e.Overrides = map[string][]string{"free_returns": {"c-1"}} }
	rows := []struct {
		name, reason string
		change       func(e *experiment.Experiment)
		touchpoint   string
		subject      experiment.Subject
		want         experiment.Reason
		variant      string
		err          error
	}{
		{"arm", "nothing stands in the way", func(*experiment.Experiment) {}, "checkout-page", experiment.Customer("c-1"), experiment.ReasonArm, "", nil},
		{"traffic before arm", "outside the share there is no arm", onlyControl, "checkout-page", experiment.Customer("c-1"), experiment.ReasonTraffic, "control", nil},
		{
			"override before traffic", "testers are let in whatever the share",
			func(e *experiment.Experiment) { onlyControl(e); override(e) },
			"checkout-page", experiment.Customer("c-1"), experiment.ReasonOverride, "free_returns", nil,
		},
		{
			"invalid unit before override", "an id that cannot be recorded is not looked up", override, "checkout-page",
			experiment.Customer("c-1\x00"), experiment.ReasonInvalidUnit, "control", experiment.ErrInvalidUnit,
		},
		{"not UTF-8", "stores refuse it, so nobody is enrolled by it", override, "checkout-page", experiment.Customer("c-\xff"), experiment.ReasonInvalidUnit, "control", experiment.ErrInvalidUnit},
		{
			"too long", "stores refuse it, so nobody is enrolled by it", override, "checkout-page",
			experiment.Customer(strings.Repeat("x", experiment.MaxText+1)), experiment.ReasonInvalidUnit, "control", experiment.ErrInvalidUnit,
		},
		{"empty id", "one shared bucket would be a lie", override, "checkout-page", experiment.Customer(""), experiment.ReasonMissingUnit, "control", experiment.ErrMissingUnit},
		{
			"another kind of id", "a device is not a customer", override, "checkout-page",
			experiment.Subject{IDs: []experiment.ID{{Kind: experiment.KindDevice, Value: "c-1"}}}, experiment.ReasonMissingUnit, "control", experiment.ErrMissingUnit,
		},
		{
			"paused before unit", "a paused experiment asks nothing of the subject",
			func(e *experiment.Experiment) { override(e); e.Paused = true },
			"checkout-page", experiment.Customer(""), experiment.ReasonPaused, "control", nil,
		},
		{
			"not started before paused", "the date says more than the pause",
			func(e *experiment.Experiment) { e.Paused = true; e.Starts = midday.Add(hour) },
			"checkout-page", experiment.Customer("c-1"), experiment.ReasonNotStarted, "control", nil,
		},
		{
			"ended before override", "after the end nobody is forced",
			func(e *experiment.Experiment) { override(e); e.Ends = midday },
			"checkout-page", experiment.Customer("c-1"), experiment.ReasonEnded, "control", nil,
		},
		{
			"starts now", "the start belongs to the experiment",
			func(e *experiment.Experiment) { e.Starts = midday },
			"checkout-page", experiment.Customer("c-1"), experiment.ReasonArm, "", nil,
		},
		{
			"concluded before ended", "the winner is served from the end on",
			func(e *experiment.Experiment) {
				e.Ends = midday
				e.Concluded = experiment.Concluded{Serve: "free_returns"}
			},
			"checkout-page", experiment.Customer("c-1"), experiment.ReasonConcluded, "free_returns", nil,
		},
		{
			"concluded early", "at may come before the planned end",
			func(e *experiment.Experiment) {
				e.Ends = midday.Add(hour)
				e.Concluded = experiment.Concluded{At: midday, Serve: "free_returns"}
			},
			"checkout-page", experiment.Customer(""), experiment.ReasonConcluded, "free_returns", nil,
		},
		{
			"not yet concluded", "a conclusion dated tomorrow does nothing today",
			func(e *experiment.Experiment) {
				e.Concluded = experiment.Concluded{At: midday.Add(hour), Serve: "free_returns"}
				onlyControl(e)
			},
			"checkout-page", experiment.Customer("c-1"), experiment.ReasonTraffic, "control", nil,
		},
		{
			"touchpoint before concluded", "a winner is served where the experiment ran",
			func(e *experiment.Experiment) {
				e.Ends = midday
				e.Concluded = experiment.Concluded{Serve: "free_returns"}
			},
			"shop-counter", experiment.Customer("c-1"), experiment.ReasonWrongTouchpoint, "control", experiment.ErrWrongTouchpoint,
		},
		{
			"unknown touchpoint", "a slip of the pen is named",
			func(*experiment.Experiment) {}, "checkout-pag", experiment.Customer("c-1"), experiment.ReasonWrongTouchpoint, "control", experiment.ErrUnknown,
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			e := checkout()
			row.change(&e)
			engine := newEngine(t, e, experiment.Options{Now: standing(midday)})
			d, err := engine.Decide(t.Context(), row.touchpoint, "checkout", row.subject)
			assert.ErrorIs(t, err, row.err, row.reason)
			assert.Equal(t, row.want, d.Reason, row.reason)
			if row.variant != "" {
				assert.Equal(t, row.variant, d.Variant, row.reason)
			}
			assert.Equal(t, row.want == experiment.ReasonArm, d.Enrolled, "only the hash enrols")

			explained, explainErr := engine.Explain(t.Context(), row.touchpoint, "checkout", row.subject)
			assert.Equal(t, fmt.Sprint(err), fmt.Sprint(explainErr))
			assert.Equal(t, d, explained.Decision, "Explain takes the path of Decide")
		})
	}
}

func TestUnknownExperiment(t *testing.T) {
	engine := newEngine(t, checkout(), experiment.Options{Recorder: &kept{}})
	d, err := engine.Expose(t.Context(), "checkout-page", "chekout", experiment.Customer("c-1"))
	var unknown *experiment.UnknownError
	require.ErrorAs(t, err, &unknown)
	assert.Equal(t, "checkout", unknown.Meant())
	assert.ErrorIs(t, err, experiment.ErrUnknown)
	assert.Equal(t, "control", d.Variant)
	assert.Equal(t, "chekout", d.Experiment())
	assert.Empty(t, d.Revision())
	assert.Equal(t, "none", d.Text("banner", "none"), "the fallback, because no arm is known")
	explained, err := engine.Explain(t.Context(), "checkout-page", "chekout", experiment.Customer("c-1"))
	assert.ErrorIs(t, err, experiment.ErrUnknown)
	assert.Equal(t, d.Variant, explained.Decision.Variant)
}

// TestZeroEngine: an engine that New did not make serves control.
func TestZeroEngine(t *testing.T) {
	var engine experiment.Engine
	d, err := engine.Expose(t.Context(), "checkout-page", "checkout", experiment.Customer("c-1"))
	assert.ErrorIs(t, err, experiment.ErrUnknown)
	assert.Equal(t, "control", d.Variant)
	err = engine.Track(t.Context(), experiment.Customer("c-1"), experiment.Conversion{Event: "purchase"})
	assert.ErrorIs(t, err, experiment.ErrNoRecorder)
}

// TestOneClockReading: who is enrolled before the end is recorded before it.
func TestOneClockReading(t *testing.T) {
	e := checkout()
	e.Ends = midday.Add(time.Microsecond)
	recorder := &kept{}
	tick := midday.Add(-time.Microsecond)
	clock := func() time.Time { tick = tick.Add(time.Microsecond); return tick }
	engine := newEngine(t, e, experiment.Options{Recorder: recorder, Now: clock})
	d, err := engine.Expose(t.Context(), "checkout-page", "checkout", experiment.Customer("c-1"))
	require.NoError(t, err)
	require.True(t, d.Enrolled)
	assert.Equal(t, midday, recorder.exposures[0].Time)
}

// TestUnknownNamesAreCheap: a long unknown name is neither compared nor printed
// in full.
func TestUnknownNamesAreCheap(t *testing.T) {
	engine := newEngine(t, checkout(), experiment.Options{})
	_, err := engine.Decide(t.Context(), "checkout-page", strings.Repeat("checkout", 1<<15), experiment.Customer("c-1"))
	require.ErrorIs(t, err, experiment.ErrUnknown)
	assert.Less(t, len(err.Error()), 200)
}

// TestExpose shows what is recorded: arms and overrides, with the subject as it
// was, and nothing for those who are not in.
func TestExpose(t *testing.T) {
	e := checkout()
	e.Overrides = map[string][]string{"free_returns": {"qa-1"}}
	recorder := &kept{}
	engine := newEngine(t, e, experiment.Options{Recorder: recorder, Now: standing(midday)})
	subject := experiment.Customer("c-1", experiment.String("country", "NO"), experiment.Number("age", 34))
	subject.IDs = append(subject.IDs, experiment.ID{Kind: experiment.KindDevice, Value: "d-9"})

	d, err := engine.Expose(t.Context(), "order-email", "checkout", subject)
	require.NoError(t, err)
	forced, err := engine.Expose(t.Context(), "checkout-page", "checkout", experiment.Customer("qa-1"))
	require.NoError(t, err)
	assert.Equal(t, "free_returns", forced.Variant)
	_, err = engine.Expose(t.Context(), "checkout-page", "checkout", experiment.Customer(""))
	assert.ErrorIs(t, err, experiment.ErrMissingUnit)

	subject.Attributes[0] = experiment.String("country", "changed by the caller afterwards")
	subject.IDs[0].Value = "changed too"
	require.Len(t, recorder.exposures, 2)
	assert.Equal(t, experiment.Exposure{
		Experiment: "checkout", Run: "checkout-2026-11", Kind: experiment.KindCustomer, Unit: "c-1", Variant: d.Variant,
		Touchpoint: "order-email", Class: experiment.ClassArm, Time: midday,
		IDs:        []experiment.ID{{Kind: experiment.KindCustomer, Value: "c-1"}, {Kind: experiment.KindDevice, Value: "d-9"}},
		Attributes: []experiment.Attribute{experiment.String("country", "NO"), experiment.Number("age", 34)},
	}, recorder.exposures[0])
	assert.Equal(t, experiment.ClassOverride, recorder.exposures[1].Class)
	for _, exposure := range recorder.exposures {
		assert.NoError(t, exposure.Validate())
	}
}

// TestExposeLargeSubject takes the path of subjects that do not fit in one piece.
func TestExposeLargeSubject(t *testing.T) {
	recorder := &kept{}
	engine := newEngine(t, checkout(), experiment.Options{Recorder: recorder, Now: standing(midday)})
	subject := experiment.Customer("c-1")
	for i := range 20 {
		subject.Attributes = append(subject.Attributes, experiment.Number(fmt.Sprintf("a%d", i), float64(i)))
		subject.IDs = append(subject.IDs, experiment.ID{Kind: experiment.Kind(fmt.Sprintf("k%d", i)), Value: "x"})
	}
	_, err := engine.Expose(t.Context(), "checkout-page", "checkout", subject)
	require.NoError(t, err)
	assert.Equal(t, subject.IDs, recorder.exposures[0].IDs)
	assert.Equal(t, subject.Attributes, recorder.exposures[0].Attributes)
}

// TestNotRecorded: where only recording failed the arm stands.
func TestNotRecorded(t *testing.T) {
	full := errors.New("the queue is full")
	for _, row := range []struct {
		name, reason string
		recorder     experiment.Recorder
		cause        error
	}{
		{"full queue", "the recorder says no", &kept{err: full}, full},
		{"no recorder", "the engine only decides", nil, experiment.ErrNoRecorder},
	} {
		t.Run(row.name, func(t *testing.T) {
			engine := newEngine(t, checkout(), experiment.Options{Recorder: row.recorder})
			want, err := engine.Decide(t.Context(), "checkout-page", "checkout", experiment.Customer("c-1"))
			require.NoError(t, err)
			got, err := engine.Expose(t.Context(), "checkout-page", "checkout", experiment.Customer("c-1"))
			assert.ErrorIs(t, err, experiment.ErrNotRecorded, row.reason)
			assert.ErrorIs(t, err, row.cause, row.reason)
			assert.Equal(t, want, got)
			err = engine.Track(t.Context(), experiment.Customer("c-1"), experiment.Conversion{Event: "purchase"})
			assert.ErrorIs(t, err, experiment.ErrNotRecorded, row.reason)
			assert.ErrorIs(t, err, row.cause, row.reason)
		})
	}
}

func TestTrack(t *testing.T) {
	recorder := &kept{}
	engine := newEngine(t, checkout(), experiment.Options{Recorder: recorder, Now: standing(midday), Random: strings.NewReader(strings.Repeat("r", 10))})
	customer := experiment.Customer("c-1")
	require.NoError(t, engine.Track(t.Context(), customer, experiment.Conversion{Event: "purchase", Value: 59.9}))
	key := experiment.Conversion{ID: experiment.ConversionKey("order-7"), Time: midday.Add(-time.Hour), Event: "purchase", IDs: []experiment.ID{{Kind: "store", Value: "s-1"}}}
	require.NoError(t, engine.Track(t.Context(), customer, key))
	err := engine.Track(t.Context(), customer, experiment.Conversion{Event: "purchase"})
	assert.ErrorIs(t, err, experiment.ErrNotRecorded, "the randomness is used up")

	require.Len(t, recorder.conversions, 2)
	first := recorder.conversions[0]
	assert.Equal(t, customer.IDs, first.IDs, "ids come from the subject")
	assert.Equal(t, midday, first.Time, "the time is the present")
	assert.NoError(t, first.Validate())
	assert.Equal(t, byte(7), first.ID[6]>>4, "a new id is a UUID of version 7")
	assert.Equal(t, key, recorder.conversions[1], "what the caller set stands")
}

// TestReplace: a bad catalogue never replaces a good one.
func TestReplace(t *testing.T) {
	engine := newEngine(t, checkout(), experiment.Options{})
	before, err := engine.Decide(t.Context(), "checkout-page", "checkout", experiment.Customer("c-1"))
	require.NoError(t, err)

	broken := checkout()
	broken.Salt = ""
	var invalid *experiment.InvalidCatalogError
	require.ErrorAs(t, engine.Replace(catalogOf(broken)), &invalid)
	require.Error(t, engine.Replace(nil))
	same, err := engine.Decide(t.Context(), "checkout-page", "checkout", experiment.Customer("c-1"))
	require.NoError(t, err)
	assert.Equal(t, before, same)

	paused := checkout()
	paused.Paused = true
	require.NoError(t, engine.Replace(catalogOf(paused)))
	after, err := engine.Decide(t.Context(), "checkout-page", "checkout", experiment.Customer("c-1"))
	require.NoError(t, err)
	assert.Equal(t, experiment.ReasonPaused, after.Reason)
	assert.NotEqual(t, before.Revision(), after.Revision())
	assert.Equal(t, before.Text("banner", ""), before.Text("banner", ""), "an old decision stays readable")
}

// TestReplaceWhileDeciding is for the race detector.
func TestReplaceWhileDeciding(t *testing.T) {
	engine := newEngine(t, checkout(), experiment.Options{Recorder: discard{}})
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for i := range 500 {
				d, err := engine.Expose(t.Context(), "checkout-page", "checkout", experiment.Customer(fmt.Sprint(i)))
				assert.NoError(t, err)
				assert.NotEmpty(t, d.Variant)
			}
		})
	}
	for i := range 50 {
		e := checkout()
		e.Paused = i%2 == 0
		require.NoError(t, engine.Replace(catalogOf(e)))
	}
	group.Wait()
}

// TestSameTreatmentEverywhere: one unit and salt over several touchpoints.
func TestSameTreatmentEverywhere(t *testing.T) {
	engine := newEngine(t, checkout(), experiment.Options{})
	seen := map[string]int{}
	for i := range 1000 {
		customer := experiment.Customer(fmt.Sprintf("c-%d", i))
		web, err := engine.Decide(t.Context(), "checkout-page", "checkout", customer)
		require.NoError(t, err)
		mail, err := engine.Decide(t.Context(), "order-email", "checkout", customer)
		require.NoError(t, err)
		require.Equal(t, web.Variant, mail.Variant)
		seen[web.Variant]++
	}
	assert.InDelta(t, 500, seen["control"], 80, "five standard deviations of a fair split")
}

// TestPayload: typed accessors never hand out another type.
func TestPayload(t *testing.T) {
	e := checkout()
	e.Overrides = map[string][]string{"free_returns": {"c-1"}}
	engine := newEngine(t, e, experiment.Options{})
	d, err := engine.Decide(t.Context(), "checkout-page", "checkout", experiment.Customer("c-1"))
	require.NoError(t, err)
	assert.Equal(t, "free_returns", d.Text("banner", "none"))
	assert.Equal(t, "fallback", d.Text("days", "fallback"), "a number is not a text")
	assert.Equal(t, "fallback", d.Text("missing", "fallback"))
	assert.InDelta(t, 30, d.Number("days", -1), 0)
	assert.InDelta(t, -1, d.Number("banner", -1), 0)
	assert.True(t, d.Bool("bold", false))
	assert.False(t, d.Bool("banner", false))
	var steps []string
	require.NoError(t, d.JSON("steps", &steps))
	assert.Equal(t, []string{"a", "b"}, steps)
	assert.ErrorIs(t, d.JSON("missing", &steps), experiment.ErrNoPayload)
	assert.Error(t, d.JSON("banner", &steps), "a text is not a list")
}

// TestPayloadIsCopied: what the caller does to the catalogue later reaches
// nobody.
func TestPayloadIsCopied(t *testing.T) {
	e := checkout()
	e.Overrides = map[string][]string{"free_returns": {"c-1"}}
	catalog := catalogOf(e)
	engine, err := experiment.New(catalog, experiment.Options{})
	require.NoError(t, err)
	catalog.Experiments[0].Arms[1].Payload["steps"].([]string)[0] = "changed"
	catalog.Experiments[0].Touchpoints[0] = "changed"
	d, err := engine.Decide(t.Context(), "checkout-page", "checkout", experiment.Customer("c-1"))
	require.NoError(t, err)
	var steps []string
	require.NoError(t, d.JSON("steps", &steps))
	assert.Equal(t, []string{"a", "b"}, steps)
}
