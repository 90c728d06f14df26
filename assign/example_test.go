package assign_test

import (
	"errors"
	"fmt"

	"github.com/touchlift/touchlift/assign"
)

func ExampleSplit_Variant() {
	split, err := assign.NewSplit(assign.Spec{
		Salt: "checkout-2026-11",
		Arms: []assign.Arm{
			{Variant: "control", Weight: 1},
			{Variant: "free_returns", Weight: 1},
		},
		Traffic: assign.Share{Num: 1, Den: 2},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range []string{"customer-41", "customer-42", "customer-43", "customer-44", ""} {
		variant, enrolled := split.Variant(id)
		fmt.Printf("%q %q %t\n", id, variant, enrolled)
	}
	// Output:
	// "customer-41" "free_returns" true
	// "customer-42" "free_returns" true
	// "customer-43" "" false
	// "customer-44" "control" true
	// "" "" false
}

func ExampleSplit_Arm() {
	arms := []assign.Arm{{Variant: "control", Weight: 1}, {Variant: "treatment", Weight: 1}}
	banner, err := assign.NewSplit(assign.Spec{Salt: "banner", Arms: arms})
	if err != nil {
		fmt.Println(err)
		return
	}
	price, err := assign.NewSplit(assign.Spec{Salt: "price", Arms: arms})
	if err != nil {
		fmt.Println(err)
		return
	}
	unit := assign.Hash("customer-51") // once for both
	fmt.Println(banner.Arm(unit))
	fmt.Println(price.Arm(unit))
	// Output:
	// 1 true
	// 0 true
}

func ExampleNewSplit() {
	_, err := assign.NewSplit(assign.Spec{
		Arms:    []assign.Arm{{Variant: "control", Weight: 1}, {Variant: "control", Weight: 1}},
		Traffic: assign.Share{Num: 3, Den: 2},
	})
	var list assign.SpecErrors
	if errors.As(err, &list) {
		for _, problem := range list {
			fmt.Printf("%s | %v | %s\n", problem.Field, problem.Value, problem.Problem)
		}
	}
	fmt.Println(err)
	// Output:
	// salt |  | is empty
	// arms[1].variant | control | is already the variant of arms[0]
	// traffic | 3/2 | is more than 100%
	// assign: salt: is empty: want a text of its own for every experiment, such as "checkout-2026-11"; keep it for the life of the experiment
	// assign: arms[1].variant: "control" is already the variant of arms[0]: want every variant once; add the weights together or rename one of the two
	// assign: traffic: 3/2 is more than 100%: want Num at most Den
}

func ExampleParseShare() {
	for _, text := range []string{"5%", "12.50 %", "1/20", "0.05", "120%"} {
		fmt.Println(assign.ParseShare(text))
	}
	// Output:
	// 5% <nil>
	// 12.5% <nil>
	// 5% <nil>
	// 0% assign: not a share: "0.05" is ambiguous: write 0.05% or 5%, whichever is meant; want a percentage from 0% to 100% such as "12.5%", or a fraction such as "1/20"
	// 0% assign: not a share: "120%" is more than 100%: want a percentage from 0% to 100% such as "12.5%", or a fraction such as "1/20"
}

func ExampleShare() {
	for _, share := range []assign.Share{{}, {Num: 0, Den: 1}, {Num: 2, Den: 16}, {Num: 1, Den: 3}} {
		fmt.Println(share, share.Float64())
	}
	// Output:
	// 100% 1
	// 0% 0
	// 12.5% 0.125
	// 1/3 0.3333333333333333
}

func ExampleHash() {
	fmt.Printf("%016x\n", uint64(assign.Hash("abc")))
	// Output:
	// 44bc2cf5ad770999
}

func ExampleCheckID() {
	for _, id := range []string{"customer-42", "", "a\x00b"} {
		err := assign.CheckID(id)
		fmt.Println(err)
		fmt.Println(errors.Is(err, assign.ErrMissingUnit), errors.Is(err, assign.ErrInvalidUnit))
	}
	// Output:
	// <nil>
	// false false
	// assign: unit id is empty: pass the id of the unit that the experiment randomises
	// true false
	// assign: unit id contains a zero byte: "a\x00b" at byte 1: remove it, or encode binary ids as hex
	// false true
}

// The four steps of the mapping by hand, as another language would take them.
func ExampleSeed() {
	unit := assign.Hash("customer-42")
	for _, purpose := range []assign.Purpose{assign.PurposeTraffic, assign.PurposeArm} {
		seed := assign.Seed(purpose, "checkout-2026-11")
		fmt.Printf("%-7s u %016x seed %016x position %016x\n", purpose, uint64(unit), seed, unit.Position(seed))
	}
	// Output:
	// traffic u ca6e96e956958c0f seed 90f3bb521246043f position 2e61993536c10297
	// arm     u ca6e96e956958c0f seed 886c66078d6b5092 position b66ac9d7b887bc10
}

// Re-weighting a running experiment, declared as phases, moves the fewest possible.
func ExampleSpec_phases() {
	half := []assign.Arm{{Variant: "control", Weight: 50}, {Variant: "free_returns", Weight: 50}}
	more := []assign.Arm{{Variant: "control", Weight: 40}, {Variant: "free_returns", Weight: 60}}
	var splits []*assign.Split
	for _, phases := range [][][]assign.Arm{nil, {more}, {more, half}} {
		split, err := assign.NewSplit(assign.Spec{Salt: "checkout-2026-11", Arms: half, Phases: phases})
		if err != nil {
			fmt.Println(err)
			return
		}
		splits = append(splits, split)
	}
	for _, pair := range [][2]int{{0, 1}, {1, 2}, {0, 2}} {
		change, err := assign.Diff(splits[pair[0]], splits[pair[1]])
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("phase %d to phase %d: %v\n", pair[0], pair[1], change)
	}
	// Output:
	// phase 0 to phase 1: 10% of the units change arm
	//   control -> free_returns 10%
	// phase 1 to phase 2: 10% of the units change arm
	//   free_returns -> control 10%
	// phase 0 to phase 2: nobody changes
}

// With three or more arms the least move to the first weights need not bring every unit
// back to its first arm. The phases listed backwards do.
func ExampleSpec_home() {
	weights := func(a, b, c uint64) []assign.Arm {
		return []assign.Arm{{Variant: "a", Weight: a}, {Variant: "b", Weight: b}, {Variant: "c", Weight: c}}
	}
	first, second, third := weights(2, 1, 1), weights(1, 1, 2), weights(1, 2, 1)
	spec := assign.Spec{Salt: "checkout-2026-11", Arms: first}
	before, err := assign.NewSplit(spec)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, phases := range [][][]assign.Arm{{second, third, first}, {second, third, second, first}} {
		spec.Phases = phases
		after, err := assign.NewSplit(spec)
		if err != nil {
			fmt.Println(err)
			return
		}
		change, err := assign.Diff(before, after)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(change)
	}
	// Output:
	// 50% of the units change arm
	//   a -> c 25%
	//   c -> a 25%
	// nobody changes
}

// A third arm takes its third from the first two and swaps nobody between them. Without a
// phase, as a change of the arms, it would.
func ExampleDiff() {
	two := []assign.Arm{{Variant: "control", Weight: 1}, {Variant: "banner", Weight: 1}}
	three := append(two[:2:2], assign.Arm{Variant: "popup", Weight: 1})
	before, err := assign.NewSplit(assign.Spec{Salt: "welcome-2026", Arms: two})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, spec := range []assign.Spec{
		{Salt: "welcome-2026", Arms: two, Phases: [][]assign.Arm{three}},
		{Salt: "welcome-2026", Arms: three},
		{Salt: "welcome-2027", Arms: three},
	} {
		after, err := assign.NewSplit(spec)
		if err != nil {
			fmt.Println(err)
			return
		}
		change, err := assign.Diff(before, after)
		fmt.Println(change, err)
	}
	// Output:
	// 33.3333% of the units change arm
	//   control -> popup 16.6667%
	//   banner -> popup 16.6667% <nil>
	// 50% of the units change arm
	//   control -> banner 16.6667%
	//   banner -> popup 33.3333% <nil>
	// 66.6667% of the units change arm
	//   control -> banner 16.6667%
	//   control -> popup 16.6667%
	//   banner -> control 16.6667%
	//   banner -> popup 16.6667% <nil>
}

// Raising the traffic moves nobody.
func ExampleChange() {
	arms := []assign.Arm{{Variant: "control", Weight: 1}, {Variant: "free_returns", Weight: 1}}
	var splits []*assign.Split
	for _, traffic := range []assign.Share{{Num: 1, Den: 20}, {Num: 1, Den: 4}} {
		split, err := assign.NewSplit(assign.Spec{Salt: "checkout-2026-11", Arms: arms, Traffic: traffic})
		if err != nil {
			fmt.Println(err)
			return
		}
		splits = append(splits, split)
	}
	change, err := assign.Diff(splits[0], splits[1])
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(change)
	fmt.Println("moved:", change.Moved.RatString())
	// Output:
	// 20% of the units enter
	//   (not enrolled) -> control 10%
	//   (not enrolled) -> free_returns 10%
	// moved: 0
}

// What stands before a split, such as the slots of a layer, is a region.
func ExampleCompare() {
	split, err := assign.NewSplit(assign.Spec{Salt: "checkout-2026-11", Arms: []assign.Arm{
		{Variant: "control", Weight: 1}, {Variant: "free_returns", Weight: 1}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	var sides [2][]assign.Outcome
	for i, slots := range []uint64{40, 50} { // of 100
		part, err := assign.NewPart(assign.PurposeLayer, "checkout", 0, slots, 100)
		if err != nil {
			fmt.Println(err)
			return
		}
		sides[i], err = split.Outcomes(assign.Region{}.In(part))
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println(assign.Compare(sides[0], sides[1]))
	// Output:
	// 10% of the units enter
	//   (not enrolled) -> control 5%
	//   (not enrolled) -> free_returns 5%
}

// Variants are numbered as they are first mentioned, so that a phase changes no number.
func ExampleSplit_Variants() {
	split, err := assign.NewSplit(assign.Spec{
		Salt:   "welcome-2026",
		Arms:   []assign.Arm{{Variant: "control", Weight: 1}, {Variant: "banner", Weight: 1}},
		Phases: [][]assign.Arm{{{Variant: "popup", Weight: 1}, {Variant: "control", Weight: 1}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(split.Variants())
	// Output:
	// [control banner popup]
}
