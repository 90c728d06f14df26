package experiment

import "time"

// MetricKind says which number a metric makes of the events of a unit.
type MetricKind string

// The kinds of metric.
const (
	// MetricProportion is the share of exposed units with at least one event.
	MetricProportion MetricKind = "proportion"
	// MetricMean is the mean over exposed units of the unit's total; a unit
	// without an event counts as 0.
	MetricMean MetricKind = "mean"
)

// Aggregation says how the events of one unit become one number. A metric of
// kind mean takes Sum or Count; a [Value] takes any of them.
type Aggregation string

// The aggregations. Any, Count, Sum and Unit are 0 (Unit 1) for a unit without
// an event; Min, Max and Last are absent for it.
const (
	AggregateAny   Aggregation = "any"   // 1 with at least one event, else 0
	AggregateCount Aggregation = "count" // number of events
	AggregateSum   Aggregation = "sum"   // sum of the values
	AggregateMin   Aggregation = "min"   // smallest value
	AggregateMax   Aggregation = "max"   // largest value
	AggregateLast  Aggregation = "last"  // value of the latest event; of several at that time, of the greatest id
	AggregateUnit  Aggregation = "unit"  // 1 for every unit: the size of a cluster
)

// Direction says which way a metric gets better.
type Direction string

// The directions. The empty Direction is Increase.
const (
	Increase Direction = "increase"
	Decrease Direction = "decrease"
)

// Metric is a definition over conversions.
type Metric struct {
	// Key names the metric in experiments and results.
	Key string `json:"key"`
	// Kind: proportion or mean. Required.
	Kind MetricKind `json:"kind"`
	// Event is the name of the conversion event that counts. Required.
	Event string `json:"event"`
	// Aggregation of a mean: AggregateSum (default) or AggregateCount. A
	// proportion leaves it empty.
	Aggregation Aggregation `json:"aggregation,omitempty"`
	// Delay is the time from a unit's first exposure to the start of its
	// window. Zero or more. Default 0.
	Delay time.Duration `json:"delay,omitempty"`
	// Window is the length of a unit's window: events in [first + delay,
	// first + delay + window) count. 0 is without end; then a unit never
	// matures.
	Window time.Duration `json:"window,omitempty"`
	// Direction that is better. Default Increase.
	Direction Direction `json:"direction,omitempty"`
	// Cap: a unit's total above Cap counts as Cap. 0 is no cap. Only for means.
	Cap float64 `json:"cap,omitempty"`
}

// Value is the expression over events that the metric stands for, counting
// only units whose window has closed where the metric has a window.
func (m Metric) Value() Value {
	v := Value{Event: m.Event, Aggregation: AggregateAny, Delay: m.Delay, Window: m.Window, MatureOnly: m.Window > 0}
	if m.Kind == MetricMean {
		v.Cap = m.Cap
		v.Aggregation = AggregateSum
		if m.Aggregation != "" {
			v.Aggregation = m.Aggregation
		}
	}
	return v
}
