package assign

import (
	"errors"
	"fmt"
	"strings"
)

// Formula is a way to lay arms and traffic out over ids. The zero value of
// [Spec].Hash is touchlift/1, the formula of this package; package peer has those of
// other SDKs, so that an experiment can be taken over without moving anybody. A nil
// pointer, of whatever type, is a formula too and not the zero value: for touchlift/1
// leave Hash away or set it to a plain nil.
type Formula interface {
	// Name as it stands in a configuration, such as "growthbook/2".
	Name() string
	// Bucketing lays the spec out as the formula's SDK does. [NewSplit] has found arms
	// and traffic to be good; the spec has no phases. The salt may be bad, which
	// [NewSplit] says itself. What the formula cannot express is an error, every
	// problem at once: a [SpecErrors].
	Bucketing(spec Spec) (Bucketing, error)
}

// Judged is a [Formula] that can say what is wrong with its own fields before arms and
// traffic are good. All formulas of package peer that have fields are.
type Judged interface {
	Formula
	// Problems returns what is wrong with the fields, whatever the spec. The paths of
	// the fields begin with "hash.". An empty list means that nothing is.
	Problems() SpecErrors
}

// judgeFormula lays the spec out by its formula and adds what is wrong with that to the
// problems of the spec, each field once. Without good arms and traffic only the fields
// of the formula can be judged.
func (list *SpecErrors) judgeFormula(spec Spec) (Bucketing, error) {
	known := make(map[string]bool)
	layable := true
	for _, problem := range *list {
		known[problem.Field] = true
		part, _, _ := strings.Cut(problem.Field, "[")
		layable = layable && part != "arms" && part != "traffic"
	}
	var found SpecErrors
	var other Bucketing
	if layable {
		spec.Phases = nil
		laid, err := spec.Hash.Bucketing(spec)
		if err != nil && !errors.As(err, &found) {
			return nil, err
		}
		if laid == nil && len(found) == 0 {
			return nil, fmt.Errorf("assign: formula %s laid nothing out and named no problem", spec.Hash.Name())
		}
		other = laid
	} else if judged, ok := spec.Hash.(Judged); ok {
		found = judged.Problems()
	}
	for _, problem := range found {
		if !known[problem.Field] {
			*list = append(*list, problem)
		}
	}
	return other, nil
}

// Steady is a [Formula] that can say what raising the traffic does. All formulas of
// package peer are.
type Steady interface {
	Formula
	// KeepsEnrolled reports whether every enrolled unit stays in its arm when the
	// traffic of the spec is raised and the arms stay as they are, from whatever
	// traffic to whatever other: it does not depend on the traffic of the spec. Where
	// the formula lists the buckets of the arms or of the traffic itself, and so the
	// list has to grow with the traffic, it is about lists that leave what they have
	// in its place and add to it.
	KeepsEnrolled(spec Spec) bool
}

// KeepsEnrolled reports whether raising the traffic of the spec keeps every enrolled
// unit in its arm: see [Steady]. It always does with touchlift/1. A formula that is
// not [Steady] has promised nothing, so that the answer is false. The spec is not
// judged otherwise; for one that [NewSplit] refuses the answer means nothing.
func KeepsEnrolled(spec Spec) bool {
	if spec.Hash == nil {
		return true
	}
	steady, ok := spec.Hash.(Steady)
	return ok && steady.KeepsEnrolled(spec)
}

// Bucketing maps ids to arms. It is immutable and safe for concurrent use.
type Bucketing interface {
	// Arm returns the index of the id's arm in [Spec].Arms and whether the unit is
	// enrolled; the index is -1 if it is not. The id is not empty and has no zero byte.
	Arm(id string) (index int, enrolled bool)
}
