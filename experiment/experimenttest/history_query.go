package experimenttest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
)

// query is a random query about the history, a valid one.
func (h *history) query() experiment.Query {
	q := experiment.Query{Kind: h.unitKind(), AsOf: h.asOf()}
	q.Experiment, q.Run = h.place()
	if h.chance(30) {
		q.Cluster = pick(h.dice, experiment.KindStore, experiment.KindStore, experiment.KindDevice, experiment.KindCustomer)
	}
	if h.chance(50) {
		q.Contaminated = experiment.FirstArm
	}
	for range h.IntN(5) {
		q.Values = append(q.Values, h.value())
	}
	for range h.IntN(3) {
		if n := len(q.Values); n > 0 {
			q.Cross = append(q.Cross, [2]int{h.IntN(n), h.IntN(n)})
		}
	}
	for range pick(h.dice, 0, 0, 1, 1, 2) {
		q.By = append(q.By, pick(h.dice, experiment.ByTouchpoint(), experiment.ByAttribute("country"), experiment.ByAttribute("age"),
			experiment.ByAttribute("member"), experiment.ByAttribute("nothing"), experiment.ByDay(pick(h.dice, h.zones...)), experiment.ByDay(pick(h.dice, h.zones...))))
	}
	return q
}

func (h *history) asOf() []time.Time {
	moments := []time.Time{h.base.Add(100 * hour)}
	for range h.IntN(4) {
		moments = append(moments, h.moment().Add(pick(h.dice, 0, 0, 30*time.Minute)))
	}
	slices.SortFunc(moments, time.Time.Compare)
	moments = slices.CompactFunc(moments, func(a, b time.Time) bool { return a.UnixMicro() == b.UnixMicro() })
	return moments[h.IntN(len(moments)):]
}

// duration is often one that lies between two of the history's moments, so
// that events lie on the edges of windows.
func (h *history) duration() time.Duration {
	if h.chance(40) {
		from, to := pick(h.dice, h.moments...), pick(h.dice, h.moments...)
		return (to - from).Abs()
	}
	return pick(h.dice, 0, 0, 30*time.Minute, hour, 2*hour, 5*hour, day) + pick(h.dice, 0, 0, 0, us)
}

func (h *history) value() experiment.Value {
	v := experiment.Value{
		Event: pick(h.dice, "order", "order", "order", "click", "nothing"),
		Aggregation: pick(h.dice, experiment.AggregateAny, experiment.AggregateCount, experiment.AggregateSum, experiment.AggregateSum,
			experiment.AggregateMin, experiment.AggregateMax, experiment.AggregateLast, experiment.AggregateUnit),
		Delay: h.duration(), Window: h.duration(), Side: pick(h.dice, experiment.After, experiment.Before),
	}
	if h.chance(40) {
		v.Delay = 0 // the window alone then often lies between two moments
	}
	for range pick(h.dice, 0, 0, 1, 2) {
		v.Filter = append(v.Filter, h.comparison())
	}
	if h.chance(30) {
		v.Cap = pick(h.dice, 0.5, 1, 10, 60)
	}
	if h.chance(30) {
		v.Pivot = pick(h.dice, 1, 5.5, -2, 1000)
	}
	v.MatureOnly = h.chance(40) && (v.Window > 0 || v.Side == experiment.Before)
	return v
}

func (h *history) comparison() experiment.Comparison {
	op := pick(h.dice, experiment.Equal, experiment.NotEqual, experiment.Less, experiment.LessEqual, experiment.Greater, experiment.GreaterEqual)
	switch h.IntN(4) {
	case 0:
		return valued(op, pick(h.dice, 0.0, 1, 10, 59.9))
	case 1:
		return touched(op, pick(h.dice, "", "page", "shop"))
	}
	number, truth := audience.NumberValue, audience.BoolValue
	switch h.IntN(7) {
	case 0, 1:
		return attributed("country", op, pick(h.dice, text("NO"), text("SE"), number(47), text("47")))
	case 2, 3:
		return attributed("age", op, pick(h.dice, number(9), number(10), text("10"), text("9")))
	case 4, 5:
		return attributed("member", op, pick(h.dice, truth(true), truth(false), text("true"), number(1)))
	}
	return attributed("nothing", op, pick(h.dice, text(""), number(0), truth(false)))
}

// describeQuery writes a query so that it can be made again by hand.
func describeQuery(q experiment.Query) string {
	var b strings.Builder
	fmt.Fprintf(&b, "run %q of experiment %q, units %q, cluster %q, policy %d, as of", q.Run, q.Experiment, q.Kind, q.Cluster, q.Contaminated)
	for _, t := range q.AsOf {
		fmt.Fprintf(&b, " %s", describeTime(t))
	}
	for i, v := range q.Values {
		fmt.Fprintf(&b, "\n  Values[%d]: %+v", i, v)
	}
	if len(q.Cross) > 0 {
		fmt.Fprintf(&b, "\n  Cross: %v", q.Cross)
	}
	for i, d := range q.By {
		name, _ := d.Attribute()
		zone, isDay := d.Day()
		switch {
		case d.Touchpoint():
			name = "(touchpoint)"
		case isDay:
			name = "(day in " + zone.String() + ")"
		}
		fmt.Fprintf(&b, "\n  By[%d]: %s", i, name)
	}
	return b.String()
}

// simpler lists queries that ask for less than q.
func simpler(q experiment.Query) []experiment.Query {
	var all []experiment.Query
	add := func(change func(*experiment.Query)) {
		less := q
		less.Values = slices.Clone(q.Values)
		change(&less)
		all = append(all, less)
	}
	for i := range q.AsOf {
		if len(q.AsOf) > 1 {
			add(func(q *experiment.Query) { q.AsOf = slices.Delete(slices.Clone(q.AsOf), i, i+1) })
		}
	}
	for i := range q.By {
		add(func(q *experiment.Query) { q.By = slices.Delete(slices.Clone(q.By), i, i+1) })
	}
	if len(q.Cross) > 0 {
		add(func(q *experiment.Query) { q.Cross = nil })
	}
	if q.Cluster != "" {
		add(func(q *experiment.Query) { q.Cluster = "" })
	}
	for i, v := range q.Values {
		if len(q.Cross) == 0 {
			add(func(q *experiment.Query) { q.Values = slices.Delete(q.Values, i, i+1) })
		}
		if len(v.Filter) > 0 {
			add(func(q *experiment.Query) { q.Values[i].Filter = v.Filter[1:] })
		}
		if v.Cap != 0 || v.Pivot != 0 {
			add(func(q *experiment.Query) { q.Values[i].Cap, q.Values[i].Pivot = 0, 0 })
		}
	}
	return all
}
