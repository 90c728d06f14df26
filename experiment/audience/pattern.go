package audience

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strconv"
)

// compilePattern compiles a regular expression, or says what is wrong with it.
// Its size is known before any work is done that grows with it.
func compilePattern(pattern string) (compiled *regexp.Regexp, problem, hint string) {
	if len(pattern) > MaxPattern {
		return nil, "has " + strconv.Itoa(len(pattern)) + " bytes, at most " + strconv.Itoa(MaxPattern) + " are allowed", "use in with a list, or several patterns"
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		var broken *syntax.Error
		if errors.As(err, &broken) {
			return nil, "is no regular expression: " + broken.Code.String() + ": " + shorten(broken.Expr), "the syntax is RE2, see github.com/google/re2/wiki/Syntax"
		}
		return nil, "is no regular expression: " + shorten(err.Error()), ""
	}
	if size := patternSteps(tree); size > MaxPatternSteps {
		return nil, "repeats too much: " + strconv.Itoa(size) + " steps, at most " + strconv.Itoa(MaxPatternSteps) + " are allowed", "use + and * in place of large counts"
	}
	if compiled, err = regexp.Compile(pattern); err != nil {
		return nil, "is no regular expression: " + shorten(err.Error()), ""
	}
	return compiled, "", ""
}

// patternSteps is the size of an expression with its repetitions written out.
func patternSteps(tree *syntax.Regexp) int {
	size := 1
	if tree.Op == syntax.OpLiteral {
		size = len(tree.Rune)
	}
	for _, part := range tree.Sub {
		size += patternSteps(part)
	}
	if tree.Op == syntax.OpRepeat {
		size *= max(1, tree.Min, tree.Max)
	}
	return min(size, 1<<20)
}
