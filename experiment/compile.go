package experiment

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment/audience"
)

// snapshot is a compiled catalogue. It is never changed once it is published, but
// for the counters of its experiments.
type snapshot struct {
	experiments    table
	touchpoints    map[string][]*compiled // in the order of the catalogue
	experimentKeys []string
	touchpointKeys []string
	exclusions     exclusions
	assignments    Assignments
	linking        []*compiled // the experiments with links
}

// exclusions are the rules for subjects that no experiment is about.
type exclusions struct {
	bots, internal *audience.Rule
}

// compiled is one experiment, ready to decide.
type compiled struct {
	key         string
	run         string
	kind        Kind
	kindNo      int // number of the kind among those of the snapshot
	touchpoints []string
	variants    []string
	arms        []compiledArm // of each phase all variants, control first
	periods     []period      // by time, at least one
	plain       *assign.Split // where no rule but the audience precedes one split; nil elsewhere
	dated       bool          // the clock matters to whether it runs
	paused      bool
	starts      time.Time
	ends        time.Time
	concluded   int // variant that is served at the end; -1 for none
	concludedAt time.Time
	rules       rules
	counters    *counters
}

// rules are what an experiment asks before the split. Nil and empty ones let pass.
type rules struct {
	overrides  map[string]int // unit to variant
	exclusions exclusions
	sticky     bool
	links      []Kind
	requires   *compiled
	variant    string // of requires
	layer      *assign.Part
	audience   *audience.Rule
	holdouts   []assign.Part
}

// counters outlive the snapshot.
type counters struct {
	missing, crossovers atomic.Uint64
}

type compiledArm struct {
	variant string
	served  served
}

