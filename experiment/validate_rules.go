package experiment

import (
	"errors"

	"github.com/touchlift/touchlift/experiment/audience"
)

// schema is what the rules of the catalogue may speak of.
func (c *Catalog) schema() audience.Schema {
	s := audience.Schema{Attributes: make(map[string]audience.Type), Segments: make(map[string]string)}
	for _, a := range c.Attributes {
		s.Attributes[a.Key] = a.Type
	}
	for _, segment := range c.Segments {
		s.Segments[segment.Key] = segment.Audience
	}
	return s
}

func (v *validator) attribute(path Path, d *Declaration, seen map[string]bool) {
	v.key(at(path, "key"), "attribute", d.Key, seen)
	switch d.Type {
	case audience.TypeString, audience.TypeNumber, audience.TypeBool:
	default:
		v.add(CodeMissing, at(path, "type"), "", "type of attribute %q is %v; it is string, number or bool", d.Key, d.Type)
	}
}

func (v *validator) segment(path Path, s *Segment, seen map[string]bool) {
	v.key(at(path, "key"), "segment", s.Key, seen)
	if s.Audience == "" {
		v.add(CodeMissing, at(path, "audience"), "write a rule such as age >= 18", "segment %q has no rule", s.Key)
	}
	v.rule(at(path, "audience"), s.Audience)
}

func (v *validator) exclusions(path Path, x Exclusions) {
	v.rule(at(path, "bots"), x.Bots)
	v.rule(at(path, "internal"), x.Internal)
}

// rule checks a rule; an empty one is none.
func (v *validator) rule(path Path, source string) {
	if source == "" {
		return
	}
	_, err := audience.Compile(source, v.schema)
	var mistakes audience.Errors
	if !errors.As(err, &mistakes) {
		return
	}
	for _, m := range mistakes {
		v.problems = append(v.problems, &Problem{
			Code: CodeInvalidRule, Path: path, Message: m.Message, Hint: m.Hint, Offset: m.Offset, Length: m.Length,
		})
	}
}
