package special

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A reference file, as far as this package is concerned.
type referenceFile struct {
	Cases []referenceCase `json:"cases"`
}

type referenceCase struct {
	Name  string `json:"name"`
	Input struct {
		Fn   string    `json:"fn"`
		Args []float64 `json:"args"`
	} `json:"input"`
	Expected  map[string]json.RawMessage `json:"expected"`
	Tolerance struct {
		Rel float64 `json:"rel"`
		Abs float64 `json:"abs"`
	} `json:"tolerance"`
}

// functions maps the names of the reference values to this package.
var functions = map[string]struct {
	args int
	call func(a []float64) float64
}{
	"norm_sf":     {1, func(a []float64) float64 { p, _ := NormalTail(a[0]); return p }},
	"norm_logsf":  {1, func(a []float64) float64 { _, logP := NormalTail(a[0]); return logP }},
	"norm_isf":    {1, func(a []float64) float64 { return NormalUpper(a[0]) }},
	"t_sf":        {2, func(a []float64) float64 { p, _ := StudentTail(a[0], a[1]); return p }},
	"t_logsf":     {2, func(a []float64) float64 { _, logP := StudentTail(a[0], a[1]); return logP }},
	"t_isf":       {2, func(a []float64) float64 { return StudentUpper(a[0], a[1]) }},
	"chi2_sf":     {2, func(a []float64) float64 { p, _ := ChiSquareTail(a[0], a[1]); return p }},
	"chi2_logsf":  {2, func(a []float64) float64 { _, logP := ChiSquareTail(a[0], a[1]); return logP }},
	"chi2_isf":    {2, func(a []float64) float64 { return ChiSquareUpper(a[0], a[1]) }},
	"betainc_reg": {3, func(a []float64) float64 { return BetaCDF(a[0], a[1], a[2]) }},
	"beta_ppf":    {3, func(a []float64) float64 { return BetaQuantile(a[0], a[1], a[2]) }},
}

// judge compares one case; verdict is passed, failed or unsupported.
func judge(c referenceCase) (verdict, detail string) {
	f, known := functions[c.Input.Fn]
	raw, hasValue := c.Expected["value"]
	switch {
	case !known:
		return "unsupported", "function " + c.Input.Fn
	case len(c.Input.Args) != f.args:
		return "failed", fmt.Sprintf("%d arguments, want %d", len(c.Input.Args), f.args)
	case !hasValue || len(c.Expected) != 1:
		return "unsupported", "fields other than value"
	}
	want, err := number(raw)
	if err != nil {
		return "failed", err.Error()
	}
	got := f.call(c.Input.Args)
	if within(got, want, c.Tolerance.Rel, c.Tolerance.Abs) {
		return "passed", ""
	}
	return "failed", fmt.Sprintf("got %.17g, want %.17g", got, want)
}

// within is the rule |got-want| <= max(abs, rel |want|); infinities must match.
func within(got, want, rel, abs float64) bool {
	return got == want || math.Abs(got-want) <= math.Max(abs, rel*math.Abs(want)) && !math.IsInf(want, 0)
}

// number reads a JSON number or the strings Inf and -Inf.
func number(raw json.RawMessage) (float64, error) {
	switch string(raw) {
	case `"Inf"`:
		return math.Inf(1), nil
	case `"-Inf"`:
		return math.Inf(-1), nil
	}
	var v *float64
	if err := json.Unmarshal(raw, &v); err != nil || v == nil {
		return 0, fmt.Errorf("cannot read %s as a number", raw)
	}
	return *v, nil
}

// referenceDir is where the reference values are.
func referenceDir() string {
	if dir := os.Getenv("TOUCHLIFT_GOLDEN"); dir != "" {
		return dir
	}
	return filepath.Join("testdata", "reference")
}

// TestReference compares with the reference values of distributions.json, in
// testdata/reference or in the directory that TOUCHLIFT_GOLDEN names.
func TestReference(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(referenceDir(), "distributions.json"))
	require.NoError(t, err)
	var file referenceFile
	require.NoError(t, json.Unmarshal(data, &file))
	require.NotEmpty(t, file.Cases)
	count := map[string]int{}
	for _, c := range file.Cases {
		verdict, detail := judge(c)
		count[verdict]++
		t.Logf("%-11s distributions.json %s %s", verdict, c.Name, detail)
		if verdict != "passed" { // this file must be complete
			t.Errorf("%s: %s %s", c.Name, verdict, detail)
		}
	}
	fmt.Printf("reference: %d passed, %d failed, %d unsupported\n", count["passed"], count["failed"], count["unsupported"])
}

// The harness must be able to fail.
func TestJudgeCanFail(t *testing.T) {
	build := func(fn, expected string, args ...float64) referenceCase {
		var c referenceCase
		c.Input.Fn, c.Input.Args = fn, args
		require.NoError(t, json.Unmarshal([]byte(expected), &c.Expected))
		c.Tolerance.Rel, c.Tolerance.Abs = 1e-11, 1e-300
		return c
	}
	rows := []struct {
		name, want string
		c          referenceCase
	}{
		{"right value passes", "passed", build("norm_sf", `{"value":0.024997895148220435}`, 1.96)},
		{"ten digits are not enough", "failed", build("norm_sf", `{"value":0.0249978951}`, 1.96)},
		{"zero is not a tiny tail", "failed", build("norm_sf", `{"value":1e-290}`, 50)},
		{"null is not a number", "failed", build("norm_sf", `{"value":null}`, 1.96)},
		{"an argument too many", "failed", build("norm_sf", `{"value":0.5}`, 0, 1)},
		{"infinity matches itself", "passed", build("norm_isf", `{"value":"Inf"}`, 0)},
		{"infinity is not minus infinity", "failed", build("norm_isf", `{"value":"-Inf"}`, 0)},
		{"a finite number is not near infinity", "failed", build("norm_isf", `{"value":"Inf"}`, 0.5)},
		{"an unknown function is unsupported", "unsupported", build("f_sf", `{"value":0.5}`, 1, 2, 3)},
		{"an unknown field is unsupported", "unsupported", build("norm_sf", `{"value":0.5,"cdf":0.5}`, 0)},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, detail := judge(row.c)
			require.Equal(t, row.want, got, detail)
		})
	}
}
