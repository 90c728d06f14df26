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
)

// laterFiles are files that a later version of the format has.
func laterFiles() []string { return []string{"attributes", "holdouts", "layers", "traffic"} }

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
	if name == touchpointsFile || name == metricsFile {
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
	if slices.Contains(laterFiles(), name) {
		d.fail(root, CodeUnsupported, "remove it, or give it another name if it is an experiment",
			"a file with %s is not supported by this version", name)
		return
	}
	switch name {
	case touchpointsFile:
		more := definitions(d, root, touchpointObject(), len(l.catalog.Touchpoints), func(t *experiment.Touchpoint) *string { return &t.Key })
		l.catalog.Touchpoints = append(l.catalog.Touchpoints, more...)
	case metricsFile:
		more := definitions(d, root, metricObject(), len(l.catalog.Metrics), func(m *experiment.Metric) *string { return &m.Key })
		l.catalog.Metrics = append(l.catalog.Metrics, more...)
	default:
		l.experiment(d, name, root)
	}
}

func (l *loader) experiment(d *decoder, name string, root *yaml.Node) {
	if root.Kind != yaml.MappingNode {
		experimentObject().read(d, root)
		return
	}
	if meant, ok := suggest.Closest(name, []string{touchpointsFile, metricsFile}); ok && !hasKey(root, "experiment") {
		d.path = experiment.Path{meant}
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
