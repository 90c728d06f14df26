package config

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/touchlift/touchlift/experiment"
)

// source is one file, in lines.
type source struct {
	name  string
	lines []string
	ascii bool // every character is one byte, so that none has to be counted
}

// span is a stretch of one line: where it starts, counted from 1, and its length,
// both in characters.
type span struct {
	line, column, length int
}

// byteOrderMark may stand at the start of a file. It takes no column.
const byteOrderMark = "\ufeff"

func newSource(name, text string) *source {
	breaks := strings.NewReplacer("\r\n", "\n", "\r", "\n")
	return &source{
		name:  name,
		lines: strings.Split(breaks.Replace(text), "\n"),
		ascii: utf8.RuneCountInString(text) == len(text),
	}
}

// line returns a line of the file, counted from 1.
func (s *source) line(number int) string { return s.lines[number-1] }

// width is the number of characters of a text of the file.
func (s *source) width(text string) int {
	if s.ascii {
		return len(text)
	}
	return utf8.RuneCountInString(text)
}

// from is the part of a line from a column on.
func (s *source) from(line, column int) string {
	text := s.line(line)
	if s.ascii {
		return text[min(max(0, column-1), len(text)):]
	}
	for ; column > 1 && text != ""; column-- {
		_, size := utf8.DecodeRuneInString(text)
		text = text[size:]
	}
	return text
}

// within moves a span that leaves the file to the nearest place inside. The end
// of a file counts as the end of its last line that is not empty.
func (s *source) within(at span) span {
	last := len(s.lines)
	for last > 1 && strings.TrimSpace(s.lines[last-1]) == "" {
		last--
	}
	if at.line > last {
		at = span{line: last, column: s.width(s.line(last))}
	}
	at.line = max(at.line, 1)
	width := s.width(s.line(at.line))
	at.column = min(max(at.column, 1), width+1)
	at.length = max(1, min(at.length, width-at.column+1))
	return at
}

// mistake makes the error for a place in the file.
func (s *source) mistake(at span, code experiment.Code, path experiment.Path, hint, format string, args ...any) *Error {
	at = s.within(at)
	return &Error{
		File: s.name, Line: at.line, Column: at.column, Length: at.length,
		Code: code, Path: path, Message: fmt.Sprintf(format, args...), Hint: hint,
		Source: s.line(at.line),
	}
}
