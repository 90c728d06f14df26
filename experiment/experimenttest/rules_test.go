package experimenttest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
)

// rules are the sentences of the contract, one function each. A test breaks
// one of them and wants the suite to notice.
type rules struct {
	replaces       func(e, stored experiment.Exposure) bool
	copied         func(experiment.Exposure) experiment.Exposure
	conflicts      func(v, stored experiment.Conversion) bool
	lastStands     bool
	bars           func(event, erased int64) bool
	carries        func(experiment.Exposure, experiment.ID) bool
	counts         func(experiment.Exposure) bool
	sees           func(exposure, asOf int64) bool
	seesConversion func(conversion, asOf int64) bool
	order          func(a, b experiment.Exposure) int
	group          func(experiment.Exposure) (variant string, holdout bool)
	contaminatedIn func(met []experiment.Exposure) (phase int, contaminated bool)
	level          func(d experiment.Dimension, met []experiment.Exposure) audience.Value
	clusterOf      func(met []experiment.Exposure) experiment.Exposure
	emptyCluster   bool
	lostPerUnit    func(v experiment.Value, notFirst bool) float64
	concerns       func(c experiment.Conversion, kind experiment.Kind, unit string) bool
	inWindow       func(v experiment.Value, first, t int64) bool
	mature         func(v experiment.Value, first, asOf int64) bool
	holds          func(experiment.Comparison, experiment.Conversion) bool
	chronological  func(a, b experiment.Conversion) int
	aggregate      func(v experiment.Value, events []experiment.Conversion) (float64, bool)
	capped         func(v experiment.Value, y float64) float64
	countsForPair  func(x, y bool) bool
}

func contract() rules {
	r := rules{
		// The earliest time stands; at equal times the encoding smaller in byte order.
		replaces: func(e, stored experiment.Exposure) bool {
			a, b := e.Time.UnixMicro(), stored.Time.UnixMicro()
			return a < b || (a == b && e.Encoding() < stored.Encoding())
		},
		copied: func(e experiment.Exposure) experiment.Exposure {
			e.IDs, e.Attributes = slices.Clone(e.IDs), slices.Clone(e.Attributes)
			return e
		},
		// A different value or event under one id is conflicting.
		conflicts: func(v, stored experiment.Conversion) bool { return v.Value != stored.Value || v.Event != stored.Event },
		// A tombstone bars events dated before the erasure.
		bars: func(event, erased int64) bool { return event < erased },
		// Erasure finds the id as unit and among the ids.
		carries: func(e experiment.Exposure, id experiment.ID) bool {
			return e.Kind == id.Kind && e.Unit == id.Value || slices.Contains(e.IDs, id)
		},
		// Override exposures are in no query.
		counts: func(e experiment.Exposure) bool { return e.Class != experiment.ClassOverride },
		// As of T sees event times < T, of exposures and conversions alike.
		sees:           func(exposure, asOf int64) bool { return exposure < asOf },
		seesConversion: func(conversion, asOf int64) bool { return conversion < asOf },
		order:          orderOfFirst,
		// Holdout exposures are a group of their own.
		group: func(e experiment.Exposure) (string, bool) {
			if e.Class == experiment.ClassHoldout {
				return "", true
			}
			return e.Variant, false
		},
		contaminatedIn: contaminatedPhase,
		// A dimension is a property of the first exposure.
		level: func(d experiment.Dimension, met []experiment.Exposure) audience.Value { return levelAt(d, met[0]) },
	}
	r.ofTotals()
	return r
}

// ofTotals are the rules by which events become sums.
func (r *rules) ofTotals() {
	// A unit belongs to the cluster of its first exposure.
	r.clusterOf = func(met []experiment.Exposure) experiment.Exposure { return met[0] }
	// The pivot is subtracted once for each cluster, so nothing per unit.
	r.lostPerUnit = func(experiment.Value, bool) float64 { return 0 }
	// A conversion joins by kind and unit.
	r.concerns = func(c experiment.Conversion, kind experiment.Kind, unit string) bool {
		return slices.Contains(c.IDs, experiment.ID{Kind: kind, Value: unit})
	}
	r.inWindow = inHalfOpenWindow
	// A unit is mature when first + delay + window <= T; before, always.
	r.mature = func(v experiment.Value, first, asOf int64) bool {
		return v.Side == experiment.Before || first+micros(v.Delay)+micros(v.Window) <= asOf
	}
	r.holds = func(c experiment.Comparison, v experiment.Conversion) bool { return holdsTyped(c, v) }
	// The latest event is the last; of several the greatest id.
	r.chronological = func(a, b experiment.Conversion) int {
		return cmp.Or(cmp.Compare(a.Time.UnixMicro(), b.Time.UnixMicro()), compareIDs(a, b))
	}
	r.aggregate = aggregateOf
	// A total above the cap counts as the cap.
	r.capped = func(v experiment.Value, y float64) float64 {
		if v.Cap != 0 && y > v.Cap {
			return v.Cap
		}
		return y
	}
	// Joint sums are over those that count for both.
	r.countsForPair = func(x, y bool) bool { return x && y }
}

