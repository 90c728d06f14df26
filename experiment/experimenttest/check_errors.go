package experimenttest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// errorChecks try what a store refuses, and how.
func errorChecks() []check {
	return []check{
		{name: "invalid batch", rule: "an invalid event refuses its whole batch with every problem, each an *EventError matching ErrInvalidEvent and ErrPermanent", run: refuseInvalidBatch},
		{name: "invalid query", rule: "a query without meaning is refused with ErrInvalidQuery", run: refuseInvalidQuery},
		{name: "invalid id", rule: "erasing an id that no event can carry is refused with ErrInvalidEvent", run: refuseInvalidID},
		{name: "cancelled", rule: "with a cancelled ctx nothing is stored, and the error matches context.Canceled", run: refuseCancelled},
		{name: "cancelled on the way", rule: "a batch whose ctx is cancelled while it is recorded is stored whole or not at all", run: cancelOnTheWay},
		{name: "closed", rule: "after Close every method returns ErrStoreClosed, and closing again returns nil", run: refuseClosed},
	}
}

func refuseInvalidBatch(t *trial) error {
	store := t.store()
	good := met("u", "a", 0)
	batch := experiment.Batch{
		Exposures: []experiment.Exposure{
			good,
			met("v", "a\x00b", 0),
			changed(met("w", "a", 0), func(e *experiment.Exposure) { e.Class, e.Time = "maybe", time.Time{} }),
			met("x\xff", "a", 0),
		},
		Conversions: []experiment.Conversion{
			did("u", math.NaN(), 0), did("u", math.Inf(-1), hour), did("u", 5, 2*hour),
			did("u", 5, 3*hour, with(experiment.String("long", strings.Repeat("x", experiment.MaxAttributes)))),
		},
	}
	_, err := store.Record(t.ctx, batch)
	var eventError *experiment.EventError
	switch {
	case err == nil:
		return errors.New("record returned nil for an invalid batch")
	case !errors.Is(err, experiment.ErrInvalidEvent), !errors.Is(err, experiment.ErrPermanent), !errors.As(err, &eventError):
		return fmt.Errorf("the error is %w (%T), which is no *EventError", err, err)
	}
	for _, want := range []string{"1: Variant", "2: Class", "2: Time", "3: Unit", "4: Value", "5: Value", "7: Attributes"} {
		if !strings.Contains(err.Error(), want) {
			return fmt.Errorf("the error does not tell of event %s: %w", want, err)
		}
	}
	for i := range batch.Exposures[1:] {
		one := experiment.Batch{Exposures: []experiment.Exposure{batch.Exposures[i+1], good}}
		if _, err := store.Record(t.ctx, one); !errors.Is(err, experiment.ErrInvalidEvent) {
			return fmt.Errorf("exposure %d in a batch before a valid one: the error is %w, want ErrInvalidEvent", i+1, err)
		}
	}
	if err := expect(t, store, ask(), answer(), Diff); err != nil {
		return fmt.Errorf("something of a refused batch is stored: %w", err)
	}
	return record(t, store, experiment.Batch{Exposures: batch.Exposures[:1], Conversions: batch.Conversions[2:3]}, experiment.Receipt{Inserted: 2})
}

func refuseInvalidQuery(t *trial) error {
	store := t.store()
	descending := asOf(ask(), hour, hour)
	unknown := ask(experiment.Value{Event: "order", Aggregation: "median"})
	pair := ask(orders(0, 0))
	pair.Cross = [][2]int{{0, 1}}
	filter := orders(0, 0)
	filter.Filter = filters(attributed("x", "~", text("a")))
	for _, row := range []struct {
		what  string
		query experiment.Query
	}{
		{"an empty query", experiment.Query{}},
		{"moments that do not ascend", descending},
		{"an unknown aggregation", unknown},
		{"a pair of a value that is not there", pair},
		{"an unknown operator", ask(filter)},
		{"maturity without a window", ask(experiment.Value{Event: "order", Aggregation: experiment.AggregateSum, MatureOnly: true})},
		{"an empty dimension", split(ask(), experiment.Dimension{})},
	} {
		if _, err := store.Summarize(t.ctx, row.query); !errors.Is(err, experiment.ErrInvalidQuery) {
			return fmt.Errorf("%s: the error is %v, want ErrInvalidQuery", row.what, err)
		}
	}
	return nil
}

