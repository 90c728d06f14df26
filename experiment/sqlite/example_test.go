package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/sqlite"
)

// Two customers meet the arms of an experiment, one buys, and the sums per arm
// are asked for. Recording the batch again changes nothing.
func Example() {
	folder, err := os.MkdirTemp("", "touchlift")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	store, err := sqlite.Open(filepath.Join(folder, "touchlift.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()

	ctx := context.Background()
	noon := time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)
	anna := []experiment.ID{{Kind: experiment.KindCustomer, Value: "anna"}}
	bo := []experiment.ID{{Kind: experiment.KindCustomer, Value: "bo"}}
	exposure := func(ids []experiment.ID, variant string) experiment.Exposure {
		return experiment.Exposure{
			Experiment: "checkout-reassurance", Run: "checkout-2026-11", Kind: experiment.KindCustomer, Unit: ids[0].Value,
			Variant: variant, Touchpoint: "checkout-page", Class: experiment.ClassArm, Time: noon, IDs: ids,
		}
	}
	batch := experiment.Batch{
		Exposures: []experiment.Exposure{exposure(anna, "control"), exposure(bo, "free_returns")},
		Conversions: []experiment.Conversion{{
			ID: experiment.ConversionKey("order-1001"), Event: "purchase", Value: 59.90,
			Time: noon.Add(time.Hour), IDs: bo,
		}},
	}
	for range 2 {
		receipt, err := store.Record(ctx, batch)
		fmt.Println("inserted", receipt.Inserted, "duplicate", receipt.Duplicate, err)
	}

	cells, err := store.Summarize(ctx, experiment.Query{
		Experiment: "checkout-reassurance", Run: "checkout-2026-11", Kind: experiment.KindCustomer,
		AsOf:   []time.Time{noon.AddDate(0, 0, 7)},
		Values: []experiment.Value{{Event: "purchase", Aggregation: experiment.AggregateSum, Window: 24 * time.Hour}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range cells.Cells {
		fmt.Printf("%s: %d unit, purchases %.2f\n", c.Variant, c.Units, c.Sums[0].Sum)
	}
	// Output:
	// inserted 3 duplicate 0 <nil>
	// inserted 0 duplicate 3 <nil>
	// control: 1 unit, purchases 0.00
	// free_returns: 1 unit, purchases 59.90
}

// An error says what is wrong and what to do.
func ExampleOpen() {
	_, err := sqlite.Open(":memory:")
	var e *experiment.StoreError
	fmt.Println(errors.Is(err, sqlite.ErrInvalidOptions), errors.As(err, &e))
	fmt.Println(e.Err)
	// Output:
	// true true
	// sqlite: invalid options: path is ":memory:", want a file; experiment.NewMemory keeps events in memory
}

// A second process looks at the file while the first one writes.
func ExampleOpenWith() {
	folder, err := os.MkdirTemp("", "touchlift")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "touchlift.db")
	writer, err := sqlite.OpenWith(path, sqlite.Options{BusyTimeout: time.Minute})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer writer.Close()
	reader, err := sqlite.OpenWith(path, sqlite.Options{ReadOnly: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer reader.Close()
	_, err = reader.Forget(context.Background(), experiment.ID{Kind: experiment.KindCustomer, Value: "anna"})
	var e *experiment.StoreError
	if errors.As(err, &e) {
		fmt.Println(e.Hint)
	}
	// Output:
	// open the file without ReadOnly to change it
}
