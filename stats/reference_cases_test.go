package stats_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/touchlift/touchlift/stats"
)

// procedures maps reference files to what computes them.
var procedures = map[string]func(json.RawMessage) (fields, error){
	"welch_t":           fromInput(welchFields),
	"pooled_t":          fromInput(pooledFields),
	"prop_z":            fromInput(proportionFields),
	"prop_ci":           fromInput(intervalFields),
	"relative_lift":     fromInput(liftFields),
	"srm_chi2":          fromInput(srmFields),
	"srm_phases":        fromInput(phaseFields),
	"p_adjust":          fromInput(adjustFields),
	"moments_streaming": fromInput(momentFields),
}

func fromInput[T any](run func(T) fields) func(json.RawMessage) (fields, error) {
	return func(data json.RawMessage) (fields, error) {
		var input T
		if err := json.Unmarshal(data, &input); err != nil {
			return nil, err
		}
		return run(input), nil
	}
}

// twoMeans is the input of the procedures on means.
type twoMeans struct {
	N1    int64   `json:"n1"`
	Mean1 float64 `json:"mean1"`
	Var1  float64 `json:"var1"`
	N2    int64   `json:"n2"`
	Mean2 float64 `json:"mean2"`
	Var2  float64 `json:"var2"`
	Alpha float64 `json:"alpha"`
}

func (in twoMeans) arms() (control, treatment stats.Moments) {
	return moments(in.N1, in.Mean1, in.Var1), moments(in.N2, in.Mean2, in.Var2)
}

func moments(n int64, mean, variance float64) stats.Moments {
	return stats.Moments{N: n, Mean: mean, M2: variance * float64(n-1)}
}

func (in twoMeans) options(a stats.Alternative) stats.Options {
	return stats.Options{Alpha: in.Alpha, Alternative: a}
}

func welchFields(in twoMeans) fields {
	control, treatment := in.arms()
	two, err := stats.Welch(control, treatment, in.options(stats.TwoSided))
	greater, _ := stats.Welch(control, treatment, in.options(stats.Greater))
	less, _ := stats.Welch(control, treatment, in.options(stats.Less))
	z, _ := stats.Z(control, treatment, in.options(stats.TwoSided))
	return fields{
		"diff": answer{two.Difference, err}, "se": answer{two.SE, err}, "t": answer{two.Statistic, err},
		"df": answer{two.DF, err}, "p_two_sided": answer{two.P, err}, "log_p_two_sided": answer{two.LogP, err},
		"p_greater": answer{greater.P, err}, "p_less": answer{less.P, err},
		"ci_low": answer{two.CI.Low, err}, "ci_high": answer{two.CI.High, err},
		"lower_bound_one_sided": answer{greater.CI.Low, err}, "upper_bound_one_sided": answer{less.CI.High, err},
		"z_p_two_sided": answer{z.P, err}, "z_ci_low": answer{z.CI.Low, err}, "z_ci_high": answer{z.CI.High, err},
	}
}

func pooledFields(in twoMeans) fields {
	control, treatment := in.arms()
	two, err := stats.PooledT(control, treatment, in.options(stats.TwoSided))
	greater, _ := stats.PooledT(control, treatment, in.options(stats.Greater))
	less, _ := stats.PooledT(control, treatment, in.options(stats.Less))
	variance := two.SE * two.SE / (1/float64(in.N1) + 1/float64(in.N2))
	return fields{
		"diff": answer{two.Difference, err}, "pooled_var": answer{variance, err}, "se": answer{two.SE, err},
		"t": answer{two.Statistic, err}, "df": answer{two.DF, err},
		"p_two_sided": answer{two.P, err}, "log_p_two_sided": answer{two.LogP, err},
		"p_greater": answer{greater.P, err}, "p_less": answer{less.P, err},
		"ci_low": answer{two.CI.Low, err}, "ci_high": answer{two.CI.High, err},
	}
}

