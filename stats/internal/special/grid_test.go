package special

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The grid holds values computed with 45 digits (mpmath): tails and quantiles
// at extreme arguments, by numerical integration, series and bisection that
// share nothing with this package. The bounds are what is promised; they leave
// a factor of a few over the worst error seen.
var gridBounds = map[string]struct {
	bound float64
	call  func(a []float64) float64
}{
	"normal_tail":           {5e-13, func(a []float64) float64 { p, _ := NormalTail(a[0]); return p }},
	"normal_log_tail":       {5e-13, func(a []float64) float64 { _, logP := NormalTail(a[0]); return logP }},
	"normal_two_sided":      {5e-13, func(a []float64) float64 { p, _ := NormalTwoSided(a[0]); return p }},
	"normal_log_two_sided":  {2e-15, func(a []float64) float64 { _, logP := NormalTwoSided(a[0]); return logP }},
	"normal_upper":          {2e-15, func(a []float64) float64 { return NormalUpper(a[0]) }},
	"student_tail":          {5e-13, func(a []float64) float64 { p, _ := StudentTail(a[0], a[1]); return p }},
	"student_log_tail":      {1e-14, func(a []float64) float64 { _, logP := StudentTail(a[0], a[1]); return logP }},
	"student_log_two_sided": {1e-14, func(a []float64) float64 { _, logP := StudentTwoSided(a[0], a[1]); return logP }},
	"student_upper":         {3e-13, func(a []float64) float64 { return StudentUpper(a[0], a[1]) }},
	"chi_square_tail":       {5e-13, func(a []float64) float64 { p, _ := ChiSquareTail(a[0], a[1]); return p }},
	"chi_square_log_tail":   {5e-13, func(a []float64) float64 { _, logP := ChiSquareTail(a[0], a[1]); return logP }},
	"chi_square_upper":      {1e-13, func(a []float64) float64 { return ChiSquareUpper(a[0], a[1]) }},
	"beta_cdf":              {3e-12, func(a []float64) float64 { return BetaCDF(a[0], a[1], a[2]) }},
	"beta_quantile":         {3e-13, func(a []float64) float64 { return BetaQuantile(a[0], a[1], a[2]) }},
}

func TestGrid(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "grid.json"))
	require.NoError(t, err)
	var rows []struct {
		Fn    string
		Args  []float64
		Value float64
	}
	require.NoError(t, json.Unmarshal(data, &rows))
	worst := map[string]float64{}
	count := map[string]int{}
	for _, row := range rows {
		f, known := gridBounds[row.Fn]
		require.True(t, known, row.Fn)
		got := f.call(row.Args)
		relative := math.Abs(got-row.Value) / math.Abs(row.Value)
		if !(relative <= f.bound) {
			t.Errorf("%s%v = %.17g, want %.17g: relative error %.2g", row.Fn, row.Args, got, row.Value, relative)
		}
		worst[row.Fn] = math.Max(worst[row.Fn], relative)
		count[row.Fn]++
	}
	for fn := range gridBounds {
		require.NotZero(t, count[fn], "no rows for %s", fn)
		t.Logf("%-22s %4d values, worst relative error %.1e", fn, count[fn], worst[fn])
	}
}
