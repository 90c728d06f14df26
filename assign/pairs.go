package assign

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// purposeMatch is the stream that orders units which are alike, and picks those that
// are left over. It is not that of the arms: who is matched with whom must not say who
// gets what.
const purposeMatch Purpose = "match"

// Candidate is a unit that is to be matched with others like it.
type Candidate struct {
	// ID of the unit; see [CheckID].
	ID string
	// Covariates are what is known of the unit before the experiment, such as its
	// sales of last year: the same ones in the same order for every unit, at least
	// one, finite. Their scale does not matter, only the order of the units by each.
	Covariates []float64
}

// Match groups units that are alike and randomises within each group: pairs for two
// equal arms, one of each arm in k-tuples for k equal arms, groups of three for
// weights 2 and 1. Use it where units are few and differ much, such as stores or
// cities: what a group has in common does not blur the effect. Analyse the differences
// within groups, not the arms as two samples.
//
// The rows are in the order of the candidates and name the group of each. Who is
// matched with whom, and who gets which arm, does not depend on that order, only on
// the salt, the ids and the covariates. A unit's chance of an arm is the arm's share.
//
// Groups are found by halving: the units are cut in two along the covariate in which
// they are most spread, by rank, and the halves again, until a group is left. With one
// covariate these are neighbours in sorted order, the closest matching there is. With
// several it is a good matching and not the closest, which takes n^3 steps; this takes
// n log n, and memory for n units. Units with equal covariates are matched at random.
//
// If the number of enrolled units is no multiple of the group, units picked at random
// are left over: they are not enrolled, and belong to no group. Traffic is respected
// before that.
//
// The arms need weights of small whole numbers, whose group has at most 64 units. The
// error is a [SpecErrors], a [*ListError] with every bad candidate (an id that
// [CheckID] refuses or that is there twice, covariates that are missing, too many, not
// finite), or wraps [ErrTooFewUnits] if not a single group is full.
func Match(spec Spec, candidates []Candidate) ([]Row, error) {
	problems := checkTable(spec)
	problems.checkSeats(spec.Arms)
	if len(problems) > 0 {
		return nil, problems
	}
	if err := checkCandidates(candidates); err != nil {
		return nil, err
	}
	split, err := NewSplit(spec)
	if err != nil {
		return nil, err
	}
	m := matching{candidates: candidates, seats: seatsOf(spec.Arms)}
	order := m.ordered(split, Seed(purposeMatch, spec.Salt))
	if len(order) < len(m.seats) {
		return nil, fmt.Errorf("%w: %d of %d units are enrolled, a group has %d: add units, or use arms that need smaller groups",
			ErrTooFewUnits, len(order), len(candidates), len(m.seats))
	}
	order = order[:len(order)-len(order)%len(m.seats)]
	m.rank(order)
	m.halve(order)
	return m.rows(spec, order), nil
}

func checkCandidates(candidates []Candidate) error {
	var list ListError
	first := make(map[string]int, len(candidates))
	want := usualCovariates(candidates)
	for i, candidate := range candidates {
		if err := candidateProblem(candidate, want); err != nil {
			list.add(i+1, candidate.ID, err)
			continue
		}
		if at, seen := first[candidate.ID]; seen {
			list.add(i+1, candidate.ID, fmt.Errorf("%w; it is in row %d before", ErrDuplicateUnit, at+1))
			continue
		}
		first[candidate.ID] = i
	}
	return list.orNil()
}

// usualCovariates returns how many covariates most candidates have, so that a few bad
// rows do not speak for all; of equally many rows the first one counts.
func usualCovariates(candidates []Candidate) (usual int) {
	rows := make(map[int]int)
	for _, candidate := range candidates {
		if n := len(candidate.Covariates); n > 0 {
			rows[n]++
		}
	}
	for _, candidate := range candidates {
		if n := len(candidate.Covariates); rows[n] > rows[usual] {
			usual = n
		}
	}
	return usual
}

func candidateProblem(candidate Candidate, want int) error {
	if err := CheckID(candidate.ID); err != nil {
		return err
	}
	if want == 0 {
		return fmt.Errorf("%w: there are none: want at least one; without any use Stratify", ErrCovariate)
	}
	if len(candidate.Covariates) != want {
		return fmt.Errorf("%w: there are %d: want %d as in most rows", ErrCovariate, len(candidate.Covariates), want)
	}
	for j, value := range candidate.Covariates {
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return fmt.Errorf("%w: covariates[%d] is %v: want a finite number; leave out units of which nothing is known",
				ErrCovariate, j, value)
		}
	}
	return nil
}

