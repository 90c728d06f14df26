package stats_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/stats"
)

// notOurs are the values in comparisons of two arms that package stats does not
// compute, each with the reason.
var notOurs = map[string]string{
	"rel_lift_ci95_log":     "the log-delta interval is not part of the package yet",
	"bayes_p_t_gt_c_beta11": "a posterior probability belongs to Bayesian inference",
	"fisher_p":              "Fisher's exact test is not part of the package yet",
}

// TestDatasets compares the two-arm results, sample ratio checks and adjusted
// p-values on real data in reference.json, in the directory that
// TOUCHLIFT_DATASETS names, with what the summaries there give. Values that
// need the rows (rank tests, regression, clusters, counts over many
// experiments) are not comparisons of two summaries and are not visited.
func TestDatasets(t *testing.T) {
	dir := os.Getenv("TOUCHLIFT_DATASETS")
	if dir == "" {
		t.Skip("TOUCHLIFT_DATASETS is not set; it names the directory with reference.json")
	}
	data, err := os.ReadFile(filepath.Join(dir, "reference.json"))
	require.NoError(t, err)
	var root map[string]any
	require.NoError(t, json.Unmarshal(data, &root))
	w := datasetWalk{t: t, compared: map[string]int{}}
	w.visit("", root)
	t.Logf("values compared: %v", w.compared)
	for _, key := range []string{"t", "student_p", "ci95", "rel_lift_ci95_delta_z", "z_pooled", "ci95_newcombe", "chi2_yates_p",
		"rel_lift_ci95_delta", "srm p", "holm", "bh"} {
		require.NotZero(t, w.compared[key], "nothing compared under %s", key)
	}
}

type datasetWalk struct {
	t        *testing.T
	compared map[string]int
}

func (w *datasetWalk) visit(path string, node any) {
	if list, ok := node.([]any); ok {
		for i, item := range list {
			w.visit(fmt.Sprintf("%s[%d]", path, i), item)
		}
	}
	m, ok := node.(map[string]any)
	if !ok {
		return
	}
	control, isComparison := m["control"].(map[string]any)
	treatment, both := m["treatment"].(map[string]any)
	_, isRatio := m["observed"]
	_, isFamily := m["holm"]
	switch {
	case isComparison && both && control["conversions"] != nil:
		w.equal(path, m, rateFields(w.t, control, treatment))
	case isComparison && both:
		w.equal(path, m, meanFields(w.t, control, treatment))
	case isRatio:
		w.ratio(path, m)
	case isFamily:
		w.family(path, m)
	}
	for key, child := range m {
		w.visit(path+"/"+key, child)
	}
}

// equal compares every value of a node to 1e-9 relative.
func (w *datasetWalk) equal(path string, want map[string]any, got fields) {
	for key, value := range want {
		if key == "control" || key == "treatment" || notOurs[key] != "" {
			continue
		}
		computed, ok := got[key]
		require.True(w.t, ok, "%s/%s is not computed; give a reason in notOurs", path, key)
		var d differences
		d.compare(path+"/"+key, value, computed, tolerance{Rel: 1e-9, Abs: 1e-300})
		require.Empty(w.t, d.wrong)
		w.compared[key]++
	}
}

func (w *datasetWalk) ratio(path string, m map[string]any) {
	var observed []int64
	var weights []float64
	for _, v := range m["observed"].([]any) {
		observed, weights = append(observed, int64(v.(float64))), append(weights, 1)
	}
	r, err := stats.SRM(observed, weights)
	require.NoError(w.t, err)
	var d differences
	tol := tolerance{Rel: 1e-9}
	d.compare(path+"/chi2", m["chi2"], r.Statistic, tol)
	d.compare(path+"/df", m["df"], float64(r.DF), tol)
	d.compare(path+"/p", m["p"], r.P, tol)
	require.Empty(w.t, d.wrong)
	w.compared["srm p"]++
}

func (w *datasetWalk) family(path string, m map[string]any) {
	var raw []float64
	for _, v := range m["raw"].([]any) {
		raw = append(raw, v.(float64))
	}
	holm, err := stats.Holm(raw)
	require.NoError(w.t, err)
	bh, err := stats.BenjaminiHochberg(raw)
	require.NoError(w.t, err)
	var d differences
	d.compare(path+"/holm", m["holm"], holm, tolerance{Rel: 1e-9})
	d.compare(path+"/bh", m["bh"], bh, tolerance{Rel: 1e-9})
	require.Empty(w.t, d.wrong)
	w.compared["holm"]++
	w.compared["bh"]++
}

func ends(i stats.Interval) []float64 { return []float64{i.Low, i.High} }

func rateFields(t *testing.T, control, treatment map[string]any) fields {
	counts := func(m map[string]any) stats.Counts {
		return stats.Counts{Successes: int64(m["conversions"].(float64)), N: int64(m["n"].(float64))}
	}
	a, b := counts(control), counts(treatment)
	pooled, err := stats.Proportions(a, b, stats.ProportionOptions{})
	require.NoError(t, err)
	yates, err := stats.Proportions(a, b, stats.ProportionOptions{Yates: true})
	require.NoError(t, err)
	wald, err := stats.Proportions(a, b, stats.ProportionOptions{Unpooled: true})
	require.NoError(t, err)
	newcombe, err := stats.Newcombe(a, b, stats.Options{})
	require.NoError(t, err)
	effect, err := stats.RateLift(a, b)
	require.NoError(t, err)
	lift, err := effect.Delta(stats.Options{})
	require.NoError(t, err)
	return fields{"diff": float64(pooled.Difference), "z_pooled": pooled.Statistic, "p_pooled": pooled.P,
		"z_unpooled": wald.Statistic, "p_unpooled": wald.P, "ci95_wald": ends(wald.CI), "ci95_newcombe": ends(newcombe),
		"chi2": math.Pow(pooled.Statistic, 2), "chi2_p": pooled.P, "chi2_yates": math.Pow(yates.Statistic, 2),
		"chi2_yates_p": yates.P, "rel_lift": float64(lift.Lift), "rel_lift_ci95_delta": ends(lift.CI)}
}

func meanFields(t *testing.T, control, treatment map[string]any) fields {
	sums := func(m map[string]any) stats.Moments {
		got, err := stats.FromSums(int64(m["n"].(float64)), 0, m["sum"].(float64), m["sumsq"].(float64))
		require.NoError(t, err)
		return got
	}
	a, b := sums(control), sums(treatment)
	welch, err := stats.Welch(a, b, stats.Options{})
	require.NoError(t, err)
	student, err := stats.PooledT(a, b, stats.Options{})
	require.NoError(t, err)
	delta, err := stats.LiftDelta(a, b, stats.Options{})
	require.NoError(t, err)
	fieller, err := stats.LiftFieller(a, b, stats.Options{})
	require.NoError(t, err)
	return fields{"diff": welch.Difference, "se": welch.SE, "t": welch.Statistic, "df": welch.DF, "p": welch.P,
		"ci95": ends(welch.CI), "student_t": student.Statistic, "student_p": student.P, "rel_lift": float64(delta.Lift),
		"rel_lift_ci95_delta_z": ends(delta.CI), "rel_lift_ci95_fieller_z": ends(fieller.CI)}
}
