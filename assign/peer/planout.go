package peer

import (
	"cmp"
	"math/big"
	"slices"
	"sort"

	"github.com/touchlift/touchlift/assign"
)

// PlanOut is the formula of PlanOut's random operators: the first 60 bits h of SHA-1
// over the salt of the experiment, the salt of the parameter and the unit, with dots.
//
// The salt is the salt of the experiment, which is its name unless the script sets
// one; in a namespace it is "namespace.experiment". The arms are the choices in their
// order. uniformChoice takes the arm h modulo the number of arms, whose weights must be
// equal; weightedChoice the first arm whose weights, added up, are not below
// u = h/2^60 times their sum, in float64 as PlanOut computes it.
//
// The traffic is either a bernoulliTrial with p = traffic (see Gate) or the segments of
// a namespace (see Namespace). Raising p, or adding segments to those that there are,
// moves nobody; changing the choices of a uniformChoice moves almost everyone.
//
// The id is the unit as PlanOut writes it. Several units are joined by dots: "42.NO".
//
// Flaws: salts and units are not escaped, so ("a.b", "c") hashes like ("a", "b.c"). A
// salt that is not set follows the name of the class: renaming moves everybody. The
// reference in Python refuses ids outside ASCII; here their bytes are hashed, as in Go.
type PlanOut struct {
	// Param is the "salt" of the operator, by default the name of the parameter that it
	// sets. Wanted, unless FullSalt is given.
	Param string `json:"param,omitempty"`
	// FullSalt is the operator's "full_salt". It replaces salt and Param in the hash
	// that picks the arm; the salt of the experiment then only serves Gate.
	FullSalt string `json:"full_salt,omitempty"`
	// Operator is "uniformChoice" or "weightedChoice". Default "uniformChoice".
	Operator string `json:"operator,omitempty"`
	// Scale divides the weights, so that 4, 3 and 3 of 10 are the script's 0.4, 0.3 and
	// 0.3 to the last bit. Default 1. Only for weightedChoice.
	Scale int64 `json:"scale,omitempty"`
	// Gate is the salt of the bernoulliTrial that enrols, by default the name of its
	// parameter. Wanted where the traffic is below 100% and there is no namespace.
	Gate string `json:"gate,omitempty"`
	// Namespace is the name of the namespace that the experiment runs in, if any.
	Namespace string `json:"namespace,omitempty"`
	// NumSegments is the number of segments of the namespace.
	NumSegments int64 `json:"num_segments,omitempty"`
	// Segments are those that the namespace gave to the experiment, as its
	// "segment_allocations" has them, in any order. Their share is the traffic.
	Segments []PlanOutSegments `json:"segments,omitempty"`
}

// PlanOutSegments are the segments From <= n < To of a namespace, which counts from 0.
type PlanOutSegments struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

const (
	planOutUniform  = "uniformChoice"
	planOutWeighted = "weightedChoice"
)

// Name is "planout/1".
func (PlanOut) Name() string { return "planout/1" }

// Hash returns h of that unit, from 0 to 2^60-1. The salt is the full one, such as
// "experiment.parameter".
func (PlanOut) Hash(salt, unit string) uint64 { return planOutHash(salt+".", unit) }

// Segment returns the segment of the unit in the namespace, or -1 without one.
func (p PlanOut) Segment(unit string) int64 {
	if p.NumSegments <= 0 {
		return -1
	}
	return int64(planOutHash(p.Namespace+planOutSegment, unit) % uint64(p.NumSegments))
}

const planOutSegment = ".segment."

func planOutHash(prefix, unit string) uint64 {
	var room [stackRoom]byte
	return sha60(append(append(room[:0], prefix...), unit...))
}

// planOutBuckets implements [assign.Bucketing].
type planOutBuckets struct {
	prefix  string // of the choice, with the last dot
	modulus uint64 // of uniformChoice; 0 for weightedChoice
	ends    []uint64
	gate    string // of the bernoulliTrial, with the last dot
	enrols  uint64 // hashes of the gate below it are enrolled
	// The segments in their order; none without a namespace.
	namespace   string
	numSegments uint64
	segments    []PlanOutSegments
}

// Bucketing lays the arms out as PlanOut does. Its errors are parameters that are
// missing or exclude each other, unequal weights of a uniformChoice, and a traffic
// that is not the share of the segments.
func (p PlanOut) Bucketing(spec assign.Spec) (assign.Bucketing, error) {
	list := p.Problems()
	p.checkTraffic(&list, spec.Traffic)
	b := planOutBuckets{prefix: spec.Salt + "." + p.Param + ".", gate: spec.Salt + "." + p.Gate + ".", enrols: scale60}
	if p.FullSalt != "" {
		b.prefix = p.FullSalt + "."
	}
	if p.Operator == planOutWeighted {
		b.ends = p.weightedEnds(spec.Arms)
	} else {
		checkEqual(&list, spec.Arms)
		b.modulus = uint64(len(spec.Arms))
	}
	if len(list) > 0 {
		return nil, list
	}
	if p.Namespace != "" {
		b.namespace, b.numSegments, b.segments = p.Namespace+planOutSegment, uint64(p.NumSegments), p.inOrder()
	} else {
		traffic := spec.Traffic.Float64()
		b.enrols = countWhile(func(h uint64) bool { return float64(h)/scale60 <= traffic })
	}
	return &b, nil
}

// weightedEnds returns how many hashes stop at or before each arm.
func (p PlanOut) weightedEnds(arms []assign.Arm) []uint64 {
	var sums []float64
	var sum float64
	for _, arm := range arms {
		sum += float64(arm.Weight) / float64(max(p.Scale, 1))
		sums = append(sums, sum)
	}
	ends := make([]uint64, len(arms))
	for i, end := range sums {
		ends[i] = countWhile(func(h uint64) bool { return sum*(float64(h)/scale60) <= end })
	}
	return ends
}

func checkEqual(list *assign.SpecErrors, arms []assign.Arm) {
	for i, arm := range arms {
		if arm.Weight != arms[0].Weight {
			add(list, indexed("arms", i)+".weight", new(big.Int).SetUint64(arm.Weight).String(), "is not the weight of arms[0], and the operator is uniformChoice",
				"want equal weights, or hash.operator weightedChoice if that is what the script says")
		}
	}
}

// Arm implements [assign.Bucketing].
func (b *planOutBuckets) Arm(id string) (index int, enrolled bool) {
	if b.numSegments > 0 {
		if !b.allocated(int64(planOutHash(b.namespace, id) % b.numSegments)) {
			return -1, false
		}
	} else if b.enrols < scale60 && planOutHash(b.gate, id) >= b.enrols {
		return -1, false
	}
	h := planOutHash(b.prefix, id)
	if b.modulus > 0 {
		return int(h % b.modulus), true
	}
	return armBelow(b.ends, h)
}

// allocated reports whether the segment is one of the experiment's.
func (b *planOutBuckets) allocated(segment int64) bool {
	at := sort.Search(len(b.segments), func(i int) bool { return segment < b.segments[i].To })
	return at < len(b.segments) && segment >= b.segments[at].From
}

// inOrder returns a copy of the segments, sorted.
func (p PlanOut) inOrder() []PlanOutSegments {
	sorted := slices.Clone(p.Segments)
	slices.SortFunc(sorted, func(a, b PlanOutSegments) int { return cmp.Compare(a.From, b.From) })
	return sorted
}
