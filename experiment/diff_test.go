package experiment_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
)

var phaseBegins = time.Date(2026, 1, 7, 8, 0, 0, 0, time.UTC)

func share(num, den uint64) assign.Share { return assign.Share{Num: num, Den: den} }

func arms(control, treatment uint64) []experiment.Arm {
	return []experiment.Arm{{Variant: "control", Weight: control}, {Variant: "free_returns", Weight: treatment}}
}

// surrounded is a catalogue of one experiment in half of a layer, beside a holdout of a
// quarter that it is not under.
func surrounded() *experiment.Catalog {
	e := checkout()
	e.Arms = arms(50, 50)
	e.Layer = experiment.Slots{Layer: "checkout", From: 0, To: 50}
	c := catalogOf(e)
	c.Attributes = []experiment.Declaration{{Key: "country", Type: audience.TypeString}}
	c.Segments = []experiment.Segment{{Key: "north", Audience: `country == "NO"`}}
	c.Layers = []experiment.Layer{{Key: "checkout", Salt: "layer-1", Unit: experiment.KindCustomer}}
	c.Holdouts = []experiment.Holdout{{Key: "global", Salt: "holdout-1", Unit: experiment.KindCustomer, Share: share(1, 4)}}
	return c
}

type diffRow struct {
	name, reason string
	old, edit    func(c *experiment.Catalog, e *experiment.Experiment)
	at           time.Time
	class        experiment.ChangeClass
	field        string // of the worst change
	moves        string // as assign.Change says it; "" for none that can be said
	later        string // the same
}

const nobody = "nobody changes"

func nothing(*experiment.Catalog, *experiment.Experiment) {}

