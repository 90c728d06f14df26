package assign

import (
	"iter"
	"maps"
	"slices"
)

// Strata is a list that was split with exact balance: in every stratum, and in the
// list as a whole, the number of units of an arm differs from its share by less than
// one. It is immutable and safe for concurrent use. Get one from [Stratify]; the zero
// Strata enrols nobody.
//
// It is the plain split with the ends of the arms moved, stratum by stratum, to where
// the counts come out: of the enrolled units of a stratum, sorted by their position in
// the stream "arm", the first m_1 get the first arm, the next m_2 the second. So the
// table depends on the salt, the ids and their strata, and not on the order of the
// list, and few units get another variant than [Split.Variant] gives. The same list gives
// the same table in every release of a major version.
type Strata struct {
	split  Split // seeds and traffic; its arms are not used
	strata map[string]*stratum
}

// StratumCount says how the units of one stratum were split.
type StratumCount struct {
	Stratum string
	Units   uint64   // that are enrolled
	Arms    []uint64 // units of every arm, in the order of [Spec].Arms
}

type stratum struct {
	first, again reading // of the list; they differ if it changes
	counts       []uint64
	ends         []boundary  // where every arm ends
	sought       []*quantile // ends that are still looked for
}

// Stratify splits a list of (stratum, unit id) with exact balance in every stratum: by
// country, by store, by value of the customer. Use it where the list is known before
// the experiment, and chance must not put more of the best customers into one arm.
// Units outside the traffic of the spec are not enrolled and do not count.
//
// If an arm's share of a stratum is no whole number, chance rounds it up or down, so
// that every unit's chance of an arm is exactly the arm's share. The roundings are
// drawn together, so that the totals of the arms over all strata are exact to less
// than one as well (unbiased controlled rounding, Cox 1987, "A Constructive Procedure
// for Unbiased Controlled Rounding", JASA 82, 520-524).
//
// The memory depends on the number of strata and arms, not on that of units: about
// 8 KiB a stratum and arm at most, less for strata of few units. For that the list is
// read several times, about one more time for each factor of 500 in the size of the
// largest stratum: four times for a million. It has to give the same units each time.
// The time grows with the arms, too, because a reading looks for the end of each arm but
// the last: up to ten hardly, from 20 on nearly in proportion. [Strata.Variant] takes as
// many steps as there are arms.
//
// A stratum is any text. A unit belongs to one of them: an id that the list has twice
// in a stratum gets one variant, in two strata perhaps two, and the counts are off;
// only a table of all ids could tell. The error is a [SpecErrors]; a [*ListError] with
// bad ids, and with duplicates where they make exact balance impossible; or
// [ErrChangedList]. An empty list is no error.
func Stratify(spec Spec, units iter.Seq2[string, string]) (*Strata, error) {
	if problems := checkTable(spec); len(problems) > 0 {
		return nil, problems
	}
	split, err := NewSplit(spec)
	if err != nil {
		return nil, err
	}
	s := &Strata{split: *split, strata: make(map[string]*stratum)}
	if err := s.count(units); err != nil {
		return nil, err
	}
	s.round(spec)
	if err := s.locate(units); err != nil {
		return nil, err
	}
	return s, nil
}

// count reads the list for the first time.
func (s *Strata) count(units iter.Seq2[string, string]) error {
	var bad ListError
	row := 0
	for name, id := range units {
		row++
		if err := CheckID(id); err != nil {
			bad.add(row, id, err)
			continue
		}
		part := s.strata[name]
		if part == nil {
			part = new(stratum)
			s.strata[name] = part
		}
		if position, enrolled := s.position(id); enrolled {
			part.first.add(position)
		}
	}
	return bad.orNil()
}

// position returns where an id stands on the line of the arms, and whether it is enrolled.
func (s *Strata) position(id string) (position uint64, enrolled bool) {
	u := Hash(id)
	if !s.split.traffic.whole && u.Position(s.split.trafficSeed) >= s.split.traffic.at {
		return 0, false
	}
	return u.Position(s.split.armSeed), true
}

// names returns the strata in sorted order, which is that of the rounding.
func (s *Strata) names() []string { return slices.Sorted(maps.Keys(s.strata)) }

// Counts returns how every stratum was split, sorted by its name.
func (s *Strata) Counts() []StratumCount {
	var all []StratumCount
	for _, name := range s.names() {
		part := s.strata[name]
		all = append(all, StratumCount{Stratum: name, Units: part.first.units, Arms: slices.Clone(part.counts)})
	}
	return all
}

// Variant returns the variant of a unit and whether it is enrolled: not for an unknown
// stratum, an id that [CheckID] refuses, or a unit outside the traffic. An id that was
// not in the list gets the variant of its neighbours by position, so that late comers
// are split nearly as the list was.
func (s *Strata) Variant(stratum, id string) (variant string, enrolled bool) {
	part := s.strata[stratum]
	if part == nil || CheckID(id) != nil {
		return "", false
	}
	position, enrolled := s.position(id)
	if !enrolled {
		return "", false
	}
	for arm, end := range part.ends {
		if end.whole || position < end.at {
			return s.split.variants[arm], true
		}
	}
	return "", false // the ends of a stratum without units
}

// List gives every unit of a list its variant, one row a unit and in their order. It
// holds one row at a time. Give it the list that was stratified, in any order. An id
// that cannot be assigned, or whose stratum was not there, comes as a row that is not
// enrolled, together with a [*RowError] that names the line; the rows behind it follow.
func (s *Strata) List(units iter.Seq2[string, string]) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		number := 0
		for name, id := range units {
			number++
			row := Row{ID: id, Stratum: name}
			row.Variant, row.Enrolled = s.Variant(name, id)
			err := rowProblem(number, id)
			if err == nil && s.strata[name] == nil {
				err = &RowError{Row: number, ID: id, Err: ErrUnknownStratum}
			}
			if !yield(row, err) {
				return
			}
		}
	}
}
