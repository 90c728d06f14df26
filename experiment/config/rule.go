package config

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
	"github.com/touchlift/touchlift/experiment/internal/suggest"
)

// What helps where YAML sees a tag: a rule that starts with ! may be no YAML at all.
const (
	quoteRule = "put the whole rule in quotes, or write | here and the rule indented below"
	quoteText = "leave the tag out; put a text in quotes"
)

// rule is a text in the language of package audience. absent is what leaving it out
// means.
func rule(absent string) kind[string] {
	k := written(textWanted[string](`it is a rule such as country == "NO" && age >= 18`), experiment.CodeMissing, "leave it out for "+absent)
	k.name = "rule"
	read := k.read
	k.read = func(d *decoder, n *yaml.Node) string {
		if is := follow(n); is.Style&yaml.TaggedStyle != 0 && !strings.HasPrefix(is.Tag, "!!") {
			at := span{line: n.Line, column: n.Column, length: len(is.Tag)}
			d.failAt(at, CodeRefusedYAML, quoteRule, "%s starts with !, which YAML takes for a tag", d.subject())
			return ""
		}
		return read(d, n)
	}
	return k
}

// attributeType is the type of an attribute's values.
func attributeType() kind[audience.Type] {
	types := []audience.Type{audience.TypeString, audience.TypeNumber, audience.TypeBool}
	const want = "it is string, number or bool"
	return kind[audience.Type]{name: "type", want: want, read: func(d *decoder, n *yaml.Node) audience.Type {
		is, ok := d.scalar(n, want)
		if !ok {
			return audience.TypeMissing
		}
		for _, t := range types {
			if t.String() == is.Value {
				return t
			}
		}
		d.fail(n, experiment.CodeInvalidChoice, typeHint(is.Value, types), "%s is %s; %s", d.subject(), describe(is), want)
		return audience.TypeMissing
	}}
}

// typeHint is the type that a word of another language, or with a slip, stands for.
func typeHint(word string, types []audience.Type) string {
	words := make([]string, len(types))
	for i, t := range types {
		words[i] = t.String()
	}
	meant, ok := suggest.Closest(strings.ToLower(word), words)
	switch strings.ToLower(word) {
	case "text", "str", "date", "semver", "version", "list":
		meant, ok = audience.TypeString.String(), true
	case "int", "integer", "float", "double", "decimal", "numeric":
		meant, ok = audience.TypeNumber.String(), true
	case "boolean", "truth", "flag", "true or false":
		meant, ok = audience.TypeBool.String(), true
	}
	if !ok {
		return ""
	}
	return "write " + meant
}
