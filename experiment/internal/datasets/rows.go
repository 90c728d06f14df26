package datasets

import (
	"math"

	"github.com/touchlift/touchlift/experiment/analysis"
	"github.com/touchlift/touchlift/stats"
)

// The comparisons of package stats with the reference, from the rows of a file.

func countsOf(values []float64) stats.Counts {
	var c stats.Counts
	for _, v := range values {
		c.Add(v != 0)
	}
	return c
}

// rates compares everything that stats says on two proportions.
func (l *Ledger) rates(source, path string, c, t stats.Counts) {
	for name, arm := range map[string]stats.Counts{"control": c, "treatment": t} {
		l.number(source, path+"/"+name+"/n", float64(arm.N))
		l.number(source, path+"/"+name+"/conversions", float64(arm.Successes))
		l.number(source, path+"/"+name+"/rate", arm.Rate())
	}
	pooled, err := stats.Proportions(c, t, stats.ProportionOptions{})
	unpooled, err2 := stats.Proportions(c, t, stats.ProportionOptions{Unpooled: true})
	newcombe, err3 := stats.Newcombe(c, t, stats.Options{})
	if l.fail(path, err) || l.fail(path, err2) || l.fail(path, err3) {
		return
	}
	l.number(source, path+"/diff", float64(pooled.Difference))
	l.optional(source, path+"/z_pooled", pooled.Statistic)
	l.number(source, path+"/p_pooled", pooled.P)
	l.optional(source, path+"/z_unpooled", unpooled.Statistic)
	l.optional(source, path+"/p_unpooled", unpooled.P)
	l.numbers(source, path+"/ci95_wald", unpooled.CI.Low, unpooled.CI.High)
	// The 2 x 2 chi-square is the square of the pooled z.
	l.optional(source, path+"/chi2", pooled.Statistic*pooled.Statistic)
	l.optional(source, path+"/chi2_p", pooled.P)
	if yates, err := stats.Proportions(c, t, stats.ProportionOptions{Yates: true}); !l.fail(path, err) {
		l.optional(source, path+"/chi2_yates", yates.Statistic*yates.Statistic)
		l.optional(source, path+"/chi2_yates_p", yates.P)
	}
	if _, ok := l.reference[path+"/ci95_newcombe/0"]; ok {
		l.numbers(source, path+"/ci95_newcombe", newcombe.Low, newcombe.High)
		l.rateLift(source, path, c, t, unpooled)
	}
}

// rateLift compares the lift of two proportions, whose variances are those of
// the Wald interval.
func (l *Ledger) rateLift(source, path string, c, t stats.Counts, unpooled stats.ProportionResult) {
	variance := func(c stats.Counts) float64 { return c.Rate() * (1 - c.Rate()) / float64(c.N) }
	effect := stats.LiftEffect{Effect: stats.Effect{Estimate: float64(unpooled.Difference), SE: unpooled.SE, DF: math.Inf(1), N: c.N + t.N},
		Control: c.Rate(), Treatment: t.Rate(), VarControl: variance(c), VarTreatment: variance(t)}
	lift, err := effect.Delta(stats.Options{})
	if l.fail(path, err) {
		return
	}
	l.number(source, path+"/rel_lift", float64(lift.Lift))
	l.numbers(source, path+"/rel_lift_ci95_delta", lift.CI.Low, lift.CI.High)
}

// optional compares where the reference has a number.
func (l *Ledger) optional(source, path string, got float64) {
	if _, ok := l.reference[path]; ok {
		l.number(source, path, got)
	}
}

// arm compares the moments of one arm.
func (l *Ledger) arm(source, path string, m stats.Moments) {
	n := float64(m.N)
	l.number(source, path+"/n", n)
	l.number(source, path+"/sum", m.Mean*n)
	l.number(source, path+"/sumsq", m.M2+n*m.Mean*m.Mean)
	l.number(source, path+"/mean", m.Mean)
	l.number(source, path+"/var", m.Variance())
}

