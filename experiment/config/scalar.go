package config

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// spanOfPart is where a part of a text stands: the bytes [offset, offset+length) of
// the node's value, as far as the line goes on which they start. It is the whole node
// where the value is an alias, or is not to be found again in the lines of the file.
func (s *source) spanOfPart(n *yaml.Node, offset, length int) span {
	spots, ok := s.spotsOf(n)
	if !ok || len(spots) == 0 || offset < 0 || offset > len(spots) {
		return s.spanOf(n)
	}
	if offset == len(spots) || length == 0 && isSpace(n.Value[offset]) { // behind what can be seen before it
		last := max(0, offset-1)
		for last > 0 && isSpace(n.Value[last]) {
			last--
		}
		return span{line: spots[last].line, column: spots[last].column + spots[last].width, length: 1}
	}
	end := min(offset+max(length, 1), len(spots))
	at := span{line: spots[offset].line, column: spots[offset].column, length: max(1, spots[offset].width)}
	for _, spot := range spots[offset:end] {
		if spot.line == at.line {
			at.length = max(at.length, spot.column+spot.width-at.column)
		}
	}
	return at
}

// spot is where a byte of a text comes from: the character, or the escape.
type spot struct{ line, column, width int }

// spotsOf finds every byte of a scalar's value in the lines of its file. It reads the
// lines as YAML does, and is sure of itself only if that gives the value again.
func (s *source) spotsOf(n *yaml.Node) ([]spot, bool) {
	if n.Kind != yaml.ScalarNode || n.Line < 1 || n.Line > len(s.lines) {
		return nil, false
	}
	whole := s.spanOf(n) // behind an anchor
	t := tracer{source: s, value: n.Value, line: whole.line}
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return t.block(n.Style&yaml.FoldedStyle != 0)
	case n.Style&yaml.DoubleQuotedStyle != 0:
		t.flow(whole.column+1, t.doubleQuoted)
	case n.Style&yaml.SingleQuotedStyle != 0:
		t.flow(whole.column+1, t.singleQuoted)
	default:
		t.flow(whole.column, t.plain)
	}
	return t.spots, t.agrees()
}

// tracer reads a scalar again and notes where each byte comes from.
type tracer struct {
	source *source
	value  string
	text   strings.Builder
	spots  []spot
	line   int
}

// agrees reports that what was read is the value.
func (t *tracer) agrees() bool { return t.text.String() == t.value }

// full reports that nothing more can belong to the value.
func (t *tracer) full() bool { return t.text.Len() >= len(t.value) }

func (t *tracer) put(text string, column, width int) {
	t.text.WriteString(text)
	for range len(text) {
		t.spots = append(t.spots, spot{t.line, column, width})
	}
}

// reader reads what stands at the start of a text: the text that it stands for, and
// how many bytes it takes. done is the end of the scalar; 0 bytes are an escaped end
// of the line.
type reader func(rest string) (text string, size int, done bool)

func (t *tracer) plain(rest string) (text string, size int, done bool) {
	_, size = utf8.DecodeRuneInString(rest)
	return rest[:size], size, t.full()
}

func (t *tracer) singleQuoted(rest string) (text string, size int, done bool) {
	if strings.HasPrefix(rest, "''") {
		return "'", 2, false
	}
	_, size = utf8.DecodeRuneInString(rest)
	return rest[:size], size, rest[0] == '\''
}

