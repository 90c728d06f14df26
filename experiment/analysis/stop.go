package analysis

import (
	"fmt"
	"strconv"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/internal/wording"
	"github.com/touchlift/touchlift/stats"
)

func (r *run) stop(d data, res *Result) Verdict {
	control := wording.Name(r.experiment.Control())
	v := Verdict{Status: Stop, Sentence: "stop: no effect found, keep control"}
	v.Reason = fmt.Sprintf("no difference from %s was found on %s at alpha %s", control,
		wording.Name(r.metrics[0].Key), strconv.FormatFloat(r.plan.Alpha, 'g', -1, 64))
	if bound := r.ruledOut(d, res); bound != "" {
		v.Reason += "; " + bound
	}
	v.Next = "keep " + control + "; run again with a larger sample only if a smaller effect would matter"
	return v
}

// ruledOut says which gains the intervals of all arms exclude, or nothing. Of
// k arms each has an interval at alpha / k, so that what is said holds for all
// of them at alpha, as Holm's test does.
func (r *run) ruledOut(d data, res *Result) string {
	subject, rows := "the interval rules out ", res.Scorecard
	if k := len(r.treatments()); k > 1 {
		wider := *r
		wider.plan.Alpha /= float64(k)
		subject, rows = "intervals that hold for all arms together rule out ", wider.rows(d.clean, r.metrics[:1])
	}
	lifts, differences := reach{}, reach{}
	for _, row := range rows {
		if row.Role == Primary {
			lifts.add(row.Better, row.Lift)
			differences.add(row.Better, row.Difference)
		}
	}
	switch {
	case lifts.saysGain():
		return subject + "lifts " + lifts.side + wording.Lift(lifts.limit)
	case differences.saysGain():
		return subject + "differences " + differences.side + differenceText(r.metrics[0].Kind, differences.limit)
	}
	return ""
}

// reach is the furthest gain that the intervals of several arms allow.
type reach struct {
	limit, sign float64 // sign is -1 where less is better
	side        string
	bounded     bool
	broken      bool // an interval without an end on that side
}

func (b *reach) add(better experiment.Direction, e Estimate) {
	limit, ends := e.Interval.High, e.Interval.Kind == stats.Bounded || e.Interval.Kind == stats.LowerUnbounded
	b.sign, b.side = 1, "above "
	if better == experiment.Decrease {
		limit = e.Interval.Low
		ends = e.Interval.Kind == stats.Bounded || e.Interval.Kind == stats.UpperUnbounded
		b.sign, b.side = -1, "below "
	}
	switch {
	case b.broken || !ends:
		b.bounded, b.broken = false, true
	case !b.bounded || b.sign*limit > b.sign*b.limit:
		b.limit, b.bounded = limit, true
	}
}

// saysGain reports whether the limit is a gain. A limit on the side of losses
// excludes 0, which the test did not: it is left unsaid.
func (b *reach) saysGain() bool { return b.bounded && b.sign*b.limit > 0 }
