package stats

import (
	"fmt"
	"math"
)

// Phase is a period of constant arms and weights.
type Phase struct {
	Observed []int64   // units first exposed in this phase, per arm
	Weights  []float64 // configured weights, in the same order; 0: arm not running
}

// Holdout is the share of units kept out of all arms. The zero value: none.
type Holdout struct {
	Share    float64 // configured share of all units, in (0, 1)
	Observed int64   // units seen in the holdout
}

// PhasedSampleRatio is the outcome of [SRMPhases].
type PhasedSampleRatio struct {
	Phases  []SampleRatio `json:"phases"`          // per phase; DF 0 where a phase had nothing to compare
	Arms    ChiSquare     `json:"arms"`            // sum over the phases
	Holdout ChiSquare     `json:"holdout"`         // holdout against all exposed units; DF 0 without a holdout
	Total   ChiSquare     `json:"total"`           // Arms and Holdout together
	Leaks   []Leak        `json:"leaks,omitempty"` // of all phases
}

// SRMPhases checks for a sample ratio mismatch over phases with different
// weights. Each phase is compared with its own weights, chi-squares and degrees
// of freedom are summed; one table over all phases would raise false alarms
// after every change of weights. A holdout adds a term of its own: units held
// out against units exposed, leaks included.
//
// A phase with fewer than two arms of positive weight, or without units, adds
// nothing. Errors: [ErrTooFewUnits] where nothing at all could be compared
// (Leaks is still filled), [ErrInvalidOption] for a holdout share outside
// (0, 1), and those of [SRM] for the inputs.
func SRMPhases(phases []Phase, holdout Holdout) (PhasedSampleRatio, error) {
	none := newChiSquare(0, 0)
	r := PhasedSampleRatio{Arms: none, Holdout: none, Total: none}
	if err := checkPhases(phases, holdout); err != nil {
		return r, err
	}
	var exposed int64
	statistic, df := 0.0, 0
	for i, phase := range phases {
		ratio := phaseRatio(phase.Observed, phase.Weights, i)
		r.Phases = append(r.Phases, ratio)
		r.Leaks = append(r.Leaks, ratio.Leaks...)
		statistic += ratio.Statistic
		df += ratio.DF
		for _, units := range phase.Observed {
			exposed += units
		}
	}
	r.Arms = newChiSquare(statistic, df)
	if holdout.Share > 0 {
		cells := phaseRatio([]int64{holdout.Observed, exposed}, []float64{holdout.Share, 1 - holdout.Share}, 0)
		r.Holdout = cells.ChiSquare
	}
	r.Total = newChiSquare(statistic+r.Holdout.Statistic, df+r.Holdout.DF)
	if r.Total.DF == 0 {
		return r, &InputError{Kind: ErrTooFewUnits, Input: "phases", Value: math.NaN(),
			Want: "want a phase with units and two arms of positive weight, or a holdout"}
	}
	return r, nil
}

func checkPhases(phases []Phase, holdout Holdout) error {
	for i, phase := range phases {
		if err := checkPhase(phase.Observed, phase.Weights); err != nil {
			return fmt.Errorf("stats: phase %d: %w", i, err)
		}
	}
	switch {
	case holdout == Holdout{}:
		return nil
	case !(holdout.Share > 0 && holdout.Share < 1):
		return &InputError{Kind: ErrInvalidOption, Input: "holdout.Share", Value: holdout.Share,
			Want: "want a share between 0 and 1, or no holdout at all"}
	case holdout.Observed < 0:
		return &InputError{Kind: ErrInvalidSummary, Input: "holdout.Observed", Value: float64(holdout.Observed),
			Want: "want a count that is not negative"}
	}
	return nil
}
