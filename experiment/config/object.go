package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/internal/suggest"
)

// kind is how one kind of value is read. want finishes the message about a value
// that is something else. read notes what is wrong and returns what there is.
type kind[V any] struct {
	name string
	want string
	read func(d *decoder, n *yaml.Node) V
}

// field is one key of a mapping.
type field[T any] struct {
	key      string
	step     string // its name in the catalogue
	required bool
	kind     string
	doc      string
	read     func(d *decoder, n *yaml.Node, into *T)
}

// required is a field that has to be there. place is where its value goes.
func required[T, V any](key string, k kind[V], doc string, place func(*T) *V) field[T] {
	f := optional(key, k, doc, place)
	f.required = true
	return f
}

// optional is a field that may be left out.
func optional[T, V any](key string, k kind[V], doc string, place func(*T) *V) field[T] {
	return field[T]{
		key: key, step: key, kind: k.name, doc: doc,
		read: func(d *decoder, n *yaml.Node, into *T) { *place(into) = k.read(d, n) },
	}
}

// named sets what the catalogue calls the field where the file has another word.
func (f field[T]) named(step string) field[T] {
	f.step = step
	return f
}

// object is a mapping with fixed keys: the table from which it is read.
type object[T any] struct {
	name   string // what it is called in messages
	title  string // key of the field that names it, if one does
	fields []field[T]
	later  []string          // keys that a later version of the format has
	others map[string]string // keys of other SDKs, and what they are called here
	empty  bool              // an empty mapping is none at all, whatever is required
	none   string            // help for an empty mapping, which is refused where there is some
	open   bool              // keys that it does not have are left alone, but for slips
	short  bool              // the value of the only field is written alone, without its key
}

// kind makes an object the value of a field.
func (o object[T]) kind() kind[T] {
	return kind[T]{name: o.name, want: fmt.Sprintf("it is a mapping with the keys %s", o.keys()), read: o.read}
}

func (o object[T]) keys() string {
	keys := make([]string, len(o.fields))
	for i, f := range o.fields {
		keys[i] = f.key
	}
	return strings.Join(keys, ", ")
}

// read decodes the mapping, and says in messages of which object it speaks.
func (o object[T]) read(d *decoder, n *yaml.Node) (into T) {
	entries, ok := d.entries(n, o.kind().want)
	if !ok {
		return into
	}
	decode := func() { o.decode(d, n, entries, &into) }
	if title := o.titleOf(entries); title != "" {
		d.within(title, decode)
	} else {
		decode()
	}
	return into
}

// readShort decodes the value of the only field, where its key is left out.
func (o object[T]) readShort(d *decoder, e entry) (into T) {
	only := o.fields[0]
	d.in(only.step, only.key, e.mark(), func() { only.read(d, e.value, &into) })
	return into
}

// titleOf is the object's name with the text of its title: arm "control".
func (o object[T]) titleOf(entries []entry) string {
	for _, e := range entries {
		if value := follow(e.value); e.key == o.title && value.Kind == yaml.ScalarNode && value.Value != "" {
			return fmt.Sprintf("%s %q", o.name, shorten(value.Value))
		}
	}
	return ""
}

func (o object[T]) decode(d *decoder, n *yaml.Node, entries []entry, into *T) {
	absent := make(map[string]bool, len(o.fields))
	for _, f := range o.fields {
		absent[f.key] = true
	}
	for _, e := range entries {
		delete(absent, e.key)
	}
	for _, e := range entries {
		o.decodeEntry(d, e, absent, into)
	}
	if len(entries) == 0 && o.none != "" && !hasMerge(n) {
		d.fail(n, experiment.CodeMissing, o.none, "%s has no key", d.subject())
	}
	if len(entries) > 0 || !o.empty {
		o.missing(d, n, absent)
	}
}

// missing notes the required keys that are absent.
func (o object[T]) missing(d *decoder, n *yaml.Node, absent map[string]bool) {
	whole := d.subject()
	for _, f := range o.fields {
		if f.required && absent[f.key] && !hasMerge(n) {
			d.in(f.step, f.key, n, func() {
				d.fail(n, experiment.CodeMissing, "add "+f.key+": "+f.doc, "key %q is missing from %s", f.key, whole)
			})
		}
	}
}

func (o object[T]) decodeEntry(d *decoder, e entry, absent map[string]bool, into *T) {
	for _, f := range o.fields {
		if f.key == e.key {
			d.in(f.step, f.key, e.mark(), func() {
				if !d.repeated(e) {
					f.read(d, e.value, into)
				}
			})
			return
		}
	}
	if meant, ok := o.closest(e.key); !o.open || ok && absent[meant.key] {
		o.unknown(d, e, absent)
	}
}

// unknown notes a key that the object does not have. A key that looks like one
// which is absent counts as that one, so that it is not called missing as well.
func (o object[T]) unknown(d *decoder, e entry, absent map[string]bool) {
	code, step, hint, message := CodeUnknownKey, e.key, "the keys here are "+o.keys(), fmt.Sprintf("unknown key %q", shorten(e.key))
	if slices.Contains(o.later, e.key) {
		code, hint, message = CodeUnsupported, "remove it", fmt.Sprintf("key %q is not supported by this version", e.key)
	} else if meant, ok := o.meant(e.key); ok {
		hint, message = "", fmt.Sprintf("%s; did you mean %q?", message, meant.key)
		if absent[meant.key] {
			step = meant.step
			delete(absent, meant.key)
		}
	}
	d.in(step, e.key, e.node, func() { d.fail(e.node, code, hint, "%s", message) })
}

// closest is the field whose key is nearly the one given.
func (o object[T]) closest(key string) (meant field[T], ok bool) {
	keys := make([]string, len(o.fields))
	for i, f := range o.fields {
		keys[i] = f.key
	}
	name, ok := suggest.Closest(key, keys)
	if !ok {
		return meant, false
	}
	return o.fields[slices.Index(keys, name)], true
}

// meant is the field that another SDK calls by this key, or the closest one.
func (o object[T]) meant(key string) (meant field[T], ok bool) {
	return o.closest(cmp.Or(o.others[key], key))
}
