package main

import (
	"fmt"

	"github.com/touchlift/touchlift/experiment/audience"
)

// openAudience compiles the rule with touchlift's own package.
func openAudience(bool) (answer, func(), error) {
	compiled, err := audience.Compile(rule, audience.Schema{Attributes: map[string]audience.Type{
		"country": audience.TypeString, "age": audience.TypeNumber,
	}})
	if err != nil {
		return nil, nil, fmt.Errorf("touchlift: compiling the rule: %w", err)
	}
	return func(v *visitor) string {
		known := [...]audience.Attribute{audience.String("country", v.country), audience.Number("age", v.age)}
		matched, _ := compiled.Match(known[:])
		return named(matched)
	}, nothing, nil
}