// Every kind of change, with its class and the exact share that it moves. Half of the units
// are in the layer's slots, so that a tenth of the enrolled ones is 5 % of all.
func TestDiffExperiment(t *testing.T) {
	phase := func(control, treatment uint64) experiment.Phase {
		return experiment.Phase{From: phaseBegins, Arms: arms(control, treatment)}
	}
	rows := []diffRow{
		{name: "owner", reason: "only people read it", class: experiment.ChangeCosmetic, field: "owner", moves: nobody,
			edit: func(_ *experiment.Catalog, e *experiment.Experiment) { e.Owner = "growth@shop.example" }},
		{name: "weights in other words", reason: "the same shares", class: experiment.ChangeCosmetic, field: "arms", moves: nobody,
			edit: func(_ *experiment.Catalog, e *experiment.Experiment) { e.Arms = arms(1, 1) }},
		{name: "arm for nobody", reason: "it gets nobody", class: experiment.ChangeCosmetic, field: "arms", moves: nobody,
			edit: func(_ *experiment.Catalog, e *experiment.Experiment) {
				e.Arms = append(e.Arms, experiment.Arm{Variant: "popup"})
			}},
		{name: "weights without a phase", reason: "undeclared", class: experiment.ChangeReshuffle, field: "arms",
			moves: "5% of the units change arm\n  free_returns -> control 5%",
			edit:  func(_ *experiment.Catalog, e *experiment.Experiment) { e.Arms = arms(60, 40) }},
		{name: "control is another", reason: "every difference would change its sign", class: experiment.ChangeReshuffle, field: "arms",
			moves: "50% of the units change arm\n  control -> free_returns 25%\n  free_returns -> control 25%",
			edit:  func(_ *experiment.Catalog, e *experiment.Experiment) { slices.Reverse(e.Arms) }},
		{name: "phase", reason: "declared", class: experiment.ChangeNewPhase, field: "phases[0]",
			moves: "5% of the units change arm\n  free_returns -> control 5%",
			edit:  func(_ *experiment.Catalog, e *experiment.Experiment) { e.Phases = []experiment.Phase{phase(60, 40)} }},
		{name: "phase edited afterwards", reason: "the record says otherwise", class: experiment.ChangeReshuffle, field: "phases[0]",
			moves: "5% of the units change arm\n  free_returns -> control 5%",
			old:   func(_ *experiment.Catalog, e *experiment.Experiment) { e.Phases = []experiment.Phase{phase(60, 40)} },
			edit:  func(_ *experiment.Catalog, e *experiment.Experiment) { e.Phases = []experiment.Phase{phase(70, 30)} }},
		{name: "phase edited before it begins", reason: "nobody was moved yet", class: experiment.ChangeNewPhase, field: "phases[0]",
			moves: nobody, later: "5% of the units change arm\n  free_returns -> control 5%", at: phaseBegins.Add(-time.Hour),
			old:  func(_ *experiment.Catalog, e *experiment.Experiment) { e.Phases = []experiment.Phase{phase(60, 40)} },
			edit: func(_ *experiment.Catalog, e *experiment.Experiment) { e.Phases = []experiment.Phase{phase(70, 30)} }},
		{name: "phase removed", reason: "undoing is a phase too", class: experiment.ChangeReshuffle, field: "phases[0]",
			moves: "5% of the units change arm\n  control -> free_returns 5%",
			old:   func(_ *experiment.Catalog, e *experiment.Experiment) { e.Phases = []experiment.Phase{phase(60, 40)} },
			edit:  func(_ *experiment.Catalog, e *experiment.Experiment) { e.Phases = nil }},
		{name: "phase at another time", reason: "no share is invented for dates", class: experiment.ChangeSafe, field: "phases[0]", moves: nobody,
			old: func(_ *experiment.Catalog, e *experiment.Experiment) { e.Phases = []experiment.Phase{phase(60, 40)} },
			edit: func(_ *experiment.Catalog, e *experiment.Experiment) {
				e.Phases = []experiment.Phase{{From: phaseBegins.Add(time.Hour), Arms: arms(60, 40)}}
			}},
		{name: "traffic rises", reason: "who is enrolled stays", class: experiment.ChangeSafe, field: "traffic",
			moves: "25% of the units enter\n  (not enrolled) -> control 12.5%\n  (not enrolled) -> free_returns 12.5%",
			old:   func(_ *experiment.Catalog, e *experiment.Experiment) { e.Traffic = experiment.Steady(share(1, 2)) },
			edit:  func(_ *experiment.Catalog, e *experiment.Experiment) { e.Traffic = nil }},
		{name: "traffic shrinks", reason: "enrolled units leave", class: experiment.ChangeReshuffle, field: "traffic",
			moves: "25% of the units leave\n  control -> (not enrolled) 12.5%\n  free_returns -> (not enrolled) 12.5%",
			edit:  func(_ *experiment.Catalog, e *experiment.Experiment) { e.Traffic = experiment.Steady(share(1, 2)) }},
		{name: "step is put off", reason: "it may have been in force", class: experiment.ChangeReshuffle, field: "traffic", moves: nobody,
			old:  func(_ *experiment.Catalog, e *experiment.Experiment) { e.Traffic = ramp(phaseBegins) },
			edit: func(_ *experiment.Catalog, e *experiment.Experiment) { e.Traffic = ramp(phaseBegins.Add(time.Hour)) }},
		{name: "step is put off in time", reason: "it was not in force", class: experiment.ChangeSafe, field: "traffic", moves: nobody,
			at:   phaseBegins.Add(-time.Hour),
			old:  func(_ *experiment.Catalog, e *experiment.Experiment) { e.Traffic = ramp(phaseBegins) },
			edit: func(_ *experiment.Catalog, e *experiment.Experiment) { e.Traffic = ramp(phaseBegins.Add(time.Hour)) }},
		{name: "more slots", reason: "units enter", class: experiment.ChangeSafe, field: "layer",
			moves: "50% of the units enter\n  (not enrolled) -> control 25%\n  (not enrolled) -> free_returns 25%",
			edit:  func(_ *experiment.Catalog, e *experiment.Experiment) { e.Layer.To = 100 }},
		{name: "other slots", reason: "enrolled units leave", class: experiment.ChangeReshuffle, field: "layer",
			moves: "25% of the units enter, 25% leave\n  control -> (not enrolled) 12.5%\n  free_returns -> (not enrolled) 12.5%\n" +
				"  (not enrolled) -> control 12.5%\n  (not enrolled) -> free_returns 12.5%",
			edit: func(_ *experiment.Catalog, e *experiment.Experiment) { e.Layer.From, e.Layer.To = 25, 75 }},
		{name: "slots in other words", reason: "the same units", class: experiment.ChangeCosmetic, field: "layer", moves: nobody,
			edit: func(c *experiment.Catalog, e *experiment.Experiment) { c.Layers[0].Slots, e.Layer.To = 2, 1 }},
		{name: "salt of the layer", reason: "independent streams: a half of the half stays", class: experiment.ChangeReshuffle, field: "layer",
			moves: "25% of the units enter, 25% leave\n  control -> (not enrolled) 12.5%\n  free_returns -> (not enrolled) 12.5%\n" +
				"  (not enrolled) -> control 12.5%\n  (not enrolled) -> free_returns 12.5%",
			edit: func(c *experiment.Catalog, _ *experiment.Experiment) { c.Layers[0].Salt = "layer-2" }},
		{name: "under a holdout", reason: "a quarter of the enrolled is held out", class: experiment.ChangeReshuffle, field: "holdout",
			moves: "12.5% of the units change arm\n  control -> holdout 6.25%\n  free_returns -> holdout 6.25%",
			edit:  func(_ *experiment.Catalog, e *experiment.Experiment) { e.Holdout = "global" }},
		{name: "holdout becomes global", reason: "the scope takes the experiment in", class: experiment.ChangeReshuffle, field: "holdout",
			moves: "12.5% of the units change arm\n  control -> holdout 6.25%\n  free_returns -> holdout 6.25%",
			edit:  func(c *experiment.Catalog, _ *experiment.Experiment) { c.Holdouts[0].Scope.Global = true }},
		{name: "salt of the holdout", reason: "independent streams: 3/4 times 1/4 of the half goes each way", class: experiment.ChangeReshuffle, field: "holdout",
			moves: "18.75% of the units change arm\n  control -> holdout 4.6875%\n  free_returns -> holdout 4.6875%\n  holdout -> control 4.6875%\n  holdout -> free_returns 4.6875%",
			old:   func(_ *experiment.Catalog, e *experiment.Experiment) { e.Holdout = "global" },
			edit:  func(c *experiment.Catalog, _ *experiment.Experiment) { c.Holdouts[0].Salt = "holdout-2" }},
		{name: "holdout by name and by scope", reason: "the same holdout", class: experiment.ChangeCosmetic, field: "holdout", moves: nobody,
			old: func(c *experiment.Catalog, e *experiment.Experiment) { c.Holdouts[0].Scope.Global = true },
			edit: func(c *experiment.Catalog, e *experiment.Experiment) {
				c.Holdouts[0].Scope.Global, e.Holdout = false, "global"
			}},
		{name: "new salt", reason: "declared: a new run", class: experiment.ChangeNewRun, field: "salt",
			moves: "25% of the units change arm\n  control -> free_returns 12.5%\n  free_returns -> control 12.5%",
			edit:  func(_ *experiment.Catalog, e *experiment.Experiment) { e.Salt = "checkout-2027" }},
		{name: "new salt and less of everything", reason: "a new run may begin anew", class: experiment.ChangeNewRun, field: "salt",
			moves: "12.5% of the units change arm, 25% leave\n  control -> free_returns 12.5%\n  control -> (not enrolled) 12.5%\n  free_returns -> (not enrolled) 12.5%",
			edit: func(_ *experiment.Catalog, e *experiment.Experiment) {
				e.Salt, e.Traffic, e.Arms = "checkout-2027", experiment.Steady(share(1, 2)), arms(0, 1)
			}},
		{name: "other kind of id", reason: "others are randomised within the run", class: experiment.ChangeReshuffle, field: "unit",
			edit: func(c *experiment.Catalog, e *experiment.Experiment) {
				e.Unit, c.Layers[0].Unit = experiment.KindDevice, experiment.KindDevice
			}},
		{name: "other formula", reason: "everyone anew within the run", class: experiment.ChangeReshuffle, field: "hash",
			edit: func(_ *experiment.Catalog, e *experiment.Experiment) { e.Hash = byLength{} }},
		{name: "audience", reason: "no share is invented", class: experiment.ChangeSafe, field: "audience", moves: nobody,
			edit: func(_ *experiment.Catalog, e *experiment.Experiment) { e.Audience = `country == "NO"` }},
		{name: "segment of the audience", reason: "no share is invented", class: experiment.ChangeSafe, field: "audience", moves: nobody,
			old:  func(_ *experiment.Catalog, e *experiment.Experiment) { e.Audience = `segment("north")` },
			edit: func(c *experiment.Catalog, _ *experiment.Experiment) { c.Segments[0].Audience = `country == "SE"` }},
		{name: "overrides", reason: "only who is listed", class: experiment.ChangeSafe, field: "overrides", moves: nobody,
			edit: func(_ *experiment.Catalog, e *experiment.Experiment) {
				e.Overrides = map[string][]string{"free_returns": {"qa-1"}}
			}},
		{name: "dates", reason: "no share is invented", class: experiment.ChangeSafe, field: "ends", moves: nobody,
			edit: func(_ *experiment.Catalog, e *experiment.Experiment) { e.Ends = phaseBegins }},
		{name: "payload", reason: "nobody is moved", class: experiment.ChangeSafe, field: "arms", moves: nobody,
			edit: func(_ *experiment.Catalog, e *experiment.Experiment) {
				e.Arms = arms(50, 50)
				e.Arms[1].Payload = experiment.Payload{"banner": "big"}
			}},
		{name: "before the start", reason: "nobody is enrolled yet", class: experiment.ChangeSafe, field: "arms",
			moves: nobody, later: "5% of the units change arm\n  free_returns -> control 5%", at: phaseBegins.Add(-time.Hour),
			old:  func(_ *experiment.Catalog, e *experiment.Experiment) { e.Starts = phaseBegins },
			edit: func(_ *experiment.Catalog, e *experiment.Experiment) { e.Arms = arms(60, 40) }},
		{name: "after the end", reason: "everybody meets control", class: experiment.ChangeSafe, field: "arms",
			moves: nobody, at: phaseBegins,
			old:  func(_ *experiment.Catalog, e *experiment.Experiment) { e.Ends = phaseBegins },
			edit: func(_ *experiment.Catalog, e *experiment.Experiment) { e.Arms = arms(60, 40) }},
		{name: "after the conclusion", reason: "it ends too", class: experiment.ChangeSafe, field: "arms", moves: nobody, at: phaseBegins,
			old: func(_ *experiment.Catalog, e *experiment.Experiment) {
				e.Concluded = experiment.Concluded{At: phaseBegins, Serve: "control"}
			},
			edit: func(_ *experiment.Catalog, e *experiment.Experiment) { e.Arms = arms(60, 40) }},
		{name: "step to come is made smaller", reason: "nobody entered by it yet", class: experiment.ChangeSafe, field: "traffic", moves: nobody,
			later: "25% of the units leave\n  control -> (not enrolled) 12.5%\n  free_returns -> (not enrolled) 12.5%", at: phaseBegins.Add(-time.Hour),
			old: func(_ *experiment.Catalog, e *experiment.Experiment) { e.Traffic = ramp(phaseBegins) },
			edit: func(_ *experiment.Catalog, e *experiment.Experiment) {
				e.Traffic = ramp(phaseBegins)
				e.Traffic[1].Share = share(1, 2)
			}},
		{name: "holdout grows under nobody", reason: "it is not words only", class: experiment.ChangeSafe, field: "holdout", moves: nobody,
			old: func(_ *experiment.Catalog, e *experiment.Experiment) {
				e.Holdout, e.Traffic = "global", experiment.Steady(share(0, 1))
			},
			edit: func(c *experiment.Catalog, _ *experiment.Experiment) { c.Holdouts[0].Share = share(1, 3) }},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) { row.check(t) })
	}
}

