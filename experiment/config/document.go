package config

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// Limits of one file. A file beyond them is refused with TL008.
const (
	// MaxFileBytes is the size of a file.
	MaxFileBytes = 1 << 20
	// MaxDepth is how deep lists and mappings nest, aliases followed.
	MaxDepth = 64
	// MaxValues is the number of values in a file, counting what an alias stands
	// for each time it stands there.
	MaxValues = 100_000
)

// parse reads the YAML of one file. Without a tree that can be decoded the root is
// nil and there is at least one error.
func parse(name string, text []byte) (src *source, root *yaml.Node, problems []*Error) {
	if len(text) > MaxFileBytes {
		src = newSource(name, "")
		return src, nil, []*Error{src.mistake(span{}, CodeRefusedYAML, nil, "split it into several files",
			"the file has more than %d bytes", MaxFileBytes)}
	}
	text = bytes.TrimPrefix(text, []byte(byteOrderMark))
	src = newSource(name, string(text))
	if e := src.checkCharacters(text); e != nil {
		return src, nil, []*Error{e}
	}
	root, problems = src.documents(text)
	if root == nil {
		return src, nil, problems
	}
	if e := src.checkAliases(root); e != nil {
		return src, nil, append(problems, e)
	}
	return src, root, problems
}

// documents loads the one document of a file, and reports a second one.
func (s *source) documents(text []byte) (root *yaml.Node, problems []*Error) {
	loader, err := yaml.NewLoader(bytes.NewReader(text), yaml.WithUniqueKeys(false),
		yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(MaxDepth))))
	if err != nil {
		return nil, []*Error{s.syntax(err)}
	}
	var first, second yaml.Node
	if err := loader.Load(&first); errors.Is(err, io.EOF) {
		return nil, []*Error{s.empty()}
	} else if err != nil {
		return nil, []*Error{s.syntax(err)}
	}
	root = first.Content[0]
	if root.Kind == yaml.ScalarNode && root.Value == "" && isPlain(root) {
		return nil, []*Error{s.empty()}
	}
	if err := loader.Load(&second); err == nil {
		problems = append(problems, s.mistake(span{line: second.Line, column: second.Column, length: len("---")},
			CodeRefusedYAML, nil, "move it to a file of its own", "a second document starts here; a file holds one"))
	} else if !errors.Is(err, io.EOF) {
		problems = append(problems, s.syntax(err))
	}
	return root, problems
}

// syntax turns an error of the YAML parser into one of ours.
func (s *source) syntax(err error) *Error {
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return s.mistake(span{}, CodeSyntax, nil, "", "the file is not YAML: %v", err)
	}
	mark := load.Mark
	if opened := load.ContextMark; opened.Line > 0 && opened.Line < mark.Line && namesOpening(load.Message) {
		mark = opened
	}
	at := span{line: mark.Line, column: mark.Column, length: 1}
	if strings.HasPrefix(load.Message, "exceeded max depth") {
		return s.mistake(at, CodeRefusedYAML, nil, "", "lists and mappings nest deeper than %d", MaxDepth)
	}
	if strings.HasSuffix(load.ContextMsg, "a tag") {
		return s.brokenTag(load.Mark.Line, load.Mark.Column)
	}
	message := load.Message
	if load.ContextMsg != "" {
		message = load.ContextMsg + ": " + message
	}
	return s.mistake(at, CodeSyntax, nil, syntaxHint(load.Message, s.startsWithTab(mark.Line)), "the file is not YAML: %s", message)
}

// brokenTag is a value that starts with ! and goes on as no tag does, up to a place on
// its line. With a parenthesis it is a rule.
func (s *source) brokenTag(line, column int) *Error {
	until := s.within(span{line: line, column: column})
	whole := s.line(until.line)
	before := whole[:len(whole)-len(s.from(until.line, until.column))]
	start := max(0, strings.LastIndexByte(before, '!'))
	length := strings.IndexAny(whole[start:], " \t")
	if length < 0 {
		length = len(whole) - start
	}
	what := "a value"
	if key, ok := strings.CutSuffix(strings.TrimSpace(whole[:start]), ":"); ok && strings.IndexFunc(key, notInName) < 0 {
		what = key
	}
	hint := quoteRule
	if !strings.Contains(whole[start:start+length], "(") {
		hint = quoteText
	}
	at := span{line: until.line, column: s.width(whole[:start]) + 1, length: s.width(whole[start : start+length])}
	return s.mistake(at, CodeRefusedYAML, nil, hint, "%s starts with !, which YAML takes for a tag", what)
}

