package config

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"

	"github.com/touchlift/touchlift/experiment"
)

// decoder turns the nodes of one file into values of the catalogue. It notes every
// mistake and where every value stands, and goes on.
type decoder struct {
	source *source
	places places
	errors []*Error

	path  experiment.Path // of the present value in the catalogue
	shown experiment.Path // the same in the words of the file, within the present owner
	owner string          // the arm, touchpoint or metric that it belongs to, if any
}

// in decodes a part of the present value. step is its name in the catalogue, shown
// the one in the file, and at the node to point to.
func (d *decoder) in(step, shown any, at *yaml.Node, decode func()) {
	path, names := d.path, d.shown
	d.path = append(path[:len(path):len(path)], step)
	d.shown = append(names[:len(names):len(names)], shown)
	d.places.note(d.path, d.source, at)
	decode()
	d.path, d.shown = path, names
}

// within decodes what belongs to an owner, such as arm "control".
func (d *decoder) within(owner string, decode func()) {
	before, names := d.owner, d.shown
	d.owner, d.shown = owner, nil
	decode()
	d.owner, d.shown = before, names
}

// subject names the present value in messages: weight of arm "control".
func (d *decoder) subject() string {
	switch {
	case len(d.shown) == 0 && d.owner == "":
		return "the file"
	case len(d.shown) == 0:
		return d.owner
	case d.owner == "":
		return d.shown.String()
	}
	return d.shown.String() + " of " + d.owner
}

// fail notes a mistake in the present value.
func (d *decoder) fail(at *yaml.Node, code experiment.Code, hint, format string, args ...any) {
	d.failAt(d.source.spanOf(at), code, hint, format, args...)
}

func (d *decoder) failAt(at span, code experiment.Code, hint, format string, args ...any) {
	d.errors = append(d.errors, d.source.mistake(at, code, d.path, hint, format, args...))
}

// follow returns what an alias stands for, and any other node itself.
func follow(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// isNull reports a key without a value, or with one of YAML's words for none.
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" && n.Style&yaml.TaggedStyle == 0
}

// collection returns the children of a list or mapping, and notes it if the node
// is something else.
func (d *decoder) collection(n *yaml.Node, kind yaml.Kind, want string) ([]*yaml.Node, bool) {
	is := follow(n)
	switch {
	case is.Kind == kind && d.untagged(n):
		return is.Content, true
	case is.Kind == kind:
	case isNull(is):
		d.noValue(n, want)
	default:
		hint := ""
		if kind == yaml.SequenceNode && is.Kind == yaml.ScalarNode && isPlain(is) {
			hint = "put it in brackets: [" + shorten(is.Value) + "]"
		}
		d.fail(n, CodeWrongType, hint, "%s is %s; %s", d.subject(), describe(is), want)
	}
	return nil, false
}

// scalar returns the node of a single value, and notes it if the node is
// something else.
func (d *decoder) scalar(n *yaml.Node, want string) (*yaml.Node, bool) {
	is := follow(n)
	switch {
	case isNull(is):
		d.noValue(n, want)
	case is.Kind != yaml.ScalarNode:
		d.fail(n, CodeWrongType, "", "%s is %s; %s", d.subject(), describe(is), want)
	default:
		return is, d.untagged(n)
	}
	return nil, false
}

// noValue notes a value that is null. Where nothing is written it points to the key.
func (d *decoder) noValue(n *yaml.Node, want string) {
	if noted, ok := d.places[address(d.path)]; ok && follow(n).Value == "" {
		n = noted.node
	}
	d.fail(n, CodeWrongType, "write a value, or leave the key out", "%s has no value; %s", d.subject(), want)
}

// untagged notes a tag. Values say themselves what they are: !!str is a quote.
func (d *decoder) untagged(n *yaml.Node) bool {
	is := follow(n)
	if is.Style&yaml.TaggedStyle == 0 {
		return true
	}
	tag := span{line: n.Line, column: n.Column, length: len(is.Tag)}
	d.failAt(tag, CodeRefusedYAML, quoteText, "%s has the tag %s; tags are not allowed", d.subject(), is.Tag)
	return false
}

// describe says what a node is, for messages.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	if isPlain(n) && n.ShortTag() != "!!str" {
		return shorten(n.Value)
	}
	return strconv.Quote(shorten(n.Value))
}

// showable is a name as a message can show it.
func showable(name string) string {
	if strings.ContainsFunc(name, unicode.IsControl) {
		return strconv.Quote(name)
	}
	return name
}

// isPlain reports a scalar without quotes.
func isPlain(n *yaml.Node) bool {
	return n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
}

// shorten cuts a text that would fill a message.
func shorten(text string) string {
	const most = 60
	if letters := []rune(text); len(letters) > most {
		return string(letters[:most]) + "…"
	}
	return text
}

// place is where a value stands.
type place struct {
	source *source
	node   *yaml.Node
}

// places knows where the values of a catalogue stand, by path.
type places map[string]place

func (p places) note(path experiment.Path, src *source, at *yaml.Node) {
	p[address(path)] = place{source: src, node: at}
}

// find returns the place of a value or, if it is not written, of the nearest value
// around it.
func (p places) find(path experiment.Path) (place, bool) {
	for ; len(path) > 0; path = path[:len(path)-1] {
		if found, ok := p[address(path)]; ok {
			return found, true
		}
	}
	return place{}, false
}

// address is a path as a map key. Names are quoted, since they may hold anything.
func address(path experiment.Path) string {
	var b []byte
	for _, step := range path {
		b = append(b, '/')
		switch step := step.(type) {
		case int:
			b = strconv.AppendInt(b, int64(step), 10)
		default:
			b = strconv.AppendQuote(b, fmt.Sprint(step))
		}
	}
	return string(b)
}
