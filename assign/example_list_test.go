package assign_test

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/touchlift/touchlift/assign"
)

// The ids of a mailing come from a file, and go to another with the variant of each.
// Neither is ever in the memory as a whole.
func ExampleSplit_List() {
	split, err := assign.NewSplit(assign.Spec{
		Salt: "autumn-mail-2026",
		Arms: []assign.Arm{{Variant: "control", Weight: 1}, {Variant: "voucher", Weight: 1}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	lines := bufio.NewScanner(strings.NewReader("customer-41\ncustomer-42\n\ncustomer-43\n"))
	ids := func(yield func(string) bool) {
		for lines.Scan() && yield(lines.Text()) {
		}
	}
	out := csv.NewWriter(os.Stdout)
	for row, err := range split.List(ids) {
		if err != nil {
			fmt.Println(err)
		} else if row.Enrolled {
			_ = out.Write([]string{row.ID, row.Variant}) // Error says what went wrong
		}
	}
	out.Flush()
	fmt.Println(lines.Err(), out.Error())
	// Output:
	// assign: row 3, id "": unit id is empty: pass the id of the unit that the experiment randomises
	// customer-41,control
	// customer-42,voucher
	// customer-43,control
	// <nil> <nil>
}

// Seven customers in three countries: each country is split as evenly as it can be,
// and so are all seven.
func ExampleStratify() {
	countries := [][2]string{
		{"NO", "c-1"}, {"SE", "c-2"}, {"NO", "c-3"}, {"DK", "c-4"}, {"SE", "c-5"}, {"NO", "c-6"}, {"NO", "c-7"},
	}
	units := func(yield func(stratum, id string) bool) {
		for _, customer := range countries {
			if !yield(customer[0], customer[1]) {
				return
			}
		}
	}
	strata, err := assign.Stratify(assign.Spec{
		Salt: "calls-2026",
		Arms: []assign.Arm{{Variant: "control", Weight: 1}, {Variant: "call", Weight: 1}},
	}, units)
	if err != nil {
		fmt.Println(err)
		return
	}
	for row, err := range strata.List(units) {
		fmt.Println(row.Stratum, row.ID, row.Variant, err)
	}
	for _, count := range strata.Counts() {
		fmt.Println(count.Stratum, count.Units, count.Arms)
	}
	// Output:
	// NO c-1 control <nil>
	// SE c-2 control <nil>
	// NO c-3 control <nil>
	// DK c-4 call <nil>
	// SE c-5 call <nil>
	// NO c-6 call <nil>
	// NO c-7 call <nil>
	// DK 1 [0 1]
	// NO 4 [2 2]
	// SE 2 [1 1]
}

// Stores are few and differ much: pairs of like size and wealth of the region, one of
// each pair with the new shelf.
func ExampleMatch() {
	rows, err := assign.Match(assign.Spec{
		Salt: "shelf-2026",
		Arms: []assign.Arm{{Variant: "control", Weight: 1}, {Variant: "shelf", Weight: 1}},
	}, []assign.Candidate{
		{ID: "bergen", Covariates: []float64{410, 51.2}},
		{ID: "hamar", Covariates: []float64{95, 44.0}},
		{ID: "oslo", Covariates: []float64{980, 58.9}},
		{ID: "stavanger", Covariates: []float64{395, 57.5}},
		{ID: "tromso", Covariates: []float64{120, 46.1}},
		{ID: "trondheim", Covariates: []float64{640, 50.3}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	slices.SortStableFunc(rows, func(a, b assign.Row) int { return a.Group - b.Group })
	for _, row := range rows {
		fmt.Println(row.Group, row.ID, row.Variant)
	}
	// Output:
	// 1 hamar shelf
	// 1 tromso control
	// 2 bergen shelf
	// 2 stavanger control
	// 3 oslo control
	// 3 trondheim shelf
}

// The couriers of a city get one of two dispatch rules for 90 minutes at a time. What
// is ordered in the first 15 minutes is left out: couriers are still on their way.
func ExampleNewSwitchback() {
	plan, err := assign.NewSwitchback(assign.SwitchbackSpec{
		Salt:    "dispatch-2026",
		Arms:    []assign.Arm{{Variant: "nearest", Weight: 1}, {Variant: "batched", Weight: 1}},
		Start:   time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC),
		Period:  90 * time.Minute,
		Washout: 15 * time.Minute,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, region := range []string{"oslo", "bergen"} {
		for period := range int64(6) {
			slot, err := plan.Slot(region, period)
			fmt.Println(slot.Unit, slot.Variant, slot.Settled.Format("15:04"), slot.End.Format("15:04"), err)
		}
	}
	slot, washout, err := plan.At("oslo", time.Date(2026, 11, 23, 9, 10, 0, 0, time.UTC))
	fmt.Println(slot.Unit, slot.Variant, washout, err)
	// Output:
	// oslo/0 nearest 06:15 07:30 <nil>
	// oslo/1 batched 07:45 09:00 <nil>
	// oslo/2 nearest 09:15 10:30 <nil>
	// oslo/3 batched 10:45 12:00 <nil>
	// oslo/4 batched 12:15 13:30 <nil>
	// oslo/5 nearest 13:45 15:00 <nil>
	// bergen/0 nearest 06:15 07:30 <nil>
	// bergen/1 batched 07:45 09:00 <nil>
	// bergen/2 nearest 09:15 10:30 <nil>
	// bergen/3 batched 10:45 12:00 <nil>
	// bergen/4 nearest 12:15 13:30 <nil>
	// bergen/5 batched 13:45 15:00 <nil>
	// oslo/2 nearest true <nil>
}
