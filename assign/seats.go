package assign

import (
	"cmp"
	"fmt"
	"slices"
)

// mostSeats bounds the size of a matched group and of a block of periods. A larger
// one would match units that have little in common.
const mostSeats = 64

// seatsOf returns the arm of every seat of the smallest group that has the arms in
// their exact proportion: 2 and 4 give [0 1 1]. It is nil if there is none of at most
// [mostSeats] seats. At least one arm has a weight above 0.
func seatsOf(arms []Arm) []int {
	divisor := uint64(0)
	for _, arm := range arms {
		divisor = gcd(divisor, arm.Weight)
	}
	var seats []int
	for i, arm := range arms {
		count := arm.Weight / divisor
		if count > uint64(mostSeats-len(seats)) {
			return nil
		}
		for range count {
			seats = append(seats, i)
		}
	}
	return seats
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// checkSeats judges whether the arms fit into a group. Arms without any weight are a
// problem that is known by then.
func (list *SpecErrors) checkSeats(arms []Arm) {
	weighty := slices.ContainsFunc(arms, func(arm Arm) bool { return arm.Weight > 0 })
	if weighty && seatsOf(arms) == nil {
		list.add("arms", len(arms), fmt.Sprintf("arms, whose proportion takes more than %d seats", mostSeats),
			"want weights of small whole numbers, such as 1 and 1, or 2 and 1")
	}
}

// holder is somebody who takes a seat: first by position, then by name, so that equal
// positions are no matter of the order in which they were given.
type holder struct {
	position uint64
	index    int // of the unit or the period
	name     string
}

// deal sorts the holders: the first takes the first seat. As positions are those of a
// good hash, every order is equally likely.
func deal(holders []holder) {
	slices.SortFunc(holders, func(a, b holder) int {
		return cmp.Or(cmp.Compare(a.position, b.position), cmp.Compare(a.name, b.name))
	})
}
