package experiment

import "github.com/touchlift/touchlift/experiment/audience"

// Kind is a kind of id: what an id identifies. Any non-empty name is a kind;
// the constants are the usual ones.
type Kind string

// The usual kinds of id.
const (
	KindCustomer Kind = "customer"
	KindDevice   Kind = "device"
	KindSession  Kind = "session"
	KindStore    Kind = "store"
)

// ID is an identifier of one kind. A customer 42 is not a store 42: every
// event, key and erasure names the kind.
type ID struct {
	Kind  Kind   `json:"kind"`
	Value string `json:"value"`
}

// Attribute is a typed, named property of a subject or an event.
type Attribute = audience.Attribute

// The constructors are written out, because each call within an inlined call is one
// more copy of the attribute, at 4 ns or more.

// String makes a string attribute.
func String(name, text string) Attribute {
	return Attribute{Name: name, Value: audience.StringValue(text)}
}

// Number makes a number attribute.
func Number(name string, number float64) Attribute {
	return Attribute{Name: name, Value: audience.NumberValue(number)}
}

// Bool makes a truth attribute.
func Bool(name string, truth bool) Attribute {
	return Attribute{Name: name, Value: audience.BoolValue(truth)}
}

// Subject is who or what stands at a touchpoint: at most one id of each kind,
// and attributes with distinct names. The engine reads a Subject and keeps no
// part of it.
type Subject struct {
	IDs        []ID
	Attributes []Attribute
}

// Customer makes a subject with one id of kind customer.
func Customer(id string, attributes ...Attribute) Subject {
	return Subject{IDs: []ID{{Kind: KindCustomer, Value: id}}, Attributes: attributes}
}

// ID returns the subject's id of a kind, and whether it has one.
func (s *Subject) ID(kind Kind) (value string, ok bool) {
	for i := range s.IDs {
		if s.IDs[i].Kind == kind {
			return s.IDs[i].Value, true
		}
	}
	return "", false
}
