package assign

import (
	"fmt"
	"strconv"
	"strings"
)

// Arm is a variant and its weight.
type Arm struct {
	// Variant is the name that [Split.Variant] returns. It is not hashed: renaming
	// a variant moves nobody. Not empty, and unique within a [Spec].
	Variant string
	// Weight is the arm's part of the enrolled units, relative to the sum of all
	// weights: 1 and 1 is the same split as 50 and 50. Any value is legal and so is
	// any sum; an arm of weight 0 gets nobody.
	Weight uint64
}

// Spec says how an experiment splits its units.
type Spec struct {
	// Salt tells this split from all others. Two splits with the same salt put the
	// same units first; changing it reshuffles everyone. Not empty, no zero byte.
	Salt string
	// Arms in the order in which they lie on the line of positions; at least one
	// with a weight above 0. Their order is part of the mapping.
	Arms []Arm
	// Traffic is the share of units that are enrolled. The zero value enrols
	// everyone and Share{0, 1} nobody. Raising it never moves an enrolled unit, unless
	// by Hash: see [KeepsEnrolled].
	Traffic Share
	// Phases re-weight the arms, oldest first, each under the ones before it. The
	// split is that of the last phase, and reached from the first by the smallest
	// moves: see the package comment. Arms match by variant. One that a phase does
	// not list gets nobody from then on, one that is new is added. The order within
	// a phase only numbers the new ones. To bring every unit back to the arm that it had,
	// list the phases backwards to come home: after phases B and C, B and then the first
	// weights. Straight back is the least move, which with three or more arms need not end
	// where it began. At most 100 phases, each a list like Arms, that together cut the line
	// into at most 10,000 pieces: about the number of arms a phase. Default none: the
	// arms keep their weights.
	Phases [][]Arm
	// Hash is the formula of another SDK. Default touchlift/1. Phases need the default.
	Hash Formula
}

// SpecError is one problem of a [Spec].
type SpecError struct {
	// Field is the path of what is wrong, for machines too: "salt", "arms",
	// "arms[1].variant", "traffic", "phases[0]" or "phases[0][1].variant". Indices
	// count from 0.
	Field string
	// Value is what the field holds: a string, a [Share], a number such as a uint64, a
	// time.Time or time.Duration of a [SwitchbackSpec], a range of a formula; for a list,
	// such as "arms" or "phases[0]", its length as an int. A formula may have written it
	// as text. It is "" if the field is empty or missing.
	Value any
	// Problem says what is wrong with it.
	Problem string
	// Want says what is wanted instead and how to get there.
	Want string
}

// Error names the field, its value, the problem, and what is wanted.
func (e *SpecError) Error() string {
	return fmt.Sprintf("assign: %s: %s: %s", e.Field, e.Said(), e.Want)
}

// Said is the part of the message between the field and what is wanted: the value, a
// text in quotes, and what is wrong with it; or only that, if the value is "".
func (e *SpecError) Said() string {
	text, ok := e.Value.(string)
	switch {
	case !ok:
		return fmt.Sprintf("%v %s", e.Value, e.Problem)
	case text == "":
		return e.Problem
	}
	return strconv.Quote(text) + " " + e.Problem
}

// SpecErrors is the error of [NewSplit]: every problem of a [Spec], at least one, in
// the order of the fields; those that a formula of another SDK finds come last. errors.As finds the list, or its first [*SpecError].
type SpecErrors []*SpecError

// Error lists the problems, one a line.
func (list SpecErrors) Error() string {
	lines := make([]string, len(list))
	for i, problem := range list {
		lines[i] = problem.Error()
	}
	return strings.Join(lines, "\n")
}

// orNil returns the error if there is a problem.
func (list SpecErrors) orNil() error {
	if len(list) == 0 {
		return nil
	}
	return list
}

// Unwrap returns the problems for errors.Is and errors.As.
func (list SpecErrors) Unwrap() []error {
	all := make([]error, len(list))
	for i, problem := range list {
		all[i] = problem
	}
	return all
}

func (list *SpecErrors) add(field string, value any, problem, want string) {
	*list = append(*list, &SpecError{Field: field, Value: value, Problem: problem, Want: want})
}

// problems judges the whole spec but for its formula; an empty list means that it can be
// split, unless its phases cut the line in too many pieces.
func (s Spec) problems() SpecErrors {
	var list SpecErrors
	list.checkSalt(s.Salt)
	if len(s.Arms) == 0 {
		list.add("arms", 0, "arms", "want at least one arm, usually control first")
	} else {
		list.checkArms("arms", s.Arms)
	}
	list.checkTraffic(s.Traffic)
	list.checkPhases(s)
	return list
}

func (list *SpecErrors) checkSalt(salt string) {
	if salt == "" {
		list.add("salt", salt, "is empty",
			"want a text of its own for every experiment, such as \"checkout-2026-11\"; keep it for the life of the experiment")
	}
	if strings.IndexByte(salt, 0) >= 0 {
		list.add("salt", salt, "contains a zero byte",
			"want a salt without it, because a zero byte separates salt and purpose in the hash")
	}
}

// checkArms judges the arms, at least one, of the spec or of one of its phases.
func (list *SpecErrors) checkArms(field string, arms []Arm) {
	first := make(map[string]int, len(arms))
	var total wide
	for i, arm := range arms {
		total = total.add(arm.Weight)
		list.checkVariant(field, i, arm.Variant, first)
	}
	if total == (wide{}) {
		list.add(field, len(arms), "arms, and every weight is 0",
			"want a weight above 0 for at least one arm; to enrol nobody set traffic to 0%")
	}
}

func (list *SpecErrors) checkVariant(arms string, i int, variant string, first map[string]int) {
	at, seen := first[variant]
	switch {
	case variant == "":
		list.add(fmt.Sprintf("%s[%d].variant", arms, i), variant, "is empty", "want the name of a variant, such as \"control\"")
	case seen:
		list.add(fmt.Sprintf("%s[%d].variant", arms, i), variant, fmt.Sprintf("is already the variant of %s[%d]", arms, at),
			"want every variant once; add the weights together or rename one of the two")
	default:
		first[variant] = i
	}
}

func (list *SpecErrors) checkTraffic(traffic Share) {
	if problem, want := traffic.problem(); problem != "" {
		list.add("traffic", traffic, problem, want)
	}
}

func (list *SpecErrors) checkPhases(s Spec) {
	if len(s.Phases) == 0 {
		return
	}
	if s.Hash != nil {
		list.add("phases", len(s.Phases), "phases, and the formula of another SDK cannot move units by the smallest step",
			"want no phases with it; keep the weights to the end, or start a new run with a new salt and touchlift/1")
	}
	if len(s.Phases) > maxPhases {
		list.add("phases", len(s.Phases), "phases", fmt.Sprintf("want at most %d; start a new run with a new salt", maxPhases))
	}
	for i, arms := range s.Phases {
		field := fmt.Sprintf("phases[%d]", i)
		if len(arms) == 0 {
			list.add(field, 0, "arms", "want the arms with their weights from this phase on; leave the phase out if nothing changes")
			continue
		}
		list.checkArms(field, arms)
	}
}
