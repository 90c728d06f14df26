package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
)

// arrow says what the packages below one path may import: packages of ours
// below the listed paths, and third parties. The longest path that fits rules.
type arrow struct {
	ours   []string
	others []string
}

// arrows is the direction in which the house is built. A package may always
// import what lies below itself.
var arrows = map[string]arrow{
	"assign":                       {others: []string{"github.com/cespare/xxhash/v2"}},
	"assign/peer":                  {ours: []string{"assign"}},
	"stats":                        {others: []string{"gonum.org/v1/gonum"}},
	"experiment":                   {ours: []string{"assign", "experiment/audience", "experiment/internal"}},
	"experiment/audience":          {ours: []string{"experiment/internal/suggest"}},
	"experiment/internal/suggest":  {},
	"experiment/internal":          {ours: []string{"experiment", "experiment/audience", "experiment/internal"}},
	"experiment/internal/datasets": {ours: []string{"experiment", "experiment/audience", "experiment/analysis", "experiment/internal", "stats"}},
	"experiment/config":            {ours: []string{"experiment", "experiment/audience", "experiment/internal", "assign", "assign/peer"}, others: []string{"go.yaml.in/yaml/v4"}},
	"experiment/record":            {ours: []string{"experiment", "experiment/internal"}},
	"experiment/experimenttest":    {ours: []string{"experiment", "experiment/audience"}, others: []string{"github.com/stretchr/testify"}},
	"experiment/analysis":          {ours: []string{"experiment", "experiment/audience", "experiment/internal", "stats"}},
	"experiment/report":            {ours: []string{"experiment", "experiment/analysis", "experiment/internal", "stats"}},
	"experiment/sqlite":            {ours: []string{"experiment", "experiment/audience", "experiment/internal"}, others: []string{"zombiezen.com/go/sqlite"}},
	"examples":                     {ours: []string{"assign", "stats", "experiment"}, others: []string{"zombiezen.com/go/sqlite"}},
	"examples/benchmarks": {ours: []string{"assign", "experiment"}, others: []string{
		"github.com/expr-lang/expr", "github.com/google/cel-go", "github.com/growthbook/growthbook-golang",
		"github.com/launchdarkly", "github.com/open-feature/go-sdk", "github.com/posthog/posthog-go", "github.com/statsig-io/go-sdk",
	}},
}

// mayTest are the packages whose purpose is testing.
var mayTest = []string{"experiment/experimenttest"}

// forTests are packages that only tests may import.
var forTests = []string{"experiment/internal/datasets"}

// unwanted are names that attract everything.
var unwanted = []string{"util", "utils", "common", "helpers", "types", "pkg", "models", "entities"}

type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func checkImports(found *breaches, folder string) error {
	out, err := goCommand(folder, "list", "-json=ImportPath,Imports,Deps", "./...")
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(out))
	for {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		checkPackage(found, p)
	}
}

func checkPackage(found *breaches, p listed) {
	name := strings.TrimPrefix(p.ImportPath, root+"/")
	for _, step := range strings.Split(name, "/") {
		if slices.Contains(unwanted, step) {
			found.add("%s: a folder named %s attracts everything", name, step)
		}
	}
	rule, ok := ruleFor(name)
	if !ok {
		found.add("%s: no rule says what it may import", name)
		return
	}
	for _, imported := range p.Imports {
		if !rule.allows(name, imported) || slices.Contains(forTests, strings.TrimPrefix(imported, root+"/")) {
			found.add("%s: must not import %s", name, imported)
		}
	}
	if slices.Contains(mayTest, name) || strings.HasPrefix(name, "examples") {
		return
	}
	for _, dep := range p.Deps {
		if dep == "testing" || strings.HasPrefix(dep, "github.com/stretchr/testify") {
			found.add("%s: reaches %s", name, dep)
		}
	}
}

// ruleFor returns the rule of the longest path that contains the package.
func ruleFor(name string) (arrow, bool) {
	for path := name; path != ""; path = path[:max(0, strings.LastIndexByte(path, '/'))] {
		if rule, ok := arrows[path]; ok {
			return rule, true
		}
	}
	return arrow{}, false
}

func (a arrow) allows(from, imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") {
		return true // the standard library
	}
	if ours, ok := strings.CutPrefix(imported, root+"/"); ok {
		return below(ours, from) || slices.ContainsFunc(a.ours, func(path string) bool {
			// A path names its package; internal, stats and experiment for the examples
			// name whole trees.
			return ours == path || below(ours, path) && (strings.HasSuffix(path, "internal") || strings.HasPrefix(from, "examples"))
		})
	}
	return slices.ContainsFunc(a.others, func(path string) bool { return below(imported, path) })
}

// below reports whether a package is a path or lies below it.
func below(name, path string) bool { return name == path || strings.HasPrefix(name, path+"/") }
