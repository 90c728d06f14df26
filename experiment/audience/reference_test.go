package audience_test

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/touchlift/touchlift/experiment/audience"
)

// condition is a rule as a tree: the slow way to match, written from the package
// comment and independent of the parser and of the compiled form.
type condition struct {
	kind        string // && || ! compare has truth segment
	parts       []*condition
	name        string
	relation    string
	left, right term
	list        []term
}

// term is an operand: an attribute or a constant, perhaps inside semver or date.
type term struct {
	function string
	name     string
	constant audience.Value
}

func (x term) source() string {
	text := x.name
	if text == "" {
		text = literal(x.constant)
	}
	if x.function != "" {
		return x.function + "(" + text + ")"
	}
	return text
}

func literal(v audience.Value) string {
	if text, ok := v.Text(); ok {
		return strconv.Quote(text)
	}
	return v.String()
}

// source writes the tree with the parentheses that precedence demands.
func (c *condition) source() string {
	switch c.kind {
	case "&&":
		return c.joined("||")
	case "||":
		return c.joined("")
	case "!":
		inner := c.parts[0]
		if inner.kind == "&&" || inner.kind == "||" || inner.kind == "compare" {
			return "!(" + inner.source() + ")"
		}
		return "!" + inner.source()
	case "has":
		return "has(" + c.name + ")"
	case "segment":
		return "segment(" + strconv.Quote(c.name) + ")"
	case "truth":
		return c.left.source()
	}
	if c.relation != "in" {
		return c.left.source() + " " + c.relation + " " + c.right.source()
	}
	var constants []string
	for _, constant := range c.list {
		constants = append(constants, constant.source())
	}
	return c.left.source() + " in [" + strings.Join(constants, ", ") + "]"
}

func (c *condition) joined(looser string) string {
	var parts []string
	for _, part := range c.parts {
		text := part.source()
		if part.kind == looser {
			text = "(" + text + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " "+c.kind+" ")
}

// match is the reference for Rule.Match.
func (c *condition) match(attributes []audience.Attribute, segments map[string]*condition) (bool, int) {
	switch c.kind {
	case "&&", "||":
		missing := 0
		for _, part := range c.parts {
			truth, more := part.match(attributes, segments)
			missing += more
			if truth == (c.kind == "||") {
				return truth, missing
			}
		}
		return c.kind == "&&", missing
	case "!":
		truth, missing := c.parts[0].match(attributes, segments)
		return !truth, missing
	case "segment":
		return segments[c.name].match(attributes, segments)
	case "has":
		_, ok := term{name: c.name}.value(attributes)
		return ok, 0
	case "truth":
		value, ok := c.left.value(attributes)
		return counted(ok, func() bool { return value.(bool) })
	}
	left, okLeft := c.left.value(attributes)
	if c.relation == "in" {
		return counted(okLeft, func() bool {
			for _, constant := range c.list {
				if value, _ := constant.value(nil); relates(left, "==", value) {
					return true
				}
			}
			return false
		})
	}
	right, okRight := c.right.value(attributes)
	return counted(okLeft && okRight, func() bool { return relates(left, c.relation, right) })
}

func counted(ok bool, truth func() bool) (bool, int) {
	if !ok {
		return false, 1
	}
	return truth(), 0
}

// declared types of the attributes that generated rules read; the first letter
// tells.
func declared(name string) audience.Type {
	switch name[0] {
	case 'n':
		return audience.TypeNumber
	case 'b':
		return audience.TypeBool
	}
	return audience.TypeString
}

// value is a string, float64, bool, time.Time or semantic, and whether it is there.
func (x term) value(attributes []audience.Attribute) (any, bool) {
	v := x.constant
	if x.name != "" {
		v = audience.Lookup(attributes, x.name)
		if v.Type() != declared(x.name) {
			return nil, false
		}
	}
	if number, ok := v.Number(); ok {
		return number, !math.IsNaN(number) && !math.IsInf(number, 0)
	}
	if truth, ok := v.Bool(); ok {
		return truth, true
	}
	text, _ := v.Text()
	switch x.function {
	case "semver":
		return readSemantic(text)
	case "date":
		return readTime(text)
	}
	return text, true
}

func relates(left any, relation string, right any) bool {
	text, _ := left.(string)
	other, _ := right.(string)
	switch relation {
	case "startsWith":
		return len(text) >= len(other) && text[:len(other)] == other
	case "endsWith":
		return len(text) >= len(other) && text[len(text)-len(other):] == other
	case "contains":
		return strings.Contains(text, other)
	case "matches":
		return regexp.MustCompile(other).MatchString(text)
	}
	order := orderOf(left, right)
	return map[string]bool{"==": order == 0, "!=": order != 0, "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[relation]
}

func orderOf(left, right any) int {
	switch left := left.(type) {
	case float64:
		return new(big.Float).SetFloat64(left).Cmp(new(big.Float).SetFloat64(right.(float64)))
	case string:
		return strings.Compare(left, right.(string))
	case bool:
		if left == right.(bool) {
			return 0
		}
		return 1
	case time.Time:
		return left.Compare(right.(time.Time))
	case semantic:
		return left.order(right.(semantic))
	}
	panic(fmt.Sprintf("no order of %T", left))
}

// readTime reads dates with the parser of the standard library.
func readTime(text string) (any, bool) {
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return at, true
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	return at, err == nil
}

// semantic is a version as semver.org describes it, with numbers of any size.
type semantic struct {
	numbers []*big.Int
	pre     []string
}

// The expression is the one that semver.org suggests.
const semanticPattern = `^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$`

func readSemantic(text string) (any, bool) {
	found := regexp.MustCompile(semanticPattern).FindStringSubmatch(text)
	if found == nil {
		return nil, false
	}
	var v semantic
	for _, digits := range found[1:4] {
		n, _ := new(big.Int).SetString(digits, 10)
		v.numbers = append(v.numbers, n)
	}
	if found[4] != "" {
		v.pre = strings.Split(found[4], ".")
	}
	return v, true
}

func (v semantic) order(other semantic) int {
	for i := range v.numbers {
		if order := v.numbers[i].Cmp(other.numbers[i]); order != 0 {
			return order
		}
	}
	if len(v.pre) == 0 || len(other.pre) == 0 {
		return min(1, len(other.pre)) - min(1, len(v.pre)) // without a pre-release is above with
	}
	for i := range min(len(v.pre), len(other.pre)) {
		a, isA := new(big.Int).SetString(v.pre[i], 10)
		b, isB := new(big.Int).SetString(other.pre[i], 10)
		order := strings.Compare(v.pre[i], other.pre[i])
		switch {
		case strings.HasPrefix(v.pre[i], "-") || strings.HasPrefix(other.pre[i], "-"):
			isA, isB = isA && v.pre[i][0] != '-', isB && other.pre[i][0] != '-'
			if isA != isB {
				order = map[bool]int{true: -1, false: 1}[isA]
			}
		case isA && isB:
			order = a.Cmp(b)
		case isA:
			order = -1
		case isB:
			order = 1
		}
		if order != 0 {
			return order
		}
	}
	return len(v.pre) - len(other.pre)
}
