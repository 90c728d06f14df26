package assign

import (
	"errors"
	"slices"
	"strings"
)

// Split maps unit ids to arms. It is immutable and safe for concurrent use. Get one
// from [NewSplit]; the zero Split enrols nobody.
type Split struct {
	trafficSeed uint64
	armSeed     uint64
	traffic     boundary // positions below it are enrolled
	// ends holds the end of every piece of the line before the one that reaches
	// 2^64. That one owns the rest, so that 2^64 never has to be compared with.
	ends []uint64
	// owners holds the arm of every piece. It is nil without phases, when the pieces
	// are the arms.
	owners   []int
	variants []string
	other    *foreign // of another SDK's formula; nil for touchlift/1
}

// foreign is a split by the formula of another SDK.
type foreign struct {
	spec Spec // with an own copy of the arms
	Bucketing
}

// NewSplit checks the spec and precomputes the split. The error is a [SpecErrors]
// with every problem of the spec and of its formula, as far as the formula can be judged:
// how it lays out arms that are bad themselves is not known. Where a formula fails with
// an error of another type, that one is joined to the problems of the spec. Nothing of
// the caller's spec is kept but strings and the formula.
func NewSplit(spec Spec) (*Split, error) {
	list := spec.problems()
	var other Bucketing
	if spec.Hash != nil {
		var err error
		if other, err = list.judgeFormula(spec); err != nil {
			return nil, errors.Join(list.orNil(), err)
		}
	}
	if len(list) > 0 {
		return nil, list
	}
	names, index := variantsOf(spec)
	split := &Split{
		trafficSeed: Seed(PurposeTraffic, spec.Salt),
		armSeed:     Seed(PurposeArm, spec.Salt),
		traffic:     spec.Traffic.boundary(),
		variants:    names,
	}
	switch {
	case spec.Hash != nil:
		spec.Arms = slices.Clone(spec.Arms)
		split.other = &foreign{spec: spec, Bucketing: other}
	case len(spec.Phases) == 0:
		split.ends = armEnds(spec.Arms)
	default:
		line, err := lineOf(spec, index)
		if err != nil {
			return nil, err
		}
		split.ends, split.owners = line.table()
	}
	return split, nil
}

// armEnds returns floor(2^64 * (w_1+..+w_i) / W) for every arm i that ends before 2^64.
func armEnds(arms []Arm) []uint64 {
	var total, sum wide
	for _, arm := range arms {
		total = total.add(arm.Weight)
	}
	ends := make([]uint64, 0, len(arms))
	for _, arm := range arms {
		sum = sum.add(arm.Weight)
		end := boundaryOf(sum, total)
		if end.whole {
			break
		}
		ends = append(ends, end.at)
	}
	return ends
}

// Variant returns the variant of a unit and whether the unit is enrolled. A unit
// outside the traffic, an empty id, and an id with a zero byte give "" and false;
// [CheckID] tells the last two apart. It allocates nothing.
func (s *Split) Variant(id string) (variant string, enrolled bool) {
	if id == "" || strings.IndexByte(id, 0) >= 0 {
		return "", false
	}
	arm, enrolled := s.ArmOf(id)
	if !enrolled {
		return "", false
	}
	return s.variants[arm], true
}

// ArmOf returns the index of the id's arm and whether the unit is enrolled, like
// [Split.Arm], by the formula of the spec. It does not judge the id: use [CheckID]
// first. It allocates nothing with touchlift/1.
func (s *Split) ArmOf(id string) (index int, enrolled bool) {
	if s.other != nil {
		return s.other.Arm(id)
	}
	return s.Arm(Hash(id))
}

// Hashed reports whether the split is of touchlift/1, so that [Split.Arm] serves it.
func (s *Split) Hashed() bool { return s.other == nil }

// Variants lists the variants in the order of their indices: those of [Spec].Arms, then
// the new ones of each phase in the order in which it lists them. The index of a variant
// so stays when a phase is added. The list is the caller's.
func (s *Split) Variants() []string { return slices.Clone(s.variants) }

// Arm returns the index of the unit's arm, which is that of [Split.Variants], and
// whether the unit is enrolled; the index is -1 if it is not. Without phases it is the
// index in [Spec].Arms. Use it to ask many splits about one id:
// [Hash] the id once, after [CheckID]. It allocates nothing. A split by the formula
// of another SDK cannot be asked this way and enrols nobody: see [Split.ArmOf].
func (s *Split) Arm(u Unit) (index int, enrolled bool) {
	if s.other != nil {
		return -1, false
	}
	if !s.traffic.whole && u.Position(s.trafficSeed) >= s.traffic.at {
		return -1, false
	}
	piece := s.pieceAt(u.Position(s.armSeed))
	if s.owners == nil {
		return piece, true
	}
	return s.owners[piece], true
}

// pieceAt returns how many pieces end at or below the position. It is a binary search
// without a branch on the position, which the processor could not predict.
func (s *Split) pieceAt(position uint64) int {
	piece := 0
	for n := len(s.ends); n > 0; {
		half := int(uint(n+1) >> 1)
		if position >= s.ends[piece+half-1] {
			piece += half
		}
		n -= half
	}
	return piece
}
