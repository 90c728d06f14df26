package audience

import (
	"fmt"
	"slices"
	"strings"
)

// Error is one mistake in the source of a rule.
type Error struct {
	// Offset is where the mistake starts, in bytes from the start of the source.
	Offset int
	// Length is how many bytes it spans; 0 where something is absent.
	Length int
	// Message says what was found and what is wanted.
	Message string
	// Hint says how to mend it. May be empty.
	Hint string
}

// Error writes the place, the message and the hint in one line.
func (e *Error) Error() string {
	text := fmt.Sprintf("audience: byte %d: %s", e.Offset, e.Message)
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}

// Errors are the mistakes of one source in the order of their places, at most
// [MaxErrors] of them.
type Errors []*Error

// Error writes one mistake a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, mistake := range e {
		lines[i] = mistake.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the mistakes.
func (e Errors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, mistake := range e {
		errs[i] = mistake
	}
	return errs
}

// complaints collects the mistakes of one source.
type complaints struct {
	source string
	found  Errors
}

// span is a place in a source: its bytes from start to end.
type span struct{ start, end int }

func (c *complaints) add(at span, hint, format string, args ...any) {
	if len(c.found) > MaxErrors {
		return
	}
	c.found = append(c.found, &Error{
		Offset: at.start, Length: at.end - at.start, Message: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// sorted returns the mistakes by place, and nil where there are none.
func (c *complaints) sorted() Errors {
	slices.SortStableFunc(c.found, func(a, b *Error) int { return a.Offset - b.Offset })
	if len(c.found) > MaxErrors {
		c.found = c.found[:MaxErrors]
		c.found[MaxErrors-1] = &Error{
			Offset: c.found[MaxErrors-1].Offset, Message: fmt.Sprintf("more than %d mistakes, the others are not listed", MaxErrors-1),
			Hint: "mend these first",
		}
	}
	return c.found
}

// text shows a part of the source in a message, shortened where it is long.
func (c *complaints) text(at span) string { return shorten(c.source[at.start:at.end]) }

func shorten(text string) string { return cut(text, 60) }

// cut shows a text in one line of at most so many bytes.
func cut(text string, limit int) string {
	if len(text) > 10*limit {
		text = text[:10*limit]
	}
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit-3], "") + "..."
}
