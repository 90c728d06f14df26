package analysis

import (
	"fmt"
	"strings"

	"github.com/touchlift/touchlift/experiment/internal/wording"
	"github.com/touchlift/touchlift/stats"
)

// mostPairs is how many pairs of groups a check names.
const mostPairs = 6

func (r *run) checkContaminated(res *Result) Check {
	n, all := unitsOf(res.Contaminated), total(res.Groups)
	if n == 0 {
		return passed(CheckContaminated, "no unit met two variants within a phase")
	}
	share := float64(n) / float64(all)
	c := Check{ID: CheckContaminated, Level: OK,
		Detail: fmt.Sprintf("%s of %s units (%s) met two variants and are left out: %s",
			wording.Count(n), wording.Count(all), wording.Percent(share), pairs(res.Contaminated))}
	const fix = "make every touchpoint ask the engine with the same id; look for shared devices, caches and ids that change at log-in"
	switch {
	case exceeds(share, r.thresholds.ContaminatedFail):
		c.Level, c.Fix = Fail, fix
	case exceeds(share, r.thresholds.ContaminatedWarn):
		c.Level, c.Fix = Warn, fix
	}
	return c
}

func pairs(crossings []Crossing) string {
	var texts []string
	for i, c := range crossings {
		if i == mostPairs {
			texts = append(texts, fmt.Sprintf("%d more pairs", len(crossings)-i))
			break
		}
		texts = append(texts, fmt.Sprintf("%s to %s %s", wording.Name(c.From), wording.Name(c.To), wording.Count(c.Units)))
	}
	return strings.Join(texts, ", ")
}

// checkContaminatedByArm tests whether contaminated units come from the arms as
// they would if chance sent them there twice: a unit that is randomised again
// leaves its first arm with probability 1 - the arm's share of the weights, so
// that a small arm loses a larger part of its units than a large one.
func (r *run) checkContaminatedByArm(d data, res *Result) Check {
	var rates []string
	for _, g := range res.Groups {
		if (g.Role == ControlGroup || g.Role == TreatmentGroup) && g.Units > 0 {
			rates = append(rates, fmt.Sprintf("%s %s", wording.Name(g.Variant), wording.Percent(float64(g.Contaminated)/float64(g.Units))))
		}
	}
	ratio, err := stats.SRMPhases(r.contaminatedPhases(d), stats.Holdout{})
	if err != nil {
		return passed(CheckContaminatedByArm, "not judged: too few contaminated units")
	}
	c := Check{ID: CheckContaminatedByArm, Level: OK,
		Detail: fmt.Sprintf("contaminated units by first arm: %s; p = %s", strings.Join(rates, ", "), wording.P(ratio.Arms.P, ratio.Arms.LogP))}
	if ratio.Arms.P < r.thresholds.ContaminatedByArm {
		c.Level = Warn
		c.Detail += "; chance alone seldom spreads them so"
		c.Fix = "look for a cause that is not the same in every arm; leaving the units out may bias the comparison"
		if !r.manyContaminated(res) {
			c.Fix += ", here little: they are too few to change the verdict"
		}
	}
	return c
}

// contaminatedPhases are the contaminated units of each arm beside those to expect,
// for the phases that have enough of them: the share that is contaminated may
// change from one to the next.
func (r *run) contaminatedPhases(d data) []stats.Phase {
	contaminated := make(census)
	for _, t := range d.all.contaminated {
		if !t.Holdout {
			contaminated[place{t.Variant, t.Phase}] += t.Units
		}
	}
	var phases []stats.Phase
	for _, s := range r.sizes(d.all) {
		p := stats.Phase{Weights: make([]float64, len(s.units))}
		for i, v := range r.schedule.variants {
			p.Observed = append(p.Observed, contaminated[place{v, s.phase}])
			p.Weights[i] = float64(s.units[i]) * (1 - s.shares[i])
		}
		if _, err := sampleRatio(p.Observed, p.Weights); err == nil {
			phases = append(phases, p)
		}
	}
	return phases
}

// manyContaminated reports whether there are as many contaminated units as make
// the check of their number warn.
func (r *run) manyContaminated(res *Result) bool {
	n, all := unitsOf(res.Contaminated), total(res.Groups)
	return n > 0 && exceeds(float64(n)/float64(all), r.thresholds.ContaminatedWarn)
}

// contaminationDecides reports whether contaminated units may have made the
// result: the primary metric says something else with them, or many of them
// differ by arm.
func (r *run) contaminationDecides(res *Result) bool {
	return warned(res.Health, CheckContaminatedEffect) ||
		warned(res.Health, CheckContaminatedByArm) && r.manyContaminated(res)
}

// checkContaminatedEffect compares what the primary metric says without
// contaminated units and with them where they were first exposed.
func (r *run) checkContaminatedEffect(d data, res *Result) Check {
	if !r.hasPrimary() {
		return passed(CheckContaminatedEffect, "not judged: no primary metric")
	}
	if unitsOf(res.Contaminated) == 0 {
		return passed(CheckContaminatedEffect, "no contaminated units")
	}
	var differ []string
	for i, row := range r.rows(d.all, r.metrics[:1]) {
		if clean := res.Scorecard[i]; clean.Mark != row.Mark {
			differ = append(differ, fmt.Sprintf("%s is %s without them and %s with them",
				wording.Name(row.Variant), markText(clean.Mark), markText(row.Mark)))
		}
	}
	if len(differ) == 0 {
		return passed(CheckContaminatedEffect, "the primary metric says the same with and without contaminated units")
	}
	return Check{ID: CheckContaminatedEffect, Level: Warn,
		Detail: "contaminated units decide the primary metric: " + strings.Join(differ, "; "),
		Fix:    "find out how units meet two variants, and repeat the experiment"}
}

func markText(m Mark) string { return strings.ReplaceAll(string(m), "_", " ") }
