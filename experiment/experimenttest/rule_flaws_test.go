package experimenttest

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
)

func ruleFlaws() []flaw {
	return slices.Concat(recordFlaws(), orderFlaws(), groupFlaws(), asOfFlaws(), levelFlaws(),
		windowFlaws(), valueFlaws(), filterFlaws(), clusterFlaws(), erasureFlaws())
}

func recordFlaws() []flaw {
	return []flaw{
		ruleFlaw("the exposure recorded last stands", "same key, earlier time", true, func(r *rules) {
			r.replaces = func(_, _ experiment.Exposure) bool { return true }
		}),
		ruleFlaw("the exposure recorded first stands", "arrival in any order", true, func(r *rules) {
			r.replaces = func(_, _ experiment.Exposure) bool { return false }
		}),
		ruleFlaw("at equal times the greater encoding stands", "same key, equal time", true, func(r *rules) {
			r.replaces = func(e, stored experiment.Exposure) bool {
				order := cmp.Compare(e.Time.UnixMicro(), stored.Time.UnixMicro())
				return order < 0 || order == 0 && e.Encoding() > stored.Encoding()
			}
		}),
		ruleFlaw("at equal times the exposure recorded first stands", "arrival in any order", true, func(r *rules) {
			r.replaces = func(e, stored experiment.Exposure) bool { return e.Time.UnixMicro() < stored.Time.UnixMicro() }
		}),
		ruleFlaw("times compare below the microsecond", "receipt of exposures", true, func(r *rules) {
			r.replaces = func(e, stored experiment.Exposure) bool {
				order := e.Time.Compare(stored.Time)
				return order < 0 || order == 0 && e.Encoding() < stored.Encoding()
			}
			r.order = func(a, b experiment.Exposure) int { return cmp.Or(a.Time.Compare(b.Time), orderOfFirst(a, b)) }
		}),
		ruleFlaw("the conversion recorded last stands", "receipt of conversions", true, func(r *rules) { r.lastStands = true }),
		ruleFlaw("no conflicts", "receipt of conversions", true, func(r *rules) {
			r.conflicts = func(_, _ experiment.Conversion) bool { return false }
		}),
		ruleFlaw("another time is a conflict", "receipt of conversions", true, func(r *rules) {
			r.conflicts = func(v, stored experiment.Conversion) bool {
				return v.Value != stored.Value || v.Event != stored.Event || !v.Time.Equal(stored.Time)
			}
		}),
		ruleFlaw("another event is no conflict", "receipt of conversions", true, func(r *rules) {
			r.conflicts = func(v, stored experiment.Conversion) bool { return v.Value != stored.Value }
		}),
		ruleFlaw("the caller's memory is kept", "no shared memory", false, func(r *rules) {
			r.copied = func(e experiment.Exposure) experiment.Exposure { return e }
		}),
	}
}

func orderFlaws() []flaw {
	orderBy := func(less func(a, b experiment.Exposure) int) func(*rules) {
		return func(r *rules) {
			r.order = func(a, b experiment.Exposure) int {
				return cmp.Or(cmp.Compare(a.Time.UnixMicro(), b.Time.UnixMicro()), less(a, b))
			}
		}
	}
	variants := func(a, b experiment.Exposure) int { return strings.Compare(a.Variant, b.Variant) }
	return []flaw{
		ruleFlaw("first in arrival", "first exposure by event time", true, func(r *rules) {
			r.order = func(_, _ experiment.Exposure) int { return 0 }
		}),
		ruleFlaw("variant before phase", "first exposure of equal time: phase", true, orderBy(func(a, b experiment.Exposure) int {
			return cmp.Or(variants(a, b), orderOfFirst(a, b))
		})),
		ruleFlaw("greater variant", "first exposure of equal time: variant", true, orderBy(func(a, b experiment.Exposure) int {
			return cmp.Or(cmp.Compare(a.Phase, b.Phase), -variants(a, b), orderOfFirst(a, b))
		})),
		ruleFlaw("variants without case", "first exposure of equal time: variant", false, orderBy(func(a, b experiment.Exposure) int {
			return cmp.Or(cmp.Compare(a.Phase, b.Phase), strings.Compare(strings.ToLower(a.Variant), strings.ToLower(b.Variant)), orderOfFirst(a, b))
		})),
		ruleFlaw("greater touchpoint", "first exposure of equal time: touchpoint", true, orderBy(func(a, b experiment.Exposure) int {
			return cmp.Or(cmp.Compare(a.Phase, b.Phase), variants(a, b), -strings.Compare(a.Touchpoint, b.Touchpoint), orderOfFirst(a, b))
		})),
		ruleFlaw("class undecided", "first exposure of equal time: class", true, orderBy(func(a, b experiment.Exposure) int {
			return cmp.Or(cmp.Compare(a.Phase, b.Phase), variants(a, b), strings.Compare(a.Touchpoint, b.Touchpoint))
		})),
	}
}

