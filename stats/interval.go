package stats

import (
	"encoding/json"
	"fmt"
	"math"
)

// IntervalKind says what the two ends of an [Interval] mean.
type IntervalKind uint8

const (
	// NoInterval: there is none; the ends are NaN. The zero value.
	NoInterval IntervalKind = iota
	// Bounded: from Low to High.
	Bounded
	// LowerUnbounded: everything up to High; Low is -Inf.
	LowerUnbounded
	// UpperUnbounded: everything from Low; High is +Inf.
	UpperUnbounded
	// Exclusive: everything but the gap between Low and High. Arises for
	// ratios and lifts with a baseline that may be zero.
	Exclusive
	// Unbounded: every value is compatible with the data; the ends are -Inf
	// and +Inf.
	Unbounded
)

var intervalKindNames = [...]string{NoInterval: "none", Bounded: "bounded", LowerUnbounded: "lower_unbounded",
	UpperUnbounded: "upper_unbounded", Exclusive: "exclusive", Unbounded: "unbounded"}

// String returns none, bounded, lower_unbounded, upper_unbounded, exclusive or
// unbounded.
func (k IntervalKind) String() string {
	if int(k) < len(intervalKindNames) {
		return intervalKindNames[k]
	}
	return fmt.Sprintf("IntervalKind(%d)", uint8(k))
}

// MarshalText returns the name, as String does.
func (k IntervalKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a name as String writes it.
func (k *IntervalKind) UnmarshalText(text []byte) error {
	for i, name := range intervalKindNames {
		if name == string(text) {
			*k = IntervalKind(i)
			return nil
		}
	}
	return fmt.Errorf("stats: %w: interval kind %q", ErrInvalidSummary, text)
}

// Interval is a confidence set with its kind. The zero value is no interval.
// Read Kind before the ends: those of an exclusive set bound what it leaves
// out.
type Interval struct {
	Low, High float64
	Kind      IntervalKind
}

func noInterval() Interval { return Interval{Low: math.NaN(), High: math.NaN()} }

// Contains reports whether x is in the set, ends included.
func (i Interval) Contains(x float64) bool {
	switch i.Kind {
	case Bounded, LowerUnbounded, UpperUnbounded, Unbounded:
		return i.Low <= x && x <= i.High
	case Exclusive:
		return x <= i.Low || x >= i.High
	default:
		return false
	}
}

// String returns the set in words or brackets, with four significant digits.
func (i Interval) String() string {
	return i.format(func(v float64) string { return fmt.Sprintf("%.4g", v) })
}

func (i Interval) format(number func(float64) string) string {
	switch i.Kind {
	case Bounded:
		return "[" + number(i.Low) + ", " + number(i.High) + "]"
	case LowerUnbounded:
		return "up to " + number(i.High)
	case UpperUnbounded:
		return number(i.Low) + " or more"
	case Exclusive:
		return "outside (" + number(i.Low) + ", " + number(i.High) + ")"
	case Unbounded:
		return "any value"
	default:
		return "none"
	}
}

type intervalJSON struct {
	Low  *float64     `json:"low"`
	High *float64     `json:"high"`
	Kind IntervalKind `json:"kind"`
}

// MarshalJSON writes {"low": ..., "high": ..., "kind": ...}. JSON has no
// infinity: an end that is not finite is null, and kind says which it is.
func (i Interval) MarshalJSON() ([]byte, error) {
	return json.Marshal(intervalJSON{Low: finiteOrNil(i.Low), High: finiteOrNil(i.High), Kind: i.Kind})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (i *Interval) UnmarshalJSON(data []byte) error {
	var v intervalJSON
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	low, high := math.NaN(), math.NaN()
	if v.Kind == LowerUnbounded || v.Kind == Unbounded {
		low = math.Inf(-1)
	}
	if v.Kind == UpperUnbounded || v.Kind == Unbounded {
		high = math.Inf(1)
	}
	*i = Interval{Low: valueOr(v.Low, low), High: valueOr(v.High, high), Kind: v.Kind}
	return nil
}

func finiteOrNil(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func valueOr(v *float64, otherwise float64) float64 {
	if v == nil {
		return otherwise
	}
	return *v
}
