package experiment

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/touchlift/touchlift/assign"
)

// outcome is what the rules of an experiment say of a subject. It is small, so
// that it travels in registers.
type outcome struct {
	arm    int // whose variant and payload are served
	reason Reason
	unit   string // the id, where the rules got as far
}

// decide tries the rules in their order of precedence:
//
//	touchpoint > concluded, dates, paused > unit > override > traffic > arm
//
// Every rule that lets the subject pass is noted on the path, which is nil but
// for Explain.
func (c *compiled) decide(once *clock, touchpoint string, subject *Subject, path *path) outcome {
	if !slices.Contains(c.touchpoints, touchpoint) {
		return outcome{reason: ReasonWrongTouchpoint}
	}
	path.pass("touchpoint")
	if c.dated || c.paused {
		if o, done := c.notRunning(once.now()); done {
			return o
		}
	}
	path.pass("running")
	unit, _ := subject.ID(c.kind)
	if unit == "" {
		return outcome{reason: ReasonMissingUnit}
	}
	if !recordable(unit) {
		return outcome{reason: ReasonInvalidUnit, unit: unit}
	}
	path.pass("unit")
	if c.overrides != nil {
		if arm, forced := c.overrides[unit]; forced {
			return outcome{arm: arm, reason: ReasonOverride, unit: unit}
		}
	}
	path.pass("override")
	arm, enrolled := c.split.Arm(assign.Hash(unit))
	if !enrolled {
		return outcome{reason: ReasonTraffic, unit: unit}
	}
	path.pass("traffic")
	return outcome{arm: arm, reason: ReasonArm, unit: unit}
}

// notRunning decides by dates and pause, if they do.
func (c *compiled) notRunning(now time.Time) (outcome, bool) {
	switch {
	case c.concluded >= 0 && !now.Before(c.concludedAt):
		return outcome{arm: c.concluded, reason: ReasonConcluded}, true
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
	return Decision{Variant: a.variant, Reason: o.reason, Enrolled: o.reason == ReasonArm, of: &a.served}
}

// err says why there was no decision, or returns nil.
func (c *compiled) err(s *snapshot, o outcome, touchpoint string) error {
	switch o.reason {
	case ReasonWrongTouchpoint:
		return c.wrongTouchpoint(s, touchpoint)
	case ReasonMissingUnit, ReasonInvalidUnit:
		return &UnitError{Kind: c.kind, Value: o.unit, reason: o.reason}
	}
	return nil
}

func (c *compiled) wrongTouchpoint(s *snapshot, touchpoint string) error {
	if !s.touchpoints[touchpoint] {
		return s.unknown("touchpoint", touchpoint)
	}
	return fmt.Errorf("%w: %q runs at %s, not at %q",
		ErrWrongTouchpoint, c.key, strings.Join(c.touchpoints, ", "), touchpoint)
}

// UnitError says why a subject cannot be randomised. It matches ErrMissingUnit
// or ErrInvalidUnit.
type UnitError struct {
	// Kind of id that the experiment randomises.
	Kind Kind
	// Value of the id; empty where it is missing.
	Value string

	reason Reason
}

// Error names the kind of id and what is wrong with it.
func (e *UnitError) Error() string {
	if e.reason == ReasonMissingUnit {
		return fmt.Sprintf("experiment: the subject has no id of kind %q, or an empty one; the experiment randomises that kind", string(e.Kind))
	}
	return fmt.Sprintf("experiment: the id of kind %q cannot be a unit: want valid UTF-8 of at most %d bytes without NUL, have %.80q",
		string(e.Kind), MaxText, e.Value)
}

// Is reports true for ErrMissingUnit or ErrInvalidUnit.
func (e *UnitError) Is(target error) bool {
	return target == ErrMissingUnit && e.reason == ReasonMissingUnit || target == ErrInvalidUnit && e.reason == ReasonInvalidUnit
}
