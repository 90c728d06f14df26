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
		salts[under.Salt] = max(salts[under.Salt], part(under))
	}
	keptIn := 1.0
	for _, salt := range slices.Sorted(maps.Keys(salts)) {
		keptIn *= 1 - salts[salt]
	}
	h.share = 1 - keptIn
	if key := unevenlyRequired(catalog, e); len(h.keys) > 0 && key != "" {
		h.problem = fmt.Sprintf("what holdout %s keeps out of a required experiment gets here in part only", wording.Name(key))
	}
	return h
}

// unevenlyRequired returns a holdout of a required experiment, one after the other,
// that lets another share of units held out of e come to e than of the others; none if
// the holdouts of e keep out their shares of who comes. Who is held out of the required
// experiment comes if it is held out here too, as if it met the variant there.
func unevenlyRequired(catalog *experiment.Catalog, e *experiment.Experiment) string {
	own := catalog.HoldoutsOf(e)
	under, whole := own, true
	for range catalog.Experiments { // at most that many in a row: requirements make no circle
		required, ok := catalog.Experiment(e.Requires.Experiment)
		if !ok {
			return ""
		}
		outer := catalog.HoldoutsOf(required)
		for _, h := range outer {
			shared := slices.ContainsFunc(own, func(o *experiment.Holdout) bool { return sameStream(o, h) })
			if whole && !inside(h, under) || !whole && shared {
				return h.Key
			}
		}
		whole = whole && len(outer) > 0 // else nobody that is held out further on comes
		e, under = required, outer
	}
	return ""
}

// inside reports whether every unit of a holdout is in one of the others: of one salt
// the smaller share lies inside the larger one.
func inside(h *experiment.Holdout, others []*experiment.Holdout) bool {
	return slices.ContainsFunc(others, func(o *experiment.Holdout) bool {
		return sameStream(o, h) && part(h) <= part(o)
	})
}

func sameStream(a, b *experiment.Holdout) bool { return a.Salt == b.Salt && a.Unit == b.Unit }

// part is the share of a holdout as a number.
func part(h *experiment.Holdout) float64 { return float64(h.Share.Num) / float64(h.Share.Den) }

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
		c.Fix = "check that every touchpoint calls Expose whoever the unit is, and that no holdout came, went or changed its share during the run"
		if r.experiment.Sticky {
			c.Fix += "; and that no list was loaded without clearing it of the units held out, as who has a variant already is not kept out"
		}
		c.Fix += "; the comparison of the arms stands"
	}
	return []Check{c}
}