func liftFields(in twoMeans) fields {
	control, treatment := in.arms()
	o := in.options(stats.TwoSided)
	delta, deltaErr := stats.LiftDelta(control, treatment, o)
	fieller, fiellerErr := stats.LiftFieller(control, treatment, o)
	ratio, ratioErr := stats.RatioFieller(control, treatment, o)
	absolute, absoluteErr := stats.Z(control, treatment, o)
	kind := fieller.CI.Kind
	if fiellerErr != nil {
		kind = ratio.Kind // a zero baseline leaves the ratio its set
	}
	return fields{
		"lift": answer{float64(delta.Lift), deltaErr}, "se_delta": answer{delta.SE, deltaErr},
		"ci_delta": answer{[]float64{delta.CI.Low, delta.CI.High}, deltaErr}, "z": answer{delta.Statistic, deltaErr},
		"p_two_sided_delta":    answer{delta.P, deltaErr},
		"p_two_sided_absolute": answer{absolute.P, absoluteErr},
		"fieller_g":            answer{fieller.G, fiellerErr},
		"fieller_kind":         answer{kind.String(), ratioErr},
		"ratio_ci_fieller":     answer{[]float64{ratio.Low, ratio.High}, ratioErr},
		"fieller_lift_low":     answer{fieller.CI.Low, fiellerErr},
		"fieller_lift_high":    answer{fieller.CI.High, fiellerErr},
	}
}

// twoRates is the input of the procedures on rates.
type twoRates struct {
	X1    int64   `json:"x1"`
	N1    int64   `json:"n1"`
	X2    int64   `json:"x2"`
	N2    int64   `json:"n2"`
	Alpha float64 `json:"alpha"`
}

func (in twoRates) arms() (control, treatment stats.Counts) {
	return stats.Counts{Successes: in.X1, N: in.N1}, stats.Counts{Successes: in.X2, N: in.N2}
}

func proportionFields(in twoRates) fields {
	control, treatment := in.arms()
	run := func(o stats.ProportionOptions) (stats.ProportionResult, error) {
		o.Alpha = in.Alpha
		return stats.Proportions(control, treatment, o)
	}
	pooled, err := run(stats.ProportionOptions{})
	greater, _ := run(stats.ProportionOptions{Alternative: stats.Greater})
	less, _ := run(stats.ProportionOptions{Alternative: stats.Less})
	yates, yatesErr := run(stats.ProportionOptions{Yates: true})
	wald, waldErr := run(stats.ProportionOptions{Unpooled: true})
	return fields{
		"p1": answer{pooled.Control, err}, "p2": answer{pooled.Treatment, err},
		"diff":      answer{float64(pooled.Difference), err},
		"se_pooled": answer{pooled.SE, err}, "se_unpooled": answer{wald.SE, waldErr},
		"z_pooled": answer{pooled.Statistic, err}, "p_two_sided_pooled": answer{pooled.P, err},
		"log_p_two_sided_pooled": answer{pooled.LogP, err},
		"p_greater_pooled":       answer{greater.P, err}, "p_less_pooled": answer{less.P, err},
		"chi2_yates":               answer{yates.Statistic * yates.Statistic, yatesErr},
		"p_two_sided_pooled_yates": answer{yates.P, yatesErr},
		"z_unpooled":               answer{wald.Statistic, waldErr}, "p_two_sided_unpooled": answer{wald.P, waldErr},
		"wald_ci_low": answer{wald.CI.Low, waldErr}, "wald_ci_high": answer{wald.CI.High, waldErr},
	}
}

func intervalFields(in twoRates) fields {
	control, treatment := in.arms()
	o := stats.Options{Alpha: in.Alpha}
	ends := func(i stats.Interval, err error) answer { return answer{[]float64{i.Low, i.High}, err} }
	return fields{
		"g1":            fields{"wilson": ends(stats.Wilson(control, o))},
		"g2":            fields{"wilson": ends(stats.Wilson(treatment, o))},
		"diff_newcombe": ends(stats.Newcombe(control, treatment, o)),
		"diff_score_mn": ends(stats.MiettinenNurminen(control, treatment, o)),
	}
}

