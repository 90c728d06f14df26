package peer

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/touchlift/touchlift/assign"
)

// GrowthBook is the formula of GrowthBook's SDKs: FNV-1a of 32 bits over the UTF-16
// code units of seed and id, cut into 1,000 buckets (version 1) or 10,000 (version 2).
//
// The salt is the experiment's "seed" or, where it has none, its "key". Traffic is
// the coverage c: with weights w_i the arm i owns [W_i, W_i + c*w_i), where W_i is the
// sum of the full weights before it, all in float64 as the SDK computes them. Raising
// the traffic moves nobody. Weights become w_i / (sum of the weights), so that 3334,
// 3333 and 3333 are GrowthBook's 0.3334, 0.3333 and 0.3333. Weights of GrowthBook that
// do not sum to 1 are given as Ranges; it replaces those that sum to less than 0.99
// or more than 1.01, so give equal weights for them.
//
// Flaws: in version 1 experiments with similar keys get dependent arms (phi 0.89
// between "exp-1" and "exp-2"), and so do all namespaces, which use it too. No
// separator stands between seed and id. SDKs for Go before v0.7.0 hashed UTF-8 instead
// of UTF-16, so that ids outside ASCII were in other arms there.
type GrowthBook struct {
	// Version is the experiment's "hashVersion": 1 or 2. Default 1, like the SDK's.
	Version int `json:"version,omitempty"`
	// Namespace is the name of the experiment's namespace. Default none. Only units
	// with NamespaceFrom <= n < NamespaceTo are enrolled, both from 0 to 1, where n is
	// their place in the namespace; a part that holds nobody is an error. The SDK ignores
	// it if there are filters.
	Namespace     string  `json:"namespace,omitempty"`
	NamespaceFrom float64 `json:"namespace_from,omitempty"`
	NamespaceTo   float64 `json:"namespace_to,omitempty"`
	// Filters are the experiment's "filters" on the same id; a unit has to pass all.
	Filters []GrowthBookFilter `json:"filters,omitempty"`
	// Ranges are the experiment's "ranges", one for each arm in the order of the arms.
	// Default: those of weights and traffic. If given, they have to come to weight and
	// traffic of each arm within one bucket.
	Ranges GrowthBookRanges `json:"ranges,omitempty"`
}

// GrowthBookFilter lets through the ids whose n is in one of its ranges.
type GrowthBookFilter struct {
	Seed    string           `json:"seed"`
	Version int              `json:"version,omitempty"` // "hashVersion", 1 or 2; default 2
	Ranges  GrowthBookRanges `json:"ranges"`
}

// GrowthBookRange is the part From <= n < To of the line from 0 to 1.
type GrowthBookRange struct {
	From float64 `json:"from"`
	To   float64 `json:"to"`
}

// GrowthBookRanges are ranges of the line from 0 to 1, in the order in which they are tried.
type GrowthBookRanges []GrowthBookRange

// Choose returns the index of the first range that holds n, or -1: "chooseVariation".
func (list GrowthBookRanges) Choose(n float64) int {
	for i, r := range list {
		if r.holds(n) {
			return i
		}
	}
	return -1
}

// GrowthBookLayout returns the ranges of that many arms: "getBucketRange". A coverage
// outside 0 to 1 is cut to it. Weights are equal if there are none, not one for each
// arm, one is negative or not finite, or their sum is not from 0.99 to 1.01. Less than
// one arm gives none.
func GrowthBookLayout(arms int, coverage float64, weights []float64) GrowthBookRanges {
	arms, coverage = max(arms, 0), min(max(coverage, 0), 1)
	equal := len(weights) != arms || !growthBookWeights(weights)
	ranges := make(GrowthBookRanges, arms)
	var sum float64
	for i := range ranges {
		weight := 1 / float64(arms)
		if !equal {
			weight = weights[i]
		}
		// The conversion keeps processors from fusing the product with the sum.
		ranges[i] = GrowthBookRange{From: sum, To: sum + float64(coverage*weight)}
		sum += weight
	}
	return ranges
}

func growthBookWeights(weights []float64) bool {
	var sum float64
	for _, w := range weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			return false
		}
		sum += w
	}
	return sum >= 0.99 && sum <= 1.01
}

// Name is "growthbook/1" or "growthbook/2".
func (g GrowthBook) Name() string { return fmt.Sprintf("growthbook/%d", g.version()) }

func (g GrowthBook) version() int {
	if g.Version == 0 {
		return 1
	}
	return g.Version
}

