package experiment

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Explanation is the path of a subject through the rules of an experiment.
type Explanation struct {
	// Decision at the end of the path, as Decide gives it.
	Decision Decision `json:"decision"`
	// Unit that was hashed or looked up; empty where it was not reached.
	Unit string `json:"unit"`
	// Passed rules in their order. The rule that decided is Decision.Reason.
	Passed []string `json:"passed"`
}

// String tells the path in one line, such as
//
//	checkout: touchpoint > running > unit > override > traffic > arm: free_returns
func (e Explanation) String() string {
	steps := append(append([]string(nil), e.Passed...), e.Decision.Reason.String())
	return fmt.Sprintf("%s: %s: %s", e.Decision.Experiment(), strings.Join(steps, " > "), e.Decision.Variant)
}

// Explain decides like [Engine.Decide] and says which rules the subject passed
// and which one decided. It records nothing. The errors are those of Decide.
func (e *Engine) Explain(ctx context.Context, touchpoint, experiment string, subject Subject) (Explanation, error) {
	s := e.current()
	c := s.experiments.find(experiment)
	if c == nil {
		decision, err := s.unknownExperiment(experiment)
		return Explanation{Decision: decision, Passed: []string{}}, err
	}
	var walked path
	walked.pass("experiment")
	once := clock{read: e.now}
	v := visit{once: &once, subject: &subject, path: &walked}
	o, failed := c.decide(ctx, &v, s.assignments, touchpoint)
	return Explanation{Decision: c.decision(o), Unit: o.unit, Passed: slices.Clone(walked.passed[:walked.length])}, c.err(s, o, failed, touchpoint)
}

// path notes the rules that let a subject pass. A nil path notes nothing.
type path struct {
	passed [16]string
	length int
}

func (p *path) pass(rule string) {
	if p != nil {
		p.passed[p.length] = rule
		p.length++
	}
}
