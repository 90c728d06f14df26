package config

import "github.com/touchlift/touchlift/experiment"

// broken knows where the mistakes of the files are in the catalogue.
type broken struct {
	at     map[string]bool // addresses of values with a mistake
	around map[string]bool // addresses of what such values are a part of
	// segments by index whose rules have a mistake, or speak of something that has.
	segments map[int]bool
}

func brokenValues(errors Errors) broken {
	b := broken{at: make(map[string]bool), around: make(map[string]bool)}
	for _, e := range errors {
		b.at[address(e.Path)] = true
		for i := range e.Path {
			b.around[address(e.Path[:i])] = true
		}
	}
	return b
}

// leadsTo reports a mistake in the value or around it. What is broken about all
// touchpoints or all metrics says nothing about one.
func (b broken) leadsTo(path experiment.Path) bool {
	for i := 2; i <= len(path); i++ {
		if b.at[address(path[:i])] {
			return true
		}
	}
	return false
}

// touches reports a mistake in the value, around it or in a part of it.
func (b broken) touches(path experiment.Path) bool {
	return b.leadsTo(path) || b.around[address(path)]
}

// lost reports that a list of the catalogue could not be read as a whole.
func (b broken) lost(list string) bool { return b.at[address(experiment.Path{list})] }
