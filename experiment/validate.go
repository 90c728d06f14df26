package experiment

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment/audience"
	"github.com/touchlift/touchlift/experiment/internal/suggest"
)

// Validate returns nil or an *InvalidCatalogError with every problem of the
// catalogue, in its order.
func (c *Catalog) Validate() error {
	v := validator{catalog: c}
	seen := make(map[string]bool)
	for i := range c.Touchpoints {
		v.touchpoint(Path{"touchpoints", i}, &c.Touchpoints[i], seen)
	}
	clear(seen)
	for i := range c.Metrics {
		v.metric(Path{"metrics", i}, &c.Metrics[i], seen)
	}
	v.schema = c.schema()
	clear(seen)
	for i := range c.Attributes {
		v.attribute(Path{"attributes", i}, &c.Attributes[i], seen)
	}
	clear(seen)
	for i := range c.Segments {
		v.segment(Path{"segments", i}, &c.Segments[i], seen)
	}
	clear(seen)
	for i := range c.Layers {
		v.layer(Path{"layers", i}, &c.Layers[i], seen)
	}
	clear(seen)
	for i := range c.Holdouts {
		v.holdout(Path{"holdouts", i}, &c.Holdouts[i], seen)
	}
	v.exclusions(Path{"exclusions"}, c.Exclusions)
	clear(seen)
	for i := range c.Experiments {
		v.experiment(Path{"experiments", i}, &c.Experiments[i], seen)
	}
	if len(v.problems) == 0 {
		return nil
	}
	return &InvalidCatalogError{Problems: v.problems}
}

// validator collects the problems of a catalogue.
type validator struct {
	catalog  *Catalog
	schema   audience.Schema
	problems []*Problem
}