func (s *source) empty() *Error {
	return s.mistake(span{}, CodeRefusedYAML, nil, "write it, or remove the file", "the file is empty")
}

// namesOpening reports messages of the parser that are about what was opened, not
// about where it noticed that it was not closed.
func namesOpening(message string) bool {
	for _, part := range [...]string{"expected ',' or ']'", "expected ',' or '}'", "expected ':'", "unexpected end of stream"} {
		if strings.Contains(message, part) {
			return true
		}
	}
	return false
}

func (s *source) startsWithTab(line int) bool {
	return line >= 1 && line <= len(s.lines) && strings.HasPrefix(strings.TrimLeft(s.line(line), " "), "\t")
}

// syntaxHint says how to mend what the parser most often objects to.
func syntaxHint(message string, tab bool) string {
	if tab {
		return "indent with spaces, YAML does not allow tabs there"
	}
	for _, known := range [...]struct{ message, hint string }{
		{"mapping values are not allowed", `put a text that contains ": " in quotes, and check the indentation`},
		{"cannot start any token", "put a text that starts with @, % or ` in quotes"},
		{"expected ',' or ']'", "a list that opens with [ needs commas between its values and ] at its end"},
		{"expected ',' or '}'", "a mapping that opens with { needs commas between its keys and } at its end"},
		{"unexpected end of stream", "close the quotes"},
		{"unknown escape character", "use single quotes for a text with backslashes"},
		{"unknown anchor", "an alias (*name) needs an anchor (&name) before it; put a text that starts with * in quotes"},
		{"expected key", "check the indentation; put a text with quotes inside it in quotes as a whole"},
		{"could not find expected ':'", "write key: value, and check the indentation"},
		{"expected '-' indicator", "start every value of the list with - at the same column"},
	} {
		if strings.Contains(message, known.message) {
			return known.hint
		}
	}
	return ""
}

// checkCharacters refuses what is not UTF-8, and characters that nobody sees and
// the parser stops at or takes for the end of a line.
func (s *source) checkCharacters(text []byte) *Error {
	at := span{line: 1, column: 1, length: 1}
	for rest := text; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			return s.mistake(at, CodeSyntax, nil, "save the file as UTF-8", "byte 0x%02X is not UTF-8", rest[0])
		}
		if isInvisible(r) {
			return s.mistake(at, CodeSyntax, nil, `remove it, or write it as an escape in double quotes, such as "\u0007"`,
				"character U+%04X cannot be seen", r)
		}
		rest = rest[size:]
		at.column++
		if r == '\n' || r == '\r' && (len(rest) == 0 || rest[0] != '\n') {
			at.line, at.column = at.line+1, 1
		}
	}
	return nil
}

func isInvisible(r rune) bool {
	switch r {
	case '\t', '\n', '\r':
		return false
	case '\u2028', '\u2029', '\ufeff', '\ufffe', '\uffff':
		return true
	}
	control := r < ' ' || r >= 0x7f && r < 0xa0
	reorders := r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
	return control || reorders
}

// checkAliases refuses a tree in which an alias stands inside its own anchor, or
// whose aliases make it too large or too deep.
func (s *source) checkAliases(root *yaml.Node) *Error {
	w := weigher{weights: make(map[*yaml.Node]weight), open: make(map[*yaml.Node]bool)}
	w.weigh(root)
	if w.refused == nil {
		return nil
	}
	at := span{line: w.refused.Line, column: w.refused.Column, length: len(w.refused.Value) + 1}
	return s.mistake(at, CodeRefusedYAML, nil, "write the values out", "%s", w.reason)
}
