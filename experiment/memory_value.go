package experiment

import (
	"maps"
	"math"
	"slices"
	"time"
)

// cellSum adds up the units of one cell.
type cellSum struct {
	query    *Query
	asOf     time.Time
	cell     Cell
	clusters map[string]observation
}

// observation is the total of one unit or cluster for each value of a query.
type observation []total

// total is a number that counts or does not.
type total struct {
	y      float64
	counts bool
}

func newCellSum(q *Query, asOf time.Time, u *memoryUnit) *cellSum {
	g := groupOf(u.first())
	c := &cellSum{query: q, asOf: asOf, clusters: make(map[string]observation)}
	c.cell = Cell{AsOf: asOf, Variant: g.variant, Holdout: g.holdout, Phase: u.first().Phase, By: slices.Clone(u.levels)}
	for _, v := range q.Values {
		c.cell.Sums = append(c.cell.Sums, Sums{Pivot: v.Pivot})
	}
	for _, pair := range q.Cross {
		c.cell.Joint = append(c.cell.Joint, Joint{PivotX: q.Values[pair[0]].Pivot, PivotY: q.Values[pair[1]].Pivot})
	}
	return c
}

func (c *cellSum) addUnit(u *memoryUnit) {
	if c.query.Cluster == "" {
		c.cell.Units++
		c.observe(c.observation(u))
		return
	}
	id := idOf(u.first().IDs, c.query.Cluster)
	if id == "" {
		c.cell.Unclustered++
		return
	}
	c.cell.Units++
	cluster, found := c.clusters[id]
	if !found {
		cluster = make(observation, len(c.query.Values))
		c.clusters[id] = cluster
	}
	for i, t := range c.observation(u) {
		if t.counts {
			cluster[i].y += t.y
			cluster[i].counts = true
		}
	}
}

// observation returns the unit's total, capped, for each value.
func (c *cellSum) observation(u *memoryUnit) observation {
	totals := make(observation, len(c.query.Values))
	for i := range c.query.Values {
		totals[i] = totalOf(&c.query.Values[i], u, c.asOf)
	}
	return totals
}

// observe adds one unit or cluster to the sums.
func (c *cellSum) observe(totals observation) {
	for i, t := range totals {
		if t.counts {
			s := &c.cell.Sums[i]
			y := t.y - s.Pivot
			s.N++
			s.Sum += y
			s.SumSquares += y * y
		}
	}
	for i, pair := range c.query.Cross {
		tx, ty := totals[pair[0]], totals[pair[1]]
		if tx.counts && ty.counts {
			j := &c.cell.Joint[i]
			x, y := tx.y-j.PivotX, ty.y-j.PivotY
			j.N++
			j.SumX += x
			j.SumY += y
			j.SumXX += x * x
			j.SumYY += y * y
			j.SumXY += x * y
		}
	}
}

// finish observes the clusters, ordered by id, and returns the cell.
func (c *cellSum) finish() Cell {
	for _, id := range slices.Sorted(maps.Keys(c.clusters)) {
		c.observe(c.clusters[id])
	}
	c.cell.Clusters = int64(len(c.clusters))
	return c.cell
}

// totalOf returns the unit's total for a value as of a moment, capped.
func totalOf(v *Value, u *memoryUnit, asOf time.Time) total {
	first, delay, window := u.first().Time.UnixMicro(), v.Delay.Microseconds(), v.Window.Microseconds()
	if v.MatureOnly && v.Side == After && first+delay+window > asOf.UnixMicro() {
		return total{}
	}
	from, to := windowOf(v, first)
	to = min(to, asOf.UnixMicro())
	var counting []*Conversion
	for _, c := range u.conversions {
		if t := c.Time.UnixMicro(); from <= t && t < to && v.matches(c) {
			counting = append(counting, c)
		}
	}
	t := aggregate(v.Aggregation, counting)
	if v.Cap > 0 && t.y > v.Cap {
		t.y = v.Cap
	}
	return t
}

// windowOf returns the half-open window of a value in microseconds, for a unit
// first exposed then.
func windowOf(v *Value, first int64) (from, to int64) {
	delay, window := v.Delay.Microseconds(), v.Window.Microseconds()
	if v.Side == Before {
		from, to = first-delay-window, first-delay
		if window == 0 {
			from = math.MinInt64
		}
		return from, to
	}
	from, to = first+delay, first+delay+window
	if window == 0 {
		to = math.MaxInt64
	}
	return from, to
}

// matches reports whether the conversion is of the value's event and passes
// its filter.
func (v *Value) matches(c *Conversion) bool {
	fails := func(comparison Comparison) bool { return !comparison.Holds(c) }
	return c.Event == v.Event && !slices.ContainsFunc(v.Filter, fails)
}

// aggregate makes one number of conversions, which are ordered by time and id.
func aggregate(a Aggregation, conversions []*Conversion) total {
	n := len(conversions)
	switch a {
	case AggregateUnit:
		return total{y: 1, counts: true}
	case AggregateAny:
		return total{y: float64(min(n, 1)), counts: true}
	case AggregateCount:
		return total{y: float64(n), counts: true}
	case AggregateSum:
		sum := 0.0
		for _, c := range conversions {
			sum += c.Value
		}
		return total{y: sum, counts: true}
	}
	if n == 0 {
		return total{}
	}
	y := conversions[n-1].Value // AggregateLast
	for _, c := range conversions {
		switch a {
		case AggregateMin:
			y = min(y, c.Value)
		case AggregateMax:
			y = max(y, c.Value)
		}
	}
	return total{y: y, counts: true}
}
