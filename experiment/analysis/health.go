package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/internal/wording"
)

// The ids of the health checks.
const (
	// CheckSRM: the arms' sizes against their weights, all units where they
	// were first exposed.
	CheckSRM = "srm"
	// CheckSRMClean: the same without contaminated units.
	CheckSRMClean = "srm_without_contaminated"
	// CheckZeroWeight: units in an arm that has weight 0 in the phase of their
	// first exposure.
	CheckZeroWeight = "zero_weight_arm"
	// CheckContaminated: units that met two groups within one phase.
	CheckContaminated = "contaminated"
	// CheckContaminatedByArm: whether they differ by arm, beyond what chance
	// and the weights explain. A warning makes the verdict review where the
	// share of contaminated units reaches [Thresholds.ContaminatedWarn].
	CheckContaminatedByArm = "contaminated_by_arm"
	// CheckContaminatedEffect: whether the primary metric says the same with
	// and without them. A warning makes the verdict review.
	CheckContaminatedEffect = "contaminated_effect"
	// CheckHoldout: the units kept out against their share of all. It never fails:
	// no comparison rests on them. Only where a holdout applies, or has units.
	CheckHoldout = "holdout"
	// CheckPhases: whether the primary metric says the opposite once the phases
	// are thrown together (Simpson's paradox). Only where units of several phases
	// are compared.
	CheckPhases = "phases"
	// CheckUnknownPhase: units in phases that the experiment does not declare, whose
	// weights nobody knows. Only for an experiment with phases, or with such units.
	CheckUnknownPhase = "unknown_phase"
	// CheckMoved: units that met two groups in different phases.
	CheckMoved = "moved"
	// CheckUnknown: units in variants that are no arm of the experiment.
	CheckUnknown = "unknown_variant"
	// CheckSize: whether the arms are large enough for the primary metric.
	CheckSize = "too_few_units"
	// CheckWindow: whether every unit had the same time to convert.
	CheckWindow = "no_window"
	// CheckCut: how many units had the end of the experiment, or its
	// conclusion, within their window. From then on they may meet another arm
	// than their own, or none, which dilutes the effect.
	// Not judged where every touchpoint sends e-mail, SMS, push messages or
	// direct mail.
	CheckCut = "cut_short"
)

// health runs every check that applies. Those that need outcomes run only where
// there is a scorecard.
func (r *run) health(at moment, d data, res *Result) []Check {
	checks := []Check{
		r.checkBalance(CheckSRM, res.Balance, allUnits),
		r.checkCleanBalance(res),
		r.checkZeroWeight(d),
		r.checkContaminated(res),
		r.checkContaminatedByArm(d, res),
		r.checkMoved(res),
		r.checkUnknown(res.Groups),
	}
	checks = append(checks, r.checkUnknownPhase(d)...)
	checks = append(checks, r.checkHoldout(res)...)
	if len(res.Scorecard) == 0 {
		return checks
	}
	checks = append(checks, r.checkContaminatedEffect(d, res))
	checks = append(checks, r.checkPhases(d, res)...)
	return append(checks, r.checkSize(res.Scorecard), r.checkWindow(), r.checkCut(at))
}

func passed(id, format string, args ...any) Check {
	return Check{ID: id, Level: OK, Detail: fmt.Sprintf(format, args...)}
}

// exceeds is a threshold on a share; negative thresholds never fire.
func exceeds(share, threshold float64) bool { return threshold >= 0 && share >= threshold }

func (r *run) checkUnknown(groups []Group) Check {
	n := int64(0)
	var names []string
	for _, g := range groups {
		if g.Role == UnknownGroup && g.Units > 0 {
			n += g.Units
			names = append(names, wording.Name(g.Variant))
		}
	}
	if n == 0 {
		return passed(CheckUnknown, "every unit was exposed to an arm of the experiment")
	}
	share := float64(n) / float64(total(groups))
	c := Check{ID: CheckUnknown, Level: Warn,
		Detail: fmt.Sprintf("%s of %s units (%s) met variants that are no arm of the experiment: %s",
			wording.Count(n), wording.Count(total(groups)), wording.Percent(share), strings.Join(names, ", ")),
		Fix: "a renamed or removed arm needs a new salt; rename it back, or start a new run"}
	if exceeds(share, r.thresholds.UnknownFail) {
		c.Level = Fail
	}
	return c
}

