package analysis

import (
	"fmt"
	"math"
	"strings"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/internal/wording"
	"github.com/touchlift/touchlift/stats"
)

// checkZeroWeight looks for units in arms that nobody should be in. One kind of
// them has a harmless cause: who keeps a variant of an earlier phase is in that
// phase, unless the exposure from then was lost or erased.
func (r *run) checkZeroWeight(d data) Check {
	var leaks []string
	units, kept := int64(0), true
	for _, s := range r.sizes(d.all) {
		for i, v := range r.schedule.variants {
			if s.shares[i] > 0 || s.units[i] == 0 {
				continue
			}
			leak := fmt.Sprintf("%s units in %s", wording.Count(s.units[i]), wording.Name(v))
			if len(r.schedule.phases) > 1 {
				leak += fmt.Sprintf(" in phase %d", s.phase)
			}
			leaks, units = append(leaks, leak), units+s.units[i]
			kept = kept && r.experiment.Sticky && r.schedule.runsIn(v, s.phase)
		}
	}
	if len(leaks) == 0 {
		return passed(CheckZeroWeight, "no traffic in an arm of weight 0")
	}
	c := Check{ID: CheckZeroWeight, Level: Fail,
		Detail: wording.List(leaks, "and") + ", which has weight 0",
		Fix:    "find out who serves the arm: an old configuration, or code that does not ask the engine"}
	if kept && !exceeds(float64(units)/float64(d.all.size()), r.thresholds.UnknownFail) {
		c.Level = Warn
		c.Fix = "these units keep a variant of an earlier phase, and what they met then is not in the store: find out whether it was lost or erased"
	}
	return c
}

// size counts the units of all groups.
func (t tally) size() int64 {
	n := int64(0)
	for _, units := range t.units {
		n += units
	}
	return n
}

func (r *run) checkMoved(res *Result) Check {
	n := unitsOf(res.Moved)
	c := passed(CheckMoved, "%s of %s units met another variant in a later phase; they count where they were first exposed",
		wording.Count(n), wording.Count(total(res.Groups)))
	if n > 0 {
		c.Detail += ", which blurs a difference and makes none: " + pairs(res.Moved)
	}
	return c
}

// checkUnknownPhase finds units of phases whose weights nobody declared: their
// sizes cannot be judged.
func (r *run) checkUnknownPhase(d data) []Check {
	n := int64(0)
	var names []string
	for _, phase := range d.all.phases() {
		if r.schedule.declares(phase) {
			continue
		}
		names = append(names, fmt.Sprint(phase))
		for s, units := range d.all.units {
			if s.phase == phase && !s.holdout {
				n += units
			}
		}
	}
	switch {
	case n > 0:
	case len(r.schedule.phases) > 1:
		return []Check{passed(CheckUnknownPhase, "every unit was exposed in a phase of the experiment")}
	default:
		return nil
	}
	share := float64(n) / float64(d.all.size())
	c := Check{ID: CheckUnknownPhase, Level: Warn,
		Detail: fmt.Sprintf("%s of %s units (%s) were first exposed in phases that the experiment does not declare, so that no weights are known for them: %s",
			wording.Count(n), wording.Count(d.all.size()), wording.Percent(share), strings.Join(names, ", ")),
		Fix: "analyse with the configuration that was served, with every phase that it ever had"}
	if exceeds(share, r.thresholds.UnknownFail) {
		c.Level = Fail
	}
	return []Check{c}
}

// checkPhases compares the rows of the primary metric with what a plain comparison
// of all units would show. Where weights change, that one compares times.
func (r *run) checkPhases(d data, res *Result) []Check {
	var shown, opposite []string
	for _, row := range res.Scorecard {
		if row.Role != Primary || len(row.Phases) < 2 || row.Test == nil {
			continue
		}
		naive, p := d.clean.together(row)
		text := fmt.Sprintf("%s %s within phases and %s with all phases thrown together", wording.Name(row.Variant),
			differenceText(row.Kind, row.Difference.Value), differenceText(row.Kind, naive))
		shown = append(shown, text)
		if naive*row.Difference.Value < 0 && min(p, row.Test.P) < r.plan.Alpha {
			opposite = append(opposite, text)
		}
	}
	switch {
	case len(opposite) > 0:
		return []Check{{ID: CheckPhases, Level: Warn,
			Detail: "the difference turns round once phases are thrown together: " + strings.Join(opposite, "; "),
			Fix:    "trust the scorecard, which compares within phases; a plain comparison shows when the units came, not what the arms do"}}
	case len(shown) > 0:
		return []Check{passed(CheckPhases, "%s: %s; the scorecard compares within phases", wording.Name(r.metrics[0].Key), strings.Join(shown, "; "))}
	}
	return nil
}

// together is the difference of the primary metric over all units of two arms,
// whatever their phases, and its p; 1 where nothing can be tested.
func (t tally) together(row Row) (difference, p float64) {
	var counts [2]stats.Counts
	var moments [2]stats.Moments
	for _, phase := range t.phases() {
		for i, v := range []string{row.Baseline, row.Variant} {
			s := t.summary(group{variant: v}, phase, 0)
			counts[i].Merge(s.counts)
			moments[i].Merge(s.moments)
		}
	}
	difference = moments[treatmentArm].Mean - moments[controlArm].Mean
	if row.Kind == experiment.MetricProportion {
		result, err := stats.Proportions(counts[controlArm], counts[treatmentArm], stats.ProportionOptions{})
		return difference, pOr1(result.P, err)
	}
	result, err := stats.Welch(moments[controlArm], moments[treatmentArm], stats.Options{})
	return difference, pOr1(result.P, err)
}

func pOr1(p float64, err error) float64 {
	if err != nil || math.IsNaN(p) {
		return 1
	}
	return p
}
