package assign

import "math/bits"

// wide is an unsigned number of 128 bits. Sums of weights need it: two arms may
// weigh 2^63 each, and no number of arms that fits in memory reaches 2^127.
type wide struct{ hi, lo uint64 }

func (a wide) add(b uint64) wide {
	lo, carry := bits.Add64(a.lo, b, 0)
	return wide{a.hi + carry, lo}
}

// double returns 2a; a is below 2^127.
func (a wide) double() wide {
	return wide{a.hi<<1 | a.lo>>63, a.lo << 1}
}

// minus returns a-b and whether b was at most a.
func (a wide) minus(b wide) (wide, bool) {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	hi, borrow := bits.Sub64(a.hi, b.hi, borrow)
	return wide{hi, lo}, borrow == 0
}

// less reports whether a is below b.
func (a wide) less(b wide) bool {
	return a.hi < b.hi || a.hi == b.hi && a.lo < b.lo
}

// plus returns a+b, which must stay below 2^128.
func (a wide) plus(b wide) wide {
	lo, carry := bits.Add64(a.lo, b.lo, 0)
	return wide{a.hi + b.hi + carry, lo}
}

// boundary is a place on the line of positions, from 0 to 2^64 inclusive. A uint64
// cannot hold 2^64, so the end of the line has a field of its own; with 2^64-1 in its
// place one position would belong to nobody.
type boundary struct {
	whole bool   // the boundary is 2^64
	at    uint64 // where it is otherwise
}

// boundaryOf returns floor(2^64 * num / den), exactly. It wants num <= den,
// 0 < den < 2^127. Long division, one bit of the quotient a step: the remainder
// stays below den, so doubling it never leaves 128 bits.
func boundaryOf(num, den wide) boundary {
	if num == den {
		return boundary{whole: true}
	}
	var quotient uint64
	rest := num
	for range 64 {
		rest = rest.double()
		quotient <<= 1
		if less, ok := rest.minus(den); ok {
			rest = less
			quotient |= 1
		}
	}
	return boundary{at: quotient}
}

// wide returns the boundary as a number from 0 to 2^64.
func (b boundary) wide() wide {
	if b.whole {
		return wide{hi: 1}
	}
	return wide{lo: b.at}
}
