package config

import (
	"fmt"
	"strings"

	"github.com/touchlift/touchlift/experiment"
)

// The codes of mistakes in the files themselves. Codes from TL010 on belong to the
// meaning of what they say: see package experiment.
const (
	CodeSyntax      experiment.Code = "TL001" // not YAML, or not UTF-8
	CodeWrongType   experiment.Code = "TL002" // a list where a text is wanted, a key without a value
	CodeUnknownKey  experiment.Code = "TL003" // a key that the format does not have
	CodeRepeatedKey experiment.Code = "TL004" // a key that stands twice in one mapping
	CodeUnsupported experiment.Code = "TL005" // a key or file that this version does not know yet
	CodeBadFormat   experiment.Code = "TL006" // a share, date, duration or number that is written wrong
	CodeAmbiguous   experiment.Code = "TL007" // a value that means something else than it looks
	CodeRefusedYAML experiment.Code = "TL008" // YAML that a configuration may not use
	CodeUnreadable  experiment.Code = "TL009" // a file or folder that cannot be read
)

// Error is one mistake at one place of one file. Error writes it with the line that
// it stands in; the fields are for programs that show it otherwise.
type Error struct {
	// File is the name of the file, as [Load], [LoadDir] or [Parse] were given it.
	File string
	// Line and Column of the value, both from 1. Column counts characters, and a
	// byte order mark is none. Both are 0 if the file cannot be read.
	Line, Column int
	// Length of the value within its line, in characters, at least 1.
	Length int
	// Code is stable: package config has TL001 to TL009, package experiment those
	// from TL010 on.
	Code experiment.Code
	// Path to the value in the catalogue as it was read, with every experiment that
	// could be told as such. Empty where the mistake is in no value.
	Path experiment.Path
	// Message says what was found and what is wanted.
	Message string
	// Hint says how to mend it. May be empty.
	Hint string
	// Source is the line.
	Source string

	cause error
}

// Error writes file, line, column, code and message, the line with the value
// underlined, and the hint.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
	}
	fmt.Fprintf(&b, ": %s %s", e.Code, e.Message)
	if e.Source != "" {
		b.WriteString("\n" + excerpt(e.Source, span{line: e.Line, column: e.Column, length: e.Length}))
	}
	if e.Hint != "" {
		b.WriteString("\n   help: " + e.Hint)
	}
	return b.String()
}

// Unwrap returns what the file system said if the file cannot be read, else nil.
func (e *Error) Unwrap() error { return e.cause }

// Errors is every mistake of every file: by file name, line and column. errors.As
// finds the list, or its first [*Error].
type Errors []*Error

// maxPrinted is how many mistakes a text shows. More than that have one cause.
const maxPrinted = 1000

// Error writes every mistake, of more than 1000 the first 1000, and their number.
func (list Errors) Error() string {
	var b strings.Builder
	for _, e := range list[:min(len(list), maxPrinted)] {
		b.WriteString(e.Error() + "\n")
	}
	if more := len(list) - maxPrinted; more > 0 {
		fmt.Fprintf(&b, "… and %d more\n", more)
	}
	if len(list) == 1 {
		b.WriteString("1 error")
	} else {
		fmt.Fprintf(&b, "%d errors", len(list))
	}
	return b.String()
}

// Unwrap returns the mistakes for errors.Is and errors.As.
func (list Errors) Unwrap() []error {
	all := make([]error, len(list))
	for i, e := range list {
		all[i] = e
	}
	return all
}
