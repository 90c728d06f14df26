package experiment

import (
	"fmt"
	"slices"
	"strings"

	"github.com/touchlift/touchlift/assign"
)

func (v *validator) layer(path Path, l *Layer, seen map[string]bool) {
	v.key(at(path, "key"), "layer", l.Key, seen)
	v.salt(at(path, "salt"), l.Salt)
	v.name(at(path, "unit"), "unit", string(l.Unit))
}

func (l *Layer) slots() uint64 {
	if l.Slots == 0 {
		return DefaultSlots
	}
	return l.Slots
}

// slots checks what the experiment holds of its layer, against the layer and the
// experiments before it.
func (v *validator) slots(path Path, e *Experiment) {
	s := e.Layer
	if s == (Slots{}) {
		return
	}
	v.reference(at(path, "name"), "layer", s.Layer, keys(v.catalog.Layers, func(l *Layer) string { return l.Key }))
	l, ok := v.catalog.Layer(s.Layer)
	if !ok {
		return
	}
	if s.From >= s.To || s.To > l.slots() {
		v.add(CodeInvalidNumber, at(path, "slots"), fmt.Sprintf("such as 0-%d for all of it", l.slots()),
			"slots %d-%d are not within layer %q, which has %d", s.From, s.To, l.Key, l.slots())
	}
	if e.Unit != l.Unit && e.Unit != "" && l.Unit != "" {
		v.add(CodeOtherKind, at(path, "name"), "a layer owns the kind of id; use a layer for this kind",
			"layer %q is for %s, and the experiment randomises %s", l.Key, string(l.Unit), string(e.Unit))
	}
	for i := range v.catalog.Experiments {
		other := &v.catalog.Experiments[i]
		if other == e {
			break
		}
		if o := other.Layer; o.Layer == s.Layer && o.From < s.To && s.From < o.To && together(e, other) {
			v.add(CodeOverlap, at(path, "slots"), "hold other slots, or let one end before the other starts",
				"slots %d-%d overlap with %d-%d of experiment %q", s.From, s.To, o.From, o.To, other.Key)
		}
	}
}

// together reports whether two experiments may run at the same time.
func together(a, b *Experiment) bool {
	before := func(a, b *Experiment) bool {
		return !a.End().IsZero() && !b.Starts.IsZero() && !a.End().After(b.Starts)
	}
	return !before(a, b) && !before(b, a)
}

func (v *validator) holdout(path Path, h *Holdout, seen map[string]bool) {
	v.key(at(path, "key"), "holdout", h.Key, seen)
	if h.Key == NoHoldout {
		v.add(CodeInvalidName, at(path, "key"), "use another name", "holdout %q means that there is none", h.Key)
	}
	v.salt(at(path, "salt"), h.Salt)
	v.name(at(path, "unit"), "unit", string(h.Unit))
	switch {
	case h.Share == (assign.Share{}):
		v.add(CodeMissing, at(path, "share"), "write a share such as 5%", "share is missing")
	case h.Share.Num == 0 || h.Share.Num >= h.Share.Den:
		v.add(CodeInvalidNumber, at(path, "share"), "write a share such as 5%", "share is %v; it lies between 0%% and 100%%", h.Share)
	}
	v.scope(at(path, "scope"), h.Scope)
}

func (v *validator) scope(path Path, s Scope) {
	var set []string
	if s.Global {
		set = append(set, "global")
	}
	if s.Layer != "" {
		set = append(set, "layer")
		v.reference(at(path, "layer"), "layer", s.Layer, keys(v.catalog.Layers, func(l *Layer) string { return l.Key }))
	}
	if s.Touchpoint != "" {
		set = append(set, "touchpoint")
		v.reference(at(path, "touchpoint"), "touchpoint", s.Touchpoint, keys(v.catalog.Touchpoints, func(t *Touchpoint) string { return t.Key }))
	}
	if s.Stage != "" {
		set = append(set, "stage")
		choice(v, at(path, "stage"), "stage", s.Stage, Stages()...)
	}
	if len(set) > 1 {
		v.add(CodeDuplicate, path, "keep one, and make another holdout for the rest", "the scope is given by %s", strings.Join(set, " and by "))
	}
}

// keys are the names of what is defined.
func keys[T any](defined []T, key func(*T) string) []string {
	names := make([]string, len(defined))
	for i := range defined {
		names[i] = key(&defined[i])
	}
	return names
}

// heldOut checks the holdout that the experiment names and those whose scope it is in.
func (v *validator) heldOut(path Path, e *Experiment) {
	if e.Holdout != "" && e.Holdout != NoHoldout {
		v.reference(path, "holdout", e.Holdout, keys(v.catalog.Holdouts, func(h *Holdout) string { return h.Key }))
	}
	for _, h := range v.catalog.HoldoutsOf(e) {
		if h.Unit != e.Unit && h.Unit != "" && e.Unit != "" {
			where := path
			if e.Holdout == "" {
				where = append(slices.Clone(path[:len(path)-1]), "unit") // the holdout is not written here
			}
			v.add(CodeOtherKind, where, fmt.Sprintf("write holdout: %s to exempt the experiment, or hold out %s", NoHoldout, string(e.Unit)),
				"holdout %q keeps out %s, and the experiment randomises %s", h.Key, string(h.Unit), string(e.Unit))
		}
	}
}

func (v *validator) requires(path Path, e *Experiment) {
	r := e.Requires
	if r == (Requirement{}) {
		return
	}
	v.reference(at(path, "experiment"), "experiment", r.Experiment, keys(v.catalog.Experiments, func(e *Experiment) string { return e.Key }))
	other, ok := v.catalog.Experiment(r.Experiment)
	if !ok {
		return
	}
	v.reference(at(path, "variant"), "variant", r.Variant, other.Variants())
	if other.Unit != e.Unit && other.Unit != "" && e.Unit != "" {
		v.add(CodeOtherKind, at(path, "experiment"), "require an experiment with the same unit",
			"experiment %q randomises %s, and this one %s", r.Experiment, string(other.Unit), string(e.Unit))
	}
	if other != e && other.Salt == e.Salt && e.Salt != "" {
		v.add(CodeDuplicate, at(path, "experiment"), "give one of them another salt, which is a new run",
			"experiment %q has the same salt, so that a unit's arm here is decided by its arm there", r.Experiment)
	}
	if way := v.wayBack(e); way != nil {
		v.add(CodeCycle, at(path, "experiment"), "remove one of these requirements", "the experiments require each other: %s", strings.Join(way, " > "))
	}
}

// wayBack follows the requirements from an experiment to itself, or returns nil.
func (v *validator) wayBack(e *Experiment) []string {
	way := []string{e.Key}
	for next := e; next.Requires.Experiment != ""; {
		other, ok := v.catalog.Experiment(next.Requires.Experiment)
		if !ok {
			return nil
		}
		again := slices.Contains(way, other.Key)
		way = append(way, other.Key)
		if other.Key == e.Key {
			return way
		}
		if again {
			return nil // a cycle of others, which is theirs to report
		}
		next = other
	}
	return nil
}

func (v *validator) sticky(path Path, e *Experiment) {
	if len(e.Links) > 0 && !e.Sticky {
		v.add(CodeMissing, at(path, "links"), "set sticky: true, or remove links", "links keep a variant across ids, which only a sticky experiment does")
	}
	for i, kind := range e.Links {
		where := at(path, "links", i)
		v.name(where, "kind", string(kind))
		if kind == e.Unit || slices.Contains(e.Links[:i], kind) {
			v.add(CodeDuplicate, where, "remove one of them", "kind %q stands twice", string(kind))
		}
	}
}
