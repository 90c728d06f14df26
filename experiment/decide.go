package experiment

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment/audience"
)

// outcome is what the rules of an experiment say of a subject. It is small, so
// that it travels in registers.
type outcome struct {
	arm    int // in compiled.arms: whose variant and payload are served
	reason Reason
	unit   string // the id, where the rules got as far
}

// visit is a subject in one call. Nothing that is read from it may be stored behind a
// pointer: the subject, which the caller has built on its stack, would be moved to
// the heap.
type visit struct {
	once    *clock
	subject *Subject
	path    *path  // notes the rules that let pass; nil but for Explain
	known   *known // ids that were hashed already; nil but for At
}

// decide tries the rules in their order of precedence:
//
//	touchpoint > concluded, dates, paused > unit > override > bot, internal > sticky >
//	prerequisite > layer > audience > traffic > holdout > arm
//
// Where a link may know the unit, its own id is wanted only after sticky. The error
// is that of the assignments, for ReasonUnassigned.
func (c *compiled) decide(ctx context.Context, v *visit, assignments Assignments, touchpoint string) (outcome, error) {
	if !slices.Contains(c.touchpoints, touchpoint) {
		return outcome{reason: ReasonWrongTouchpoint}, nil
	}
	v.path.pass("touchpoint")
	return c.treat(ctx, v, assignments)
}

// decidePlain is decide for an experiment that is nothing but an audience and one
// split. It returns the index of the arm, and why; 0 for why leaves it to decide,
// which has the errors.
func (c *compiled) decidePlain(subject *Subject, touchpoint string) (int, Reason) {
	if !slices.Contains(c.touchpoints, touchpoint) {
		return 0, 0
	}
	id, _ := subject.ID(c.kind)
	if id == "" || len(id) > MaxText || !plain(id) && !recordable(id) {
		return 0, 0
	}
	if c.rules.audience != nil && !c.matches(c.rules.audience, subject) {
		return 0, ReasonAudience
	}
	arm, enrolled := c.plain.Arm(assign.Hash(id))
	if !enrolled {
		return 0, ReasonTraffic
	}
	return arm, ReasonArm
}

// treat is decide at any touchpoint.
func (c *compiled) treat(ctx context.Context, v *visit, assignments Assignments) (outcome, error) {
	if c.dated || c.paused {
		if o, done := c.notRunning(v.once.now()); done {
			return o, nil
		}
	}
	v.path.pass("running")
	id, u, problem := v.unit(c)
	linked := problem == ReasonMissingUnit && len(c.rules.links) > 0
	if problem != 0 && !linked {
		return outcome{reason: problem, unit: id}, nil
	}
	if !linked {
		v.path.pass("unit")
	}
	period := c.current(v.once)
	if reason, arm := c.exempt(v, id); reason != 0 {
		return outcome{arm: period.base + arm, reason: reason, unit: id}, nil
	}
	if c.rules.sticky {
		if o, err := c.remember(ctx, v, assignments, id); o.reason != 0 {
			return o, err
		}
	}
	v.path.pass("sticky")
	if linked {
		return outcome{reason: ReasonMissingUnit}, nil
	}
	if reason, err := c.ineligible(ctx, v, assignments, u); reason != 0 {
		return outcome{arm: period.base, reason: reason, unit: id}, err
	}
	return c.split(v, period, id, u), nil
}

// exempt says whether a rule takes the unit out before anything is split, and which
// variant it then meets.
func (c *compiled) exempt(v *visit, id string) (Reason, int) {
	r := &c.rules
	if r.overrides != nil {
		if variant, forced := r.overrides[id]; forced {
			return ReasonOverride, variant
		}
	}
	v.path.pass("override")
	if r.exclusions.bots != nil && c.matches(r.exclusions.bots, v.subject) {
		return ReasonBot, 0
	}
	v.path.pass("bot")
	if r.exclusions.internal != nil && c.matches(r.exclusions.internal, v.subject) {
		return ReasonInternal, 0
	}
	v.path.pass("internal")
	return 0, 0
}

// ineligible says which rule, if any, does not let the unit take part.
func (c *compiled) ineligible(ctx context.Context, v *visit, assignments Assignments, u assign.Unit) (Reason, error) {
	r := &c.rules
	if r.requires != nil {
		if met, err := c.required(ctx, v, assignments); err != nil {
			return ReasonUnassigned, err
		} else if !met {
			return ReasonPrerequisite, nil
		}
	}
	v.path.pass("prerequisite")
	if r.layer != nil && !r.layer.Has(u) {
		return ReasonLayer, nil
	}
	v.path.pass("layer")
	if r.audience != nil && !c.matches(r.audience, v.subject) {
		return ReasonAudience, nil
	}
	v.path.pass("audience")
	return 0, nil
}

