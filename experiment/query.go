package experiment

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/touchlift/touchlift/experiment/audience"
)

// Query asks a store for the sufficient statistics of one run of an
// experiment. It knows nothing of metrics: a metric is an expression over
// [Value]s.
//
// A unit counts from its first exposure: the earliest by time; at equal times
// the lower phase, then the smaller variant, touchpoint and class, in byte
// order. Exposures of class override count nowhere; those of class
// holdout form a group of their own, whatever their variant.
//
// A unit is contaminated as of T if it met two groups (variants, or a variant
// and the holdout) within one phase before T.
type Query struct {
	Experiment string
	Run        string
	// Kind of the units.
	Kind Kind
	// Cluster, if not empty, makes the cluster the unit of observation: units
	// of a cell whose first exposure has the same id of this kind among its IDs
	// have their totals added up. Units without such an id are counted in Cell.Unclustered only.
	Cluster Kind
	// AsOf lists moments. As of T, exposures and conversions count whose time
	// is before T. At least one, strictly ascending; cut to the microsecond, as
	// every time is.
	AsOf []time.Time
	// Contaminated says what becomes of contaminated units.
	Contaminated Contaminated
	// Values to sum up.
	Values []Value
	// Cross lists pairs of indexes into Values whose joint sums are wanted.
	Cross [][2]int
	// By splits the cells further.
	By []Dimension
}

// Contaminated says what becomes of units that met two variants in a phase.
type Contaminated uint8

// The policies.
const (
	// ExcludeContaminated leaves them out of every cell.
	ExcludeContaminated Contaminated = iota
	// FirstArm counts them where they were first exposed.
	FirstArm
)

// Side of the first exposure on which a window lies.
type Side uint8

// The sides. With f the time of first exposure, d the delay and w the window:
const (
	// After is [f + d, f + d + w); without a window [f + d, ...).
	After Side = iota
	// Before is [f - d - w, f - d); without a window everything before f - d.
	Before
)

// Value turns the events of a unit into one number, the unit's total.
type Value struct {
	// Event that counts.
	Event string
	// Aggregation of the events. Required.
	Aggregation Aggregation
	// Filter: every comparison must hold for an event to count.
	Filter []Comparison
	// Delay and Window place the window; see [Side]. Window 0 is without end.
	Delay  time.Duration
	Window time.Duration
	// Side of the first exposure. Default After.
	Side Side
	// Cap: a total above it counts as Cap. 0 is no cap; a cap is positive.
	Cap float64
	// Pivot is subtracted from the total, after Cap, before squaring: a number
	// near the mean keeps the sums accurate.
	Pivot float64
	// MatureOnly counts only units whose window has closed: as of T those with
	// f + Delay + Window <= T on the side After; every unit on the side Before,
	// whose window closed at f. It needs a Window on the side After.
	MatureOnly bool
}

// Op is a comparison operator.
type Op string

// The operators.
const (
	Equal        Op = "=="
	NotEqual     Op = "!="
	Less         Op = "<"
	LessEqual    Op = "<="
	Greater      Op = ">"
	GreaterEqual Op = ">="
)

// Field of a conversion that a [Comparison] looks at.
type Field string

// The fields.
const (
	FieldValue      Field = "value"      // a number
	FieldTouchpoint Field = "touchpoint" // a string; "" where the event has none
	FieldAttribute  Field = "attribute"  // of the name and type that the comparison says
)

// Comparison is a condition on a conversion. It is false where the attribute
// is missing or of another type than the operand, whatever the operator.
type Comparison struct {
	Field Field
	// Attribute is the name, for FieldAttribute.
	Attribute string
	Op        Op
	Operand   audience.Value
}

// Holds reports whether the conversion fulfils the comparison.
func (c Comparison) Holds(v *Conversion) bool {
	var have audience.Value
	switch c.Field {
	case FieldValue:
		have = audience.NumberValue(v.Value)
	case FieldTouchpoint:
		have = audience.StringValue(v.Touchpoint)
	case FieldAttribute:
		have = audience.Lookup(v.Attributes, c.Attribute)
	}
	order, ok := have.Compare(c.Operand)
	if !ok {
		return false
	}
	switch c.Op {
	case Equal:
		return order == 0
	case NotEqual:
		return order != 0
	case Less:
		return order < 0
	case LessEqual:
		return order <= 0
	case Greater:
		return order > 0
	case GreaterEqual:
		return order >= 0
	}
	return false
}

// Dimension splits cells by a property of the first exposure. The zero
// Dimension is invalid; use [ByAttribute], [ByTouchpoint] or [ByDay].
type Dimension struct {
	kind      dimensionKind
	attribute string
	zone      *time.Location
}

type dimensionKind uint8

const (
	dimensionInvalid dimensionKind = iota
	dimensionAttribute
	dimensionTouchpoint
	dimensionDay
)

// ByAttribute splits by the value of an attribute at first exposure.
func ByAttribute(name string) Dimension {
	return Dimension{kind: dimensionAttribute, attribute: name}
}

// ByTouchpoint splits by the touchpoint of the first exposure.
func ByTouchpoint() Dimension { return Dimension{kind: dimensionTouchpoint} }

