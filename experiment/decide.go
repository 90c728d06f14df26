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
	missing int    // comparisons that lacked their attribute

	// The exclusions are those of the catalogue: asked once for all experiments.
	asked    bool
	excluded Reason
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
	if c.rules.audience != nil {
		if matched, _ := c.rules.audience.Match(subject.Attributes); !matched {
			return 0, ReasonAudience
		}
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
		if o, err := c.remember(ctx, v, assignments, id, u); o.reason != 0 {
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
	if !v.asked {
		v.excluded, v.asked = r.exclusions.ask(v), true
	}
	if v.excluded == ReasonBot {
		return ReasonBot, 0
	}
	v.path.pass("bot")
	if v.excluded == ReasonInternal {
		return ReasonInternal, 0
	}
	v.path.pass("internal")
	return 0, 0
}

// ask is the reason by which the subject is in no experiment, or 0.
func (x *exclusions) ask(v *visit) Reason {
	switch {
	case x.bots != nil && v.matches(x.bots):
		return ReasonBot
	case x.internal != nil && v.matches(x.internal):
		return ReasonInternal
	}
	return 0
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
	if r.audience != nil && !v.matches(r.audience) {
		return ReasonAudience, nil
	}
	v.path.pass("audience")
	return 0, nil
}

// split asks the hash, and then the holdouts: only who would be enrolled is held out.
func (c *compiled) split(v *visit, period *period, id string, u assign.Unit) outcome {
	variant, enrolled := period.arm(id, u)
	if !enrolled {
		return outcome{arm: period.base, reason: ReasonTraffic, unit: id}
	}
	v.path.pass("traffic")
	if c.heldOut(u) {
		return outcome{arm: period.base, reason: ReasonHoldout, unit: id}
	}
	v.path.pass("holdout")
	return outcome{arm: period.base + variant, reason: ReasonArm, unit: id}
}

// matches asks a rule, and counts the comparisons that lacked their attribute.
func (v *visit) matches(rule *audience.Rule) bool {
	matched, missing := rule.Match(v.subject.Attributes)
	v.missing += missing
	return matched
}

// required reports whether the subject meets the variant that is wanted of another
// experiment, wherever that one runs.
func (c *compiled) required(ctx context.Context, v *visit, assignments Assignments) (bool, error) {
	other := c.rules.requires
	asked := visit{once: v.once, subject: v.subject, known: v.known, asked: v.asked, excluded: v.excluded}
	o, err := other.treat(ctx, &asked, assignments) // without a path, which is that of one experiment
	v.missing += asked.missing
	switch o.reason {
	case ReasonConcluded, ReasonOverride, ReasonSticky, ReasonArm:
		return other.arms[o.arm].variant == c.rules.variant, nil
	case ReasonHoldout:
		return c.wouldMeet(v, o.unit), nil
	}
	return false, err
}

// wouldMeet reports whether a unit that a holdout keeps out of the required
// experiment counts as one that meets the variant there: if it is held out of this
// experiment too, where it belongs to the counterfactual group.
func (c *compiled) wouldMeet(v *visit, id string) bool {
	u := assign.Hash(id)
	if !c.heldOut(u) {
		return false
	}
	other := c.rules.requires
	period := other.current(v.once)
	variant, enrolled := period.arm(id, u)
	return enrolled && other.variants[variant] == c.rules.variant
}

// arm asks the hash of the period.
func (p *period) arm(id string, u assign.Unit) (variant int, enrolled bool) {
	if p.split.Hashed() {
		return p.split.Arm(u)
	}
	return p.split.ArmOf(id)
}

func (c *compiled) heldOut(u assign.Unit) bool {
	for i := range c.rules.holdouts {
		if c.rules.holdouts[i].Has(u) {
			return true
		}
	}
	return false
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
