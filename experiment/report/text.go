package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
	"github.com/touchlift/touchlift/experiment/internal/wording"
)

// Text renders the result for a terminal with a fixed-width font. Sentences are
// wrapped at 100 columns; tables are as wide as their content.
func Text(result analysis.Result) string {
	var b strings.Builder
	writeVerdict(&b, result)
	writeHealth(&b, result)
	writeGroups(&b, result)
	writePhases(&b, result)
	writeScorecard(&b, result)
	writeHoldout(&b, result)
	return b.String()
}

// WriteText writes [Text] to w. The error is that of w.
func WriteText(w io.Writer, result analysis.Result) error {
	_, err := io.WriteString(w, Text(result))
	return err
}

func writeVerdict(b *strings.Builder, r analysis.Result) {
	paragraph(b, "", wording.Name(r.Experiment)+": "+r.Verdict.Sentence)
	paragraph(b, "  Reason  ", r.Verdict.Reason)
	paragraph(b, "  Next    ", r.Verdict.Next)
}

func writeHealth(b *strings.Builder, r analysis.Result) {
	if r.Verdict.Status == analysis.NoData {
		b.WriteString("\nHealth: nothing to judge yet\n")
		return
	}
	warnings, failures, width := 0, 0, 0
	for _, c := range r.Health {
		width = max(width, len(c.ID))
		switch c.Level {
		case analysis.Warn:
			warnings++
		case analysis.Fail:
			failures++
		}
	}
	fmt.Fprintf(b, "\nHealth: %s\n", healthSummary(warnings, failures))
	for _, c := range r.Health {
		lead := fmt.Sprintf("  %-4s  %-*s  ", c.Level, width, c.ID)
		paragraph(b, lead, c.Detail)
		if c.Fix != "" {
			paragraph(b, strings.Repeat(" ", len(lead)), "Fix: "+c.Fix)
		}
	}
}

func healthSummary(warnings, failures int) string {
	switch {
	case warnings == 0 && failures == 0:
		return "good"
	case failures == 0:
		return plural(warnings, "warning")
	case warnings == 0:
		return plural(failures, "failure")
	}
	return plural(failures, "failure") + ", " + plural(warnings, "warning")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func writeGroups(b *strings.Builder, r analysis.Result) {
	fmt.Fprintf(b, "\nUnits as of %s%s\n", wording.Moment(r.AsOf), stageText(r))
	weight := "weight"
	if reweighted(r) {
		weight = "weight now"
	}
	t := table{header: []string{"variant", "role", weight, "units", "matured", "contaminated"},
		right: []bool{false, false, true, true, true, true}}
	for _, g := range r.Groups {
		matured := wording.Count(g.Matured)
		if r.Plan.Sample > 0 && g.Weight > 0 {
			matured += " of " + wording.Count(r.Plan.Sample)
		}
		name, weight := wording.Name(g.Variant), fmt.Sprint(g.Weight)
		if g.Role == analysis.HoldoutGroup {
			name, weight, matured = "-", "-", "-"
		}
		t.add(name, string(g.Role), weight, wording.Count(g.Units), matured, wording.Count(g.Contaminated))
	}
	t.write(b)
}

func stageText(r analysis.Result) string {
	switch r.Stage {
	case analysis.Evaluated:
		return ", the moment of the evaluation"
	case analysis.Overdue:
		return ", the deadline"
	}
	return ""
}

func writeScorecard(b *strings.Builder, r analysis.Result) {
	if len(r.Scorecard) == 0 {
		return
	}
	fmt.Fprintf(b, "\nScorecard %s, %s intervals\n", wording.Name(r.Population), wording.Confidence(r.Plan.Alpha))
	if r.Verdict.Status == analysis.Unhealthy {
		paragraph(b, "", "A health check failed: these numbers decide nothing.")
	}
	for _, family := range r.Families {
		fmt.Fprintf(b, "%s: p adjusted by %s over %s\n", title(family.Role), adjustmentText(family.Adjustment),
			plural(family.Comparisons, "comparison"))
		var rows []analysis.Row
		for _, row := range r.Scorecard {
			if row.Role == family.Role {
				rows = append(rows, row)
			}
		}
		writeRows(b, rows, "control")
	}
	if len(r.Pairwise) > 0 {
		fmt.Fprintf(b, "Between the winners: p adjusted by Holm over %s\n", plural(len(r.Pairwise), "comparison"))
		writeRows(b, r.Pairwise, "runner-up")
	}
	paragraph(b, "", "Each interval holds by itself; adjusted p values account for the whole family.")
}

func title(role analysis.Role) string {
	return strings.ToUpper(string(role[:1])) + string(role[1:])
}

func adjustmentText(a experiment.Adjustment) string {
	if a == experiment.AdjustBH {
		return "Benjamini-Hochberg"
	}
	return "Holm"
}

// writeRows writes rows of one family as a table, each with its raw numbers and
// intervals in a second line, then what there is to say about single rows.
func writeRows(b *strings.Builder, rows []analysis.Row, baseline string) {
	t := table{header: []string{"metric", "variant", baseline, "treatment", "difference", "lift", "p", "adjusted p", "mark"},
		right: []bool{false, false, true, true, true, true, true, true, false}}
	for _, row := range rows {
		p, adjusted := "-", "-"
		if row.Test != nil {
			p, adjusted = wording.P(row.Test.P, row.Test.LogP), adjustedText(row.Test)
		}
		t.add(wording.Name(row.Metric), wording.Name(row.Variant), valueText(row.Kind, row.Control.Value),
			valueText(row.Kind, row.Treatment.Value), differenceText(row), liftText(row), p, adjusted,
			strings.ReplaceAll(string(row.Mark), "_", " "))
		t.add("", versus(row, baseline), rawText(row.Control), rawText(row.Treatment), differenceInterval(row), liftInterval(row))
	}
	t.write(b)
	for _, row := range rows {
		for _, note := range notes(row) {
			paragraph(b, "  ", wording.Name(row.Metric)+", "+wording.Name(row.Variant)+": "+note)
		}
	}
}

// versus names the baseline where it is not control.
func versus(row analysis.Row, baseline string) string {
	if baseline == "control" {
		return ""
	}
	return "against " + wording.Name(row.Baseline)
}
