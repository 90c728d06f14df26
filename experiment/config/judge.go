package config

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v4"

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
	broken.segments = l.brokenSegments(invalid.Problems, broken)
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
	at, hint := found.source.spanOf(found.node), l.hint(p)
	if p.Code == experiment.CodeInvalidRule {
		at = found.source.spanOfPart(found.node, p.Offset, p.Length)
		if cut := found.source.cutByComment(found.node); cut && p.Offset+p.Length >= len(found.node.Value) {
			hint = "# after a space starts a comment of YAML; put the whole rule in quotes"
		}
	}
	l.errors = append(l.errors, found.source.mistake(at, p.Code, p.Path, hint, "%s", p.Message))
}

// cutByComment reports a text without quotes that a comment follows.
func (s *source) cutByComment(n *yaml.Node) bool {
	if !isPlain(n) || n.Kind != yaml.ScalarNode {
		return false
	}
	spots, ok := s.spotsOf(n)
	if !ok || len(spots) == 0 {
		return false
	}
	last := spots[len(spots)-1]
	return strings.HasPrefix(strings.TrimLeft(s.from(last.line, last.column+last.width), " \t"), "#")
}

// hint is the problem's own, unless the file is missing that would define a name.
func (l *loader) hint(p *experiment.Problem) string {
	if p.Code == experiment.CodeInvalidRule {
		if rest, ok := strings.CutPrefix(p.Hint, "no attribute is declared"); ok {
			return "declare it in attributes.yaml, such as country: string" + rest
		}
		if _, ok := strings.CutPrefix(p.Hint, "no segment is declared"); ok {
			return `define it in segments.yaml, such as nordic: country in ["NO", "SE"]`
		}
		return p.Hint
	}
	if p.Code != experiment.CodeUnknownName || len(p.Path) < 3 {
		return p.Hint
	}
	field := p.Path[2]
	if p.Path[0] == "holdouts" {
		field = p.Path[len(p.Path)-1]
	}
	c, file, defined, example := l.catalog, listOf(field), 1, ""
	switch file {
	case touchpointsFile:
		defined, example = len(c.Touchpoints), "checkout-page: {stage: purchase, channel: web}"
	case metricsFile:
		defined, example = len(c.Metrics), "conversion: {kind: proportion, event: purchase, window: 14d}"
	case layersFile:
		defined, example = len(c.Layers), "checkout: {salt: checkout-layer, unit: customer}"
	case holdoutsFile:
		defined, example = len(c.Holdouts), "winter: {salt: holdout-winter, unit: customer, share: 5%}"
	}
	if defined > 0 {
		return p.Hint
	}
	return "define it in " + file + ".yaml, such as " + example
}
