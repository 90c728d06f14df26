package assign

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// SwitchbackSpec plans an experiment in which a region as a whole changes its variant
// from period to period, because its customers influence each other: deliveries,
// prices, call centres.
type SwitchbackSpec struct {
	// Salt tells this plan from all others. Not empty, no zero byte.
	Salt string
	// Arms with weights of small whole numbers. The smallest number of periods in
	// their exact proportion is a block: 2 for 1 and 1, 3 for 2 and 1; at most 64.
	Arms []Arm
	// Start of period 0. Not the zero time.
	Start time.Time
	// Period is how long a variant stays. Above 0. It is a fixed duration: in a zone
	// with summer time, periods of 24 hours from midnight begin at 23 or 1 o'clock
	// after the clocks change.
	Period time.Duration
	// Washout is the first part of every period, in which the variant before still
	// has effect. What happens in it is not to be analysed. From 0, which is the
	// default and means none, to less than Period.
	Washout time.Duration
}

// Switchback gives every region and period a variant. Within each block of periods of
// a region the arms come in their exact proportion and in a random order, drawn anew
// for every block and region. Plain alternation would confound the variants with day
// and night; plain draws would leave some regions without one of them for long.
//
// The unit of the experiment is the region in one period, named "region/period". It
// is immutable and safe for concurrent use. Get one from [NewSwitchback]; the zero
// Switchback has no periods, and every time is [ErrOutsidePlan].
//
// The order is that of the positions of touchlift/1: in a block of B periods, number b
// has the periods b*B .. b*B+B-1; they are sorted by the position of their unit in the
// stream "arm", and the arms, each repeated by its weight, are dealt in this order. This
// never changes within a major version.
type Switchback struct {
	spec     SwitchbackSpec
	seats    []int
	seed     uint64
	variants []string
}

// Slot is a region in one period.
type Slot struct {
	// Unit is the id of what is randomised, "region/period". The number of the period
	// stands behind the last slash, so that a region may contain one.
	Unit string
	// Variant of the region in this period.
	Variant string
	// Period counts from 0, the one that begins at the start of the plan.
	Period int64
	// Start of the period.
	Start time.Time
	// Settled is the end of the wash-out; what happens from then on is analysed.
	Settled time.Time
	// End of the period, at which the next one starts.
	End time.Time
}

// Washout reports whether a time of the slot lies in the wash-out, from Start to
// before Settled.
func (s Slot) Washout(at time.Time) bool {
	return !at.Before(s.Start) && at.Before(s.Settled)
}

// ErrOutsidePlan says that a time or a period is before the start of a plan, or 292
// years or more behind it. It is found with errors.Is.
var ErrOutsidePlan = errors.New("outside the plan of the switchback")

// NewSwitchback checks the plan. The error is a [SpecErrors] with every problem of the
// fields "salt", "arms", "start", "period" and "washout".
func NewSwitchback(spec SwitchbackSpec) (*Switchback, error) {
	list := checkTable(Spec{Salt: spec.Salt, Arms: spec.Arms})
	list.checkSeats(spec.Arms)
	list.checkPeriods(spec)
	if len(list) > 0 {
		return nil, list
	}
	plan := &Switchback{spec: spec, seats: seatsOf(spec.Arms), seed: Seed(PurposeArm, spec.Salt)}
	plan.spec.Start = spec.Start.Round(0) // the wall clock, without the reading of a process
	plan.spec.Arms = nil
	for _, arm := range spec.Arms {
		plan.variants = append(plan.variants, arm.Variant)
	}
	return plan, nil
}

func (list *SpecErrors) checkPeriods(spec SwitchbackSpec) {
	if spec.Start.IsZero() {
		list.add("start", spec.Start, "is the zero time", "want the time at which period 0 begins")
	}
	if spec.Period <= 0 {
		list.add("period", spec.Period, "is not above 0", "want how long a variant stays, such as 1h30m")
	}
	switch {
	case spec.Washout < 0:
		list.add("washout", spec.Washout, "is negative", "want 0 for none, or the first part of every period")
	case spec.Period > 0 && spec.Washout >= spec.Period:
		list.add("washout", spec.Washout, fmt.Sprintf("leaves nothing of a period of %v", spec.Period),
			"want less than the period, so that something can be analysed")
	}
}

// Block returns how many periods a block has. Run a whole number of blocks, so that
// every region meets the arms in their exact proportion.
func (s *Switchback) Block() int { return len(s.seats) }

// At returns the slot of a region at a time, and whether the time lies in its
// wash-out. A region is an id: see [CheckID] for what it must not be. The error is
// that, or [ErrOutsidePlan] for a time before the start, or 292 years or more behind it.
func (s *Switchback) At(region string, at time.Time) (slot Slot, washout bool, err error) {
	// Sub is exact but for differences that no Duration holds; those end at the limits.
	since := at.Round(0).Sub(s.spec.Start)
	if since < 0 || since == math.MaxInt64 || s.spec.Period <= 0 {
		return Slot{}, false, s.outside(at)
	}
	slot, err = s.Slot(region, int64(since/s.spec.Period))
	if err != nil {
		return Slot{}, false, err
	}
	return slot, slot.Washout(at.Round(0)), nil
}

// Slot returns the slot of a region in a period, which counts from 0. The error is
// that of [CheckID] for the region, or [ErrOutsidePlan] for a negative period, or one
// that starts 292 years or more behind the plan.
func (s *Switchback) Slot(region string, period int64) (Slot, error) {
	if err := CheckID(region); err != nil {
		return Slot{}, &regionError{err}
	}
	length := int64(s.spec.Period)
	if length <= 0 {
		return Slot{}, s.outside(s.spec.Start)
	}
	if period < 0 || period > math.MaxInt64/length {
		return Slot{}, fmt.Errorf("assign: period %d is %w: want 0 to %d", period, ErrOutsidePlan, math.MaxInt64/length)
	}
	start := s.spec.Start.Add(time.Duration(period * length))
	return Slot{
		Unit:    unitOf(region, uint64(period)),
		Variant: s.variants[s.armOf(region, period)],
		Period:  period,
		Start:   start,
		Settled: start.Add(s.spec.Washout),
		End:     start.Add(s.spec.Period),
	}, nil
}

// outside is the error for a time at which the plan says nothing.
func (s *Switchback) outside(at time.Time) error {
	if s.spec.Period <= 0 {
		return fmt.Errorf("assign: any time is %w, which is empty: get one from NewSwitchback", ErrOutsidePlan)
	}
	return fmt.Errorf("assign: %v is %w, which starts at %v: serve the control until then, and record nothing",
		at, ErrOutsidePlan, s.spec.Start)
}

// regionError says that a region is no id.
type regionError struct{ err error }

func (e *regionError) Error() string {
	return "assign: region: " + strings.TrimPrefix(e.err.Error(), "assign: ")
}

func (e *regionError) Unwrap() error { return e.err }

// unitOf takes an unsigned period: a block may end behind the largest signed one.
func unitOf(region string, period uint64) string {
	return region + "/" + strconv.FormatUint(period, 10)
}

// armOf deals the seats of the block of the period.
func (s *Switchback) armOf(region string, period int64) int {
	own := int(period % int64(len(s.seats)))
	first := uint64(period) - uint64(own)
	holders := make([]holder, len(s.seats))
	for i := range holders {
		unit := unitOf(region, first+uint64(i))
		holders[i] = holder{position: Hash(unit).Position(s.seed), index: i, name: unit}
	}
	deal(holders)
	for seat, holder := range holders {
		if holder.index == own {
			return s.seats[seat]
		}
	}
	return 0 // not reached: the period is in its block
}
