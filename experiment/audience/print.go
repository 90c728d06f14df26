package audience

import (
	"math"
	"strconv"
	"strings"
)

// String writes the rule in its canonical form: one space around operators, no
// parentheses that change nothing, strings and numbers in their shortest form.
// Compiled with the same schema it is the same rule. The zero Rule is "false".
func (r *Rule) String() string {
	if r.root == nil {
		return "false"
	}
	var b strings.Builder
	r.root.write(&b)
	return b.String()
}

// binding is how tightly a node holds together; more is tighter.
func (n *node) binding() int {
	switch n.kind {
	case nodeOr:
		return 1
	case nodeAnd:
		return 2
	case nodeComparison:
		return 3
	case nodeNot:
		return 4
	}
	return 5
}

// write writes the source of a node.
func (n *node) write(b *strings.Builder) {
	switch n.kind {
	case nodeConstant:
		b.WriteString(n.value.source())
	case nodeAttribute:
		b.WriteString(n.name)
	case nodeVersion:
		n.writeCall(b, "semver")
	case nodeDate:
		n.writeCall(b, "date")
	case nodeHas:
		b.WriteString("has(" + n.name + ")")
	case nodeSegment:
		b.WriteString("segment(" + strconv.Quote(n.name) + ")")
	case nodeList:
		b.WriteByte('[')
		n.writeArguments(b, ", ", 0)
		b.WriteByte(']')
	case nodeNot:
		b.WriteByte('!')
		n.writeArguments(b, "", 4)
	case nodeComparison:
		n.writeArguments(b, " "+n.relation.String()+" ", 5)
	case nodeAnd:
		n.writeArguments(b, " && ", 3)
	case nodeOr:
		n.writeArguments(b, " || ", 2)
	}
}

func (n *node) writeCall(b *strings.Builder, function string) {
	b.WriteString(function + "(")
	n.writeArguments(b, ", ", 0)
	b.WriteByte(')')
}

// writeArguments writes the arguments, in parentheses those that bind less tightly
// than they must.
func (n *node) writeArguments(b *strings.Builder, between string, binding int) {
	for i, argument := range n.arguments {
		if i > 0 {
			b.WriteString(between)
		}
		if argument.binding() >= binding {
			argument.write(b)
			continue
		}
		b.WriteByte('(')
		argument.write(b)
		b.WriteByte(')')
	}
}

// source writes a constant.
func (v Value) source() string {
	switch v.typ {
	case TypeString:
		return strconv.Quote(v.text)
	case TypeNumber:
		if size := math.Abs(v.number); size != 0 && (size < 1e-6 || size >= 1e21) {
			return strconv.FormatFloat(v.number, 'e', -1, 64)
		}
		return strconv.FormatFloat(v.number, 'f', -1, 64)
	}
	return v.String()
}
