package config

import (
	"errors"
	"slices"

	"github.com/touchlift/touchlift/experiment"
)

// judge adds what package experiment says about the meaning of the catalogue, but
// for problems that a mistake of the files brings about.
func (l *loader) judge() {
	var invalid *experiment.InvalidCatalogError
	if !errors.As(l.catalog.Validate(), &invalid) {
		return
	}
	broken := brokenValues(l.errors)
	for _, problem := range invalid.Problems {
		if !l.follows(problem, broken) {
			l.add(problem)
		}
	}
}

// add turns a problem of the catalogue into a mistake at its place.
func (l *loader) add(p *experiment.Problem) {
	found, ok := l.places.find(p.Path)
	if !ok {
		l.errors = append(l.errors, &Error{File: ".", Code: p.Code, Path: p.Path, Message: p.Message, Hint: p.Hint})
		return
	}
	l.errors = append(l.errors, found.source.mistake(found.source.spanOf(found.node), p.Code, p.Path, l.hint(p), "%s", p.Message))
}

// hint is the problem's own, unless the file is missing that would define a name.
func (l *loader) hint(p *experiment.Problem) string {
	if p.Code != experiment.CodeUnknownName || len(p.Path) < 3 {
		return p.Hint
	}
	switch {
	case p.Path[2] == "touchpoints" && len(l.catalog.Touchpoints) == 0:
		return "define it in touchpoints.yaml, such as checkout-page: {stage: purchase, channel: web}"
	case p.Path[2] == "metrics" && len(l.catalog.Metrics) == 0:
		return "define it in metrics.yaml, such as conversion: {kind: proportion, event: purchase, window: 14d}"
	}
	return p.Hint
}

// follows reports a problem that is, or may be, only what a mistake in the files
// leads to: the mistake is in the value, around it, or in a value that this one is
// measured by. A mistake in a part of the value, such as one of a list, says nothing
// about the rest of it.
func (l *loader) follows(p *experiment.Problem, broken broken) bool {
	if broken.leadsTo(p.Path) {
		return true
	}
	if len(p.Path) < 3 || p.Path[0] != "experiments" {
		return false
	}
	switch p.Code {
	case experiment.CodeUnknownName:
		if l.lost(p.Path, broken) {
			return true
		}
	case experiment.CodeInvalidWeight:
		return l.weightBroken(p.Path, broken)
	case experiment.CodeMissingWindow:
		return l.primaryBroken(p.Path, broken)
	}
	for _, c := range causes() {
		if c.field == p.Path[2] && c.code == p.Code {
			for _, field := range c.measures {
				if broken.touches(experiment.Path{p.Path[0], p.Path[1], field}) {
					return true
				}
			}
		}
	}
	return false
}

// lost reports a reference to names that could not all be read.
func (l *loader) lost(reference experiment.Path, broken broken) bool {
	if list := reference[2]; list == "touchpoints" || list == "metrics" {
		return broken.at[address(experiment.Path{list})]
	}
	e := l.catalog.Experiments[reference[1].(int)]
	return len(e.Arms) == 0 || slices.ContainsFunc(e.Arms, func(a experiment.Arm) bool { return a.Variant == "" })
}

// weightBroken reports a mistake in the weight of an arm, so that nothing can be said
// about the weights together.
func (l *loader) weightBroken(path experiment.Path, broken broken) bool {
	for i := range l.catalog.Experiments[path[1].(int)].Arms {
		if broken.leadsTo(experiment.Path{path[0], path[1], "arms", i, "weight"}) {
			return true
		}
	}
	return false
}

// primaryBroken reports a mistake in the primary metric of an experiment.
func (l *loader) primaryBroken(path experiment.Path, broken broken) bool {
	primary := l.catalog.Experiments[path[1].(int)].Metrics.Primary
	for i := range l.catalog.Metrics {
		if l.catalog.Metrics[i].Key == primary && broken.touches(experiment.Path{"metrics", i}) {
			return true
		}
	}
	return false
}

// cause says that problems of a code in a field of an experiment may come from
// mistakes in other fields.
type cause struct {
	field    string
	code     experiment.Code
	measures []string
}

func causes() []cause {
	return []cause{
		{"concluded", experiment.CodeInvalidTimes, []string{"ends"}},
		{"analysis", experiment.CodeMissing, []string{"metrics"}},
	}
}

// broken knows where the mistakes of the files are in the catalogue.
type broken struct {
	at     map[string]bool // addresses of values with a mistake
	around map[string]bool // addresses of what such values are a part of
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
