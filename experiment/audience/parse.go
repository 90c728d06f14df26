package audience

import (
	"slices"
	"strconv"
)

// parser makes a syntax tree of tokens. After a mistake it goes on behind it, so
// that one run finds all of them.
type parser struct {
	*complaints
	tokens []token
	at     int
	depth  int
	// gaveUp is set where the rest of the source is not read.
	gaveUp bool
}

// parse returns the tree of the source; complaints tell whether it is sound.
func parse(c *complaints) *node {
	if len(c.source) > MaxSource {
		c.add(span{MaxSource, len(c.source)}, "make segments of its parts, or an attribute of long lists",
			"the rule has %d bytes, at most %d are allowed", len(c.source), MaxSource)
		return &node{}
	}
	p := parser{complaints: c, tokens: scan(c)}
	if p.peek().kind == tokenEnd {
		if len(c.found) == 0 {
			c.add(span{0, len(c.source)}, "leave the rule out, or write true, to match everyone", "the rule is empty")
		}
		return &node{}
	}
	root := p.condition()
	for p.peek().kind != tokenEnd {
		p.leftOver()
		_ = p.accept("&&") || p.accept("||")
		if p.peek().startsOperand() {
			p.condition()
		}
	}
	return root
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) take() token {
	t := p.tokens[p.at]
	if t.kind != tokenEnd {
		p.at++
	}
	return t
}

func (p *parser) accept(text string) bool {
	if !p.peek().is(text) {
		return false
	}
	p.at++
	return true
}

// leftOver complains of a token that cannot follow a whole rule, and skips it.
func (p *parser) leftOver() {
	switch t := p.take(); {
	case t.is(")"):
		p.add(t.span, `remove it, or write "(" before`, `")" without "("`)
	case t.is("]"):
		p.add(t.span, `remove it, or write "[" before`, `"]" without "["`)
	default:
		p.add(t.span, "join conditions with &&, list constants in [ ]", "%s is not expected here", p.show(t))
	}
}

func (p *parser) show(t token) string {
	if t.kind == tokenEnd {
		return "the end"
	}
	if t.kind == tokenText || t.kind == tokenBroken {
		return p.text(t.span)
	}
	return strconv.Quote(p.text(t.span))
}

// condition reads conditions joined by ||.
func (p *parser) condition() *node {
	return p.joined(nodeOr, "||", func() *node { return p.joined(nodeAnd, "&&", p.comparison) })
}

// joined reads parts joined by one operator into one node.
func (p *parser) joined(kind nodeKind, operator string, part func() *node) *node {
	first := part()
	if !p.peek().is(operator) && !p.operatorForgotten(kind) {
		return first
	}
	n := &node{kind: kind, span: first.span}
	n.join(first)
	for {
		if !p.accept(operator) {
			if !p.operatorForgotten(kind) {
				return n
			}
			t := p.peek()
			p.add(t.span, "write && if both must hold, || if one is enough, or a comparison such as ==",
				"no operator between %s and %s", p.show(p.tokens[p.at-1]), p.show(t))
			n.forgive()
			next := part()
			n.join(next)
			n.forgive()
			n.end = next.end
			continue
		}
		next := part()
		n.join(next)
		n.end = next.end
	}
}

// operatorForgotten reports whether another operand follows where && or || should
// stand. The innermost loop, the one of &&, goes on with it.
func (p *parser) operatorForgotten(kind nodeKind) bool {
	return kind == nodeAnd && p.peek().startsOperand() && !p.peek().is("-")
}

// forgive breaks a last part that is a bare operand: beside a missing operator
// nobody knows what it should be.
func (n *node) forgive() {
	last := len(n.arguments) - 1
	if n.arguments[last].kind <= nodeList {
		n.arguments[last] = n.arguments[last].broken()
	}
}

