package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/internal/suggest"
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
	if p.Code == experiment.CodeOtherKind {
		return cmp.Or(l.slipOfKind(p), p.Hint)
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

// slipOfKind is help where two kinds of id that differ are nearly the same word, and
// "" where they are not: the one that is no usual kind has the slip.
func (l *loader) slipOfKind(p *experiment.Problem) string {
	e := &l.catalog.Experiments[p.Path[1].(int)]
	for _, other := range l.kindsBeside(e, p.Path[2]) {
		if _, near := suggest.Closest(string(e.Unit), []string{string(other)}); !near || other == e.Unit {
			continue
		}
		wrong, right := e.Unit, other
		if slices.Contains([]experiment.Kind{experiment.KindCustomer, experiment.KindDevice, experiment.KindSession, experiment.KindStore}, wrong) {
			wrong, right = right, wrong
		}
		return fmt.Sprintf("did you mean %q where it says unit: %s?", string(right), showable(string(wrong)))
	}
	return ""
}

// kindsBeside are the kinds of id that those of an experiment are held against in a
// field: of its layer, of what it requires, or of its holdouts.
func (l *loader) kindsBeside(e *experiment.Experiment, field any) []experiment.Kind {
	switch field {
	case "layer":
		if layer, ok := l.catalog.Layer(e.Layer.Layer); ok {
			return []experiment.Kind{layer.Unit}
		}
		return nil
	case "requires":
		if other, ok := l.catalog.Experiment(e.Requires.Experiment); ok {
			return []experiment.Kind{other.Unit}
		}
		return nil
	}
	var kinds []experiment.Kind
	for _, h := range l.catalog.HoldoutsOf(e) {
		kinds = append(kinds, h.Unit)
	}
	return kinds
}
