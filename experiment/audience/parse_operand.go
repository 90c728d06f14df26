package audience

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/touchlift/touchlift/experiment/internal/suggest"
)

// operand reads a constant, a name, a call, a list or a parenthesis.
func (p *parser) operand() *node {
	t := p.peek()
	switch {
	case t.kind == tokenName:
		return p.named()
	case t.kind == tokenText:
		p.take()
		return &node{kind: nodeConstant, span: t.span, value: StringValue(t.text)}
	case t.kind == tokenNumber:
		p.take()
		return &node{kind: nodeConstant, span: t.span, value: NumberValue(t.number)}
	case t.kind == tokenBroken:
		p.take()
		return &node{span: t.span}
	case t.is("("):
		return p.nested(t, p.parenthesis)
	case t.is("["):
		return p.nested(t, p.list)
	case t.isRelation() && p.tokens[p.at+1].is("("):
		return p.relationAsFunction()
	}
	hint := "write a name, a constant or a condition"
	if t.is("&&") || t.is("||") || t.kind == tokenEnd && p.at > 0 {
		hint = "remove the operator, or write the missing side"
	}
	at := t.span
	p.add(at, hint, "an operand is missing before %s", p.show(t))
	return &node{span: span{t.start, t.start}}
}

func (p *parser) parenthesis() *node {
	open := p.take()
	inner := p.condition()
	if p.peek().is(",") {
		return p.listInParentheses(open, inner)
	}
	end := p.closing(open, ")")
	n := *inner
	n.span = span{open.start, end}
	return &n
}

// listInParentheses reads ("NO", "SE"), the list of SQL, and complains.
func (p *parser) listInParentheses(open token, first *node) *node {
	n := &node{kind: nodeList, span: open.span, arguments: []*node{first}}
	for p.accept(",") {
		n.arguments = append(n.arguments, p.condition())
	}
	n.end = p.closing(open, ")")
	p.add(n.span, `write it as in ["NO", "SE"]`, "a list stands in [ ]")
	return n
}

// closing wants the mark that closes the opened one, skips what stands before it,
// and returns where it ends.
func (p *parser) closing(open token, mark string) int {
	if t := p.peek(); t.is(mark) {
		return p.take().end
	}
	t := p.peek()
	if t.kind == tokenEnd {
		if !p.gaveUp {
			p.add(open.span, "write "+mark+" where it ends", "%q is not closed", p.text(open.span))
		}
		return t.start
	}
	p.add(t.span, "", "%s is not expected here, want %q", p.show(t), mark)
	for deep := 0; p.peek().kind != tokenEnd; {
		switch t := p.take(); {
		case t.is("(") || t.is("["):
			deep++
		case t.is(")") || t.is("]"):
			if deep == 0 {
				return t.end
			}
			deep--
		}
	}
	return p.peek().start
}

func (p *parser) list() *node {
	open := p.take()
	n := &node{kind: nodeList, span: open.span}
	for !p.peek().is("]") && p.peek().kind != tokenEnd && !p.peek().is(")") {
		n.arguments = append(n.arguments, p.side())
		if p.accept(",") {
			if p.peek().is("]") {
				p.add(p.tokens[p.at-1].span, "remove it", `"," at the end of a list`)
			}
			continue
		}
		if !p.peek().startsOperand() {
			break
		}
		p.add(p.peek().span, "write a comma", `no "," between %s and %s`, p.show(p.tokens[p.at-1]), p.show(p.peek()))
	}
	n.end = p.closing(open, "]")
	return n
}

// named reads true, false, an attribute or a call.
func (p *parser) named() *node {
	t := p.take()
	switch {
	case t.text == "true" || t.text == "false":
		return &node{kind: nodeConstant, span: t.span, value: BoolValue(t.text == "true")}
	case strings.EqualFold(t.text, "true") || strings.EqualFold(t.text, "false"):
		p.add(t.span, "write "+strings.ToLower(t.text), "%q is no truth value, want true or false", t.text)
		return &node{span: t.span}
	case t.text == "null" || t.text == "nil":
		p.add(t.span, "write !has(x) where an attribute x must be absent", "%q is no value", t.text)
		return &node{span: t.span}
	case p.peek().is("("):
		return p.call(t)
	}
	n := &node{kind: nodeAttribute, span: t.span, name: t.text}
	for p.peek().is(".") {
		dot := p.take()
		step := p.peek()
		if step.kind != tokenName && (!step.isRelation() || !p.tokens[p.at+1].is("(")) {
			p.add(dot.span, "names look like country or page.country", `no name after "."`)
			if step.kind == tokenNumber || step.kind == tokenText {
				p.take()
			}
			return n.broken()
		}
		p.take()
		if p.peek().is("(") {
			return p.method(n, step)
		}
		n.name, n.end = n.name+"."+step.text, step.end
	}
	return n
}

