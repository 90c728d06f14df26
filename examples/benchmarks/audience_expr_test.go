package main

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/expr-lang/expr"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment/audience"
)

func languageSchema() audience.Schema {
	s := audience.Schema{Attributes: map[string]audience.Type{}}
	for _, name := range attributeNames() {
		s.Attributes[name] = declaredType(name)
	}
	return s
}

// person generates attributes for touchlift and the same as variables for Expr.
func (c *choices) person(missing bool) ([]audience.Attribute, map[string]any) {
	var attributes []audience.Attribute
	variables := map[string]any{}
	for _, name := range attributeNames() {
		if missing && c.below(3) == 0 {
			continue
		}
		value := c.value(name[0])
		attributes = append(attributes, audience.Attribute{Name: name, Value: value})
		if text, ok := value.Text(); ok {
			variables[name] = text
		}
		if number, ok := value.Number(); ok {
			variables[name] = number
		}
		if truth, ok := value.Bool(); ok {
			variables[name] = truth
		}
	}
	return attributes, variables
}

func exprTruth(t *testing.T, source string, variables map[string]any, options ...expr.Option) bool {
	program, err := expr.Compile(source, append(options, expr.AsBool())...)
	require.NoError(t, err, source)
	truth, err := expr.Run(program, variables)
	require.NoError(t, err, "%s\n%v", source, variables)
	return truth.(bool)
}

// typed gives Expr the types of the variables, where none is missing.
func typed(variables map[string]any) []expr.Option {
	return []expr.Option{expr.Env(variables), expr.Function("has", func(...any) (any, error) { return true, nil }, new(func(any) bool))}
}

// checkAgainstExpr generates a rule. Where no attribute is missing, Expr reads the
// same source; where some are, it reads one that asks for each before.
func checkAgainstExpr(t *testing.T, data []byte) {
	c := &choices{data: data}
	text, _ := c.rule(5)
	rule, err := audience.Compile(text.ours, languageSchema())
	require.NoError(t, err, text.ours)
	for range 2 {
		attributes, variables := c.person(false)
		matched, missing := rule.Match(attributes)
		require.Zero(t, missing, text.ours)
		require.Equal(t, exprTruth(t, text.ours, variables, typed(variables)...), matched, "%s\n%v", text.ours, variables)
		require.Equal(t, exprTruth(t, rule.String(), variables, typed(variables)...), matched, "%s\n%v", rule, variables)

		attributes, variables = c.person(true)
		matched, _ = rule.Match(attributes)
		require.Equal(t, exprTruth(t, text.guarded, variables), matched, "%s\n%s\n%v", text.ours, text.guarded, variables)
	}
}

func FuzzAudienceAgainstExpr(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("a rule of some length, to begin with"))
	f.Add([]byte{4, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 8, 7, 6, 5, 4, 3, 2, 1})
	f.Fuzz(checkAgainstExpr)
}

func TestAudienceAgainstExpr(t *testing.T) {
	const seed = 20260105
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	rounds := 3000
	if testing.Short() {
		rounds = 300
	}
	data := make([]byte, 300)
	for range rounds {
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		checkAgainstExpr(t, data)
	}
}

// Whatever touchlift accepts, Expr must accept and understand alike: precedence,
// escapes, numbers.
func FuzzAudienceSourceAgainstExpr(f *testing.F) {
	for _, source := range []string{
		`n1 >= 18 && !(s1 == "NO") || b1`, `!b1 == b2`, `s1 in ["NO", "\u00e9\x41\a\U0001F600"]`, `n1 == -.5e+3`, `n2 in [-1, 2.50, 0.0]`,
		`!!b1 && (has(s1) || (b2))`, `date(d1) <= date("2026-01-05T08:00:00.25+01:00")`, `s1 matches "^\\w+$" || "abc" contains s2`, "b1\r\n\t&& true",
	} {
		f.Add(source, []byte("somebody"))
	}
	f.Fuzz(func(t *testing.T, source string, data []byte) {
		rule, err := audience.Compile(source, languageSchema())
		if err != nil || strings.Contains(source, "semver") {
			return
		}
		c := &choices{data: data}
		attributes, variables := c.person(false)
		matched, missing := rule.Match(attributes)
		require.Zero(t, missing, source)
		require.Equal(t, exprTruth(t, source, variables, typed(variables)...), matched, "%s\n%v", source, variables)
		require.Equal(t, exprTruth(t, rule.String(), variables, typed(variables)...), matched, "%s\n%v", rule, variables)
	})
}
