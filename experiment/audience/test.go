package audience

import (
	"regexp"
	"strings"
)

// outcome is what a test finds.
type outcome uint8

const (
	outcomeFalse outcome = iota
	outcomeTrue
	outcomeMissing // false for want of an attribute
)

func outcomeOf(truth bool) outcome {
	if truth {
		return outcomeTrue
	}
	return outcomeFalse
}

// operation is what a test does with a value. Common comparisons of an attribute
// with a constant have one of their own.
type operation uint8

const (
	testConstant       operation = iota // truth
	testHas                             // has(name)
	testBool                            // name == truth
	testBoolAny                         // name in [true, false]
	testNumberRange                     // low <= name && name <= high
	testNumberNotEqual                  // name != number
	testNumberSet                       // name in set
	testTextEqual                       // name == text
	testTextNotEqual                    // name != text
	testTextOrder                       // name relation text, one of < <= > >=
	testTextSet                         // name in set
	testTextCodes                       // name in codes
	testPrefix                          // name startsWith text
	testSuffix                          // name endsWith text
	testContains                        // name contains text
	testPattern                         // name matches pattern
	testVersion                         // semver(name) relation one of versions
	testDate                            // date(name) relation one of instants
	testPair                            // left relation right, where right is no constant
)

// noSlot is the slot of tests that read no attribute.
const noSlot = -1

// test is one comparison of a compiled rule and where to go after it.
type test struct {
	name      string // of the attribute that is looked up
	slot      int    // its number in the rule
	yes, no   int    // the next test
	operation operation
	relation  relation
	class     class // of both sides
	truth     bool
	low, high float64
	codes     []uint16
	number    float64
	text      string
	numbers   *numberSet
	texts     *textSet
	pattern   *regexp.Regexp
	versions  []version
	instants  []instant
	left      Value // of testPair, where name is ""
	other     string
}

// decide makes the test with the value of its attribute, nil if it is not there.
func (t *test) decide(v *Value, attributes []Attribute) outcome {
	if v == nil && t.slot != noSlot {
		return t.absent()
	}
	switch t.operation {
	case testConstant:
		return outcomeOf(t.truth)
	case testHas:
		return outcomeOf(v.is(t.class))
	case testBool, testBoolAny:
		if v.typ != TypeBool {
			return outcomeMissing
		}
		return outcomeOf(t.operation == testBoolAny || (v.number != 0) == t.truth)
	case testNumberRange, testNumberNotEqual, testNumberSet:
		return t.decideNumber(v)
	case testPair:
		return t.decidePair(v, attributes)
	}
	return t.decideText(v)
}

// absent is the outcome where there is no attribute: has is false, anything else
// misses it.
func (t *test) absent() outcome {
	if t.operation == testHas {
		return outcomeFalse
	}
	return outcomeMissing
}

func (t *test) decideNumber(v *Value) outcome {
	n := v.number
	if v.typ != TypeNumber || n-n != 0 { // NaN and the infinities are no numbers here
		return outcomeMissing
	}
	switch t.operation {
	case testNumberRange:
		return outcomeOf(t.low <= n && n <= t.high)
	case testNumberNotEqual:
		return outcomeOf(n != t.number)
	}
	return outcomeOf(t.numbers.has(n))
}

func (t *test) decideText(v *Value) outcome {
	if v.typ != TypeString {
		return outcomeMissing
	}
	text := v.text
	switch t.operation {
	case testTextSet:
		return outcomeOf(t.texts.has(text))
	case testTextCodes:
		return t.decideCode(text)
	case testTextEqual:
		return outcomeOf(text == t.text)
	case testTextNotEqual:
		return outcomeOf(text != t.text)
	case testTextOrder:
		return outcomeOf(t.relation.holds(strings.Compare(text, t.text)))
	case testPrefix:
		return outcomeOf(strings.HasPrefix(text, t.text))
	case testSuffix:
		return outcomeOf(strings.HasSuffix(text, t.text))
	case testContains:
		return outcomeOf(strings.Contains(text, t.text))
	case testPattern:
		return outcomeOf(t.pattern.MatchString(text))
	case testVersion:
		value, ok := parseVersion(text)
		return decideParsed(t.relation, value, ok, t.versions)
	}
	value, ok := parseInstant(text)
	return decideParsed(t.relation, value, ok, t.instants)
}

func (t *test) decideCode(text string) outcome {
	if len(text) != 2 {
		return outcomeFalse
	}
	code := codeOf(text)
	for _, candidate := range t.codes {
		if candidate == code {
			return outcomeTrue
		}
	}
	return outcomeFalse
}

// decideParsed compares a version or an instant, if the text was one, with constants
// until the relation holds for one of them.
func decideParsed[T interface{ compare(T) int }](r relation, value T, ok bool, constants []T) outcome {
	if !ok {
		return outcomeMissing
	}
	for i := range constants {
		if r.holds(value.compare(constants[i])) {
			return outcomeTrue
		}
	}
	return outcomeFalse
}

// decidePair compares two values of which the right one is an attribute.
func (t *test) decidePair(v *Value, attributes []Attribute) outcome {
	left, right := &t.left, find(attributes, t.other)
	if t.slot != noSlot {
		left = v
	}
	argument := t.class
	if t.class == classVersion || t.class == classDate {
		argument = classString
	}
	if right == nil || !left.is(argument) || !right.is(argument) {
		return outcomeMissing
	}
	switch t.class {
	case classNumber, classBool:
		order, _ := left.Compare(*right)
		return outcomeOf(t.relation.holds(order))
	case classVersion:
		a, okA := parseVersion(left.text)
		b, okB := parseVersion(right.text)
		if !okA || !okB {
			return outcomeMissing
		}
		return outcomeOf(t.relation.holds(a.compare(b)))
	case classDate:
		a, okA := parseInstant(left.text)
		b, okB := parseInstant(right.text)
		if !okA || !okB {
			return outcomeMissing
		}
		return outcomeOf(t.relation.holds(a.compare(b)))
	}
	return outcomeOf(t.relation.holdsText(left.text, right.text))
}

// holdsText reports whether the relation holds between two strings.
func (r relation) holdsText(left, right string) bool {
	switch r {
	case relationStartsWith:
		return strings.HasPrefix(left, right)
	case relationEndsWith:
		return strings.HasSuffix(left, right)
	case relationContains:
		return strings.Contains(left, right)
	}
	return r.holds(strings.Compare(left, right))
}

// is reports whether the value is there with the declared type.
func (v *Value) is(class class) bool {
	return classOf(v.typ) == class && (class != classNumber || v.number-v.number == 0)
}
