package experiment

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/touchlift/touchlift/experiment/audience"
)

// Limits of what an event may carry.
const (
	// MaxText is the longest id, name or key of an event, in bytes.
	MaxText = 4096
	// MaxAttributes is the longest encoding of an event's attributes, in bytes.
	MaxAttributes = 64 << 10
	// MaxIDs and MaxNames are the most ids and attributes of an event.
	MaxIDs   = 64
	MaxNames = 1024
)

// Class is the class of reason by which a unit met a variant.
type Class string

// The classes. Exposures of class override are in no [Query]; those of class
// holdout are a group of their own.
const (
	ClassArm      Class = "arm"      // the hash decided
	ClassSticky   Class = "sticky"   // a stored assignment decided
	ClassOverride Class = "override" // forced, for testing by hand
	ClassHoldout  Class = "holdout"  // kept out, shown control
)

// Exposure is the recorded fact that a unit met a variant at a touchpoint.
//
// Its natural key is (Experiment, Run, Kind, Unit, Variant, Touchpoint, Phase,
// Class). A store keeps one exposure per key: the one with the earliest time,
// and at equal times the one whose [Exposure.Encoding] is smaller in byte
// order. So recording the same exposure again, late, or from several processes
// changes nothing.
type Exposure struct {
	Experiment string `json:"experiment"`
	Run        string `json:"run"`  // the salt of the randomisation
	Kind       Kind   `json:"kind"` // kind of the unit's id
	Unit       string `json:"unit"` // the unit's id
	Variant    string `json:"variant"`
	Touchpoint string `json:"touchpoint"`
	Phase      int    `json:"phase"` // index of the phase within the run, from 0
	Class      Class  `json:"class"`
	// Time of the contact, to the microsecond. The zero Time is refused.
	Time time.Time `json:"time"`
	// IDs and Attributes of the subject at that time.
	IDs        []ID        `json:"ids"`
	Attributes []Attribute `json:"attributes"`
}

// ExposureKey is the natural key of an exposure.
type ExposureKey struct {
	Experiment, Run, Unit, Variant, Touchpoint string
	Kind                                       Kind
	Phase                                      int
	Class                                      Class
}

// NaturalKey returns the key under which a store keeps the exposure.
func (e *Exposure) NaturalKey() ExposureKey {
	return ExposureKey{
		Experiment: e.Experiment, Run: e.Run, Kind: e.Kind, Unit: e.Unit,
		Variant: e.Variant, Touchpoint: e.Touchpoint, Phase: e.Phase, Class: e.Class,
	}
}

// Encoding returns the canonical text of ids and attributes, the tie-break
// between exposures of one key at one time.
func (e *Exposure) Encoding() string { return EncodeIDs(e.IDs) + EncodeAttributes(e.Attributes) }

// Conversion is the recorded fact that somebody did something: an order, a
// click, an answer, a call.
type Conversion struct {
	// ID makes recording idempotent: of two conversions with one ID the first
	// recorded stands. [ConversionKey] makes one from a key of yours, an order
	// number say. [Engine.Track] fills a zero ID with a new one.
	ID ConversionID `json:"id"`
	// Time of the event, to the microsecond. [Engine.Track] fills a zero Time
	// with the present.
	Time time.Time `json:"time"`
	// IDs of whom it concerns, at most one per kind. [Engine.Track] fills them
	// from the subject.
	IDs []ID `json:"ids"`
	// Event names what happened. Required.
	Event string `json:"event"`
	// Value of the event: money, seconds, a score. Must be finite.
	Value float64 `json:"value"`
	// Touchpoint where it happened, if any.
	Touchpoint string `json:"touchpoint,omitempty"`
	// Attributes of the event.
	Attributes []Attribute `json:"attributes"`
}

// ErrInvalidEvent is the error of an event that no store can keep. Errors that
// match it are *EventError.
var ErrInvalidEvent = errors.New("experiment: invalid event")

// EventError says what is wrong with one field of an event.
type EventError struct {
	// Index of the event in its batch, exposures first; -1 outside a batch.
	Index int
	// Field of [Exposure] or [Conversion], such as "Unit" or "Attributes".
	Field string
	// Problem is what was found and what is wanted.
	Problem string
}

// Error names the field and the problem.
func (e *EventError) Error() string {
	if e.Index < 0 {
		return fmt.Sprintf("experiment: invalid event: %s %s", e.Field, e.Problem)
	}
	return fmt.Sprintf("experiment: invalid event %d: %s %s", e.Index, e.Field, e.Problem)
}

// Is reports true for ErrInvalidEvent and for ErrPermanent: trying again does
// not help.
func (e *EventError) Is(target error) bool {
	return target == ErrInvalidEvent || target == ErrPermanent
}

// Validate returns every problem of the exposure, joined, each an *EventError.
func (e *Exposure) Validate() error {
	c := checker{index: -1}
	c.exposure(e)
	return c.err()
}

// Validate returns every problem of the conversion, joined, each an
// *EventError.
func (v *Conversion) Validate() error {
	c := checker{index: -1}
	c.conversion(v)
	return c.err()
}

