package experiment_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// shopCatalog is what a small shop configures, written in Go.
func shopCatalog() *experiment.Catalog {
	return &experiment.Catalog{
		Touchpoints: []experiment.Touchpoint{
			{Key: "welcome-mail", Stage: experiment.StageAwareness, Channel: experiment.ChannelEmail},
			{Key: "checkout-page", Stage: experiment.StagePurchase, Channel: experiment.ChannelWeb},
		},
		Metrics: []experiment.Metric{
			{Key: "conversion_rate", Kind: experiment.MetricProportion, Event: "purchase", Window: 7 * 24 * time.Hour},
		},
		Experiments: []experiment.Experiment{{
			Key:         "checkout-reassurance",
			Touchpoints: []string{"welcome-mail", "checkout-page"},
			Unit:        experiment.KindCustomer,
			Salt:        "checkout-reassurance-2026",
			Arms: []experiment.Arm{
				{Variant: "control", Weight: 50, Payload: experiment.Payload{"banner": "none"}},
				{Variant: "free_returns", Weight: 50, Payload: experiment.Payload{"banner": "free_returns", "days": 30}},
			},
			Overrides: map[string][]string{"free_returns": {"qa-1"}},
			Metrics:   experiment.Metrics{Primary: "conversion_rate"},
		}},
	}
}

// printer shows what would be recorded.
type printer struct{}

func (printer) Expose(_ context.Context, e experiment.Exposure) error {
	fmt.Println("exposure:", e.Unit, "met", e.Variant, "at", e.Touchpoint)
	return nil
}

func (printer) Track(_ context.Context, v experiment.Conversion) error {
	fmt.Println("conversion:", v.IDs[0].Value, v.Event, v.Value)
	return nil
}

