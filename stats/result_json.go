package stats

import (
	"encoding/json"
	"math"
)

type inferenceJSON struct {
	Method      Method      `json:"method"`
	SE          *float64    `json:"se"`
	Statistic   *float64    `json:"statistic"`
	DF          *float64    `json:"df"`
	P           *float64    `json:"p"`
	LogP        *float64    `json:"log_p"`
	CI          Interval    `json:"ci"`
	Alpha       *float64    `json:"alpha"`
	Alternative Alternative `json:"alternative"`
	Warnings    []Warning   `json:"warnings,omitempty"`
}

type differenceJSON struct {
	Difference *float64 `json:"difference"`
	Control    *float64 `json:"control"`
	Treatment  *float64 `json:"treatment"`
	inferenceJSON
}

type liftJSON struct {
	Lift      *float64 `json:"lift"`
	Control   *float64 `json:"control"`
	Treatment *float64 `json:"treatment"`
	G         *float64 `json:"g"`
	inferenceJSON
}

func (i Inference) json() inferenceJSON {
	return inferenceJSON{Method: i.Method, SE: finiteOrNil(i.SE), Statistic: finiteOrNil(i.Statistic),
		DF: finiteOrNil(i.DF), P: finiteOrNil(i.P), LogP: finiteOrNil(i.LogP), CI: i.CI, Alpha: finiteOrNil(i.Alpha),
		Alternative: i.Alternative, Warnings: i.Warnings}
}

// MarshalJSON writes the fields under method, se, statistic, df, p, log_p, ci,
// alpha, alternative and warnings. A number that is not finite is null: df for
// the normal distribution, everything where no inference was possible.
func (i Inference) MarshalJSON() ([]byte, error) { return json.Marshal(i.json()) }

// MarshalJSON writes the keys of [Inference.MarshalJSON] beside difference,
// control and treatment.
func (r Result) MarshalJSON() ([]byte, error) {
	return json.Marshal(differenceJSON{finiteOrNil(r.Difference), finiteOrNil(r.Control), finiteOrNil(r.Treatment), r.json()})
}

// MarshalJSON writes the keys of [Inference.MarshalJSON] beside difference,
// control and treatment, which are fractions.
func (r ProportionResult) MarshalJSON() ([]byte, error) {
	return json.Marshal(differenceJSON{finiteOrNil(float64(r.Difference)), finiteOrNil(r.Control), finiteOrNil(r.Treatment), r.json()})
}

// MarshalJSON writes the keys of [Inference.MarshalJSON] beside lift, control,
// treatment and g; lift is a fraction.
func (r LiftResult) MarshalJSON() ([]byte, error) {
	return json.Marshal(liftJSON{finiteOrNil(float64(r.Lift)), finiteOrNil(r.Control), finiteOrNil(r.Treatment), finiteOrNil(r.G), r.json()})
}

// orNaN is the number, or NaN for null.
func orNaN(v *float64) float64 { return valueOr(v, math.NaN()) }

// inference reads back what Inference.json wrote; df is null for the normal
// distribution, but with a p it is infinite, and without one unknown.
func (v inferenceJSON) inference() Inference {
	df := math.NaN()
	if v.P != nil {
		df = math.Inf(1)
	}
	return Inference{Method: v.Method, SE: orNaN(v.SE), Statistic: orNaN(v.Statistic), DF: valueOr(v.DF, df),
		P: orNaN(v.P), LogP: orNaN(v.LogP), CI: v.CI, Alpha: orNaN(v.Alpha), Alternative: v.Alternative,
		Warnings: v.Warnings}
}

// UnmarshalJSON reads what MarshalJSON writes.
func (i *Inference) UnmarshalJSON(data []byte) error {
	var v inferenceJSON
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*i = v.inference()
	return nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *Result) UnmarshalJSON(data []byte) error {
	var v differenceJSON
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*r = Result{Inference: v.inference(), Difference: orNaN(v.Difference), Control: orNaN(v.Control),
		Treatment: orNaN(v.Treatment)}
	return nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *ProportionResult) UnmarshalJSON(data []byte) error {
	var v differenceJSON
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*r = ProportionResult{Inference: v.inference(), Difference: Points(orNaN(v.Difference)),
		Control: orNaN(v.Control), Treatment: orNaN(v.Treatment)}
	return nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *LiftResult) UnmarshalJSON(data []byte) error {
	var v liftJSON
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*r = LiftResult{Inference: v.inference(), Lift: RelativeLift(orNaN(v.Lift)), Control: orNaN(v.Control),
		Treatment: orNaN(v.Treatment), G: orNaN(v.G)}
	return nil
}
