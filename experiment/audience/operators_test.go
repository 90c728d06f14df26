package audience_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment/audience"
)

func TestOperators(t *testing.T) {
	person := []audience.Attribute{
		audience.String("country", "NO"), audience.Number("age", 18), audience.Bool("member", true), audience.String("email", "Kari@shop.example"),
		audience.String("version", "1.10.0-rc.1"), audience.String("signup", "2026-01-05T00:30:00+01:00"), audience.String("page.name", "checkout"),
		audience.String("segment", "b2b"), audience.Bool("blocked", false),
	}
	types := schema()
	types.Attributes["page.name"] = audience.TypeString
	types.Attributes["segment"] = audience.TypeString
	types.Attributes["blocked"] = audience.TypeBool
	for _, row := range []struct {
		name, reason, source string
		want                 bool
	}{
		{"equal", "strings", `country == "NO"`, true},
		{"equal, capitals", "byte by byte", `country == "no"`, false},
		{"not equal", "strings", `country != "SE"`, true},
		{"equal numbers", "18 is 18.0", `age == 18.0`, true},
		{"equal bools", "true", `member == true`, true},
		{"not equal bools", "the other one", `member != false`, true},
		{"less", "not itself", `age < 18`, false},
		{"less or equal", "itself", `age <= 18`, true},
		{"greater", "the next number below", `age > 17.999999999999996`, true},
		{"greater, next above", "the next number above", `age > 18.000000000000004`, false},
		{"greater or equal", "itself", `age >= 18`, true},
		{"constant first", "the same turned round", `18 <= age`, true},
		{"constant first, strict", "18 < age is age > 18", `18 < age`, false},
		{"strings in order", "byte order", `country < "NP"`, true},
		{"in", "one of them", `country in ["SE", "NO"]`, true},
		{"not in", "! before the parenthesis", `!(country in ["SE", "NO"])`, false},
		{"in, other lengths", "no beginning counts", `country in ["N", "NOR"]`, false},
		{"in numbers", "one of them", `age in [-1, 18e0]`, true},
		{"in bools", "both", `member in [false, true]`, true},
		{"in many", "a hash table", `country in ["` + strings.Join(strings.Split(strings.Repeat("x", 100), ""), `", "`) + `", "NO"]`, true},
		{"starts", "its beginning", `email startsWith "Kari"`, true},
		{"ends", "its end", `email endsWith "@shop.example"`, true},
		{"contains", "in the middle", `email contains "@shop"`, true},
		{"contains nothing", "every string does", `email contains ""`, true},
		{"matches", "anywhere", `email matches "s[gh]op"`, true},
		{"matches, tied down", "^ and $", `email matches "^s[gh]op$"`, false},
		{"two attributes", "attribute beside attribute", `email startsWith country`, false},
		{"constant contains attribute", "the other way round", `"NO SE" contains country`, true},
		{"version", "10 is above 9", `semver(version) > semver("1.9.0")`, true},
		{"pre-release", "below its release", `semver(version) < semver("1.10.0")`, true},
		{"build", "says nothing", `semver(version) == semver("1.10.0-rc.1+7")`, true},
		{"versions in a list", "by precedence", `semver(version) in [semver("1.0.0"), semver("1.10.0-rc.1+x")]`, true},
		{"version with itself", "two attributes", `semver(version) <= semver(version)`, true},
		{"date", "00:30 in Oslo is the day before in UTC", `date(signup) < date("2026-01-05")`, true},
		{"dates are points in time", "two zones", `date(signup) == date("2026-01-04T23:30:00Z")`, true},
		{"dates in a list", "by point in time", `date("2026-01-04T23:30:00Z") == date(signup)`, true},
		{"has", "it is there", `has(age)`, true},
		{"attribute alone", "a bool is a condition", `member`, true},
		{"negated attribute", "a bool is a condition", `!member`, false},
		{"twice", "! !", `!!member`, true},
		{"! binds tighter than ==", "(!blocked), which only && can join", `!blocked && member`, true},
		{"&& binds tighter than ||", "a || (b && c)", `member || member && blocked`, true},
		{"parentheses", "(a || b) && c", `(member || member) && blocked`, false},
		{"segment", "in its place", `segment("nordic") && age == 18`, true},
		{"negated segment", "as if in parentheses", `!segment("nordic")`, false},
		{"attribute named like a function", "a function has a parenthesis", `segment == "b2b"`, true},
		{"name with a point", "one attribute", `page.name == "checkout" && has(page.name)`, true},
		{"constants", "folded", `true && !false`, true},
		{"constant comparison", "folded", `"a" < "b" && 1 in [1] && semver("1.0.0") < semver("2.0.0") && "x" matches "x" && true in [true, false]`, true},
		{"escapes", "those of Go and CEL", `"\a\b\f\n\r\t\v\\\"\x41\u00e9\U0001F600" == "` + "\\u0007\\u0008\\u000c\\u000a\\u000d\\u0009\\u000b\\u005c\\u0022Aé😀" + `"`, true},
		{"number forms", "decimal", `.5 == 5e-1 && -.5 < 0 && 1E+2 == 100 && - 3 == -3`, true},
		{"space", "anywhere between words", "\n\tage\r\n>= 18 ", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			rule, err := audience.Compile(row.source, types)
			require.NoError(t, err)
			matched, missing := rule.Match(person)
			assert.Equal(t, row.want, matched, row.reason)
			assert.Zero(t, missing)
			again, err := audience.Compile(rule.String(), types)
			require.NoError(t, err, rule.String())
			matched, _ = again.Match(person)
			assert.Equal(t, row.want, matched, rule.String())
		})
	}
}

