package assign_test

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/cespare/xxhash/v2"
	"github.com/touchlift/touchlift/assign"
)

// reference is the mapping as slow and plain as it can be written: integers of any
// size, a scan of the ranges, nothing precomputed but the boundaries.
type reference struct {
	spec       assign.Spec
	trafficEnd *big.Int
	armEnds    []*big.Int
}

func newReference(spec assign.Spec) reference {
	traffic := spec.Traffic
	if traffic == (assign.Share{}) {
		traffic = assign.Share{Num: 1, Den: 1}
	}
	total, sum := new(big.Int), new(big.Int)
	for _, arm := range spec.Arms {
		total.Add(total, bigOf(arm.Weight))
	}
	r := reference{spec: spec, trafficEnd: onLine(bigOf(traffic.Num), bigOf(traffic.Den))}
	for _, arm := range spec.Arms {
		sum.Add(sum, bigOf(arm.Weight))
		r.armEnds = append(r.armEnds, onLine(sum, total))
	}
	return r
}

func bigOf(x uint64) *big.Int { return new(big.Int).SetUint64(x) }

// onLine returns floor(2^64 * num / den).
func onLine(num, den *big.Int) *big.Int {
	scaled := new(big.Int).Lsh(num, 64)
	return scaled.Div(scaled, den)
}

func (r reference) position(u assign.Unit, purpose string) *big.Int {
	x := uint64(u) ^ xxhash.Sum64([]byte(r.spec.Salt+"\x00"+purpose))
	for _, factor := range []uint64{0xff51afd7ed558ccd, 0xc4ceb9fe1a85ec53} {
		x = (x ^ x>>33) * factor
	}
	return bigOf(x ^ x>>33)
}

func (r reference) arm(u assign.Unit) (int, bool) {
	if r.position(u, "traffic").Cmp(r.trafficEnd) >= 0 {
		return -1, false
	}
	position := r.position(u, "arm")
	for i, end := range r.armEnds {
		if position.Cmp(end) < 0 {
			return i, true
		}
	}
	panic(fmt.Sprintf("no arm at position %v of %+v", position, r.spec))
}

// unmix is the inverse of the mixer, so that a test can stand on any position.
func unmix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0x9cb4b2f8129337db // inverse of 0xc4ceb9fe1a85ec53 modulo 2^64
	x ^= x >> 33
	x *= 0x4f74430c22a54005 // inverse of 0xff51afd7ed558ccd modulo 2^64
	return x ^ x>>33
}

// unitAt returns the unit that stands at the position of one stream of a salt.
func unitAt(position uint64, purpose assign.Purpose, salt string) assign.Unit {
	return assign.Unit(unmix(position) ^ assign.Seed(purpose, salt))
}

func reasonOf(err error) string {
	switch {
	case errors.Is(err, assign.ErrMissingUnit):
		return "missing_unit"
	case errors.Is(err, assign.ErrInvalidUnit):
		return "invalid_unit"
	}
	return ""
}
