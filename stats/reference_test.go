package stats_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/stats"
)

// TestReference compares every field of every reference case with what the
// public API computes. It reads testdata/reference, or the directory that
// TOUCHLIFT_GOLDEN names. A case passes if all of its fields do; it fails if
// one of them fails; it is unsupported if the fields that are computed pass
// and others are not computed. Failed cases fail the test, and in the files
// that must be complete unsupported ones do too.
func TestReference(t *testing.T) {
	dir, given := os.LookupEnv("TOUCHLIFT_GOLDEN")
	if !given || dir == "" {
		dir = filepath.Join("testdata", "reference")
		for name := range procedures {
			require.FileExists(t, filepath.Join(dir, name+".json"))
		}
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, paths, "no reference files in %s", dir)
	total := map[verdict]int{}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		if name == "distributions" {
			t.Logf("%s: compared in stats/internal/special", name)
			continue
		}
		for _, c := range readCases(t, path) {
			outcome := c.judge(procedures[name])
			total[outcome.verdict]++
			t.Logf("%-11s %s %s %s", outcome.verdict, name, c.Name, outcome.detail)
			if outcome.verdict == failed || outcome.verdict == unsupported && slices.Contains(mustBeComplete, name) {
				t.Errorf("%s %s: %s: %s", name, c.Name, outcome.verdict, outcome.detail)
			}
		}
	}
	fmt.Printf("reference: %d passed, %d failed, %d unsupported\n", total[passed], total[failed], total[unsupported])
}

// mustBeComplete are the files in which a field that is not computed is a
// failure.
var mustBeComplete = []string{"welch_t", "pooled_t", "prop_z", "srm_chi2", "srm_phases", "moments_streaming",
	"relative_lift"}

type verdict string

const (
	passed      verdict = "passed"
	failed      verdict = "failed"
	unsupported verdict = "unsupported"
)

type outcome struct {
	verdict verdict
	detail  string
}

// referenceCase is one case of a reference file.
type referenceCase struct {
	Name      string          `json:"name"`
	Input     json.RawMessage `json:"input"`
	Expected  map[string]any  `json:"expected"`
	Tolerance tolerance       `json:"tolerance"`
}

// tolerance: |got-want| <= max(Abs, Rel |want|); Fields override by name.
type tolerance struct {
	Rel    float64              `json:"rel"`
	Abs    float64              `json:"abs"`
	Fields map[string]tolerance `json:"fields"`
}

func readCases(t *testing.T, path string) []referenceCase {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	var file struct {
		Cases []referenceCase `json:"cases"`
	}
	require.NoError(t, json.Unmarshal(data, &file), path)
	require.NotEmpty(t, file.Cases, path)
	return file.Cases
}

// fields are what a procedure computed for a case, under the names of the
// reference file: float64, string, []float64, []any, fields or answer.
type fields map[string]any

// answer is a value that came beside err. Null is expected of it where err is
// a typed error of the package; a number where the value stands all the same.
type answer struct {
	value any
	err   error
}

// absent stands for "the API states that there is none".
var absent = answer{}

// judge runs the procedure and compares.
func (c referenceCase) judge(run func(json.RawMessage) (fields, error)) outcome {
	if run == nil {
		return outcome{unsupported, "no procedure"}
	}
	got, err := run(c.Input)
	if err != nil {
		return outcome{failed, "input: " + err.Error()}
	}
	if len(c.Expected) == 0 {
		return outcome{failed, "nothing is expected"}
	}
	var d differences
	d.compareFields("", c.Expected, got, c.Tolerance)
	slices.Sort(d.wrong)
	slices.Sort(d.missing)
	switch {
	case len(d.wrong) > 0:
		return outcome{failed, strings.Join(d.wrong, "; ")}
	case len(d.missing) > 0:
		return outcome{unsupported, fmt.Sprintf("%d values agree; not computed: %s", d.right, strings.Join(d.missing, " "))}
	default:
		return outcome{passed, fmt.Sprintf("%d values", d.right)}
	}
}

// differences collects what a comparison found.
type differences struct {
	right          int
	wrong, missing []string
}

func (d *differences) compareFields(path string, want map[string]any, got fields, tol tolerance) {
	for name, w := range want {
		g, computed := got[name]
		if !computed {
			d.missing = append(d.missing, path+name)
			continue
		}
		fieldTol := tol
		if own, ok := tol.Fields[name]; ok {
			fieldTol.Rel, fieldTol.Abs = own.Rel, own.Abs
		}
		d.compare(path+name, w, g, fieldTol)
	}
}

func (d *differences) compare(path string, want, got any, tol tolerance) {
	if a, ok := got.(answer); ok {
		if want == nil {
			d.check(path, a == absent || isTyped(a.err), want, a.err)
			return
		}
		got = a.value
	}
	switch w := want.(type) {
	case map[string]any:
		if g, ok := got.(fields); ok {
			d.compareFields(path+".", w, g, tol)
			return
		}
		d.check(path, false, want, got)
	case []any:
		d.compareList(path, w, got, tol)
	case string:
		d.check(path, got == want || got == infinity(w), want, got)
	case float64:
		g, ok := got.(float64)
		d.check(path, ok && math.Abs(g-w) <= math.Max(tol.Abs, tol.Rel*math.Abs(w)), want, got)
	default:
		d.check(path, false, want, got)
	}
}

func (d *differences) compareList(path string, want []any, got any, tol tolerance) {
	var list []any
	switch g := got.(type) {
	case []any:
		list = g
	case []float64:
		for _, v := range g {
			list = append(list, v)
		}
	}
	if len(list) != len(want) {
		d.check(path, false, want, got)
		return
	}
	for i := range want {
		d.compare(fmt.Sprintf("%s[%d]", path, i), want[i], list[i], tol)
	}
	d.right++ // the length
}

func (d *differences) check(path string, ok bool, want, got any) {
	if ok {
		d.right++
		return
	}
	d.wrong = append(d.wrong, fmt.Sprintf("%s: got %v, want %v", path, got, want))
}

// isTyped reports whether err is an error as the package promises them.
func isTyped(err error) bool {
	var input *stats.InputError
	return errors.As(err, &input)
}

// infinity is the value that the reference files write as a string, or NaN,
// which equals nothing.
func infinity(s string) any {
	switch s {
	case "Inf":
		return math.Inf(1)
	case "-Inf":
		return math.Inf(-1)
	}
	return math.NaN()
}
