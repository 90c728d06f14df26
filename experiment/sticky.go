package experiment

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/touchlift/touchlift/assign"
)

// Errors of assignments.
var (
	// ErrUnassigned: the experiment is sticky and its assignments could not be
	// read, so that nobody knows which variant the unit met before. The decision
	// is control, and not recorded. The error also matches its cause.
	ErrUnassigned = errors.New("experiment: the stored assignment could not be read")
	// ErrNotAssigned: the decision stands, but it could not be kept for the next
	// time. It was recorded, unless the error also matches ErrNotRecorded. The error
	// also matches its cause.
	ErrNotAssigned = errors.New("experiment: the assignment could not be stored")
)

// names calls f with the ids under which the subject may be remembered: the linked
// ones first, since they know the customer, then the unit's own, until f is done.
func (c *compiled) names(s *Subject, unit string, f func(id ID) (done bool)) {
	for _, kind := range c.rules.links {
		if id, _ := s.ID(kind); id != "" && recordable(id) && f(ID{Kind: kind, Value: id}) {
			return
		}
	}
	if unit != "" {
		f(ID{Kind: c.kind, Value: unit})
	}
}

func (c *compiled) assignmentKey(id ID) AssignmentKey {
	return AssignmentKey{Experiment: c.key, Run: c.run, ID: id}
}

// remember decides by what the unit was given before, if anything is known of it.
// The reason of the outcome is zero where nothing is. A unit with an id of its own
// stays the unit; one that is held out is not let in by what another one was given.
func (c *compiled) remember(ctx context.Context, v *visit, assignments Assignments, unit string, u assign.Unit) (o outcome, failed error) {
	out := unit != "" && c.heldOut(u)
	c.names(v.subject, unit, func(id ID) bool {
		if out && id.Kind != c.kind {
			return false
		}
		given, ok, err := assignments.Assignment(ctx, c.assignmentKey(id))
		if err != nil {
			o, failed = outcome{reason: ReasonUnassigned, unit: unit}, err
			return true
		}
		if ok {
			o, ok = c.kept(given)
		}
		if ok && unit != "" {
			o.unit = unit
		}
		return ok
	})
	return o, failed
}

// kept is the outcome of an assignment. One that the experiment cannot serve any
// more, because its variant is gone, decides nothing.
func (c *compiled) kept(a Assignment) (outcome, bool) {
	phases := len(c.arms) / len(c.variants)
	if a.Phase < 0 || a.Phase >= phases || !recordable(a.Unit) || a.Unit == "" {
		return outcome{}, false
	}
	for i, variant := range c.variants {
		if variant == a.Variant {
			return outcome{arm: a.Phase*len(c.variants) + i, reason: ReasonSticky, unit: a.Unit}, true
		}
	}
	return outcome{}, false
}

// settle keeps an outcome under every id of the subject that is not known yet, and
// returns the one that stands: where another process was faster, its.
func (c *compiled) settle(ctx context.Context, s *Subject, assignments Assignments, o outcome) (outcome, error) {
	if o.reason == ReasonSticky && len(c.rules.links) == 0 {
		return o, nil // it is known under its one id
	}
	own, _ := s.ID(c.kind)
	if !recordable(own) {
		own = ""
	}
	var err error
	crossed := false
	c.names(s, own, func(id ID) bool {
		var kept Assignment
		given := Assignment{Unit: o.unit, Variant: c.arms[o.arm].variant, Phase: c.arms[o.arm].served.phase}
		if kept, err = c.assigned(ctx, assignments, id, given); err != nil {
			return true
		}
		stands, ok := c.kept(kept)
		switch {
		case !ok || kept.Variant == given.Variant && kept.Phase == given.Phase:
		case o.reason == ReasonArm:
			if own != "" {
				stands.unit = own
			}
			o = stands // another process was faster
		case kept.Variant != given.Variant:
			crossed = true
		}
		return false
	})
	if crossed {
		c.counters.crossovers.Add(1)
	}
	if err != nil {
		return o, fmt.Errorf("%w: experiment %q: %w", ErrNotAssigned, c.key, err)
	}
	return o, nil
}

// assigned is what is kept under an id, which is the given assignment if it is new.
func (c *compiled) assigned(ctx context.Context, assignments Assignments, id ID, given Assignment) (Assignment, error) {
	key := c.assignmentKey(id)
	kept, ok, err := assignments.Assignment(ctx, key)
	if err != nil || ok {
		return kept, err
	}
	return assignments.Assign(ctx, key, given)
}

// linked returns a copy of the subject's ids, and with them the units as which
// experiments know the subject by a link alone.
func (s *snapshot) linked(ctx context.Context, subject *Subject) ([]ID, error) {
	ids := slices.Clone(subject.IDs)
	var failed error
	for _, c := range s.linking {
		known := slices.ContainsFunc(ids, func(id ID) bool { return id.Kind == c.kind })
		if known || len(ids) >= MaxIDs {
			continue
		}
		v := visit{subject: subject}
		o, err := c.remember(ctx, &v, s.assignments, "", 0)
		if err != nil {
			failed = fmt.Errorf("%w: experiment %q: %w", ErrUnassigned, c.key, err)
		} else if o.reason == ReasonSticky {
			ids = append(ids, ID{Kind: c.kind, Value: o.unit})
		}
	}
	return ids, failed
}

// Counters are what happened in one experiment since the engine was made.
type Counters struct {
	// MissingAttributes is the number of comparisons, in the audience and the
	// exclusions and of what the experiment requires, that were false in
	// [Engine.Expose] because the subject lacked the attribute.
	MissingAttributes uint64 `json:"missing_attributes"`
	// Crossovers is the number of exposures of subjects whose linked ids had been
	// given different variants.
	Crossovers uint64 `json:"crossovers"`
}

// Counters returns the counters of an experiment, and whether there is one of that
// name. They go on across [Engine.Replace].
func (e *Engine) Counters(experiment string) (Counters, bool) {
	c := e.current().experiments.find(experiment)
	if c == nil {
		return Counters{}, false
	}
	return Counters{MissingAttributes: c.counters.missing.Load(), Crossovers: c.counters.crossovers.Load()}, true
}