func ramp(second time.Time) experiment.Traffic {
	return experiment.Traffic{{Share: share(1, 20)}, {From: second, Share: share(1, 1)}}
}

// edited is the catalogue of the row before and after the edit.
func (row diffRow) edited() (old, new *experiment.Catalog) {
	old, new = surrounded(), surrounded()
	if row.old == nil {
		row.old = nothing
	}
	for _, c := range []*experiment.Catalog{old, new} {
		row.old(c, &c.Experiments[0])
	}
	row.edit(new, &new.Experiments[0])
	return old, new
}

func (row diffRow) check(t *testing.T) {
	old, new := row.edited()
	d, err := experiment.Diff(old, new, experiment.DiffOptions{At: row.at})
	require.NoError(t, err)
	one, changed := d.Experiment("checkout")
	require.True(t, changed, row.reason)
	assert.Equal(t, row.class, one.Class, "%s: %v", row.reason, one)
	field := ""
	for _, c := range one.Changes {
		assert.NotEmpty(t, c.Text)
		if c.Class == one.Class && field == "" {
			field = c.Field
		}
	}
	assert.Equal(t, row.field, field, one.String())
	if row.moves == "" {
		assert.Nil(t, one.Moves)
		assert.NotEmpty(t, one.Unknown)
		return
	}
	require.NotNil(t, one.Moves, one.Unknown)
	assert.Equal(t, row.moves, one.Moves.String(), row.reason)
	if row.later == "" {
		assert.Nil(t, one.Later)
		return
	}
	require.NotNil(t, one.Later)
	assert.Equal(t, row.later, one.Later.String(), row.reason)
}

