package main

import (
	"math"
	"strconv"
	"strings"

	"github.com/touchlift/touchlift/experiment/audience"
)

// choices turns bytes into decisions, so that a fuzzer or a seed steers what is
// generated. Spent, it always chooses the first.
type choices struct{ data []byte }

func (c *choices) below(n int) int {
	if len(c.data) == 0 {
		return 0
	}
	choice := int(c.data[0]) % n
	c.data = c.data[1:]
	return choice
}

func pick[T any](c *choices, from ...T) T { return from[c.below(len(from))] }

// Two spellings of one rule: touchlift's, and Expr's where an attribute may be
// missing, so that every comparison asks first whether its attributes are there.
type twoSpellings struct{ ours, guarded string }

// attributeNames are of strings, numbers, bools and dates: the first letter tells.
func attributeNames() []string { return []string{"s1", "s2", "n1", "n2", "b1", "b2", "d1", "d2"} }

func declaredType(name string) audience.Type {
	switch name[0] {
	case 'n':
		return audience.TypeNumber
	case 'b':
		return audience.TypeBool
	}
	return audience.TypeString
}

func (c *choices) value(family byte) audience.Value {
	switch family {
	case 'n':
		return audience.NumberValue(pick(c, 0, 1, -1, 18, 17.999999999999996, 18.000000000000004, 1e21, -2.5e-7, 1.5,
			math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, 1<<53, -40))
	case 'b':
		return audience.BoolValue(c.below(2) == 1)
	case 'd':
		return audience.StringValue(pick(c, "2026-01-05", "2026-01-05T00:00:00Z", "2026-01-05T01:00:00+01:00",
			"2026-01-04T23:59:59.999999999Z", "2024-02-29", "1969-12-31T23:59:59.5Z", "9999-12-31T23:59:59-23:59", "2000-03-01"))
	}
	return audience.StringValue(pick(c, "", "NO", "SE", "no", "N", "NORWAY", "longer than eight", "é", "\x01\"\\\n", "NO\u2028", "true", "18", "\u007f"))
}

// operand returns an operand and the attribute that it reads, or "".
func (c *choices) operand(family byte) (text, name string) {
	if c.below(3) == 2 {
		return c.constant(family), ""
	}
	name = string(family) + pick(c, "1", "2")
	if family == 'd' {
		return "date(" + name + ")", name
	}
	return name, name
}

func (c *choices) constant(family byte) string {
	v := c.value(family)
	text, ok := v.Text()
	switch {
	case family == 'd':
		return "date(" + strconv.Quote(text) + ")"
	case ok:
		return strconv.Quote(text)
	}
	return v.String()
}

// rule generates a rule; both spellings have the parentheses that precedence
// demands, and now and then some more.
func (c *choices) rule(depth int) (text twoSpellings, binding int) {
	kind := c.below(10)
	if depth == 0 || len(c.data) == 0 {
		kind = max(kind, 5)
	}
	switch {
	case kind < 2:
		return c.joined(depth, "||", 1), 1
	case kind < 4:
		return c.joined(depth, "&&", 2), 2
	case kind == 4:
		part := c.enclosed(depth, 4)
		return twoSpellings{"!" + part.ours, "!" + part.guarded}, 4
	case kind == 5:
		name := pick(c, attributeNames()...)
		return twoSpellings{"has(" + name + ")", there(name)}, 5
	case kind == 6:
		text, name := c.operand('b')
		return guard(text, name, ""), 5
	}
	return c.comparison(), 3
}

func (c *choices) joined(depth int, operator string, binding int) twoSpellings {
	joined := c.enclosed(depth, binding)
	for range 1 + c.below(3) {
		part := c.enclosed(depth, binding+1)
		joined.ours += " " + operator + " " + part.ours
		joined.guarded += " " + operator + " " + part.guarded
	}
	return joined
}

func (c *choices) enclosed(depth, binding int) twoSpellings {
	part, tight := c.rule(depth - 1)
	if tight < binding || c.below(8) == 7 {
		part.ours, part.guarded = "("+part.ours+")", "("+part.guarded+")"
	}
	return part
}

func (c *choices) comparison() twoSpellings {
	family := pick[byte](c, 'n', 's', 'b', 'd')
	left, name := c.operand(family)
	relations := []string{"in", "==", "!=", "<", "<=", ">", ">="}
	switch family {
	case 'b':
		relations = relations[:3]
	case 's':
		relations = append(relations, "startsWith", "endsWith", "contains", "matches")
	}
	switch relation := pick(c, relations...); relation {
	case "in":
		var constants []string
		for range 1 + c.below(20) {
			constants = append(constants, c.constant(family))
		}
		return guard(left+" in ["+strings.Join(constants, ", ")+"]", name, "")
	case "matches":
		return guard(left+" matches "+strconv.Quote(pick(c, "^N", "O$", "", "(?i)no", `\d+`, "[é-ö]", "(a|N)*O", `\bNO\b`)), name, "")
	default:
		right, other := c.operand(family)
		return guard(left+" "+relation+" "+right, name, other)
	}
}

func there(name string) string { return "(" + strconv.Quote(name) + " in $env)" }

// guard asks for the attributes before it compares them.
func guard(text, name, other string) twoSpellings {
	guarded := text
	for _, name := range []string{other, name} {
		if name != "" {
			guarded = there(name) + " && " + guarded
		}
	}
	return twoSpellings{text, "(" + guarded + ")"}
}