// ByDay splits by the calendar day of the first exposure in a time zone; nil
// is UTC. Levels are strings such as "2026-01-31".
func ByDay(zone *time.Location) Dimension {
	if zone == nil {
		zone = time.UTC
	}
	return Dimension{kind: dimensionDay, zone: zone}
}

// Attribute returns the attribute's name, and whether the dimension is one.
func (d Dimension) Attribute() (name string, ok bool) {
	return d.attribute, d.kind == dimensionAttribute
}

// Touchpoint reports whether the dimension is the touchpoint.
func (d Dimension) Touchpoint() bool { return d.kind == dimensionTouchpoint }

// Day returns the time zone of the days, and whether the dimension is the day.
func (d Dimension) Day() (zone *time.Location, ok bool) { return d.zone, d.kind == dimensionDay }

// ErrInvalidQuery is the error of a query that has no meaning.
var ErrInvalidQuery = errors.New("experiment: invalid query")

// maxQueryDuration keeps first exposure + delay + window within the range of
// int64 microseconds.
const maxQueryDuration = 200 * 365 * 24 * time.Hour

// Validate returns every problem of the query, joined; each matches
// ErrInvalidQuery.
func (q Query) Validate() error {
	var problems []error
	add := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("%w: %s", ErrInvalidQuery, fmt.Sprintf(format, args...)))
	}
	if q.Experiment == "" || q.Run == "" || q.Kind == "" {
		add("Experiment, Run and Kind are required, have %q, %q, %q", q.Experiment, q.Run, string(q.Kind))
	}
	if len(q.AsOf) == 0 {
		add("AsOf is empty, want at least one moment")
	}
	for i, t := range q.AsOf {
		if t.Before(minTime) || t.After(maxTime) {
			add("AsOf[%d] is %v, want the years 1 to 9999", i, t)
		}
		if i > 0 && t.UnixMicro() <= q.AsOf[i-1].UnixMicro() {
			add("AsOf[%d] is not after AsOf[%d], want ascending moments", i, i-1)
		}
	}
	if q.Contaminated > FirstArm {
		add("Contaminated is %d, want ExcludeContaminated or FirstArm", q.Contaminated)
	}
	for i := range q.Values {
		for _, problem := range q.Values[i].problems() {
			add("Values[%d]: %s", i, problem)
		}
	}
	for i, pair := range q.Cross {
		if pair[0] < 0 || pair[0] >= len(q.Values) || pair[1] < 0 || pair[1] >= len(q.Values) {
			add("Cross[%d] is %v, want indexes below %d", i, pair, len(q.Values))
		}
	}
	for i, d := range q.By {
		if name, ok := d.Attribute(); d.kind == dimensionInvalid || (ok && name == "") {
			add("By[%d] is empty, want ByAttribute, ByTouchpoint or ByDay", i)
		}
	}
	return errors.Join(problems...)
}

func (v Value) problems() []string {
	var problems []string
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	switch v.Aggregation {
	case AggregateAny, AggregateCount, AggregateSum, AggregateMin, AggregateMax, AggregateLast:
		if v.Event == "" {
			add("Event is empty")
		}
	case AggregateUnit:
	default:
		add("Aggregation is %q, want any, count, sum, min, max, last or unit", string(v.Aggregation))
	}
	if v.Delay < 0 || v.Delay > maxQueryDuration {
		add("Delay is %v, want 0 to 200 years", v.Delay)
	}
	if v.Window < 0 || v.Window > maxQueryDuration {
		add("Window is %v, want 0 to 200 years", v.Window)
	}
	if v.Delay%time.Microsecond != 0 || v.Window%time.Microsecond != 0 {
		add("Delay and Window are %v and %v, want whole microseconds", v.Delay, v.Window)
	}
	if v.Side > Before {
		add("Side is %d, want After or Before", v.Side)
	}
	if v.MatureOnly && v.Window == 0 && v.Side == After {
		add("MatureOnly needs a Window: without one no unit matures")
	}
	if !(v.Cap >= 0) || math.IsInf(v.Cap, 0) {
		add("Cap is %v, want a positive number, or 0 for none", v.Cap)
	}
	if math.IsNaN(v.Pivot) || math.IsInf(v.Pivot, 0) {
		add("Pivot is %v, want a finite number", v.Pivot)
	}
	for i, c := range v.Filter {
		if problem := c.problem(); problem != "" {
			add("Filter[%d]: %s", i, problem)
		}
	}
	return problems
}

func (c Comparison) problem() string {
	want := audience.TypeMissing
	switch c.Field {
	case FieldValue:
		want = audience.TypeNumber
	case FieldTouchpoint:
		want = audience.TypeString
	case FieldAttribute:
		if c.Attribute == "" {
			return "Attribute is empty"
		}
		want = c.Operand.Type()
	default:
		return fmt.Sprintf("Field is %q, want value, touchpoint or attribute", string(c.Field))
	}
	switch c.Op {
	case Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual:
	default:
		return fmt.Sprintf("Op is %q, want ==, !=, <, <=, > or >=", string(c.Op))
	}
	if c.Operand.Type() != want {
		return fmt.Sprintf("Operand is a %v, want a %v", c.Operand.Type(), want)
	}
	if err := c.Operand.Validate(); err != nil {
		return "Operand " + err.Error()
	}
	return ""
}
