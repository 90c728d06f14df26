package config

import (
	"errors"
	"slices"

	"github.com/touchlift/touchlift/experiment"
)

// sound returns the catalogue without what has a mistake, and without what refers
// to that.
func (l *loader) sound() *experiment.Catalog {
	rejected := make(map[string]bool)
	files := make(map[string]bool) // with a mistake that is in no value, such as a second document
	for _, e := range l.errors {
		if len(e.Path) >= 2 {
			rejected[address(e.Path[:2])] = true
		} else {
			files[e.File] = true
		}
	}
	broken := brokenValues(l.errors)
	c := l.widened(broken)
	return valid(only(c, func(list string, step any) bool {
		own := address(experiment.Path{list, step})
		stands, ok := l.places[own]
		switch {
		case rejected[own], ok && files[stands.source.name]:
			return false
		case list == "exclusions":
			return !broken.lost(list)
		case list == "experiments" && broken.lost(holdoutsFile): // one of which it may be under
			return c.Experiments[step.(int)].Holdout == experiment.NoHoldout
		}
		return true
	}))
}

// widened returns the catalogue with every holdout whose scope could not be read over
// all experiments: whom it should keep out must not be enrolled meanwhile.
func (l *loader) widened(broken broken) *experiment.Catalog {
	c := *l.catalog
	c.Holdouts = slices.Clone(c.Holdouts)
	for i := range c.Holdouts {
		if broken.touches(experiment.Path{holdoutsFile, i, "scope"}) {
			c.Holdouts[i].Scope = experiment.Scope{Global: true}
		}
	}
	return &c
}

// valid takes away what is invalid until the rest is valid.
func valid(c *experiment.Catalog) *experiment.Catalog {
	for {
		var invalid *experiment.InvalidCatalogError
		if !errors.As(c.Validate(), &invalid) {
			return c
		}
		rejected := make(map[string]bool)
		for _, p := range invalid.Problems {
			if len(p.Path) < 2 {
				return &experiment.Catalog{}
			}
			rejected[address(p.Path[:2])] = true
		}
		c = only(c, func(list string, step any) bool { return !rejected[address(experiment.Path{list, step})] })
	}
}

// keeper says what to keep of a catalogue: of a list by index, of the exclusions by
// name.
type keeper func(list string, step any) bool

// only returns a catalogue of what to keep. Without a holdout there is no experiment
// that it is over, and without the exclusions none at all: units that these keep out
// would be enrolled for good.
func only(c *experiment.Catalog, keep keeper) *experiment.Catalog {
	some := &experiment.Catalog{
		Touchpoints: kept(touchpointsFile, c.Touchpoints, keep),
		Metrics:     kept(metricsFile, c.Metrics, keep),
		Attributes:  kept(attributesFile, c.Attributes, keep),
		Segments:    kept(segmentsFile, c.Segments, keep),
		Layers:      kept(layersFile, c.Layers, keep),
		Holdouts:    kept(holdoutsFile, c.Holdouts, keep),
	}
	if !keep("exclusions", "bots") || !keep("exclusions", "internal") {
		return some
	}
	some.Exclusions = c.Exclusions
	some.Experiments = kept("experiments", c.Experiments, func(list string, step any) bool {
		return keep(list, step) && !heldOutBy(c, &c.Experiments[step.(int)], func(i int) bool { return !keep(holdoutsFile, i) })
	})
	return some
}

// heldOutBy reports whether the experiment is under one of the holdouts.
func heldOutBy(c *experiment.Catalog, e *experiment.Experiment, one func(i int) bool) bool {
	under := c.HoldoutsOf(e)
	for i := range c.Holdouts {
		if slices.Contains(under, &c.Holdouts[i]) && one(i) {
			return true
		}
	}
	return false
}

func kept[T any](list string, all []T, keep keeper) []T {
	var some []T
	for i, value := range all {
		if keep(list, i) {
			some = append(some, value)
		}
	}
	return some
}
