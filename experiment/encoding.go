package experiment

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/touchlift/touchlift/experiment/audience"
)

// EncodeIDs returns the canonical text of ids: a JSON object from kind to
// value, kinds in byte order. No ids are "{}".
func EncodeIDs(ids []ID) string {
	if len(ids) == 0 {
		return "{}"
	}
	sorted := ids
	byKind := func(a, b ID) int { return strings.Compare(string(a.Kind), string(b.Kind)) }
	if !slices.IsSortedFunc(ids, byKind) {
		sorted = slices.Clone(ids)
		slices.SortStableFunc(sorted, byKind)
	}
	b := make([]byte, 0, 64)
	for i, id := range sorted {
		b = appendSeparator(b, i)
		b = appendText(b, string(id.Kind))
		b = append(b, ':')
		b = appendText(b, id.Value)
	}
	return string(append(b, '}'))
}

// DecodeIDs reads what EncodeIDs wrote.
func DecodeIDs(text string) ([]ID, error) {
	members, err := decodeMembers(text)
	if err != nil {
		return nil, fmt.Errorf("experiment: ids %q: %w", text, err)
	}
	var ids []ID
	for _, m := range members {
		value, ok := m.value.(string)
		if !ok {
			return nil, fmt.Errorf("experiment: ids %q: id of kind %q is not a string", text, m.name)
		}
		ids = append(ids, ID{Kind: Kind(m.name), Value: value})
	}
	return ids, nil
}

// EncodeAttributes returns the canonical text of attributes: a JSON object,
// names in byte order, numbers in the shortest form that reads back the same.
// No attributes are "{}".
func EncodeAttributes(attributes []Attribute) string {
	if len(attributes) == 0 {
		return "{}"
	}
	sorted := attributes
	byName := func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) }
	if !slices.IsSortedFunc(attributes, byName) {
		sorted = slices.Clone(attributes)
		slices.SortStableFunc(sorted, byName)
	}
	b := make([]byte, 0, 128)
	for i, a := range sorted {
		b = appendSeparator(b, i)
		b = appendText(b, a.Name)
		b = append(b, ':')
		b = appendValue(b, a.Value)
	}
	return string(append(b, '}'))
}

// DecodeAttributes reads what EncodeAttributes wrote.
func DecodeAttributes(text string) ([]Attribute, error) {
	members, err := decodeMembers(text)
	if err != nil {
		return nil, fmt.Errorf("experiment: attributes %q: %w", text, err)
	}
	var attributes []Attribute
	for _, m := range members {
		switch value := m.value.(type) {
		case string:
			attributes = append(attributes, String(m.name, value))
		case float64:
			attributes = append(attributes, Number(m.name, value))
		case bool:
			attributes = append(attributes, Bool(m.name, value))
		default:
			return nil, fmt.Errorf("experiment: attributes %q: %q is not a string, number or bool", text, m.name)
		}
	}
	return attributes, nil
}

type member struct {
	name  string
	value any
}

// decodeMembers reads the members of a JSON object in the order of the text.
func decodeMembers(text string) ([]member, error) {
	d := json.NewDecoder(strings.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, fmt.Errorf("not a JSON object")
	}
	var members []member
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var m member
		m.name, _ = name.(string)
		if slices.ContainsFunc(members, func(earlier member) bool { return earlier.name == m.name }) {
			return nil, fmt.Errorf("%q stands twice", m.name)
		}
		if err := d.Decode(&m.value); err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("something follows the object")
	}
	return members, nil
}

func appendSeparator(b []byte, i int) []byte {
	if i == 0 {
		return append(b, '{')
	}
	return append(b, ',')
}

func appendValue(b []byte, v audience.Value) []byte {
	switch v.Type() {
	case audience.TypeString:
		text, _ := v.Text()
		return appendText(b, text)
	case audience.TypeNumber:
		number, _ := v.Number()
		return strconv.AppendFloat(b, number, 'g', -1, 64)
	case audience.TypeBool:
		truth, _ := v.Bool()
		return strconv.AppendBool(b, truth)
	}
	return append(b, "null"...)
}

const hexDigits = "0123456789abcdef"

// appendText appends a JSON string: quote, backslash and control characters
// escaped, everything else as it is.
func appendText(b []byte, text string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, text[start:i]...)
		if c == '"' || c == '\\' {
			b = append(b, '\\', c)
		} else {
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		start = i + 1
	}
	b = append(b, text[start:]...)
	return append(b, '"')
}
