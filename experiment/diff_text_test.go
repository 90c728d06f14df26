package experiment_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/assign/peer"
	"github.com/touchlift/touchlift/experiment"
)

// What people read of a change.
func TestDiffText(t *testing.T) {
	type edit = func(c *experiment.Catalog, e *experiment.Experiment)
	rows := []struct {
		name, reason string
		old, edit    edit
		class        experiment.ChangeClass
		want, not    string
	}{
		{"traffic of a formula that reshuffles", "arms end to end push each other",
			func(_ *experiment.Catalog, e *experiment.Experiment) {
				e.Hash, e.Salt, e.Traffic = peer.Optimizely{}, "1234", experiment.Steady(share(1, 10))
			},
			func(_ *experiment.Catalog, e *experiment.Experiment) { e.Traffic = experiment.Steady(share(1, 2)) },
			experiment.ChangeReshuffle, "moves enrolled units to other arms, and the share is not known", "units enter"},
		{"traffic of a formula that does not", "arms have room of their own",
			func(_ *experiment.Catalog, e *experiment.Experiment) {
				e.Hash, e.Traffic = peer.GrowthBook{Version: 2}, experiment.Steady(share(1, 10))
			},
			func(_ *experiment.Catalog, e *experiment.Experiment) { e.Traffic = experiment.Steady(share(1, 2)) },
			experiment.ChangeSafe, "arms of another SDK (growthbook/2): compare the decisions of both over your ids", "want touchlift/1"},
		{"parameter of a formula", "both have one name",
			func(_ *experiment.Catalog, e *experiment.Experiment) { e.Hash = peer.GrowthBook{Version: 2} },
			func(_ *experiment.Catalog, e *experiment.Experiment) {
				e.Hash = peer.GrowthBook{Version: 2, Namespace: "pricing", NamespaceTo: 0.5}
			},
			experiment.ChangeReshuffle, `growthbook/2: namespace (default) becomes "pricing", namespace_to (default) becomes 0.5: everyone`, "growthbook/2 becomes"},
		{"sticky and renamed", "what is kept is kept by name",
			func(_ *experiment.Catalog, e *experiment.Experiment) { e.Sticky = true },
			func(_ *experiment.Catalog, e *experiment.Experiment) { e.Key = "pay" },
			experiment.ChangeReshuffle, "kept under the old key, and they lose it", "nobody"},
		{"renamed", "events have names", nothing,
			func(_ *experiment.Catalog, e *experiment.Experiment) { e.Key = "pay" },
			experiment.ChangeSafe, "the analysis splits there", "lose"},
		{"sticky no more", "who was kept is moved",
			func(_ *experiment.Catalog, e *experiment.Experiment) { e.Sticky = true },
			func(_ *experiment.Catalog, e *experiment.Experiment) { e.Sticky = false },
			experiment.ChangeReshuffle, "units that keep a variant against the hash", "nobody changes"},
		{"held out", "no arm is changed", nothing,
			func(_ *experiment.Catalog, e *experiment.Experiment) { e.Holdout = "global" },
			experiment.ChangeReshuffle, "12.5% of the units are held out from now on\n", "change arm"},
		{"held out and let in", "no arm is changed either",
			func(_ *experiment.Catalog, e *experiment.Experiment) { e.Holdout = "global" },
			func(c *experiment.Catalog, e *experiment.Experiment) {
				c.Holdouts[0].Salt, e.Layer.To = "holdout-2", 100
			},
			experiment.ChangeReshuffle, "9.375% of the units are held out from now on, 9.375% of the units are held out no more, 50% of the units enter\n", "change arm"},
		{"slots", "they are many", nothing,
			func(_ *experiment.Catalog, e *experiment.Experiment) { e.Layer.To = 100 },
			experiment.ChangeSafe, "the slots of the layer change, and units enter", "changes"},
		{"variant is renamed", "weights need no phase", nothing,
			func(_ *experiment.Catalog, e *experiment.Experiment) { e.Arms[1].Variant = "banner" },
			experiment.ChangeReshuffle, "free_returns is renamed banner: ", "list the new weights"},
		{"straight back", "with three arms the way home is another",
			func(_ *experiment.Catalog, e *experiment.Experiment) {
				e.Arms = threeArms(1, 4, 1)
				e.Phases = []experiment.Phase{{From: phaseBegins, Arms: threeArms(1, 2, 3)}, {From: phaseBegins.AddDate(0, 0, 1), Arms: threeArms(3, 2, 4)}}
			},
			func(_ *experiment.Catalog, e *experiment.Experiment) {
				e.Phases = append(e.Phases, experiment.Phase{From: phaseBegins.AddDate(0, 0, 2), Arms: threeArms(2, 8, 2)})
			},
			experiment.ChangeNewPhase, "the weights are those of phase 0, but going straight back does not bring everyone home: 11.1111% of the enrolled units", "of phase 1,"},
		{"back with two arms", "there is one way",
			func(_ *experiment.Catalog, e *experiment.Experiment) {
				e.Phases = []experiment.Phase{{From: phaseBegins, Arms: arms(60, 40)}}
			},
			func(_ *experiment.Catalog, e *experiment.Experiment) {
				e.Phases = append(e.Phases, experiment.Phase{From: phaseBegins.AddDate(0, 0, 1), Arms: arms(1, 1)})
			},
			experiment.ChangeNewPhase, "is declared from", "straight back"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			old, new := diffRow{old: row.old, edit: row.edit}.edited()
			d, err := experiment.Diff(old, new, experiment.DiffOptions{})
			require.NoError(t, err)
			assert.Equal(t, row.class, d.Class(), row.reason)
			assert.Contains(t, d.Experiments[0].String(), row.want, row.reason)
			assert.NotContains(t, d.Experiments[0].String(), row.not, row.reason)
		})
	}
}

