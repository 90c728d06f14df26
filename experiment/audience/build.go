package audience

import (
	"math"
	"slices"
)

// builder lays a checked rule out as tests that follow each other: && || ! and
// segments become the places where a test goes on.
type builder struct {
	tests      []test
	attributes []string
}

// build lays out a condition whose first test has the index at. It returns where
// to start: the condition goes on at yes where it is true, at no where it is not.
func (b *builder) build(n *node, at, yes, no int) int {
	switch n.kind {
	case nodeNot:
		return b.build(n.arguments[0], at, no, yes)
	case nodeSegment:
		return b.build(n.segment, at, yes, no)
	case nodeAnd, nodeOr:
		// From the last to the first, because each needs the start of the next.
		start, place := yes, at+n.leaves
		if n.kind == nodeOr {
			start = no
		}
		for _, part := range slices.Backward(n.arguments) {
			place -= part.leaves
			if n.kind == nodeAnd {
				start = b.build(part, place, start, no)
			} else {
				start = b.build(part, place, yes, start)
			}
		}
		return start
	}
	t := b.test(n)
	t.yes, t.no = yes, no
	b.tests[at] = t
	switch {
	case t.operation != testConstant:
		return at
	case t.truth:
		return yes
	}
	return no
}

// test makes the test of one comparison.
func (b *builder) test(n *node) test {
	switch n.kind {
	case nodeConstant:
		truth, _ := n.value.Bool()
		return test{slot: noSlot, operation: testConstant, truth: truth}
	case nodeAttribute:
		return b.named(n, test{operation: testBool, truth: true})
	case nodeHas:
		return b.named(n, test{operation: testHas, class: n.class})
	}
	left, right, relation := n.arguments[0], n.arguments[1], n.relation
	if left.isConstant() && !right.isConstant() && relation <= relationGreaterEqual {
		left, right, relation = right, left, relation.swapped()
	}
	t := b.named(left, test{relation: relation, class: left.class})
	if right.kind != nodeList && !right.isConstant() {
		t.operation, t.left, t.other = testPair, left.value, right.attribute()
		return t
	}
	against(&t, right)
	if !left.isConstant() {
		return t
	}
	value := left.value
	if left.kind != nodeConstant {
		value = left.arguments[0].value
	}
	return test{slot: noSlot, operation: testConstant, truth: t.decide(&value, nil) == outcomeTrue}
}

// named fills in which attribute is looked up for an operand.
func (b *builder) named(operand *node, t test) test {
	t.name, t.slot = operand.attribute(), noSlot
	if t.name != "" {
		slot, _ := slices.BinarySearch(b.attributes, t.name)
		t.slot = slot
	}
	return t
}

// against fills in the comparison with a constant or a list of constants.
func against(t *test, right *node) {
	constants := []*node{right}
	if right.kind == nodeList {
		constants = right.arguments
	}
	switch t.class {
	case classString:
		againstTexts(t, constants)
	case classNumber:
		againstNumbers(t, constants)
	case classBool:
		againstBools(t, constants)
	case classVersion:
		t.operation = testVersion
		for _, constant := range constants {
			t.versions = append(t.versions, constant.version)
		}
	case classDate:
		t.operation = testDate
		for _, constant := range constants {
			t.instants = append(t.instants, constant.instant)
		}
	}
	if t.relation == relationIn {
		t.relation = relationEqual
	}
}

func againstTexts(t *test, constants []*node) {
	t.text = constants[0].value.text
	switch t.relation {
	case relationEqual:
		t.operation = testTextEqual
	case relationNotEqual:
		t.operation = testTextNotEqual
	case relationIn:
		var texts []string
		for _, constant := range constants {
			texts = append(texts, constant.value.text)
		}
		t.operation, t.texts = testTextSet, newTextSet(texts)
		if t.codes = codesOf(texts); t.codes != nil {
			t.operation = testTextCodes
		}
	case relationStartsWith:
		t.operation = testPrefix
	case relationEndsWith:
		t.operation = testSuffix
	case relationContains:
		t.operation = testContains
	case relationMatches:
		t.operation, t.pattern = testPattern, constants[0].pattern
	default:
		t.operation = testTextOrder
	}
}

func againstNumbers(t *test, constants []*node) {
	t.number = constants[0].value.number
	switch t.relation {
	case relationIn:
	case relationNotEqual:
		t.operation = testNumberNotEqual
		return
	default:
		t.operation = testNumberRange
		t.low, t.high = rangeOf(t.relation, constants[0].value.number)
		return
	}
	var numbers []float64
	for _, constant := range constants {
		numbers = append(numbers, constant.value.number)
	}
	t.operation, t.numbers = testNumberSet, newNumberSet(numbers)
}

// rangeOf returns the smallest and the largest finite number that the relation
// allows; where there is none the smallest is larger.
func rangeOf(r relation, number float64) (low, high float64) {
	low, high = -math.MaxFloat64, math.MaxFloat64
	switch r {
	case relationLess:
		high = math.Nextafter(number, math.Inf(-1))
	case relationLessEqual:
		high = number
	case relationGreater:
		low = math.Nextafter(number, math.Inf(1))
	case relationGreaterEqual:
		low = number
	default:
		return number, number
	}
	return low, high
}

// againstBools makes == and != one test. A list may hold both truth values; then
// every value is in it.
func againstBools(t *test, constants []*node) {
	first := constants[0].value.number != 0
	for _, constant := range constants {
		if (constant.value.number != 0) != first {
			t.operation = testBoolAny
			return
		}
	}
	t.operation, t.truth = testBool, first != (t.relation == relationNotEqual)
}
