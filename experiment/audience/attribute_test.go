package audience_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/touchlift/touchlift/experiment/audience"
)

func TestValueCompare(t *testing.T) {
	text, number, truth := audience.StringValue, audience.NumberValue, audience.BoolValue
	for _, row := range []struct {
		name, reason string
		a, b         audience.Value
		order        int
		ok           bool
	}{
		{"strings", "byte order", text("NO"), text("SE"), -1, true},
		{"upper and lower", "byte order, not a dictionary's", text("a"), text("B"), 1, true},
		{"numbers", "34 > 18", number(34), number(18), 1, true},
		{"equal numbers", "the same", number(3), number(3), 0, true},
		{"zeros", "-0 is 0", number(math.Copysign(0, -1)), number(0), 0, true},
		{"bools", "false before true", truth(false), truth(true), -1, true},
		{"number and string", "no coercion", number(34), text("34"), 0, false},
		{"bool and number", "no coercion", truth(true), number(1), 0, false},
		{"missing", "nothing equals nothing", audience.Value{}, audience.Value{}, 0, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			order, ok := row.a.Compare(row.b)
			assert.Equal(t, row.ok, ok, row.reason)
			assert.Equal(t, row.order, order, row.reason)
			back, _ := row.b.Compare(row.a)
			assert.Equal(t, -row.order, back, "the other way round")
			if ok && order == 0 {
				assert.Equal(t, row.a, row.b, "equal values are the same value")
			}
		})
	}
}

func TestValueAccessors(t *testing.T) {
	for _, row := range []struct {
		value audience.Value
		typ   audience.Type
		shown string
	}{
		{audience.StringValue("NO"), audience.TypeString, "NO"},
		{audience.NumberValue(0.5), audience.TypeNumber, "0.5"},
		{audience.BoolValue(true), audience.TypeBool, "true"},
		{audience.Value{}, audience.TypeMissing, "(missing)"},
	} {
		t.Run(row.typ.String(), func(t *testing.T) {
			_, isText := row.value.Text()
			_, isNumber := row.value.Number()
			_, isBool := row.value.Bool()
			assert.Equal(t, []bool{row.typ == audience.TypeString, row.typ == audience.TypeNumber, row.typ == audience.TypeBool},
				[]bool{isText, isNumber, isBool}, "only its own accessor answers")
			assert.Equal(t, row.typ, row.value.Type())
			assert.Equal(t, row.shown, row.value.String())
		})
	}
	assert.Equal(t, "type(9)", audience.Type(9).String())
}

func TestAttributeValidate(t *testing.T) {
	for _, row := range []struct {
		name, reason string
		attribute    audience.Attribute
		want         string
	}{
		{"sound", "nothing to complain of", audience.String("country", "NO"), ""},
		{"no name", "it could not be asked for", audience.Bool("", true), "attribute has no name"},
		{"name with NUL", "text columns refuse it", audience.Bool("a\x00", true), `attribute name "a\x00" contains NUL`},
		{"name not UTF-8", "text columns refuse it", audience.Bool("\xff", true), `attribute name "\xff" is not valid UTF-8`},
		{"text with NUL", "text columns refuse it", audience.String("a", "\x00"), `attribute "a" contains NUL`},
		{"infinite", "JSON has none", audience.Number("a", math.Inf(1)), `attribute "a" is +Inf, want a finite number`},
		{"no value", "the zero value is missing", audience.Attribute{Name: "a"}, `attribute "a" has no value, want a string, a number or a bool`},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := row.attribute.Validate()
			if row.want == "" {
				assert.NoError(t, err, row.reason)
				return
			}
			assert.EqualError(t, err, row.want, row.reason)
		})
	}
}

func ExampleLookup() {
	attributes := []audience.Attribute{audience.String("country", "NO"), audience.Number("age", 34), audience.Bool("member", true)}
	age, ok := audience.Lookup(attributes, "age").Number()
	fmt.Println(age, ok)
	fmt.Println(audience.Lookup(attributes, "city"))
	// Output:
	// 34 true
	// (missing)
}
