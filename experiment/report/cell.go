package report

import (
	"math"
	"strings"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
	"github.com/touchlift/touchlift/experiment/internal/wording"
	"github.com/touchlift/touchlift/stats"
)

func valueText(kind experiment.MetricKind, v float64) string {
	if kind == experiment.MetricProportion {
		return wording.Percent(v)
	}
	return wording.Number(v)
}

func differenceText(row analysis.Row) string {
	if row.Kind == experiment.MetricProportion {
		return wording.Points(row.Difference.Value)
	}
	return wording.Signed(row.Difference.Value)
}

func liftText(row analysis.Row) string { return wording.Lift(row.Lift.Value) }

func rawText(o analysis.Observed) string {
	return wording.Total(o.Numerator) + "/" + wording.Count(o.N)
}

func differenceInterval(row analysis.Row) string {
	if row.Kind == experiment.MetricProportion {
		return intervalText(row.Difference.Interval, wording.Hundredths, " points")
	}
	return intervalText(row.Difference.Interval, wording.Signed, "")
}

func liftInterval(row analysis.Row) string {
	return intervalText(row.Lift.Interval, wording.Hundredths, " %")
}

// intervalText writes an interval by its kind, both ends in the unit.
func intervalText(i stats.Interval, number func(float64) string, unit string) string {
	low, high := number(i.Low), number(i.High)
	switch i.Kind {
	case stats.Bounded:
		return low + " to " + high + unit
	case stats.LowerUnbounded:
		return "up to " + high + unit
	case stats.UpperUnbounded:
		return low + unit + " or more"
	case stats.Exclusive:
		return "outside " + low + " to " + high + unit
	case stats.Unbounded:
		return "any value"
	}
	return ""
}

// adjustedText writes an adjusted p value. One that underflowed has no
// logarithm of its own.
func adjustedText(t *analysis.Test) string {
	if t.AdjustedP == 0 {
		return "<1e-300"
	}
	return wording.P(t.AdjustedP, math.Log(t.AdjustedP))
}

// notes are what a reader of a row must know beyond its numbers.
func notes(row analysis.Row) []string {
	var notes []string
	if row.Problem != "" {
		notes = append(notes, "no inference: "+row.Problem)
	}
	if row.Lift.Problem != "" && row.Lift.Problem != row.Problem {
		notes = append(notes, "no lift: "+row.Lift.Problem)
	}
	if row.Lift.Method == string(stats.MethodLiftFieller) {
		notes = append(notes, "lift interval by Fieller's method, as the control value is uncertain beside its size")
	}
	if text := phasesText(row); text != "" {
		notes = append(notes, text)
	}
	for _, w := range row.Warnings {
		notes = append(notes, warningText(row, w))
	}
	if row.Test != nil {
		for _, w := range row.Test.Warnings {
			notes = append(notes, strings.ReplaceAll(w, "_", " "))
		}
	}
	return notes
}

func warningText(row analysis.Row, w analysis.Warning) string {
	switch w {
	case analysis.DifferenceDisagrees:
		return "the interval of the difference and the test disagree near alpha; the test decides"
	case analysis.LiftDisagrees:
		return "the lift interval and the test disagree near alpha; the test decides"
	case analysis.IntervalsUnadjusted:
		return "an interval by itself excludes 0, and the adjusted p, which accounts for the family, does not reach alpha; the test decides"
	case analysis.ConstantBaseline:
		return "all units of " + wording.Name(row.Baseline) + " have the same value"
	case analysis.ConstantVariant:
		return "all units of " + wording.Name(row.Variant) + " have the same value"
	case analysis.WindowsOpen:
		return "fewer units than for the primary metric, as delay and window are longer: the others have not matured"
	case analysis.PhasesLeftOut:
		return "phases in which an arm has a single unit are left out"
	}
	return strings.ReplaceAll(string(w), "_", " ")
}