// byLength is a formula that this library knows nothing of.
type byLength struct{}

func (byLength) Name() string                                      { return "length/1" }
func (b byLength) Bucketing(assign.Spec) (assign.Bucketing, error) { return b, nil }
func (byLength) Arm(id string) (index int, enrolled bool)          { return len(id) % 2, true }

// An experiment that another SDK's formula splits is compared where nothing changes that
// the formula sees.
func TestDiffAnotherFormula(t *testing.T) {
	old, new := surrounded(), surrounded()
	old.Experiments[0].Hash, new.Experiments[0].Hash = byLength{}, byLength{}
	new.Experiments[0].Owner = "somebody"
	d, err := experiment.Diff(old, new, experiment.DiffOptions{})
	require.NoError(t, err)
	require.Equal(t, experiment.ChangeCosmetic, d.Class())
	require.Equal(t, nobody, d.Experiments[0].Moves.String())

	new.Experiments[0].Layer.To = 60
	d, err = experiment.Diff(old, new, experiment.DiffOptions{})
	require.NoError(t, err)
	require.Equal(t, experiment.ChangeReshuffle, d.Class(), "nothing can be proved")
	require.Nil(t, d.Experiments[0].Moves)
	require.Contains(t, d.Experiments[0].Unknown, "length/1")
}

