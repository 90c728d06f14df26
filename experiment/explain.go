package experiment

import (
	"context"
	"fmt"
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
func (e *Engine) Explain(_ context.Context, touchpoint, experiment string, subject Subject) (Explanation, error) {
	s := e.current()
	c := s.experiments[experiment]
	if c == nil {
		decision, err := s.unknownExperiment(experiment)
		return Explanation{Decision: decision, Passed: []string{}}, err
	}
	walked := path{passed: []string{"experiment"}}
	o := c.decide(&clock{read: e.now}, touchpoint, &subject, &walked)
	return Explanation{Decision: c.decision(o), Unit: o.unit, Passed: walked.passed}, c.err(s, o, touchpoint)
}

// path notes the rules that let a subject pass. A nil path notes nothing.
type path struct {
	passed []string
}

func (p *path) pass(rule string) {
	if p != nil {
		p.passed = append(p.passed, rule)
	}
}
