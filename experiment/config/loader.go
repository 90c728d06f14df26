package config

import (
	"cmp"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/internal/suggest"
)

// loader gathers the catalogue and the mistakes of all files.
type loader struct {
	catalog *experiment.Catalog
	places  places
	errors  Errors
}

// The files with a name of their own, without extension.
const (
	touchpointsFile = "touchpoints"
	metricsFile     = "metrics"
	attributesFile  = "attributes"
	segmentsFile    = "segments"
	layersFile      = "layers"
	holdoutsFile    = "holdouts"
	trafficFile     = "traffic"
)

func ownFiles() []string {
	return []string{touchpointsFile, metricsFile, attributesFile, segmentsFile, layersFile, holdoutsFile, trafficFile}
}

// read decodes one file into the catalogue.
func (l *loader) read(f readFile) {
	name := baseName(f.Name)
	if f.problem != "" {
		l.errors = append(l.errors, &Error{File: f.Name, Code: CodeUnreadable, Path: defined(name), Message: f.problem, cause: f.cause})
		return
	}
	src, root, problems := parse(f.Name, f.Text)
	for _, e := range problems {
		e.Path = defined(name)
	}
	d := &decoder{source: src, places: l.places, path: defined(name), errors: problems}
	if root != nil {
		l.decode(d, name, root)
	}
	l.errors = append(l.errors, d.errors...)
}

// defined is the path to what a file defines; nil for the file of an experiment.
func defined(name string) experiment.Path {
	switch {
	case name == trafficFile:
		return experiment.Path{"exclusions"}
	case slices.Contains(ownFiles(), name):
		return experiment.Path{name}
	}
	return nil
}

// baseName is a file's name without folder and extension.
func baseName(name string) string {
	base := path.Base(filepath.ToSlash(name))
	return strings.TrimSuffix(base, path.Ext(base))
}

func (l *loader) decode(d *decoder, name string, root *yaml.Node) {
	if slices.Contains(ownFiles(), name) && hasKey(root, "experiment") && hasKey(root, "arms") {
		d.fail(root, CodeUnknownKey, "give the file another name", "the file holds an experiment; a file with the name %q holds the %s of all", name, name)
		return
	}
	c := l.catalog
	switch name {
	case touchpointsFile:
		define(d, root, touchpointObject(), &c.Touchpoints, func(t *experiment.Touchpoint) *string { return &t.Key })
	case metricsFile:
		define(d, root, metricObject(), &c.Metrics, func(m *experiment.Metric) *string { return &m.Key })
	case attributesFile:
		define(d, root, attributeObject(), &c.Attributes, func(a *experiment.Declaration) *string { return &a.Key })
	case segmentsFile:
		define(d, root, segmentObject(), &c.Segments, func(s *experiment.Segment) *string { return &s.Key })
	case layersFile:
		define(d, root, layerObject(), &c.Layers, func(l *experiment.Layer) *string { return &l.Key })
	case holdoutsFile:
		define(d, root, holdoutObject(), &c.Holdouts, func(h *experiment.Holdout) *string { return &h.Key })
	case trafficFile:
		l.exclusions(d, root)
	default:
		l.experiment(d, name, root)
	}
}

// define adds what a file defines to that of other files with the same name.
func define[T any](d *decoder, root *yaml.Node, o object[T], all *[]T, key func(*T) *string) {
	*all = append(*all, definitions(d, root, o, len(*all), key)...)
}

// exclusions adds the rules of a file. Each rule stands in one file.
func (l *loader) exclusions(d *decoder, root *yaml.Node) {
	before := l.catalog.Exclusions
	d.places = make(places)
	x := exclusionsObject().read(d, root)
	for address, found := range d.places {
		if first, ok := l.places[address]; ok {
			d.errors = append(d.errors, d.source.mistake(d.source.spanOf(found.node), experiment.CodeDuplicate,
				experiment.Path{"exclusions"}, "keep one, with || between the two rules", "the rule stands in %s already", first.source.name))
			continue
		}
		l.places[address] = found
	}
	l.catalog.Exclusions = experiment.Exclusions{Bots: cmp.Or(before.Bots, x.Bots), Internal: cmp.Or(before.Internal, x.Internal)}
}

func (l *loader) experiment(d *decoder, name string, root *yaml.Node) {
	if root.Kind != yaml.MappingNode {
		experimentObject().read(d, root)
		return
	}
	if meant, ok := suggest.Closest(name, ownFiles()); ok && !hasKey(root, "experiment") {
		d.path = defined(meant)
		d.fail(root, CodeUnknownKey, "", "the file holds no experiment; did you mean to call it %q?", meant+path.Ext(d.source.name))
		return
	}
	d.path = experiment.Path{"experiments", len(l.catalog.Experiments)}
	l.places.note(d.path, d.source, root)
	l.catalog.Experiments = append(l.catalog.Experiments, experimentObject().read(d, root))
}

func hasKey(n *yaml.Node, key string) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}

// sort puts the mistakes in the order of files, lines and columns, and takes out
// what an alias brought up twice.
func (l *loader) sort(files []readFile) {
	order := make(map[string]int, len(files))
	for i, f := range files {
		order[f.Name] = i
	}
	slices.SortStableFunc(l.errors, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	seen := make(map[string]bool, len(l.errors))
	l.errors = slices.DeleteFunc(l.errors, func(e *Error) bool {
		key := fmt.Sprintf("%s:%d:%d %s %s", e.File, e.Line, e.Column, e.Code, address(e.Path[max(0, len(e.Path)-1):]))
		again := seen[key] && len(e.Path) > 0
		seen[key] = true
		return again
	})
}