// Experiments come, go, and are renamed.
func TestDiffCatalogs(t *testing.T) {
	old := surrounded()
	gone := checkout()
	gone.Key, gone.Salt = "gone", "gone-2026"
	old.Experiments = append(old.Experiments, gone)
	new := surrounded()
	new.Experiments[0].Key = "pay-button"
	added := checkout()
	added.Key, added.Salt = "added", "added-2026"
	new.Experiments = append(new.Experiments, added)
	new.Segments[0].Audience = `country == "SE"`
	d, err := experiment.Diff(old, new, experiment.DiffOptions{})
	require.NoError(t, err)
	require.Equal(t, strings.Join([]string{
		"segments: safe: who is eligible where a rule uses them changes with the attributes",
		"pay-button (was checkout): safe",
		"  experiment: safe: is renamed: nobody is moved; events before and after carry different names, so that the analysis splits there",
		"  nobody changes",
		"added: safe",
		"  experiment: safe: is added",
		"  100% of the units enter",
		"    (not enrolled) -> control 50%",
		"    (not enrolled) -> free_returns 50%",
		"gone: safe",
		"  experiment: safe: is removed: its enrolled units meet control from then on, as everyone does: what the application shows without it",
		"  100% of the units leave",
		"    control -> (not enrolled) 50%",
		"    free_returns -> (not enrolled) 50%",
	}, "\n"), d.String())

	same, err := experiment.Diff(old, old, experiment.DiffOptions{})
	require.NoError(t, err)
	require.Equal(t, "nothing changes", same.String())
	require.Empty(t, same.Class())
	_, changed := same.Experiment("checkout")
	require.False(t, changed)
}

