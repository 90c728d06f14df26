package audience

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Type is the type of a [Value]. The zero Type means that there is no value.
type Type uint8

// The types of values.
const (
	TypeMissing Type = iota // no value
	TypeString              // UTF-8 text without NUL
	TypeNumber              // a finite float64
	TypeBool                // true or false
)

// String names the type: missing, string, number or bool.
func (t Type) String() string {
	switch t {
	case TypeMissing:
		return "missing"
	case TypeString:
		return "string"
	case TypeNumber:
		return "number"
	case TypeBool:
		return "bool"
	}
	return "type(" + strconv.Itoa(int(t)) + ")"
}

// MarshalText writes the name of the type: string, number or bool. Missing is no
// type that can be declared, so it is an error.
func (t Type) MarshalText() ([]byte, error) {
	switch t {
	case TypeString, TypeNumber, TypeBool:
		return []byte(t.String()), nil
	}
	return nil, fmt.Errorf("audience: %v is no type of an attribute, want string, number or bool", t)
}

// UnmarshalText reads string, number or bool; any other text is an error and
// leaves the type as it is.
func (t *Type) UnmarshalText(text []byte) error {
	for _, known := range []Type{TypeString, TypeNumber, TypeBool} {
		if string(text) == known.String() {
			*t = known
			return nil
		}
	}
	return fmt.Errorf("audience: %q is no type of an attribute, want string, number or bool", shorten(string(text)))
}

// Value is a typed value. Values are comparable with ==; the zero Value is
// missing and equal only to itself.
type Value struct {
	text   string
	number float64
	typ    Type
}

// StringValue makes a string value.
func StringValue(text string) Value { return Value{typ: TypeString, text: text} }

// NumberValue makes a number value. Negative zero becomes zero, so that equal
// numbers are equal values.
func NumberValue(number float64) Value {
	if number == 0 {
		number = 0
	}
	return Value{typ: TypeNumber, number: number}
}

// BoolValue makes a truth value.
func BoolValue(truth bool) Value {
	if truth {
		return Value{typ: TypeBool, number: 1}
	}
	return Value{typ: TypeBool}
}

// Type returns the type of the value.
func (v Value) Type() Type { return v.typ }

// Text returns the string, and whether the value is one.
func (v Value) Text() (string, bool) { return v.text, v.typ == TypeString }

// Number returns the number, and whether the value is one.
func (v Value) Number() (float64, bool) { return v.number, v.typ == TypeNumber }

// Bool returns the truth value, and whether the value is one.
func (v Value) Bool() (truth, ok bool) { return v.number != 0, v.typ == TypeBool }

// String shows the value for a person: strings bare, numbers in their shortest
// form, "(missing)" for no value.
func (v Value) String() string {
	switch v.typ {
	case TypeString:
		return v.text
	case TypeNumber:
		return strconv.FormatFloat(v.number, 'g', -1, 64)
	case TypeBool:
		return strconv.FormatBool(v.number != 0)
	}
	return "(missing)"
}

// Compare orders two values of the same type (strings in byte order, false
// before true) and returns -1, 0 or 1. ok is false, and nothing is ordered,
// where the types differ or a value is missing.
func (v Value) Compare(other Value) (order int, ok bool) {
	if v.typ != other.typ || v.typ == TypeMissing {
		return 0, false
	}
	if v.typ == TypeString {
		return strings.Compare(v.text, other.text), true
	}
	switch {
	case v.number < other.number:
		return -1, true
	case v.number > other.number:
		return 1, true
	}
	return 0, true
}

// Validate returns an error where the value cannot be recorded: a string that
// is not UTF-8 or contains NUL, a number that is not finite.
func (v Value) Validate() error {
	switch v.typ {
	case TypeString:
		return checkText(v.text)
	case TypeNumber:
		if math.IsNaN(v.number) || math.IsInf(v.number, 0) {
			return fmt.Errorf("is %v, want a finite number", v.number)
		}
	case TypeMissing:
		return fmt.Errorf("has no value, want a string, a number or a bool")
	}
	return nil
}

// MarshalJSON writes the string, the number or the truth value itself, and null
// for a missing value. A number that is not finite is an error.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.typ {
	case TypeString:
		return json.Marshal(v.text)
	case TypeNumber:
		return json.Marshal(v.number)
	case TypeBool:
		return json.Marshal(v.number != 0)
	}
	return []byte("null"), nil
}

// UnmarshalJSON reads what MarshalJSON writes; null becomes the missing value.
func (v *Value) UnmarshalJSON(data []byte) error {
	var read any
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	switch read := read.(type) {
	case nil:
		*v = Value{}
	case string:
		*v = StringValue(read)
	case float64:
		*v = NumberValue(read)
	case bool:
		*v = BoolValue(read)
	default:
		return fmt.Errorf("audience: %.80s is no value, want a string, a number, a truth value or null", data)
	}
	return nil
}

// Attribute is a named property of a subject or an event.
type Attribute struct {
	Name  string `json:"name"`
	Value Value  `json:"value"`
}

// String makes a string attribute.
func String(name, text string) Attribute { return Attribute{Name: name, Value: StringValue(text)} }

// Number makes a number attribute.
func Number(name string, number float64) Attribute {
	return Attribute{Name: name, Value: NumberValue(number)}
}

// Bool makes a truth attribute.
func Bool(name string, truth bool) Attribute { return Attribute{Name: name, Value: BoolValue(truth)} }

// Validate returns an error where the attribute cannot be recorded: an empty
// name, a name or a text that is not UTF-8 or contains NUL, a number that is
// not finite, no value.
func (a Attribute) Validate() error {
	if a.Name == "" {
		return fmt.Errorf("attribute has no name")
	}
	if err := checkText(a.Name); err != nil {
		return fmt.Errorf("attribute name %q %w", a.Name, err)
	}
	if err := a.Value.Validate(); err != nil {
		return fmt.Errorf("attribute %q %w", a.Name, err)
	}
	return nil
}

// Lookup returns the value of the first attribute of that name, or the missing
// value.
func Lookup(attributes []Attribute, name string) Value {
	for i := range attributes {
		if attributes[i].Name == name {
			return attributes[i].Value
		}
	}
	return Value{}
}

func checkText(text string) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("is not valid UTF-8")
	}
	if strings.IndexByte(text, 0) >= 0 {
		return fmt.Errorf("contains NUL")
	}
	return nil
}
