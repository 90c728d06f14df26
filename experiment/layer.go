package experiment

import "github.com/touchlift/touchlift/assign"

// Layer keeps experiments apart: each holds slots of one line of units, and no
// unit is in two experiments of the layer.
type Layer struct {
	// Key names the layer.
	Key string `json:"key"`
	// Salt of the layer's own hash stream. A new salt reshuffles all its experiments.
	Salt string `json:"salt"`
	// Unit is the kind of id that every experiment of the layer randomises.
	Unit Kind `json:"unit"`
	// Slots is the number of equal parts of the line. Default 100.
	Slots uint64 `json:"slots,omitempty"`
}

// DefaultSlots is the number of slots of a [Layer] that does not say.
const DefaultSlots = 100

// Slots are the slots [From, To) of a layer.
type Slots struct {
	// Layer by name.
	Layer string `json:"name"`
	From  uint64 `json:"from"`
	To    uint64 `json:"to"`
}

// Holdout keeps a share of the units out of experiments, to measure what all of
// them together do. Its units meet control.
type Holdout struct {
	// Key names the holdout.
	Key string `json:"key"`
	// Salt of the holdout's own hash stream.
	Salt string `json:"salt"`
	// Unit is the kind of id that is held out. Every experiment under the holdout
	// randomises the same kind.
	Unit Kind `json:"unit"`
	// Share of the units. Required; above 0 and below 1.
	Share assign.Share `json:"share"`
	// Scope: the experiments that it applies to.
	Scope Scope `json:"scope,omitzero"`
}

// Scope says which experiments are under a holdout. At most one field is set; the
// zero Scope is the experiments that name the holdout.
type Scope struct {
	// Global is every experiment.
	Global bool `json:"global,omitempty"`
	// Layer is every experiment of that layer.
	Layer string `json:"layer,omitempty"`
	// Touchpoint is every experiment that runs there.
	Touchpoint string `json:"touchpoint,omitempty"`
	// Stage is every experiment at a touchpoint of that stage.
	Stage Stage `json:"stage,omitempty"`
}

// NoHoldout exempts an experiment from the holdouts that would apply by their
// scope.
const NoHoldout = "none"

// Requirement is a variant of another experiment.
type Requirement struct {
	Experiment string `json:"experiment"`
	Variant    string `json:"variant"`
}
