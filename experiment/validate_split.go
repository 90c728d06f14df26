package experiment

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment/internal/suggest"
)

// spec is the split that the experiment asks for with a share of the traffic, after
// the first phases of those that it declares.
func (e *Experiment) spec(share assign.Share, phases int) assign.Spec {
	spec := assign.Spec{Salt: e.Salt, Arms: weights(e.Arms), Traffic: share, Hash: e.Hash}
	if nobody(share) {
		spec.Hash = nil // nobody is enrolled by any formula, and not each can say so
	}
	for i := range e.Phases[:phases] {
		spec.Phases = append(spec.Phases, weights(e.Phases[i].Arms))
	}
	return spec
}

func nobody(share assign.Share) bool { return share.Num == 0 && share.Den > 0 }

func weights(arms []Arm) []assign.Arm {
	all := make([]assign.Arm, len(arms))
	for i, a := range arms {
		all[i] = assign.Arm{Variant: a.Variant, Weight: a.Weight}
	}
	return all
}

// traffic checks the steps. That each share is one is left to split.
func (v *validator) traffic(path Path, e *Experiment) {
	steps := e.Traffic
	if e.Hash != nil && steps.grow() && !assign.KeepsEnrolled(e.spec(assign.Share{}, 0)) {
		v.add(CodeShrinks, path, "keep one share; or list the ranges of the SDK, where the formula takes them; or begin a new run, with a new salt and touchlift/1",
			"traffic changes under %s, which moves units that are enrolled to other arms when it grows", e.Hash.Name())
	}
	for i, step := range steps {
		v.date(at(path, i, "from"), "from", step.From)
		if end := e.End(); !end.IsZero() && !step.From.Before(end) {
			v.add(CodeInvalidTimes, at(path, i, "from"), "move it, or leave the step out", "the step begins at %s, when the experiment is over", step.From.Format(time.RFC3339))
		}
		if i == 0 {
			continue
		}
		v.after(at(path, i, "from"), step.From, steps[i-1].From, "the step before")
		if step.Share.Less(steps[i-1].Share) {
			v.add(CodeShrinks, at(path, i, "share"), "raise it or leave it; to begin anew with less traffic, give the experiment a new salt",
				"traffic shrinks from %s to %s; units that are enrolled would leave", steps[i-1].Share, step.Share)
		}
	}
}

// grow reports that the share rises from one above 0.
func (t Traffic) grow() bool {
	for i := 1; i < len(t); i++ {
		if !nobody(t[i-1].Share) && t[i-1].Share.Less(t[i].Share) {
			return true
		}
	}
	return false
}

// after checks that a date stands and is later than the one before it.
func (v *validator) after(path Path, from, before time.Time, what string) {
	switch {
	case from.IsZero():
		v.add(CodeMissing, path, "say from when it holds", "from is missing")
	case !from.After(before):
		v.add(CodeInvalidTimes, path, "list them in the order of time", "from %s is not after %s, %s",
			from.Format(time.RFC3339), what, before.Format(time.RFC3339))
	}
}

func (v *validator) phases(path Path, e *Experiment) {
	known := make(map[string]bool)
	for i := range e.Arms {
		known[e.Arms[i].Variant] = true
	}
	for i := range e.Phases {
		phase, from := &e.Phases[i], at(path, i, "from")
		v.date(from, "from", phase.From)
		before, what := e.Starts, "starts"
		if i > 0 {
			before, what = e.Phases[i-1].From, "the phase before"
		}
		v.after(from, phase.From, before, what)
		if end := e.End(); !end.IsZero() && !phase.From.Before(end) {
			v.add(CodeInvalidTimes, from, "move it, or leave the phase out", "the phase begins at %s, when the experiment is over", phase.From.Format(time.RFC3339))
		}
		v.phaseArms(at(path, i, "arms"), phase.Arms, known)
	}
}

func (v *validator) phaseArms(path Path, arms []Arm, known map[string]bool) {
	if len(arms) == 0 {
		v.add(CodeMissing, path, "list every arm with its weight from then on", "the phase has no arms")
	}
	seen := make(map[string]bool, len(arms))
	for i := range arms {
		arm, name := at(path, i), arms[i].Variant
		v.variant(at(arm, "variant"), name, seen)
		if known[name] && arms[i].Payload != nil {
			v.add(CodeInvalidPayload, at(arm, "payload"), "remove it; a treatment that changes is a new variant with a name of its own",
				"variant %q has its payload from before and keeps it", name)
		}
		v.payload(at(arm, "payload"), arms[i].Payload)
	}
	v.misspelled(path, arms, known)
	for i := range arms {
		known[arms[i].Variant] = true
	}
}

