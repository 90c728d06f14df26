package experimenttest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
)

// coverage counts the cases that random histories are made for.
type coverage map[string]int

func (c coverage) note(name string, hit bool) {
	if hit {
		c[name]++
	} else {
		c[name] += 0
	}
}

// TestRandomHistoriesCoverTheCases wants each case several times in as many
// histories as the suite runs by default.
func TestRandomHistoriesCoverTheCases(t *testing.T) {
	options, err := Options{}.withDefaults()
	require.NoError(t, err)
	covered := make(coverage)
	for seed := range uint64(options.Histories) {
		h, err := newHistory(seed)
		require.NoError(t, err)
		clock := &clock{at: start}
		store := newReference(contract(), clock.now)
		for _, s := range h.steps {
			covered.note("erasure", s.forget != nil)
			if s.forget != nil {
				clock.set(s.at)
				_, err := store.Forget(t.Context(), *s.forget)
				require.NoError(t, err)
			}
			receipt, err := store.Record(t.Context(), s.batch)
			require.NoError(t, err)
			covered.receipt(receipt)
		}
		for range queriesPerHistory {
			q := h.query()
			require.NoError(t, q.Validate())
			cells, err := store.Summarize(t.Context(), q)
			require.NoError(t, err)
			covered.query(store, q)
			covered.answer(q, cells)
		}
	}
	for name, n := range covered {
		assert.GreaterOrEqual(t, n, 5, "%q occurs %d times in %d histories", name, n, options.Histories)
	}
	require.Greater(t, len(covered), 40)
}

func (c coverage) receipt(r experiment.Receipt) {
	c.note("inserted", r.Inserted > 0)
	c.note("merged", r.Merged > 0)
	c.note("duplicate", r.Duplicate > 0)
	c.note("conflicting", r.Conflicting > 0)
	c.note("barred", r.Barred > 0)
}

// query notes ties and edges among the events that a query looks at.
func (c coverage) query(r *reference, q experiment.Query) {
	for _, unit := range r.unitsOf(q) {
		var met []experiment.Exposure
		for _, e := range r.exposures {
			if e.Experiment == q.Experiment && e.Run == q.Run && e.Kind == q.Kind && e.Unit == unit {
				met = append(met, e)
			}
		}
		c.note("override first", slices.MinFunc(met, r.order).Class == experiment.ClassOverride)
		met = slices.DeleteFunc(met, func(e experiment.Exposure) bool { return !r.counts(e) })
		if len(met) == 0 {
			continue
		}
		slices.SortStableFunc(met, r.order)
		c.ties(met)
		for _, at := range q.AsOf {
			c.note("exposure at as of", met[0].Time.UnixMicro() == at.UnixMicro())
			c.note("exposure at as of - 1", met[0].Time.UnixMicro() == at.UnixMicro()-1)
		}
		for _, v := range q.Values {
			c.edges(r, q, v, unit, met[0].Time.UnixMicro())
		}
	}
}

func (c coverage) ties(met []experiment.Exposure) {
	if len(met) < 2 || met[0].Time.UnixMicro() != met[1].Time.UnixMicro() {
		return
	}
	a, b := met[0], met[1]
	c.note("tie by phase", a.Phase != b.Phase && a.Variant > b.Variant)
	c.note("tie by variant", a.Phase == b.Phase && a.Variant != b.Variant)
	c.note("tie by touchpoint", a.Phase == b.Phase && a.Variant == b.Variant && a.Touchpoint != b.Touchpoint)
	c.note("tie by class", a.Phase == b.Phase && a.Variant == b.Variant && a.Touchpoint == b.Touchpoint)
}

