package stats

import (
	"encoding/json"
	"fmt"
	"strings"
)

// String returns the test in one line.
func (c ChiSquare) String() string {
	if c.DF == 0 {
		return "nothing to compare"
	}
	p := Inference{P: c.P, LogP: c.LogP}
	return fmt.Sprintf("chi-square %.4g on %d df, %s", c.Statistic, c.DF, p.formatP())
}

// String returns the check in one line: test, largest gap, leaks.
func (r SampleRatio) String() string {
	var b strings.Builder
	b.WriteString(r.ChiSquare.String())
	if r.Arm >= 0 {
		fmt.Fprintf(&b, ", largest gap %s in arm %d", r.Imbalance, r.Arm)
	}
	for _, l := range r.Leaks {
		fmt.Fprintf(&b, ", leak of %d units into arm %d of weight 0", l.Observed, l.Arm)
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, ", %s", w)
	}
	return b.String()
}

type chiSquareJSON struct {
	ChiSquare *float64 `json:"chi_square"`
	DF        int      `json:"df"`
	P         *float64 `json:"p"`
	LogP      *float64 `json:"log_p"`
}

func (c ChiSquare) json() chiSquareJSON {
	return chiSquareJSON{finiteOrNil(c.Statistic), c.DF, finiteOrNil(c.P), finiteOrNil(c.LogP)}
}

func (v chiSquareJSON) chiSquare() ChiSquare {
	return ChiSquare{Statistic: orNaN(v.ChiSquare), DF: v.DF, P: orNaN(v.P), LogP: orNaN(v.LogP)}
}

// MarshalJSON writes chi_square, df, p and log_p; p and log_p are null where df
// is 0.
func (c ChiSquare) MarshalJSON() ([]byte, error) { return json.Marshal(c.json()) }

// UnmarshalJSON reads what MarshalJSON writes.
func (c *ChiSquare) UnmarshalJSON(data []byte) error {
	var v chiSquareJSON
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*c = v.chiSquare()
	return nil
}

type sampleRatioJSON struct {
	chiSquareJSON
	Imbalance Points    `json:"imbalance"`
	Arm       int       `json:"arm"`
	Leaks     []Leak    `json:"leaks,omitempty"`
	Warnings  []Warning `json:"warnings,omitempty"`
}

// MarshalJSON writes the keys of [ChiSquare.MarshalJSON] beside imbalance (a
// fraction), arm, leaks and warnings.
func (r SampleRatio) MarshalJSON() ([]byte, error) {
	return json.Marshal(sampleRatioJSON{r.json(), r.Imbalance, r.Arm, r.Leaks, r.Warnings})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *SampleRatio) UnmarshalJSON(data []byte) error {
	var v sampleRatioJSON
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*r = SampleRatio{ChiSquare: v.chiSquare(), Imbalance: v.Imbalance, Arm: v.Arm, Leaks: v.Leaks, Warnings: v.Warnings}
	return nil
}
