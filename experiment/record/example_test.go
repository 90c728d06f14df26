package record_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/record"
)

// The moment of all examples.
var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func exampleExposure(customer string) experiment.Exposure {
	return experiment.Exposure{
		Experiment: "checkout-reassurance", Run: "checkout-2026-11",
		Kind: experiment.KindCustomer, Unit: customer,
		Variant: "free_returns", Touchpoint: "checkout-page",
		Class: experiment.ClassArm, Time: noon,
		IDs: []experiment.ID{{Kind: experiment.KindCustomer, Value: customer}},
	}
}

func exampleOrder(number, customer string) experiment.Conversion {
	return experiment.Conversion{
		ID: experiment.ConversionKey(number), Event: "purchase", Value: 59.90, Time: noon,
		IDs: []experiment.ID{{Kind: experiment.KindCustomer, Value: customer}},
	}
}

// A recorder takes events at once and brings them to the store in batches.
func ExampleNew() {
	ctx := context.Background()
	store := experiment.NewMemory(experiment.MemoryOptions{})
	recorder, err := record.New(store, record.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = errors.Join(
		recorder.Expose(ctx, exampleExposure("c-1")),
		recorder.Expose(ctx, exampleExposure("c-2")),
		recorder.Expose(ctx, exampleExposure("c-1")), // met it twice
		recorder.Track(ctx, exampleOrder("order-7", "c-2")),
		recorder.Close(ctx), // delivers what is queued
	)
	fmt.Println(err)
	fmt.Println(len(store.Exposures()), "exposures,", len(store.Conversions()), "conversion")
	// Output:
	// <nil>
	// 2 exposures, 1 conversion
}

// Flush waits until the events accepted before it are in the store.
func ExampleRecorder_Flush() {
	ctx := context.Background()
	store := experiment.NewMemory(experiment.MemoryOptions{})
	recorder, _ := record.New(store, record.Options{})
	defer recorder.Close(ctx)

	_ = recorder.Expose(ctx, exampleExposure("c-1"))
	err := recorder.Flush(ctx)
	fmt.Println(err, len(store.Exposures()))
	// Output: <nil> 1
}

// Counters say where every event is; Check proves that none is missing.
func ExampleRecorder_Counters() {
	ctx := context.Background()
	store := experiment.NewMemory(experiment.MemoryOptions{})
	recorder, _ := record.New(store, record.Options{})
	_ = recorder.Expose(ctx, exampleExposure("c-1"))
	_ = recorder.Expose(ctx, exampleExposure("c-1"))
	_ = recorder.Close(ctx)
	err := recorder.Expose(ctx, exampleExposure("c-2"))
	fmt.Println(err)

	c := recorder.Counters()
	fmt.Println("accepted:", c.Accepted, "inserted:", c.Inserted, "duplicate:", c.Duplicate)
	fmt.Println("refused after Close:", c.Closed)
	fmt.Println("check:", c.Check())
	// Output:
	// record: the recorder is closed
	// accepted: 2 inserted: 1 duplicate: 1
	// refused after Close: 1
	// check: <nil>
}

// downStore stands for a store that cannot be reached.
type downStore struct{ *experiment.Memory }

func (downStore) Record(context.Context, experiment.Batch) (experiment.Receipt, error) {
	return experiment.Receipt{}, &experiment.StoreError{
		Op: "record", Outcome: experiment.ErrRetryable, Err: errors.New("connection refused"),
	}
}

// Close keeps trying until its ctx ends, then says what it could not deliver.
func ExampleRecorder_Close() {
	recorder, _ := record.New(downStore{}, record.Options{})
	_ = recorder.Expose(context.Background(), exampleExposure("c-1"))

	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	err := recorder.Close(ctx)
	fmt.Println(err)
	fmt.Println(errors.Is(err, context.DeadlineExceeded), errors.Is(err, experiment.ErrRetryable))

	var left *record.CloseError
	if errors.As(err, &left) {
		fmt.Println("lost exposures:", left.Remaining.Exposures)
	}
	// Output:
	// record: close: 1 exposure and 0 conversions not delivered: context deadline exceeded; last error of the store: experiment: the store is not available now: record: connection refused
	// true true
	// lost exposures: 1
}

// pickyStore refuses for good what is worth more than it can keep.
type pickyStore struct{ *experiment.Memory }

func (s pickyStore) Record(ctx context.Context, batch experiment.Batch) (experiment.Receipt, error) {
	for i := range batch.Conversions {
		if batch.Conversions[i].Value > 1e6 {
			return experiment.Receipt{}, &experiment.StoreError{
				Op: "record", Outcome: experiment.ErrPermanent, Err: errors.New("value out of range"),
			}
		}
	}
	return s.Memory.Record(ctx, batch)
}

// OnReject gets what the store refuses for good; everything else is delivered.
func ExampleOptions_onReject() {
	ctx := context.Background()
	store := pickyStore{experiment.NewMemory(experiment.MemoryOptions{})}
	recorder, _ := record.New(store, record.Options{
		OnReject: func(rejected record.Rejected) {
			fmt.Println("rejected:", rejected.Conversion.Event, rejected.Conversion.Value)
		},
	})
	for i := range 10 {
		order := exampleOrder(fmt.Sprint("order-", i), "c-1")
		if i == 7 {
			order.Value = 1e9
		}
		_ = recorder.Track(ctx, order)
	}
	fmt.Println(recorder.Close(ctx))
	fmt.Println("delivered:", len(store.Conversions()))
	// Output:
	// rejected: purchase 1e+09
	// <nil>
	// delivered: 9
}

// Without OnReject the next Flush or Close counts what the store refused for
// good.
func ExampleRejectedError() {
	ctx := context.Background()
	recorder, _ := record.New(pickyStore{experiment.NewMemory(experiment.MemoryOptions{})}, record.Options{})
	for i := range 10 {
		order := exampleOrder(fmt.Sprint("order-", i), "c-1")
		if i == 7 {
			order.Value = 1e9
		}
		_ = recorder.Track(ctx, order)
	}
	err := recorder.Close(ctx)
	var rejected *record.RejectedError
	if errors.As(err, &rejected) {
		fmt.Println("lost conversions:", rejected.Conversions)
	}
	fmt.Println(err)
	// Output:
	// lost conversions: 1
	// record: the store refused 0 exposures and 1 conversion for good; last reason: experiment: the store refuses: record: value out of range; set Options.OnReject to keep such events
}

// A full queue refuses at once instead of making the request wait. The customer
// keeps the variant that was shown.
func ExampleRecorder_Expose() {
	ctx, cancel := context.WithCancel(context.Background())
	recorder, _ := record.New(downStore{}, record.Options{QueueEvents: 2})
	for _, customer := range []string{"c-1", "c-2", "c-3"} {
		err := recorder.Expose(ctx, exampleExposure(customer))
		if errors.Is(err, record.ErrFull) {
			fmt.Println(customer, "was not recorded")
		}
	}
	cancel()
	_ = recorder.Close(ctx)
	c := recorder.Counters()
	fmt.Println("accepted:", c.Accepted, "full:", c.Full, "dropped at Close:", c.Dropped)
	// Output:
	// c-3 was not recorded
	// accepted: 2 full: 1 dropped at Close: 2
}

// A conversion under the key of an order is stored once, however often it is
// tracked.
func ExampleRecorder_Track() {
	ctx := context.Background()
	store := experiment.NewMemory(experiment.MemoryOptions{})
	recorder, _ := record.New(store, record.Options{})
	for range 3 {
		_ = recorder.Track(ctx, exampleOrder("order-7", "c-2"))
	}
	_ = recorder.Close(ctx)
	c := recorder.Counters()
	fmt.Println("inserted:", c.Inserted, "duplicate:", c.Duplicate)
	// Output: inserted: 1 duplicate: 2
}
