package experiment

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/touchlift/touchlift/assign"
)

// ChangeClass says what a change does to a running experiment.
type ChangeClass string

// The classes, from harmless to harmful.
const (
	// ChangeCosmetic: no unit meets anything else, no number changes.
	ChangeCosmetic ChangeClass = "cosmetic"
	// ChangeSafe: whoever is enrolled keeps the arm that the hash gives. Units may
	// enter, and rules other than the hash may let in, or out, whom the text of the
	// change names.
	ChangeSafe ChangeClass = "safe"
	// ChangeNewPhase: declared, so that the fewest units are moved and the analysis
	// knows of it.
	ChangeNewPhase ChangeClass = "new phase"
	// ChangeNewRun: declared by a new salt. Everyone is assigned anew, and what was
	// recorded belongs to the old run.
	ChangeNewRun ChangeClass = "new run"
	// ChangeReshuffle: enrolled units change arm or leave within a run, undeclared.
	// The analysis would mix them.
	ChangeReshuffle ChangeClass = "reshuffle"
)

// classes in the order of harm.
var classes = [...]ChangeClass{"", ChangeCosmetic, ChangeSafe, ChangeNewPhase, ChangeNewRun, ChangeReshuffle}

// worse returns the more harmful of the two.
func (c ChangeClass) worse(other ChangeClass) ChangeClass {
	if slices.Index(classes[:], other) > slices.Index(classes[:], c) {
		return other
	}
	return c
}

// FieldChange is a change of one field of an experiment or a catalogue.
type FieldChange struct {
	// Field as its key in the configuration, such as "salt", "phases[0]" or "layer".
	Field string `json:"field"`
	// Class of this change by itself.
	Class ChangeClass `json:"class"`
	// Text says what changes and, for a reshuffle, what to do instead.
	Text string `json:"text"`
	// Moves are the units that this change alone moves. It is nil where nobody is
	// moved by the hash, and where no share can be said: that of an audience depends
	// on the attributes of the subjects.
	Moves *assign.Change `json:"moves,omitempty"`
}

// ExperimentDifference is what changes about one experiment.
type ExperimentDifference struct {
	// Key of the experiment: the new one, or the old one if it is removed.
	Key string `json:"experiment"`
	// Was is the old key where the experiment is renamed.
	Was string `json:"was,omitempty"`
	// Class is the worst of Changes.
	Class ChangeClass `json:"class"`
	// Changes by field, at least one.
	Changes []FieldChange `json:"changes"`
	// Moves are the exact shares of all ids of the kind that the changes move together,
	// at [DiffOptions].At, or without it once every step of the traffic and every phase is
	// in force: the product of the streams of layer, holdouts, traffic and arm. The
	// variant "holdout" stands for units that are held out, who count as moved.
	// Audience, prerequisite, overrides and, without At, dates are left out. Nil if no
	// share can be said; Unknown then says why.
	Moves   *assign.Change `json:"moves,omitempty"`
	Unknown string         `json:"unknown,omitempty"`
	// Later are the shares by which the two plans differ once every step and phase is in
	// force. Nobody has been moved by them yet. Nil without At, and where nothing is
	// still to come.
	Later *assign.Change `json:"later,omitempty"`
}

// Difference is what changes between two catalogues.
type Difference struct {
	// Changes outside the experiments.
	Changes []FieldChange `json:"changes,omitempty"`
	// Experiments that change: those of the new catalogue in its order, and then those
	// that are removed.
	Experiments []ExperimentDifference `json:"experiments,omitempty"`
}

// Class is that of the worst change; empty if nothing changes.
func (d *Difference) Class() ChangeClass {
	var worst ChangeClass
	for i := range d.Changes {
		worst = worst.worse(d.Changes[i].Class)
	}
	for i := range d.Experiments {
		worst = worst.worse(d.Experiments[i].Class)
	}
	return worst
}

