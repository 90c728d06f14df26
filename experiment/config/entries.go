package config

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// entry is a key of a mapping with its value.
type entry struct {
	key   string
	node  *yaml.Node // of the key
	value *yaml.Node
	first *yaml.Node // the same key further up, if it stands twice
}

// mark is where to point for the entry's value: the value if it is a single one that
// is written, or else the key.
func (e entry) mark() *yaml.Node {
	if follow(e.value).Kind == yaml.ScalarNode && !isNull(e.value) {
		return e.value
	}
	return e.node
}

// entries returns the keys and values of a mapping, without keys that no mapping
// of ours can have, which it notes.
func (d *decoder) entries(n *yaml.Node, want string) ([]entry, bool) {
	content, ok := d.collection(n, yaml.MappingNode, want)
	if !ok {
		return nil, false
	}
	seen := make(map[string]*yaml.Node, len(content)/2)
	var all []entry
	for i := 0; i+1 < len(content); i += 2 {
		key := follow(content[i])
		switch {
		case key.Kind != yaml.ScalarNode || isNull(key):
			where := d.subject()
			d.in("?", "?", content[i], func() {
				d.fail(content[i], CodeWrongType, "write it as text", "a key of %s is not a text", where)
			})
		case key.ShortTag() == "!!merge":
			d.fail(content[i], CodeRefusedYAML, "write the keys out; an alias may stand for a whole value", "merge keys (<<) are not allowed")
		default:
			all = append(all, entry{key: key.Value, node: content[i], value: content[i+1], first: seen[key.Value]})
			if seen[key.Value] == nil {
				seen[key.Value] = content[i]
			}
		}
	}
	return all, true
}

// hasMerge reports a mapping with a merge key, which may bring in any other key.
func hasMerge(n *yaml.Node) bool {
	content := follow(n).Content
	for i := 0; i+1 < len(content); i += 2 {
		if follow(content[i]).ShortTag() == "!!merge" {
			return true
		}
	}
	return false
}

// repeated notes a key that stands twice.
func (d *decoder) repeated(e entry) bool {
	if e.first != nil {
		d.fail(e.node, CodeRepeatedKey, "remove one of them", "key %q stands twice, first in line %d", shorten(e.key), e.first.Line)
	}
	return e.first != nil
}

// list reads a list of values of one kind.
func list[V any](k kind[V]) kind[[]V] {
	const want = "it is a list"
	return kind[[]V]{name: "list of " + k.name + "s", want: want, read: func(d *decoder, n *yaml.Node) []V {
		content, ok := d.collection(n, yaml.SequenceNode, want)
		if !ok {
			return nil
		}
		values := make([]V, len(content))
		for i, item := range content {
			d.in(i, i, item, func() { values[i] = k.read(d, item) })
		}
		return values
	}}
}

// mapping reads a mapping whose keys are free names.
func mapping[V any](k kind[V]) kind[map[string]V] {
	want := fmt.Sprintf("it is a mapping from a name to a %s", k.name)
	return kind[map[string]V]{name: "mapping", want: want, read: func(d *decoder, n *yaml.Node) map[string]V {
		entries, ok := d.entries(n, want)
		if !ok {
			return nil
		}
		values := make(map[string]V, len(entries))
		for _, e := range entries {
			d.in(e.key, showable(e.key), e.node, func() {
				if !d.repeated(e) && d.plainName(e) {
					values[e.key] = k.read(d, e.value)
				}
			})
		}
		return values
	}}
}

// definitions reads a mapping from keys to objects, the format of touchpoints.yaml,
// metrics.yaml and others, as a list. The first gets the index from. A key that stands
// twice is two objects, which the catalogue objects to.
func definitions[T any](d *decoder, n *yaml.Node, o object[T], from int, place func(*T) *string) []T {
	what, read := "settings", func(d *decoder, e entry) T { return o.read(d, e.value) }
	if o.short {
		what, read = o.fields[0].key, o.readShort
	}
	entries, ok := d.entries(n, fmt.Sprintf("it is a mapping from the key of %s to its %s", withArticle(o.name), what))
	if !ok {
		return nil
	}
	values := make([]T, len(entries))
	for i, e := range entries {
		d.in(from+i, showable(e.key), e.node, func() {
			d.in("key", showable(e.key), e.node, func() { d.plainName(e) })
			d.within(fmt.Sprintf("%s %q", o.name, shorten(e.key)), func() { values[i] = read(d, e) })
			*place(&values[i]) = e.key
		})
	}
	return values
}

func withArticle(noun string) string {
	if strings.ContainsRune("aeio", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}