func refuseInvalidID(t *trial) error {
	store := t.store()
	for _, id := range []experiment.ID{{}, {Kind: "customer"}, {Value: "u"}, customer("a\x00b"), customer("\xff")} {
		if _, err := store.Forget(t.ctx, id); !errors.Is(err, experiment.ErrInvalidEvent) {
			return fmt.Errorf("forget(%+q): the error is %v, want ErrInvalidEvent", id, err)
		}
	}
	return nil
}

func refuseCancelled(t *trial) error {
	store := t.store()
	ctx, cancel := context.WithCancel(t.ctx)
	cancel()
	_, err := store.Record(ctx, experiment.Batch{Exposures: []experiment.Exposure{met("v", "a", 0)}})
	if !errors.Is(err, context.Canceled) {
		return fmt.Errorf("record: the error is %v, want one that matches context.Canceled", err)
	}
	if !hasOutcome(err) {
		return fmt.Errorf("record: the error is %w, which matches none of ErrRetryable, ErrPermanent and ErrUnknownOutcome", err)
	}
	if err := recordExposures(t, store, inserted, met("u", "a", 0)); err != nil {
		return fmt.Errorf("after a cancelled Record: %w", err)
	}
	if _, err := store.Summarize(ctx, ask()); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("summarize: the error is %v, want one that matches context.Canceled", err)
	}
	if _, err := store.Forget(ctx, customer("u")); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("forget: the error is %v, want one that matches context.Canceled", err)
	}
	return expect(t, store, ask(), answer(arm("a", 1)), Diff)
}

func hasOutcome(err error) bool {
	return errors.Is(err, experiment.ErrRetryable) || errors.Is(err, experiment.ErrPermanent) || errors.Is(err, experiment.ErrUnknownOutcome)
}

// cancelOnTheWay cancels at a different point of each of several batches, and
// looks how much of each is there.
func cancelOnTheWay(t *trial) error {
	store := t.store()
	const size = 200
	for attempt := range 20 {
		var batch experiment.Batch
		run := fmt.Sprint("run ", attempt)
		for i := range size {
			batch.Exposures = append(batch.Exposures, changed(met(fmt.Sprint("u", i), "a", 0), func(e *experiment.Exposure) { e.Run = run }))
		}
		// The ctx ends when it is asked for the attempt-th time.
		_, err := store.Record(newEnding(t.ctx, attempt), batch)
		query := ask()
		query.Run = run
		cells, queryErr := store.Summarize(t.ctx, query)
		if queryErr != nil {
			return fmt.Errorf("summarize: %w", queryErr)
		}
		var stored int64
		for _, c := range cells.Cells {
			stored += c.Units
		}
		switch {
		case stored != 0 && stored != size:
			return fmt.Errorf("%d of %d events are stored; Record returned %v", stored, size, err)
		case err == nil && stored != size:
			return fmt.Errorf("record returned nil and stored %d of %d events", stored, size)
		case err != nil && stored != 0 && !errors.Is(err, experiment.ErrUnknownOutcome):
			return fmt.Errorf("record stored the batch and returned %w, which is not ErrUnknownOutcome", err)
		}
	}
	return nil
}

func refuseClosed(t *trial) error {
	store := t.store()
	if err := recordExposures(t, store, inserted, met("u", "a", 0)); err != nil {
		return err
	}
	if err := store.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	if err := store.Close(); err != nil {
		return fmt.Errorf("the second Close: %w", err)
	}
	_, recordErr := store.Record(t.ctx, experiment.Batch{Exposures: []experiment.Exposure{met("v", "a", 0)}})
	_, summarizeErr := store.Summarize(t.ctx, ask())
	_, forgetErr := store.Forget(t.ctx, customer("u"))
	for i, err := range []error{recordErr, summarizeErr, forgetErr} {
		if !errors.Is(err, experiment.ErrStoreClosed) {
			return fmt.Errorf("%s: the error is %v, want ErrStoreClosed", []string{"Record", "Summarize", "Forget"}[i], err)
		}
	}
	return nil
}

// recordPatiently tries again while the store says that nothing was stored and
// that another try may succeed.
func recordPatiently(t *trial, store experiment.Store, batch experiment.Batch) (experiment.Receipt, error) {
	for tries := 1; ; tries++ {
		receipt, err := store.Record(t.ctx, batch)
		if err == nil {
			return receipt, nil
		}
		if !errors.Is(err, experiment.ErrRetryable) || tries == 1000 {
			return receipt, fmt.Errorf("record, try %d: %w", tries, err)
		}
		runtime.Gosched()
	}
}
