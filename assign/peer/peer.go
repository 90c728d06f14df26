package peer

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/touchlift/touchlift/assign"
)

// Kind is what a parameter of a formula holds.
type Kind string

// The kinds of parameters.
const (
	Text    Kind = "text"    // a string
	Integer Kind = "integer" // a whole number that fits in an int64
	Count   Kind = "count"   // a whole number from 0 up that fits in an int64
	Number  Kind = "number"  // a float64, whole or not
	Flag    Kind = "flag"    // true or false
	List    Kind = "list"    // a list of maps, each with the keys of Parameter.Items
)

// Parameter is a key that a formula takes in a configuration.
type Parameter struct {
	Name     string      // the key, which is also the JSON name of the struct's field
	Kind     Kind        // what the value has to be
	Required bool        // whether the key must be there
	Doc      string      // what it is in the SDK, its unit and its default
	Items    []Parameter // the keys of each item of a List
}

// Entry describes a formula of the registry for those who list or check configurations.
type Entry struct {
	Name       string      // as [Parse] takes it, such as "growthbook/2"
	SDK        string      // whose formula it is
	Salt       string      // what to put into the salt of the experiment
	Parameters []Parameter // in the order in which they are documented
}

// row is a formula of the registry: its entry, and how to build it of parameters
// that have been checked against the entry.
type row struct {
	Entry
	build func(values) assign.Formula
	// oneOf are parameters of which a configuration has to give at least one; none if
	// there is no such rule.
	oneOf []string
}

// rows is the registry. Each SDK's file has its own rows.
func rows() []row {
	return slices.Concat(
		eppoRows(),
		growthBookRows(),
		launchDarklyRows(),
		optimizelyRows(),
		statsigRows(),
		splitRows(), unleashRows(), goFeatureFlagRows(), planOutRows(), postHogRows(),
	)
}

// Table returns every formula with its parameters, sorted by name.
func Table() []Entry {
	all := rows()
	entries := make([]Entry, len(all))
	for i, r := range all {
		entries[i] = r.Entry
	}
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return entries
}

// Names returns the names that [Parse] takes, sorted.
func Names() []string {
	var names []string
	for _, entry := range Table() {
		names = append(names, entry.Name)
	}
	return names
}

// Parse returns the formula of that name with those parameters, which may be nil.
// Values are those that a YAML or JSON decoder makes: string, bool, the numbers,
// []any, map[string]any. The error is an [assign.SpecErrors] with every problem: the
// field is "hash" for an unknown name, and "hash.namespace" and the like for a
// parameter. [Table] lists names and parameters.
func Parse(name string, parameters map[string]any) (assign.Formula, error) {
	for _, r := range rows() {
		if r.Name != name {
			continue
		}
		var list assign.SpecErrors
		checked := check(&list, "hash.", r.Parameters, parameters)
		r.checkOneOf(&list, parameters)
		if len(list) > 0 {
			return nil, list
		}
		formula := r.build(checked)
		if judge, ok := formula.(assign.Judged); ok {
			list = judge.Problems()
		}
		if len(list) > 0 {
			return nil, list
		}
		return formula, nil
	}
	var list assign.SpecErrors
	add(&list, "hash", name, "is no formula"+meant(name, Names()), "want touchlift/1, or one of "+strings.Join(Names(), ", "))
	return nil, list
}

// checkOneOf misses the first of the parameters if none of them is given.
func (r row) checkOneOf(list *assign.SpecErrors, given map[string]any) {
	for _, name := range r.oneOf {
		if _, found := given[name]; found {
			return
		}
	}
	for _, p := range r.Parameters {
		if len(r.oneOf) > 0 && p.Name == r.oneOf[0] {
			add(list, "hash."+p.Name, "", "is missing, and so is hash."+strings.Join(r.oneOf[1:], ", hash."), "want "+p.Doc)
		}
	}
}

func add(list *assign.SpecErrors, field string, value any, problem, want string) {
	*list = append(*list, &assign.SpecError{Field: field, Value: value, Problem: problem, Want: want})
}

// check holds the given parameters against those that a formula takes and returns
// the legal ones, each as the Go type of its kind.
func check(list *assign.SpecErrors, path string, takes []Parameter, given map[string]any) values {
	checked := make(values, len(given))
	var names []string
	for _, p := range takes {
		names = append(names, p.Name)
		value, found := given[p.Name]
		if !found {
			if p.Required {
				add(list, path+p.Name, "", "is missing", "want "+p.Doc)
			}
			continue
		}
		if legal := p.read(list, path, value); legal != nil {
			checked[p.Name] = legal
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if slices.Contains(names, name) {
			continue
		}
		want := "want no parameters here"
		if len(names) > 0 {
			want = "want some of " + strings.Join(names, ", ")
		}
		add(list, path+name, fmt.Sprint(given[name]), "is no parameter of this formula"+meant(name, names), want)
	}
	return checked
}

// values are parameters that have been checked: string, int64, float64, bool or
// []values. Absent ones read as the zero value.
type values map[string]any

func (v values) text(name string) string      { text, _ := v[name].(string); return text }
func (v values) integer(name string) int64    { number, _ := v[name].(int64); return number }
func (v values) number(name string) float64   { number, _ := v[name].(float64); return number }
func (v values) flag(name string) bool        { flag, _ := v[name].(bool); return flag }
func (v values) items(name string) []values   { items, _ := v[name].([]values); return items }
func (v values) has(name string) (given bool) { _, given = v[name]; return given }
