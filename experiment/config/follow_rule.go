package config

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/touchlift/touchlift/experiment"
)

// ruleFollows reports a mistake in a rule that is about an attribute or a segment
// with a mistake of its own, or that may be about one that could not be read.
func (l *loader) ruleFollows(p *experiment.Problem, broken broken) bool {
	part := l.partOf(p)
	if broken.lost(attributesFile) && part != "" && strings.IndexFunc(part, notInName) < 0 {
		return true
	}
	return broken.lost(segmentsFile) && isSegment(part) || l.speaksOfBroken(part, broken)
}

// speaksOfBroken reports a rule, or a part of one, with a broken attribute or segment
// in it.
func (l *loader) speaksOfBroken(rule string, broken broken) bool {
	words := strings.FieldsFunc(rule, notInName)
	for i := range l.catalog.Attributes {
		if broken.touches(experiment.Path{attributesFile, i}) && slices.Contains(words, l.catalog.Attributes[i].Key) {
			return true
		}
	}
	for i := range l.catalog.Segments {
		if broken.segments[i] && strings.Contains(rule, strconv.Quote(l.catalog.Segments[i].Key)) {
			return true
		}
	}
	return false
}

// brokenSegments are the segments with a mistake of their own, and those that speak
// of a broken attribute or segment.
func (l *loader) brokenSegments(problems []*experiment.Problem, broken broken) map[int]bool {
	broken.segments = make(map[int]bool)
	for _, p := range problems {
		if p.Code == experiment.CodeInvalidRule && p.Path[0] == segmentsFile && (broken.lost(attributesFile) || !l.namesSegment(l.partOf(p))) {
			broken.segments[p.Path[1].(int)] = true
		}
	}
	for again := true; again; {
		again = false
		for i := range l.catalog.Segments {
			if !broken.segments[i] && (broken.touches(experiment.Path{segmentsFile, i}) || l.speaksOfBroken(l.catalog.Segments[i].Audience, broken)) {
				broken.segments[i], again = true, true
			}
		}
	}
	return broken.segments
}

// namesSegment reports a part of a rule that stands for a segment that there is.
func (l *loader) namesSegment(part string) bool {
	return isSegment(part) && slices.ContainsFunc(l.catalog.Segments, func(s experiment.Segment) bool {
		return strings.Contains(part, strconv.Quote(s.Key))
	})
}

func isSegment(part string) bool { return strings.HasPrefix(part, "segment") }

// partOf is the part of a rule that a problem is about.
func (l *loader) partOf(p *experiment.Problem) string {
	rule := l.ruleAt(p.Path)
	from := min(max(0, p.Offset), len(rule))
	return rule[from:min(max(from, p.Offset+p.Length), len(rule))]
}

// ruleAt is the rule at a path of the catalogue.
func (l *loader) ruleAt(path experiment.Path) string {
	switch path[0] {
	case "experiments":
		return l.catalog.Experiments[path[1].(int)].Audience
	case segmentsFile:
		return l.catalog.Segments[path[1].(int)].Audience
	}
	if path[1] == "bots" {
		return l.catalog.Exclusions.Bots
	}
	return l.catalog.Exclusions.Internal
}

func notInName(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '.'
}
