package audience_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment/audience"
)

func TestBounds(t *testing.T) {
	type bound struct{ name, reason, within, above, message string }
	pad := func(rule string, length int) string { return rule + strings.Repeat(" ", length-len(rule)) }
	list := func(n int) string { return "age in [" + strings.Repeat("1, ", n-1) + "1]" }
	chain := func(n int) string { return strings.Repeat("member && ", n-1) + "member" }
	nested := func(n int, open, shut string) string {
		return strings.Repeat(open, n) + "member" + strings.Repeat(shut, n)
	}
	pattern := func(p string) string { return `email matches "` + p + `"` }
	for _, row := range []bound{
		{"source", "bytes", pad("true", audience.MaxSource), pad("true", audience.MaxSource+1), "the rule has 65537 bytes, at most 65536 are allowed"},
		{"depth of parentheses", "the parser recurses", nested(audience.MaxDepth, "(", ")"), nested(audience.MaxDepth+1, "(", ")"), "parentheses and ! nest deeper than 64"},
		{"depth of !", "the parser recurses", nested(audience.MaxDepth, "!", ""), nested(audience.MaxDepth+1, "!", ""), "parentheses and ! nest deeper than 64"},
		{"list", "constants", list(audience.MaxList), list(audience.MaxList + 1), "the list has 1001 constants, at most 1000 are allowed"},
		{"comparisons", "time of a match", chain(audience.MaxComparisons), chain(audience.MaxComparisons + 1), "the rule has 2001 comparisons with those of its segments, at most 2000 are allowed"},
		{"pattern", "bytes", pattern(strings.Repeat("a", audience.MaxPattern)), pattern(strings.Repeat("a", audience.MaxPattern+1)), `"` + strings.Repeat("a", 56) + `... has 1001 bytes, at most 1000 are allowed`},
		{"steps of a pattern", "its repetitions written out", pattern(`(aaa){999}`), pattern(`(aaaa){999}`), ""},
		{"segments inside each other", "a chain of them", `segment("s1")`, `segment("s0")`, "more than 64 segments stand inside each other"},
		{"segments inside each other, known before", "a chain whose rest has been compiled", `segment("s1") && segment("s2")`, `segment("s1") && segment("s0")`, "more than 64 segments stand inside each other"},
		{"segments that double", "two to the power of n comparisons", `segment("d10")`, `segment("d11")`, "the rule has 2048 comparisons with those of its segments, at most 2000 are allowed"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := schema()
			for i := range audience.MaxDepth + 1 {
				s.Segments[fmt.Sprint("s", i)] = fmt.Sprintf(`segment("s%d")`, i+1)
			}
			s.Segments[fmt.Sprint("s", audience.MaxDepth)] = "member"
			s.Segments["d0"] = "member"
			for i := range 100 {
				s.Segments[fmt.Sprint("d", i+1)] = fmt.Sprintf(`segment("d%d") || segment("d%d")`, i, i)
			}
			rule, err := audience.Compile(row.within, s)
			require.NoError(t, err, row.reason)
			matched, _ := rule.Match([]audience.Attribute{audience.Bool("member", true), audience.Number("age", 1), audience.String("email", strings.Repeat("a", 4000))})
			assert.True(t, matched, "what is within works")

			_, err = audience.Compile(row.above, s)
			require.Error(t, err, row.reason)
			assert.Len(t, err, 1, "one mistake: %v", err)
			assert.ErrorContains(t, err, row.message)
		})
	}
}

// A segment that doubles a hundred times would have 2^100 comparisons.
func TestDoublingSegmentsAreRefusedAtOnce(t *testing.T) {
	s := schema()
	s.Segments["d0"] = "true"
	for i := range 60 {
		s.Segments[fmt.Sprint("d", i+1)] = fmt.Sprintf(`segment("d%d") && segment("d%d")`, i, i)
	}
	_, err := audience.Compile(`segment("d60")`, s)
	var mistakes audience.Errors
	require.ErrorAs(t, err, &mistakes)
	require.Len(t, mistakes, 1)
	assert.Equal(t, `segment "d11" is broken: the rule has 2048 comparisons with those of its segments, at most 2000 are allowed`, mistakes[0].Message,
		"the innermost segment that is broken, in one line")
}

func TestManyMistakes(t *testing.T) {
	_, err := audience.Compile(strings.Repeat("nobody && ", 3*audience.MaxErrors)+"true", schema())
	var mistakes audience.Errors
	require.ErrorAs(t, err, &mistakes)
	require.Len(t, mistakes, audience.MaxErrors)
	assert.Equal(t, "more than 99 mistakes, the others are not listed", mistakes[audience.MaxErrors-1].Message)
	var single *audience.Error
	require.ErrorAs(t, err, &single)
	assert.Equal(t, `audience: byte 0: unknown attribute "nobody" (declared are age, country, email, member, signup, version; a string stands in double quotes, "nobody")`, single.Error())
	assert.Equal(t, audience.MaxErrors-1, strings.Count(err.Error(), "\n"), "one a line")
}
