package experiment

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/touchlift/touchlift/assign"
)

// snapshot is a compiled catalogue. It is never changed once it is published.
type snapshot struct {
	experiments    map[string]*compiled
	touchpoints    map[string]bool
	experimentKeys []string
	touchpointKeys []string
}

// compiled is one experiment, ready to decide.
type compiled struct {
	key         string
	run         string
	kind        Kind
	touchpoints []string
	split       *assign.Split
	arms        []compiledArm
	overrides   map[string]int // unit to arm; nil without overrides
	dated       bool           // the clock matters
	paused      bool
	starts      time.Time
	ends        time.Time
	concluded   int // arm that is served at the end; -1 for none
	concludedAt time.Time
}

type compiledArm struct {
	variant string
	served  served
}

func compileCatalog(c *Catalog) (*snapshot, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	s := &snapshot{
		experiments: make(map[string]*compiled, len(c.Experiments)),
		touchpoints: make(map[string]bool, len(c.Touchpoints)),
	}
	for i := range c.Touchpoints {
		s.touchpoints[c.Touchpoints[i].Key] = true
		s.touchpointKeys = append(s.touchpointKeys, c.Touchpoints[i].Key)
	}
	for i := range c.Experiments {
		e, err := compileExperiment(&c.Experiments[i])
		if err != nil {
			return nil, err
		}
		s.experiments[e.key] = e
		s.experimentKeys = append(s.experimentKeys, e.key)
	}
	return s, nil
}

func compileExperiment(e *Experiment) (*compiled, error) {
	split, err := assign.NewSplit(e.spec())
	if err != nil {
		return nil, fmt.Errorf("experiment: %q: %w", e.Key, err)
	}
	revision := e.Revision()
	c := &compiled{
		key: e.Key, run: e.Run(), kind: e.Unit, split: split,
		touchpoints: append([]string(nil), e.Touchpoints...),
		dated:       !e.Starts.IsZero() || !e.Ends.IsZero() || e.Concluded.Serve != "",
		paused:      e.Paused, starts: e.Starts, ends: e.Ends, concluded: -1, concludedAt: e.Concluded.At,
	}
	if c.concludedAt.IsZero() {
		c.concludedAt = e.Ends
	}
	for i, a := range e.Arms {
		c.arms = append(c.arms, compiledArm{
			variant: a.Variant,
			served:  served{experiment: c.key, revision: revision, payload: a.Payload.clone()},
		})
		if a.Variant == e.Concluded.Serve {
			c.concluded = i
		}
		for _, id := range e.Overrides[a.Variant] {
			if c.overrides == nil {
				c.overrides = make(map[string]int)
			}
			c.overrides[id] = i
		}
	}
	return c, nil
}

// Revision returns the content hash of the definition, 12 hexadecimal digits:
// equal definitions have equal revisions. It is for audit and part of no key.
// It is empty where Validate refuses a payload or a date.
func (e *Experiment) Revision() string {
	same := *e
	same.Starts, same.Ends, same.Concluded.At = e.Starts.UTC(), e.Ends.UTC(), e.Concluded.At.UTC()
	text, err := json.Marshal(same)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}
