package experiment

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/touchlift/touchlift/assign"
)

// differ compares one experiment before and after.
type differ struct {
	at            time.Time
	before, after *Experiment
	old, new      side
	was           map[string]string // new key to old one
	segments      bool              // a segment has changed
	unknown       string            // why no share can be said although the hash is known
	changes       []FieldChange
}

// diffExperiment compares an experiment before and after; either may be nil.
func diffExperiment(old, new *Catalog, before, after *Experiment, was map[string]string, options DiffOptions) (ExperimentDifference, error) {
	f := differ{at: options.At, was: was, before: before, after: after, segments: !reflect.DeepEqual(old.Segments, new.Segments)}
	var err error
	if before != nil {
		if f.old, err = sideOf(old, before, f.at); err != nil {
			return ExperimentDifference{}, err
		}
	}
	if after != nil {
		if f.new, err = sideOf(new, after, f.at); err != nil {
			return ExperimentDifference{}, err
		}
	}
	switch {
	case before == nil:
		f.old.unit = f.new.unit
		f.add("experiment", ChangeSafe, nil, "is added")
	case after == nil:
		f.new.unit = f.old.unit
		f.add("experiment", ChangeSafe, nil, "%s", f.removed())
	default:
		f.compare()
	}
	d := f.result()
	return d, f.later(old, new, &d)
}

// removed says what becomes of the units of an experiment that is taken out.
func (f *differ) removed() string {
	switch {
	case !f.at.IsZero() && f.at.Before(f.before.Starts):
		return "is removed before it has started"
	case !f.at.IsZero() && over(f.before, f.at):
		return "is removed after its end: everyone meets what the application shows without it"
	}
	return "is removed: its enrolled units meet control from then on, as everyone does: what the application shows without it"
}

// result sums up. What the hash moves in a new run is declared, and what it would
// move in an experiment that is not running moves nobody.
func (f *differ) result() ExperimentDifference {
	d := ExperimentDifference{Changes: f.changes}
	switch {
	case f.after == nil:
		d.Key = f.before.Key
	case f.before != nil && f.before.Key != f.after.Key:
		d.Key, d.Was = f.after.Key, f.before.Key
	default:
		d.Key = f.after.Key
	}
	idle, newRun := f.idle(), f.before != nil && f.after != nil && f.before.Salt != f.after.Salt
	for i := range d.Changes {
		c := &d.Changes[i]
		switch {
		case c.Class != ChangeReshuffle:
		case newRun:
			c.Class = ChangeNewRun
		case idle != "":
			c.Class, c.Text = ChangeSafe, c.Text+"; safe, because the experiment "+idle
		}
		d.Class = d.Class.worse(c.Class)
	}
	if len(d.Changes) > 0 && f.unknown != "" {
		d.Unknown = f.unknown
	} else if moves, err := change(f.old, f.new); err != nil {
		d.Unknown = unknown(err)
	} else if len(d.Changes) > 0 {
		d.Moves = moves
	}
	return d
}

// later fills in what the plans differ by once everything has begun, where that is not
// what is in force now. Who is not enrolled yet is not moved by any change.
func (f *differ) later(old, new *Catalog, d *ExperimentDifference) error {
	idle := f.idle()
	if f.at.IsZero() || d.Moves == nil {
		return nil
	}
	if idle != "" {
		none := assign.Compare(nil, nil)
		d.Moves = &none
	}
	if idle == hasEnded {
		return nil
	}
	before, after := f.old, f.new
	var err error
	if f.before != nil {
		if before, err = sideOf(old, f.before, time.Time{}); err != nil {
			return err
		}
	}
	if f.after != nil {
		if after, err = sideOf(new, f.after, time.Time{}); err != nil {
			return err
		}
	}
	if later, err := change(before, after); err == nil && len(later.Moves) > 0 && later.String() != d.Moves.String() {
		d.Later = later
	}
	return nil
}

