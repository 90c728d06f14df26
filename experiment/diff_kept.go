package experiment

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/touchlift/touchlift/assign"
)

// renamed compares the keys. Assignments are kept by them.
func (f *differ) renamed() {
	switch {
	case f.before.Key == f.after.Key:
	case f.before.Sticky:
		f.keptUnknown()
		f.add("experiment", ChangeReshuffle, nil, "is renamed: what was given to units, by a list or before, is kept under the old key, and they lose it; "+
			"events before and after carry different names, so that the analysis splits there; keep the key, or give it a new salt")
	default:
		f.add("experiment", ChangeSafe, nil, "is renamed: nobody is moved; events before and after carry different names, so that the analysis splits there")
	}
}

// sticky compares whether units keep their variants.
func (f *differ) sticky() {
	switch {
	case f.before.Sticky == f.after.Sticky:
	case f.after.Sticky:
		f.add("sticky", ChangeSafe, nil, "from now on units keep the variant that they meet")
	default:
		f.keptUnknown()
		f.add("sticky", ChangeReshuffle, nil, "units that keep a variant against the hash, from a list, a log-in or an earlier phase, lose it; keep sticky, or give it a new salt")
	}
}

func (f *differ) keptUnknown() {
	f.unknown = "how many units have another variant than the hash gives them depends on what is kept for them"
}

// requires is the requirement of the new experiment under the old key of the one that is
// required.
func (f *differ) requires() Requirement {
	r := f.after.Requires
	if was, ok := f.was[r.Experiment]; ok {
		r.Experiment = was
	}
	return r
}

// dependants adds a line to every experiment whose required experiment changes, for as
// long as that makes others change.
func dependants(old, new *Catalog, was map[string]string, all []ExperimentDifference) {
	for again := true; again; {
		again = false
		for i := range all {
			d, after := &all[i], &new.Experiments[i]
			before, known := old.Experiment(was[after.Key])
			required := after.Requires.Experiment
			if required == "" || !known || before.Requires.Experiment != was[required] ||
				slices.ContainsFunc(d.Changes, func(c FieldChange) bool { return c.Field == "requires" }) {
				continue
			}
			other := slices.IndexFunc(new.Experiments, func(e Experiment) bool { return e.Key == required })
			class := all[other].besidesName()
			if class == "" || class == ChangeCosmetic {
				continue
			}
			if len(d.Changes) == 0 {
				d.Moves, d.Unknown = nil, fmt.Sprintf("how many units enter and leave depends on what they meet in %q", required)
			}
			d.Changes = append(d.Changes, FieldChange{Field: "requires", Class: ChangeSafe,
				Text: fmt.Sprintf("%q, which it requires, changes (%s), and who is eligible with what units meet there", required, class)})
			d.Class, again = d.Class.worse(ChangeSafe), true
		}
	}
}

// besidesName is the class of the worst change but a new name that moves nobody.
func (d *ExperimentDifference) besidesName() ChangeClass {
	var worst ChangeClass
	for i := range d.Changes {
		if c := &d.Changes[i]; c.Field != "experiment" || c.Class != ChangeSafe {
			worst = worst.worse(c.Class)
		}
	}
	return worst
}

// formulas says how one formula becomes another: the parameters that differ where the
// name is the same.
func formulas(old, new assign.Formula) string {
	from, to := formulaName(old), formulaName(new)
	if from != to {
		return from + " becomes " + to
	}
	before, after := parameters(old), parameters(new)
	names := slices.Concat(slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after)))
	slices.Sort(names)
	var texts []string
	for _, name := range slices.Compact(names) {
		if a, b := before[name], after[name]; !bytes.Equal(a, b) {
			texts = append(texts, fmt.Sprintf("%s %s becomes %s", name, orDefault(a), orDefault(b)))
		}
	}
	if len(texts) == 0 {
		return from + " has other parameters"
	}
	return from + ": " + strings.Join(texts, ", ")
}

func formulaName(f assign.Formula) string {
	if f == nil {
		return "touchlift/1"
	}
	return f.Name()
}

// parameters of a formula by name, as they stand in JSON; none if it has no such form.
func parameters(f assign.Formula) map[string]json.RawMessage {
	text, err := json.Marshal(f)
	var fields map[string]json.RawMessage
	if err != nil || json.Unmarshal(text, &fields) != nil {
		return nil
	}
	return fields
}

func orDefault(value json.RawMessage) string {
	if value == nil {
		return "(default)"
	}
	return string(value)
}

// unknown says why no share is known, and what can be done.
func unknown(err error) string {
	var other *assign.DiffError
	if !errors.As(err, &other) {
		return err.Error()
	}
	names := other.Old
	if other.New != other.Old {
		names += " and " + other.New
	}
	return "arms of another SDK (" + names + "): compare the decisions of both over your ids"
}
