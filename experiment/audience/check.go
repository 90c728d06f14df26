package audience

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/touchlift/touchlift/experiment/internal/suggest"
)

// checker finds the types in one source and complains where they do not fit.
type checker struct {
	*complaints
	compiler *compiler
	below    *[]*segment // collects the broken segments that the source uses
}

// condition checks what && || ! join, and counts its comparisons.
func (c *checker) condition(n *node) {
	n.leaves = 1
	switch n.kind {
	case nodeBroken:
	case nodeAnd, nodeOr, nodeNot:
		n.leaves = 0
		for _, part := range n.arguments {
			c.condition(part)
			n.leaves += part.leaves
		}
	case nodeComparison:
		c.comparison(n)
	case nodeHas:
		c.attribute(n.arguments[0])
		n.class = n.arguments[0].class
	case nodeSegment:
		c.segment(n)
	default:
		c.truth(n)
	}
}

// truth checks an operand that stands where a condition should.
func (c *checker) truth(n *node) {
	class := c.operand(n)
	if class == classBool || class == classBroken {
		return
	}
	text, hint := c.text(n.span), "compare it with something"
	switch class {
	case classNumber:
		hint = "compare it, as in age >= 18"
	case classString:
		hint = `compare it, as in country == "NO"`
	case classVersion:
		hint = `compare it, as in semver(version) >= semver("1.2.3")`
	case classDate:
		hint = `compare it, as in date(signup) < date("2026-01-05")`
	case classList:
		hint = `write it behind in, as in country in ["NO"]`
	}
	c.add(n.span, hint, "%s is %s, not a condition", text, class.describe())
}

// operand finds the class of what stands beside a relation.
func (c *checker) operand(n *node) class {
	switch n.kind {
	case nodeConstant:
		n.class = classOf(n.value.Type())
	case nodeAttribute:
		c.attribute(n)
	case nodeVersion, nodeDate:
		c.converted(n)
	case nodeList:
		n.class = classList
	case nodeAnd, nodeOr, nodeNot, nodeComparison, nodeHas, nodeSegment:
		c.condition(n)
		n.class = classCondition
	}
	return n.class
}

// attribute finds the declared type of a name.
func (c *checker) attribute(n *node) {
	declared, known := c.compiler.schema.Attributes[n.name]
	switch {
	case !known:
		c.add(n.span, c.unknownHint(n.name), "unknown attribute %q", shorten(n.name))
	case classOf(declared) == classBroken:
		c.add(n.span, "declare it as string, number or bool", "attribute %q has the type %v", n.name, declared)
	default:
		n.class = classOf(declared)
		c.compiler.reads[n.name] = true
	}
}

func (c *checker) unknownHint(name string) string {
	names := slices.Sorted(maps.Keys(c.compiler.schema.Attributes))
	segments := slices.Sorted(maps.Keys(c.compiler.schema.Segments))
	_, isSegment := c.compiler.schema.Segments[name]
	if near, ok := suggest.Closest(name, names); ok && !isSegment {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if near, ok := suggest.Closest(name, segments); ok {
		return fmt.Sprintf("did you mean segment(%q)?", near)
	}
	quoted := "a string stands in double quotes, " + shorten(strconv.Quote(name))
	switch {
	case len(names) == 0:
		return "no attribute is declared; " + quoted
	case len(names) > 8:
		return fmt.Sprintf("%d attributes are declared, such as %s; %s", len(names), strings.Join(names[:8], ", "), quoted)
	}
	return "declared are " + strings.Join(names, ", ") + "; " + quoted
}

// converted checks semver(x) and date(x), and reads their constants.
func (c *checker) converted(n *node) {
	argument := n.arguments[0]
	function, class := "semver", classVersion
	if n.kind == nodeDate {
		function, class = "date", classDate
	}
	switch got := c.operand(argument); {
	case got == classBroken:
		return
	case got != classString:
		c.add(argument.span, "write "+functionExample(function), "%s wants a string, %s is %s",
			function, c.text(argument.span), got.describe())
		return
	case argument.kind == nodeConstant && !c.readConverted(n, argument):
		return
	}
	n.class = class
}

func (c *checker) readConverted(n, argument *node) (ok bool) {
	text, _ := argument.value.Text()
	if n.kind == nodeVersion {
		if n.version, ok = parseVersion(text); !ok {
			c.add(argument.span, versionHint(text), "%s is no version, want three numbers as in 1.2.3", c.text(argument.span))
		}
		return ok
	}
	if n.instant, ok = parseInstant(text); !ok {
		c.add(argument.span, dateHint(text), "%s is no date, want 2026-01-05 or 2026-01-05T08:00:00+01:00", c.text(argument.span))
	}
	return ok
}

func versionHint(text string) string {
	bare := strings.TrimPrefix(strings.TrimPrefix(text, "v"), "V")
	for range 3 {
		if _, ok := parseVersion(bare); ok {
			return "write " + strconv.Quote(bare)
		}
		bare += ".0"
	}
	return "versions follow semver.org: no leading zeros, pre-release after -, build after +"
}

func dateHint(text string) string {
	if _, ok := parseInstant(text + "Z"); ok {
		return "a time needs its zone: write " + strconv.Quote(text+"Z") + " for UTC"
	}
	if spaced := strings.Replace(text, " ", "T", 1); spaced != text {
		if _, ok := parseInstant(spaced); ok {
			return "write " + strconv.Quote(spaced)
		}
		if _, ok := parseInstant(spaced + "Z"); ok {
			return "write " + strconv.Quote(spaced+"Z") + " for UTC"
		}
	}
	return "year, month and day have 4, 2 and 2 digits, and the day must exist"
}
