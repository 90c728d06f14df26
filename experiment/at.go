package experiment

import (
	"context"
	"errors"
	"slices"

	"github.com/touchlift/touchlift/assign"
)

// At decides every experiment that runs at a touchpoint, in the order of the
// catalogue, and appends the decisions to the buffer. Each is what [Engine.Decide]
// gives; the subject's ids are hashed once for all. Nothing is recorded: call
// [Engine.Expose] for those that the subject meets. It allocates nothing but the
// buffer's growth and errors.
//
// The error is an *UnknownError for a touchpoint that does not exist, with nothing
// appended; else it joins what went wrong: assignments that could not be read, and
// ids that cannot be units, each once. Missing ids are none, since not every subject
// has an id of every kind: look at the decision's Reason.
func (e *Engine) At(ctx context.Context, touchpoint string, subject Subject, buffer []Decision) ([]Decision, error) {
	s := e.current()
	list, ok := s.touchpoints[touchpoint]
	if !ok {
		return buffer, s.unknown("touchpoint", touchpoint)
	}
	var ids known
	once := clock{read: e.now}
	v := visit{once: &once, subject: &subject, known: &ids}
	var errs []error
	var invalid []Kind // whose id was told of already
	for _, c := range list {
		if c.plain != nil && c.rules.audience == nil {
			if id := &ids.of[c.kindNo%len(ids.of)]; id.no == c.kindNo+1 && id.problem == 0 {
				buffer = append(buffer, c.decisionOf(id.unit))
				continue
			}
		}
		o, failed := c.treat(ctx, &v, s.assignments)
		switch {
		case o.reason == ReasonUnassigned:
			errs = append(errs, c.err(s, o, failed, touchpoint))
		case o.reason == ReasonInvalidUnit && !slices.Contains(invalid, c.kind):
			errs = append(errs, c.err(s, o, failed, touchpoint))
			invalid = append(invalid, c.kind)
		}
		buffer = append(buffer, c.decision(o))
	}
	return buffer, errors.Join(errs...)
}

// decisionOf is the decision of a plain experiment on a unit that is known.
func (c *compiled) decisionOf(u assign.Unit) Decision {
	arm, enrolled := c.plain.Arm(u)
	if !enrolled {
		return c.decision(outcome{reason: ReasonTraffic})
	}
	return c.decision(outcome{arm: arm, reason: ReasonArm})
}

// known remembers the hashes of a subject's ids, of a few kinds at a time.
type known struct {
	of [4]struct {
		no      int // of the kind, from 1; 0 is free
		unit    assign.Unit
		problem Reason
	}
}

func (k *known) unit(id string, kindNo int) (u assign.Unit, problem Reason) {
	entry := &k.of[kindNo%len(k.of)]
	if entry.no != kindNo+1 {
		entry.no = kindNo + 1
		entry.unit, entry.problem = unitOf(id)
	}
	return entry.unit, entry.problem
}
