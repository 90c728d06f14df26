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
	"github.com/touchlift/touchlift/experiment/audience"
)

// sound has one of everything, without a problem.
func sound() *experiment.Catalog {
	c := ruled(checkout())
	c.Segments = []experiment.Segment{{Key: "nordic", Audience: `country in ["NO", "SE"]`}}
	e := first(c)
	e.Starts, e.Ends = midday, midday.Add(100*time.Hour)
	e.Audience = `segment("nordic") && !bot`
	e.Traffic = experiment.Traffic{{Share: assign.Share{Num: 1, Den: 10}}, {From: midday.Add(time.Hour)}}
	e.Phases = []experiment.Phase{{From: midday.Add(2 * time.Hour), Arms: []experiment.Arm{{Variant: "control", Weight: 1}, {Variant: "gift", Weight: 2}}}}
	e.Layer = experiment.Slots{Layer: "checkout", From: 0, To: 50}
	e.Holdout = "global"
	e.Requires = experiment.Requirement{Experiment: "upsell", Variant: "control"}
	e.Sticky, e.Links = true, []experiment.Kind{experiment.KindDevice}
	c.Experiments[1].Layer = experiment.Slots{Layer: "checkout", From: 50, To: 100}
	return c
}

// TestValidateRules: one slip at a time, in everything that decides who takes part.
func TestValidateRules(t *testing.T) {
	type catalog = experiment.Catalog
	step := func(i int) func(c *catalog) *experiment.TrafficStep {
		return func(c *catalog) *experiment.TrafficStep { return &first(c).Traffic[i] }
	}
	rows := []struct {
		name, reason string
		change       func(c *catalog)
		want         []string
	}{
		{"nothing", "the catalogue is sound", func(*catalog) {}, nil},
		{"traffic shrinks", "who is enrolled would leave", func(c *catalog) { step(1)(c).Share = assign.Share{Num: 1, Den: 11} }, []string{"experiments[0].traffic[1].share TL024"}},
		{"traffic without a date", "a second step begins some time", func(c *catalog) { step(1)(c).From = time.Time{} }, []string{"experiments[0].traffic[1].from TL010"}},
		{"traffic out of order", "steps follow each other", func(c *catalog) { step(0)(c).From = midday.Add(time.Hour) }, []string{"experiments[0].traffic[1].from TL016"}},
		{"no share", "3 of 2 is none", func(c *catalog) { step(1)(c).Share = assign.Share{Num: 3, Den: 2} }, []string{"experiments[0].traffic[1].share TL015"}},
		{"phase without a date", "it begins some time", func(c *catalog) { first(c).Phases[0].From = time.Time{} }, []string{"experiments[0].phases[0].from TL010"}},
		{"phase before the start", "the first weights would never hold", func(c *catalog) { first(c).Phases[0].From = midday }, []string{"experiments[0].phases[0].from TL016"}},
		{"phase after the end", "it would never hold", func(c *catalog) { first(c).Phases[0].From = first(c).Ends }, []string{"experiments[0].phases[0].from TL016"}},
		{"phase without arms", "nobody could meet anything", func(c *catalog) { first(c).Phases[0].Arms = nil }, []string{"experiments[0].phases[0].arms TL010"}},
		{"phase without weight", "somebody must get something", func(c *catalog) {
			first(c).Phases[0].Arms[0].Weight, first(c).Phases[0].Arms[1].Weight = 0, 0
		}, []string{"experiments[0].phases[0].arms TL012"}},
		{"variant twice in a phase", "its weight would be ambiguous", func(c *catalog) { first(c).Phases[0].Arms[1].Variant = "control" }, []string{"experiments[0].phases[0].arms[1].variant TL013"}},
		{"variant holdout in a phase", "it is reserved", func(c *catalog) { first(c).Phases[0].Arms[1].Variant = "holdout" }, []string{"experiments[0].phases[0].arms[1].variant TL011"}},
		{"payload changes", "what is measured would be two treatments", func(c *catalog) {
			first(c).Phases[0].Arms[0].Payload = experiment.Payload{"banner": "new"}
		}, []string{"experiments[0].phases[0].arms[0].payload TL018"}},
		{"rule with a slip", "the word is named", func(c *catalog) { first(c).Audience = `contry == "NO"` }, []string{"experiments[0].audience TL020"}},
		{"rule of another type", "there is no coercion", func(c *catalog) { first(c).Audience = `country == 5` }, []string{"experiments[0].audience TL020"}},
		{"broken segment", "it and who uses it", func(c *catalog) { c.Segments[0].Audience = `contry == "NO"` }, []string{"segments[0].audience TL020", "experiments[0].audience TL020"}},
		{"empty segment", "a segment is a rule", func(c *catalog) { c.Segments[0].Audience = "" }, []string{"segments[0].audience TL010", "experiments[0].audience TL020"}},
		{"segment twice", "which one?", func(c *catalog) { c.Segments = append(c.Segments, c.Segments[0]) }, []string{"segments[1].key TL013"}},
		{"bots by an unknown attribute", "it would never hold", func(c *catalog) { c.Exclusions.Bots = "robot" }, []string{"exclusions.bots TL020"}},
		{"internal is no truth", "a rule holds or not", func(c *catalog) { c.Exclusions.Internal = "country" }, []string{"exclusions.internal TL020"}},
		{"attribute without a type", "rules are checked by it", func(c *catalog) { c.Attributes[2].Type = audience.TypeMissing }, []string{"attributes[2].type TL010", "exclusions.internal TL020"}},
		{"attribute twice", "which type?", func(c *catalog) { c.Attributes = append(c.Attributes, c.Attributes[0]) }, []string{"attributes[3].key TL013"}},
		{"unknown layer", "nothing to hold slots of", func(c *catalog) { first(c).Layer.Layer = "chekout" }, []string{"experiments[0].layer.name TL014"}},
		{"no slots", "nobody would take part", func(c *catalog) { first(c).Layer.To = 0 }, []string{"experiments[0].layer.slots TL015"}},
		{"too many slots", "the layer has 100", func(c *catalog) { c.Experiments[1].Layer.To = 101 }, []string{"experiments[1].layer.slots TL015"}},
		{"overlap", "a unit would be in both", func(c *catalog) { c.Experiments[1].Layer.From = 49 }, []string{"experiments[1].layer.slots TL021"}},
		{"overlap, but later", "slots are free after the end", func(c *catalog) {
			c.Experiments[1].Layer.From = 0
			c.Experiments[1].Starts = first(c).Ends
		}, nil},
		{"layer of another kind", "its experiments would not exclude each other", func(c *catalog) { c.Layers[0].Unit = experiment.KindDevice }, []string{"experiments[0].layer.name TL023", "experiments[1].layer.name TL023"}},
		{"layer without salt", "it has a stream of its own", func(c *catalog) { c.Layers[0].Salt = "" }, []string{"layers[0].salt TL010"}},
		{"unknown holdout", "who would be held out?", func(c *catalog) { first(c).Holdout = "globl" }, []string{"experiments[0].holdout TL014"}},
		{"holdout of another kind", "a store is not a customer", func(c *catalog) { c.Holdouts[0].Unit = experiment.KindStore }, []string{"experiments[0].holdout TL023"}},
		{"holdout of another kind by scope", "exempt it or hold out its kind", func(c *catalog) {
			c.Holdouts[0].Unit, c.Holdouts[0].Scope.Global = experiment.KindStore, true
			first(c).Holdout = experiment.NoHoldout
		}, []string{"experiments[1].unit TL023"}},
		{"holdout without share", "how many?", func(c *catalog) { c.Holdouts[0].Share = assign.Share{} }, []string{"holdouts[0].share TL010"}},
		{"holdout of everyone", "nothing could be tried", func(c *catalog) { c.Holdouts[0].Share = assign.Share{Num: 2, Den: 2} }, []string{"holdouts[0].share TL015"}},
		{"holdout of nobody", "nothing is held out", func(c *catalog) { c.Holdouts[0].Share = assign.Share{Num: 0, Den: 2} }, []string{"holdouts[0].share TL015"}},
		{"holdout called none", "that means no holdout", func(c *catalog) {
			c.Holdouts[0].Key, first(c).Holdout = "none", ""
		}, []string{"holdouts[0].key TL011"}},
		{"two scopes", "one holdout, one scope", func(c *catalog) {
			c.Holdouts[0].Scope = experiment.Scope{Global: true, Layer: "checkout"}
		}, []string{"holdouts[0].scope TL013"}},
		{"unknown scopes", "each refers to something", func(c *catalog) {
			c.Holdouts[0].Scope.Touchpoint = "nowhere"
			c.Holdouts = append(c.Holdouts, c.Holdouts[0], c.Holdouts[0])
			c.Holdouts[1].Key, c.Holdouts[1].Scope = "b", experiment.Scope{Layer: "no"}
			c.Holdouts[2].Key, c.Holdouts[2].Scope = "c", experiment.Scope{Stage: "no"}
		}, []string{"holdouts[0].scope.touchpoint TL014", "holdouts[1].scope.layer TL014", "holdouts[2].scope.stage TL017"}},
		{"requires an unknown experiment", "nobody would take part", func(c *catalog) { first(c).Requires.Experiment = "upsel" }, []string{"experiments[0].requires.experiment TL014"}},
		{"requires an unknown variant", "nobody would take part", func(c *catalog) { first(c).Requires.Variant = "gift" }, []string{"experiments[0].requires.variant TL014"}},
		{"requires another kind", "it is not the same unit", func(c *catalog) {
			c.Experiments[1].Unit, c.Experiments[1].Layer = experiment.KindDevice, experiment.Slots{}
		}, []string{"experiments[0].requires.experiment TL023"}},
		{"require each other", "nobody could be first", func(c *catalog) {
			c.Experiments[1].Requires = experiment.Requirement{Experiment: "checkout", Variant: "control"}
		}, []string{"experiments[0].requires.experiment TL022", "experiments[1].requires.experiment TL022"}},
		{"requires itself", "nobody could be first", func(c *catalog) {
			c.Experiments[1].Requires = experiment.Requirement{Experiment: "upsell", Variant: "control"}
		}, []string{"experiments[1].requires.experiment TL022"}},
		{"requires its own salt", "the arms would be those of the other", func(c *catalog) { c.Experiments[1].Salt = first(c).Salt }, []string{"experiments[0].requires.experiment TL013"}},
		{"traffic grows under a formula that moves units", "half of those who are enrolled would change the arm", func(c *catalog) {
			first(c).Phases = nil
			first(c).Hash = peer.LaunchDarkly{FlagSalt: "s"}
		}, []string{"experiments[0].traffic TL024"}},
		{"traffic grows under a formula that keeps units", "the ramp is that of the SDK", func(c *catalog) {
			first(c).Phases = nil
			first(c).Hash = peer.GrowthBook{Version: 2}
		}, nil},
		{"from nobody to half under a formula that moves units", "nobody is enrolled before", func(c *catalog) {
			first(c).Phases, first(c).Hash = nil, peer.LaunchDarkly{FlagSalt: "s"}
			step(0)(c).Share.Num = 0
		}, nil},
		{"broken formula at 0%", "it would fail when the traffic is raised", func(c *catalog) {
			first(c).Phases, first(c).Hash = nil, peer.GrowthBook{Version: 77}
			first(c).Traffic = experiment.Steady(assign.Share{Num: 0, Den: 1})
		}, []string{"experiments[0].hash.version TL015"}},
		{"phases and a formula at 0%", "it would fail when the traffic is raised", func(c *catalog) {
			first(c).Hash = peer.GrowthBook{Version: 2}
			first(c).Traffic = experiment.Steady(assign.Share{Num: 0, Den: 1})
		}, []string{"experiments[0].phases TL015"}},
		{"salt that is no seed", "Split hashes with a number", func(c *catalog) {
			first(c).Phases, first(c).Hash, first(c).Salt = nil, peer.Split{}, "salt-a"
			first(c).Traffic = nil
		}, []string{"experiments[0].salt TL015"}},
		{"formula with an error of its own", "whatever it says is told", func(c *catalog) {
			first(c).Phases, first(c).Traffic, first(c).Hash = nil, nil, odd{errors.New("cannot")}
		}, []string{"experiments[0].hash TL015"}},
		{"formula that names no field", "it is about the formula", func(c *catalog) {
			first(c).Phases, first(c).Traffic, first(c).Hash = nil, nil, odd{assign.SpecErrors{{Problem: "x"}}}
		}, []string{"experiments[0].hash TL015"}},
		{"formula that lays nothing out", "nobody could be asked about", func(c *catalog) {
			first(c).Phases, first(c).Traffic, first(c).Hash = nil, nil, odd{assign.SpecErrors(nil)}
		}, []string{"experiments[0].hash TL015"}},
		{"misspelled in a phase", "it would end one treatment and begin another", func(c *catalog) {
			first(c).Phases[0].Arms[0].Variant = "contol"
		}, []string{"experiments[0].phases[0].arms[0].variant TL014"}},
		{"numbers are no slips", "discount_10 ends and discount_15 begins", func(c *catalog) {
			first(c).Arms[1].Variant, first(c).Phases[0].Arms[1].Variant = "discount_10", "discount_15"
		}, nil},
		{"one ends and another begins", "the old one is listed, with weight 0", func(c *catalog) {
			first(c).Phases[0].Arms = append(first(c).Phases[0].Arms, experiment.Arm{Variant: "control2", Weight: 1})
			first(c).Phases[0].Arms[0].Weight = 0
		}, nil},
		{"links without sticky", "nothing would be kept", func(c *catalog) { first(c).Sticky = false }, []string{"experiments[0].links TL010"}},
		{"links to itself", "it is the unit", func(c *catalog) { first(c).Links[0] = experiment.KindCustomer }, []string{"experiments[0].links[0] TL013"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			c := sound()
			row.change(c)
			assert.Equal(t, row.want, problems(t, c), row.reason)
			_, err := experiment.New(c, experiment.Options{Assignments: experiment.NewMemoryAssignments(0)})
			assert.Equal(t, row.want != nil, err != nil)
		})
	}
}