func (t *tracer) doubleQuoted(rest string) (text string, size int, done bool) {
	switch {
	case rest == `\`:
		return "", 0, false
	case rest[0] == '\\':
		text, size = escape(rest)
		return text, size, size == 0
	}
	_, size = utf8.DecodeRuneInString(rest)
	return rest[:size], size, rest[0] == '"'
}

// escape is what an escape at the start of a text stands for; size is 0 if it is none.
func escape(rest string) (text string, size int) {
	const letters, stand = `0abtnvfre"/\N_LP ` + "\t", "\x00\a\b\t\n\v\f\r\x1b\"/\\\u0085\u00a0\u2028\u2029 \t"
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[rest[1]]
	if digits > 0 && len(rest) >= 2+digits {
		if code, err := strconv.ParseUint(rest[2:2+digits], 16, 32); err == nil {
			return string(rune(code)), 2 + digits
		}
	}
	if i := strings.IndexByte(letters, rest[1]); i >= 0 {
		return string([]rune(stand)[i]), 2
	}
	return "", 0
}

// flow reads a scalar that starts on the present line and may go on on the next ones:
// a break is a space, or as many breaks as there are empty lines.
func (t *tracer) flow(column int, next reader) {
	rest := t.source.from(t.line, column)
	for !t.full() {
		joined, done := t.flowLine(rest, column, next)
		if done || t.full() || t.line >= len(t.source.lines) {
			return
		}
		end, to := t.source.width(t.source.line(t.line))+1, t.line+1
		for to < len(t.source.lines) && isBlank(t.source.line(to)) {
			to++
		}
		if empty := to - t.line - 1; empty > 0 {
			t.put(strings.Repeat("\n", empty), end, 1)
		} else if !joined {
			t.put(" ", end, 1)
		}
		t.line = to
		whole := t.source.line(t.line)
		rest = strings.TrimLeft(whole, " \t")
		column = len(whole) - len(rest) + 1
	}
}

// flowLine reads the part of a scalar on one line, without white space at its end.
// joined is a line whose break is escaped.
func (t *tracer) flowLine(rest string, column int, next reader) (joined, done bool) {
	for rest != "" {
		if blank := strings.TrimLeft(rest, " \t"); blank == "" {
			return false, false
		}
		text, size, end := next(rest)
		if end || size == 0 {
			return true, end
		}
		width := t.source.width(rest[:size])
		t.put(text, column, width)
		rest, column = rest[size:], column+width
	}
	return false, false
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\n' }

func isBlank(line string) bool { return strings.Trim(line, " \t") == "" }

// maxSpaces is how many spaces a text below | may start with to be found again.
const maxSpaces = 100

// block reads the lines below | or >. The depth of their indentation is the one that
// gives the value, the deepest first; deeper ones than it are no more than a text
// starts with spaces.
func (t *tracer) block(folded bool) ([]spot, bool) {
	deepest := 0
	for number := t.line + 1; number <= len(t.source.lines); number++ {
		line := t.source.line(number)
		deepest = max(deepest, len(line)-len(strings.TrimLeft(line, " ")))
		if !isBlank(line) {
			break
		}
	}
	for indent := deepest; indent >= max(0, deepest-maxSpaces); indent-- {
		attempt := tracer{source: t.source, value: t.value, line: t.line + 1}
		attempt.blockLines(indent, folded)
		if attempt.agrees() {
			return attempt.spots, true
		}
	}
	return nil, false
}

// blockLines reads lines with the same indentation. Folded, a break between two lines
// of text is a space, and the first of several goes; lines that start with a space
// keep theirs.
func (t *tracer) blockLines(indent int, folded bool) {
	breaks, flush := 0, false // of the line of text before
	for ; t.line <= len(t.source.lines) && !t.full(); t.line++ {
		line := t.source.line(t.line)
		text := line[min(indent, len(line)):]
		switch {
		case text == "" && isBlank(line):
			breaks++
			continue
		case !isBlank(line[:min(indent, len(line))]):
			t.breaks(breaks, false)
			return // the block has ended
		}
		now := text[0] != ' ' && text[0] != '\t'
		t.breaks(breaks, folded && flush && now)
		if t.full() {
			return
		}
		for i, r := range text {
			t.put(text[i:i+utf8.RuneLen(r)], indent+1+t.source.width(text[:i]), 1)
		}
		breaks, flush = 1, now
	}
	t.line = min(t.line, len(t.source.lines))
	t.breaks(breaks, false)
}

// breaks puts the breaks between two lines, at the start of the second.
func (t *tracer) breaks(count int, fold bool) {
	if fold && count == 1 {
		t.put(" ", 1, 0)
		return
	}
	if fold {
		count--
	}
	t.put(strings.Repeat("\n", max(0, min(count, len(t.value)-t.text.Len()))), 1, 0)
}
