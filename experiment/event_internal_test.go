package experiment

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestAttributesBound: the bound that spares the encoding never lies below it.
func TestAttributesBound(t *testing.T) {
	for _, row := range []struct {
		name, reason string
		attributes   []Attribute
	}{
		{"none", "an empty object has two bytes", nil},
		{"controls", "a control character takes six bytes", []Attribute{String("\x01\x02", "\x03\x1f\x1f")}},
		{"quotes", "a quote takes two bytes", []Attribute{String(`"`, `\"\"`)}},
		{"longest number", "no float64 is longer than 24 bytes", []Attribute{Number("n", -math.MaxFloat64), Number("m", -2.2250738585072014e-308)}},
		{"truth", "false has five letters", []Attribute{Bool("b", false)}},
		{"many", "every attribute has a comma and a colon", []Attribute{Bool("a", true), Bool("b", true), Bool("c", true), Number("d", 1)}},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.GreaterOrEqual(t, attributesBound(row.attributes), len(EncodeAttributes(row.attributes)), row.reason)
		})
	}
}
