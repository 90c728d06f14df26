package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/internal/suggest"
)

// ownFormula is the name of the formula of package assign.
const ownFormula = "touchlift/1"

// settings are the parameters of a formula by name.
type settings map[string]any

// hash is the formula that splits: its name, or a mapping of name and parameters.
func hash() kind[assign.Formula] {
	const want = "it is a formula such as " + ownFormula + ", or a mapping of its name and parameters"
	return kind[assign.Formula]{name: "formula", want: want, read: func(d *decoder, n *yaml.Node) assign.Formula {
		name, given := "", settings(nil)
		before := len(d.errors)
		if follow(n).Kind == yaml.MappingNode {
			name, given = d.formulaMapping(n)
		} else if is, ok := d.scalar(n, want); ok && d.plainText(n, is) {
			name = is.Value
		}
		if len(d.errors) > before {
			return nil
		}
		return d.formula(name, given)
	}}
}

// formulaMapping reads a mapping of a name and the parameters that go with it. The
// parameters of a name that nobody knows are left alone.
func (d *decoder) formulaMapping(n *yaml.Node) (name string, given settings) {
	content := follow(n).Content
	for i := 0; i+1 < len(content); i += 2 {
		if value := follow(content[i+1]); follow(content[i]).Value == "name" && value.Kind == yaml.ScalarNode {
			name = value.Value
		}
	}
	parameters, known := parametersOf(name)
	o := object[settings]{name: "formula", title: "name", open: !known, fields: parameterFields(append(
		[]peer.Parameter{{Name: "name", Kind: peer.Text, Required: true, Doc: "such as " + ownFormula}}, parameters...))}
	given = o.read(d, n)
	delete(given, "name")
	return name, given
}

// parametersOf returns what a formula takes, and whether there is one of that name.
func parametersOf(name string) ([]peer.Parameter, bool) {
	for _, entry := range peer.Table() {
		if entry.Name == name {
			return entry.Parameters, true
		}
	}
	return nil, name == ownFormula
}

func parameterFields(parameters []peer.Parameter) []field[settings] {
	fields := make([]field[settings], len(parameters))
	for i, p := range parameters {
		read := parameterKind(p)
		fields[i] = field[settings]{key: p.Name, step: p.Name, required: p.Required, doc: p.Doc, kind: string(p.Kind),
			read: func(d *decoder, n *yaml.Node, into *settings) {
				if *into == nil {
					*into = make(settings)
				}
				(*into)[p.Name] = read(d, n)
			}}
	}
	return fields
}

// parameterKind is how a parameter is read, as package peer takes it.
func parameterKind(p peer.Parameter) func(d *decoder, n *yaml.Node) any {
	switch p.Kind {
	case peer.Integer, peer.Count:
		return anything(whole())
	case peer.Number:
		return anything(number("0.5"))
	case peer.Flag:
		return anything(truth())
	case peer.List:
		items := list(object[settings]{name: p.Name, fields: parameterFields(p.Items)}.kind())
		return func(d *decoder, n *yaml.Node) any {
			read := items.read(d, n)
			all := make([]any, len(read))
			for i, item := range read {
				all[i] = map[string]any(item)
			}
			return all
		}
	}
	return anything(text[string]())
}

func anything[V any](k kind[V]) func(d *decoder, n *yaml.Node) any {
	return func(d *decoder, n *yaml.Node) any { return k.read(d, n) }
}

// formula makes a formula of what was read, and notes what is wrong with it.
func (d *decoder) formula(name string, given settings) assign.Formula {
	if name == ownFormula {
		return nil
	}
	formula, err := peer.Parse(name, given)
	var problems assign.SpecErrors
	if !errors.As(err, &problems) {
		return formula
	}
	for _, p := range problems {
		d.formulaProblem(name, p)
	}
	return nil
}

// formulaProblem notes a problem at the parameter, or the name, that it is about.
func (d *decoder) formulaProblem(name string, p *assign.SpecError) {
	steps := fieldSteps(p.Field)[1:] // without "hash"
	path := append(d.path[:len(d.path):len(d.path)], steps...)
	code, what, problem, want := experiment.CodeInvalidNumber, fmt.Sprintf("%s of formula %q", steps, shorten(name)), p.Problem, p.Want
	if len(steps) == 0 {
		path = append(path, "name")
		code, what = experiment.CodeInvalidChoice, d.subject()
		if near := formulasNear(name); len(near) > 0 {
			problem, want = fmt.Sprintf("is no formula; did you mean %s?", strings.Join(near, " or ")), ""
		}
	}
	value := shorten(fmt.Sprint(p.Value))
	message := fmt.Sprintf("%s is %q, which %s", what, value, problem)
	if isDecimal(value) {
		message = fmt.Sprintf("%s is %s, which %s", what, value, problem)
	} else if value == "" {
		message = what + " " + problem
	}
	if found, ok := d.places.find(path); ok {
		d.errors = append(d.errors, d.source.mistake(d.source.spanOf(found.node), code, path, want, "%s", message))
	}
}

// formulasNear are the formulas of an SDK that is named alone, or our own if it is
// nearly that, all in quotes.
func formulasNear(name string) []string {
	var near []string
	for _, known := range append([]string{ownFormula}, peer.Names()...) {
		if sdk, _, _ := strings.Cut(known, "/"); strings.EqualFold(sdk, strings.TrimRight(name, "/")) {
			near = append(near, strconv.Quote(known))
		}
	}
	if _, ok := suggest.Closest(name, []string{ownFormula}); ok && near == nil {
		near = append(near, strconv.Quote(ownFormula))
	}
	return near
}

// fieldSteps takes a field such as hash.filters[0].seed apart.
func fieldSteps(text string) experiment.Path {
	var steps experiment.Path
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		if index, err := strconv.Atoi(part); err == nil {
			steps = append(steps, index)
		} else {
			steps = append(steps, part)
		}
	}
	return steps
}