// Validate returns every problem of the id, joined, each an *EventError: an
// event cannot carry it.
func (id ID) Validate() error {
	c := checker{index: -1}
	c.ids([]ID{id})
	return c.err()
}

// checker collects the problems of events.
type checker struct {
	index    int
	problems []error
}

func (c *checker) err() error {
	if len(c.problems) == 0 {
		return nil
	}
	return errors.Join(c.problems...)
}

func (c *checker) add(field, format string, args ...any) {
	c.problems = append(c.problems, &EventError{Index: c.index, Field: field, Problem: fmt.Sprintf(format, args...)})
}

func (c *checker) exposure(e *Exposure) {
	c.text("Experiment", e.Experiment, true)
	c.text("Run", e.Run, true)
	c.text("Kind", string(e.Kind), true)
	c.text("Unit", e.Unit, true)
	c.text("Variant", e.Variant, true)
	c.text("Touchpoint", e.Touchpoint, true)
	if e.Phase < 0 || e.Phase > math.MaxInt32 {
		c.add("Phase", "is %d, want 0 to %d", e.Phase, math.MaxInt32)
	}
	switch e.Class {
	case ClassArm, ClassSticky, ClassOverride, ClassHoldout:
	default:
		c.add("Class", "is %q, want arm, sticky, override or holdout", string(e.Class))
	}
	c.time(e.Time)
	c.ids(e.IDs)
	c.attributes(e.Attributes)
}

func (c *checker) conversion(v *Conversion) {
	if v.ID == (ConversionID{}) {
		c.add("ID", "is zero, want ConversionKey(...) of a key of yours or NewConversionID")
	}
	c.time(v.Time)
	if len(v.IDs) == 0 {
		c.add("IDs", "is empty, want the id of whom the event concerns")
	}
	c.ids(v.IDs)
	c.text("Event", v.Event, true)
	if math.IsNaN(v.Value) || math.IsInf(v.Value, 0) {
		c.add("Value", "is %v, want a finite number", v.Value)
	}
	c.text("Touchpoint", v.Touchpoint, false)
	c.attributes(v.Attributes)
}

func (c *checker) text(field, text string, required bool) {
	if problem := textProblem(text, required); problem != "" {
		c.add(field, "%s", problem)
	}
}

// textProblem says what is wrong with a text, or is empty.
func textProblem(text string, required bool) string {
	switch {
	case text == "" && required:
		return "is empty"
	case len(text) > MaxText:
		return fmt.Sprintf("has %d bytes, want at most %d", len(text), MaxText)
	case plain(text):
		return ""
	case strings.IndexByte(text, 0) >= 0:
		return fmt.Sprintf("is %.80q, which contains NUL", text)
	case !utf8.ValidString(text):
		return fmt.Sprintf("is %.80q, which is not valid UTF-8", text)
	}
	return ""
}

// Times outside the years 1 to 9999 have no common text form.
var (
	minTime = time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC)
	maxTime = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
)

func (c *checker) time(t time.Time) {
	if t.IsZero() {
		c.add("Time", "is not set")
	} else if t.Before(minTime) || !t.Before(maxTime) {
		c.add("Time", "is %v, want the years 1 to 9999", t)
	}
}

func (c *checker) ids(ids []ID) {
	if len(ids) > MaxIDs {
		c.add("IDs", "are %d, want at most %d", len(ids), MaxIDs)
		return
	}
	for i, id := range ids {
		if problem := textProblem(string(id.Kind), true); problem != "" {
			c.add("IDs", "kind %s", problem)
		}
		if problem := textProblem(id.Value, true); problem != "" {
			c.add("IDs", "id of kind %.80q %s", string(id.Kind), problem)
		}
		if slices.ContainsFunc(ids[:i], func(earlier ID) bool { return earlier.Kind == id.Kind }) {
			c.add("IDs", "has two ids of kind %.80q, want at most one", string(id.Kind))
		}
	}
}

func (c *checker) attributes(attributes []Attribute) {
	if len(attributes) > MaxNames {
		c.add("Attributes", "are %d, want at most %d", len(attributes), MaxNames)
		return
	}
	for i := range attributes {
		if err := attributes[i].Validate(); err != nil {
			c.add("Attributes", "%v", err)
		}
		if audience.Lookup(attributes[:i], attributes[i].Name).Type() != audience.TypeMissing {
			c.add("Attributes", "has two attributes named %.80q, want one", attributes[i].Name)
		}
	}
	if attributesBound(attributes) <= MaxAttributes {
		return
	}
	if n := len(EncodeAttributes(attributes)); n > MaxAttributes {
		c.add("Attributes", "have %d bytes, want at most %d", n, MaxAttributes)
	}
}

// attributesBound is no less than the length of the encoding, in which a byte
// takes at most 6 bytes and a number at most 24. It spares most events the
// encoding.
func attributesBound(attributes []Attribute) int {
	bound := 2
	for i := range attributes {
		text, _ := attributes[i].Value.Text()
		bound += 6*(len(attributes[i].Name)+len(text)) + 32
	}
	return bound
}