// Decide, record what the customer met, record what the customer did.
func Example() {
	ctx := context.Background()
	engine, err := experiment.New(shopCatalog(), experiment.Options{Recorder: printer{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	customer := experiment.Customer("c-42", experiment.String("country", "NO"), experiment.Number("age", 34))
	d, err := engine.Expose(ctx, "checkout-page", "checkout-reassurance", customer)
	fmt.Println(d.Variant, d.Text("banner", "none"), err)
	err = engine.Track(ctx, customer, experiment.Conversion{ID: experiment.ConversionKey("order-1001"), Event: "purchase", Value: 59.90})
	fmt.Println(err)
	// Output:
	// exposure: c-42 met free_returns at checkout-page
	// free_returns free_returns <nil>
	// conversion: c-42 purchase 59.9
	// <nil>
}

// A catalogue is judged as a whole: every problem, each with its path, its
// stable code and a hint.
func ExampleNew() {
	catalog := shopCatalog()
	catalog.Experiments[0].Salt = ""
	catalog.Experiments[0].Touchpoints[1] = "checkout-pge"
	_, err := experiment.New(catalog, experiment.Options{})
	fmt.Println(err)
	var problem *experiment.Problem
	fmt.Println(errors.As(err, &problem), problem.Path)
	// Output:
	// experiment: experiments[0].touchpoints[1]: TL014 touchpoint "checkout-pge" is not defined (did you mean "checkout-page"?)
	// experiment: experiments[0].salt: TL010 salt is missing (any text that no other experiment uses, such as the experiment's name and the month)
	// true experiments[0].touchpoints[1]
}

// The same customer meets the same variant at every touchpoint, and Decide
// records nothing.
func ExampleEngine_Decide() {
	ctx := context.Background()
	engine, err := experiment.New(shopCatalog(), experiment.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	customer := experiment.Customer("c-42")
	mail, _ := engine.Decide(ctx, "welcome-mail", "checkout-reassurance", customer)
	page, _ := engine.Decide(ctx, "checkout-page", "checkout-reassurance", customer)
	fmt.Println(mail.Variant, page.Variant, page.Reason, page.Enrolled, page.Number("days", 0))

	// Where no decision is possible it is control, with the error beside it.
	d, err := engine.Decide(ctx, "checkout-page", "checkout-reassurance", experiment.Customer(""))
	fmt.Println(d.Variant, d.Reason, errors.Is(err, experiment.ErrMissingUnit))
	// Output:
	// free_returns free_returns arm true 30
	// control missing_unit true
}

// With an error that matches ErrNotRecorded the arm stands: only the recording
// failed.
func ExampleEngine_Expose() {
	engine, err := experiment.New(shopCatalog(), experiment.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := engine.Expose(context.Background(), "checkout-page", "checkout-reassurance", experiment.Customer("c-42"))
	fmt.Println(d.Variant, errors.Is(err, experiment.ErrNotRecorded))
	fmt.Println(err)
	// Output:
	// free_returns true
	// experiment: not recorded: experiment: the engine has no recorder; set Options.Recorder
}

// A conversion without an id gets a new one; with the key of an order it may be
// tracked again without counting twice.
func ExampleEngine_Track() {
	store := experiment.NewMemory(experiment.MemoryOptions{})
	ctx := context.Background()
	engine, err := experiment.New(shopCatalog(), experiment.Options{Recorder: direct{store}})
	if err != nil {
		fmt.Println(err)
		return
	}
	order := experiment.Conversion{ID: experiment.ConversionKey("order-1001"), Event: "purchase", Value: 59.90}
	for range 2 {
		if err := engine.Track(ctx, experiment.Customer("c-42"), order); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(len(store.Conversions()), "conversion")
	// Output:
	// 1 conversion
}

// direct records every event at once, without a queue.
type direct struct{ store experiment.Store }

func (d direct) Expose(ctx context.Context, e experiment.Exposure) error {
	_, err := d.store.Record(ctx, experiment.Batch{Exposures: []experiment.Exposure{e}})
	return err
}

func (d direct) Track(ctx context.Context, v experiment.Conversion) error {
	_, err := d.store.Record(ctx, experiment.Batch{Conversions: []experiment.Conversion{v}})
	return err
}

// Explain says which rules let the subject pass and which one decided.
func ExampleEngine_Explain() {
	ctx := context.Background()
	engine, err := experiment.New(shopCatalog(), experiment.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range []string{"c-42", "qa-1"} {
		explained, _ := engine.Explain(ctx, "checkout-page", "checkout-reassurance", experiment.Customer(id))
		fmt.Println(explained)
	}
	// Output:
	// checkout-reassurance: experiment > touchpoint > running > unit > override > bot > internal > sticky > prerequisite > layer > audience > traffic > holdout > arm: free_returns
	// checkout-reassurance: experiment > touchpoint > running > unit > override: free_returns
}

// Replace puts another catalogue in force; a broken one changes nothing.
func ExampleEngine_Replace() {
	engine, err := experiment.New(shopCatalog(), experiment.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	paused := shopCatalog()
	paused.Experiments[0].Paused = true
	fmt.Println(engine.Replace(paused))
	d, _ := engine.Decide(context.Background(), "checkout-page", "checkout-reassurance", experiment.Customer("c-42"))
	fmt.Println(d.Variant, d.Reason)
	// Output:
	// <nil>
	// control paused
}

// A payload may hold lists and maps.
func ExampleDecision_JSON() {
	catalog := shopCatalog()
	catalog.Experiments[0].Arms[1].Payload["steps"] = []string{"ask", "confirm"}
	engine, err := experiment.New(catalog, experiment.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	d, _ := engine.Decide(context.Background(), "checkout-page", "checkout-reassurance", experiment.Customer("qa-1"))
	var steps []string
	fmt.Println(d.JSON("steps", &steps), steps)
	// Output:
	// <nil> [ask confirm]
}

// The same key always makes the same id; the key itself is not recorded.
func ExampleConversionKey() {
	fmt.Println(experiment.ConversionKey("order-1001"))
	fmt.Println(experiment.ConversionKey("order-1001") == experiment.ConversionKey("order-1002"))
	// Output:
	// e7f2b600-5132-e0c7-d296-2d8fc0ec66fc
	// false
}

// Shards of units answer a query together.
func ExampleMerge() {
	asOf := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	north := experiment.Cells{Cells: []experiment.Cell{{AsOf: asOf, Variant: "control", Units: 40}}}
	south := experiment.Cells{Cells: []experiment.Cell{{AsOf: asOf, Variant: "control", Units: 2}, {AsOf: asOf, Variant: "free_returns", Units: 44}}}
	both, err := experiment.Merge(north, south)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, cell := range both.Cells {
		fmt.Fprintln(os.Stdout, cell.Variant, cell.Units)
	}
	// Output:
	// control 42
	// free_returns 44
}