// Experiment returns what changes about the experiment of that key, and whether
// anything does.
func (d *Difference) Experiment(key string) (*ExperimentDifference, bool) {
	for i := range d.Experiments {
		if d.Experiments[i].Key == key {
			return &d.Experiments[i], true
		}
	}
	return nil, false
}

// DiffOptions say when the change is made.
type DiffOptions struct {
	// At is the moment of the change. What begins later has moved nobody yet and may
	// change freely: an experiment that has not started, a step, a phase; and so may
	// an experiment that has ended. Default: everything has begun and nothing ended.
	At time.Time
}

// Diff compares two valid catalogues. Experiments are the same where their keys are;
// of the others, those with the same salt and kind of id were renamed. The error says
// which of the catalogues is not valid, and wraps its [*InvalidCatalogError].
func Diff(old, new *Catalog, options DiffOptions) (Difference, error) {
	if err := bothValid(old, new); err != nil {
		return Difference{}, err
	}
	d := Difference{Changes: catalogChanges(old, new)}
	was := renames(old, new)
	var all []ExperimentDifference
	for i := range new.Experiments {
		after := &new.Experiments[i]
		before, _ := old.Experiment(was[after.Key])
		one, err := diffExperiment(old, new, before, after, was, options)
		if err != nil {
			return Difference{}, err
		}
		all = append(all, one)
	}
	dependants(old, new, was, all)
	for _, one := range all {
		if len(one.Changes) > 0 {
			d.Experiments = append(d.Experiments, one)
		}
	}
	kept := slices.Collect(maps.Values(was))
	for i := range old.Experiments {
		if before := &old.Experiments[i]; !slices.Contains(kept, before.Key) {
			one, err := diffExperiment(old, new, before, nil, was, options)
			if err != nil {
				return Difference{}, err
			}
			d.Experiments = append(d.Experiments, one)
		}
	}
	return d, nil
}

// renames returns the old key of every experiment of the new catalogue that was there
// before.
func renames(old, new *Catalog) map[string]string {
	was, kept := make(map[string]string), make(map[string]bool)
	for i := range new.Experiments {
		if before := predecessor(old, new, &new.Experiments[i], kept); before != nil {
			kept[before.Key] = true
			was[new.Experiments[i].Key] = before.Key
		}
	}
	return was
}

// DiffExperiments compares one experiment of each of two valid catalogues, whatever
// their keys. Without a difference the result has no Changes. The error is that of
// [Diff], or names the experiment that is not there.
func DiffExperiments(old *Catalog, oldKey string, new *Catalog, newKey string, options DiffOptions) (ExperimentDifference, error) {
	if err := bothValid(old, new); err != nil {
		return ExperimentDifference{}, err
	}
	before, ok := old.Experiment(oldKey)
	if !ok {
		return ExperimentDifference{}, fmt.Errorf("experiment: the old catalogue has no experiment %q", oldKey)
	}
	after, ok := new.Experiment(newKey)
	if !ok {
		return ExperimentDifference{}, fmt.Errorf("experiment: the new catalogue has no experiment %q", newKey)
	}
	was := renames(old, new)
	was[newKey] = oldKey
	return diffExperiment(old, new, before, after, was, options)
}

func bothValid(old, new *Catalog) error {
	if err := old.Validate(); err != nil {
		return fmt.Errorf("experiment: the old catalogue: %w", err)
	}
	if err := new.Validate(); err != nil {
		return fmt.Errorf("experiment: the new catalogue: %w", err)
	}
	return nil
}

// predecessor is the experiment that the one of the new catalogue was; nil if it is new.
// Those in kept have a successor already.
func predecessor(old, new *Catalog, after *Experiment, kept map[string]bool) *Experiment {
	if before, ok := old.Experiment(after.Key); ok {
		return before
	}
	for i := range old.Experiments {
		before := &old.Experiments[i]
		if _, stays := new.Experiment(before.Key); !stays && !kept[before.Key] && before.Salt == after.Salt && before.Unit == after.Unit {
			return before
		}
	}
	return nil
}
