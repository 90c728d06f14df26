package config

import (
	"slices"

	"github.com/touchlift/touchlift/experiment"
)

// follows reports a problem that is, or may be, only what a mistake in the files
// leads to: the mistake is in the value, around it, or in a value that this one is
// measured by. A mistake in a part of the value, such as one of a list, says nothing
// about the rest of it.
func (l *loader) follows(p *experiment.Problem, broken broken) bool {
	switch {
	case broken.leadsTo(p.Path):
		return true
	case p.Code == experiment.CodeInvalidRule:
		return l.ruleFollows(p, broken)
	case len(p.Path) < 3:
		return false
	case p.Path[0] == "experiments":
		return l.experimentFollows(p, p.Path[1].(int), broken)
	}
	return p.Code == experiment.CodeUnknownName && broken.lost(listOf(p.Path[len(p.Path)-1]))
}

// experimentFollows is follows for a problem of an experiment.
func (l *loader) experimentFollows(p *experiment.Problem, i int, broken broken) bool {
	e, field := &l.catalog.Experiments[i], p.Path[2]
	touched := func(fields ...any) bool {
		return slices.ContainsFunc(fields, func(field any) bool { return broken.touches(experiment.Path{"experiments", i, field}) })
	}
	switch p.Code {
	case experiment.CodeUnknownName:
		return l.unknownFollows(p.Path, e, broken)
	case experiment.CodeInvalidWeight:
		return l.weightBroken(p.Path, e, broken)
	case experiment.CodeMissingWindow:
		return l.metricBroken(e.Metrics.Primary, broken)
	case experiment.CodeShrinks:
		return broken.touches(append(slices.Clone(p.Path[:3]), p.Path[3].(int)-1))
	case experiment.CodeOverlap:
		return touched("starts", "ends") || l.neighbourBroken(i, broken)
	case experiment.CodeOtherKind:
		return touched("unit") || l.kindFollows(e, field, broken)
	case experiment.CodeCycle:
		return false
	}
	switch field {
	case "concluded":
		return p.Code == experiment.CodeInvalidTimes && touched("ends")
	case "analysis":
		return p.Code == experiment.CodeMissing && touched("metrics")
	case "links":
		return p.Code == experiment.CodeMissing && touched("sticky")
	case "hash":
		return touched("arms", "traffic", "phases")
	case "arms", "traffic", "phases": // by another SDK's formula
		return p.Code == experiment.CodeInvalidNumber && touched("hash", "arms", "traffic", "phases")
	case "layer":
		return l.layerBroken(e.Layer.Layer, broken)
	case "requires":
		return p.Code == experiment.CodeDuplicate && touched("salt")
	}
	return false
}

// unknownFollows reports a reference to names that could not all be read.
func (l *loader) unknownFollows(path experiment.Path, e *experiment.Experiment, broken broken) bool {
	switch field := path[2]; field {
	case "requires":
		if path[len(path)-1] == "experiment" {
			return l.experimentsLost(broken)
		}
		for j := range l.catalog.Experiments {
			if l.catalog.Experiments[j].Key == e.Requires.Experiment {
				return l.variantsLost(j, broken)
			}
		}
		return false
	case "overrides", "concluded", "phases":
		return l.variantsLost(path[1].(int), broken)
	default:
		return broken.lost(listOf(field))
	}
}

// listOf is the list of the catalogue that a field refers to.
func listOf(field any) string {
	return map[any]string{
		"touchpoints": touchpointsFile, "touchpoint": touchpointsFile, "metrics": metricsFile,
		"layer": layersFile, "holdout": holdoutsFile,
	}[field]
}

// experimentsLost reports that a file could not be read as an experiment, or the name
// of one could not.
func (l *loader) experimentsLost(broken broken) bool {
	for i := range l.catalog.Experiments {
		if broken.leadsTo(experiment.Path{"experiments", i, "key"}) {
			return true
		}
	}
	return broken.at[address(nil)]
}

// variantsLost reports that the names of an experiment's variants could not all be
// read.
func (l *loader) variantsLost(i int, broken broken) bool {
	e := &l.catalog.Experiments[i]
	unread := func(arms []experiment.Arm) bool {
		return len(arms) == 0 || slices.ContainsFunc(arms, func(a experiment.Arm) bool { return a.Variant == "" })
	}
	return unread(e.Arms) || broken.leadsTo(experiment.Path{"experiments", i, "phases"}) ||
		slices.ContainsFunc(e.Phases, func(p experiment.Phase) bool { return unread(p.Arms) })
}

// weightBroken reports a mistake in a weight of these arms, so that nothing can be
// said about the weights together.
func (l *loader) weightBroken(path experiment.Path, e *experiment.Experiment, broken broken) bool {
	arms := e.Arms
	if path[2] == "phases" {
		arms = e.Phases[path[3].(int)].Arms
	}
	for i := range arms {
		if broken.leadsTo(append(slices.Clone(path), i, "weight")) {
			return true
		}
	}
	return false
}

func (l *loader) metricBroken(key string, broken broken) bool {
	for i := range l.catalog.Metrics {
		if l.catalog.Metrics[i].Key == key && broken.touches(experiment.Path{"metrics", i}) {
			return true
		}
	}
	return false
}

func (l *loader) layerBroken(key string, broken broken) bool {
	for i := range l.catalog.Layers {
		if l.catalog.Layers[i].Key == key && broken.touches(experiment.Path{"layers", i}) {
			return true
		}
	}
	return false
}

// neighbourBroken reports an experiment in the same layer whose dates or slots have a
// mistake.
func (l *loader) neighbourBroken(i int, broken broken) bool {
	for j := range l.catalog.Experiments {
		if j == i || l.catalog.Experiments[j].Layer.Layer != l.catalog.Experiments[i].Layer.Layer {
			continue
		}
		for _, field := range []string{"starts", "ends", "layer"} {
			if broken.touches(experiment.Path{"experiments", j, field}) {
				return true
			}
		}
	}
	return false
}

// kindFollows reports a mistake in the kind of id, or the scope, of what a field
// refers to.
func (l *loader) kindFollows(e *experiment.Experiment, field any, broken broken) bool {
	switch field {
	case "layer":
		return l.layerBroken(e.Layer.Layer, broken)
	case "requires":
		for j := range l.catalog.Experiments {
			if l.catalog.Experiments[j].Key == e.Requires.Experiment && broken.touches(experiment.Path{"experiments", j, "unit"}) {
				return true
			}
		}
		return false
	}
	return heldOutBy(l.catalog, e, func(i int) bool { return broken.touches(experiment.Path{holdoutsFile, i}) })
}