func compileCatalog(c *Catalog, assignments Assignments, before *snapshot) (*snapshot, error) {
	if c == nil {
		return nil, errors.New("experiment: the catalogue is nil")
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := c.assignable(assignments); err != nil {
		return nil, err
	}
	s := &snapshot{
		touchpoints: make(map[string][]*compiled, len(c.Touchpoints)),
		assignments: assignments,
	}
	for i := range c.Touchpoints {
		s.touchpoints[c.Touchpoints[i].Key] = nil
		s.touchpointKeys = append(s.touchpointKeys, c.Touchpoints[i].Key)
	}
	b := builder{catalog: c, schema: c.schema(), snapshot: s, before: before}
	if err := b.build(); err != nil {
		return nil, err
	}
	return s, nil
}

// assignable refuses sticky experiments where nothing keeps assignments.
func (c *Catalog) assignable(assignments Assignments) error {
	if assignments != nil {
		return nil
	}
	v := validator{catalog: c}
	for i := range c.Experiments {
		if c.Experiments[i].Sticky {
			v.add(CodeUnassignable, Path{"experiments", i, "sticky"}, "set Options.Assignments, such as NewMemoryAssignments, or remove sticky",
				"experiment %q is sticky, and the engine has no place to keep assignments", c.Experiments[i].Key)
		}
	}
	if len(v.problems) == 0 {
		return nil
	}
	return &InvalidCatalogError{Problems: v.problems}
}

// builder compiles the experiments of a valid catalogue.
type builder struct {
	catalog  *Catalog
	schema   audience.Schema
	snapshot *snapshot
	before   *snapshot
	kinds    []Kind
}

func (b *builder) build() error {
	x := &b.snapshot.exclusions
	if err := b.rule(&x.bots, b.catalog.Exclusions.Bots); err != nil {
		return err
	}
	if err := b.rule(&x.internal, b.catalog.Exclusions.Internal); err != nil {
		return err
	}
	var all []*compiled
	for i := range b.catalog.Experiments {
		e := &b.catalog.Experiments[i]
		c, err := b.experiment(e)
		if err != nil {
			return fmt.Errorf("experiment: %q: %w", e.Key, err)
		}
		all = append(all, c)
		if len(c.rules.links) > 0 {
			b.snapshot.linking = append(b.snapshot.linking, c)
		}
		b.snapshot.experimentKeys = append(b.snapshot.experimentKeys, c.key)
		for _, t := range c.touchpoints {
			b.snapshot.touchpoints[t] = append(b.snapshot.touchpoints[t], c)
		}
	}
	b.snapshot.experiments = newTable(all)
	for i, c := range all {
		c.rules.requires = b.snapshot.experiments.find(b.catalog.Experiments[i].Requires.Experiment)
	}
	return nil
}

func (b *builder) experiment(e *Experiment) (*compiled, error) {
	c := &compiled{
		key: e.Key, run: e.Run(), kind: e.Unit, kindNo: b.kind(e.Unit), variants: e.Variants(),
		touchpoints: slices.Clone(e.Touchpoints),
		dated:       !e.Starts.IsZero() || !e.Ends.IsZero() || e.Concluded.Serve != "",
		paused:      e.Paused, starts: e.Starts, ends: e.Ends, concludedAt: e.Concluded.At,
		counters: b.counters(e.Key),
	}
	c.concluded = slices.Index(c.variants, e.Concluded.Serve)
	if c.concludedAt.IsZero() {
		c.concludedAt = e.Ends
	}
	c.compileArms(e, b.catalog.Revision(e))
	var err error
	if c.periods, err = e.periods(len(c.variants)); err != nil {
		return nil, err
	}
	if c.rules, err = b.rules(e, c.variants); err != nil {
		return nil, err
	}
	if split := c.periods[0].split; split.Hashed() && len(c.periods) == 1 && !c.dated && !c.paused &&
		e.Requires == (Requirement{}) && c.rules.none() {
		c.plain = split
	}
	return c, nil
}

// counters are those of the experiment of that name in the snapshot before.
func (b *builder) counters(key string) *counters {
	if b.before != nil {
		if c := b.before.experiments.find(key); c != nil {
			return c.counters
		}
	}
	return &counters{}
}

func (b *builder) kind(kind Kind) int {
	i := slices.Index(b.kinds, kind)
	if i < 0 {
		i = len(b.kinds)
		b.kinds = append(b.kinds, kind)
	}
	return i
}

// compileArms fills in what is served for every variant in every phase.
func (c *compiled) compileArms(e *Experiment, revision string) {
	payloads := make(map[string]Payload, len(c.variants))
	for _, arm := range e.Arms {
		payloads[arm.Variant] = arm.Payload.clone()
	}
	for _, phase := range e.Phases {
		for _, arm := range phase.Arms {
			if _, known := payloads[arm.Variant]; !known {
				payloads[arm.Variant] = arm.Payload.clone()
			}
		}
	}
	for phase := range len(e.Phases) + 1 {
		for _, variant := range c.variants {
			c.arms = append(c.arms, compiledArm{
				variant: variant,
				served:  served{experiment: c.key, revision: revision, phase: phase, payload: payloads[variant]},
			})
		}
	}
}

// none reports that there is no rule but the audience.
func (r *rules) none() bool {
	return r.overrides == nil && r.exclusions == (exclusions{}) && !r.sticky && r.requires == nil &&
		r.layer == nil && len(r.holdouts) == 0
}

func (b *builder) rules(e *Experiment, variants []string) (rules, error) {
	r := rules{exclusions: b.snapshot.exclusions, sticky: e.Sticky, links: slices.Clone(e.Links), variant: e.Requires.Variant}
	for i, variant := range variants {
		for _, id := range e.Overrides[variant] {
			if r.overrides == nil {
				r.overrides = make(map[string]int)
			}
			r.overrides[id] = i
		}
	}
	if err := b.rule(&r.audience, e.Audience); err != nil {
		return r, err
	}
	if l, ok := b.catalog.Layer(e.Layer.Layer); ok {
		part, err := assign.NewPart(assign.PurposeLayer, l.Salt, e.Layer.From, e.Layer.To, l.slots())
		if err != nil {
			return r, err
		}
		r.layer = &part
	}
	for _, h := range b.catalog.HoldoutsOf(e) {
		part, err := assign.NewPart(assign.PurposeHoldout, h.Salt, 0, h.Share.Num, h.Share.Den)
		if err != nil {
			return r, err
		}
		r.holdouts = append(r.holdouts, part)
	}
	return r, nil
}

func (b *builder) rule(into **audience.Rule, source string) (err error) {
	if source != "" {
		*into, err = audience.Compile(source, b.schema)
	}
	return err
}