func (v *validator) add(code Code, path Path, hint, format string, args ...any) {
	v.problems = append(v.problems, &Problem{Code: code, Path: path, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// at returns a path below another one, sharing no memory with it.
func at(path Path, steps ...any) Path { return append(slices.Clone(path), steps...) }

// maxName is the longest name of a touchpoint, metric, experiment or variant,
// in bytes.
const maxName = 200

// name checks something that people write in files and read in reports.
func (v *validator) name(path Path, what, name string) bool {
	switch {
	case name == "":
		v.add(CodeMissing, path, "", "%s is missing", what)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		v.add(CodeInvalidName, path, "use letters, digits, - and _", "%s %q has characters that cannot be printed", what, name)
	case strings.TrimSpace(name) != name:
		v.add(CodeInvalidName, path, "remove the space", "%s %q starts or ends with space", what, name)
	case len(name) > maxName:
		v.add(CodeInvalidName, path, "use a shorter name", "%s has %d bytes, at most %d are allowed", what, len(name), maxName)
	default:
		return true
	}
	return false
}

// key checks a name that must be unique among its kind.
func (v *validator) key(path Path, what, key string, seen map[string]bool) {
	if !v.name(path, what, key) {
		return
	}
	if seen[key] {
		v.add(CodeDuplicate, path, "rename or remove one of them", "%s %q stands twice", what, key)
	}
	seen[key] = true
}

// reference checks that a name is among those defined.
func (v *validator) reference(path Path, what, name string, defined []string) {
	if slices.Contains(defined, name) {
		return
	}
	hint := fmt.Sprintf("define the %s or name one that is defined", what)
	if meant, ok := suggest.Closest(name, defined); ok {
		hint = fmt.Sprintf("did you mean %q?", meant)
	}
	v.add(CodeUnknownName, path, hint, "%s %q is not defined", what, name)
}

// choice checks a word against the allowed ones.
func choice[T ~string](v *validator, path Path, what string, word T, allowed ...T) {
	if slices.Contains(allowed, word) {
		return
	}
	words := make([]string, len(allowed))
	for i, a := range allowed {
		words[i] = string(a)
	}
	hint := ""
	if meant, ok := suggest.Closest(string(word), words); ok {
		hint = fmt.Sprintf("did you mean %q?", meant)
	}
	if word == "" {
		v.add(CodeMissing, path, hint, "%s is missing; it is one of %s", what, strings.Join(words, ", "))
		return
	}
	if len(words) == 1 {
		v.add(CodeInvalidChoice, path, hint, "%s is %q; only %s is possible", what, string(word), words[0])
		return
	}
	v.add(CodeInvalidChoice, path, hint, "%s is %q; it is one of %s", what, string(word), strings.Join(words, ", "))
}

func (v *validator) touchpoint(path Path, t *Touchpoint, seen map[string]bool) {
	v.key(at(path, "key"), "touchpoint", t.Key, seen)
	choice(v, at(path, "stage"), "stage", t.Stage, Stages()...)
	choice(v, at(path, "channel"), "channel", t.Channel, Channels()...)
	if !(t.UnitCost >= 0) || t.UnitCost > maxAmount {
		v.add(CodeInvalidNumber, at(path, "unit_cost"), "", "unit_cost is %v; it is a number from 0 up", t.UnitCost)
	}
}

// maxAmount bounds sums of money and caps, far above any use, so that squares
// stay finite.
const maxAmount = 1e100

func (v *validator) metric(path Path, m *Metric, seen map[string]bool) {
	v.key(at(path, "key"), "metric", m.Key, seen)
	v.name(at(path, "event"), "event", m.Event)
	choice(v, at(path, "kind"), "kind", m.Kind, MetricProportion, MetricMean)
	if m.Direction != "" {
		choice(v, at(path, "direction"), "direction", m.Direction, Increase, Decrease)
	}
	v.duration(at(path, "delay"), "delay", m.Delay)
	v.duration(at(path, "window"), "window", m.Window)
	if m.Kind == MetricProportion {
		if m.Aggregation != "" {
			v.add(CodeInvalidChoice, at(path, "aggregation"), "leave it out, or use kind mean",
				"aggregation is %q; a proportion has none", string(m.Aggregation))
		}
		if m.Cap != 0 {
			v.add(CodeInvalidNumber, at(path, "cap"), "leave it out, or use kind mean", "cap is %v; a proportion has none", m.Cap)
		}
		return
	}
	if m.Aggregation != "" {
		choice(v, at(path, "aggregation"), "aggregation", m.Aggregation, AggregateSum, AggregateCount)
	}
	if !(m.Cap >= 0) || m.Cap > maxAmount {
		v.add(CodeInvalidNumber, at(path, "cap"), "leave it out for no cap", "cap is %v; it is a number above 0", m.Cap)
	}
}

func (v *validator) duration(path Path, what string, d time.Duration) {
	switch {
	case d < 0 || d > maxQueryDuration:
		v.add(CodeInvalidNumber, path, "", "%s is %v; it is 0 to 200 years", what, d)
	case d%time.Microsecond != 0:
		v.add(CodeInvalidNumber, path, "", "%s is %v; it is whole microseconds", what, d)
	}
}

func (v *validator) experiment(path Path, e *Experiment, seen map[string]bool) {
	v.key(at(path, "key"), "experiment", e.Key, seen)
	v.touchpoints(path, e)
	v.name(at(path, "unit"), "unit", string(e.Unit))
	v.salt(at(path, "salt"), e.Salt)
	v.arms(path, e)
	v.traffic(at(path, "traffic"), e)
	v.phases(at(path, "phases"), e)
	v.split(path, e)
	v.times(path, e)
	v.rule(at(path, "audience"), e.Audience)
	v.slots(at(path, "layer"), e)
	v.heldOut(at(path, "holdout"), e)
	v.requires(at(path, "requires"), e)
	v.sticky(path, e)
	v.overrides(at(path, "overrides"), e)
	v.metrics(at(path, "metrics"), e)
	v.plan(at(path, "analysis"), e)
	v.concluded(at(path, "concluded"), e)
}

func (v *validator) touchpoints(path Path, e *Experiment) {
	if len(e.Touchpoints) == 0 {
		v.add(CodeMissing, at(path, "touchpoints"), "name at least one touchpoint", "touchpoints are missing")
	}
	defined := make([]string, len(v.catalog.Touchpoints))
	for i := range v.catalog.Touchpoints {
		defined[i] = v.catalog.Touchpoints[i].Key
	}
	for i, key := range e.Touchpoints {
		if slices.Contains(e.Touchpoints[:i], key) {
			v.add(CodeDuplicate, at(path, "touchpoints", i), "remove one of them", "touchpoint %q stands twice", key)
			continue
		}
		v.reference(at(path, "touchpoints", i), "touchpoint", key, defined)
	}
}

func (v *validator) salt(path Path, salt string) {
	hint := "any text that no other experiment uses, such as the experiment's name and the month"
	switch {
	case salt == "":
		v.add(CodeMissing, path, hint, "salt is missing")
	case strings.IndexByte(salt, 0) >= 0:
		v.add(CodeInvalidName, path, hint, "salt %q contains NUL", salt)
	case !utf8.ValidString(salt):
		v.add(CodeInvalidName, path, hint, "salt %q is not valid UTF-8", salt)
	case len(salt) > MaxText:
		v.add(CodeInvalidName, path, hint, "salt has %d bytes, at most %d are allowed", len(salt), MaxText)
	}
}

// reservedVariant is what the units kept out are called in results.
const reservedVariant = "holdout"

func (v *validator) arms(path Path, e *Experiment) {
	if len(e.Arms) < 2 {
		v.add(CodeMissing, at(path, "arms"), "the first arm is control", "an experiment has at least two arms, this one has %d", len(e.Arms))
	}
	seen := make(map[string]bool, len(e.Arms))
	for i := range e.Arms {
		arm := at(path, "arms", i)
		v.variant(at(arm, "variant"), e.Arms[i].Variant, seen)
		v.payload(at(arm, "payload"), e.Arms[i].Payload)
	}
}

func (v *validator) variant(path Path, name string, seen map[string]bool) {
	v.key(path, "variant", name, seen)
	if name == reservedVariant {
		v.add(CodeInvalidName, path, "use another name", "variant %q is reserved for the units that are kept out", reservedVariant)
	}
}

func (v *validator) times(path Path, e *Experiment) {
	v.date(at(path, "starts"), "starts", e.Starts)
	v.date(at(path, "ends"), "ends", e.Ends)
	v.date(at(path, "concluded", "at"), "at", e.Concluded.At)
	if !e.Starts.IsZero() && !e.Ends.IsZero() && !e.Starts.Before(e.Ends) {
		v.add(CodeInvalidTimes, at(path, "ends"), "swap them or move one", "ends %s is not after starts %s",
			e.Ends.Format(time.RFC3339), e.Starts.Format(time.RFC3339))
	}
}

// date checks that a time, where it is set, has a text form.
func (v *validator) date(path Path, what string, t time.Time) {
	if utc := t.UTC(); !t.IsZero() && (utc.Before(minTime) || !utc.Before(maxTime)) {
		v.add(CodeInvalidTimes, path, "", "%s is %v; it lies in the years 1 to 9999", what, utc)
	}
}

func (v *validator) overrides(path Path, e *Experiment) {
	variants := make([]string, 0, len(e.Overrides))
	for variant := range e.Overrides {
		variants = append(variants, variant)
	}
	slices.Sort(variants)
	forced := make(map[string]string)
	for _, variant := range variants {
		v.reference(at(path, variant), "variant", variant, e.Variants())
		for i, id := range e.Overrides[variant] {
			id, where := id, at(path, variant, i)
			if err := checkUnit(id); err != nil {
				v.add(CodeInvalidName, where, "", "id %q cannot be a unit: %v", id, err)
			} else if other, ok := forced[id]; ok {
				v.add(CodeDuplicate, where, "remove one of them", "id %q is already forced into %q", id, other)
			}
			forced[id] = variant
		}
	}
}

func (v *validator) metrics(path Path, e *Experiment) {
	defined := make([]string, len(v.catalog.Metrics))
	for i := range v.catalog.Metrics {
		defined[i] = v.catalog.Metrics[i].Key
	}
	if e.Metrics.Primary != "" {
		v.reference(at(path, "primary"), "metric", e.Metrics.Primary, defined)
	} else if len(e.Metrics.Secondary) > 0 {
		v.add(CodeMissing, at(path, "primary"), "one metric decides", "primary is missing although there are secondary metrics")
	}
	for i, key := range e.Metrics.Secondary {
		where := at(path, "secondary", i)
		if key == e.Metrics.Primary || slices.Contains(e.Metrics.Secondary[:i], key) {
			v.add(CodeDuplicate, where, "remove one of them", "metric %q stands twice", key)
			continue
		}
		v.reference(where, "metric", key, defined)
	}
}

func (v *validator) plan(path Path, e *Experiment) {
	p := e.Plan
	if p.Method != "" {
		choice(v, at(path, "method"), "method", p.Method, MethodFixed)
	}
	if p.Alpha != 0 && !(p.Alpha > 0 && p.Alpha < 0.5) {
		v.add(CodeInvalidNumber, at(path, "alpha"), "it is the rate of false alarms: 0.05 gives 95 % intervals",
			"alpha is %v; it lies between 0 and 0.5", p.Alpha)
	}
	if p.Families.Primary != "" {
		choice(v, at(path, "families", "primary"), "primary", p.Families.Primary, AdjustHolm)
	}
	if p.Families.Secondary != "" {
		choice(v, at(path, "families", "secondary"), "secondary", p.Families.Secondary, AdjustHolm, AdjustBH)
	}
	if p.Sample < 0 {
		v.add(CodeInvalidNumber, at(path, "sample"), "", "sample is %d; it is a number of units per arm", p.Sample)
	}
	v.sampleNeedsWindow(at(path, "sample"), e)
}

func (v *validator) sampleNeedsWindow(path Path, e *Experiment) {
	if e.Plan.Sample <= 0 {
		return
	}
	if e.Metrics.Primary == "" {
		v.add(CodeMissing, path, "name metrics.primary", "sample is planned for the primary metric, which is missing")
		return
	}
	if m, ok := v.catalog.Metric(e.Metrics.Primary); ok && m.Window == 0 {
		v.add(CodeMissingWindow, path, fmt.Sprintf("give metric %q a window, or leave sample out and set ends", m.Key),
			"sample counts matured units, and without a window no unit of metric %q matures", m.Key)
	}
}

func (v *validator) concluded(path Path, e *Experiment) {
	c := e.Concluded
	if c == (Concluded{}) {
		return
	}
	if c.Serve == "" {
		v.add(CodeMissing, at(path, "serve"), "name the variant to serve", "serve is missing")
	} else {
		v.reference(at(path, "serve"), "variant", c.Serve, e.Variants())
	}
	if c.At.IsZero() && e.Ends.IsZero() {
		v.add(CodeInvalidTimes, at(path, "at"), "set at, or the experiment's ends", "nothing says when the experiment was concluded")
	}
	if !c.At.IsZero() && !e.Starts.IsZero() && c.At.Before(e.Starts) {
		v.add(CodeInvalidTimes, at(path, "at"), "", "concluded at %s, before it starts at %s",
			c.At.Format(time.RFC3339), e.Starts.Format(time.RFC3339))
	}
}

// checkUnit says why an id cannot be a unit, or returns nil.
func checkUnit(id string) error {
	if err := assign.CheckID(id); err != nil {
		return err
	}
	if len(id) > MaxText {
		return fmt.Errorf("it has %d bytes, at most %d are allowed", len(id), MaxText)
	}
	if !utf8.ValidString(id) {
		return errors.New("it is not valid UTF-8")
	}
	return nil
}