// arguments reads ( operands ) and returns where it ends.
func (p *parser) arguments() ([]*node, int) {
	open := p.take()
	var arguments []*node
	for !p.peek().is(")") && p.peek().kind != tokenEnd && !p.peek().is("]") {
		arguments = append(arguments, p.condition())
		if !p.accept(",") {
			break
		}
	}
	return arguments, p.closing(open, ")")
}

// functionNames returns the functions of the language.
func functionNames() []string { return []string{"date", "has", "segment", "semver"} }

// call reads the arguments of a function.
func (p *parser) call(name token) *node {
	n := &node{span: name.span}
	p.nested(name, func() *node {
		n.arguments, n.end = p.arguments()
		return n
	})
	if !slices.Contains(functionNames(), name.text) {
		p.add(name.span, p.functionHint(name.text, n.arguments), "unknown function %q", name.text)
		return n.broken()
	}
	if len(n.arguments) != 1 {
		p.add(n.span, "write "+functionExample(name.text), "%s wants one argument, not %d", name.text, len(n.arguments))
		return n.broken()
	}
	argument := n.arguments[0]
	switch name.text {
	case "semver":
		n.kind = nodeVersion
	case "date":
		n.kind = nodeDate
	case "has":
		return p.has(n, argument)
	case "segment":
		return p.segment(n, argument)
	}
	return n
}

func functionExample(name string) string {
	switch name {
	case "semver":
		return `semver(version) >= semver("1.2.3")`
	case "date":
		return `date(signup) < date("2026-01-05")`
	case "has":
		return "has(age)"
	}
	return `segment("nordic")`
}

func (p *parser) functionHint(name string, arguments []*node) string {
	for _, relation := range []string{"startsWith", "endsWith", "contains", "matches"} {
		if strings.EqualFold(name, relation) && len(arguments) == 2 {
			return "write " + p.infix(arguments[0], relation, arguments[1])
		}
	}
	if near, ok := suggest.Closest(name, functionNames()); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "the functions are date, has, segment and semver"
}

func (p *parser) infix(left *node, relation string, right *node) string {
	return p.text(left.span) + " " + relation + " " + p.text(right.span)
}

func (p *parser) has(n, argument *node) *node {
	switch argument.kind {
	case nodeAttribute:
		return &node{kind: nodeHas, span: n.span, name: argument.name, arguments: []*node{argument}}
	case nodeBroken:
	case nodeConstant:
		if name, ok := argument.value.Text(); ok {
			p.add(argument.span, "write has("+shorten(name)+")", "has wants the name of an attribute without quotes")
			break
		}
		fallthrough
	default:
		p.add(argument.span, "write has(age)", "has wants the name of an attribute, not %s", p.text(argument.span))
	}
	return n.broken()
}

func (p *parser) segment(n, argument *node) *node {
	if name, ok := argument.value.Text(); ok && argument.kind == nodeConstant {
		return &node{kind: nodeSegment, span: n.span, name: name}
	}
	switch argument.kind {
	case nodeBroken:
	case nodeAttribute:
		p.add(argument.span, "write segment("+strconv.Quote(argument.name)+")", "segment wants the name of a segment in double quotes")
	default:
		p.add(argument.span, `write segment("nordic")`, "segment wants the name of a segment, not %s", p.text(argument.span))
	}
	return n.broken()
}

// method reads the arguments of name.startsWith("x"), the form of CEL, complains,
// and goes on with what was meant.
func (p *parser) method(receiver *node, name token) *node {
	var arguments []*node
	end := name.end
	p.nested(name, func() *node {
		arguments, end = p.arguments()
		return receiver
	})
	at := span{receiver.start, end}
	if name.kind == tokenOperator && len(arguments) == 1 {
		p.add(at, "write "+p.infix(receiver, name.text, arguments[0]), "%s stands between its operands", name.text)
		return &node{kind: nodeComparison, span: at, relation: relationOf(name.text), arguments: []*node{receiver, arguments[0]}}
	}
	p.add(at, `the operators startsWith, endsWith, contains and matches stand between their operands`,
		"attributes have no method %q", name.text)
	return &node{span: at}
}

// relationAsFunction reads startsWith(name, "x"), complains, and goes on with
// what was meant.
func (p *parser) relationAsFunction() *node {
	name := p.take()
	n := &node{span: name.span}
	p.nested(name, func() *node {
		n.arguments, n.end = p.arguments()
		return n
	})
	if len(n.arguments) != 2 {
		p.add(name.span, `write it between them, as in name startsWith "x"`, "%s stands between its operands", name.text)
		return n.broken()
	}
	p.add(n.span, "write "+p.infix(n.arguments[0], name.text, n.arguments[1]), "%s stands between its operands", name.text)
	n.kind, n.relation = nodeComparison, relationOf(name.text)
	return n
}
