package peer

import (
	"fmt"
	"math/big"

	"github.com/touchlift/touchlift/assign"
)

// bucketsOf returns how many of an SDK's buckets each arm gets: buckets * weight /
// total weight * traffic. What does not come to whole buckets is a problem, because
// rounding it would move customers.
func bucketsOf(list *assign.SpecErrors, arms []assign.Arm, traffic assign.Share, buckets uint64) []uint64 {
	counts := make([]uint64, len(arms))
	for i, share := range portions(arms) {
		share.Mul(share, rational(traffic))
		share.Mul(share, new(big.Rat).SetFrac(new(big.Int).SetUint64(buckets), big.NewInt(1)))
		if !share.IsInt() {
			text := share.FloatString(3)
			add(list, fmt.Sprintf("arms[%d].weight", i), fmt.Sprint(arms[i].Weight),
				fmt.Sprintf("comes to %s of the SDK's %d buckets", text, buckets),
				fmt.Sprintf("want weights and traffic that come to whole buckets; list the SDK's own numbers, such as %s", thirds(buckets)))
			continue
		}
		counts[i] = share.Num().Uint64()
	}
	return counts
}

// thirds shows how an SDK writes three arms of nearly the same size.
func thirds(buckets uint64) string {
	return fmt.Sprintf("%d, %d, %d of %d", buckets/3+min(buckets%3, 1), buckets/3+buckets%3/2, buckets/3, buckets)
}

// portions returns weight / sum of the weights for each arm, exactly.
func portions(arms []assign.Arm) []*big.Rat {
	total := new(big.Int)
	for _, arm := range arms {
		total.Add(total, new(big.Int).SetUint64(arm.Weight))
	}
	all := make([]*big.Rat, len(arms))
	for i, arm := range arms {
		all[i] = new(big.Rat).SetFrac(new(big.Int).SetUint64(arm.Weight), total)
	}
	return all
}

// fractions returns weight / sum of the weights for each arm: the float64 nearest to
// it, which is what an SDK reads where it is written as a decimal number.
func fractions(arms []assign.Arm) []float64 {
	all := make([]float64, len(arms))
	for i, share := range portions(arms) {
		all[i], _ = share.Float64()
	}
	return all
}

// bucketsOfTraffic returns how many of an SDK's buckets the traffic is.
func bucketsOfTraffic(list *assign.SpecErrors, traffic assign.Share, buckets uint64) uint64 {
	share := rational(traffic)
	share.Mul(share, new(big.Rat).SetFrac(new(big.Int).SetUint64(buckets), big.NewInt(1)))
	if !share.IsInt() {
		add(list, "traffic", traffic, fmt.Sprintf("comes to %s of the SDK's %d buckets", share.FloatString(3), buckets),
			fmt.Sprintf("want a multiple of 1/%d", buckets))
		return 0
	}
	return share.Num().Uint64()
}

// rational returns the share as a number; the zero share is 1.
func rational(share assign.Share) *big.Rat {
	if share == (assign.Share{}) {
		return big.NewRat(1, 1)
	}
	return new(big.Rat).SetFrac(new(big.Int).SetUint64(share.Num), new(big.Int).SetUint64(share.Den))
}

// endsOf returns the sums of the counts: arm i owns the buckets below ends[i] that
// are not below ends[i-1].
func endsOf(counts []uint64) []uint64 {
	ends := make([]uint64, len(counts))
	var sum uint64
	for i, count := range counts {
		sum += count
		ends[i] = sum
	}
	return ends
}

// armBelow returns the first arm whose end is above the bucket, or -1 and false.
func armBelow(ends []uint64, bucket uint64) (index int, enrolled bool) {
	for i, end := range ends {
		if bucket < end {
			return i, true
		}
	}
	return -1, false
}

// armNamed returns the index of the variant's arm. It is -1 for "", which is nobody,
// and for a variant without an arm, which is a problem.
func armNamed(list *assign.SpecErrors, arms []assign.Arm, field, variant string) int {
	if variant == "" {
		return -1
	}
	var names []string
	for i, arm := range arms {
		if arm.Variant == variant {
			return i
		}
		names = append(names, arm.Variant)
	}
	add(list, field, variant, "is the variant of no arm"+meant(variant, names), "want the variant of an arm, or none for nobody")
	return -1
}

// judgeHeld wants every arm to hold the buckets that weight and traffic come to.
func judgeHeld(list *assign.SpecErrors, field string, spec assign.Spec, held []uint64, buckets uint64) {
	for i, share := range portions(spec.Arms) {
		share.Mul(share, rational(spec.Traffic))
		share.Mul(share, new(big.Rat).SetUint64(buckets))
		if share.Cmp(new(big.Rat).SetUint64(held[i])) != 0 {
			add(list, field, fmt.Sprintf("%d of %d buckets for %s", held[i], buckets, spec.Arms[i].Variant),
				"are not what weight and traffic of the arm come to, "+decimal(share),
				"want weights and traffic that say what the entries hold, because the analysis expects units by them")
		}
	}
}

// decimal writes a number with at most 3 decimals.
func decimal(number *big.Rat) string {
	if number.IsInt() {
		return number.Num().String()
	}
	return number.FloatString(3)
}

func ratio(a, b uint64) *big.Rat {
	return new(big.Rat).SetFrac(new(big.Int).SetUint64(a), new(big.Int).SetUint64(b))
}