func TestMissing(t *testing.T) {
	for _, row := range []struct {
		name, reason, source string
		attribute            audience.Attribute
	}{
		{"not there", "nobody said", `age != 18`, audience.Number("size", 3)},
		{"other type", "no coercion", `age == 18`, audience.String("age", "18")},
		{"NaN", "no number", `age != 18`, audience.Attribute{Name: "age", Value: audience.NumberValue(nan())}},
		{"in", "no number", `age in [1, 2]`, audience.Bool("age", true)},
		{"bool", "no bool", `member != true`, audience.Number("member", 1)},
		{"bool alone", "no bool", `member`, audience.String("member", "true")},
		{"bool in both", "no bool", `member in [true, false]`, audience.String("member", "true")},
		{"two names", "one is not there", `country == email`, audience.String("country", "NO")},
		{"no version", "a v", `semver(version) < semver("9.0.0")`, audience.String("version", "v1.0.0")},
		{"no date", "no such day", `date(signup) < date("2027-01-01")`, audience.String("signup", "2026-02-29")},
		{"no zone", "whose 08:00?", `date(signup) < date("2027-01-01")`, audience.String("signup", "2026-02-28T08:00:00")},
		{"one no date", "the right one", `date(country) < date(signup)`, audience.String("signup", "2026-02-28")},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, not := range []string{"", "!"} {
				rule, err := audience.Compile(not+"("+row.source+")", schema())
				require.NoError(t, err)
				matched, missing := rule.Match([]audience.Attribute{row.attribute})
				assert.Equal(t, not == "!", matched, row.reason)
				assert.Equal(t, 1, missing, row.reason)
			}
		})
	}
}

// De Morgan's laws hold whatever is missing, for the truth. The count is of what
// was needed, which is the same on both sides, because both stop at the same place.
func TestDeMorgan(t *testing.T) {
	const a, b = "age < 18", `country == "NO"`
	people := [][]audience.Attribute{nil}
	for _, age := range []audience.Attribute{audience.Number("age", 17), audience.Number("age", 18), audience.String("age", "17")} {
		for _, country := range []audience.Attribute{audience.String("country", "NO"), audience.String("country", "SE"), audience.Bool("country", true)} {
			people = append(people, []audience.Attribute{age}, []audience.Attribute{country}, []audience.Attribute{age, country})
		}
	}
	for _, law := range [][2]string{
		{"!(" + a + " && " + b + ")", "!(" + a + ") || !(" + b + ")"},
		{"!(" + a + " || " + b + ")", "!(" + a + ") && !(" + b + ")"},
		{"!!(" + a + ")", a},
	} {
		left, err := audience.Compile(law[0], schema())
		require.NoError(t, err)
		right, err := audience.Compile(law[1], schema())
		require.NoError(t, err)
		for _, person := range people {
			matchedLeft, missingLeft := left.Match(person)
			matchedRight, missingRight := right.Match(person)
			assert.Equal(t, matchedLeft, matchedRight, "%v %v", law, person)
			assert.Equal(t, missingLeft, missingRight, "%v %v", law, person)
		}
	}
}
