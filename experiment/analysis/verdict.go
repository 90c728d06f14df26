package analysis

import (
	"fmt"
	"math"
	"time"

	"github.com/touchlift/touchlift/experiment/internal/wording"
)

// result puts everything together; the verdict comes last, from the rest.
func (r *run) result(at moment, d data) Result {
	e := r.experiment
	res := Result{
		Experiment: e.Key, Run: e.Run(), Revision: r.revision,
		Population: "per exposed " + string(e.Unit), AsOf: at.asOf.In(r.zone), Stage: at.stage, Phase: r.schedule.before(at.asOf),
		Plan: Plan{Method: r.plan.Method, Alpha: r.plan.Alpha, Sample: r.plan.Sample, Primary: e.Metrics.Primary,
			Matures: r.matures()},
		Groups:       r.groups(at, d),
		Holdout:      r.holdout(d),
		Balance:      r.balances(d),
		Contaminated: crossings(d.all.contaminated),
		Moved:        crossings(d.all.moved),
	}
	if deadline := r.deadline(); !deadline.IsZero() {
		res.Plan.Deadline = deadline.In(r.zone)
	}
	if at.stage != Waiting && r.comparable() && unitsIn(res.Groups, ControlGroup, TreatmentGroup) > 0 {
		res.Scorecard = r.rows(d.clean, r.metrics)
		res.Families = r.families(res.Scorecard)
	}
	res.Health = r.health(at, d, &res)
	res.Verdict = r.verdict(at, d, &res)
	return res
}

// verdict applies the rules in their order; the first that matches speaks.
func (r *run) verdict(at moment, d data, res *Result) Verdict {
	switch {
	case unitsIn(res.Groups, ControlGroup, TreatmentGroup, UnknownGroup) == 0:
		return r.noData(res)
	case failed(res.Health) != nil:
		return unhealthy(res.Health)
	case !r.hasPrimary():
		return Verdict{Status: Review, Sentence: "review",
			Reason: "the experiment names no primary metric, so that nothing can decide it",
			Next:   "name a primary metric before anybody looks at outcomes"}
	case !r.comparable():
		return r.nothingToCompare()
	case at.stage == Waiting:
		return r.keepRunning(at)
	case at.stage == Overdue:
		return r.overdue(at)
	case r.contaminationDecides(res):
		return Verdict{Status: Review, Sentence: "review",
			Reason: "units that met two variants may have biased the comparison; see the health checks",
			Next:   "find out how they met two variants, then repeat the experiment"}
	}
	v := r.decide(d, res)
	if r.plan.Sample == 0 && r.concludedEarly() {
		v.Next += notPlanned
	}
	return v
}

// notPlanned goes with a moment of evaluation that a person chose.
const notPlanned = "; with care: the conclusion set the moment of the evaluation, and the error rates hold only if no outcome led to it"

func failed(health []Check) []Check {
	var failures []Check
	for _, c := range health {
		if c.Level == Fail {
			failures = append(failures, c)
		}
	}
	return failures
}

func warned(health []Check, id string) bool {
	for _, c := range health {
		if c.ID == id && c.Level == Warn {
			return true
		}
	}
	return false
}

func (r *run) noData(res *Result) Verdict {
	v := Verdict{Status: NoData, Sentence: "no data",
		Reason: fmt.Sprintf("the source holds no exposure of run %q", wording.Name(r.experiment.Run())),
		Next:   "check that a touchpoint calls Expose, and that its recorder writes to this store"}
	if held := unitsIn(res.Groups, HoldoutGroup); held > 0 {
		v.Reason = fmt.Sprintf("nobody was exposed to an arm in run %q; %s units are in the holdout", wording.Name(r.experiment.Run()), wording.Count(held))
		v.Next = "check that the touchpoints call Expose for units outside the holdout, and that the holdout leaves some"
	}
	switch {
	case r.now.Before(r.experiment.Starts):
		v.Next = "wait: the experiment starts at " + r.moment(r.experiment.Starts)
	case len(r.experiment.Traffic) > 0 && r.now.Before(r.experiment.Traffic[0].From):
		v.Next = "wait: nobody is enrolled before the first step of the traffic, at " + r.moment(r.experiment.Traffic[0].From)
	case r.experiment.Paused:
		v.Next = "resume the experiment: it is paused, and records nothing"
	}
	return v
}

func unhealthy(health []Check) Verdict {
	failures := failed(health)
	ids := make([]string, len(failures))
	for i, c := range failures {
		ids[i] = c.ID
	}
	return Verdict{Status: Unhealthy, Sentence: "unhealthy",
		Reason: "the data cannot be trusted: " + wording.List(ids, "and") + " failed; " + failures[0].Detail,
		Next:   failures[0].Fix}
}

