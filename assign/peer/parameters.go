package peer

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"

	"github.com/touchlift/touchlift/assign"
)

// read returns the value as the Go type of the parameter's kind, or nil and a problem.
func (p Parameter) read(list *assign.SpecErrors, path string, value any) any {
	switch p.Kind {
	case Text:
		if text, ok := value.(string); ok {
			return text
		}
	case Flag:
		if flag, ok := value.(bool); ok {
			return flag
		}
	case Integer:
		if number, ok := whole(value); ok {
			return number
		}
	case Count:
		if number, ok := whole(value); ok && number >= 0 {
			return number
		}
	case Number:
		if number, ok := float(value); ok {
			return number
		}
	case List:
		if items, ok := value.([]any); ok {
			return p.readItems(list, path, items)
		}
	}
	add(list, path+p.Name, fmt.Sprint(value), "is not "+p.Kind.described(), "want "+p.Doc)
	return nil
}

func (p Parameter) readItems(list *assign.SpecErrors, path string, items []any) any {
	all := make([]values, 0, len(items))
	for i, item := range items {
		at := fmt.Sprintf("%s%s[%d]", path, p.Name, i)
		given, ok := item.(map[string]any)
		if !ok {
			add(list, at, fmt.Sprint(item), "is not a map", "want "+p.Doc)
			continue
		}
		all = append(all, check(list, at+".", p.Items, given))
	}
	return all
}

func (k Kind) described() string {
	switch k {
	case Text:
		return "a text; put numbers and dates in quotes"
	case Integer:
		return "a whole number"
	case Count:
		return "a whole number from 0 up"
	case Number:
		return "a number"
	case Flag:
		return "true or false"
	}
	return "a list"
}

// whole returns a whole number of any type that a decoder makes.
func whole(value any) (int64, bool) {
	if number, ok := value.(json.Number); ok {
		n, err := number.Int64()
		return n, err == nil
	}
	switch v := reflect.ValueOf(value); {
	case !v.IsValid():
		return 0, false
	case v.CanInt():
		return v.Int(), true
	case v.CanUint():
		return int64(v.Uint()), v.Uint() <= math.MaxInt64
	case v.CanFloat():
		// Above 2^53 a float64 does not tell whole numbers apart.
		f := v.Float()
		return int64(f), f == math.Trunc(f) && math.Abs(f) <= 1<<53
	}
	return 0, false
}

// float returns a finite number of any type that a decoder makes.
func float(value any) (float64, bool) {
	if number, ok := value.(json.Number); ok {
		f, err := number.Float64()
		return f, err == nil
	}
	switch v := reflect.ValueOf(value); {
	case !v.IsValid():
		return 0, false
	case v.CanInt():
		return float64(v.Int()), true
	case v.CanUint():
		return float64(v.Uint()), true
	case v.CanFloat():
		f := v.Float()
		return f, !math.IsNaN(f) && !math.IsInf(f, 0)
	}
	return 0, false
}

// meant returns `; did you mean "x"?` for the name nearest to what was written, or ""
// if none is near.
func meant(written string, names []string) string {
	best, least := "", max(2, len(written)/3)+1
	for _, name := range names {
		if d := distance(written, name); d < least {
			best, least = name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// distance is the number of bytes to insert, remove or replace between two texts. It
// looks at the first 64 bytes of each.
func distance(a, b string) int {
	a, b = a[:min(len(a), 64)], b[:min(len(b), 64)]
	before := make([]int, len(b)+1)
	for j := range before {
		before[j] = j
	}
	for i := range len(a) {
		diagonal := before[0]
		before[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = before[j+1]
			before[j+1] = min(cost, before[j+1]+1, before[j]+1)
		}
	}
	return before[len(b)]
}
