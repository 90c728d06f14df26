package audience

import "regexp"

// nodeKind says what a node of the syntax tree is.
type nodeKind uint8

const (
	nodeBroken     nodeKind = iota // complained of; nothing more is said about it
	nodeConstant                   // "NO", 18, true
	nodeAttribute                  // country
	nodeVersion                    // semver(arguments[0])
	nodeDate                       // date(arguments[0])
	nodeList                       // [arguments...]
	nodeComparison                 // arguments[0] relation arguments[1]
	nodeHas                        // has(name)
	nodeSegment                    // segment("name")
	nodeNot                        // !arguments[0]
	nodeAnd                        // arguments joined by &&
	nodeOr                         // arguments joined by ||
)

// node is a part of a rule.
type node struct {
	span
	kind      nodeKind
	name      string // of attributes and segments
	relation  relation
	arguments []*node

	// The type checker fills in:
	class   class          // of operands
	value   Value          // of constants; the parser sets it
	version version        // of constant versions
	instant instant        // of constant dates
	pattern *regexp.Regexp // of constants behind matches
	segment *node          // the rule of a segment
	leaves  int            // comparisons below, and constants that stand for one
}

// class is the type of an operand.
type class uint8

const (
	classBroken class = iota
	classString
	classNumber
	classBool
	classVersion
	classDate
	classList
	classCondition // what && || ! join
)

// describe names the class in messages.
func (c class) describe() string {
	switch c {
	case classString:
		return "a string"
	case classNumber:
		return "a number"
	case classBool:
		return "a bool"
	case classVersion:
		return "a version"
	case classDate:
		return "a date"
	case classList:
		return "a list"
	case classCondition:
		return "a condition"
	}
	return "broken"
}

func classOf(t Type) class {
	switch t {
	case TypeString:
		return classString
	case TypeNumber:
		return classNumber
	case TypeBool:
		return classBool
	}
	return classBroken
}

// relation is an operator between two operands.
type relation uint8

const (
	relationEqual relation = iota
	relationNotEqual
	relationLess
	relationLessEqual
	relationGreater
	relationGreaterEqual
	relationIn
	relationStartsWith
	relationEndsWith
	relationContains
	relationMatches
)

// relationNames returns how the relations are written, in their order.
func relationNames() []string {
	return []string{"==", "!=", "<", "<=", ">", ">=", "in", "startsWith", "endsWith", "contains", "matches"}
}

func (r relation) String() string { return relationNames()[r] }

// swapped is the relation that says the same with the sides exchanged.
func (r relation) swapped() relation {
	switch r {
	case relationLess:
		return relationGreater
	case relationLessEqual:
		return relationGreaterEqual
	case relationGreater:
		return relationLess
	case relationGreaterEqual:
		return relationLessEqual
	}
	return r
}

// holds reports whether the relation holds between two values, given the sign of
// their order.
func (r relation) holds(order int) bool {
	switch r {
	case relationEqual:
		return order == 0
	case relationNotEqual:
		return order != 0
	case relationLess:
		return order < 0
	case relationLessEqual:
		return order <= 0
	case relationGreater:
		return order > 0
	}
	return order >= 0
}

// isText reports whether the relation is between two strings only.
func (r relation) isText() bool { return r >= relationStartsWith }

// isConstant reports whether the value of an operand is known.
func (n *node) isConstant() bool {
	switch n.kind {
	case nodeVersion, nodeDate:
		return n.arguments[0].kind == nodeConstant
	}
	return n.kind == nodeConstant
}

// attribute is the name that an operand reads, or "".
func (n *node) attribute() string {
	switch n.kind {
	case nodeVersion, nodeDate:
		return n.arguments[0].attribute()
	case nodeAttribute, nodeHas:
		return n.name
	}
	return ""
}