func total(groups []Group) int64 {
	return unitsIn(groups, ControlGroup, TreatmentGroup, HoldoutGroup, UnknownGroup)
}

// checkSize judges whether each arm has enough units for the test of the
// primary metric: two are the least for any inference.
func (r *run) checkSize(rows []Row) Check {
	const fix = "plan a larger sample for the next run"
	var none, small []string
	for _, row := range rows {
		if row.Role != Primary {
			continue
		}
		for variant, o := range map[string]Observed{row.Baseline: row.Control, row.Variant: row.Treatment} {
			if o.N < 2 {
				none = append(none, wording.Name(variant)+" has "+wording.Count(o.N))
			} else if text := r.smallArm(row, o); text != "" {
				small = append(small, wording.Name(variant)+" "+text)
			}
		}
	}
	switch {
	case len(none) > 0:
		return Check{ID: CheckSize, Level: Fail, Fix: fix,
			Detail: "too few matured units for any inference, at least 2 are needed: " + once(none)}
	case len(small) > 0:
		return Check{ID: CheckSize, Level: Warn, Fix: fix,
			Detail: "p values and intervals of the primary metric are rough in small arms: " + once(small)}
	}
	return passed(CheckSize, "every arm is large enough for the test of the primary metric")
}

// once joins texts in order, each once.
func once(texts []string) string {
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), ", ")
}

// smallArm says what makes the normal approximation rough in one arm of a
// comparison, or nothing.
func (r *run) smallArm(row Row, arm Observed) string {
	if row.Kind == experiment.MetricMean {
		if float64(arm.N) < r.thresholds.SmallArm {
			return "has " + wording.Count(arm.N) + " units"
		}
		return ""
	}
	rate := (row.Control.Numerator + row.Treatment.Numerator) / float64(row.Control.N+row.Treatment.N)
	if with := float64(arm.N) * rate; with < r.thresholds.SmallCount {
		return "expects " + wording.Number(with) + " units with the event"
	}
	if without := float64(arm.N) * (1 - rate); without < r.thresholds.SmallCount {
		return "expects " + wording.Number(without) + " units without the event"
	}
	return ""
}

func (r *run) checkWindow() Check {
	if !r.hasPrimary() || r.metrics[0].Window > 0 {
		return passed(CheckWindow, "every unit of the primary metric had the same time to convert")
	}
	return Check{ID: CheckWindow, Level: Warn,
		Detail: "the primary metric has no window, so units that were exposed last had little time to convert",
		Fix:    "give the metric a window"}
}

func (r *run) checkCut(at moment) Check {
	if r.metrics[0].Window == 0 {
		return passed(CheckCut, "not judged: the primary metric has no window")
	}
	if r.sent {
		return passed(CheckCut, "every touchpoint sends its message: what a unit got before the end stays with it")
	}
	if at.cut == 0 {
		return passed(CheckCut, "the experiment went on to the end of every unit's window")
	}
	share := float64(at.cut) / float64(at.all)
	c := passed(CheckCut, "the end of the experiment, %s, fell into the window of %s of %s units (%s)",
		r.moment(r.exposuresEnd()), wording.Count(at.cut), wording.Count(at.all), wording.Percent(share))
	if exceeds(share, r.thresholds.CutWarn) {
		c.Level = Warn
		c.Detail += "; what an arm does when it is met again is diluted"
		c.Fix = "plan a sample that is reached before the end, or let nobody new in during the last " + wording.Duration(r.matures())
	}
	return c
}
