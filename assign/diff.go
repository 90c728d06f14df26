package assign

import (
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
)

// Outcome is what all units of a region get.
type Outcome struct {
	// Variant, or any other text that tells outcomes apart, such as "holdout". Not
	// empty: that stands for not being enrolled.
	Variant string
	// Region holds the units.
	Region Region
}

// Change is what a change of a split, or of what surrounds it, does to all units. The
// shares are exact and parts of all units, not only of the enrolled ones. Moved, Entered
// and Left exclude each other; the rest of the units keep what they have.
type Change struct {
	Moved   *big.Rat // enrolled before and after, in another arm
	Entered *big.Rat // enrolled only after
	Left    *big.Rat // enrolled only before
	// Moves are the pairs with a share above 0, sorted by From and then by To, both
	// in the order in which the old split and then the new one number their variants.
	// Not being enrolled comes last.
	Moves []Move
}

// Move is the share of all units that go from one variant to another.
type Move struct {
	From  string // "" for not enrolled
	To    string // "" for not enrolled
	Share *big.Rat
}

// Diff returns the exact share of all units that change enrolment or arm from the old
// split to the new one, for each pair of variants. It compares the ranges of the splits,
// it does not sample. Variants are the same where their names are.
//
// Splits of the same salt are compared on the same lines: raising the traffic moves
// nobody, and a phase moves what it must. With different salts the lines are independent.
// A nil or zero Split enrols nobody.
//
// The ranges of another SDK's formula are not known here. If old and new are by such a
// formula and alike in formula, salt, arms and traffic, nobody changes. Otherwise the
// error is a [*DiffError]: compare the decisions of both over your ids.
func Diff(old, new *Split) (Change, error) {
	if alike(old, new) {
		return Compare(nil, nil), nil
	}
	before, err := old.Outcomes(Region{})
	if err != nil {
		return Change{}, &DiffError{Old: old.formula(), New: new.formula()}
	}
	after, err := new.Outcomes(Region{})
	if err != nil {
		return Change{}, &DiffError{Old: old.formula(), New: new.formula()}
	}
	return Compare(before, after), nil
}

// alike reports whether both splits are the same one of another SDK's formula.
func alike(a, b *Split) bool {
	if a == nil || b == nil || a.other == nil || b.other == nil {
		return false
	}
	x, y := a.other.spec, b.other.spec
	return reflect.DeepEqual(x.Hash, y.Hash) && x.Salt == y.Salt && slices.Equal(x.Arms, y.Arms) &&
		x.Traffic.rat().Cmp(y.Traffic.rat()) == 0
}

// DiffError says that two splits cannot be compared exactly, because one of them is by the
// formula of another SDK.
type DiffError struct {
	Old, New string // the names of the formulas; "touchlift/1" for that of this package
}

// Error names both formulas and what can be done instead.
func (e *DiffError) Error() string {
	return fmt.Sprintf("assign: no exact difference from %s to %s: the arms of another SDK's formula have no ranges here: "+
		"compare decisions over your ids: ask both splits for the variant of each, and count", e.Old, e.New)
}

func (s *Split) formula() string {
	if s == nil || s.other == nil {
		return "touchlift/1"
	}
	return s.other.spec.Hash.Name()
}

// Outcomes returns the regions of the variants, in the order of [Split.Variants], within a
// region: the units outside it are not enrolled. It serves [Compare] where something
// stands before the split, such as a layer. A nil or zero Split has none. The error
// is a [*DiffError] for a split by the formula of another SDK.
func (s *Split) Outcomes(within Region) ([]Outcome, error) {
	if s == nil || len(s.variants) == 0 {
		return nil, nil
	}
	if s.other != nil {
		return nil, &DiffError{Old: s.formula(), New: s.formula()}
	}
	spans := make([][]span, len(s.variants))
	var from wide
	for i := range len(s.ends) + 1 {
		to, owner := wide{hi: 1}, i
		if i < len(s.ends) {
			to = wide{lo: s.ends[i]}
		}
		if s.owners != nil {
			owner = s.owners[i]
		}
		if from.less(to) {
			spans[owner] = append(spans[owner], span{from, to})
		}
		from = to
	}
	within = within.within(s.trafficSeed, s.traffic.spans())
	outcomes := make([]Outcome, len(s.variants))
	for i, variant := range s.variants {
		outcomes[i] = Outcome{Variant: variant, Region: within.within(s.armSeed, spans[i])}
	}
	return outcomes, nil
}

// spans returns the positions below the boundary.
func (b boundary) spans() []span {
	if b == (boundary{}) {
		return nil
	}
	return []span{{to: b.wide()}}
}

