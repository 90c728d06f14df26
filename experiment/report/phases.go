package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
	"github.com/touchlift/touchlift/experiment/internal/wording"
)

// phased reports whether units were first exposed in several phases.
func phased(r analysis.Result) bool { return len(r.Balance) > 0 && len(r.Balance[0].Phases) > 1 }

// reweighted reports whether the weights of the groups are not those of all their units.
func reweighted(r analysis.Result) bool { return r.Phase > 0 || phased(r) }

// writePhases shows the sizes of the arms in each of several phases, all units
// where they were first exposed.
func writePhases(b *strings.Builder, r analysis.Result) {
	if !phased(r) {
		return
	}
	fmt.Fprintf(b, "\nUnits by phase of first exposure, %s\n", r.Balance[0].Population)
	t := table{header: []string{"phase", "from", "variant", "weight", "units", "expected", "p"},
		right: []bool{true, false, false, true, true, true, true}}
	for _, phase := range r.Balance[0].Phases {
		number, from, p := fmt.Sprint(phase.Phase), "the start", "-"
		if !phase.From.IsZero() {
			from = wording.Moment(phase.From)
		}
		if phase.Test != nil {
			p = wording.P(phase.Test.P, phase.Test.LogP)
		}
		for _, arm := range phase.Arms {
			t.add(number, from, wording.Name(arm.Variant), fmt.Sprint(arm.Weight), wording.Count(arm.Units), wording.Tenths(arm.Expected), p)
			number, from, p = "", "", ""
		}
	}
	t.write(b)
}

// writeHoldout shows the units that were kept out beside what was expected.
func writeHoldout(b *strings.Builder, r analysis.Result) {
	h := r.Holdout
	if h == nil || h.Units == 0 {
		return
	}
	names := make([]string, len(h.Keys))
	for i, key := range h.Keys {
		names[i] = wording.Name(key)
	}
	lead := "\nHoldout"
	if len(names) > 0 {
		lead += " " + wording.List(names, "and")
	}
	fmt.Fprintf(b, "%s: %s of %s units kept out, in no comparison\n", lead, wording.Count(h.Units), wording.Count(h.Of))
	if len(h.Metrics) == 0 {
		return
	}
	t := table{header: []string{"metric", "value", "raw"}, right: []bool{false, true, true}}
	for _, m := range h.Metrics {
		t.add(wording.Name(m.Metric), valueText(m.Kind, m.Observed.Value), rawText(m.Observed))
	}
	t.write(b)
}

// phasesText says which phases a row compares, where the experiment has several,
// and what each of them shows.
func phasesText(row analysis.Row) string {
	var parts []string
	for _, p := range row.Phases {
		difference := p.Treatment.Value - p.Control.Value
		text := wording.Signed(difference)
		if row.Kind == experiment.MetricProportion {
			text = wording.Points(difference)
		}
		parts = append(parts, fmt.Sprintf("%s in phase %d (%s of the units)", text, p.Phase, wording.Percent(p.Weight)))
	}
	switch len(parts) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("compared in phase %d alone, as no other has units of both arms that count", row.Phases[0].Phase)
	}
	text := "compared within each phase: " + wording.List(parts, "and")
	if unequal(row.Phases) {
		text += "; the values above are means over the phases by their units, not the raw numbers divided"
	}
	return text
}

// unequal reports whether the arms' sizes stand in another ratio in one phase
// than in another, so that a mean over phases is not that of all units.
func unequal(phases []analysis.PhaseEffect) bool {
	first := phases[0]
	return slices.ContainsFunc(phases[1:], func(p analysis.PhaseEffect) bool {
		return p.Control.N*first.Treatment.N != p.Treatment.N*first.Control.N
	})
}