func threeArms(control, treatment, third uint64) []experiment.Arm {
	return append(arms(control, treatment), experiment.Arm{Variant: "popup", Weight: third})
}

// What is still to come is told as such.
func TestDiffLater(t *testing.T) {
	old, new := surrounded(), surrounded()
	old.Experiments[0].Traffic, new.Experiments[0].Traffic = ramp(phaseBegins), ramp(phaseBegins)
	new.Experiments[0].Traffic[1].Share = share(1, 2)
	d, err := experiment.Diff(old, new, experiment.DiffOptions{At: phaseBegins.AddDate(0, 0, -1)})
	require.NoError(t, err)
	assert.Equal(t, strings.Join([]string{
		"checkout: safe",
		"  traffic: safe: 5%, 100% from 2026-01-07T08:00:00Z becomes 5%, 50% from 2026-01-07T08:00:00Z",
		"  nobody changes",
		"  beside what the old plan would have done, once every step and phase has begun:",
		"  25% of the units leave",
		"    control -> (not enrolled) 12.5%",
		"    free_returns -> (not enrolled) 12.5%",
	}, "\n"), d.String())
}

// An experiment that is taken out before it ran, or after, moves nobody.
func TestDiffRemoved(t *testing.T) {
	old, new := surrounded(), surrounded()
	old.Experiments[0].Starts, old.Experiments[0].Ends = phaseBegins, phaseBegins.AddDate(0, 0, 7)
	new.Experiments = nil
	for days, want := range map[int]string{-1: "before it has started", 1: "enrolled units meet control", 7: "after its end"} {
		d, err := experiment.Diff(old, new, experiment.DiffOptions{At: phaseBegins.AddDate(0, 0, days)})
		require.NoError(t, err)
		one := d.Experiments[0]
		assert.Contains(t, one.Changes[0].Text, want)
		assert.Equal(t, days == 1, len(one.Moves.Moves) > 0, "day %d", days)
	}
}

// Who requires an experiment is told of its changes, and not of its new name.
func TestDiffDependants(t *testing.T) {
	chain := func() *experiment.Catalog {
		c := surrounded()
		for _, key := range []string{"b", "c"} {
			e := checkout()
			e.Key, e.Salt = key, key
			e.Requires = experiment.Requirement{Experiment: c.Experiments[len(c.Experiments)-1].Key, Variant: "control"}
			c.Experiments = append(c.Experiments, e)
		}
		return c
	}
	for name, row := range map[string]struct {
		edit func(c *experiment.Catalog)
		keys []string
	}{
		"new salt":    {func(c *experiment.Catalog) { c.Experiments[0].Salt = "again" }, []string{"checkout", "b", "c"}},
		"in between":  {func(c *experiment.Catalog) { c.Experiments[1].Salt = "again" }, []string{"b", "c"}},
		"owner":       {func(c *experiment.Catalog) { c.Experiments[0].Owner = "somebody" }, []string{"checkout"}},
		"new name":    {func(c *experiment.Catalog) { c.Experiments[0].Key, c.Experiments[1].Requires.Experiment = "a", "a" }, []string{"a"}},
		"other arm":   {func(c *experiment.Catalog) { c.Experiments[2].Requires.Variant = "free_returns" }, []string{"c"}},
		"nothing new": {func(*experiment.Catalog) {}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			new := chain()
			row.edit(new)
			d, err := experiment.Diff(chain(), new, experiment.DiffOptions{})
			require.NoError(t, err)
			var keys []string
			for _, one := range d.Experiments {
				keys = append(keys, one.Key)
			}
			assert.Equal(t, row.keys, keys)
			if name == "new salt" {
				assert.Equal(t, "b: safe\n  requires: safe: \"checkout\", which it requires, changes (new run), and who is eligible with what units meet there\n"+
					"  no share can be said: how many units enter and leave depends on what they meet in \"checkout\"", d.Experiments[1].String())
			}
		})
	}
}
