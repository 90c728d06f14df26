package assign

import (
	"errors"
	"fmt"
	"strings"
)

// Why a unit id cannot be assigned; both are found with errors.Is.
var (
	// ErrMissingUnit says that the id is empty. Such units are never enrolled:
	// they would all share one position, and so one arm.
	ErrMissingUnit = errors.New("assign: unit id is empty: pass the id of the unit that the experiment randomises")
	// ErrInvalidUnit says that the id contains a zero byte. It is always wrapped
	// in a [*UnitError].
	ErrInvalidUnit = errors.New("unit id contains a zero byte")
)

// UnitError is the error of [CheckID] for an id that contains a zero byte. It
// unwraps to [ErrInvalidUnit].
type UnitError struct {
	ID     string // the id as given
	Offset int    // index of the first zero byte in ID
}

// Error names the id, the offset of the zero byte, and how to mend it.
func (e *UnitError) Error() string {
	return fmt.Sprintf("assign: %v: %q at byte %d: remove it, or encode binary ids as hex",
		ErrInvalidUnit, e.ID, e.Offset)
}

// Unwrap returns [ErrInvalidUnit].
func (e *UnitError) Unwrap() error { return ErrInvalidUnit }

// CheckID returns nil if id can be assigned, [ErrMissingUnit] if it is empty, and a
// [*UnitError] that wraps [ErrInvalidUnit] if it contains a zero byte. Any other
// bytes are legal, also those that are not UTF-8. It allocates only for a *UnitError.
func CheckID(id string) error {
	if id == "" {
		return ErrMissingUnit
	}
	if at := strings.IndexByte(id, 0); at >= 0 {
		return &UnitError{ID: id, Offset: at}
	}
	return nil
}
