package audience_test

import (
	"errors"
	"fmt"

	"github.com/touchlift/touchlift/experiment/audience"
)

func schema() audience.Schema {
	return audience.Schema{
		Attributes: map[string]audience.Type{
			"country": audience.TypeString, "age": audience.TypeNumber, "member": audience.TypeBool,
			"email": audience.TypeString, "version": audience.TypeString, "signup": audience.TypeString,
		},
		Segments: map[string]string{"nordic": `country in ["NO", "SE", "DK", "FI", "IS"]`},
	}
}

func ExampleCompile() {
	rule, err := audience.Compile(`segment("nordic") && age >= 18 && !(email endsWith "@example.com")`, schema())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rule.Attributes())
	fmt.Println(rule.Match([]audience.Attribute{audience.String("country", "NO"), audience.Number("age", 34)}))
	fmt.Println(rule.Match([]audience.Attribute{audience.String("country", "FR"), audience.Number("age", 34)}))
	// Output:
	// [age country email]
	// true 1
	// false 0
}

func ExampleErrors() {
	source := `contry = 'NO' and age > "18"`
	_, err := audience.Compile(source, schema())
	var mistakes audience.Errors
	if errors.As(err, &mistakes) {
		for _, m := range mistakes {
			fmt.Printf("%q: %s; %s\n", source[m.Offset:m.Offset+m.Length], m.Message, m.Hint)
		}
	}
	// Output:
	// "contry": unknown attribute "contry"; did you mean "country"?
	// "=": "=" is no operator, want ==; write ==
	// "'NO'": single quotes around a string, want double quotes; write "NO"
	// "and": "and" is no operator here, want &&; write &&
	// "age > \"18\"": cannot compare age (number) with "18" (string); write 18 without quotes
}

func ExampleRule_Explain() {
	rule, err := audience.Compile(`(country in ["NO", "SE"] || member) && age >= 18`, schema())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(rule.Explain([]audience.Attribute{audience.String("country", "NO"), audience.String("age", "34")}))
	// Output:
	// false      (country in ["NO", "SE"] || member) && age >= 18
	// true         country in ["NO", "SE"] || member
	// true           country in ["NO", "SE"]   country is "NO"
	// (missing)      member                    member is not there
	// missing      age >= 18                   age is the string "34", not a number
}

func ExampleRule_String() {
	rule, err := audience.Compile(`((age>=18.0)) && (semver( version ) >= semver("1.2.0") || has(signup) && date(signup)<date("2026-01-05"))`, schema())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rule)
	// Output:
	// age >= 18 && (semver(version) >= semver("1.2.0") || has(signup) && date(signup) < date("2026-01-05"))
}
