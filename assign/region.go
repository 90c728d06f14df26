package assign

import (
	"math/big"
	"slices"
)

// Region is a set of units: those that stand in certain ranges of certain streams. A
// stream is the positions under one seed; streams of different seeds are independent, as
// the tests of this package show. The zero Region is all units. A Region is immutable.
type Region struct {
	strips []strip // by seed, each seed once
}

// strip is the part of one stream that a region takes.
type strip struct {
	seed  uint64
	spans []span // rising, disjoint, not empty
}

// span is the positions [from, to), to at most 2^64.
type span struct{ from, to wide }

// In returns the units of the region that are in the part.
func (r Region) In(part Part) Region { return r.within(part.seed, part.spans()) }

// Outside returns the units of the region that are not in the part.
func (r Region) Outside(part Part) Region {
	rest, low := []span(nil), wide{}
	for _, s := range part.spans() {
		if low.less(s.from) {
			rest = append(rest, span{low, s.from})
		}
		low = s.to
	}
	if end := (wide{hi: 1}); low.less(end) {
		rest = append(rest, span{low, end})
	}
	return r.within(part.seed, rest)
}

// spans returns the positions of the part, as one range or none.
func (p Part) spans() []span {
	switch {
	case p.whole:
		return []span{{to: wide{hi: 1}}}
	case p.size == 0:
		return nil
	}
	from := wide{lo: p.from}
	return []span{{from, from.add(p.size)}}
}

// within returns the units of the region that stand in one of the spans of a stream.
func (r Region) within(seed uint64, spans []span) Region {
	at, found := slices.BinarySearchFunc(r.strips, seed, func(c strip, seed uint64) int {
		switch {
		case c.seed < seed:
			return -1
		case c.seed > seed:
			return 1
		}
		return 0
	})
	if found {
		strips := slices.Clone(r.strips)
		strips[at].spans = common(strips[at].spans, spans)
		return Region{strips}
	}
	return Region{slices.Insert(slices.Clone(r.strips), at, strip{seed, spans})}
}

// common returns the positions that are in a span of a and in one of b.
func common(a, b []span) (both []span) {
	for len(a) > 0 && len(b) > 0 {
		s := a[0]
		if s.from.less(b[0].from) {
			s.from = b[0].from
		}
		if b[0].to.less(s.to) {
			s.to = b[0].to
			b = b[1:]
		} else {
			a = a[1:]
		}
		if s.from.less(s.to) {
			both = append(both, s)
		}
	}
	return both
}

// And returns the units that are in both regions.
func (r Region) And(other Region) Region {
	for _, c := range other.strips {
		r = r.within(c.seed, c.spans)
	}
	return r
}

// Share returns the exact share of all units that are in the region: over the streams,
// the product of the shares of the line that it takes of each.
func (r Region) Share() *big.Rat {
	if r.empty() {
		return new(big.Rat)
	}
	num, den := big.NewInt(1), big.NewInt(1)
	for _, c := range r.strips {
		var size wide
		for _, s := range c.spans {
			length, _ := s.to.minus(s.from)
			size = size.plus(length)
		}
		if size == (wide{hi: 1}) {
			continue // all of the stream
		}
		num.Mul(num, size.big())
		den.Lsh(den, 64)
	}
	return new(big.Rat).SetFrac(num, den)
}

// empty reports whether no unit is in the region.
func (r Region) empty() bool {
	return slices.ContainsFunc(r.strips, func(s strip) bool { return len(s.spans) == 0 })
}

func (a wide) big() *big.Int {
	n := new(big.Int).Lsh(new(big.Int).SetUint64(a.hi), 64)
	return n.Or(n, new(big.Int).SetUint64(a.lo))
}
