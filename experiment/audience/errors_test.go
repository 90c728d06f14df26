package audience_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment/audience"
)

var update = flag.Bool("update", false, "rewrite testdata/errors.golden")

// mistaken are sources with mistakes; the golden file shows what is said of each.
func mistaken() []struct{ name, source string } {
	return []struct{ name, source string }{
		{"empty", ""},
		{"only space", " \n"},
		{"single =", `country = "NO"`},
		{"===", `country === "NO" && country !== "SE"`},
		{"single & and |", `member & has(age) | member`},
		{"words for operators", `member and has(age) or not member`},
		{"AND in capitals", `member AND has(age) OR NOT member`},
		{"not in", `country not in ["NO"]`},
		{"! before in", `country ! in ["NO"]`},
		{"IN in capitals", `country IN ["NO"]`},
		{"<>", `age <> 3 && age =< 4 && age => 5`},
		{"=~", `email =~ "x"`},
		{"mathematical signs", `age ≥ 18 ∧ age ≠ 20`},
		{"single quotes", `country == 'NO'`},
		{"smart quotes", `country in [“NO”, „SE“, ‘it's’]`},
		{"backquotes", "country == `NO`"},
		{"quote left open", `country == 'NO`},
		{"string left open", `country == "NO && age > 3`},
		{"unknown escape", `email matches "\d+" || email == "\'"`},
		{"escape of a byte", `email == "\xe9" || email == "\u12" || email == "\ud800" || email == "\u0000"`},
		{"no number", `age > 18years || age == 1.2.3 || age == 0x12 || age == 007 || age == 1_000 || age == 1. || age == 1e`},
		{"numbers out of range", `age < 1e999 || age > 1e-999 || age == 9007199254740993`},
		{"no finite number", `age < Infinity || age == NaN`},
		{"unknown attribute", `contry == "NO"`},
		{"unknown attribute in other case", `Country == "NO"`},
		{"string without quotes", `country == NORWAY`},
		{"list of names", `country in [NO, SE]`},
		{"list in parentheses", `country in ("NO", "SE")`},
		{"list without commas", `country in ["NO" "SE",]`},
		{"list of different types", `country in ["NO", 3, true]`},
		{"list of attributes", `country in [email, "NO"]`},
		{"empty list", `country in []`},
		{"no list behind in", `country in "NO" || country in email`},
		{"list without in", `country == ["NO"] || ["NO"]`},
		{"list left open", `country in ["NO", "SE"`},
		{"number against string", `age == "34"`},
		{"string against number", `country == 34`},
		{"bool against string", `member == "true" || member != 1`},
		{"attributes of different types", `age == country`},
		{"order of bools", `member < true`},
		{"strings wanted", `age startsWith "1" || country contains 3`},
		{"matches with an attribute", `email matches country`},
		{"broken regular expression", `email matches "(a"`},
		{"look-ahead", `email matches "(?=a)"`},
		{"regular expression that repeats", `email matches "((a{30}){30})bbb(cc{999}){9}"`},
		{"regular expression too large", `email matches "(abcdefghij){600}"`},
		{"regular expression too long", `email matches "` + strings.Repeat("a", audience.MaxPattern+1) + `"`},
		{"condition wanted", `age && country || "NO" || 3 || semver(version) || date(signup)`},
		{"! binds tighter", `!country == "NO" || !age < 18`},
		{"! of a number", `!age`},
		{"comparison compared", `(age > 3) == true || member == has(age)`},
		{"chain", `1 < age < 10`},
		{"chain of three", `age == 1 == 2 == 3`},
		{"operand missing", `age > && member || && member`},
		{"nothing behind &&", `member &&`},
		{"operator missing", `member has(age) || age 18`},
		{"parenthesis left open", `(member && (has(age)`},
		{"parenthesis too many", `member) && has(age)`},
		{"bracket too many", `member] && has(age)`},
		{"wrong closing", `(member] && has(age)`},
		{"arithmetic", `age + 1 > 18 && age - 1 < 3 && -age < 3 && age * 2 == 1`},
		{"plus", `+age > 3 && age == +3`},
		{"comma", `member, has(age)`},
		{"wrong closing with more inside", `(member ; age > (3] (has(age)) [1]) && nobody`},
		{"wrong closing to the end", `(member , (has(age)`},
		{"date of a number", `date(age) < date(3) || date(nobody) == date("2026-01-05T08:00:00 Z")`},
		{"day with blanks", `date(signup) < date("2026-01-05 08:00:00")`},
		{"condition in a list", `country in [has(age), "NO"] || has(age) in [true]`},
		{"list in a list", `country in [["NO"]] || country in has(age)`},
		{"has of what is broken", `has('age) || segment(=)`},
		{"date without an argument", `date() < date("2026-01-05") || segment()`},
		{"NUL", "country == \"a\x00b\" \x00"},
		{"escape at the end", `country == "a\`},
		{"hyphen in a name", `new-customer == true`},
		{"ternary", `member ? true : false`},
		{"semicolon, braces", `country in {"NO"}; $age > 3`},
		{"comments", "member // everybody\n&& has(age) # known\n/* and */ && member"},
		{"unusual space", "member\u00a0&& has(age)\u200b"},
		{"not UTF-8", "member && \xff"},
		{"letters beyond a to z", `straße == "x" || country == Ålesund`},
		{"null", `age != null || age == nil`},
		{"True", `member == True || member == FALSE`},
		{"method form", `country.startsWith("N") && email.matches("x") && email.size() > 3`},
		{"relation as a function", `startsWith(country, "N") || contains(email)`},
		{"unknown function", `lower(country) == "no" || hass(age) || startswith(country, "N") || version("1") == 3`},
		{"wrong number of arguments", `has() || has(age, country) || semver() == semver("1.0.0")`},
		{"has of something else", `has("age") || has(3) || has(agee)`},
		{"segment of something else", `segment(nordic) || segment(3)`},
		{"segment without segment()", `nordic && age > 3 || nordik || NORDIC`},
		{"unknown segment", `segment("nordik") || segment("completely different")`},
		{"no version", `semver(version) > semver("v1.2") || semver(version) == semver("1.02.3") || semver(version) == semver("latest")`},
		{"version against string", `semver(version) > "1.2.3" || version > semver("1.2.3")`},
		{"semver of a number", `semver(age) > semver(1.2)`},
		{"no date", `date(signup) < date("2026-02-29") || date(signup) < date("5.1.2026")`},
		{"date without zone", `date(signup) < date("2026-01-05T08:00:00") || date(signup) < date("2026-01-05 08:00:00Z")`},
		{"date against string", `date(signup) < "2026-01-05" || date(signup) == semver(version)`},
		{"point without name", `page. == "x" || page.3 == "x"`},
		{"segment in a circle", `segment("loop") && member`},
		{"broken segment", `segment("broken") && segment("uses broken")`},
		{"declared without a type", `untyped == 3`},
		{"too deep", strings.Repeat("(", audience.MaxDepth+1) + "member" + strings.Repeat(")", audience.MaxDepth+1)},
		{"several at once", `contry = 'NO' and age > "18" || semver(version) > semver("1.2") && (member`},
	}
}

func mistakenSchema() audience.Schema {
	s := schema()
	s.Segments["loop"] = `member && segment("pool")`
	s.Segments["pool"] = `segment("loop")`
	s.Segments["broken"] = `contry == 'NO'`
	s.Segments["uses broken"] = `segment("broken") || member`
	s.Attributes["untyped"] = audience.TypeMissing
	return s
}

func TestErrorsGolden(t *testing.T) {
	var b strings.Builder
	seen := map[string]bool{}
	for _, row := range mistaken() {
		require.False(t, seen[row.name], "%s stands twice", row.name)
		seen[row.name] = true
		_, err := audience.Compile(row.source, mistakenSchema())
		require.Error(t, err, row.name)
		checkErrors(t, row.source, err)
		b.WriteString("=== " + row.name + "\n" + shown(row.source, err) + "\n")
	}
	if *update {
		require.NoError(t, os.WriteFile("testdata/errors.golden", []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile("testdata/errors.golden")
	require.NoError(t, err)
	assert.Equal(t, string(want), b.String(), "run the test with -update and read the change")
}

// shown writes every mistake with the source above it and its place marked.
func shown(source string, err error) string {
	var mistakes audience.Errors
	errors.As(err, &mistakes)
	var b strings.Builder
	printed := strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError {
			return ' '
		}
		return r
	}, source)
	if len(printed) <= 150 {
		b.WriteString("    " + printed + "\n")
	}
	for _, m := range mistakes {
		if len(printed) <= 150 {
			before := utf8.RuneCountInString(source[:m.Offset])
			b.WriteString("    " + strings.Repeat(" ", before) + strings.Repeat("^", max(1, utf8.RuneCountInString(source[m.Offset:m.Offset+m.Length]))) + "\n")
		}
		fmt.Fprintf(&b, "%s\n", m.Message)
		if m.Hint != "" {
			fmt.Fprintf(&b, "  help: %s\n", m.Hint)
		}
	}
	return b.String()
}
