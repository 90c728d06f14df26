package analysis

import (
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// PhaseBalance compares the sizes of the arms in one phase, by first exposure,
// with the weights of that phase.
type PhaseBalance struct {
	// Phase counts from 0, which is the experiment's arms.
	Phase int `json:"phase"`
	// From is when it began; zero for phase 0.
	From time.Time  `json:"from,omitzero"`
	Arms []PhaseArm `json:"arms"`
	// Test of the phase by itself. Nil where fewer than 2 arms carry weight, or
	// fewer than 5 units are expected in one.
	Test *PhaseRatio `json:"test,omitempty"`
}

// PhaseArm is an arm in a phase, with the units that its weight leads one to
// expect of those in arms that carry weight.
type PhaseArm struct {
	Variant  string  `json:"variant"`
	Weight   uint64  `json:"weight"`
	Units    int64   `json:"units"`
	Expected float64 `json:"expected"`
}

// PhaseRatio is the test of one phase, with the fields of [Balance].
type PhaseRatio struct {
	Statistic float64 `json:"chi_square"`
	DF        int     `json:"df"`
	P         float64 `json:"p"`
	LogP      float64 `json:"log_p"`
	Imbalance float64 `json:"imbalance"`
	Worst     string  `json:"worst"`
}

// PhaseEffect is what a row compares within one phase, by first exposure.
type PhaseEffect struct {
	Phase int `json:"phase"`
	// Weight is the phase's share of the units that the row compares.
	Weight    float64  `json:"weight"`
	Control   Observed `json:"control"`
	Treatment Observed `json:"treatment"`
}

// Holdout tells of the units that were kept out, to measure what all experiments
// of a scope do together. They met control, and are in no comparison.
type Holdout struct {
	// Keys of the holdouts that the experiment is under, in the order of the
	// catalogue.
	Keys []string `json:"keys,omitempty"`
	// Units kept out, of those in any group, and their share of these.
	Units int64   `json:"units"`
	Of    int64   `json:"of"`
	Share float64 `json:"share"`
	// Expected share: that of the units which one of the holdouts keeps out; 0
	// where it is not known.
	Expected float64 `json:"expected,omitempty"`
	// Test of Units against Expected. Nil where it is not judged; Problem says why.
	Test    *HoldoutRatio `json:"test,omitempty"`
	Problem string        `json:"problem,omitempty"`
	// Metrics seen in the units kept out, without contaminated ones. Empty before
	// the evaluation.
	Metrics []HoldoutMetric `json:"metrics,omitempty"`
}

// HoldoutRatio tests the share of the units kept out, with the fields of [Balance].
type HoldoutRatio struct {
	Statistic float64 `json:"chi_square"`
	DF        int     `json:"df"`
	P         float64 `json:"p"`
	LogP      float64 `json:"log_p"`
}

// HoldoutMetric is what was seen of a metric in the units kept out.
type HoldoutMetric struct {
	Metric   string                `json:"metric"`
	Role     Role                  `json:"role"`
	Kind     experiment.MetricKind `json:"kind"`
	Observed Observed              `json:"observed"`
}
