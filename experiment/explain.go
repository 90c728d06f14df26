package experiment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/touchlift/touchlift/experiment/audience"
)

// Explanation is the path of a subject through the rules of an experiment.
type Explanation struct {
	// Decision at the end of the path, as Decide gives it.
	Decision Decision `json:"decision"`
	// Unit that was hashed or looked up; empty where it was not reached.
	Unit string `json:"unit"`
	// Passed rules in their order, also those that the experiment does not make use
	// of. The rule that decided is Decision.Reason.
	Passed []string `json:"passed"`
	// Rule says what every comparison found, of the rule for bots, for one's own
	// people, or of the audience that decided; nil where none of them did.
	Rule *audience.Explanation `json:"rule,omitempty"`
}

// String tells the path in one line, such as
//
//	checkout: experiment > touchpoint > running > unit > override: free_returns
//
// and below it what the comparisons of a rule found, if a rule decided.
func (e Explanation) String() string {
	steps := append(append([]string(nil), e.Passed...), e.Decision.Reason.String())
	text := fmt.Sprintf("%s: %s: %s", e.Decision.Experiment(), strings.Join(steps, " > "), e.Decision.Variant)
	if e.Rule != nil {
		text += "\n" + strings.TrimRight(e.Rule.String(), "\n")
	}
	return text
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
	explained := Explanation{Decision: c.decision(o), Unit: o.unit, Passed: slices.Clone(walked.passed[:walked.length])}
	if rule := c.ruleOf(o.reason); rule != nil {
		found := rule.Explain(subject.Attributes)
		explained.Rule = &found
	}
	return explained, c.err(s, o, failed, touchpoint)
}

// ruleOf is the rule over attributes that gives a reason, if one does.
func (c *compiled) ruleOf(r Reason) *audience.Rule {
	switch r {
	case ReasonBot:
		return c.rules.exclusions.bots
	case ReasonInternal:
		return c.rules.exclusions.internal
	case ReasonAudience:
		return c.rules.audience
	}
	return nil
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
