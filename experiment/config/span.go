package config

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// spanOf is where a node stands: the whole of a scalar as far as its first line
// goes, an alias with its star, and of a mapping its first key.
func (s *source) spanOf(n *yaml.Node) span {
	at := span{line: n.Line, column: n.Column, length: 1}
	if n.Line < 1 || n.Line > len(s.lines) {
		return at
	}
	switch n.Kind {
	case yaml.MappingNode:
		if len(n.Content) > 0 {
			return s.spanOf(n.Content[0])
		}
	case yaml.AliasNode:
		at.length = s.width(n.Value) + 1
	case yaml.ScalarNode:
		rest := s.from(n.Line, n.Column)
		bare := withoutProperties(rest, n)
		at.column += s.width(rest[:len(rest)-len(bare)])
		at.length = max(1, s.width(scalarText(bare, n)))
	}
	return at
}

// withoutProperties takes the anchor and tag of a node off the text it starts with,
// unless nothing else stands on that line.
func withoutProperties(text string, n *yaml.Node) string {
	if n.Anchor == "" && n.Style&yaml.TaggedStyle == 0 {
		return text
	}
	bare := text
	for strings.HasPrefix(bare, "&") || strings.HasPrefix(bare, "!") {
		end := strings.IndexAny(bare, " \t")
		if end < 0 {
			return text
		}
		bare = strings.TrimLeft(bare[end:], " \t")
	}
	if bare == "" {
		return text
	}
	return bare
}

// scalarText is the scalar that a text starts with, as far as the line goes.
func scalarText(text string, n *yaml.Node) string {
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return quoted(text, '"', '\\')
	case n.Style&yaml.SingleQuotedStyle != 0:
		return quoted(text, '\'', '\'')
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		header, _, _ := strings.Cut(text, " ")
		return header
	case strings.HasPrefix(text, n.Value):
		return n.Value
	}
	// A plain scalar that goes on in the next line.
	text, _, _ = strings.Cut(text, " #")
	return strings.TrimRight(text, " \t")
}

// quoted is the quoted text that a line starts with. The escape character takes
// the quote after it, or itself, into the text.
func quoted(text string, quote, escape byte) string {
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == escape && escape != quote, text[i] == quote && quote == escape && i+1 < len(text) && text[i+1] == quote:
			i++
		case text[i] == quote:
			return text[:i+1]
		}
	}
	return text
}
