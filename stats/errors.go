package stats

import (
	"errors"
	"strconv"
	"strings"
)

// The situations in which there is no number to give. Every error of this
// package is one of these, wrapped in an [InputError] that names the input;
// test with [errors.Is].
var (
	// ErrTooFewUnits: an arm has fewer units than the procedure needs.
	ErrTooFewUnits = errors.New("too few units")
	// ErrZeroVariance: nothing varies, so that there is no standard error to
	// measure a difference by.
	ErrZeroVariance = errors.New("zero variance")
	// ErrNonFinite: a NaN, an infinity or an overflow reached a summary or an
	// argument.
	ErrNonFinite = errors.New("not a finite number")
	// ErrZeroBaseline: a lift was asked for and the control mean is 0.
	ErrZeroBaseline = errors.New("zero baseline")
	// ErrInfeasible: no answer exists for this combination of inputs.
	ErrInfeasible = errors.New("infeasible")
	// ErrInvalidOption: an option is outside its domain, such as an alpha of 1.5.
	ErrInvalidOption = errors.New("invalid option")
	// ErrInvalidSummary: a summary that no data can have, such as a negative
	// n, a negative M2 or more successes than units.
	ErrInvalidSummary = errors.New("invalid summary")
	// ErrIllConditioned: plain sums from which the variance cannot be recovered.
	ErrIllConditioned = errors.New("ill-conditioned sums")
)

// InputError says which input of which procedure is at fault and how to mend
// it. Retrieve it with [errors.As].
type InputError struct {
	Kind  error   // one of the sentinels of this package
	Input string  // the input at fault: "control", "treatment", "alpha", "observed[2]"
	Value float64 // its offending value; NaN where no single number is at fault
	Want  string  // what is wanted and what to do
}

// Error returns one line: situation, input, value, what is wanted.
func (e *InputError) Error() string {
	var b strings.Builder
	b.WriteString("stats: ")
	b.WriteString(e.Kind.Error())
	b.WriteString(": ")
	b.WriteString(e.Input)
	if e.Value == e.Value {
		b.WriteString(" = ")
		b.WriteString(strconv.FormatFloat(e.Value, 'g', -1, 64))
	}
	b.WriteString("; ")
	b.WriteString(e.Want)
	return b.String()
}

// Unwrap returns Kind, so that errors.Is finds the sentinel.
func (e *InputError) Unwrap() error { return e.Kind }
