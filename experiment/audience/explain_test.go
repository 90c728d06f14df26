package audience_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment/audience"
)

// A note says to a person what stood in the way.
func TestExplanationNotes(t *testing.T) {
	for _, row := range []struct {
		name, reason, source string
		attribute            audience.Attribute
		want                 string
	}{
		{"fulfilled", "the value, as a rule writes it", `age >= 18`, audience.Number("age", 34), "age is 34"},
		{"not there", "also where another name was given", `age >= 18`, audience.Number("Age", 34), "age is not there"},
		{"number sent as text", "looks like a number where the value is shown alone", `age >= 18`, audience.String("age", "34"), `age is the string "34", not a number`},
		{"text sent as number", "the other way round", `country == "47"`, audience.Number("country", 47), "country is the number 47, not a string"},
		{"truth sent as text", "the same of bools", `member`, audience.String("member", "true"), `member is the string "true", not a bool`},
		{"truth sent as number", "the same of bools", `member`, audience.Number("member", 1), `member is the number 1, not a bool`},
		{"bool where a version is wanted", "a version is read from a string", `semver(version) > semver("1.2.3")`, audience.Bool("version", true), "version is the bool true, not a string"},
		{"no version", "the type is right and the text is not", `semver(version) > semver("1.2.3")`, audience.String("version", "v2"), `version is "v2", no version`},
		{"no date", "the type is right and the text is not", `date(signup) > date("2026-01-05")`, audience.String("signup", "5.1.2026"), `signup is "5.1.2026", no date`},
		{"not a number", "no comparison holds of it", `age >= 18`, audience.Number("age", math.NaN()), "age is NaN, not a finite number"},
		{"has of another type", "has wants the declared type", `has(age)`, audience.String("age", "34"), `age is the string "34", not a number`},
	} {
		t.Run(row.name, func(t *testing.T) {
			rule, err := audience.Compile(row.source, schema())
			require.NoError(t, err)
			lines := rule.Explain([]audience.Attribute{row.attribute}).Lines
			require.Len(t, lines, 1)
			assert.Equal(t, row.want, lines[0].Note, row.reason)
		})
	}
}

// A list of a thousand shops does not push the notes off the screen.
func TestExplanationOfALongRule(t *testing.T) {
	source := `country in ["` + strings.Repeat(`NO", "`, 500) + `SE"]`
	rule, err := audience.Compile(source+" && age >= 18", schema())
	require.NoError(t, err)
	found := rule.Explain([]audience.Attribute{audience.String("country", "FR")})
	assert.Equal(t, source, found.Lines[1].Source, "the whole part is there")
	for line := range strings.Lines(found.String()) {
		assert.LessOrEqual(t, len(line), 150, line)
	}
	assert.Contains(t, found.String(), `...   country is "FR"`)
}

// What was not needed is told apart from the parentheses of a rule.
func TestExplanationOfWhatWasNotNeeded(t *testing.T) {
	rule, err := audience.Compile(`(segment("nordic") || member) && !(age < 18)`, schema())
	require.NoError(t, err)
	found := rule.Explain([]audience.Attribute{audience.String("country", "FR"), audience.String("age", "34")}).String()
	assert.Contains(t, found, "false      (segment(\"nordic\") || member) && !(age < 18)\n")
	assert.Contains(t, found, "(true)       !(age < 18)\n")
	assert.Contains(t, found, "(missing)      age < 18")
}
