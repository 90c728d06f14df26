package audience_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment/audience"
)

const gateRule = `country in ["NO","SE","DK","FI","IS"] && age >= 18`

func gateSchema() audience.Schema {
	return audience.Schema{Attributes: map[string]audience.Type{"country": audience.TypeString, "age": audience.TypeNumber}}
}

func BenchmarkMatch(b *testing.B) {
	rule, err := audience.Compile(gateRule, gateSchema())
	require.NoError(b, err)
	attributes := []audience.Attribute{audience.String("country", "FI"), audience.Number("age", 34)}
	b.ReportAllocs()
	for b.Loop() {
		if ok, _ := rule.Match(attributes); !ok {
			b.Fatal("no match")
		}
	}
}
