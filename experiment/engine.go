package experiment

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"github.com/touchlift/touchlift/experiment/internal/suggest"
)

// Engine decides and records; make one with [New]. It reads an immutable snapshot of a catalogue
// behind one atomic pointer, so every method may be called by many goroutines
// at once.
type Engine struct {
	snapshot atomic.Pointer[snapshot]
	recorder Recorder
	assigned Assignments
	now      func() time.Time
	random   io.Reader
}

// Options of an [Engine]. The zero value decides but cannot record.
type Options struct {
	// Recorder takes exposures and conversions. Without one Expose and Track
	// return [ErrNoRecorder].
	Recorder Recorder
	// Assignments keep what units were given, for sticky experiments. Without them
	// a catalogue with a sticky experiment is refused.
	Assignments Assignments
	// Now is the clock. Default time.Now.
	Now func() time.Time
	// Random is the source of conversion ids. It must be safe for concurrent
	// use. Default crypto/rand.
	Random io.Reader
}

// Errors of serving. With each of them the decision is usable.
var (
	// ErrUnknown: an experiment or a touchpoint of that name does not exist.
	// The error is an *UnknownError.
	ErrUnknown = errors.New("experiment: unknown")
	// ErrWrongTouchpoint: the experiment does not run at that touchpoint.
	ErrWrongTouchpoint = errors.New("experiment: the experiment does not run at this touchpoint")
	// ErrMissingUnit: the subject has no id of the kind that the experiment
	// randomises, or an empty one.
	ErrMissingUnit = errors.New("experiment: the subject has no id to randomise")
	// ErrInvalidUnit: the id contains NUL, is not valid UTF-8, or is too long.
	ErrInvalidUnit = errors.New("experiment: the id cannot be a unit")
	// ErrNotRecorded: the decision stands, but what happened was not recorded.
	// The error also matches its cause.
	ErrNotRecorded = errors.New("experiment: not recorded")
	// ErrNoRecorder: the engine has no recorder.
	ErrNoRecorder = errors.New("experiment: the engine has no recorder; set Options.Recorder")
)

// UnknownError names what is not in the catalogue. It matches ErrUnknown.
type UnknownError struct {
	What  string   // "experiment" or "touchpoint"
	Name  string   // that was asked for
	Known []string // the names that exist
}

// Meant returns the nearest name that exists, or "" where none is near.
func (e *UnknownError) Meant() string {
	if len(e.Name) > maxName {
		return ""
	}
	meant, _ := suggest.Closest(e.Name, e.Known)
	return meant
}

// Error names what is unknown, and what may have been meant.
func (e *UnknownError) Error() string {
	text := fmt.Sprintf("experiment: unknown %s %.80q", e.What, e.Name)
	if meant := e.Meant(); meant != "" {
		text += fmt.Sprintf("; did you mean %q?", meant)
	}
	return text
}

// Is reports true for ErrUnknown.
func (e *UnknownError) Is(target error) bool { return target == ErrUnknown }

// New makes an engine for a catalogue. The error is an *InvalidCatalogError
// with every problem of the catalogue. The engine copies what it needs: later
// changes to the catalogue do not reach it.
func New(catalog *Catalog, options Options) (*Engine, error) {
	e := &Engine{recorder: options.Recorder, assigned: options.Assignments, now: options.Now, random: options.Random}
	if e.now == nil {
		e.now = time.Now
	}
	if e.random == nil {
		e.random = rand.Reader
	}
	if err := e.Replace(catalog); err != nil {
		return nil, err
	}
	return e, nil
}

// Replace puts another catalogue in force, for all calls that begin
// afterwards. On an error, as of [New], the one in force stays.
func (e *Engine) Replace(catalog *Catalog) error {
	s, err := compileCatalog(catalog, e.assigned, e.snapshot.Load())
	if err != nil {
		return err
	}
	e.snapshot.Store(s)
	return nil
}

// current is the snapshot in force; an Engine that New did not make knows no
// experiment.
func (e *Engine) current() *snapshot {
	if s := e.snapshot.Load(); s != nil {
		return s
	}
	return new(snapshot)
}

// Decide says which variant of an experiment the subject meets at a
// touchpoint. It records nothing and gives the same answer every time until the
// catalogue, a date or, where it is sticky, an exposure changes it. It allocates
// nothing but its errors and what the assignments do.
//
// The decision is always usable: with an error (ErrUnknown, ErrWrongTouchpoint,
// ErrMissingUnit, ErrInvalidUnit, ErrUnassigned) it is control.
func (e *Engine) Decide(ctx context.Context, touchpoint, experiment string, subject Subject) (Decision, error) {
	s := e.current()
	c := s.experiments.find(experiment)
	if c == nil {
		return s.unknownExperiment(experiment)
	}
	if c.plain != nil { // the usual case
		if arm, reason := c.decidePlain(&subject, touchpoint); reason != 0 {
			return c.decision(outcome{arm: arm, reason: reason}), nil
		}
	}
	return e.decide(ctx, s, c, touchpoint, &subject)
}

// decide is Decide for every experiment and with every error.
func (e *Engine) decide(ctx context.Context, s *snapshot, c *compiled, touchpoint string, subject *Subject) (Decision, error) {
	once := clock{read: e.now}
	v := visit{once: &once, subject: subject}
	o, failed := c.decide(ctx, &v, s.assignments, touchpoint)
	if o.reason == ReasonArm {
		return c.decision(o), nil
	}
	return c.decision(o), c.err(s, o, failed, touchpoint)
}

