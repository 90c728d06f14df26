package audience_test

import (
	"math"

	"github.com/touchlift/touchlift/experiment/audience"
)

// choices turns bytes into decisions, so that a fuzzer, or a seed, steers what is
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

func generatedSchema(segment string) audience.Schema {
	s := audience.Schema{Attributes: map[string]audience.Type{}, Segments: map[string]string{}}
	for _, name := range []string{"s1", "s2", "n1", "n2", "b1", "b2", "v1", "v2", "d1", "d2"} {
		s.Attributes[name] = declared(name)
	}
	if segment != "" {
		s.Segments["some"] = segment
	}
	return s
}

func (c *choices) text() audience.Value {
	return audience.StringValue(pick(c, "", "NO", "SE", "no", "N", "NORWAY", "longer than eight", "é", "\x01\"\\", "NO\u2028", "1.2.3", "2026-01-05", "true", "18"))
}

func (c *choices) number() audience.Value {
	return audience.NumberValue(pick(c, 0, 1, -1, 18, 17.999999999999996, 18.000000000000004, 1e21, -2.5e-7, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, 1<<53))
}

func (c *choices) version() audience.Value {
	return audience.StringValue(pick(c, "1.2.3", "1.2.3-rc.1", "1.2.3-rc.1.0", "1.2.3-rc.2", "1.2.3-rc.10", "1.2.3-alpha", "1.2.3-1", "1.2.3--1", "1.2.3-1a",
		"1.2.3+build.7", "1.2.4", "1.10.0", "2.0.0", "0.0.0", "99999999999999999999.0.0", "10.0.0"))
}

func (c *choices) date() audience.Value {
	return audience.StringValue(pick(c, "2026-01-05", "2026-01-05T00:00:00Z", "2026-01-05T01:00:00+01:00", "2026-01-04T23:59:59.999999999Z", "2024-02-29",
		"1969-12-31T23:59:59.5Z", "0000-01-01", "9999-12-31T23:59:59-23:59", "2000-03-01", "1900-02-28"))
}

// constant makes one of a family: s, n, b, v or d.
func (c *choices) constant(family byte) term {
	switch family {
	case 'n':
		return term{constant: c.number()}
	case 'b':
		return term{constant: audience.BoolValue(c.below(2) == 1)}
	case 'v':
		return term{function: "semver", constant: c.version()}
	case 'd':
		return term{function: "date", constant: c.date()}
	}
	return term{constant: c.text()}
}

func (c *choices) attribute(family byte) term {
	x := term{name: string(family) + pick(c, "1", "2")}
	switch family {
	case 'v':
		x.function = "semver"
	case 'd':
		x.function = "date"
	}
	return x
}

func (c *choices) operand(family byte) term {
	if c.below(3) == 2 {
		return c.constant(family)
	}
	return c.attribute(family)
}

// rule generates a condition.
func (c *choices) rule(depth int, segments bool) *condition {
	kind := c.below(10)
	if depth == 0 || len(c.data) == 0 {
		kind = max(kind, 5)
	}
	switch {
	case kind < 4:
		joined := &condition{kind: pick(c, "&&", "||")}
		for range 2 + c.below(2) {
			part := c.rule(depth-1, segments)
			if part.kind == joined.kind {
				joined.parts = append(joined.parts, part.parts...)
				continue
			}
			joined.parts = append(joined.parts, part)
		}
		return joined
	case kind == 4:
		return &condition{kind: "!", parts: []*condition{c.rule(depth-1, segments)}}
	case kind == 5 && segments:
		return &condition{kind: "segment", name: "some"}
	case kind == 6:
		return pick(c, &condition{kind: "truth", left: c.operand('b')}, &condition{kind: "has", name: pick(c, "n1", "s1", "b2", "v2")})
	}
	return c.compare()
}

func (c *choices) compare() *condition {
	family := pick[byte](c, 'n', 's', 'b', 'v', 'd')
	compare := &condition{kind: "compare", left: c.operand(family), right: c.operand(family)}
	switch family {
	case 's':
		compare.relation = pick(c, "==", "!=", "<", "<=", ">", ">=", "in", "startsWith", "endsWith", "contains", "matches")
	case 'b':
		compare.relation = pick(c, "==", "!=", "in")
	default:
		compare.relation = pick(c, "==", "!=", "<", "<=", ">", ">=", "in")
	}
	switch compare.relation {
	case "in":
		for range 1 + c.below(20) {
			compare.list = append(compare.list, c.constant(family))
		}
	case "matches":
		compare.right = term{constant: audience.StringValue(pick(c, "^N", "O$", "", "(?i)no", `\d+`, "[é-ö]", "(a|N)*O"))}
	}
	return compare
}

// attributes generates the attributes of somebody: most are there, some are
// missing, of another type, no number, no version or no date, some twice.
func (c *choices) attributes() []audience.Attribute {
	var attributes []audience.Attribute
	for range c.below(14) {
		name := pick(c, "n1", "s1", "b1", "v1", "d1", "n2", "s2", "b2", "v2", "d2", "other")
		value := c.constant(name[0]).constant
		switch c.below(10) {
		case 8:
			value = c.constant(pick[byte](c, 'n', 's', 'b', 'v', 'd')).constant
		case 9:
			value = pick(c, audience.Value{}, audience.NumberValue(math.NaN()), audience.NumberValue(math.Inf(1)), audience.NumberValue(math.Inf(-1)),
				audience.StringValue("v1.2.3"), audience.StringValue("1.2"), audience.StringValue("1.02.3"), audience.StringValue("2026-02-29"),
				audience.StringValue("2026-01-05T08:00:00"), audience.StringValue("\xff\x00"))
		}
		attributes = append(attributes, audience.Attribute{Name: name, Value: value})
	}
	return attributes
}
