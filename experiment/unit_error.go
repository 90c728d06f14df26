package experiment

import "fmt"

// UnitError says why a subject cannot be randomised. It matches ErrMissingUnit
// or ErrInvalidUnit.
type UnitError struct {
	// Kind of id that the experiment randomises.
	Kind Kind
	// Value of the id; empty where it is missing.
	Value string

	reason Reason
}

// Error names the kind of id and what is wrong with it.
func (e *UnitError) Error() string {
	if e.reason == ReasonMissingUnit {
		return fmt.Sprintf("experiment: the subject has no id of kind %q, or an empty one; the experiment randomises that kind", string(e.Kind))
	}
	return fmt.Sprintf("experiment: the id of kind %q cannot be a unit: want valid UTF-8 of at most %d bytes without NUL, have %.80q",
		string(e.Kind), MaxText, e.Value)
}

// Is reports true for ErrMissingUnit or ErrInvalidUnit.
func (e *UnitError) Is(target error) bool {
	return target == ErrMissingUnit && e.reason == ReasonMissingUnit || target == ErrInvalidUnit && e.reason == ReasonInvalidUnit
}
