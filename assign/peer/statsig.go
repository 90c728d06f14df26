package peer

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/touchlift/touchlift/assign"
)

// Statsig is the formula of Statsig's experiments and gates: the first 64 bits of
// SHA-256, cut into 1,000 buckets for groups and allocation and 10,000 for the pass
// percentage of a gate.
//
// The salt is the experiment's "salt", which its groups hash. Arms lie end to end over
// the 1,000 buckets; the weights have to come to whole thousandths. A traffic below
// 100 % needs either AllocationSalt and Allocated, the allocation of an experiment, or
// RuleSalt, the pass percentage of a rule. Both have a hash of their own: raising the
// traffic moves nobody.
//
// Flaws: Statsig hashes a missing id as "", so that all such units were in one arm.
// Here they are not enrolled.
type Statsig struct {
	// AllocationSalt is the salt of the rule "experimentSize" or "layerAssignment".
	AllocationSalt string `json:"allocation_salt,omitempty"`
	// Allocated are the buckets of that rule, its "targetValue", with ranges: "0-499,
	// 512". The traffic takes them in this order, so list behind them those that come
	// next. At least 1000 times the traffic.
	Allocated string `json:"allocated,omitempty"`
	// RuleSalt is the "salt" of a rule (its id, if that is empty) whose pass percentage
	// is the traffic. The SDK compares in float64, and so does this: 0.07 % is 8
	// buckets of 10,000, because 0.07 * 100 is a little above 7.
	RuleSalt string `json:"rule_salt,omitempty"`
}

const (
	statsigBuckets = 1000
	statsigPasses  = 10000
)

// Name is "statsig/1".
func (Statsig) Name() string { return "statsig/1" }

// Bucket returns the "user_bucket" of an id, 0 to 999.
func (Statsig) Bucket(salt, id string) int { return int(statsigHash(salt+".", id) % statsigBuckets) }

// Pass returns the number that is compared with a pass percentage, 0 to 9999. The
// first salt is that of the gate or experiment.
func (s Statsig) Pass(salt, id string) int {
	return int(statsigHash(salt+"."+s.RuleSalt+".", id) % statsigPasses)
}

func statsigHash(prefix, id string) uint64 {
	var room [stackRoom]byte
	sum := sha256.Sum256(append(append(room[:0], prefix...), id...))
	return binary.BigEndian.Uint64(sum[:])
}

// statsigLayout implements [assign.Bucketing].
type statsigLayout struct {
	arms, allocation, pass string // what is hashed before the id; "" asks nothing
	nobody                 bool
	ends                   []uint64
	allocated              [statsigBuckets]bool
	percentage             float64 // times 100
}

// Bucketing lays the arms out as the SDK does.
func (s Statsig) Bucketing(spec assign.Spec) (assign.Bucketing, error) {
	list := s.Problems()
	b := statsigLayout{arms: spec.Salt + "."}
	b.ends = endsOf(bucketsOf(&list, spec.Arms, assign.Share{}, statsigBuckets))
	traffic := rational(spec.Traffic)
	b.nobody = traffic.Sign() == 0
	whole := traffic.Cmp(big.NewRat(1, 1)) == 0
	switch {
	case b.nobody || whole && s.Allocated == "":
	case s.AllocationSalt == "" && s.Allocated != "": // Statsig.Problems has it
	case s.AllocationSalt != "":
		b.allocation = s.AllocationSalt + "."
		s.allocate(&list, &b, spec.Traffic)
	case s.RuleSalt != "":
		b.pass = spec.Salt + "." + s.RuleSalt + "."
		percentage, _ := traffic.Mul(traffic, big.NewRat(100, 1)).Float64()
		b.percentage = percentage * 100
	default:
		add(&list, "traffic", spec.Traffic, "is below 100% without a salt of its own",
			"want hash.allocation_salt with hash.allocated, or hash.rule_salt")
	}
	if len(list) > 0 {
		return nil, list
	}
	return &b, nil
}

func (s Statsig) allocate(list *assign.SpecErrors, b *statsigLayout, traffic assign.Share) {
	want := bucketsOfTraffic(list, traffic, statsigBuckets)
	order, problem := statsigOrder(s.Allocated)
	if problem != "" {
		return // Statsig.Problems has it
	}
	if uint64(len(order)) < want {
		add(list, "hash.allocated", fmt.Sprintf("%d buckets", len(order)), fmt.Sprintf("are fewer than the traffic takes, %d of 1000", want),
			"want the \"targetValue\" of the allocation rule, and behind it the buckets that come next, such as \"0-499, 512\"")
		return
	}
	for _, bucket := range order[:want] {
		b.allocated[bucket] = true
	}
}

// statsigOrder reads a list of buckets and ranges.
func statsigOrder(text string) (order []int, problem string) {
	var seen [statsigBuckets]bool
	for _, part := range strings.Split(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		first, last, ranged := strings.Cut(part, "-")
		if !ranged {
			last = first
		}
		from, err1 := strconv.ParseUint(first, 10, 16)
		to, err2 := strconv.ParseUint(last, 10, 16)
		if err1 != nil || err2 != nil || from > to || to >= statsigBuckets {
			return nil, fmt.Sprintf("holds %q, which is no bucket or range", part)
		}
		for bucket := from; bucket <= to; bucket++ {
			if seen[bucket] {
				return nil, fmt.Sprintf("holds bucket %d twice", bucket)
			}
			seen[bucket] = true
			order = append(order, int(bucket))
		}
	}
	return order, ""
}

// Arm implements [assign.Bucketing].
func (b *statsigLayout) Arm(id string) (index int, enrolled bool) {
	switch {
	case b.nobody:
		return -1, false
	case b.allocation != "" && !b.allocated[statsigHash(b.allocation, id)%statsigBuckets]:
		return -1, false
	case b.pass != "" && float64(statsigHash(b.pass, id)%statsigPasses) >= b.percentage:
		return -1, false
	}
	return armBelow(b.ends, statsigHash(b.arms, id)%statsigBuckets)
}

// Problems implements [assign.Judged].
func (s Statsig) Problems() assign.SpecErrors {
	var list assign.SpecErrors
	if s.AllocationSalt != "" && s.RuleSalt != "" {
		add(&list, "hash.rule_salt", s.RuleSalt, "stands beside hash.allocation_salt", "want one of the two to decide the traffic")
	}
	if s.AllocationSalt == "" && s.Allocated != "" {
		add(&list, "hash.allocation_salt", "", "is missing", "want the salt of the rule whose buckets are allocated")
	}
	if _, problem := statsigOrder(s.Allocated); problem != "" {
		add(&list, "hash.allocated", s.Allocated, problem, "want buckets from 0 to 999, each once, such as \"0-499, 512\"")
	}
	return list
}

func statsigRows() []row {
	entry := Entry{
		Name: "statsig/1", SDK: "Statsig", Salt: "the \"salt\" of the experiment, which its groups hash",
		Parameters: []Parameter{
			{Name: "allocation_salt", Kind: Text, Doc: "the salt of the rule \"experimentSize\" or \"layerAssignment\"; default none"},
			{Name: "allocated", Kind: Text, Doc: "the buckets of that rule in the order in which traffic takes them, such as \"0-499, 512\""},
			{Name: "rule_salt", Kind: Text, Doc: "the salt of the rule whose pass percentage is the traffic; default none"},
		},
	}
	return []row{{Entry: entry, build: func(v values) assign.Formula {
		return Statsig{AllocationSalt: v.text("allocation_salt"), Allocated: v.text("allocated"), RuleSalt: v.text("rule_salt")}
	}}}
}