// Expose decides like [Engine.Decide] and records that the unit met the
// variant, if it is enrolled, overridden or held out. It may be called as often as
// the unit meets the variant: an exposure that is already recorded changes nothing.
// In a sticky experiment the variant is kept under the subject's ids.
//
// With an error that matches ErrNotRecorded or ErrNotAssigned the decision stands
// and only its recording or keeping failed; with another error it is control.
func (e *Engine) Expose(ctx context.Context, touchpoint, experiment string, subject Subject) (Decision, error) {
	s := e.current()
	c := s.experiments.find(experiment)
	if c == nil {
		return s.unknownExperiment(experiment)
	}
	once := clock{read: e.now}
	v := visit{once: &once, subject: &subject}
	o, failed := c.decide(ctx, &v, s.assignments, touchpoint)
	if v.missing > 0 {
		c.counters.missing.Add(uint64(v.missing))
	}
	var unkept error
	if c.rules.sticky && (o.reason == ReasonArm || o.reason == ReasonSticky) {
		o, unkept = c.settle(ctx, &subject, s.assignments, o)
	}
	class := classOf(o.reason)
	if class == "" {
		return c.decision(o), c.err(s, o, failed, touchpoint)
	}
	unrecorded := e.record(ctx, c, o, class, touchpoint, once.now(), &subject)
	if unkept == nil {
		return c.decision(o), unrecorded
	}
	return c.decision(o), errors.Join(unkept, unrecorded)
}

// classOf is the class under which a decision is recorded, or "" where it is not.
func classOf(r Reason) Class {
	switch r {
	case ReasonArm:
		return ClassArm
	case ReasonSticky:
		return ClassSticky
	case ReasonOverride:
		return ClassOverride
	case ReasonHoldout:
		return ClassHoldout
	}
	return ""
}

// record hands an exposure to the recorder.
func (e *Engine) record(ctx context.Context, c *compiled, o outcome, class Class, touchpoint string, now time.Time, subject *Subject) error {
	if e.recorder == nil {
		return fmt.Errorf("%w: %w", ErrNotRecorded, ErrNoRecorder)
	}
	ids, attributes := subject.clone()
	arm := &c.arms[o.arm]
	err := e.recorder.Expose(ctx, Exposure{
		Experiment: c.key, Run: c.run, Kind: c.kind, Unit: o.unit, Variant: arm.variant,
		Touchpoint: touchpoint, Phase: arm.served.phase, Class: class, Time: now, IDs: ids, Attributes: attributes,
	})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotRecorded, err)
	}
	return nil
}

// Track records what a subject did. Zero fields of the conversion are filled
// in: IDs from the subject, Time with the present, ID with a new one. Where the
// subject lacks the id that a sticky experiment randomises and is known there under a
// linked one, that unit is added to the IDs, so that what a customer does counts for
// the device on which they met the variant. There is one id of a kind: of several
// experiments that know different units the first in the catalogue wins.
//
// An error matches ErrNotRecorded and its cause; or ErrUnassigned, where the
// conversion was recorded without such a unit, because the assignments could not be read.
func (e *Engine) Track(ctx context.Context, subject Subject, conversion Conversion) error {
	if e.recorder == nil {
		return fmt.Errorf("%w: %w", ErrNotRecorded, ErrNoRecorder)
	}
	now := e.now()
	if conversion.Time.IsZero() {
		conversion.Time = now
	}
	if conversion.ID == (ConversionID{}) {
		id, err := NewConversionID(now, e.random)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrNotRecorded, err)
		}
		conversion.ID = id
	}
	var unread error
	if conversion.IDs == nil {
		conversion.IDs, unread = e.current().linked(ctx, &subject)
	} else {
		conversion.IDs = slices.Clone(conversion.IDs)
	}
	conversion.Attributes = slices.Clone(conversion.Attributes)
	if err := e.recorder.Track(ctx, conversion); err != nil {
		return fmt.Errorf("%w: %w", ErrNotRecorded, err)
	}
	return unread
}

// clock is read at most once in a call, and only where the time matters.
type clock struct {
	read func() time.Time
	time time.Time
}

func (c *clock) now() time.Time {
	if c.time.IsZero() {
		c.time = c.read()
	}
	return c.time
}

// copied holds the copies of small subjects in one piece of memory.
type copied struct {
	ids        [2]ID
	attributes [4]Attribute
}

// clone copies ids and attributes, with one allocation for small subjects.
func (s *Subject) clone() ([]ID, []Attribute) {
	var c *copied
	if len(s.IDs) > len(c.ids) || len(s.Attributes) > len(c.attributes) {
		return slices.Clone(s.IDs), slices.Clone(s.Attributes)
	}
	c = new(copied)
	n := copy(c.ids[:], s.IDs)
	m := copy(c.attributes[:], s.Attributes)
	return c.ids[:n:n], c.attributes[:m:m]
}

// unknownVariant is served where no experiment is known.
const unknownVariant = "control"

func (s *snapshot) unknownExperiment(name string) (Decision, error) {
	return Decision{Variant: unknownVariant, of: &served{experiment: name}}, s.unknown("experiment", name)
}

func (s *snapshot) unknown(what, name string) error {
	known := s.experimentKeys
	if what == "touchpoint" {
		known = s.touchpointKeys
	}
	return &UnknownError{What: what, Name: name, Known: slices.Clone(known)}
}
