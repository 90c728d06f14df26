package config

import (
	"fmt"
	"strings"
	"unicode"
)

// An excerpt shows at most this many characters of a line: up to excerptBefore of
// them before the value.
const (
	excerptWidth  = 160
	excerptBefore = 80
)

// excerpt writes a line with its number, and carets under the span.
func excerpt(line string, at span) string {
	text := []rune(line)
	from := at.column - 1
	until := min(from+at.length, len(text))
	before, after := "", ""
	if len(text) > excerptWidth {
		first := max(0, from-excerptBefore)
		last := min(len(text), first+excerptWidth)
		before, after = mark(first > 0), mark(last < len(text))
		text, from, until = text[first:last], from-first, min(until, last)-first
	}
	number := fmt.Sprintf("%5d", at.line)
	shown := before + printable(text) + after
	under := strings.Repeat(" ", cells([]rune(before))) + blank(text[:from]) +
		strings.Repeat("^", max(1, cells(text[from:until])))
	return fmt.Sprintf("%s | %s\n%*s | %s", number, shown, len(number), "", under)
}

func mark(cut bool) string {
	if cut {
		return "…"
	}
	return ""
}

// printable replaces what would move the cursor of a terminal, but for tabs.
func printable(text []rune) string {
	shown := make([]rune, len(text))
	for i, r := range text {
		if r != '\t' && unicode.IsControl(r) {
			r = unicode.ReplacementChar
		}
		shown[i] = r
	}
	return string(shown)
}

// blank is as wide as the text on a terminal: tabs stay, all else becomes spaces.
func blank(text []rune) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\t' {
			b.WriteByte('\t')
			continue
		}
		b.WriteString(strings.Repeat(" ", cell(r)))
	}
	return b.String()
}

func cells(text []rune) int {
	total := 0
	for _, r := range text {
		total += cell(r)
	}
	return total
}

// cell is the number of columns that a terminal gives to a character.
func cell(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case isWide(r):
		return 2
	}
	return 1
}

// isWide reports whether a character takes two columns: the ranges that Unicode
// Standard Annex 11 calls wide or fullwidth, without the gaps between them.
func isWide(r rune) bool {
	for _, block := range [...][2]rune{
		{0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0x33FF}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF},
		{0xA000, 0xA4CF}, {0xA960, 0xA97F}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFE30, 0xFE6F},
		{0xFF01, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF},
		{0x20000, 0x3FFFD},
	} {
		if r >= block[0] && r <= block[1] {
			return true
		}
	}
	return false
}
