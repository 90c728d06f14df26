package experimenttest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// history is a random sequence of recordings and erasures. There are few
// units, names and moments, so that keys repeat, times are equal and events
// lie on the edges of windows.
type history struct {
	dice
	zones   []*time.Location
	base    time.Time
	moments []time.Duration // after base
	steps   []step
}

// step is a batch, after an erasure if there is one.
type step struct {
	forget *experiment.ID
	at     time.Time // of the erasure
	batch  experiment.Batch
}

// dice are a source of random choices.
type dice struct{ *rand.Rand }

// chance is true in so many of 100 cases.
func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

func pick[T any](d dice, from ...T) T { return from[d.IntN(len(from))] }

// newHistory makes the history of a seed, always the same.
func newHistory(seed uint64) (*history, error) {
	h := &history{dice: dice{rand.New(rand.NewPCG(seed, 0))}}
	h.zones = []*time.Location{nil}
	for _, name := range []string{"Europe/Oslo", "America/New_York", "Asia/Kolkata"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			return nil, err
		}
		h.zones = append(h.zones, zone)
	}
	// Clocks change within a day of each base, in one of the zones.
	h.base = pick(h.dice, time.Date(2025, 3, 29, 20, 0, 0, 0, time.UTC), time.Date(2025, 11, 1, 22, 0, 0, 0, time.UTC))
	for range 6 {
		h.moments = append(h.moments, time.Duration(h.IntN(60))*30*time.Minute)
	}
	for range 3 + h.IntN(5) {
		h.steps = append(h.steps, h.step())
	}
	return h, nil
}

// moment is one of the history's few, or a microsecond beside it.
func (h *history) moment() time.Time {
	jitter := pick(h.dice, 0, 0, 0, 0, 0, -us, -us, us, 999*time.Nanosecond)
	return h.base.Add(pick(h.dice, h.moments...) + jitter)
}

func (h *history) step() step {
	var s step
	if h.chance(8) {
		id := pick(h.dice, h.id(experiment.KindCustomer), h.id(experiment.KindDevice), h.id(experiment.KindStore))
		s.forget, s.at = &id, h.moment()
	}
	if len(h.steps) > 0 && h.chance(25) {
		s.batch = h.repeated(pick(h.dice, h.steps...).batch)
		return s
	}
	for range h.IntN(20) {
		s.batch.Exposures = append(s.batch.Exposures, h.exposure())
	}
	for range h.IntN(20) {
		s.batch.Conversions = append(s.batch.Conversions, h.conversion())
	}
	return s
}

// repeated is part of an earlier batch in another order, with new events.
func (h *history) repeated(earlier experiment.Batch) experiment.Batch {
	b := experiment.Batch{
		Exposures:   append(slices.Clone(earlier.Exposures), h.exposure()),
		Conversions: append(slices.Clone(earlier.Conversions), h.conversion()),
	}
	h.Shuffle(len(b.Exposures), func(i, j int) { b.Exposures[i], b.Exposures[j] = b.Exposures[j], b.Exposures[i] })
	h.Shuffle(len(b.Conversions), func(i, j int) { b.Conversions[i], b.Conversions[j] = b.Conversions[j], b.Conversions[i] })
	b.Exposures = b.Exposures[:h.IntN(len(b.Exposures)+1)]
	b.Conversions = b.Conversions[:h.IntN(len(b.Conversions)+1)]
	return b
}

// id is one of eight of a kind; kinds share values.
func (h *history) id(kind experiment.Kind) experiment.ID {
	return identity(kind, pick(h.dice, "1", "2", "3", "4", "5", "6", "ü", `"7'`))
}

func (h *history) place() (experiment, run string) {
	switch {
	case h.chance(5):
		return "other", "run"
	case h.chance(10):
		return "checkout", "run2"
	}
	return "checkout", "run"
}

func (h *history) unitKind() experiment.Kind {
	return pick(h.dice, experiment.KindCustomer, experiment.KindCustomer, experiment.KindCustomer, experiment.KindDevice)
}

func (h *history) exposure() experiment.Exposure {
	kind := h.unitKind()
	unit := h.id(kind)
	e := experiment.Exposure{
		Kind: kind, Unit: unit.Value, Phase: pick(h.dice, 0, 0, 0, 1, 2),
		Variant: pick(h.dice, "a", "a", "a", "a", "b", "é"), Touchpoint: pick(h.dice, "page", "page", "mail"),
		Class: pick(h.dice, experiment.ClassArm, experiment.ClassArm, experiment.ClassArm, experiment.ClassArm, experiment.ClassArm,
			experiment.ClassSticky, experiment.ClassOverride, experiment.ClassHoldout),
		Time: h.moment(), Attributes: h.attributes(),
	}
	e.Experiment, e.Run = h.place()
	for _, other := range []experiment.Kind{experiment.KindStore, experiment.KindCustomer, experiment.KindDevice} {
		if other == kind && h.chance(50) {
			e.IDs = append(e.IDs, unit)
		} else if other != kind && h.chance(60) {
			e.IDs = append(e.IDs, h.id(other))
		}
	}
	return e
}

// attributes are some of three; their types differ from time to time.
func (h *history) attributes() []experiment.Attribute {
	var attributes []experiment.Attribute
	for _, a := range []experiment.Attribute{
		pick(h.dice, experiment.String("country", "NO"), experiment.String("country", "SE"), experiment.String("country", "NO"), experiment.Number("country", 47)),
		pick(h.dice, experiment.Number("age", 9), experiment.Number("age", 10), experiment.Number("age", -0.5), experiment.String("age", "10")),
		pick(h.dice, experiment.Bool("member", true), experiment.Bool("member", false), experiment.String("member", "true"), experiment.Number("member", 1)),
	} {
		if h.chance(60) {
			attributes = append(attributes, a)
		}
	}
	if h.chance(50) {
		slices.Reverse(attributes)
	}
	return attributes
}

func (h *history) conversion() experiment.Conversion {
	v := experiment.Conversion{
		ID:   experiment.ConversionKey(fmt.Sprint(h.IntN(150))),
		Time: h.moment(), Event: pick(h.dice, "order", "order", "order", "click"),
		Value:      pick(h.dice, 0, 1, 1, 2, -1.5, 10, 59.9, 0.1, 12345.678),
		Touchpoint: pick(h.dice, "", "page", "shop"), Attributes: h.attributes(),
	}
	v.IDs = []experiment.ID{h.id(h.unitKind())}
	for _, other := range []experiment.Kind{experiment.KindStore, experiment.KindCustomer, experiment.KindDevice} {
		if other != v.IDs[0].Kind && h.chance(40) {
			v.IDs = append(v.IDs, h.id(other))
		}
	}
	return v
}
