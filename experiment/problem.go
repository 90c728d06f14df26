package experiment

import (
	"fmt"
	"strconv"
	"strings"
)

// Code is the stable number of a kind of problem. Codes below TL010 belong to
// the syntax of config files (package config).
type Code string

// The codes of problems of meaning.
const (
	CodeMissing        Code = "TL010" // a required field is empty
	CodeInvalidName    Code = "TL011" // a name cannot be used
	CodeInvalidWeight  Code = "TL012" // weights cannot split
	CodeDuplicate      Code = "TL013" // a name stands twice
	CodeUnknownName    Code = "TL014" // a reference to something that is not there
	CodeInvalidNumber  Code = "TL015" // a number or quantity outside its range
	CodeInvalidTimes   Code = "TL016" // dates that contradict each other
	CodeInvalidChoice  Code = "TL017" // not one of the allowed words
	CodeInvalidPayload Code = "TL018" // a payload that cannot be served
	CodeMissingWindow  Code = "TL019" // a plan that needs a window
	CodeInvalidRule    Code = "TL020" // a rule that cannot be understood
	CodeOverlap        Code = "TL021" // slots of a layer that two experiments hold
	CodeCycle          Code = "TL022" // experiments that require each other
	CodeOtherKind      Code = "TL023" // kinds of id that do not fit together
	CodeShrinks        Code = "TL024" // traffic that shrinks within a run, or moves units
	CodeUnassignable   Code = "TL025" // sticky without a place to keep assignments
)

// Path leads to a value of a catalogue: field names (string) and indexes
// (int), such as {"experiments", 0, "arms", 1, "weight"}. Names are the keys of
// the configuration, all in lower case.
type Path []any

// String writes the path as experiments[0].arms[1].weight.
func (p Path) String() string {
	var b strings.Builder
	for i, step := range p {
		switch step := step.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(step) + "]")
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			fmt.Fprint(&b, step)
		}
	}
	return b.String()
}

// Problem is one mistake in a catalogue.
type Problem struct {
	// Code is stable; it can be looked up and silenced by tools.
	Code Code
	// Path to the value.
	Path Path
	// Message says what was found and what is wanted.
	Message string
	// Hint says how to mend it. May be empty.
	Hint string
	// Offset and Length, in bytes, of the part of the text at Path that the problem
	// is about, such as a word of a rule. Length 0 is the whole value.
	Offset, Length int
}

// Error writes path, code, message and hint in one line.
func (p *Problem) Error() string {
	text := fmt.Sprintf("experiment: %s: %s %s", p.Path, p.Code, p.Message)
	if p.Hint != "" {
		text += " (" + p.Hint + ")"
	}
	return text
}

// InvalidCatalogError lists every problem of a catalogue.
type InvalidCatalogError struct {
	Problems []*Problem
}

// Error writes one problem a line.
func (e *InvalidCatalogError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the problems.
func (e *InvalidCatalogError) Unwrap() []error {
	errs := make([]error, len(e.Problems))
	for i, p := range e.Problems {
		errs[i] = p
	}
	return errs
}
