package config

import (
	"errors"

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
	whole := func(list string, i int) bool {
		own := address(experiment.Path{list, i})
		stands, ok := l.places[own]
		return !rejected[own] && !(ok && files[stands.source.name])
	}
	return valid(only(l.catalog, whole))
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
		c = only(c, func(list string, i int) bool { return !rejected[address(experiment.Path{list, i})] })
	}
}

// only returns a catalogue of the touchpoints, metrics and experiments to keep.
func only(c *experiment.Catalog, keep func(list string, i int) bool) *experiment.Catalog {
	return &experiment.Catalog{
		Touchpoints: kept("touchpoints", c.Touchpoints, keep),
		Metrics:     kept("metrics", c.Metrics, keep),
		Experiments: kept("experiments", c.Experiments, keep),
		Attributes:  kept("attributes", c.Attributes, keep),
		Segments:    kept("segments", c.Segments, keep),
		Layers:      kept("layers", c.Layers, keep),
		Holdouts:    kept("holdouts", c.Holdouts, keep),
		Exclusions:  c.Exclusions,
	}
}

func kept[T any](list string, all []T, keep func(list string, i int) bool) []T {
	var some []T
	for i, value := range all {
		if keep(list, i) {
			some = append(some, value)
		}
	}
	return some
}
