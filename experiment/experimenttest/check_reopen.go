package experimenttest

import (
	"fmt"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// reopenChecks try that a store's contents outlive Close.
func reopenChecks() []check {
	return []check{
		{name: "reopened", rule: "what Record acknowledged is there when the store is opened again, and recording it again changes nothing", needsReopen: true, run: reopenAndRecord},
		{name: "reopened after an erasure", rule: "an erasure still holds when the store is opened again", needsReopen: true, run: reopenAndForget},
		{name: "reopened, random history", rule: "opening a store again between any two steps changes no receipt and no answer", needsReopen: true, run: reopenBetweenSteps},
	}
}

func reopenAndRecord(t *trial) error {
	store := t.store()
	batch := crowd(40)
	if err := record(t, store, batch, experiment.Receipt{Inserted: batch.Len()}); err != nil {
		return err
	}
	for range 2 {
		var err error
		if store, err = t.reopen(store); err != nil {
			return err
		}
		if err := expect(t, store, crowdQuery(), crowdAnswer(), Diff); err != nil {
			return err
		}
		if err := record(t, store, batch, experiment.Receipt{Duplicate: batch.Len()}); err != nil {
			return err
		}
		if err := recordConversions(t, store, conflicting, did("unit 0", 1000, 0, keyed("0"))); err != nil {
			return err
		}
	}
	return expect(t, store, crowdQuery(), crowdAnswer(), Diff)
}

func reopenAndForget(t *trial) error {
	store := t.store()
	early, late := t.now().Add(-2*hour), t.now().Add(2*hour)
	dated := func(at time.Time) func(*experiment.Exposure) {
		return func(e *experiment.Exposure) { e.Time = at }
	}
	if err := recordExposures(t, store, inserted, met("u", "a", 0, dated(early)), met("v", "a", 0, dated(early))); err != nil {
		return err
	}
	if err := forget(t, store, customer("u"), 1, 0); err != nil {
		return err
	}
	store, err := t.reopen(store)
	if err != nil {
		return err
	}
	if err := recordExposures(t, store, barred, met("u", "a", 0, dated(early))); err != nil {
		return err
	}
	if err := recordExposures(t, store, inserted, met("u", "a", 0, dated(late))); err != nil {
		return err
	}
	query := ask()
	query.AsOf = []time.Time{early.Add(hour), late.Add(hour)}
	before, after := arm("a", 1), arm("a", 2)
	before.AsOf, after.AsOf = query.AsOf[0], query.AsOf[1]
	return expect(t, store, query, answer(before, after), Diff)
}

func reopenBetweenSteps(t *trial) error {
	for i := range min(t.options.Histories, 5) {
		seed := t.options.Seed + uint64(i)
		h, err := newHistory(seed)
		if err != nil {
			return err
		}
		store, oracle := t.store(), t.oracle()
		for _, s := range h.steps {
			if err := compareStep(t, store, oracle, s); err != nil {
				return fmt.Errorf("EXPERIMENTTEST_SEED=%d: %w", seed, err)
			}
			if store, err = t.reopen(store); err != nil {
				return err
			}
			for range 5 {
				if err := compareAnswers(t, store, oracle, h.query()); err != nil {
					return fmt.Errorf("EXPERIMENTTEST_SEED=%d: %w", seed, err)
				}
			}
		}
	}
	return nil
}
