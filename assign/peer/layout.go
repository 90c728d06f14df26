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
				fmt.Sprintf("want weights and traffic that come to whole buckets; list the SDK's own numbers, such as 3334, 3333, 3333 of %d", 10000))
			continue
		}
		counts[i] = share.Num().Uint64()
	}
	return counts
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
