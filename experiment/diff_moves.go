package experiment

import (
	"errors"
	"slices"
	"time"

	"github.com/touchlift/touchlift/assign"
)

// side is an experiment as the hash sees it.
type side struct {
	unit     Kind
	split    *assign.Split
	layer    *assign.Part // nil without a layer
	holdouts []assign.Part
}

// sideOf returns the side of an experiment of a valid catalogue, with the step and the
// phase in force at a moment, or all of them for the zero moment.
func sideOf(c *Catalog, e *Experiment, at time.Time) (s side, err error) {
	s.unit = e.Unit
	if s.split, err = assign.NewSplit(e.spec(e.Traffic.by(at), e.phasesBy(at))); err != nil {
		return s, err
	}
	if l, ok := c.Layer(e.Layer.Layer); ok {
		part, err := assign.NewPart(assign.PurposeLayer, l.Salt, e.Layer.From, e.Layer.To, l.slots())
		if err != nil {
			return s, err
		}
		s.layer = &part
	}
	for _, h := range c.HoldoutsOf(e) {
		part, err := assign.NewPart(assign.PurposeHoldout, h.Salt, 0, h.Share.Num, h.Share.Den)
		if err != nil {
			return s, err
		}
		s.holdouts = append(s.holdouts, part)
	}
	return s, nil
}

// last is the share once every step is in force.
func (t Traffic) last() assign.Share {
	if len(t) == 0 {
		return assign.Share{}
	}
	return t[len(t)-1].Share
}

// by is the share at a moment; for the zero one, once every step is in force.
func (t Traffic) by(at time.Time) assign.Share {
	if at.IsZero() {
		return t.last()
	}
	return t.at(at)
}

func (e *Experiment) phasesBy(at time.Time) int {
	if at.IsZero() {
		return len(e.Phases)
	}
	return e.phaseAt(at)
}

// outcomes lists what the units get: a variant, or to be held out of it.
func (s side) outcomes() ([]assign.Outcome, error) {
	var within assign.Region
	if s.layer != nil {
		within = within.In(*s.layer)
	}
	all, err := s.split.Outcomes(within)
	if err != nil {
		return nil, err
	}
	for i := range all[:len(all):len(all)] {
		for _, h := range s.holdouts {
			all = append(all, assign.Outcome{Variant: reservedVariant, Region: all[i].Region.In(h)})
			all[i].Region = all[i].Region.Outside(h)
		}
	}
	return all, nil
}

// errOtherKind says why nothing can be compared across kinds of id.
var errOtherKind = errors.New("another kind of id is randomised: nobody keeps an assignment")

// change compares two sides exactly.
func change(old, new side) (*assign.Change, error) {
	if old.unit != new.unit {
		return nil, errOtherKind
	}
	if old.sameGates(new) {
		c, err := assign.Diff(old.split, new.split)
		if err != nil {
			return nil, err
		}
		if len(old.holdouts) == 0 && old.layer == nil || len(c.Moves) == 0 {
			return &c, nil
		}
	}
	before, err := old.outcomes()
	if err != nil {
		return nil, err
	}
	after, err := new.outcomes()
	if err != nil {
		return nil, err
	}
	c := assign.Compare(before, after)
	return &c, nil
}

func (s side) sameGates(other side) bool {
	sameLayer := s.layer == other.layer || s.layer != nil && other.layer != nil && *s.layer == *other.layer
	return sameLayer && slices.Equal(s.holdouts, other.holdouts)
}

// disturbs reports whether units that were enrolled or held out change what they get.
func disturbs(c *assign.Change) bool {
	return c != nil && c.Moved.Sign()+c.Left.Sign() != 0
}

// splitChange compares the weights of two experiments after so many phases, with everyone
// enrolled and by the salt and the formula of the new one.
func splitChange(old *Experiment, oldPhases int, new *Experiment, newPhases int) (*assign.Change, error) {
	like := *old
	like.Salt, like.Hash = new.Salt, new.Hash
	before, err := assign.NewSplit(like.spec(assign.Share{}, oldPhases))
	if err != nil {
		return nil, err
	}
	after, err := assign.NewSplit(new.spec(assign.Share{}, newPhases))
	if err != nil {
		return nil, err
	}
	c, err := assign.Diff(before, after)
	if err != nil {
		return nil, err
	}
	return &c, nil
}