// idle says why the change meets no enrolled unit; empty if it does.
func (f *differ) idle() string {
	if f.at.IsZero() {
		return ""
	}
	waiting, ended := true, true
	for _, e := range []*Experiment{f.before, f.after} {
		if e != nil {
			waiting, ended = waiting && f.at.Before(e.Starts), ended && over(e, f.at)
		}
	}
	switch {
	case waiting:
		return "has not started"
	case ended:
		return hasEnded
	}
	return ""
}

const hasEnded = "has ended"

func over(e *Experiment, at time.Time) bool { return !e.End().IsZero() && !at.Before(e.End()) }

func (f *differ) add(field string, class ChangeClass, moves *assign.Change, format string, args ...any) {
	f.changes = append(f.changes, FieldChange{Field: field, Class: class, Text: fmt.Sprintf(format, args...), Moves: moves})
}

// compare goes through the fields in their order in the configuration.
func (f *differ) compare() {
	f.renamed()
	f.words(
		wording{"touchpoints", ChangeSafe, f.before.Touchpoints, f.after.Touchpoints, "where it runs changes"},
		wording{"owner", ChangeCosmetic, f.before.Owner, f.after.Owner, ""},
		wording{"hypothesis", ChangeCosmetic, f.before.Hypothesis, f.after.Hypothesis, ""},
	)
	f.run()
	f.arms()
	f.payloads()
	f.phases()
	f.traffic()
	f.gates()
	f.words(
		wording{"audience", ChangeSafe, f.before.Audience, f.after.Audience, "who is eligible changes; how many enter and leave depends on their attributes"},
		wording{"requires", ChangeSafe, f.before.Requires, f.requires(), "who is eligible changes with what units meet in the other experiment"},
	)
	f.sticky()
	f.words(
		wording{"links", ChangeSafe, f.before.Links, f.after.Links, "under which ids a unit keeps its variant changes"},
		wording{"starts", ChangeSafe, f.before.Starts.UTC(), f.after.Starts.UTC(), "when it runs changes"},
		wording{"ends", ChangeSafe, f.before.Ends.UTC(), f.after.Ends.UTC(), "when it runs changes; from the end on everybody meets control"},
		wording{"paused", ChangeSafe, f.before.Paused, f.after.Paused, "while it is paused everybody meets control"},
		wording{"overrides", ChangeSafe, f.before.Overrides, f.after.Overrides, "forced variants change, for the ids that are listed"},
		wording{"metrics", ChangeSafe, f.before.Metrics, f.after.Metrics, "nobody is moved; what is analysed changes"},
		wording{"analysis", ChangeSafe, f.before.Plan.WithDefaults(), f.after.Plan.WithDefaults(), "nobody is moved; how it is analysed changes, which is to be settled before the start"},
		wording{"concluded", ChangeSafe, f.before.Concluded.utc(), f.after.Concluded.utc(), "what is served once it is over changes"},
	)
	if f.segments && f.after.Audience != "" && f.before.Audience == f.after.Audience {
		f.add("audience", ChangeSafe, nil, "a segment changes: if the rule uses it, who is eligible changes with the attributes")
	}
}

func (c Concluded) utc() Concluded {
	c.At = c.At.UTC()
	return c
}

// wording is a field that no hash depends on.
type wording struct {
	field    string
	class    ChangeClass
	old, new any
	text     string
}

func (f *differ) words(words ...wording) {
	for _, w := range words {
		if same(w.old, w.new) {
			continue
		}
		text := w.text
		if text == "" {
			text = fmt.Sprintf("%q becomes %q", w.old, w.new)
		}
		f.add(w.field, w.class, nil, "%s", text)
	}
}

// same compares values; an empty list or map is as good as none.
func same(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	if k := x.Kind(); (k == reflect.Slice || k == reflect.Map) && x.Len() == 0 && y.Len() == 0 {
		return true
	}
	return reflect.DeepEqual(a, b)
}

