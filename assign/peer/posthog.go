package peer

import (
	"crypto/sha1"
	"encoding/binary"

	"github.com/touchlift/touchlift/assign"
)

// PostHog is the formula of PostHog's feature flags: the first 60 bits of SHA-1 over
// the key of the flag, a dot, the id and a suffix, as a fraction u of 1 in float64.
//
// The salt is the key of the flag. The weights are the "rollout_percentage" of the
// variants in their order, the traffic is that of the condition; both must come to
// multiples of 0.01 % (whole percents in some SDKs). With the suffix "" a unit is
// enrolled if u <= traffic; with the suffix "variant" it is in the arm whose
// percentages, added up in float64, hold u: from <= u < to. Raising the traffic moves
// nobody; changing the percentages moves ids.
//
// The id is the distinct id, or the key of the group for a flag of groups.
//
// Flaws: fractions like 0.1 + 0.2 are not exact, so the ends of the arms are off by
// up to 2^-52 and a unit may fall behind the last end: PostHog then serves the flag
// without a variant, here it is not enrolled. No separator stands before the suffix:
// the id "1variant" is gated as "1" is split. At v1.5.2 the SDK for Go ignored the
// traffic of conditions with properties; write 100% for such a flag. Holdouts and
// persisted flags of PostHog are not part of the formula.
type PostHog struct{}

// scale60 is float64(2^60-1), the divisor of PostHog and PlanOut, which is 2^60.
const scale60 = 1 << 60

const postHogParts = 10000 // of 0.01 %

// Name is "posthog/1".
func (PostHog) Name() string { return "posthog/1" }

// Rollout returns the u that is held against the traffic, from 0 to 1 inclusive.
func (PostHog) Rollout(key, id string) float64 {
	return float64(postHogHash(key+".", id, "")) / scale60
}

// Variant returns the u that picks the arm, from 0 to 1 inclusive.
func (PostHog) Variant(key, id string) float64 {
	return float64(postHogHash(key+".", id, postHogSuffix)) / scale60
}

const postHogSuffix = "variant"

func postHogHash(prefix, id, suffix string) uint64 {
	var room [stackRoom]byte
	return sha60(append(append(append(room[:0], prefix...), id...), suffix...))
}

// sha60 returns the first 60 bits of SHA-1: 15 digits in hexadecimal.
func sha60(data []byte) uint64 {
	sum := sha1.Sum(data)
	return binary.BigEndian.Uint64(sum[:]) >> 4
}

// countWhile returns how many h from 0 to 2^60-1 hold, where none holds behind one
// that does not. It turns a comparison of fractions in float64, with all its roundings,
// into one of integers.
func countWhile(holds func(h uint64) bool) uint64 {
	low, high := uint64(0), uint64(1)<<60
	for low < high {
		middle := low + (high-low)/2
		if holds(middle) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// Bucketing lays the arms out as the SDK does. Its errors are weights and a traffic
// that are not multiples of 0.01 %.
func (PostHog) Bucketing(spec assign.Spec) (assign.Bucketing, error) {
	var list assign.SpecErrors
	b := postHogBuckets{prefix: spec.Salt + "."}
	var end float64
	for _, parts := range bucketsOf(&list, spec.Arms, assign.Share{}, postHogParts) {
		end += percent(parts)
		b.ends = append(b.ends, countWhile(func(h uint64) bool { return float64(h)/scale60 < end }))
	}
	traffic := percent(bucketsOfTraffic(&list, spec.Traffic, postHogParts))
	b.traffic = countWhile(func(h uint64) bool { return float64(h)/scale60 <= traffic })
	if len(list) > 0 {
		return nil, list
	}
	return &b, nil
}

// percent returns parts of 0.01 % as the SDK computes them: the percentage nearest to
// its decimal text, over 100.
func percent(parts uint64) float64 {
	percentage := float64(parts) / 100
	return percentage / 100
}

// postHogBuckets implements [assign.Bucketing].
type postHogBuckets struct {
	prefix  string // with the dot
	traffic uint64 // hashes below it are enrolled
	ends    []uint64
}

// Arm implements [assign.Bucketing].
func (b *postHogBuckets) Arm(id string) (index int, enrolled bool) {
	if b.traffic < scale60 && postHogHash(b.prefix, id, "") >= b.traffic {
		return -1, false
	}
	return armBelow(b.ends, postHogHash(b.prefix, id, postHogSuffix))
}

func postHogRows() []row {
	entry := Entry{Name: "posthog/1", SDK: "PostHog", Salt: "the key of the flag"}
	return []row{{Entry: entry, build: func(values) assign.Formula { return PostHog{} }}}
}
