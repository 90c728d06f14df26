package audience

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Result is what became of a part of a rule.
type Result string

// The results.
const (
	// ResultTrue is a condition that holds.
	ResultTrue Result = "true"
	// ResultFalse is a condition that does not hold.
	ResultFalse Result = "false"
	// ResultMissing is a comparison that does not hold because an attribute is
	// missing.
	ResultMissing Result = "missing"
)

// Explanation says why a rule matches or not, for people.
type Explanation struct {
	// Matched and Missing are what [Rule.Match] returns.
	Matched bool
	Missing int
	// Lines are the parts of the rule: first the whole, below every condition what
	// it joins, with a greater depth.
	Lines []ExplanationLine
}

// ExplanationLine is one part of a rule.
type ExplanationLine struct {
	// Depth is 0 for the whole rule.
	Depth int
	// Source is the part in canonical form.
	Source string
	// Result is what the part is for the attributes, needed or not.
	Result Result
	// Needed is false where && or || knew the answer without the part; then Match
	// does not count what is missing in it.
	Needed bool
	// Note says what the comparison found: age is 17. Empty for what is no
	// comparison.
	Note string
}

// Explain makes every comparison of the rule and says what each found. It is
// slower than Match and allocates.
func (r *Rule) Explain(attributes []Attribute) Explanation {
	e := Explanation{}
	e.Matched, e.Missing = r.Match(attributes)
	if r.root == nil {
		return e
	}
	x := explainer{tests: r.tests, attributes: attributes}
	x.explain(r.root, 0, true)
	e.Lines = x.lines
	return e
}

// explainer walks a rule in the order of its tests.
type explainer struct {
	tests      []test
	attributes []Attribute
	lines      []ExplanationLine
}

// explain adds the lines of a node and reports whether the node is true.
func (x *explainer) explain(n *node, depth int, needed bool) bool {
	line := len(x.lines)
	var source strings.Builder
	n.write(&source)
	x.lines = append(x.lines, ExplanationLine{Depth: depth, Source: source.String(), Needed: needed})
	truth := false
	switch n.kind {
	case nodeNot:
		truth = !x.explain(n.arguments[0], depth+1, needed)
	case nodeSegment:
		truth = x.explain(n.segment, depth+1, needed)
	case nodeAnd, nodeOr:
		// && is true until a part is false, || false until a part is true.
		truth = n.kind == nodeAnd
		for _, part := range n.arguments {
			open := truth == (n.kind == nodeAnd)
			if got := x.explain(part, depth+1, needed && open); open {
				truth = got
			}
		}
	default:
		return x.leaf(n, &x.lines[line])
	}
	x.lines[line].Result = ResultFalse
	if truth {
		x.lines[line].Result = ResultTrue
	}
	return truth
}

// leaf makes the next test.
func (x *explainer) leaf(n *node, line *ExplanationLine) bool {
	t := &x.tests[0]
	x.tests = x.tests[1:]
	var value *Value
	if t.slot != noSlot {
		value = find(x.attributes, t.name)
	}
	line.Note = x.note(n)
	switch t.decide(value, x.attributes) {
	case outcomeTrue:
		line.Result = ResultTrue
	case outcomeMissing:
		line.Result = ResultMissing
	default:
		line.Result = ResultFalse
	}
	return line.Result == ResultTrue
}

// note says what the attributes of a comparison are.
func (x *explainer) note(n *node) string {
	var names, notes []string
	for _, operand := range append([]*node{n}, n.arguments...) {
		name := operand.attribute()
		if operand.kind == nodeList || name == "" || slices.Contains(names, name) {
			continue
		}
		names = append(names, name)
		notes = append(notes, name+x.state(name, operand))
	}
	return strings.Join(notes, ", ")
}

// state says what there is of an attribute, in words.
func (x *explainer) state(name string, operand *node) string {
	value := find(x.attributes, name)
	want := operand.class
	if want == classVersion || want == classDate {
		want = classString
	}
	switch {
	case value == nil || value.typ == TypeMissing:
		return " is not there"
	case classOf(value.typ) != want:
		return " is the " + bare(classOf(value.typ)) + " " + shorten(value.source()) + ", not " + want.describe()
	case !value.is(want):
		return " is " + shorten(value.source()) + ", not a finite number"
	}
	text := " is " + shorten(value.source())
	if _, ok := parseVersion(value.text); operand.class == classVersion && !ok {
		text += ", no version"
	}
	if _, ok := parseInstant(value.text); operand.class == classDate && !ok {
		text += ", no date"
	}
	return text
}

// maxShown is how much of a part String shows, in bytes.
const maxShown = 100

// String writes one line for every part, indented by its depth:
//
//	false    country in ["NO", "SE"] && age >= 18
//	true       country in ["NO", "SE"]   country is "NO"
//	missing    age >= 18                 age is not there
//
// The result of a part that was not needed stands in parentheses. Of a long part the
// start is shown; Lines have all of it.
func (e Explanation) String() string {
	results, sources := make([]string, len(e.Lines)), make([]string, len(e.Lines))
	indent, width := len(ResultMissing), 0
	for i, line := range e.Lines {
		results[i], sources[i] = string(line.Result), strings.Repeat("  ", line.Depth)+cut(line.Source, maxShown)
		if !line.Needed {
			results[i] = "(" + results[i] + ")"
		}
		indent = max(indent, len(results[i]))
		if line.Note != "" {
			width = max(width, utf8.RuneCountInString(sources[i]))
		}
	}
	var b strings.Builder
	for i, line := range e.Lines {
		text := pad(results[i], indent+2) + sources[i]
		if line.Note != "" {
			text = pad(text, indent+2+width+3) + line.Note
		}
		b.WriteString(text + "\n")
	}
	return b.String()
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}
