package assign

import (
	"iter"
	"math/bits"
	"slices"
)

// quantile looks for a place on the line that has a given number of a stratum's positions
// below it. It reads the list again and again, each time with the counts of finer
// slices of the block in which the place must lie.
type quantile struct {
	end   *boundary // to be set
	low   uint64    // the block is [low, low + 2^width)
	width int
	units uint64   // positions in the block
	rank  uint64   // of them, how many are to lie below the place; 0 < rank < units
	tally []uint64 // positions in each of a power of two of slices
	shift int      // a slice is 2^shift positions
}

// Slices of a block: more need fewer readings of the list, fewer need less memory.
const (
	fewestSliceBits = 2
	mostSliceBits   = 10
)

// sliceBits gives a block about two slices a unit.
func (q *quantile) sliceBits() int {
	want := bits.Len64(q.units) + 1
	return min(q.width, max(fewestSliceBits, min(mostSliceBits, want)))
}

func (q *quantile) prepare() {
	q.tally, q.shift = make([]uint64, 1<<q.sliceBits()), q.width-q.sliceBits()
}

// note counts a position, if it lies in the block.
func (q *quantile) note(position uint64) {
	if position>>q.width == q.low>>q.width {
		q.tally[(position-q.low)>>q.shift]++
	}
}

// narrow goes on to the slice in which the place lies. It reports whether it was found;
// tied says that more than one unit stands on it.
func (q *quantile) narrow() (found, tied bool) {
	below := uint64(0)
	for i, units := range q.tally {
		low := q.low + uint64(i)<<q.shift
		if below == q.rank {
			*q.end = boundary{at: low}
			return true, false
		}
		if below+units > q.rank {
			q.low, q.width, q.units, q.rank = low, q.shift, units, q.rank-below
			break
		}
		below += units
	}
	q.tally = nil
	return false, q.width == 0
}

// reading is what a stratum was found to hold.
type reading struct {
	units  uint64
	digest uint64 // sum of the positions
}

func (r *reading) add(position uint64) {
	r.units++
	r.digest += position
}

// plan sets the ends of the arms that need no search, and the quantiles to find the others.
func (part *stratum) plan() {
	part.ends = make([]boundary, len(part.counts))
	rank := uint64(0)
	for arm, count := range part.counts {
		rank += count
		switch rank {
		case 0:
		case part.first.units:
			part.ends[arm] = boundary{whole: true}
		default:
			part.sought = append(part.sought, &quantile{end: &part.ends[arm], width: 64, units: part.first.units, rank: rank})
		}
	}
}

// locate reads the list until every end of an arm is found.
func (s *Strata) locate(units iter.Seq2[string, string]) error {
	for _, part := range s.strata {
		part.plan()
	}
	for s.searching() {
		if err := s.tally(units); err != nil {
			return err
		}
		ties := make(map[stratumPosition]bool)
		for name, part := range s.strata {
			part.sought = slices.DeleteFunc(part.sought, func(q *quantile) bool {
				found, tied := q.narrow()
				if tied {
					ties[stratumPosition{name, q.low}] = true
				}
				return found
			})
		}
		if len(ties) > 0 {
			return s.duplicates(units, ties)
		}
	}
	return nil
}

func (s *Strata) searching() bool {
	for _, part := range s.strata {
		if len(part.sought) > 0 {
			return true
		}
	}
	return false
}

// tally reads the list once for all quantiles, and notices if it is not the one before.
func (s *Strata) tally(units iter.Seq2[string, string]) error {
	for _, part := range s.strata {
		part.again = reading{}
		for _, q := range part.sought {
			q.prepare()
		}
	}
	for name, id := range units {
		part := s.strata[name]
		if part == nil || CheckID(id) != nil {
			return ErrChangedList
		}
		position, enrolled := s.position(id)
		if !enrolled {
			continue
		}
		part.again.add(position)
		for _, q := range part.sought {
			q.note(position)
		}
	}
	for _, part := range s.strata {
		if part.again != part.first {
			return ErrChangedList
		}
	}
	return nil
}

type stratumPosition struct {
	stratum  string
	position uint64
}

// duplicates reads the list once more, to name the units that stand on one position
// where one arm ends and the next begins. They are duplicates, or, in one of about
// 2^64 pairs of units, two ids with the same hash.
func (s *Strata) duplicates(units iter.Seq2[string, string], ties map[stratumPosition]bool) error {
	var bad ListError
	row := 0
	for name, id := range units {
		row++
		if position, enrolled := s.position(id); enrolled && ties[stratumPosition{name, position}] {
			bad.add(row, id, ErrDuplicateUnit)
		}
	}
	if err := bad.orNil(); err != nil {
		return err
	}
	return ErrChangedList
}
