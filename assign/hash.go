package assign

import "github.com/cespare/xxhash/v2"

// Purpose names what a position is used for. Every purpose has its own seed, so
// that knowing the outcome of one says nothing about the outcome of another.
type Purpose string

// The purposes. Their text is part of the mapping and never changes.
const (
	// PurposeArm is the stream that picks the arm of an enrolled unit.
	PurposeArm Purpose = "arm"
	// PurposeTraffic is the stream that decides whether a unit is enrolled.
	PurposeTraffic Purpose = "traffic"
	// PurposeLayer is the stream of a layer, by which experiments exclude each other.
	PurposeLayer Purpose = "layer"
	// PurposeHoldout is the stream of a holdout.
	PurposeHoldout Purpose = "holdout"
)

// Unit is the XXH64 digest of a unit id. Compute it once per id with [Hash] and
// ask as many splits as you like; each further question costs one or two mixes.
type Unit uint64

// Hash returns XXH64 with seed 0 of the bytes of id. It accepts every string and
// does not judge it: use [CheckID] first where the id comes from outside. Two
// strings with different bytes are different ids, even if they look alike.
func Hash(id string) Unit {
	return Unit(xxhash.Sum64String(id))
}

// Seed returns XXH64 with seed 0 of salt, one zero byte, and the purpose. The zero
// byte keeps the pair unambiguous because a salt may not contain one.
func Seed(purpose Purpose, salt string) uint64 {
	return xxhash.Sum64String(salt + "\x00" + string(purpose))
}

// Position returns where the unit stands on the line [0, 2^64) of one seed: mix64 of
// the unit XOR the seed. Read it as the fraction Position / 2^64.
func (u Unit) Position(seed uint64) uint64 {
	return mix64(uint64(u) ^ seed)
}

// mix64 is the finalizer of MurmurHash3, a bijection of 64 bits in which every
// input bit flips every output bit with probability close to one half. Without it,
// two experiments whose seeds differ would still split the units along one line.
func mix64(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	x ^= x >> 33
	return x
}
