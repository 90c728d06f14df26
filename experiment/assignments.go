package experiment

import "context"

// Assignments remember which variant a unit was given, for sticky experiments and
// for lists that were split beforehand. [NewMemoryAssignments] keeps them in
// memory. All methods may be called by several goroutines at once.
type Assignments interface {
	// Assignment returns what is kept under the key, and whether anything is.
	Assignment(ctx context.Context, key AssignmentKey) (Assignment, bool, error)
	// Assign keeps an assignment under the key, unless there is one, and returns
	// what is kept: the first stands.
	Assign(ctx context.Context, key AssignmentKey, assignment Assignment) (Assignment, error)
}

// AssignmentKey is an id in one run of an experiment.
type AssignmentKey struct {
	Experiment string
	Run        string
	ID         ID
}

// Assignment is a unit's variant. Under a linked id it names the unit that met the
// variant first: a subject without an id of the experiment's kind counts as that one.
type Assignment struct {
	// Unit is the id of the experiment's kind.
	Unit string `json:"unit"`
	// Variant that the unit meets.
	Variant string `json:"variant"`
	// Phase in which it was given.
	Phase int `json:"phase"`
}