// comparable reports whether control and another arm carry weight in one phase.
func (r *run) comparable() bool {
	for phase := range r.phase + 1 {
		for _, v := range r.treatments() {
			if r.schedule.together(phase, r.experiment.Control(), v) {
				return true
			}
		}
	}
	return false
}

func (r *run) nothingToCompare() Verdict {
	v := Verdict{Status: Review, Sentence: "review",
		Reason: "only one arm carries weight: there is nothing to compare",
		Next:   "give another arm weight in a new run, or conclude the experiment"}
	control := wording.Name(r.experiment.Control())
	switch {
	case !r.schedule.runsIn(r.experiment.Control(), r.phase):
		v.Reason = control + ", the control, has weight 0: there is nothing to compare the other arms with"
		v.Next = "give " + control + " weight in a new run, or conclude the experiment"
	case len(r.treatments()) > 0:
		v.Reason = control + ", the control, and the other arms never carry weight in the same phase: what differs between phases may be the time"
		v.Next = "let " + control + " run beside the other arms in a new run"
	}
	return v
}

func (r *run) keepRunning(at moment) Verdict {
	v := Verdict{Status: KeepRunning, Sentence: "keep running"}
	deadline := r.deadline()
	switch {
	case r.plan.Sample > 0:
		variant, n := r.schedule.progress(r.phase, at.matured)
		v.Reason = fmt.Sprintf("%s of %s planned units have matured in %s", wording.Count(n),
			wording.Count(r.plan.Sample), wording.Name(variant))
		v.Next = "wait until every arm has the planned size; outcomes stay hidden until then"
		if !deadline.IsZero() {
			v.Next += ", at the latest until " + r.moment(deadline)
		}
	case deadline.IsZero():
		v.Reason = "the plan names neither a sample nor an end, so that no moment of evaluation exists"
		v.Next = "set analysis.sample, or ends, before anybody looks at outcomes"
	default:
		v.Reason = "the units that are exposed before the end mature at " + r.moment(deadline)
		v.Next = "wait until then; outcomes stay hidden until then"
	}
	if r.experiment.Paused {
		v.Next += "; the experiment is paused, so that nobody is exposed now"
	}
	return v
}

func (r *run) overdue(at moment) Verdict {
	variant, n := r.schedule.progress(r.phase, at.matured)
	v := Verdict{Status: Review, Sentence: "review",
		Reason: fmt.Sprintf("only %s of %s planned units had matured in %s at the deadline, %s",
			wording.Count(n), wording.Count(r.plan.Sample), wording.Name(variant), r.moment(at.asOf)),
		Next: "judge the scorecard as of the deadline: its error rates hold, but a real effect may have been missed for lack of units"}
	if r.concludedEarly() {
		v.Next = "judge the scorecard as of the deadline, with care: the experiment was concluded before its plan, and the error rates hold only if no outcome led to that"
	}
	return v
}

func (r *run) moment(t time.Time) string { return wording.Moment(t.In(r.zone)) }

// decide reads the primary rows at the plan's own evaluation.
func (r *run) decide(d data, res *Result) Verdict {
	var winners, losers, missing []Row
	for _, row := range res.Scorecard {
		switch {
		case row.Role != Primary:
		case row.Mark == Better:
			winners = append(winners, row)
		case row.Mark == Worse:
			losers = append(losers, row)
		case row.Mark == NotInferable:
			missing = append(missing, row)
		}
	}
	switch {
	case len(winners) > 0:
		return r.ship(d, res, winners, losers)
	case len(losers) > 0:
		return r.rollback(losers)
	case len(missing) > 0:
		return Verdict{Status: Review, Sentence: "review",
			Reason: fmt.Sprintf("%s with %s cannot be tested: %s", wording.Name(missing[0].Metric), wording.Name(missing[0].Variant), missing[0].Problem),
			Next:   mend(missing[0])}
	}
	return r.stop(d, res)
}

// mend says what to do about a primary metric that cannot be tested.
func mend(row Row) string {
	switch {
	case row.Control.Numerator == 0 && row.Treatment.Numerator == 0:
		return "check that the event of the primary metric is tracked"
	case math.IsNaN(row.Control.Value) || math.IsNaN(row.Treatment.Value):
		return "find out where the values of the primary metric come from, and start a new run with sound ones"
	}
	return "start a new run with a primary metric that varies between units"
}

func (r *run) rollback(losers []Row) Verdict {
	v := Verdict{Status: Rollback, Variants: variants(losers)}
	v.Sentence = "rollback " + wording.List(safeNames(v.Variants), "and")
	v.Reason = r.finding(losers[0])
	if len(losers) > 1 {
		v.Reason += fmt.Sprintf("; %d arms are worse than control", len(losers))
	}
	v.Next = "serve " + wording.Name(r.experiment.Control()) + ", the control, to everyone"
	return v
}
