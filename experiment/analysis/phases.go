package analysis

import (
	"slices"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// schedule is what an experiment declares of its phases. Phase 0 is its arms.
type schedule struct {
	variants []string // of all phases in the order in which they are first named, control first
	phases   []declared
}

// declared is a period of constant weights.
type declared struct {
	from    time.Time // zero for phase 0
	weights []uint64  // one per variant; 0 where the phase does not list it
}

func newSchedule(e *experiment.Experiment) schedule {
	s := schedule{variants: e.Variants()}
	s.declare(time.Time{}, e.Arms)
	for _, p := range e.Phases {
		s.declare(p.From, p.Arms)
	}
	return s
}

func (s *schedule) declare(from time.Time, arms []experiment.Arm) {
	weights := make([]uint64, len(s.variants))
	for _, a := range arms {
		weights[slices.Index(s.variants, a.Variant)] = a.Weight
	}
	s.phases = append(s.phases, declared{from: from, weights: weights})
}

// before is the phase in force for the last exposure before a moment.
func (s *schedule) before(t time.Time) int {
	phase := 0
	for phase+1 < len(s.phases) && s.phases[phase+1].from.Before(t) {
		phase++
	}
	return phase
}

// declares reports whether the experiment says what the weights of a phase are.
func (s *schedule) declares(phase int) bool { return phase >= 0 && phase < len(s.phases) }

// weight of a variant in a phase; 0 where nothing is declared.
func (s *schedule) weight(phase int, variant string) uint64 {
	i := slices.Index(s.variants, variant)
	if i < 0 || !s.declares(phase) {
		return 0
	}
	return s.phases[phase].weights[i]
}

// runsIn reports whether a variant carries weight in one of the phases up to one.
func (s *schedule) runsIn(variant string, upTo int) bool {
	for phase := range upTo + 1 {
		if s.weight(phase, variant) > 0 {
			return true
		}
	}
	return false
}

// together reports whether two variants can be compared in a phase: both carry
// weight in it. Of a phase that nobody declared nothing is known.
func (s *schedule) together(phase int, a, b string) bool {
	return !s.declares(phase) || s.weight(phase, a) > 0 && s.weight(phase, b) > 0
}

// shares are the parts of all weight that the variants have in a phase.
func (s *schedule) shares(phase int) []float64 {
	shares, sum := make([]float64, len(s.variants)), 0.0
	for i, w := range s.phases[phase].weights {
		shares[i] = float64(w)
		sum += shares[i]
	}
	for i := range shares {
		shares[i] /= sum
	}
	return shares
}

// rivals are the variants that a phase compares with control: their sizes grow
// side by side. Where it compares none, they are those of the phase before.
func (s *schedule) rivals(phase int) []string {
	control := s.variants[0]
	for ; phase >= 0; phase-- {
		var rivals []string
		for _, v := range s.variants[1:] {
			if s.together(phase, control, v) {
				rivals = append(rivals, v)
			}
		}
		if len(rivals) > 0 {
			return rivals
		}
	}
	return nil
}

// place is where a unit was first exposed.
type place struct {
	variant string
	phase   int
}

// census counts units by place.
type census map[place]int64

// of counts the units of a variant in all phases.
func (c census) of(variant string) int64 {
	n := int64(0)
	for at, units := range c {
		if at.variant == variant {
			n += units
		}
	}
	return n
}

// progress names the arm that lacks most of the planned size in a phase, and its
// units. Every arm that the phase compares with control must reach the size, and
// so must control, in those phases that both share: other units are in no
// comparison of the two. An arm that was given up is not waited for.
func (s *schedule) progress(phase int, units census) (variant string, n int64) {
	control := s.variants[0]
	n = -1
	least := func(v string, size int64) {
		if n < 0 || size < n {
			variant, n = v, size
		}
	}
	rivals := s.rivals(phase)
	for _, rival := range rivals {
		sizes := make(map[string]int64, 2)
		for at, k := range units {
			if (at.variant == control || at.variant == rival) && s.together(at.phase, control, rival) {
				sizes[at.variant] += k
			}
		}
		least(control, sizes[control])
		least(rival, sizes[rival])
	}
	for i, v := range s.variants { // without any comparison: the arms that carry weight
		if len(rivals) == 0 && s.phases[phase].weights[i] > 0 {
			least(v, units.of(v))
		}
	}
	return variant, max(n, 0)
}
