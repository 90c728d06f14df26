package audience_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment/audience"
)

const gateRule = `country in ["NO","SE","DK","FI","IS"] && age >= 18`

// BenchmarkMatch times the rule of the gate and each kind of comparison; hand is
// the same rule written in Go.
func BenchmarkMatch(b *testing.B) {
	attributes := []audience.Attribute{
		audience.String("country", "FI"), audience.Number("age", 34), audience.Bool("member", true),
		audience.String("version", "1.10.0-rc.1"), audience.String("signup", "2026-01-05T08:00:00+01:00"), audience.String("email", "kari@shop.example"),
	}
	for _, row := range []struct{ name, source string }{
		{"gate", gateRule},
		{"gate in other words", `(country == "NO" || country == "SE" || country == "DK" || country == "FI" || country == "IS") && age >= 18`},
		{"range", `age >= 18 && age < 65`},
		{"long list", `country in ["` + strings.Join(strings.Split(strings.Repeat("x", 50), ""), `", "`) + `", "FI"]`},
		{"prefix", `email startsWith "kari@"`},
		{"matches", `email matches "@shop[.]example$"`},
		{"semver", `semver(version) >= semver("1.9.0")`},
		{"date", `date(signup) < date("2026-02-01")`},
		{"segment", `segment("nordic") && !(age < 18)`},
	} {
		b.Run(row.name, func(b *testing.B) {
			rule, err := audience.Compile(row.source, schema())
			require.NoError(b, err)
			known := attributes
			if row.name == "gate" {
				known = attributes[:2]
			}
			b.ReportAllocs()
			for b.Loop() {
				if ok, _ := rule.Match(known); !ok {
					b.Fatal("no match")
				}
			}
		})
	}
	b.Run("hand", func(b *testing.B) {
		countries := []string{"NO", "SE", "DK", "FI", "IS"}
		for b.Loop() {
			country, _ := audience.Lookup(attributes[:2], "country").Text()
			age, _ := audience.Lookup(attributes[:2], "age").Number()
			if !slices.Contains(countries, country) || age < 18 {
				b.Fatal("no match")
			}
		}
	})
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		if _, err := audience.Compile(gateRule, schema()); err != nil {
			b.Fatal(err)
		}
	}
}