// odd is a formula that lays nothing out.
type odd struct{ err error }

func (odd) Name() string                                      { return "odd/1" }
func (o odd) Bucketing(assign.Spec) (assign.Bucketing, error) { return nil, o.err }

// A problem within a rule says where in the rule.
func TestRuleProblemHasItsPlace(t *testing.T) {
	c := sound()
	first(c).Audience = `bot || contry == "NO"`
	var invalid *experiment.InvalidCatalogError
	require.ErrorAs(t, c.Validate(), &invalid)
	require.Len(t, invalid.Problems, 1)
	p := invalid.Problems[0]
	assert.Equal(t, "contry", first(c).Audience[p.Offset:p.Offset+p.Length])
	assert.Contains(t, p.Error(), "contry")
	assert.Contains(t, p.Error(), "country", "what may have been meant")
}

// A revision is that of the content: dates in another zone are the same, and every
// new field counts.
func TestRevisionCoversRules(t *testing.T) {
	zone := time.FixedZone("", 3600)
	base := first(sound()).Revision()
	same := sound()
	first(same).Traffic[1].From = first(same).Traffic[1].From.In(zone)
	first(same).Phases[0].From = first(same).Phases[0].From.In(zone)
	assert.Equal(t, base, first(same).Revision())
	assert.Equal(t, zone, first(same).Phases[0].From.Location(), "the definition is not changed")
	seen := map[string]bool{base: true}
	for name, change := range map[string]func(e *experiment.Experiment){
		"audience": func(e *experiment.Experiment) { e.Audience = "bot" },
		"traffic":  func(e *experiment.Experiment) { e.Traffic[0].Share.Num = 2 },
		"phases":   func(e *experiment.Experiment) { e.Phases[0].Arms[0].Weight = 7 },
		"layer":    func(e *experiment.Experiment) { e.Layer.From = 1 },
		"holdout":  func(e *experiment.Experiment) { e.Holdout = experiment.NoHoldout },
		"requires": func(e *experiment.Experiment) { e.Requires.Variant = "free_returns" },
		"sticky":   func(e *experiment.Experiment) { e.Sticky = false },
		"links":    func(e *experiment.Experiment) { e.Links = nil },
	} {
		e := first(sound())
		change(e)
		revision := e.Revision()
		assert.NotEmpty(t, revision, name)
		assert.False(t, seen[revision], name)
		seen[revision] = true
	}
}

