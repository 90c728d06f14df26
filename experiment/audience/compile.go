package audience

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/touchlift/touchlift/experiment/internal/suggest"
)

// compiler holds what one Compile has found out.
type compiler struct {
	schema   Schema
	segments map[string]*segment
	open     []string // segments being compiled, the outermost first
	reads    map[string]bool
}

// segment is a source that has been looked at.
type segment struct {
	name     string
	root     *node
	mistakes Errors
	below    []*segment // broken segments inside, one for each mistake they cause
	depth    int        // segments inside each other
}

// rule parses and checks one source.
func (c *compiler) rule(source string) *segment {
	complaints := &complaints{source: source}
	found := &segment{root: parse(complaints)}
	checker := checker{complaints: complaints, compiler: c, below: &found.below}
	checker.condition(found.root)
	if leaves := found.root.leaves; leaves > MaxComparisons {
		checker.add(found.root.span, "make an attribute of a part that many rules share",
			"the rule has %d comparisons with those of its segments, at most %d are allowed", leaves, MaxComparisons)
	}
	found.mistakes = complaints.sorted()
	found.depth = c.deepest(found.root)
	return found
}

// segment finds the rule behind segment("name"), compiled once for a schema and
// standing at every place that names it.
func (c *checker) segment(n *node) {
	source, known := c.compiler.schema.Segments[n.name]
	if !known {
		c.add(n.span, c.segmentHint(n.name), "unknown segment %q", shorten(n.name))
		return
	}
	if slices.Contains(c.compiler.open, n.name) {
		from := slices.Index(c.compiler.open, n.name)
		path := strings.Join(append(slices.Clone(c.compiler.open[from:]), n.name), " -> ")
		c.add(n.span, "write the common part into a segment of its own", "segment %q contains itself: %s", n.name, shorten(path))
		return
	}
	if len(c.compiler.open) == MaxDepth {
		c.add(n.span, "write some of them in place", "more than %d segments stand inside each other", MaxDepth)
		return
	}
	found := c.compiler.resolve(n.name, source)
	switch {
	case len(found.mistakes) > 0:
		more := ""
		if len(found.mistakes) > 1 {
			more = fmt.Sprintf(" (and %d more)", len(found.mistakes)-1)
		}
		*c.below = append(*c.below, found)
		c.add(n.span, fmt.Sprintf("mend the rule of segment %q", shorten(found.name)), "segment %q is broken: %s%s", found.name, found.mistakes[0].Message, more)
	case len(c.compiler.open)+found.depth > MaxDepth:
		c.add(n.span, "write some of them in place", "more than %d segments stand inside each other", MaxDepth)
	default:
		n.segment, n.leaves = found.root, found.root.leaves
	}
}

func (c *checker) segmentHint(name string) string {
	names := slices.Sorted(maps.Keys(c.compiler.schema.Segments))
	if near, ok := suggest.Closest(name, names); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if len(names) == 0 {
		return "no segment is declared"
	}
	return "declared are " + strings.Join(names[:min(len(names), 8)], ", ")
}

// resolve compiles a segment, unless that is done. Where all of its mistakes
// come from segments inside it, the first of those is returned in its place.
func (c *compiler) resolve(name, source string) *segment {
	if found := c.segments[name]; found != nil {
		return found
	}
	c.open = append(c.open, name)
	found := c.rule(source)
	c.open = c.open[:len(c.open)-1]
	found.name, found.depth = name, found.depth+1
	if len(found.below) > 0 && len(found.below) == len(found.mistakes) {
		found = found.below[0]
	}
	c.segments[name] = found
	return found
}

// deepest is how many segments stand inside each other in a rule.
func (c *compiler) deepest(n *node) int {
	depth := 0
	if n.kind == nodeSegment {
		if found := c.segments[n.name]; found != nil {
			depth = found.depth
		}
	}
	for _, part := range n.arguments {
		depth = max(depth, c.deepest(part))
	}
	return depth
}
