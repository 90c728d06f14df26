package experiment

import (
	"slices"
	"time"

	"github.com/touchlift/touchlift/assign"
)

// period is a time in which neither the weights nor the traffic of an experiment
// change.
type period struct {
	from  time.Time // of the first it does not matter
	split *assign.Split
	base  int // where the arms of its phase begin
}

// periods cuts the life of an experiment where its traffic or its phase changes.
func (e *Experiment) periods(variants int) ([]period, error) {
	moments := []time.Time{{}}
	for _, step := range e.Traffic {
		moments = append(moments, step.From)
	}
	for _, phase := range e.Phases {
		moments = append(moments, phase.From)
	}
	slices.SortFunc(moments, time.Time.Compare)
	moments = slices.CompactFunc(moments, time.Time.Equal)
	all := make([]period, len(moments))
	for i, from := range moments {
		phase := e.phaseAt(from)
		split, err := assign.NewSplit(e.spec(e.Traffic.at(from), phase))
		if err != nil {
			return nil, err
		}
		all[i] = period{from: from, split: split, base: phase * variants}
	}
	return all, nil
}

func (e *Experiment) phaseAt(t time.Time) int {
	phase := 0
	for phase < len(e.Phases) && !t.Before(e.Phases[phase].From) {
		phase++
	}
	return phase
}

// at is the share at a moment.
func (t Traffic) at(moment time.Time) assign.Share {
	if len(t) == 0 {
		return assign.Share{}
	}
	share := assign.Share{Num: 0, Den: 1}
	for _, step := range t {
		if !moment.Before(step.From) {
			share = step.Share
		}
	}
	return share
}

// current is the period in force. The clock is read only where there are several.
func (c *compiled) current(once *clock) *period {
	if len(c.periods) == 1 {
		return &c.periods[0]
	}
	now := once.now()
	for i := len(c.periods) - 1; i > 0; i-- {
		if !now.Before(c.periods[i].from) {
			return &c.periods[i]
		}
	}
	return &c.periods[0]
}