func (c coverage) edges(r *reference, q experiment.Query, v experiment.Value, unit string, first int64) {
	opens, closes := first+micros(v.Delay), first+micros(v.Delay+v.Window)
	if v.Side == experiment.Before {
		opens, closes = first-micros(v.Delay+v.Window), first-micros(v.Delay)
	}
	bounded := v.Window > 0
	latest := make(map[int64]int)
	for _, e := range r.conversions {
		if e.Event != v.Event || !r.concerns(e, q.Kind, unit) {
			continue
		}
		at := e.Time.UnixMicro()
		side := map[experiment.Side]string{experiment.After: "after", experiment.Before: "before"}[v.Side]
		c.note(side+" opens", at == opens && (bounded || v.Side == experiment.After))
		c.note(side+" opens - 1", at == opens-1 && (bounded || v.Side == experiment.After))
		c.note(side+" closes", at == closes && (bounded || v.Side == experiment.Before))
		c.note(side+" closes - 1", at == closes-1 && (bounded || v.Side == experiment.Before))
		for _, f := range v.Filter {
			c.note("filter "+string(f.Field)+" "+string(f.Op), r.holds(f, e))
			c.note("filter of "+f.Operand.Type().String(), r.holds(f, e))
			c.note("filter of another type", f.Field == experiment.FieldAttribute && lookup(e.Attributes, f.Attribute).Type() != f.Operand.Type())
		}
		latest[at]++
		c.note("events of one time", latest[at] > 1 && v.Aggregation == experiment.AggregateLast)
		c.note("conversion of several ids", len(e.IDs) > 1)
	}
	for _, at := range q.AsOf {
		c.note("mature at as of", v.MatureOnly && v.Side == experiment.After && closes == at.UnixMicro())
		c.note("immature", v.MatureOnly && !r.mature(v, first, at.UnixMicro()))
	}
}

func (c coverage) answer(q experiment.Query, cells experiment.Cells) {
	c.note("no cell", len(cells.Cells) == 0)
	for _, t := range cells.Contaminated {
		c.note("contaminated", true)
		c.note("contaminated by holdout", t.ToHoldout)
		c.note("contaminated from holdout", t.Holdout)
		c.note("contaminated, several", t.Units > 1)
	}
	for _, t := range cells.Moved {
		c.note("moved", true)
		c.note("moved to holdout", t.ToHoldout)
	}
	for _, cell := range cells.Cells {
		c.note("holdout", cell.Holdout)
		c.note("later phase", cell.Phase > 0)
		c.note("early as of", cell.AsOf != q.AsOf[len(q.AsOf)-1])
		c.note("cluster of several units", q.Cluster != "" && cell.Units > cell.Clusters)
		c.note("several clusters", cell.Clusters > 1)
		c.note("unclustered", cell.Unclustered > 0 && cell.Units > 0)
		c.note("unclustered only", cell.Units == 0)
		c.note("first arm beside contamination", q.Contaminated == experiment.FirstArm && len(cells.Contaminated) > 0)
		c.levels(q, cell)
		c.sums(q, cell)
	}
}

func (c coverage) levels(q experiment.Query, cell experiment.Cell) {
	for i, d := range q.By {
		if _, ok := d.Attribute(); ok {
			c.note("level "+cell.By[i].Type().String(), true)
		}
		if zone, ok := d.Day(); ok {
			day, _ := cell.By[i].Text()
			c.note("day in "+zone.String(), true)
			c.note("day on which clocks go forward", zone.String() == "Europe/Oslo" && day == "2025-03-30")
			c.note("day on which clocks go back", zone.String() == "America/New_York" && day == "2025-11-02")
		}
		c.note("by touchpoint", d.Touchpoint())
		c.note("two dimensions", i == 1)
		c.note("missing level", cell.By[i] == audience.Value{})
	}
}

func (c coverage) sums(q experiment.Query, cell experiment.Cell) {
	for i, s := range cell.Sums {
		v := q.Values[i]
		c.note("aggregation "+string(v.Aggregation), s.N > 0 && s.Sum != 0)
		c.note("absent totals", !v.MatureOnly && q.Cluster == "" && s.N < cell.Units)
		c.note("capped", v.Cap > 0 && v.Pivot == 0 && s.Sum >= v.Cap)
		c.note("pivoted", v.Pivot != 0 && s.N > 0)
		c.note("before", v.Side == experiment.Before && s.Sum != 0 && v.Pivot == 0)
		c.note("unbounded", v.Window == 0 && s.Sum != 0)
	}
	for _, j := range cell.Joint {
		c.note("joint", j.N > 1 && j.SumXY != 0)
		c.note("joint of fewer", j.N < cell.Units && q.Cluster == "")
		c.note("joint of clusters", j.N > 0 && q.Cluster != "" && j.SumXY != 0)
	}
}
