package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/internal/wording"
	"github.com/touchlift/touchlift/stats"
)

// ship names the best of the arms that are better than control, and every
// other winner that the data cannot tell from it.
func (r *run) ship(d data, res *Result, winners, losers []Row) Verdict {
	best := winners[0]
	for _, w := range winners[1:] {
		if gain(w) > gain(best) {
			best = w
		}
	}
	res.Pairwise = r.against(d, best, winners)
	for range winners { // arms of different phases have differences of different units
		better := slices.IndexFunc(res.Pairwise, func(pair Row) bool { return pair.Mark == Worse })
		if better < 0 {
			break
		}
		best = winners[slices.IndexFunc(winners, func(w Row) bool { return w.Variant == res.Pairwise[better].Baseline })]
		res.Pairwise = r.against(d, best, winners)
	}
	v := Verdict{Status: Ship, Variants: []string{best.Variant}, Reason: r.finding(best)}
	for _, pair := range res.Pairwise {
		v.Reason += "; against " + wording.Name(pair.Baseline) + " " + intervalText(pair)
		if pair.Mark != Better {
			v.Variants = append(v.Variants, pair.Baseline)
		}
	}
	names := wording.List(safeNames(v.Variants), "or")
	v.Sentence, v.Next = "ship "+names, "serve "+names+" to everyone, and conclude the experiment"
	if len(v.Variants) > 1 {
		v.Sentence = "ship either " + names
		v.Reason += "; the winners cannot be told apart"
		v.Next = "serve the one that costs least of " + names + " to everyone, and conclude the experiment"
	}
	if len(losers) > 0 {
		v.Reason += "; worse than control: " + strings.Join(safeNames(variants(losers)), ", ")
	}
	return v
}

// against compares the best arm with the other winners.
func (r *run) against(d data, best Row, winners []Row) []Row {
	var rivals []Row
	for _, w := range winners {
		if w.Variant != best.Variant {
			rivals = append(rivals, w)
		}
	}
	return r.pairwise(d, best, rivals)
}

// gain is how much better than control an arm is, in the unit of the metric.
func gain(row Row) float64 {
	if row.Better == experiment.Decrease {
		return -row.Difference.Value
	}
	return row.Difference.Value
}

// pairwise compares the best arm with the other winners, with Holm's
// correction over these comparisons.
func (r *run) pairwise(d data, best Row, rivals []Row) []Row {
	var rows []Row
	var p []float64
	for _, rival := range rivals {
		row := r.compare(r.metrics[0], 0, d.clean, rival.Variant, best.Variant)
		rows = append(rows, row)
		if row.Test == nil {
			p = append(p, 1)
		} else {
			p = append(p, row.Test.P)
		}
	}
	adjusted, err := stats.Holm(p)
	for i := range rows {
		if err == nil && rows[i].Test != nil {
			rows[i].Test.AdjustedP = adjusted[i]
			r.mark(&rows[i])
		}
	}
	return rows
}

// finding says what the primary row of an arm shows.
func (r *run) finding(row Row) string {
	return fmt.Sprintf("%s is %s with %s against %s with %s: %s, adjusted p = %s", wording.Name(row.Metric),
		valueText(row.Kind, row.Treatment.Value), wording.Name(row.Variant),
		valueText(row.Kind, row.Control.Value), wording.Name(row.Baseline),
		intervalText(row), adjustedText(row.Test))
}

// intervalText is the difference with its interval, in one unit.
func intervalText(row Row) string {
	text := differenceText(row.Kind, row.Difference.Value)
	if i := row.Difference.Interval; i.Kind == stats.Bounded {
		low := wording.Signed(i.Low)
		if row.Kind == experiment.MetricProportion {
			low = wording.Hundredths(i.Low)
		}
		text += " (" + low + " to " + differenceText(row.Kind, i.High) + ")"
	}
	return text
}

// adjustedText is the adjusted p. Where p underflowed, the adjusted one did
// too, and the bound is what can be said.
func adjustedText(t *Test) string {
	if t.AdjustedP == 0 {
		return "below 1e-300"
	}
	return wording.P(t.AdjustedP, 0)
}

func valueText(kind experiment.MetricKind, v float64) string {
	if kind == experiment.MetricProportion {
		return wording.Percent(v)
	}
	return wording.Number(v)
}

func differenceText(kind experiment.MetricKind, v float64) string {
	if kind == experiment.MetricProportion {
		return wording.Points(v)
	}
	return wording.Signed(v)
}

func variants(rows []Row) []string {
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = row.Variant
	}
	return names
}

func safeNames(names []string) []string {
	safe := make([]string, len(names))
	for i, name := range names {
		safe[i] = wording.Name(name)
	}
	return safe
}