// join adds a part; a part of the same kind gives its own parts.
func (n *node) join(part *node) {
	if part.kind == n.kind {
		n.arguments = append(n.arguments, part.arguments...)
		return
	}
	n.arguments = append(n.arguments, part)
}

// comparison reads one operand, or two with a relation between them.
func (p *parser) comparison() *node {
	left := p.side()
	p.notBeforeRelation()
	if !p.peek().isRelation() {
		return left
	}
	operator := p.take()
	right := p.side()
	n := &node{
		kind: nodeComparison, span: span{left.start, max(left.end, right.end)},
		relation: relationOf(operator.text), arguments: []*node{left, right},
	}
	if p.peek().isRelation() {
		p.chain(n, right)
	}
	return n
}

// chain complains of a < b < c and skips what is behind the second operand.
func (p *parser) chain(n, right *node) {
	next := p.take()
	further := p.side()
	hint := "join comparisons with &&"
	if right.end > right.start && further.end > further.start {
		hint = "write " + p.text(n.span) + " && " + p.text(right.span) + " " + next.text + " " + p.text(further.span)
	}
	n.end = max(n.end, further.end)
	for p.peek().isRelation() {
		p.take()
		n.end, hint = max(n.end, p.side().end), "join comparisons with &&"
	}
	p.add(n.span, hint, "comparisons do not chain")
}

// relationOf finds the relation of an operator that isRelation.
func relationOf(operator string) relation {
	return relation(slices.Index(relationNames(), operator))
}

// notBeforeRelation complains of "country not in [...]" and skips the ! that
// the scanner made of its not.
func (p *parser) notBeforeRelation() {
	if !p.peek().is("!") || !p.tokens[min(p.at+1, len(p.tokens)-1)].isRelation() {
		return
	}
	t := p.take()
	if p.text(t.span) == "!" { // the scanner has complained of every other spelling
		p.add(t.span, `write !(country in ["NO"])`, `"!" stands before the whole comparison`)
	}
}

// side reads one side of a comparison. It complains of a calculation and skips it.
func (p *parser) side() *node {
	n := p.unary()
	for p.peek().calculates() {
		t := p.take()
		further := p.unary()
		hint := "compute the value before and pass it as an attribute"
		if t.text == "-" && n.end == t.start && further.start == t.end && n.kind == nodeAttribute {
			hint = "names have _ in place of -"
		}
		p.add(t.span, hint, "%q: a rule does not calculate", t.text)
		n = &node{span: span{n.start, max(t.end, further.end)}}
	}
	return n
}

// unary reads !operand, -number or an operand.
func (p *parser) unary() *node {
	t := p.peek()
	switch {
	case t.is("!"):
		p.take()
		operand := p.nested(t, p.unary)
		return &node{kind: nodeNot, span: span{t.start, max(t.end, operand.end)}, arguments: []*node{operand}}
	case t.is("+"):
		p.take()
		p.add(t.span, "remove it", `"+" before an operand`)
		return p.nested(t, p.unary)
	case t.is("-"):
		p.take()
		number := p.peek()
		if number.kind != tokenNumber {
			p.add(t.span, "compute the value before and pass it as an attribute", `"-" stands before a number only`)
			return p.nested(t, p.unary).broken()
		}
		p.take()
		return &node{kind: nodeConstant, span: span{t.start, number.end}, value: NumberValue(-number.number)}
	}
	return p.operand()
}

// broken makes a node nobody complains of again.
func (n *node) broken() *node {
	return &node{span: n.span}
}

// nested reads something inside a parenthesis or behind a !, unless that is too
// deep; then the rest of the source is given up.
func (p *parser) nested(at token, read func() *node) *node {
	if p.depth == MaxDepth {
		p.add(at.span, "make segments of its parts", "parentheses and ! nest deeper than %d", MaxDepth)
		p.at, p.gaveUp = len(p.tokens)-1, true
		return &node{span: at.span}
	}
	p.depth++
	n := read()
	p.depth--
	return n
}