// matching is the work of one [Match].
type matching struct {
	candidates []Candidate
	seats      []int
	turn       []int       // of every candidate in the order of chance
	ranks      [][]float64 // by covariate and candidate
}

// ordered returns the enrolled candidates in an order of chance that does not depend
// on the order in which they were given.
func (m *matching) ordered(split *Split, seed uint64) []int {
	var holders []holder
	for i, candidate := range m.candidates {
		if _, enrolled := split.Variant(candidate.ID); enrolled {
			position := Hash(candidate.ID).Position(seed)
			holders = append(holders, holder{position: position, index: i, name: candidate.ID})
		}
	}
	deal(holders)
	m.turn = make([]int, len(m.candidates))
	order := make([]int, len(holders))
	for turn, holder := range holders {
		order[turn], m.turn[holder.index] = holder.index, turn
	}
	return order
}

// rank replaces the covariates by the ranks of the units; equal values share the
// middle of their ranks. Ranks have no scale, and no outlier stretches them.
func (m *matching) rank(order []int) {
	sorted := slices.Clone(order)
	for j := range m.candidates[0].Covariates {
		value := func(unit int) float64 { return m.candidates[unit].Covariates[j] }
		slices.SortFunc(sorted, func(a, b int) int { return cmp.Compare(value(a), value(b)) })
		ranks := make([]float64, len(m.candidates))
		for from, to := 0, 0; from < len(sorted); from = to {
			for to = from; to < len(sorted) && value(sorted[to]) == value(sorted[from]); to++ {
			}
			for _, unit := range sorted[from:to] {
				ranks[unit] = float64(from+to-1) / 2
			}
		}
		m.ranks = append(m.ranks, ranks)
	}
}

// halve orders the units so that every len(seats) in a row are a group.
func (m *matching) halve(units []int) {
	size := len(m.seats)
	if len(units) <= size {
		return
	}
	half := len(units) / size / 2 * size
	m.divide(units, half, m.ranks[m.widest(units)])
	m.halve(units[:half])
	m.halve(units[half:])
}

// divide orders the units so that those before the place come before the others, by
// rank, and by chance where ranks are equal. It is Hoare's selection, in linear time;
// the middle is as good a pivot as any because the units were in an order of chance.
func (m *matching) divide(units []int, place int, ranks []float64) {
	before := func(a, b int) bool {
		return ranks[a] < ranks[b] || ranks[a] == ranks[b] && m.turn[a] < m.turn[b]
	}
	for low, high := 0, len(units)-1; low < high; {
		pivot := units[(low+high)/2]
		i, j := low, high
		for i <= j {
			for before(units[i], pivot) {
				i++
			}
			for before(pivot, units[j]) {
				j--
			}
			if i <= j {
				units[i], units[j] = units[j], units[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case place <= j:
			high = j
		case place >= i:
			low = i
		default:
			return
		}
	}
}

// widest returns the covariate in which the ranks of the units are most spread.
func (m *matching) widest(units []int) int {
	if len(m.ranks) == 1 {
		return 0
	}
	widest, most := 0, -1.0
	for j, ranks := range m.ranks {
		low, high := ranks[units[0]], ranks[units[0]]
		for _, unit := range units {
			low, high = min(low, ranks[unit]), max(high, ranks[unit])
		}
		if high-low > most {
			widest, most = j, high-low
		}
	}
	return widest
}

// rows deals the arms within every group.
func (m *matching) rows(spec Spec, order []int) []Row {
	rows := make([]Row, len(m.candidates))
	for i, candidate := range m.candidates {
		rows[i].ID = candidate.ID
	}
	seed := Seed(PurposeArm, spec.Salt)
	group := make([]holder, len(m.seats))
	for from := 0; from < len(order); from += len(group) {
		for i, unit := range order[from : from+len(group)] {
			id := m.candidates[unit].ID
			group[i] = holder{position: Hash(id).Position(seed), index: unit, name: id}
		}
		deal(group)
		for seat, holder := range group {
			row := &rows[holder.index]
			row.Variant, row.Enrolled = spec.Arms[m.seats[seat]].Variant, true
			row.Group = from/len(group) + 1
		}
	}
	return rows
}