// The revision that a decision carries is that of everything that decides: a change
// of a segment, the layer or a holdout is one of the experiment.
func TestRevisionCoversWhatIsReferredTo(t *testing.T) {
	plain := catalogOf(checkout())
	assert.Equal(t, first(plain).Revision(), plain.Revision(first(plain)), "it refers to nothing")
	c := sound()
	base := c.Revision(first(c))
	assert.NotEqual(t, first(c).Revision(), base)
	seen := map[string]bool{base: true}
	for name, change := range map[string]func(c *experiment.Catalog){
		"segment":   func(c *experiment.Catalog) { c.Segments[0].Audience = `country == "NO"` },
		"attribute": func(c *experiment.Catalog) { c.Attributes[0].Type = audience.TypeNumber },
		"layer":     func(c *experiment.Catalog) { c.Layers[0].Salt = "another" },
		"holdout":   func(c *experiment.Catalog) { c.Holdouts[0].Share.Num = 1 },
		"bots":      func(c *experiment.Catalog) { c.Exclusions.Bots = "" },
		"required":  func(c *experiment.Catalog) { c.Experiments[1].Arms[0].Weight = 7 },
	} {
		c := sound()
		change(c)
		revision := c.Revision(first(c))
		assert.Len(t, revision, 12, name)
		assert.False(t, seen[revision], name)
		seen[revision] = true
	}
	engine, err := experiment.New(sound(), experiment.Options{Assignments: experiment.NewMemoryAssignments(0)})
	require.NoError(t, err)
	d, err := engine.Decide(t.Context(), "checkout-page", "checkout", experiment.Customer("c-1"))
	require.NoError(t, err)
	assert.Equal(t, base, d.Revision())
}