func groupFlaws() []flaw {
	return []flaw{
		ruleFlaw("overrides count", "overrides", true, func(r *rules) { r.counts = func(experiment.Exposure) bool { return true } }),
		ruleFlaw("holdout is its variant", "holdout", true, func(r *rules) {
			r.group = func(e experiment.Exposure) (string, bool) { return e.Variant, false }
		}),
		ruleFlaw("holdout of each variant", "holdout", true, func(r *rules) {
			r.group = func(e experiment.Exposure) (string, bool) { return e.Variant, e.Class == experiment.ClassHoldout }
		}),
		ruleFlaw("no contamination", "contaminated, excluded", true, func(r *rules) {
			r.contaminatedIn = func([]experiment.Exposure) (int, bool) { return 0, false }
		}),
		ruleFlaw("contaminated by a move", "moved", true, func(r *rules) {
			r.contaminatedIn = func(met []experiment.Exposure) (int, bool) {
				moved := slices.Clone(met)
				for i := range moved {
					moved[i].Phase = met[0].Phase
				}
				return contaminatedPhase(moved)
			}
		}),
	}
}

func asOfFlaws() []flaw {
	return []flaw{
		ruleFlaw("as of includes its moment", "as of", true, func(r *rules) {
			r.sees = func(exposure, asOf int64) bool { return exposure <= asOf }
		}),
		ruleFlaw("conversions as of includes its moment", "as of", true, func(r *rules) {
			r.seesConversion = func(conversion, asOf int64) bool { return conversion <= asOf }
		}),
		ruleFlaw("conversions as of ever", "maturity unasked", true, func(r *rules) {
			r.seesConversion = func(_, _ int64) bool { return true }
		}),
	}
}

func levelFlaws() []flaw {
	return []flaw{
		ruleFlaw("dimension of the last exposure", "by attribute at first exposure", true, func(r *rules) {
			r.level = func(d experiment.Dimension, met []experiment.Exposure) audience.Value {
				return levelAt(d, met[len(met)-1])
			}
		}),
		ruleFlaw("days of UTC", "by day in a zone", true, func(r *rules) {
			r.level = func(d experiment.Dimension, met []experiment.Exposure) audience.Value {
				if _, ok := d.Day(); ok {
					return levelAt(experiment.ByDay(nil), met[0])
				}
				return levelAt(d, met[0])
			}
		}),
		ruleFlaw("days of winter", "by day when clocks go forward", true, func(r *rules) {
			r.level = func(d experiment.Dimension, met []experiment.Exposure) audience.Value {
				if zone, ok := d.Day(); ok {
					_, offset := time.Date(2026, 1, 1, 0, 0, 0, 0, zone).Zone()
					return levelAt(experiment.ByDay(time.FixedZone("", offset)), met[0])
				}
				return levelAt(d, met[0])
			}
		}),
		ruleFlaw("levels without type", "by attribute", true, func(r *rules) {
			r.level = func(d experiment.Dimension, met []experiment.Exposure) audience.Value {
				return text(levelAt(d, met[0]).String())
			}
		}),
	}
}

