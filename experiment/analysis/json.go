package analysis

import (
	"encoding/json"
	"math"

	"github.com/touchlift/touchlift/stats"
)

// JSON has no NaN and no infinity: such numbers are null.

type observedJSON struct {
	N         int64    `json:"n"`
	Numerator *float64 `json:"numerator"`
	Value     *float64 `json:"value"`
}

// MarshalJSON writes n, numerator and value, null where they do not exist.
func (o Observed) MarshalJSON() ([]byte, error) {
	return json.Marshal(observedJSON{o.N, finiteOrNil(o.Numerator), finiteOrNil(o.Value)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (o *Observed) UnmarshalJSON(data []byte) error {
	var v observedJSON
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*o = Observed{v.N, valueOrNaN(v.Numerator), valueOrNaN(v.Value)}
	return nil
}

type estimateJSON struct {
	Value    *float64       `json:"value"`
	Interval stats.Interval `json:"interval"`
	Method   string         `json:"method,omitempty"`
	Problem  string         `json:"problem,omitempty"`
}

// MarshalJSON writes value (null where undefined), interval, method and
// problem.
func (e Estimate) MarshalJSON() ([]byte, error) {
	return json.Marshal(estimateJSON{finiteOrNil(e.Value), e.Interval, e.Method, e.Problem})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (e *Estimate) UnmarshalJSON(data []byte) error {
	var v estimateJSON
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*e = Estimate{valueOrNaN(v.Value), v.Interval, v.Method, v.Problem}
	return nil
}

func finiteOrNil(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func valueOrNaN(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}