// Bucket returns n, from 0 to 1 without 1, and false if the SDK has no such version.
func (g GrowthBook) Bucket(seed, id string) (n float64, known bool) {
	switch g.version() {
	case 1, 2:
		return newGrowthBookHash(seed, g.version()).of(id), true
	}
	return 0, false
}

// InNamespace reports whether the id passes the namespace: "inNamespace". True
// without a namespace.
func (g GrowthBook) InNamespace(id string) bool {
	if g.Namespace == "" {
		return true
	}
	return g.namespaced(newGrowthBookHash("__"+g.Namespace, 1).of(id))
}

// namespaced reports whether a place in the namespace is in the experiment's part of it.
func (g *GrowthBook) namespaced(n float64) bool {
	return GrowthBookRange{From: g.NamespaceFrom, To: g.NamespaceTo}.holds(n)
}

func (r GrowthBookRange) holds(n float64) bool { return n >= r.From && n < r.To }

const (
	fnvBasis = 2166136261
	fnvPrime = 16777619
)

// fnv16 continues an FNV-1a with the UTF-16 code units of a text. Bytes that are no
// UTF-8 count as U+FFFD each.
func fnv16(h uint32, text string) uint32 {
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			h = (h ^ uint32(c)) * fnvPrime
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		if r < 1<<16 {
			h = (h ^ uint32(r)) * fnvPrime
			continue
		}
		high, low := utf16.EncodeRune(r)
		h = (h ^ uint32(high)) * fnvPrime
		h = (h ^ uint32(low)) * fnvPrime
	}
	return h
}

// growthBookHash is the hash of one seed.
type growthBookHash struct {
	version int
	seed    string // of version 1, which hashes it behind the id
	state   uint32 // of version 2, behind the seed
}

func newGrowthBookHash(seed string, version int) growthBookHash {
	return growthBookHash{version: version, seed: seed, state: fnv16(fnvBasis, seed)}
}

func (h growthBookHash) of(id string) float64 {
	if h.version == 1 {
		return float64(fnv16(fnv16(fnvBasis, id), h.seed)%1000) / 1000
	}
	var digits [10]byte
	again := uint32(fnvBasis)
	for _, digit := range strconv.AppendUint(digits[:0], uint64(fnv16(h.state, id)), 10) {
		again = (again ^ uint32(digit)) * fnvPrime
	}
	return float64(again%10000) / 10000
}

// growthBookBuckets implements [assign.Bucketing].
type growthBookBuckets struct {
	formula   GrowthBook
	hash      growthBookHash
	ranges    GrowthBookRanges
	namespace growthBookHash
	filters   []growthBookHash
}

// Bucketing lays the arms out as the SDK does.
func (g GrowthBook) Bucketing(spec assign.Spec) (assign.Bucketing, error) {
	list := g.Problems()
	if len(list) > 0 {
		return nil, list
	}
	ranges := g.Ranges
	if len(ranges) == 0 {
		ranges = GrowthBookLayout(len(spec.Arms), spec.Traffic.Float64(), fractions(spec.Arms))
	} else if g.judgeRanges(&list, spec); len(list) > 0 {
		return nil, list
	}
	b := growthBookBuckets{
		formula: g, hash: newGrowthBookHash(spec.Salt, g.version()),
		ranges: append(GrowthBookRanges(nil), ranges...), namespace: newGrowthBookHash("__"+g.Namespace, 1),
	}
	b.formula.Filters = nil
	for _, filter := range g.Filters {
		filter.Ranges = append(GrowthBookRanges(nil), filter.Ranges...)
		b.formula.Filters = append(b.formula.Filters, filter)
		b.filters = append(b.filters, newGrowthBookHash(filter.Seed, filter.version()))
	}
	return &b, nil
}

// Arm implements [assign.Bucketing].
func (b *growthBookBuckets) Arm(id string) (index int, enrolled bool) {
	for i, filter := range b.filters {
		if b.formula.Filters[i].Ranges.Choose(filter.of(id)) < 0 {
			return -1, false
		}
	}
	if len(b.filters) == 0 && b.formula.Namespace != "" && !b.formula.namespaced(b.namespace.of(id)) {
		return -1, false
	}
	index = b.ranges.Choose(b.hash.of(id))
	return index, index >= 0
}

func (f GrowthBookFilter) version() int {
	if f.Version == 0 {
		return 2
	}
	return f.Version
}
