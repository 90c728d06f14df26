package assign

import (
	"fmt"
)

// Part is a half-open part of one stream of positions: the slots of a layer, or
// those who are held out. The zero Part has no unit.
type Part struct {
	seed  uint64
	from  uint64
	size  uint64
	whole bool
}

// NewPart returns the positions from floor(2^64 * from / of) to below
// floor(2^64 * to / of) on the stream of a purpose and a salt. Parts of one stream
// that do not overlap as fractions share no unit, and neighbours leave no gap. The
// error is a [SpecErrors] with the fields "salt", "of" and "to".
func NewPart(purpose Purpose, salt string, from, to, of uint64) (Part, error) {
	var list SpecErrors
	list.checkSalt(salt)
	switch {
	case of == 0:
		list.add("of", of, "slots", "want at least one")
	case from > to || to > of:
		list.add("to", fmt.Sprintf("%d-%d", from, to), fmt.Sprintf("is no part of %d", of),
			fmt.Sprintf("want from <= to <= %d", of))
	}
	if len(list) > 0 {
		return Part{}, list
	}
	start, end := boundaryOf(wide{lo: from}, wide{lo: of}), boundaryOf(wide{lo: to}, wide{lo: of})
	part := Part{seed: Seed(purpose, salt), from: start.at, size: end.at - start.at}
	part.whole = end.whole && from == 0 // 2^64 positions, which a size cannot hold
	return part, nil
}

// Has reports whether the unit is in the part. It allocates nothing.
func (p *Part) Has(u Unit) bool {
	return p.whole || u.Position(p.seed)-p.from < p.size
}