// misspelled finds a new variant of a phase that is nearly one that the phase leaves
// out: taken at its word it would end one treatment and begin another.
func (v *validator) misspelled(path Path, arms []Arm, known map[string]bool) {
	var left []string
	for name := range known {
		if !slices.ContainsFunc(arms, func(a Arm) bool { return a.Variant == name }) {
			left = append(left, name)
		}
	}
	slices.Sort(left)
	for i := range arms {
		name := arms[i].Variant
		if meant, near := suggest.Closest(name, left); near && !known[name] && !siblings(name, meant) {
			v.add(CodeUnknownName, at(path, i, "variant"), fmt.Sprintf("did you mean %q? If it ends and %q begins, list %q with weight 0", meant, name, meant),
				"variant %q is new, and %q is not listed", name, meant)
		}
	}
}

// siblings reports names such as v1 and v2, or discount_10 and discount_15, which are
// near on purpose.
func siblings(a, b string) bool {
	letters := func(name string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return -1
			}
			return r
		}, name)
	}
	return letters(a) == letters(b)
}

// split has assign judge weights, traffic and hash: what is left of its problems
// when names and salt, which are judged elsewhere, are taken away.
func (v *validator) split(path Path, e *Experiment) {
	steps := e.Traffic
	if len(steps) == 0 {
		steps = Steady(assign.Share{})
	}
	seen := make(map[string]bool)
	for i, step := range steps {
		problems, err := e.splitProblems(step.Share)
		if err != nil && !seen[""] {
			v.add(CodeInvalidNumber, at(path, "hash"), "", "%v", err)
			seen[""] = true
		}
		for _, p := range problems {
			if !seen[p.Field] {
				seen[p.Field] = p.Field != "traffic"
				v.splitProblem(path, e, i, p)
			}
		}
	}
}

// splitProblems are those of the split with a share, or another error of a formula.
func (e *Experiment) splitProblems(share assign.Share) (problems assign.SpecErrors, err error) {
	_, err = assign.NewSplit(e.spec(share, len(e.Phases)))
	if err != nil && !errors.As(err, &problems) {
		return nil, err
	}
	if e.Hash == nil || !nobody(share) {
		return problems, nil
	}
	// The formula was not asked to lay out nobody, and yet has to be sound.
	if judged, ok := e.Hash.(assign.Judged); ok {
		problems = append(problems, judged.Problems()...)
	}
	if len(e.Phases) > 0 {
		problems = append(problems, &assign.SpecError{
			Field: "phases", Value: len(e.Phases), Problem: "phases, and the formula of another SDK cannot move units by the smallest step",
			Want: "want no phases with it; keep the weights to the end, or start a new run with a new salt and touchlift/1",
		})
	}
	return problems, nil
}

// splitProblem reports what assign says about one field, unless validate has.
func (v *validator) splitProblem(path Path, e *Experiment, step int, p *assign.SpecError) {
	field := fieldPath(p.Field)
	if len(field) == 0 {
		field = Path{"hash"}
	}
	where := append(slices.Clone(path), field...)
	said := p.Said()
	if field[0] == "phases" && len(field) > 1 {
		where = append(where, "arms")
	}
	switch {
	case p.Field == "salt" && (e.Salt == "" || strings.IndexByte(e.Salt, 0) >= 0) || field[len(field)-1] == "variant" && field[0] != "hash":
	case p.Value == 0 && field[0] != "hash": // no arms, as was said
	case p.Field == "traffic":
		v.add(CodeInvalidNumber, at(path, "traffic", step, "share"), "write a share such as 5%", "traffic %s", said)
	case field[0] == "hash":
		v.add(CodeInvalidNumber, where, p.Want, "%s of %s: %s", strings.TrimPrefix(p.Field, "hash."), e.Hash.Name(), said)
	case e.Hash != nil:
		v.add(CodeInvalidNumber, where, p.Want, "with the formula %s: %s", e.Hash.Name(), said)
	case strings.HasSuffix(p.Problem, "every weight is 0"):
		v.add(CodeInvalidWeight, where, "give at least one arm a weight above 0", "every weight is 0")
	default:
		v.add(CodeInvalidNumber, where, p.Want, "the experiment has %s", said)
	}
}

// fieldPath is the path of a field such as hash.ranges[0].variant.
func fieldPath(field string) Path {
	var path Path
	for _, part := range strings.FieldsFunc(field, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		if i, err := strconv.Atoi(part); err == nil {
			path = append(path, i)
		} else {
			path = append(path, part)
		}
	}
	return path
}
