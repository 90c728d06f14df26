package config

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

// weight is what a node stands for when its aliases are followed.
type weight struct {
	values, depth int
}

// weigher finds the weight of every node, each once, so that a few lines that
// stand for billions of values cost no more than a few lines.
type weigher struct {
	weights map[*yaml.Node]weight
	open    map[*yaml.Node]bool // nodes that enclose the present one
	refused *yaml.Node          // the first alias, or else node, that breaks a rule
	reason  string
}

func (w *weigher) weigh(n *yaml.Node) weight {
	if known, ok := w.weights[n]; ok {
		return known
	}
	w.open[n] = true
	total := weight{values: 1, depth: 1}
	for _, child := range n.Content {
		total.add(w.weigh(child))
	}
	if n.Kind == yaml.AliasNode {
		total = w.alias(n)
	}
	delete(w.open, n)
	w.weights[n] = total
	w.check(n, total)
	return total
}

// alias weighs what an alias stands for.
func (w *weigher) alias(n *yaml.Node) weight {
	if w.open[n.Alias] {
		w.refuse(n, fmt.Sprintf("alias *%s stands inside the value that it repeats", n.Value))
		return weight{}
	}
	return w.weigh(n.Alias)
}

func (w *weigher) check(n *yaml.Node, total weight) {
	if total.values > MaxValues {
		w.refuse(n, fmt.Sprintf("the file stands for more than %d values", MaxValues))
	}
	if total.depth > MaxDepth+1 {
		w.refuse(n, fmt.Sprintf("lists and mappings nest deeper than %d when aliases are followed", MaxDepth))
	}
}

func (w *weigher) refuse(n *yaml.Node, reason string) {
	if w.refused == nil {
		w.refused, w.reason = n, reason
	}
}

// add counts a child in. Sums stay small because one node beyond the limits is
// enough to refuse the file.
func (t *weight) add(child weight) {
	t.values = min(t.values+child.values, MaxValues+1)
	t.depth = max(t.depth, child.depth+1)
}
