package audience_test

import (
	"encoding/json"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment/audience"
)

func nan() float64 { return math.NaN() }

func TestZeroRule(t *testing.T) {
	var rule audience.Rule
	matched, missing := rule.Match([]audience.Attribute{audience.Number("age", 3)})
	assert.False(t, matched, "the zero Rule matches nobody")
	assert.Zero(t, missing)
	assert.Equal(t, "false", rule.String())
	assert.Empty(t, rule.Attributes())
	assert.False(t, rule.Explain(nil).Matched)
}

func TestAttributesAreTheCallers(t *testing.T) {
	rule, err := audience.Compile(`segment("nordic") && (age > 3 || has(email))`, schema())
	require.NoError(t, err)
	names := rule.Attributes()
	assert.Equal(t, []string{"age", "country", "email"}, names, "those of the segment too, sorted")
	names[0] = "changed"
	assert.Equal(t, []string{"age", "country", "email"}, rule.Attributes())
}

func TestSchemaIsNotKept(t *testing.T) {
	s := schema()
	rule, err := audience.Compile(`segment("nordic")`, s)
	require.NoError(t, err)
	s.Segments["nordic"] = "false"
	delete(s.Attributes, "country")
	matched, _ := rule.Match([]audience.Attribute{audience.String("country", "NO")})
	assert.True(t, matched)
}

func TestMatchConcurrently(t *testing.T) {
	rule, err := audience.Compile(`email matches "^[a-z]+@" && age in [1, 2, 3]`, schema())
	require.NoError(t, err)
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for range 200 {
				matched, _ := rule.Match([]audience.Attribute{audience.String("email", "a@b"), audience.Number("age", float64(i))})
				assert.Equal(t, i >= 1 && i <= 3, matched)
			}
		})
	}
	wait.Wait()
}

// The expressions of every kind allocate nothing, also where strings are no versions.
func TestMatchAllocatesNothing(t *testing.T) {
	attributes := []audience.Attribute{
		audience.String("country", "NORWAY, long"), audience.Number("age", 3), audience.String("version", "1.2.3-rc.1"),
		audience.String("signup", "2026-01-05T08:00:00.5+01:00"), audience.String("email", "a@b"), audience.Bool("member", true),
	}
	long := `"` + strings.Repeat(`x", "`, 30) + `y"`
	for _, source := range []string{
		`country in [` + long + `]`, `country in ["a", "bb", "NORWAY, long"]`, `country in ["a", "bbb"]`, `age in [1, 2]`, `age != 3`,
		`semver(version) < semver("2.0.0")`, `semver(country) < semver("2.0.0")`, `date(signup) < date("2026-01-05")`, `date(email) < date("2026-01-05")`,
		`email matches "[a-z]+@.*"`, `email contains "@" && email < "b"`, `country == email || semver(version) == semver(email)`, `has(member) && member`,
		`segment("nordic")`,
	} {
		rule, err := audience.Compile(source, schema())
		require.NoError(t, err)
		rule.Match(attributes) // the regular expression makes its machine once
		assert.Zero(t, testing.AllocsPerRun(100, func() { rule.Match(attributes) }), source)
	}
}

func TestTypeText(t *testing.T) {
	for _, typ := range []audience.Type{audience.TypeString, audience.TypeNumber, audience.TypeBool} {
		text, err := json.Marshal(typ)
		require.NoError(t, err)
		assert.Equal(t, `"`+typ.String()+`"`, string(text))
		var back audience.Type
		require.NoError(t, json.Unmarshal(text, &back))
		assert.Equal(t, typ, back)
	}
	_, err := audience.TypeMissing.MarshalText()
	assert.EqualError(t, err, "audience: missing is no type of an attribute, want string, number or bool")
	typ := audience.TypeBool
	assert.EqualError(t, typ.UnmarshalText([]byte("missing")), `audience: "missing" is no type of an attribute, want string, number or bool`)
	assert.EqualError(t, typ.UnmarshalText([]byte("String")), `audience: "String" is no type of an attribute, want string, number or bool`)
	assert.Equal(t, audience.TypeBool, typ, "untouched")
}

func TestStringIsCanonical(t *testing.T) {
	for _, row := range []struct{ name, reason, source, want string }{
		{"parentheses", "none that change nothing", `((age < 3) && ((member)))`, `age < 3 && member`},
		{"needed parentheses", "they stay", `(member || has(age)) && !(age < 3)`, `(member || has(age)) && !(age < 3)`},
		{"nested alike", "flat", `member && (has(age) && (member && true))`, `member && has(age) && member && true`},
		{"numbers", "shortest", `age in [1e3, 0.50, -0, 1e21, 1e-7]`, `age in [1000, 0.5, 0, 1e+21, 1e-07]`},
		{"strings", "as Go quotes", `country == "\u00e9\x41\t"`, `country == "éA\t"`},
		{"negated and", "parentheses", `!(member && has(age))`, `!(member && has(age))`},
		{"functions", "no space inside", `semver( version )<semver( "1.0.0" )&&segment( "nordic" )`, `semver(version) < semver("1.0.0") && segment("nordic")`},
	} {
		t.Run(row.name, func(t *testing.T) {
			rule, err := audience.Compile(row.source, schema())
			require.NoError(t, err)
			assert.Equal(t, row.want, rule.String(), row.reason)
		})
	}
}
