package analysis

import (
	"errors"
	"math"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/stats"
)

// rows compares every treatment with control on the metrics of a tally, each
// with its mark after the correction of its family.
func (r *run) rows(t tally, metrics []roleMetric) []Row {
	var rows []Row
	for i, m := range metrics {
		for _, v := range r.treatments() {
			rows = append(rows, r.compare(m, i, t, r.experiment.Control(), v))
		}
	}
	for _, role := range []Role{Primary, Secondary} {
		r.adjust(rows, role)
	}
	return rows
}

// treatments are the variants but control that carry weight in one of the phases
// that count.
func (r *run) treatments() []string {
	var variants []string
	for _, v := range r.schedule.variants[1:] {
		if r.schedule.runsIn(v, r.phase) {
			variants = append(variants, v)
		}
	}
	return variants
}

// compare tests a variant against a baseline on metric i of the tally.
func (r *run) compare(m roleMetric, i int, t tally, baseline, variant string) Row {
	c := t.contrast(m.Kind, i, baseline, variant)
	row := Row{Metric: m.Key, Role: m.role, Kind: m.Kind, Better: m.Direction, Variant: variant, Baseline: baseline,
		Control: c.observed(controlArm), Treatment: c.observed(treatmentArm), Mark: NotInferable}
	if row.Better == "" {
		row.Better = experiment.Increase
	}
	if problem := c.unusable(); problem != "" {
		row.Problem = problem
		row.Difference = Estimate{Value: math.NaN(), Problem: row.Problem}
		row.Lift = row.Difference
		return row
	}
	var err error
	row.Difference, row.Test, err = c.difference(r.plan.Alpha)
	if err != nil {
		row.Test, row.Problem = nil, c.problem(err)
	}
	if errors.Is(err, stats.ErrTooFewUnits) && m.Window > 0 && m.Delay+m.Window > r.matures() {
		row.Problem = "too few units have matured: delay and window are longer than those of the primary metric"
	}
	if row.Difference.Interval.Kind == stats.NoInterval {
		row.Difference.Method, row.Difference.Problem = "", row.Problem
	}
	row.Lift = c.lift(r.plan.Alpha)
	row.Warnings = r.warnings(m, c, row, t)
	row.Phases = c.effects(len(t.phases()) > 1)
	return row
}

// warnings are those that do not depend on the correction.
func (r *run) warnings(m roleMetric, c contrast, row Row, t tally) []Warning {
	var warnings []Warning
	if row.Test != nil && m.Kind != experiment.MetricProportion {
		if c.constant(controlArm) {
			warnings = append(warnings, ConstantBaseline)
		}
		if c.constant(treatmentArm) {
			warnings = append(warnings, ConstantVariant)
		}
	}
	first := t.contrast(r.metrics[0].Kind, 0, row.Baseline, row.Variant)
	fewer := c.n(controlArm) < first.n(controlArm) || c.n(treatmentArm) < first.n(treatmentArm)
	if fewer && m.Window > 0 && m.Delay+m.Window > r.matures() {
		warnings = append(warnings, WindowsOpen)
	}
	if c.leftOut {
		warnings = append(warnings, PhasesLeftOut)
	}
	return warnings
}

func observed(kind experiment.MetricKind, s summary) Observed {
	switch {
	case s.problem != nil:
		return Observed{N: s.n, Numerator: math.NaN(), Value: math.NaN()}
	case kind == experiment.MetricProportion:
		return Observed{N: s.n, Numerator: float64(s.counts.Successes), Value: s.counts.Rate()}
	case s.n == 0:
		return Observed{Value: math.NaN()}
	}
	return Observed{N: s.n, Numerator: s.moments.Mean * float64(s.n), Value: s.moments.Mean}
}

// The proportion's interval is Newcombe's, which stays inside -1 and 1 and
// holds for small counts.
const methodPooledNewcombe = "two_proportion_z_pooled"

func compareProportions(c, v stats.Counts, alpha float64) (Estimate, *Test, error) {
	result, err := stats.Proportions(c, v, stats.ProportionOptions{Alpha: alpha})
	difference := Estimate{Value: float64(result.Difference), Method: "newcombe"}
	if interval, err := stats.Newcombe(c, v, stats.Options{Alpha: alpha}); err == nil {
		difference.Interval = interval
	}
	return difference, test(result.Inference, methodPooledNewcombe), err
}

func compareMeans(c, v stats.Moments, alpha float64) (Estimate, *Test, error) {
	result, err := stats.Welch(c, v, stats.Options{Alpha: alpha})
	difference := Estimate{Value: result.Difference, Interval: result.CI, Method: string(result.Method)}
	return difference, test(result.Inference, string(result.Method)), err
}

func test(i stats.Inference, method string) *Test {
	t := &Test{Method: method, SE: i.SE, Statistic: i.Statistic, DF: i.DF, P: i.P, LogP: i.LogP, AdjustedP: i.P}
	if math.IsInf(t.DF, 1) {
		t.DF = 0
	}
	for _, w := range i.Warnings {
		if w == stats.WarnConstantArm {
			continue
		}
		t.Warnings = append(t.Warnings, string(w))
	}
	return t
}

// adjust corrects the p values of one role's rows and marks the rows. A
// comparison without p takes part as p = 1, so that the size of the family is
// what the plan says.
func (r *run) adjust(rows []Row, role Role) {
	var family []*Row
	var p []float64
	for i := range rows {
		if rows[i].Role != role {
			continue
		}
		family = append(family, &rows[i])
		if rows[i].Test != nil {
			p = append(p, rows[i].Test.P)
		} else {
			p = append(p, 1)
		}
	}
	adjusted, err := correct(r.adjustment(role), p)
	if err != nil {
		for _, row := range family { // a p outside [0, 1]; no procedure gives one
			row.Test, row.Problem, row.Mark = nil, problemText(err), NotInferable
		}
		return
	}
	for i, row := range family {
		if row.Test != nil {
			row.Test.AdjustedP = adjusted[i]
			r.mark(row)
		}
	}
}

func (r *run) adjustment(role Role) experiment.Adjustment {
	if role == Primary {
		return r.plan.Families.Primary
	}
	return r.plan.Families.Secondary
}

func correct(a experiment.Adjustment, p []float64) ([]float64, error) {
	if a == experiment.AdjustBH {
		return stats.BenjaminiHochberg(p)
	}
	return stats.Holm(p)
}

// families names the corrections that rows underwent.
func (r *run) families(rows []Row) []Family {
	var families []Family
	for _, role := range []Role{Primary, Secondary} {
		n := 0
		for i := range rows {
			if rows[i].Role == role {
				n++
			}
		}
		if n > 0 {
			families = append(families, Family{Role: role, Adjustment: r.adjustment(role), Comparisons: n, Alpha: r.plan.Alpha})
		}
	}
	return families
}
