package experiment_test

import (
	"context"
	"fmt"
	"time"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment"
)

// threeTouchpoints is a shop with three touchpoints, one experiment at all of them.
func threeTouchpoints() *experiment.Catalog {
	return &experiment.Catalog{
		Touchpoints: []experiment.Touchpoint{
			{Key: "order-email", Stage: experiment.StagePostPurchase, Channel: experiment.ChannelEmail},
			{Key: "checkout-page", Stage: experiment.StagePurchase, Channel: experiment.ChannelWeb},
			{Key: "shop-counter", Stage: experiment.StagePurchase, Channel: experiment.ChannelInStore, Offline: true},
		},
		Experiments: []experiment.Experiment{{
			Key:         "free-returns",
			Touchpoints: []string{"order-email", "checkout-page", "shop-counter"},
			Unit:        experiment.KindCustomer,
			Salt:        "free-returns-2026",
			Arms:        []experiment.Arm{{Variant: "control", Weight: 50}, {Variant: "free_returns", Weight: 50}},
		}},
	}
}

// One customer meets the same variant in the mail, on the web and in the shop.
func Example_everyTouchpoint() {
	ctx := context.Background()
	engine, err := experiment.New(threeTouchpoints(), experiment.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, touchpoint := range []string{"order-email", "checkout-page", "shop-counter"} {
		d, _ := engine.Decide(ctx, touchpoint, "free-returns", experiment.Customer("c-42"))
		fmt.Println(touchpoint, d.Variant)
	}
	// Output:
	// order-email free_returns
	// checkout-page free_returns
	// shop-counter free_returns
}

// A visitor meets a variant before logging in, and keeps it afterwards, on this
// device and on the next.
func Example_logIn() {
	ctx := context.Background()
	catalog := threeTouchpoints()
	e := &catalog.Experiments[0]
	e.Unit, e.Sticky, e.Links = experiment.KindDevice, true, []experiment.Kind{experiment.KindCustomer}
	engine, err := experiment.New(catalog, experiment.Options{
		Recorder:    discard{},
		Assignments: experiment.NewMemoryAssignments(1_000_000),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	show := func(what string, ids ...experiment.ID) {
		d, err := engine.Expose(ctx, "checkout-page", "free-returns", experiment.Subject{IDs: ids})
		fmt.Println(what, d.Variant, d.Reason, err)
	}
	// On its own the tablet would meet control.
	phone, tablet := experiment.ID{Kind: experiment.KindDevice, Value: "phone"}, experiment.ID{Kind: experiment.KindDevice, Value: "tablet"}
	customer := experiment.ID{Kind: experiment.KindCustomer, Value: "c-42"}
	show("phone, nobody knows who:", phone)
	show("phone, logged in:", phone, customer)
	show("tablet, logged in:", tablet, customer)
	show("at the counter:", customer)
	// Output:
	// phone, nobody knows who: free_returns arm <nil>
	// phone, logged in: free_returns sticky <nil>
	// tablet, logged in: free_returns sticky <nil>
	// at the counter: free_returns sticky <nil>
}

// Who is held out meets control in every experiment, and is a group of its own: not
// enrolled, so not counted in control.
func Example_holdout() {
	ctx := context.Background()
	catalog := threeTouchpoints()
	catalog.Holdouts = []experiment.Holdout{{
		Key: "global-2026", Salt: "global-2026", Unit: experiment.KindCustomer,
		Share: assign.Share{Num: 1, Den: 20}, Scope: experiment.Scope{Global: true},
	}}
	engine, err := experiment.New(catalog, experiment.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	counts := map[string]int{}
	for i := range 10_000 {
		d, _ := engine.Decide(ctx, "checkout-page", "free-returns", experiment.Customer(fmt.Sprint("c-", i)))
		counts[fmt.Sprint(d.Reason, " meets ", d.Variant, ", enrolled ", d.Enrolled)]++
	}
	fmt.Println(counts)
	// Output:
	// map[arm meets control, enrolled true:4763 arm meets free_returns, enrolled true:4740 holdout meets control, enrolled false:497]
}

// The weights change from 50/50 to 60/40 while the experiment runs, and back. One
// customer in ten moves, and comes home.
func Example_phases() {
	ctx := context.Background()
	day := func(d int) time.Time { return time.Date(2026, 1, d, 8, 0, 0, 0, time.UTC) }
	weights := func(control, returns uint64) []experiment.Arm {
		return []experiment.Arm{{Variant: "control", Weight: control}, {Variant: "free_returns", Weight: returns}}
	}
	catalog := threeTouchpoints()
	catalog.Experiments[0].Phases = []experiment.Phase{{From: day(10), Arms: weights(60, 40)}, {From: day(20), Arms: weights(50, 50)}}
	now := day(1)
	engine, err := experiment.New(catalog, experiment.Options{Now: func() time.Time { return now }})
	if err != nil {
		fmt.Println(err)
		return
	}
	variants := func(d int) []string {
		now = day(d)
		all := make([]string, 10_000)
		for i := range all {
			decision, _ := engine.Decide(ctx, "checkout-page", "free-returns", experiment.Customer(fmt.Sprint("c-", i)))
			all[i] = decision.Variant
		}
		return all
	}
	differ := func(a, b []string) (n int) {
		for i := range a {
			if a[i] != b[i] {
				n++
			}
		}
		return n
	}
	first, second, third := variants(1), variants(10), variants(20)
	fmt.Println("moved by 60/40:", differ(first, second))
	fmt.Println("elsewhere than at first, after 50/50 again:", differ(first, third))
	// Output:
	// moved by 60/40: 1016
	// elsewhere than at first, after 50/50 again: 0
}

// When the experiment is concluded everybody meets its winner.
func Example_concluded() {
	ctx := context.Background()
	catalog := threeTouchpoints()
	e := &catalog.Experiments[0]
	e.Ends = time.Date(2026, 2, 16, 8, 0, 0, 0, time.UTC)
	e.Concluded = experiment.Concluded{Serve: "free_returns"}
	engine, err := experiment.New(catalog, experiment.Options{Now: func() time.Time { return e.Ends }})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range []string{"c-1", "c-2", "c-3"} {
		d, _ := engine.Decide(ctx, "shop-counter", "free-returns", experiment.Customer(id))
		fmt.Println(id, d.Variant, d.Reason, d.Enrolled)
	}
	// Output:
	// c-1 free_returns concluded false
	// c-2 free_returns concluded false
	// c-3 free_returns concluded false
}

// Everything that runs at a touchpoint, with the customer's id hashed once.
func ExampleEngine_At() {
	ctx := context.Background()
	catalog := threeTouchpoints()
	second := catalog.Experiments[0]
	second.Key, second.Salt = "bigger-button", "bigger-button-2026"
	second.Arms = []experiment.Arm{{Variant: "control", Weight: 1}, {Variant: "big", Weight: 1}, {Variant: "huge", Weight: 1}}
	catalog.Experiments = append(catalog.Experiments, second)
	engine, err := experiment.New(catalog, experiment.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var buffer [8]experiment.Decision // no allocation as long as it suffices
	decisions, err := engine.At(ctx, "checkout-page", experiment.Customer("c-42"), buffer[:0])
	for _, d := range decisions {
		fmt.Println(d.Experiment(), d.Variant)
	}
	fmt.Println(err)
	// Output:
	// free-returns free_returns
	// bigger-button control
	// <nil>
}
