package experiment

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxPayloadDepth bounds the nesting of lists and maps.
const maxPayloadDepth = 32

// payload checks every value of a payload, in the order of the names.
func (v *validator) payload(path Path, p Payload) {
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if !v.name(at(path, name), "payload name", name) {
			continue
		}
		if _, err := normal(p[name], 0); err != nil {
			v.add(CodeInvalidPayload, at(path, name), "a payload holds strings, numbers, truth values, lists and maps of these",
				"payload %q %v", name, err)
		}
	}
}

// clone returns a deep copy in which every number is a float64. The payload is
// valid.
func (p Payload) clone() Payload {
	if len(p) == 0 {
		return nil
	}
	copied := make(Payload, len(p))
	for name, value := range p {
		copied[name], _ = normal(value, 0)
	}
	return copied
}

// normal returns a deep copy of a payload value made of string, float64, bool,
// nil, []any and map[string]any, or says why there is none.
func normal(value any, depth int) (any, error) {
	if depth > maxPayloadDepth {
		return nil, fmt.Errorf("nests deeper than %d", maxPayloadDepth)
	}
	v := reflect.ValueOf(value)
	if number, ok := value.(json.Number); ok {
		return normalJSONNumber(number)
	}
	switch v.Kind() {
	case reflect.Invalid:
		return nil, nil
	case reflect.String:
		if text := v.String(); utf8.ValidString(text) && !strings.Contains(text, "\x00") {
			return text, nil
		}
		return nil, fmt.Errorf("is %q, which is not printable text", v.String())
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Slice, reflect.Array:
		return normalList(v, depth)
	case reflect.Map:
		return normalMap(v, depth)
	}
	return normalNumber(v)
}

// maxExact is the largest integer up to which every integer is a float64.
const maxExact = 1 << 53

func normalNumber(v reflect.Value) (any, error) {
	switch {
	case v.CanInt():
		if n := v.Int(); n > maxExact || n < -maxExact {
			return nil, fmt.Errorf("is %d, which no float64 holds exactly; write it as a string", n)
		}
		return float64(v.Int()), nil
	case v.CanUint():
		if n := v.Uint(); n > maxExact {
			return nil, fmt.Errorf("is %d, which no float64 holds exactly; write it as a string", n)
		}
		return float64(v.Uint()), nil
	case v.CanFloat():
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, fmt.Errorf("is %v, which is not a finite number", f)
		}
		return v.Float(), nil
	}
	return nil, fmt.Errorf("has a value that is no string, number, truth value, list or map")
}

func normalJSONNumber(number json.Number) (any, error) {
	f, err := number.Float64()
	if err != nil {
		return nil, fmt.Errorf("is %q, which is not a number", string(number))
	}
	return normalNumber(reflect.ValueOf(f))
}

func normalList(v reflect.Value, depth int) (any, error) {
	list := make([]any, v.Len())
	for i := range list {
		element, err := normal(v.Index(i).Interface(), depth+1)
		if err != nil {
			return nil, err
		}
		list[i] = element
	}
	return list, nil
}

func normalMap(v reflect.Value, depth int) (any, error) {
	if v.Type().Key().Kind() != reflect.String {
		return nil, fmt.Errorf("has a map whose names are not strings")
	}
	members := make(map[string]any, v.Len())
	for _, name := range v.MapKeys() {
		if text := name.String(); !utf8.ValidString(text) || strings.Contains(text, "\x00") {
			return nil, fmt.Errorf("has a map with the name %q, which is not printable text", text)
		}
		member, err := normal(v.MapIndex(name).Interface(), depth+1)
		if err != nil {
			return nil, err
		}
		members[name.String()] = member
	}
	return members, nil
}