// means compares everything that stats says on two means.
func (l *Ledger) means(source, path string, c, t stats.Moments) {
	l.arm(source, path+"/control", c)
	l.arm(source, path+"/treatment", t)
	welch, err := stats.Welch(c, t, stats.Options{})
	student, err2 := stats.PooledT(c, t, stats.Options{})
	delta, err3 := stats.LiftDelta(c, t, stats.Options{})
	fieller, err4 := stats.LiftFieller(c, t, stats.Options{})
	if l.fail(path, err) || l.fail(path, err2) || l.fail(path, err3) || l.fail(path, err4) {
		return
	}
	l.number(source, path+"/diff", welch.Difference)
	l.number(source, path+"/se", welch.SE)
	l.number(source, path+"/t", welch.Statistic)
	l.number(source, path+"/df", welch.DF)
	l.number(source, path+"/p", welch.P)
	l.numbers(source, path+"/ci95", welch.CI.Low, welch.CI.High)
	l.number(source, path+"/student_t", student.Statistic)
	l.number(source, path+"/student_p", student.P)
	l.number(source, path+"/rel_lift", float64(delta.Lift))
	l.numbers(source, path+"/rel_lift_ci95_delta_z", delta.CI.Low, delta.CI.High)
	l.numbers(source, path+"/rel_lift_ci95_fieller_z", fieller.CI.Low, fieller.CI.High)
}

// ratio compares a sample ratio check over equal weights.
func (l *Ledger) ratio(source, path string, observed ...int64) {
	weights := make([]float64, len(observed))
	for i, n := range observed {
		weights[i] = 1
		l.number(source, path+"/observed/"+string(rune('0'+i)), float64(n))
	}
	ratio, err := stats.SRM(observed, weights)
	if l.fail(path, err) {
		return
	}
	l.number(source, path+"/chi2", ratio.Statistic)
	l.number(source, path+"/df", float64(ratio.DF))
	l.number(source, path+"/p", ratio.P)
}

// The comparisons of an analysis with the reference.

// rateRow compares a row of a scorecard on a proportion.
func (l *Ledger) rateRow(source, path string, row analysis.Row) {
	for name, arm := range map[string]analysis.Observed{"control": row.Control, "treatment": row.Treatment} {
		l.number(source, path+"/"+name+"/n", float64(arm.N))
		l.number(source, path+"/"+name+"/conversions", arm.Numerator)
		l.number(source, path+"/"+name+"/rate", arm.Value)
	}
	l.number(source, path+"/diff", row.Difference.Value)
	l.numbers(source, path+"/ci95_newcombe", row.Difference.Interval.Low, row.Difference.Interval.High)
	l.number(source, path+"/rel_lift", row.Lift.Value)
	if row.Lift.Method == string(stats.MethodLiftDelta) {
		l.numbers(source, path+"/rel_lift_ci95_delta", row.Lift.Interval.Low, row.Lift.Interval.High)
	}
	l.tested(source, path, row, "z_pooled", "p_pooled")
}

// meanRow compares a row of a scorecard on a mean.
func (l *Ledger) meanRow(source, path string, row analysis.Row) {
	for name, arm := range map[string]analysis.Observed{"control": row.Control, "treatment": row.Treatment} {
		l.number(source, path+"/"+name+"/n", float64(arm.N))
		l.number(source, path+"/"+name+"/sum", arm.Numerator)
		l.number(source, path+"/"+name+"/mean", arm.Value)
	}
	l.number(source, path+"/diff", row.Difference.Value)
	l.numbers(source, path+"/ci95", row.Difference.Interval.Low, row.Difference.Interval.High)
	l.number(source, path+"/rel_lift", row.Lift.Value)
	key := "/rel_lift_ci95_fieller_z"
	if row.Lift.Method == string(stats.MethodLiftDelta) {
		key = "/rel_lift_ci95_delta_z"
	}
	l.numbers(source, path+key, row.Lift.Interval.Low, row.Lift.Interval.High)
	if l.tested(source, path, row, "t", "p") {
		l.number(source, path+"/se", row.Test.SE)
		l.number(source, path+"/df", row.Test.DF)
	}
}

func (l *Ledger) tested(source, path string, row analysis.Row, statistic, p string) bool {
	if row.Test == nil {
		l.equal(source+": "+path, "no test: "+row.Problem, "a test")
		return false
	}
	l.number(source, path+"/"+statistic, row.Test.Statistic)
	l.number(source, path+"/"+p, row.Test.P)
	l.close(source+": "+path+" log p", row.Test.LogP, math.Log(row.Test.P))
	return true
}
