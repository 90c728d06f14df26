package analysis

import (
	"fmt"
	"maps"
	"slices"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/internal/wording"
)

// holdouts are those that an experiment is under.
type holdouts struct {
	keys []string
	// share of the units that would take part which one of them keeps out. The
	// streams of different salts are independent.
	share float64
	// problem says why the share is not known, or is empty.
	problem string
}

func newHoldouts(catalog *experiment.Catalog, e *experiment.Experiment) holdouts {
	var h holdouts
	salts := make(map[string]float64) // of one salt the smaller share lies inside the larger one
	for _, under := range catalog.HoldoutsOf(e) {
		h.keys = append(h.keys, under.Key)
		salts[under.Salt] = max(salts[under.Salt], float64(under.Share.Num)/float64(under.Share.Den))
	}
	keptIn := 1.0
	for _, salt := range slices.Sorted(maps.Keys(salts)) {
		keptIn *= 1 - salts[salt]
	}
	h.share = 1 - keptIn
	if key, shared := sharedWithRequired(catalog, e); shared {
		h.problem = fmt.Sprintf("holdout %s also keeps units out of the experiment that this one requires, so that few of its units get here", wording.Name(key))
	}
	return h
}

// sharedWithRequired looks for a holdout of the experiment among those of the
// experiments that it requires, one after the other.
func sharedWithRequired(catalog *experiment.Catalog, e *experiment.Experiment) (key string, shared bool) {
	own := catalog.HoldoutsOf(e)
	for range catalog.Experiments { // at most that many in a row: requirements make no circle
		required, ok := catalog.Experiment(e.Requires.Experiment)
		if !ok {
			return "", false
		}
		for _, h := range catalog.HoldoutsOf(required) {
			if i := slices.IndexFunc(own, func(o *experiment.Holdout) bool { return o.Salt == h.Salt }); i >= 0 {
				return own[i].Key, true
			}
		}
		e = required
	}
	return "", false
}

// holdout tells of the units kept out.
func (r *run) holdout(d data) *Holdout {
	g := group{holdout: true}
	units := d.all.total(g)
	if units == 0 && len(r.holdouts.keys) == 0 {
		return nil
	}
	h := &Holdout{Keys: r.holdouts.keys, Units: units, Of: d.all.size()}
	if h.Of > 0 {
		h.Share = float64(units) / float64(h.Of)
	}
	h.Expected, h.Problem = r.holdouts.share, r.holdouts.problem
	if len(h.Keys) == 0 {
		h.Problem = "the configuration puts the experiment under no holdout"
	}
	if h.Problem == "" {
		r.judge(h)
	} else {
		h.Expected = 0
	}
	for i, m := range r.metrics {
		if o, ok := d.clean.holdout(m.Kind, i); ok {
			h.Metrics = append(h.Metrics, HoldoutMetric{Metric: m.Key, Role: m.role, Kind: m.Kind, Observed: o})
		}
	}
	return h
}

// judge tests the units kept out against all others.
func (r *run) judge(h *Holdout) {
	ratio, err := sampleRatio([]int64{h.Units, h.Of - h.Units}, []float64{h.Expected, 1 - h.Expected})
	if err != nil {
		h.Problem = fmt.Sprintf("fewer than %d units are expected in it or outside", leastExpected)
		return
	}
	h.Test = &HoldoutRatio{Statistic: ratio.Statistic, DF: ratio.DF, P: ratio.P, LogP: ratio.LogP}
}

// holdout is what was seen of metric i in the units kept out, all phases together:
// their share does not change from phase to phase.
func (t tally) holdout(kind experiment.MetricKind, i int) (Observed, bool) {
	var all Observed
	found := false
	for _, at := range t.stays() {
		s := t.summary(at.group, at.phase, i)
		if !at.holdout || s.n == 0 {
			continue
		}
		o := observed(kind, s)
		all.N, all.Numerator, found = all.N+o.N, all.Numerator+o.Numerator, true
	}
	all.Value = all.Numerator / float64(all.N)
	return all, found
}

// checkHoldout never fails: the comparison of the arms does not rest on the
// holdout.
func (r *run) checkHoldout(res *Result) []Check {
	h := res.Holdout
	switch {
	case h == nil:
		return nil
	case len(h.Keys) == 0:
		return []Check{{ID: CheckHoldout, Level: Warn,
			Detail: fmt.Sprintf("%s units were kept out, and the configuration puts the experiment under no holdout", wording.Count(h.Units)),
			Fix:    "analyse with the configuration that was served"}}
	case h.Test == nil:
		return []Check{passed(CheckHoldout, "not judged: %s", h.Problem)}
	}
	c := passed(CheckHoldout, "%s of %s units (%s) were kept out, %s are expected by %s: p = %s", wording.Count(h.Units),
		wording.Count(h.Of), wording.Percent(h.Share), wording.Percent(h.Expected),
		wording.List(safeNames(h.Keys), "and"), wording.P(h.Test.P, h.Test.LogP))
	if h.Test.P < r.thresholds.SRMWarn {
		c.Level = Warn
		c.Fix = "check that every touchpoint calls Expose whoever the unit is, and that no holdout came, went or changed its share during the run; the comparison of the arms stands"
	}
	return []Check{c}
}
