package audience

import (
	"maps"
	"slices"
)

// Schema is what rules may speak of.
type Schema struct {
	// Attributes by name, with their types.
	Attributes map[string]Type
	// Segments by name, with their rules.
	Segments map[string]string
}

// Rule is a compiled rule. It does not change; any number of goroutines may use
// it at once. Make it with [Compile]; the zero Rule matches nobody.
type Rule struct {
	tests      []test
	start      int
	root       *node
	attributes []string
}

// Where a rule ends; other numbers are indexes of tests.
const (
	endFalse = -1
	endTrue  = -2
)

// Compile reads a rule and checks it against the attributes and segments of the
// schema, which it does not keep. A segment is checked where a rule uses it;
// to check one on its own, compile its source.
//
// The error is of type [Errors] and lists every mistake of the source.
func Compile(source string, schema Schema) (*Rule, error) {
	c := compiler{schema: schema, segments: map[string]*segment{}, reads: map[string]bool{}}
	found := c.rule(source)
	if len(found.mistakes) > 0 {
		return nil, found.mistakes
	}
	r := &Rule{root: found.root, attributes: slices.Sorted(maps.Keys(c.reads))}
	b := builder{tests: make([]test, found.root.leaves), attributes: r.attributes}
	r.start = b.build(found.root, 0, endTrue, endFalse)
	r.tests = b.tests
	return r, nil
}

// Match reports whether the attributes fulfil the rule, and how many comparisons
// were false because an attribute was missing: not there, or not of its declared
// type. Comparisons that && and || did not need are not made and not counted.
// Of several attributes with one name the first counts.
//
// Match allocates nothing and keeps nothing: attributes that were made for the
// call can stay on the stack.
func (r *Rule) Match(attributes []Attribute) (matched bool, missing int) {
	// No part of this may become a call of a func value or of an interface's
	// method: the attributes would escape to the heap of every caller.
	next, slot := r.start, noSlot
	tests := r.tests
	var value *Value
	for uint(next) < uint(len(tests)) {
		t := &tests[next]
		if t.slot != slot {
			value, slot = find(attributes, t.name), t.slot
		}
		found := outcomeMissing
		switch {
		case value == nil:
			found = t.decide(nil, attributes)
		// The two most common tests are here in place of a call.
		case t.operation == testNumberRange && value.typ == TypeNumber && t.low <= value.number && value.number <= t.high:
			found = outcomeTrue
		case t.operation == testTextCodes && value.typ == TypeString:
			found = t.decideCode(value.text)
		default:
			found = t.decide(value, attributes)
		}
		if found == outcomeTrue {
			next = t.yes
			continue
		}
		next = t.no
		if found == outcomeMissing {
			missing++
		}
	}
	return next == endTrue, missing
}

// find returns the value of the first attribute of that name, or nil.
func find(attributes []Attribute, name string) *Value {
	for i := range attributes {
		if attributes[i].Name == name {
			return &attributes[i].Value
		}
	}
	return nil
}

// Attributes returns the names of the attributes that the rule and its segments
// read, sorted. The slice is the caller's.
func (r *Rule) Attributes() []string { return slices.Clone(r.attributes) }
