package experimenttest

import (
	"fmt"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// erasureChecks try erasures. Those that do not set the clock keep an hour's
// distance from the store's present.
func erasureChecks() []check {
	return []check{
		{name: "erasure", rule: "Forget erases every event that carries the id, as unit or among its ids, and no other", run: forgetEverywhere},
		{name: "erasure, late and new events", rule: "an event of an erased id dated before the erasure is Barred, a later one is kept; other kinds and values are free", run: forgetThenRecord},
		{name: "erasure of an unknown id", rule: "erasing an id that was never seen bars its late events too", run: forgetUnknown},
		{name: "erasure, repeated", rule: "erasing an id again erases what came since", run: forgetAgain},
		{name: "erasure at its moment", rule: "an event dated at the moment of erasure is kept, one a microsecond earlier is barred", needsClock: true, run: forgetAtMoment},
		{name: "erasure moves forward", rule: "erasing an id again moves the bar forward, and a clock that went back does not move it back", needsClock: true, run: forgetForward},
	}
}

// forget erases an id, waits, and compares the counts.
func forget(t *trial, store experiment.Store, id experiment.ID, exposures, conversions int) error {
	erasure, err := store.Forget(t.ctx, id)
	if err != nil {
		return fmt.Errorf("forget(%+q): %w", id, err)
	}
	if err := erasure.Wait(t.ctx); err != nil {
		return fmt.Errorf("erasure.Wait: %w", err)
	}
	// A store that erases later may not know the counts.
	if erasure.Pending == nil && (erasure.Exposures != exposures || erasure.Conversions != conversions) {
		return fmt.Errorf("forget(%+q) tells of %d exposures and %d conversions, want %d and %d",
			id, erasure.Exposures, erasure.Conversions, exposures, conversions)
	}
	return nil
}

func forgetEverywhere(t *trial) error {
	store := t.store()
	batch := experiment.Batch{
		Exposures: []experiment.Exposure{
			met("42", "a", 0), met("42", "a", 0, at("mail")), met("u", "a", 0, knownAs(customer("42"), shop("s"))),
			met("v", "a", 0, knownAs(shop("42"))), met("w", "a", 0), met("420", "a", 0),
			changed(met("42", "a", 0), func(e *experiment.Exposure) { e.Kind = experiment.KindStore }),
			changed(met("42", "a", 0), func(e *experiment.Exposure) { e.Experiment = "other" }),
		},
		Conversions: []experiment.Conversion{did("42", 1, hour), did("v", 2, hour), did("w", 4, hour, by(customer("w"), shop("42"))),
			did("w", 8, hour, by(shop("s"), customer("42")))},
	}
	if err := recordAll(t, store, batch); err != nil {
		return err
	}
	if err := forget(t, store, customer("42"), 4, 2); err != nil {
		return err
	}
	shops := ask(orders(0, 0))
	shops.Kind = experiment.KindStore
	if err := expect(t, store, shops, answer(arm("a", 1, totals(4))), Diff); err != nil {
		return fmt.Errorf("the store 42, which is not the customer 42: %w", err)
	}
	return expect(t, store, ask(orders(0, 0)), answer(arm("a", 3, totals(2, 4, 0))), Diff)
}

func forgetThenRecord(t *trial) error {
	store := t.store()
	early, late := t.now().Add(-2*hour), t.now().Add(2*hour)
	dated := func(at time.Time) func(*experiment.Exposure) {
		return func(e *experiment.Exposure) { e.Time = at }
	}
	ordered := func(at time.Time, key string, ids ...experiment.ID) experiment.Conversion {
		return did("u", 1, 0, keyed(key), by(ids...), func(v *experiment.Conversion) { v.Time = at })
	}
	if err := recordExposures(t, store, inserted, met("u", "a", 0, dated(early))); err != nil {
		return err
	}
	if err := recordConversions(t, store, inserted, ordered(early, "1", customer("u"))); err != nil {
		return err
	}
	if err := forget(t, store, customer("u"), 1, 1); err != nil {
		return err
	}
	for _, e := range []experiment.Exposure{met("u", "a", 0, dated(early)), met("u", "b", 0, dated(early)), met("v", "a", 0, dated(early), knownAs(shop("s"), customer("u")))} {
		if err := recordExposures(t, store, barred, e); err != nil {
			return err
		}
	}
	for _, ids := range [][]experiment.ID{{customer("u")}, {shop("s"), customer("u")}} {
		if err := recordConversions(t, store, barred, ordered(early, "1", ids...)); err != nil {
			return err
		}
	}
	mixed := experiment.Batch{
		Exposures:   []experiment.Exposure{met("u", "a", 0, dated(early)), met("u", "a", 0, dated(late)), met("w", "a", 0, dated(early), knownAs(shop("u")))},
		Conversions: []experiment.Conversion{ordered(late, "1", customer("u")), ordered(early, "2", customer("u")), ordered(late, "3", customer("w"))},
	}
	if err := record(t, store, mixed, experiment.Receipt{Inserted: 4, Barred: 2}); err != nil {
		return err
	}
	query := ask(orders(0, 0))
	query.AsOf = []time.Time{late.Add(hour)}
	cell := arm("a", 2, totals(1, 1))
	cell.AsOf = query.AsOf[0]
	return expect(t, store, query, answer(cell), Diff)
}

func forgetUnknown(t *trial) error {
	store := t.store()
	if err := forget(t, store, customer("u"), 0, 0); err != nil {
		return err
	}
	early := t.now().Add(-2 * hour)
	dated := func(e *experiment.Exposure) { e.Time = early }
	if err := recordExposures(t, store, barred, met("u", "a", 0, dated)); err != nil {
		return err
	}
	return recordExposures(t, store, inserted, met("v", "a", 0, dated))
}

func forgetAgain(t *trial) error {
	store := t.store()
	late := func(e *experiment.Exposure) { e.Time = t.now().Add(2 * hour) }
	if err := recordExposures(t, store, inserted, met("u", "a", 0, late)); err != nil {
		return err
	}
	for range 2 {
		if err := forget(t, store, customer("u"), 1, 0); err != nil {
			return err
		}
		if err := recordExposures(t, store, inserted, met("u", "a", 0, late)); err != nil {
			return fmt.Errorf("an event dated after the erasure: %w", err)
		}
	}
	return nil
}

func forgetAtMoment(t *trial) error {
	store := t.store()
	t.clock.set(start.Add(999 * time.Nanosecond))
	if err := forget(t, store, customer("u"), 0, 0); err != nil {
		return err
	}
	if err := recordExposures(t, store, barred, met("u", "a", -us), met("u", "a", -1)); err != nil {
		return err
	}
	if err := recordConversions(t, store, barred, did("u", 5, -us)); err != nil {
		return err
	}
	if err := recordExposures(t, store, inserted, met("u", "a", 0)); err != nil {
		return err
	}
	if err := recordConversions(t, store, inserted, did("u", 5, 0)); err != nil {
		return err
	}
	if err := recordExposures(t, store, barred, met("u", "a", -us)); err != nil {
		return fmt.Errorf("an earlier exposure of a key that is stored: %w", err)
	}
	return expect(t, store, ask(orders(0, us)), answer(arm("a", 1, totals(5))), Diff)
}

func forgetForward(t *trial) error {
	store := t.store()
	for _, at := range []time.Duration{hour, 3 * hour, 2 * hour} {
		t.clock.set(start.Add(at))
		if err := forget(t, store, customer("u"), 0, 0); err != nil {
			return err
		}
		if at == hour {
			if err := recordExposures(t, store, inserted, met("u", "a", 2*hour)); err != nil {
				return err
			}
			if err := forget(t, store, customer("u"), 1, 0); err != nil {
				return err
			}
		}
	}
	if err := recordExposures(t, store, barred, met("u", "a", 3*hour-us)); err != nil {
		return err
	}
	return recordExposures(t, store, inserted, met("u", "a", 3*hour))
}