func micros(d time.Duration) int64 { return int64(d / time.Microsecond) }

// orderOfFirst: by time; at equal times the lower phase, then the smaller
// variant, touchpoint and class.
func orderOfFirst(a, b experiment.Exposure) int {
	if order := cmp.Compare(a.Time.UnixMicro(), b.Time.UnixMicro()); order != 0 {
		return order
	}
	if a.Phase != b.Phase {
		return a.Phase - b.Phase
	}
	return slices.Compare([]string{a.Variant, a.Touchpoint, string(a.Class)}, []string{b.Variant, b.Touchpoint, string(b.Class)})
}

// contaminatedPhase: two groups within one phase. Of several phases the one
// that got its second group first; of those at one time the lowest.
func contaminatedPhase(met []experiment.Exposure) (int, bool) {
	phase, found := 0, false
	var since int64
	for i, a := range met {
		for _, b := range met[:i] {
			same := a.Variant == b.Variant && a.Class != experiment.ClassHoldout && b.Class != experiment.ClassHoldout ||
				a.Class == experiment.ClassHoldout && b.Class == experiment.ClassHoldout
			if same || a.Phase != b.Phase {
				continue
			}
			at := max(a.Time.UnixMicro(), b.Time.UnixMicro())
			if !found || at < since || (at == since && a.Phase < phase) {
				phase, found, since = a.Phase, true, at
			}
		}
	}
	return phase, found
}

func levelAt(d experiment.Dimension, e experiment.Exposure) audience.Value {
	if name, ok := d.Attribute(); ok {
		return lookup(e.Attributes, name)
	}
	if zone, ok := d.Day(); ok {
		year, month, day := time.UnixMicro(e.Time.UnixMicro()).In(zone).Date()
		return text(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Format("2006-01-02"))
	}
	return text(e.Touchpoint)
}

// inHalfOpenWindow: after is [first + delay, first + delay + window), before is
// [first - delay - window, first - delay); window 0 is unbounded.
func inHalfOpenWindow(v experiment.Value, first, t int64) bool {
	delay, window := micros(v.Delay), micros(v.Window)
	if v.Side == experiment.Before {
		return t < first-delay && (window == 0 || t >= first-delay-window)
	}
	return t >= first+delay && (window == 0 || t < first+delay+window)
}

// holdsTyped: false where the attribute is missing or of another type.
func holdsTyped(c experiment.Comparison, v experiment.Conversion) bool {
	have := audience.NumberValue(v.Value)
	switch c.Field {
	case experiment.FieldTouchpoint:
		have = text(v.Touchpoint)
	case experiment.FieldAttribute:
		have = lookup(v.Attributes, c.Attribute)
	}
	if have.Type() != c.Operand.Type() {
		return false
	}
	return outcome(c.Op, compareValues(have, c.Operand))
}

func outcome(op experiment.Op, order int) bool {
	return map[experiment.Op]bool{
		experiment.Equal: order == 0, experiment.NotEqual: order != 0, experiment.Less: order < 0,
		experiment.LessEqual: order <= 0, experiment.Greater: order > 0, experiment.GreaterEqual: order >= 0,
	}[op]
}

func compareValues(a, b audience.Value) int {
	x, _ := a.Text()
	y, _ := b.Text()
	m, _ := a.Number()
	n, _ := b.Number()
	p, _ := a.Bool()
	q, _ := b.Bool()
	truth := map[bool]int{true: 1}
	return cmp.Or(strings.Compare(x, y), cmp.Compare(m, n), truth[p]-truth[q])
}

// aggregateOf: no event is 0 for any, count and sum, and absent for min, max
// and last.
func aggregateOf(v experiment.Value, events []experiment.Conversion) (float64, bool) {
	var values []float64
	sum := 0.0
	for _, e := range events {
		values = append(values, e.Value)
		sum += e.Value
	}
	switch v.Aggregation {
	case experiment.AggregateUnit:
		return 1, true
	case experiment.AggregateAny:
		return float64(min(1, len(values))), true
	case experiment.AggregateCount:
		return float64(len(values)), true
	case experiment.AggregateSum:
		return sum, true
	}
	if len(values) == 0 {
		return 0, false
	}
	switch v.Aggregation {
	case experiment.AggregateMin:
		return slices.Min(values), true
	case experiment.AggregateMax:
		return slices.Max(values), true
	}
	return values[len(values)-1], true
}