func chiSquareFields(c stats.ChiSquare, err error) fields {
	p, logP := answer{c.P, err}, answer{c.LogP, err}
	if c.DF == 0 {
		p, logP = absent, absent
	}
	return fields{"chi2": answer{c.Statistic, err}, "df": answer{float64(c.DF), err}, "p": p, "log_p": logP}
}

func srmFields(in struct {
	Observed []int64   `json:"observed"`
	Weights  []float64 `json:"weights"`
}) fields {
	r, err := stats.SRM(in.Observed, in.Weights)
	return chiSquareFields(r.ChiSquare, err)
}

func phaseFields(in struct {
	Arms   []string `json:"arms"`
	Phases []struct {
		Weights  []float64 `json:"weights"`
		Observed []int64   `json:"observed"`
	} `json:"phases"`
	Holdout *struct {
		Share    float64 `json:"share"`
		Observed int64   `json:"observed"`
	} `json:"holdout"`
}) fields {
	var phases []stats.Phase
	for _, p := range in.Phases {
		phases = append(phases, stats.Phase{Observed: p.Observed, Weights: p.Weights})
	}
	var holdout stats.Holdout
	if in.Holdout != nil {
		holdout = stats.Holdout{Share: in.Holdout.Share, Observed: in.Holdout.Observed}
	}
	r, err := stats.SRMPhases(phases, holdout)
	got := chiSquareFields(r.Arms, err)
	list, leaks := []any{}, []any{}
	for _, p := range r.Phases {
		list = append(list, chiSquareFields(p.ChiSquare, err))
	}
	for _, l := range r.Leaks {
		leaks = append(leaks, fields{"phase": float64(l.Phase), "arm": in.Arms[l.Arm], "observed": float64(l.Observed)})
	}
	got["phases"], got["leak"], got["total"], got["holdout"] = list, leaks, chiSquareFields(r.Total, err), absent
	if in.Holdout != nil {
		got["holdout"] = chiSquareFields(r.Holdout, err)
	}
	return got
}

func adjustFields(in struct {
	P []float64 `json:"p"`
}) fields {
	holm, holmErr := stats.Holm(in.P)
	bh, bhErr := stats.BenjaminiHochberg(in.P)
	return fields{"holm": answer{holm, holmErr}, "BH": answer{bh, bhErr}}
}

func momentFields(in struct {
	Kind   string            `json:"kind"`
	Params []json.RawMessage `json:"params"`
}) fields {
	values, err := momentValues(in.Kind, in.Params)
	if err != nil {
		return fields{} // nothing computed: unsupported
	}
	m := stats.Summarize(values)
	got := fields{"n": float64(m.N), "mean": m.Mean, "m2": m.M2, "var": m.Variance(), "sd": m.StdDev()}
	if m.N < 2 {
		got["var"], got["sd"] = absent, absent // documented: NaN
	}
	return got
}

// momentValues spells a case of moments_streaming out.
func momentValues(kind string, params []json.RawMessage) ([]float64, error) {
	var numbers []float64
	for _, p := range params {
		v, err := decimal(p)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, v)
	}
	switch {
	case kind == "list":
		return numbers, nil
	case kind == "numacc" && len(numbers) == 4:
		values := []float64{numbers[1]}
		for len(values) < int(numbers[0]) {
			values = append(values, numbers[2], numbers[3])
		}
		return values, nil
	}
	return nil, fmt.Errorf("kind %s with %d parameters", kind, len(numbers))
}

// decimal reads a number, also from a string.
func decimal(raw json.RawMessage) (float64, error) {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return strconv.ParseFloat(s, 64)
	}
	v := math.NaN()
	err := json.Unmarshal(raw, &v)
	return v, err
}