// run compares what makes a randomisation: kind of id, salt and formula.
func (f *differ) run() {
	if f.before.Unit != f.after.Unit {
		f.add("unit", ChangeReshuffle, nil, "%s becomes %s: other ids are randomised, within the run of the same salt; give it a new salt", f.before.Unit, f.after.Unit)
	}
	if f.before.Salt != f.after.Salt {
		f.add("salt", ChangeNewRun, nil, "%q becomes %q: a new run, in which everyone is assigned anew", f.before.Salt, f.after.Salt)
	}
	if !reflect.DeepEqual(f.before.Hash, f.after.Hash) {
		f.add("hash", ChangeReshuffle, nil, "%s: everyone is assigned anew within the run; keep the formula, or give it a new salt", formulas(f.before.Hash, f.after.Hash))
	}
}

// arms compares the variants and weights of phase 0.
func (f *differ) arms() {
	if slices.Equal(weights(f.before.Arms), weights(f.after.Arms)) {
		return
	}
	moves, _ := splitChange(f.before, 0, f.after, 0)
	switch {
	case moves != nil && len(moves.Moves) == 0 && f.before.Control() == f.after.Control():
		f.add("arms", ChangeCosmetic, nil, "%s becomes %s, which are the same shares in other words", armsText(f.before.Arms), armsText(f.after.Arms))
	case moves != nil && len(moves.Moves) == 0:
		f.add("arms", ChangeReshuffle, nil, "%s becomes %s: nobody is moved, but control is another arm; keep the first one, or give it a new salt",
			armsText(f.before.Arms), armsText(f.after.Arms))
	case len(otherNames(f.before.Arms, f.after.Arms)) > 0:
		f.add("arms", ChangeReshuffle, moves, "%s: its units stand under two names in the run, and lose what was kept for them; keep the name, or give it a new salt",
			strings.Join(otherNames(f.before.Arms, f.after.Arms), ", "))
	default:
		f.add("arms", ChangeReshuffle, moves, "%s becomes %s without a phase; keep the arms and list the new weights under phases, or give it a new salt",
			armsText(f.before.Arms), armsText(f.after.Arms))
	}
}

// otherNames tells of the arms that are renamed, where that is all that changes.
func otherNames(old, new []Arm) []string {
	if len(old) != len(new) {
		return nil
	}
	var texts []string
	for i := range old {
		known := slices.ContainsFunc(old, func(a Arm) bool { return a.Variant == new[i].Variant })
		switch {
		case old[i].Weight != new[i].Weight || known && old[i].Variant != new[i].Variant:
			return nil
		case !known:
			texts = append(texts, fmt.Sprintf("%s is renamed %s", old[i].Variant, new[i].Variant))
		}
	}
	return texts
}

func armsText(arms []Arm) string {
	text := ""
	for i, arm := range arms {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s %d", arm.Variant, arm.Weight)
	}
	return text
}

// payloads compares what variants of both sides show.
func (f *differ) payloads() {
	old := f.before.payloads()
	for _, variant := range f.after.Variants() {
		payload, known := old[variant]
		if known && !same(payload, f.after.payloads()[variant]) {
			f.add("arms", ChangeSafe, nil, "the payload of %s changes: nobody is moved, but its units meet another treatment under the same name", variant)
		}
	}
}

// payloads of all variants, normal, so that they compare.
func (e *Experiment) payloads() map[string]Payload {
	all := make(map[string]Payload)
	for _, arms := range e.armLists() {
		for _, arm := range arms {
			if _, known := all[arm.Variant]; !known {
				all[arm.Variant] = arm.Payload.clone()
			}
		}
	}
	return all
}

// armLists are the arms of every phase.
func (e *Experiment) armLists() [][]Arm {
	lists := [][]Arm{e.Arms}
	for i := range e.Phases {
		lists = append(lists, e.Phases[i].Arms)
	}
	return lists
}