func windowFlaws() []flaw {
	window := func(in func(v experiment.Value, first, t int64) bool) func(*rules) {
		return func(r *rules) { r.inWindow = in }
	}
	return []flaw{
		ruleFlaw("closed window", "window closes +0 us", true, window(func(v experiment.Value, first, t int64) bool {
			closes := v.Side == experiment.After && v.Window > 0 && t == first+micros(v.Delay+v.Window)
			return closes || inHalfOpenWindow(v, first, t)
		})),
		ruleFlaw("open start", "window opens after the delay +0 us", true, window(func(v experiment.Value, first, t int64) bool {
			opens := v.Side == experiment.After && t == first+micros(v.Delay)
			return !opens && inHalfOpenWindow(v, first, t)
		})),
		ruleFlaw("before includes first exposure", "window before closes at first exposure +0 us", true, window(func(v experiment.Value, first, t int64) bool {
			closes := v.Side == experiment.Before && t == first-micros(v.Delay)
			return closes || inHalfOpenWindow(v, first, t)
		})),
		ruleFlaw("before excludes its start", "window before opens +0 us", true, window(func(v experiment.Value, first, t int64) bool {
			opens := v.Side == experiment.Before && v.Window > 0 && t == first-micros(v.Delay+v.Window)
			return !opens && inHalfOpenWindow(v, first, t)
		})),
		ruleFlaw("windows of milliseconds", "window closes -1 us", true, window(func(v experiment.Value, first, t int64) bool {
			return inHalfOpenWindow(v, first, (t+999)/1000*1000)
		})),
		ruleFlaw("no delay", "window opens after the delay -1 us", true, window(func(v experiment.Value, first, t int64) bool {
			v.Window, v.Delay = v.Window+v.Delay, 0
			return inHalfOpenWindow(v, first, t)
		})),
		ruleFlaw("window 0 is empty", "window without end", true, window(func(v experiment.Value, first, t int64) bool {
			return v.Window > 0 && inHalfOpenWindow(v, first, t)
		})),
		ruleFlaw("mature after the moment", "maturity", true, func(r *rules) {
			r.mature = func(v experiment.Value, first, asOf int64) bool {
				return v.Side == experiment.Before || first+micros(v.Delay+v.Window) < asOf
			}
		}),
		ruleFlaw("mature without the delay", "maturity", true, func(r *rules) {
			r.mature = func(v experiment.Value, first, asOf int64) bool {
				return v.Side == experiment.Before || first+micros(v.Window) <= asOf
			}
		}),
		ruleFlaw("before matures later", "maturity before", true, func(r *rules) {
			r.mature = func(v experiment.Value, first, asOf int64) bool { return first+micros(v.Delay+v.Window) <= asOf }
		}),
	}
}

func valueFlaws() []flaw {
	return []flaw{
		ruleFlaw("absent is 0", "min", true, func(r *rules) {
			r.aggregate = func(v experiment.Value, events []experiment.Conversion) (float64, bool) {
				y, _ := aggregateOf(v, events)
				return y, true
			}
		}),
		ruleFlaw("0 is absent", "sum", true, func(r *rules) {
			r.aggregate = func(v experiment.Value, events []experiment.Conversion) (float64, bool) {
				y, counts := aggregateOf(v, events)
				return y, counts && (len(events) > 0 || v.Aggregation == experiment.AggregateUnit)
			}
		}),
		ruleFlaw("cap of each event", "cap", true, func(r *rules) {
			r.aggregate = func(v experiment.Value, events []experiment.Conversion) (float64, bool) {
				events = slices.Clone(events)
				for i := range events {
					if v.Cap > 0 {
						events[i].Value = min(events[i].Value, v.Cap)
					}
				}
				return aggregateOf(v, events)
			}
		}),
		ruleFlaw("cap after pivot", "cap, then pivot", true, func(r *rules) {
			r.capped = func(v experiment.Value, y float64) float64 {
				if v.Cap > 0 {
					return min(y-v.Pivot, v.Cap) + v.Pivot
				}
				return y
			}
		}),
		ruleFlaw("last of equal time by least id", "last of equal time", true, func(r *rules) {
			r.chronological = func(a, b experiment.Conversion) int {
				return cmp.Or(cmp.Compare(a.Time.UnixMicro(), b.Time.UnixMicro()), -compareIDs(a, b))
			}
		}),
		ruleFlaw("last of equal time by signed id", "last of equal time", false, func(r *rules) {
			r.chronological = func(a, b experiment.Conversion) int {
				flip := func(v experiment.Conversion) []byte { v.ID[0] ^= 0x80; return v.ID[:] }
				return cmp.Or(cmp.Compare(a.Time.UnixMicro(), b.Time.UnixMicro()), bytes.Compare(flip(a), flip(b)))
			}
		}),
	}
}

