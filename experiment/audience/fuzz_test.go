package audience_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment/audience"
)

// checkMatch generates a rule with a segment and some people, and holds Match
// against the reference.
func checkMatch(t *testing.T, data []byte) {
	c := &choices{data: data}
	inner := c.rule(2, false)
	rule := c.rule(4, true) // at most 81 times 9 comparisons
	source := rule.source()
	schema := generatedSchema(inner.source())
	compiled, err := audience.Compile(source, schema)
	require.NoError(t, err, source)
	again, err := audience.Compile(compiled.String(), schema)
	require.NoError(t, err, compiled.String())
	require.Equal(t, compiled.String(), again.String(), "the canonical form is its own canonical form")
	negated, err := audience.Compile("!("+source+")", schema)
	require.NoError(t, err)
	for range 4 {
		attributes := c.attributes()
		wantMatched, wantMissing := rule.match(attributes, map[string]*condition{"some": inner})
		for _, r := range []*audience.Rule{compiled, again} {
			matched, missing := r.Match(attributes)
			require.Equal(t, wantMatched, matched, "%s\n%v", source, attributes)
			require.Equal(t, wantMissing, missing, "%s\n%v", source, attributes)
		}
		matched, missing := negated.Match(attributes)
		require.Equal(t, !wantMatched, matched, "! of %s\n%v", source, attributes)
		require.Equal(t, wantMissing, missing)
		checkExplanation(t, compiled.Explain(attributes), wantMatched, wantMissing)
	}
}

// checkExplanation holds the lines of an explanation against what Match says.
func checkExplanation(t *testing.T, e audience.Explanation, matched bool, missing int) {
	require.Equal(t, matched, e.Matched)
	require.Equal(t, missing, e.Missing)
	require.Equal(t, matched, e.Lines[0].Result == audience.ResultTrue, e.String())
	counted := 0
	for _, line := range e.Lines {
		if line.Needed && line.Result == audience.ResultMissing {
			counted++
		}
	}
	require.Equal(t, missing, counted, e.String())
	require.Equal(t, len(e.Lines), strings.Count(e.String(), "\n"))
}

func FuzzMatch(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("a rule of some length, to begin with"))
	f.Add([]byte{4, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 8, 7, 6, 5, 4, 3, 2, 1})
	f.Fuzz(checkMatch)
}

func TestMatchAgainstReference(t *testing.T) {
	const seed = 20260105
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	rounds := 4000
	if testing.Short() {
		rounds = 1000
	}
	data := make([]byte, 300)
	for range rounds {
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		checkMatch(t, data)
	}
}

func FuzzCompile(f *testing.F) {
	for _, source := range []string{
		"", "true", gateRule, `!(age < 18) || email matches "^a" && has(version)`, `segment("nordic") && segment("loop")`,
		`semver(version) >= semver("1.2.3-rc.1+b") || date(signup) < date("2026-01-05T08:00:00+01:00")`,
		`country not in ('NO', “SE”) and not age = 1 or x.startsWith("y")`, `[[[(((!!!"`, `a.b.c == -1e-3 // x`, "\xff\x00`",
		`1 < age < 10 == true`, `country in ["NO" "SE",] age`, `matches(country, "(((a{10}){10}){10})")`,
	} {
		f.Add(source)
	}
	schema := schema()
	schema.Segments["loop"] = `segment("pool")`
	schema.Segments["pool"] = `segment("loop") || segment("nordic")`
	schema.Segments["bad"] = `age = `
	f.Fuzz(func(t *testing.T, source string) {
		rule, err := audience.Compile(source, schema)
		if err != nil {
			checkErrors(t, source, err)
			return
		}
		again, err := audience.Compile(rule.String(), schema)
		require.NoError(t, err, rule.String())
		require.Equal(t, rule.String(), again.String())
		require.Equal(t, rule.Attributes(), again.Attributes())
		c := &choices{data: []byte(source)}
		for range 3 {
			attributes := []audience.Attribute{
				{Name: "country", Value: c.text()}, {Name: "age", Value: c.number()}, {Name: "version", Value: c.version()},
				{Name: "signup", Value: c.date()}, {Name: "member", Value: audience.BoolValue(c.below(2) == 1)},
			}[:c.below(6)]
			matched, missing := rule.Match(attributes)
			matchedAgain, missingAgain := again.Match(attributes)
			require.Equal(t, matched, matchedAgain, source)
			require.Equal(t, missing, missingAgain, source)
			checkExplanation(t, rule.Explain(attributes), matched, missing)
		}
	})
}

// checkErrors wants every mistake to lie inside the source, in order, with words.
func checkErrors(t *testing.T, source string, err error) {
	var mistakes audience.Errors
	require.ErrorAs(t, err, &mistakes)
	require.NotEmpty(t, mistakes)
	require.LessOrEqual(t, len(mistakes), audience.MaxErrors)
	last := 0
	for _, m := range mistakes {
		require.GreaterOrEqual(t, m.Offset, last, err)
		require.GreaterOrEqual(t, m.Length, 0, err)
		require.LessOrEqual(t, m.Offset+m.Length, len(source), err)
		require.NotEmpty(t, m.Message)
		assert.NotContains(t, m.Error(), "\n", "one line")
		last = m.Offset
	}
}