// split asks the hash, and then the holdouts: only who would be enrolled is held out.
func (c *compiled) split(v *visit, period *period, id string, u assign.Unit) outcome {
	variant, enrolled := period.split.Arm(u)
	if !period.split.Hashed() {
		variant, enrolled = period.split.ArmOf(id)
	}
	if !enrolled {
		return outcome{arm: period.base, reason: ReasonTraffic, unit: id}
	}
	v.path.pass("traffic")
	for i := range c.rules.holdouts {
		if c.rules.holdouts[i].Has(u) {
			return outcome{arm: period.base, reason: ReasonHoldout, unit: id}
		}
	}
	v.path.pass("holdout")
	return outcome{arm: period.base + variant, reason: ReasonArm, unit: id}
}

// matches asks a rule, and counts the comparisons that lacked their attribute.
func (c *compiled) matches(rule *audience.Rule, subject *Subject) bool {
	matched, missing := rule.Match(subject.Attributes)
	if missing > 0 {
		c.counters.missing.Add(uint64(missing))
	}
	return matched
}

// required reports whether the subject meets the variant that is wanted of another
// experiment, wherever that one runs.
func (c *compiled) required(ctx context.Context, v *visit, assignments Assignments) (bool, error) {
	other := c.rules.requires
	asked := visit{once: v.once, subject: v.subject, known: v.known} // the path is that of one experiment
	o, err := other.treat(ctx, &asked, assignments)
	switch o.reason {
	case ReasonConcluded, ReasonOverride, ReasonSticky, ReasonArm:
		return other.arms[o.arm].variant == c.rules.variant, nil
	}
	return false, err
}

// unit returns the subject's id that the experiment randomises, its hash, and what
// is wrong with it, if anything is.
func (v *visit) unit(c *compiled) (id string, u assign.Unit, problem Reason) {
	id, _ = v.subject.ID(c.kind)
	if v.known != nil {
		u, problem = v.known.unit(id, c.kindNo)
	} else {
		u, problem = unitOf(id)
	}
	return id, u, problem
}

func unitOf(id string) (u assign.Unit, problem Reason) {
	switch {
	case id == "":
		return 0, ReasonMissingUnit
	case !recordable(id):
		return 0, ReasonInvalidUnit
	}
	return assign.Hash(id), 0
}

// notRunning decides by dates and pause, if they do.
func (c *compiled) notRunning(now time.Time) (outcome, bool) {
	switch {
	case c.concluded >= 0 && !now.Before(c.concludedAt):
		return outcome{arm: len(c.arms) - len(c.variants) + c.concluded, reason: ReasonConcluded}, true
	case now.Before(c.starts):
		return outcome{reason: ReasonNotStarted}, true
	case !c.ends.IsZero() && !now.Before(c.ends):
		return outcome{reason: ReasonEnded}, true
	case c.paused:
		return outcome{reason: ReasonPaused}, true
	}
	return outcome{}, false
}

// decision turns an outcome into what the application gets.
func (c *compiled) decision(o outcome) Decision {
	a := &c.arms[o.arm]
	return Decision{Variant: a.variant, Reason: o.reason, Enrolled: o.reason == ReasonArm || o.reason == ReasonSticky, of: &a.served}
}

// err says why there was no decision, or returns nil. failed is the error beside
// the outcome.
func (c *compiled) err(s *snapshot, o outcome, failed error, touchpoint string) error {
	switch o.reason {
	case ReasonUnassigned:
		return fmt.Errorf("%w: experiment %q: %w", ErrUnassigned, c.key, failed)
	case ReasonWrongTouchpoint:
		return c.wrongTouchpoint(s, touchpoint)
	case ReasonMissingUnit, ReasonInvalidUnit:
		return &UnitError{Kind: c.kind, Value: o.unit, reason: o.reason}
	}
	return nil
}

func (c *compiled) wrongTouchpoint(s *snapshot, touchpoint string) error {
	if _, known := s.touchpoints[touchpoint]; !known {
		return s.unknown("touchpoint", touchpoint)
	}
	return fmt.Errorf("%w: %q runs at %s, not at %q",
		ErrWrongTouchpoint, c.key, strings.Join(c.touchpoints, ", "), touchpoint)
}