// Two experiments are compared whatever their keys.
func TestDiffExperiments(t *testing.T) {
	old, new := surrounded(), surrounded()
	new.Experiments[0].Key, new.Experiments[0].Salt = "other", "other-2026"
	d, err := experiment.DiffExperiments(old, "checkout", new, "other", experiment.DiffOptions{})
	require.NoError(t, err)
	require.Equal(t, experiment.ChangeNewRun, d.Class)
	require.Equal(t, "checkout", d.Was)
	_, err = experiment.DiffExperiments(old, "checkout", new, "checkout", experiment.DiffOptions{})
	require.ErrorContains(t, err, `the new catalogue has no experiment "checkout"`)
	_, err = experiment.DiffExperiments(old, "other", new, "other", experiment.DiffOptions{})
	require.ErrorContains(t, err, `the old catalogue has no experiment "other"`)
}

// A catalogue that is not valid is not compared.
func TestDiffInvalid(t *testing.T) {
	bad := surrounded()
	bad.Experiments[0].Salt = ""
	for _, pair := range [][2]*experiment.Catalog{{bad, surrounded()}, {surrounded(), bad}} {
		_, err := experiment.Diff(pair[0], pair[1], experiment.DiffOptions{})
		var invalid *experiment.InvalidCatalogError
		require.ErrorAs(t, err, &invalid)
		_, err = experiment.DiffExperiments(pair[0], "checkout", pair[1], "checkout", experiment.DiffOptions{})
		require.ErrorAs(t, err, &invalid)
	}
}

func TestDiffJSON(t *testing.T) {
	old, new := surrounded(), surrounded()
	new.Experiments[0].Arms = arms(60, 40)
	d, err := experiment.Diff(old, new, experiment.DiffOptions{})
	require.NoError(t, err)
	text, err := json.Marshal(d.Experiments[0])
	require.NoError(t, err)
	require.JSONEq(t, `{"experiment":"checkout","class":"reshuffle","changes":[{"field":"arms","class":"reshuffle",
		"text":"control 50, free_returns 50 becomes control 60, free_returns 40 without a phase; keep the arms and list the new weights under phases, or give it a new salt",
		"moves":{"moved":0.1,"entered":0,"left":0,"moves":[{"from":"free_returns","to":"control","share":0.1}]}}],
		"moves":{"moved":0.05,"entered":0,"left":0,"moves":[{"from":"free_returns","to":"control","share":0.05}]}}`, string(text))
}