func filterFlaws() []flaw {
	return []flaw{
		ruleFlaw("numbers compare as text", "filter number <", true, func(r *rules) {
			r.holds = func(c experiment.Comparison, v experiment.Conversion) bool {
				have := lookup(v.Attributes, c.Attribute)
				if c.Field == experiment.FieldAttribute && have.Type() == c.Operand.Type() {
					return outcome(c.Op, strings.Compare(have.String(), c.Operand.String()))
				}
				return holdsTyped(c, v)
			}
		}),
		ruleFlaw("types are coerced", "filter number as string", true, func(r *rules) {
			r.holds = func(c experiment.Comparison, v experiment.Conversion) bool {
				have := lookup(v.Attributes, c.Attribute)
				return holdsTyped(c, v) || c.Field == experiment.FieldAttribute && c.Op == experiment.Equal && have.String() == c.Operand.String()
			}
		}),
		ruleFlaw("missing is not equal", "filter string !=", true, func(r *rules) {
			r.holds = func(c experiment.Comparison, v experiment.Conversion) bool {
				return holdsTyped(c, v) || c.Op == experiment.NotEqual && lookup(v.Attributes, c.Attribute).Type() == audience.TypeMissing
			}
		}),
		ruleFlaw("kinds of id do not matter", "kinds of id", true, func(r *rules) {
			r.concerns = func(c experiment.Conversion, _ experiment.Kind, unit string) bool {
				return slices.ContainsFunc(c.IDs, func(id experiment.ID) bool { return id.Value == unit })
			}
		}),
		ruleFlaw("joint sums count one", "joint sums of absent totals", true, func(r *rules) {
			r.countsForPair = func(x, y bool) bool { return x || y }
		}),
	}
}

func clusterFlaws() []flaw {
	return []flaw{
		ruleFlaw("cluster of the last exposure", "clusters at first exposure", true, func(r *rules) {
			r.clusterOf = func(met []experiment.Exposure) experiment.Exposure { return met[len(met)-1] }
		}),
		ruleFlaw("units without a cluster are one", "clusters", true, func(r *rules) { r.emptyCluster = true }),
		ruleFlaw("pivot for each unit of a cluster", "clusters", true, func(r *rules) {
			r.lostPerUnit = func(v experiment.Value, notFirst bool) float64 {
				if notFirst {
					return v.Pivot
				}
				return 0
			}
		}),
	}
}

func erasureFlaws() []flaw {
	return []flaw{
		ruleFlaw("no tombstone", "erasure, late and new events", true, func(r *rules) { r.bars = func(_, _ int64) bool { return false } }),
		ruleFlaw("barred for ever", "erasure, late and new events", true, func(r *rules) { r.bars = func(_, _ int64) bool { return true } }),
		ruleFlaw("barred at the moment", "erasure at its moment", true, func(r *rules) {
			r.bars = func(event, erased int64) bool { return event <= erased }
		}),
		ruleFlaw("erased as unit only", "erasure", true, func(r *rules) {
			r.carries = func(e experiment.Exposure, id experiment.ID) bool { return e.Kind == id.Kind && e.Unit == id.Value }
		}),
		ruleFlaw("erased whatever the kind", "erasure", true, func(r *rules) {
			r.carries = func(e experiment.Exposure, id experiment.ID) bool { return e.Unit == id.Value }
		}),
	}
}