// Compare returns the change from the old outcomes to the new ones. Within
// each list no unit is in two regions; several regions may have the same variant. Who is
// in no region is not enrolled. Variants are ordered as the lists mention them first.
func Compare(old, new []Outcome) Change {
	t := newTally(old, new)
	for _, p := range old {
		t.add(p.Variant, "", p.Region.Share())
		for _, q := range new {
			region := p.Region.And(q.Region)
			if region.empty() {
				continue
			}
			both := region.Share()
			t.add(p.Variant, q.Variant, both)
			t.add(p.Variant, "", both.Neg(both))
			t.add("", q.Variant, both) // negative by now
		}
	}
	for _, q := range new {
		t.add("", q.Variant, q.Region.Share())
	}
	return t.change()
}

// tally sums shares by pairs of variants.
type tally struct {
	order  []string // the variants, not being enrolled at the end
	index  map[string]int
	shares [][]*big.Rat // nil for 0
}

func newTally(lists ...[]Outcome) *tally {
	t := &tally{index: make(map[string]int)}
	for _, o := range slices.Concat(lists...) {
		if _, seen := t.index[o.Variant]; !seen && o.Variant != "" {
			t.index[o.Variant] = len(t.order)
			t.order = append(t.order, o.Variant)
		}
	}
	t.index[""] = len(t.order)
	t.order = append(t.order, "")
	t.shares = make([][]*big.Rat, len(t.order))
	for i := range t.shares {
		t.shares[i] = make([]*big.Rat, len(t.order))
	}
	return t
}

func (t *tally) add(from, to string, share *big.Rat) {
	if share.Sign() == 0 {
		return
	}
	cell := &t.shares[t.index[from]][t.index[to]]
	if *cell == nil {
		*cell = new(big.Rat)
	}
	(*cell).Add(*cell, share)
}

// change sums up what is not on the diagonal.
func (t *tally) change() Change {
	c := Change{Moved: new(big.Rat), Entered: new(big.Rat), Left: new(big.Rat)}
	for i, from := range t.order {
		for j, to := range t.order {
			share := t.shares[i][j]
			if i == j || share == nil || share.Sign() == 0 {
				continue
			}
			sum := c.Moved
			if from == "" {
				sum = c.Entered
			} else if to == "" {
				sum = c.Left
			}
			sum.Add(sum, share)
			c.Moves = append(c.Moves, Move{From: from, To: to, Share: share})
		}
	}
	return c
}

// String returns one line that sums up and one for each of Moves, such as
//
//	10% of the units change arm, 5% enter
//	  control -> free_returns 10%
//	  (not enrolled) -> control 5%
//
// or "nobody changes". Percentages have up to 4 decimals; a share that would be rounded
// to none or to all is written "<0.0001%" or ">99.9999%".
func (c Change) String() string {
	var sums []string
	for _, sum := range []struct {
		share *big.Rat
		verb  string
	}{{c.Moved, "change arm"}, {c.Entered, "enter"}, {c.Left, "leave"}} {
		if sum.share == nil || sum.share.Sign() == 0 {
			continue
		}
		of := ""
		if len(sums) == 0 {
			of = " of the units"
		}
		sums = append(sums, percent(sum.share)+of+" "+sum.verb)
	}
	if len(sums) == 0 {
		return "nobody changes"
	}
	lines := []string{strings.Join(sums, ", ")}
	for _, move := range c.Moves {
		lines = append(lines, "  "+move.String())
	}
	return strings.Join(lines, "\n")
}

// String returns the move as in "control -> free_returns 10%"; not being enrolled is
// "(not enrolled)". Percentages are those of [Change.String].
func (m Move) String() string {
	return fmt.Sprintf("%s -> %s %s", named(m.From), named(m.To), percent(m.Share))
}

func named(name string) string {
	if name == "" {
		return "(not enrolled)"
	}
	return name
}

// percent writes a share; nil is 0.
func percent(share *big.Rat) string {
	if share == nil || share.Sign() == 0 {
		return "0%"
	}
	one := big.NewRat(1, 1)
	text := new(big.Rat).Mul(share, big.NewRat(100, 1)).FloatString(4)
	text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	switch {
	case text == "0":
		return "<0.0001%"
	case text == "100" && share.Cmp(one) < 0:
		return ">99.9999%"
	}
	return text + "%"
}

// MarshalJSON writes the shares as the nearest numbers:
//
//	{"moved":0.1,"entered":0,"left":0,"moves":[{"from":"control","to":"free_returns","share":0.1}]}
//
// A from or to of "" is not being enrolled.
func (c Change) MarshalJSON() ([]byte, error) {
	type move struct {
		From  string  `json:"from"`
		To    string  `json:"to"`
		Share float64 `json:"share"`
	}
	moves := make([]move, len(c.Moves))
	for i, m := range c.Moves {
		moves[i] = move{m.From, m.To, nearest(m.Share)}
	}
	return json.Marshal(struct {
		Moved   float64 `json:"moved"`
		Entered float64 `json:"entered"`
		Left    float64 `json:"left"`
		Moves   []move  `json:"moves"`
	}{nearest(c.Moved), nearest(c.Entered), nearest(c.Left), moves})
}

func nearest(share *big.Rat) float64 {
	if share == nil {
		return 0
	}
	number, _ := share.Float64()
	return number
}
