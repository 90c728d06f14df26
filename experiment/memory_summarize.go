package experiment

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/touchlift/touchlift/experiment/audience"
)

// Summarize computes the sums of a query. ctx is looked at before each moment
// of the query's AsOf.
func (m *Memory) Summarize(ctx context.Context, query Query) (Cells, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := m.usable(ctx, "summarize"); err != nil {
		return Cells{}, err
	}
	if err := query.Validate(); err != nil {
		return Cells{}, err
	}
	units := m.units(&query)
	var answer Cells
	for _, asOf := range query.AsOf {
		if err := m.usable(ctx, "summarize"); err != nil {
			return Cells{}, err
		}
		s := newMoment(&query, asOf)
		for _, u := range units {
			s.addUnit(u)
		}
		s.appendTo(&answer)
	}
	answer.Sort()
	return answer, nil
}

// memoryUnit is a unit with what it met and did.
type memoryUnit struct {
	id          string
	exposures   []*Exposure   // none of class override, in the order of first exposures
	conversions []*Conversion // of the query's events, by time and id
	levels      []audience.Value
	cell        string // the key of its cell
}

// first is the unit's first exposure. It is the first as of every moment that
// sees the unit at all.
func (u *memoryUnit) first() *Exposure { return u.exposures[0] }

// units returns the units of the query's run, ordered by id.
func (m *Memory) units(q *Query) []*memoryUnit {
	units := make(map[string]*memoryUnit)
	for _, e := range m.exposures {
		if e.Experiment != q.Experiment || e.Run != q.Run || e.Kind != q.Kind || e.Class == ClassOverride {
			continue
		}
		u := units[e.Unit]
		if u == nil {
			u = &memoryUnit{id: e.Unit}
			units[e.Unit] = u
		}
		u.exposures = append(u.exposures, e)
	}
	for _, v := range m.conversions {
		if !q.mentions(v.Event) {
			continue
		}
		if u := units[idOf(v.IDs, q.Kind)]; u != nil {
			u.conversions = append(u.conversions, v)
		}
	}
	sorted := slices.SortedFunc(maps.Values(units), func(a, b *memoryUnit) int { return strings.Compare(a.id, b.id) })
	for _, u := range sorted {
		slices.SortFunc(u.exposures, compareExposures)
		slices.SortFunc(u.conversions, compareConversions)
		u.levels = levelsOf(q.By, u.first())
		u.cell = cellKey(u.first(), u.levels)
	}
	return sorted
}

func (q *Query) mentions(event string) bool {
	return slices.ContainsFunc(q.Values, func(v Value) bool { return v.Event == event })
}

// idOf returns the id of a kind, or "", which no id is.
func idOf(ids []ID, kind Kind) string {
	for _, id := range ids {
		if id.Kind == kind {
			return id.Value
		}
	}
	return ""
}

// levelsOf returns the level of each dimension at the first exposure.
func levelsOf(by []Dimension, first *Exposure) []audience.Value {
	var levels []audience.Value
	for _, d := range by {
		var level audience.Value
		if name, ok := d.Attribute(); ok {
			level = audience.Lookup(first.Attributes, name)
		} else if zone, ok := d.Day(); ok {
			level = audience.StringValue(first.Time.In(zone).Format(time.DateOnly))
		} else {
			level = audience.StringValue(first.Touchpoint)
		}
		levels = append(levels, level)
	}
	return levels
}

// cellKey tells cells apart: the group and phase of the first exposure, and
// the levels with their types.
func cellKey(first *Exposure, levels []audience.Value) string {
	g := groupOf(first)
	key := strconv.AppendQuote(make([]byte, 0, 64), g.variant)
	key = strconv.AppendBool(key, g.holdout)
	key = strconv.AppendInt(key, int64(first.Phase), 10)
	for _, level := range levels {
		key = strconv.AppendQuote(append(key, byte(level.Type())), level.String())
	}
	return string(key)
}

// moment is the answer as of one of the query's moments, while it is added up.
type moment struct {
	query        *Query
	asOf         time.Time
	cells        map[string]*cellSum
	contaminated map[Transition]int64 // units by all the rest
	moved        map[Transition]int64
}

func newMoment(query *Query, asOf time.Time) *moment {
	return &moment{
		query: query, asOf: asOf, cells: make(map[string]*cellSum),
		contaminated: make(map[Transition]int64), moved: make(map[Transition]int64),
	}
}

func (s *moment) addUnit(u *memoryUnit) {
	asOf := s.asOf.UnixMicro()
	seen := 0
	for seen < len(u.exposures) && u.exposures[seen].Time.UnixMicro() < asOf {
		seen++
	}
	if seen == 0 {
		return
	}
	exposures := u.exposures[:seen]
	to, contaminated := contaminationOf(exposures)
	if contaminated {
		s.contaminated[s.transition(u, to)]++
	} else if to, moved := otherGroup(exposures); moved {
		s.moved[s.transition(u, to)]++
	}
	if contaminated && s.query.Contaminated == ExcludeContaminated {
		return
	}
	cell := s.cells[u.cell]
	if cell == nil {
		cell = newCellSum(s.query, s.asOf, u)
		s.cells[u.cell] = cell
	}
	cell.addUnit(u)
}

func (s *moment) transition(u *memoryUnit, to group) Transition {
	from := groupOf(u.first())
	return Transition{
		AsOf: s.asOf, Variant: from.variant, Holdout: from.holdout, Phase: u.first().Phase,
		To: to.variant, ToHoldout: to.holdout,
	}
}

func (s *moment) appendTo(answer *Cells) {
	for _, cell := range s.cells {
		answer.Cells = append(answer.Cells, cell.finish())
	}
	answer.Contaminated = appendCounted(answer.Contaminated, s.contaminated)
	answer.Moved = appendCounted(answer.Moved, s.moved)
}

func appendCounted(list []Transition, counted map[Transition]int64) []Transition {
	for t, units := range counted {
		t.Units = units
		list = append(list, t)
	}
	return list
}

// group is what a unit can be in: a variant, or the holdout.
type group struct {
	variant string
	holdout bool
}

func groupOf(e *Exposure) group {
	if e.Class == ClassHoldout {
		return group{holdout: true}
	}
	return group{variant: e.Variant}
}

// contaminationOf looks through a unit's exposures, in order, for the phase
// that first shows two groups. It returns the first group met in that phase
// which is not the group of the unit's first exposure.
func contaminationOf(exposures []*Exposure) (to group, contaminated bool) {
	met := make(map[int]group)
	for _, e := range exposures {
		earlier, found := met[e.Phase]
		if !found {
			met[e.Phase] = groupOf(e)
			continue
		}
		if groupOf(e) != earlier {
			if earlier != groupOf(exposures[0]) {
				return earlier, true
			}
			return groupOf(e), true
		}
	}
	return group{}, false
}

// otherGroup returns the first group met which is not that of the first
// exposure.
func otherGroup(exposures []*Exposure) (to group, found bool) {
	for _, e := range exposures {
		if groupOf(e) != groupOf(exposures[0]) {
			return groupOf(e), true
		}
	}
	return group{}, false
}
