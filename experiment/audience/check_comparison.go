package audience

import (
	"strconv"
	"strings"
)

// comparison checks that both sides of a relation fit it and each other.
func (c *checker) comparison(n *node) {
	left, right := n.arguments[0], n.arguments[1]
	if left.kind == nodeNot && c.source[left.start] != '(' {
		inner := left.arguments[0]
		c.add(left.span, "write !("+c.text(span{inner.start, n.end})+")", "! binds tighter than %s: it negates %s only", n.relation, c.text(inner.span))
		return
	}
	if n.relation == relationIn {
		c.membership(n, left, right)
		return
	}
	a, b := c.operand(left), c.operand(right)
	if a == classBroken || b == classBroken || c.notOperand(n, left) || c.notOperand(n, right) {
		return
	}
	switch {
	case n.relation.isText():
		c.textual(n, left, right)
	case a != b:
		c.add(n.span, c.mismatchHint(left, right), "cannot compare %s (%s) with %s (%s)", c.text(left.span), bare(a), c.text(right.span), bare(b))
	case a == classBool && n.relation > relationNotEqual:
		c.add(n.span, "bools compare with == and !=, or stand alone", "%s does not order bools", n.relation)
	}
}

// bare names a class without its article.
func bare(c class) string { return strings.TrimPrefix(c.describe(), "a ") }

// notOperand complains of a condition or a list beside a relation.
func (c *checker) notOperand(n, side *node) bool {
	switch {
	case side.class == classList:
		c.add(side.span, "a list stands behind in only", "a list cannot be compared with %s", n.relation)
	case side.class != classCondition:
		return false
	default:
		c.add(side.span, "leave the outer comparison out, or negate with !", "a condition cannot be compared with %s", n.relation)
	}
	return true
}

// mismatchHint says how to mend a comparison of different classes.
func (c *checker) mismatchHint(left, right *node) string {
	if hint := c.conversionHint(left, right); hint != "" {
		return hint
	}
	if hint := c.conversionHint(right, left); hint != "" {
		return hint
	}
	for _, side := range []*node{left, right} {
		if side.kind == nodeAttribute {
			return side.name + " is declared as " + side.class.describe() + "; there is no conversion"
		}
	}
	return "there is no conversion"
}

// conversionHint says how a constant or attribute could become what the other
// side is, or "".
func (c *checker) conversionHint(side, other *node) string {
	text, isText := side.value.Text()
	isText = isText && side.kind == nodeConstant
	source := c.text(side.span)
	switch {
	case other.class == classVersion && side.class == classString:
		return "write semver(" + source + ")"
	case other.class == classDate && side.class == classString:
		return "write date(" + source + ")"
	case other.class == classNumber && isText:
		if _, err := strconv.ParseFloat(text, 64); err == nil {
			return "write " + text + " without quotes"
		}
	case other.class == classBool && isText && (text == "true" || text == "false"):
		return "write " + text + " without quotes"
	case other.class == classString && side.kind == nodeConstant:
		return `write "` + source + `" in double quotes`
	}
	return ""
}

// textual checks a relation between two strings.
func (c *checker) textual(n, left, right *node) {
	for _, side := range []*node{left, right} {
		if side.class != classString {
			c.add(side.span, "", "%s wants strings, %s is %s", n.relation, c.text(side.span), side.class.describe())
			return
		}
	}
	if n.relation != relationMatches {
		return
	}
	if right.kind != nodeConstant {
		c.add(right.span, `write the expression itself, as in email matches "@example[.]com$"`, "matches wants a constant on its right")
		return
	}
	pattern, _ := right.value.Text()
	compiled, problem, hint := compilePattern(pattern)
	if problem != "" {
		c.add(right.span, hint, "%s %s", c.text(right.span), problem)
	}
	right.pattern = compiled
}

// membership checks x in [...].
func (c *checker) membership(n, left, list *node) {
	class := c.operand(left)
	if class != classBroken && c.notOperand(n, left) {
		class = classBroken
	}
	if list.kind != nodeList {
		if c.operand(list) != classBroken {
			hint := "compare attributes with =="
			if list.isConstant() {
				hint = "write [" + c.text(list.span) + "]"
			}
			c.add(list.span, hint, "in wants a list on its right, not %s", list.class.describe())
		}
		return
	}
	switch {
	case len(list.arguments) == 0:
		c.add(list.span, "write false for a rule that matches nobody", "the list is empty")
	case len(list.arguments) > MaxList:
		c.add(list.span, "make it an attribute, such as a bool, that the application sets",
			"the list has %d constants, at most %d are allowed", len(list.arguments), MaxList)
		return
	}
	for _, element := range list.arguments {
		c.element(element, left, class)
	}
}

// element checks a constant of a list against what is looked for.
func (c *checker) element(element, left *node, class class) {
	if element.kind == nodeAttribute {
		if _, known := c.compiler.schema.Attributes[element.name]; !known {
			c.add(element.span, "a string stands in double quotes, "+shorten(strconv.Quote(element.name)), "a list has constants only, %s is none", c.text(element.span))
			return
		}
	}
	got := c.operand(element)
	switch {
	case got == classBroken:
	case !element.isConstant():
		c.add(element.span, "compare attributes with ==", "a list has constants only, %s is none", c.text(element.span))
	case class != classBroken && got != class:
		c.add(element.span, c.mismatchHint(left, element), "cannot compare %s (%s) with %s (%s)",
			c.text(left.span), bare(class), c.text(element.span), bare(got))
	}
}
