package config

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
)

// keys writes the table of an object as the package comment shows it.
func keys[T any](title string, o object[T]) string {
	var b strings.Builder
	fmt.Fprintf(&b, "//\t%s\n", title)
	for _, f := range o.fields {
		key := f.key
		if f.required {
			key += "*"
		}
		fmt.Fprintf(&b, "//\t  %-13s %-24s %s\n", key, f.kind, f.doc)
	}
	return b.String()
}

// The package comment lists the keys of the tables that the decoder reads by.
func TestCommentListsEveryKey(t *testing.T) {
	comment, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	for _, want := range []string{
		keys("experiment file", experimentObject()),
		keys("arm", armObject()),
		keys("step of traffic", trafficStepObject()),
		keys("phase", phaseObject()),
		keys("layer", slotsObject()),
		keys("requires", requirementObject()),
		keys("metrics", metricsObject()),
		keys("analysis", planObject()),
		keys("families", familiesObject()),
		keys("concluded", concludedObject()),
		keys("touchpoints.yaml, under each name", touchpointObject()),
		keys("metrics.yaml, under each name", metricObject()),
		keys("attributes.yaml, after each name, without the key", attributeObject()),
		keys("segments.yaml, after each name, without the key", segmentObject()),
		keys("layers.yaml, under each name", layerObject()),
		keys("holdouts.yaml, under each name", holdoutObject()),
		keys("scope of a holdout, one of", scopeObject()),
		keys("traffic.yaml", exclusionsObject()),
	} {
		assert.True(t, strings.Contains(string(comment), want), "the Keys section of doc.go lacks\n%s", want)
	}
}

// Every field of the catalogue can be written in a file, under its name in JSON.
func TestEveryFieldHasAKey(t *testing.T) {
	for _, row := range []struct {
		name  string
		noun  any
		steps []string
	}{
		{"experiment", experiment.Experiment{}, stepsOf(experimentObject())},
		{"arm", experiment.Arm{}, stepsOf(armObject())},
		{"step of traffic", experiment.TrafficStep{}, stepsOf(trafficStepObject())},
		{"phase", experiment.Phase{}, stepsOf(phaseObject())},
		{"requirement", experiment.Requirement{}, stepsOf(requirementObject())},
		{"metrics", experiment.Metrics{}, stepsOf(metricsObject())},
		{"plan", experiment.Plan{}, stepsOf(planObject())},
		{"families", experiment.Families{}, stepsOf(familiesObject())},
		{"concluded", experiment.Concluded{}, stepsOf(concludedObject())},
		{"touchpoint, whose key is that of the mapping", experiment.Touchpoint{}, append(stepsOf(touchpointObject()), "key")},
		{"metric, whose key is that of the mapping", experiment.Metric{}, append(stepsOf(metricObject()), "key")},
		{"attribute, whose key is that of the mapping", experiment.Declaration{}, append(stepsOf(attributeObject()), "key")},
		{"segment, whose key is that of the mapping", experiment.Segment{}, append(stepsOf(segmentObject()), "key")},
		{"layer, whose key is that of the mapping", experiment.Layer{}, append(stepsOf(layerObject()), "key")},
		{"holdout, whose key is that of the mapping", experiment.Holdout{}, append(stepsOf(holdoutObject()), "key")},
		{"scope", experiment.Scope{}, stepsOf(scopeObject())},
		{"exclusions", experiment.Exclusions{}, stepsOf(exclusionsObject())},
	} {
		t.Run(row.name, func(t *testing.T) {
			noun := reflect.TypeOf(row.noun)
			var names []string
			for i := range noun.NumField() {
				name, _, _ := strings.Cut(noun.Field(i).Tag.Get("json"), ",")
				names = append(names, name)
			}
			assert.ElementsMatch(t, names, row.steps)
		})
	}
	assert.Equal(t, []string{"name", "slots"}, stepsOf(slotsObject()), "slots are from and to of experiment.Slots")
	assert.Equal(t, 3, reflect.TypeFor[experiment.Slots]().NumField())
}

func stepsOf[T any](o object[T]) []string {
	steps := make([]string, len(o.fields))
	for i, f := range o.fields {
		steps[i] = f.step
	}
	return steps
}

// declaredCodes are the constants of type Code in a source file.
func declaredCodes(t *testing.T, name string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	require.NoError(t, err)
	var codes []string
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil && regexp.MustCompile(`^TL\d{3}$`).MatchString(text) {
				codes = append(codes, text)
			}
		}
		return true
	})
	require.NotEmpty(t, codes, name)
	return codes
}

// The codes that are declared, documented and shown by a golden case are the same.
func TestCodesAreDocumentedAndTested(t *testing.T) {
	declared := append(declaredCodes(t, "error.go"), declaredCodes(t, filepath.Join("..", "problem.go"))...)
	slices.Sort(declared)
	assert.Equal(t, slices.Compact(slices.Clone(declared)), declared, "a code has one meaning")

	comment, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	var documented []string
	for _, match := range regexp.MustCompile(`(?m)^//\t(TL\d{3})  `).FindAllStringSubmatch(string(comment), -1) {
		documented = append(documented, match[1])
	}
	assert.Equal(t, declared, documented, "the table of codes in doc.go")

	shown := make(map[string]bool)
	names, err := filepath.Glob(filepath.Join("testdata", "errors", "*.txt"))
	require.NoError(t, err)
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		_, errors, found := strings.Cut(string(text), "-- errors --\n")
		require.True(t, found, name)
		codes := regexp.MustCompile(`(?m)^\S+: (TL\d{3}) `).FindAllStringSubmatch(errors, -1)
		for _, match := range codes {
			shown[match[1]] = true
		}
		if code, _, _ := strings.Cut(filepath.Base(name), "-"); strings.HasPrefix(code, "tl") {
			assert.True(t, slices.ContainsFunc(codes, func(m []string) bool { return strings.EqualFold(m[1], code) }), "%s shows its code", name)
		}
	}
	shown[string(experiment.CodeUnassignable)] = true // only experiment.New knows the options
	assert.Equal(t, declared, slices.Sorted(maps.Keys(shown)), "the codes that the golden cases show")
}
