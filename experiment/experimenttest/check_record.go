package experimenttest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// recordChecks try that recording is idempotent and what receipts say.
func recordChecks() []check {
	return []check{
		{name: "empty batch", rule: "a batch without events is recorded and changes nothing", run: recordEmpty},
		{name: "receipt of exposures", rule: "an exposure is new, or replaces a later one of its key (Merged), or changes nothing (Duplicate)", run: receiptOfExposures},
		{name: "receipt of conversions", rule: "of two conversions with one id the first recorded stands; another event or value is Conflicting, another time or attribute is not", run: receiptOfConversions},
		{name: "one key twice in a batch", rule: "events of one batch are recorded in its order, as if in batches of one", run: recordTwiceAtOnce},
		{name: "repeated batches", rule: "recording the same events again changes nothing", run: recordRepeatedly},
		{name: "arrival in any order", rule: "exposures merge to the same whatever order and batches they arrive in", run: recordPermuted},
		{name: "read your writes", rule: "what Record acknowledged is in the next answer", run: readYourWrites},
		{name: "concurrent writers", rule: "8 writers of overlapping batches store each event once, and exactly one is told Inserted", run: recordConcurrently},
		{name: "no shared memory", rule: "the store keeps none of the batch's memory, and changes none of it", run: recordThenChange},
	}
}

func recordEmpty(t *trial) error {
	store := t.store()
	if err := record(t, store, experiment.Batch{}, experiment.Receipt{}); err != nil {
		return err
	}
	return expect(t, store, ask(), answer(), Diff)
}

// record records a batch and compares the receipt.
func record(t *trial, store experiment.Store, batch experiment.Batch, want experiment.Receipt) error {
	got, err := store.Record(t.ctx, batch)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	if got != want {
		return fmt.Errorf("the receipt is %+v, want %+v", got, want)
	}
	return nil
}

// recordExposures records batches of one exposure each.
func recordExposures(t *trial, store experiment.Store, want experiment.Receipt, exposures ...experiment.Exposure) error {
	for _, e := range exposures {
		if err := record(t, store, experiment.Batch{Exposures: []experiment.Exposure{e}}, want); err != nil {
			return fmt.Errorf("exposure of %q to %q at %s: %w", e.Unit, e.Variant, describeTime(e.Time), err)
		}
	}
	return nil
}

func recordConversions(t *trial, store experiment.Store, want experiment.Receipt, conversions ...experiment.Conversion) error {
	for _, v := range conversions {
		if err := record(t, store, experiment.Batch{Conversions: []experiment.Conversion{v}}, want); err != nil {
			return fmt.Errorf("conversion %q with value %v: %w", v.Event, v.Value, err)
		}
	}
	return nil
}

var (
	inserted    = experiment.Receipt{Inserted: 1}
	merged      = experiment.Receipt{Merged: 1}
	duplicate   = experiment.Receipt{Duplicate: 1}
	conflicting = experiment.Receipt{Conflicting: 1}
	barred      = experiment.Receipt{Barred: 1}
)

func receiptOfExposures(t *trial) error {
	store := t.store()
	norway, sweden := having(experiment.String("country", "NO")), having(experiment.String("country", "SE"))
	base := met("u", "a", hour, norway)
	for _, step := range []struct {
		want     experiment.Receipt
		exposure experiment.Exposure
	}{
		{inserted, base}, {duplicate, base},
		{duplicate, met("u", "a", hour+us, norway)}, {duplicate, met("u", "a", hour, sweden)},
		{duplicate, met("u", "a", hour+999*time.Nanosecond, norway)},
		{merged, met("u", "a", hour-us, sweden)}, {merged, met("u", "a", hour-us, norway)}, {duplicate, base},
		{inserted, met("w", "a", hour+999*time.Nanosecond, norway)}, {duplicate, met("w", "a", hour, sweden)}, {duplicate, met("w", "a", hour, norway)},
		{inserted, met("u", "b", hour)}, {inserted, met("v", "a", hour)}, {inserted, met("u", "a", hour, at("mail"))},
		{inserted, met("u", "a", hour, inPhase(1))}, {inserted, met("u", "a", hour, ofClass(experiment.ClassSticky))},
		{inserted, changed(base, func(e *experiment.Exposure) { e.Run = "run2" })},
		{inserted, changed(base, func(e *experiment.Exposure) { e.Experiment = "other" })},
		{inserted, changed(base, func(e *experiment.Exposure) { e.Kind = experiment.KindDevice })},
	} {
		if err := recordExposures(t, store, step.want, step.exposure); err != nil {
			return err
		}
	}
	return nil
}

func receiptOfConversions(t *trial) error {
	store := t.store()
	base := did("u", 5, hour, keyed("1"))
	for _, step := range []struct {
		want       experiment.Receipt
		conversion experiment.Conversion
	}{
		{inserted, base}, {duplicate, base},
		{duplicate, did("u", 5, 0, keyed("1"))}, {duplicate, did("v", 5, hour, keyed("1"), with(experiment.Bool("x", true)), through("shop"))},
		{conflicting, did("u", 5.000000000000001, hour, keyed("1"))}, {conflicting, did("u", 5, hour, keyed("1"), of("refund"))},
		{conflicting, did("u", 6, 0, keyed("1"))}, {duplicate, base},
		{inserted, did("u", 5, hour, keyed("2"))},
		{inserted, did("u", 0, hour, keyed("3"))}, {duplicate, did("u", negativeZero(), hour, keyed("3"))},
	} {
		if err := recordConversions(t, store, step.want, step.conversion); err != nil {
			return err
		}
	}
	if err := recordExposures(t, store, inserted, met("u", "a", hour), met("v", "a", hour)); err != nil {
		return err
	}
	return expect(t, store, ask(orders(0, 0)), answer(arm("a", 2, totals(10, 0))), Diff)
}

func recordTwiceAtOnce(t *trial) error {
	store := t.store()
	batch := experiment.Batch{
		Exposures:   []experiment.Exposure{met("u", "a", hour), met("v", "a", 0), met("u", "a", 0), met("u", "a", 2*hour)},
		Conversions: []experiment.Conversion{did("u", 5, hour, keyed("1")), did("u", 7, 0, keyed("1")), did("u", 5, 0, keyed("1")), did("u", 7, hour, keyed("2"))},
	}
	got, err := store.Record(t.ctx, batch)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	// Whether the second of three is merged or a duplicate depends on the order
	// in which a store looks at them.
	got.Duplicate, got.Merged = got.Duplicate+got.Merged, 0
	if want := (experiment.Receipt{Inserted: 4, Duplicate: 3, Conflicting: 1}); got != want {
		return fmt.Errorf("the receipt is, with Merged counted as Duplicate, %+v, want %+v", got, want)
	}
	return expect(t, store, ask(orders(0, 2*hour)), answer(arm("a", 2, totals(12, 0))), Diff)
}

// crowd is a batch of n exposures of n/2 units and n conversions, no two of
// one key.
func crowd(n int) experiment.Batch {
	var batch experiment.Batch
	for i := range n {
		unit := fmt.Sprint("unit ", i/2)
		variant := string(rune('a' + i/2%2))
		batch.Exposures = append(batch.Exposures, met(unit, variant, time.Duration(i)*us, at(fmt.Sprint("page ", i%2))))
		batch.Conversions = append(batch.Conversions, did(unit, float64(i), hour, keyed(fmt.Sprint(i))))
	}
	return batch
}

// crowdAnswer is the answer to ask(count, sum) about a crowd of 40.
func crowdAnswer() experiment.Cells {
	var a, b []float64
	var ones []float64
	for unit := range 20 {
		y := float64(2*unit + 2*unit + 1)
		if unit%2 == 0 {
			a = append(a, y)
			ones = append(ones, 2)
		} else {
			b = append(b, y)
		}
	}
	return answer(arm("a", 10, totals(ones...), totals(a...)), arm("b", 10, totals(ones...), totals(b...)))
}

func crowdQuery() experiment.Query {
	return ask(aggregated(experiment.AggregateCount), aggregated(experiment.AggregateSum))
}

func recordRepeatedly(t *trial) error {
	store := t.store()
	batch := crowd(40)
	half := experiment.Batch{Exposures: batch.Exposures[:20], Conversions: batch.Conversions[:20]}
	for _, step := range []struct {
		batch experiment.Batch
		want  experiment.Receipt
	}{
		{half, experiment.Receipt{Inserted: 40}}, {half, experiment.Receipt{Duplicate: 40}},
		{batch, experiment.Receipt{Inserted: 40, Duplicate: 40}}, {batch, experiment.Receipt{Duplicate: 80}},
	} {
		if err := record(t, store, step.batch, step.want); err != nil {
			return err
		}
	}
	return expect(t, store, crowdQuery(), crowdAnswer(), Diff)
}

// recordPermuted records four exposures of one key and two of others in each
// of many orders.
func recordPermuted(t *trial) error {
	country := func(name string) func(*experiment.Exposure) { return having(experiment.String("country", name)) }
	exposures := []experiment.Exposure{
		met("u", "a", hour, country("A")), met("u", "a", 0, country("D")), met("u", "a", 0, country("C")), met("u", "a", 2*hour, country("B")),
		met("u", "a", us, at("mail"), country("E")), met("u", "a", 0, inPhase(1), country("F")),
	}
	want := answer(levels(arm("a", 1, totals(5)), text("C")))
	query := split(ask(orders(0, hour)), experiment.ByAttribute("country"))
	random := rand.New(rand.NewPCG(1, 2))
	for attempt := range 24 {
		store := t.store()
		random.Shuffle(len(exposures), func(i, j int) { exposures[i], exposures[j] = exposures[j], exposures[i] })
		cut := attempt % (len(exposures) + 1)
		first := experiment.Batch{Exposures: exposures[:cut], Conversions: []experiment.Conversion{did("u", 5, 0)}}
		for _, batch := range []experiment.Batch{first, {Exposures: exposures[cut:]}} {
			if err := recordAll(t, store, batch); err != nil {
				return err
			}
		}
		if err := expect(t, store, query, want, Diff); err != nil {
			return fmt.Errorf("arrived as %s: %w", describeArrival(exposures, cut), err)
		}
	}
	return nil
}

func describeArrival(exposures []experiment.Exposure, cut int) string {
	var text string
	for i, e := range exposures {
		if i == cut {
			text += "| "
		}
		text += fmt.Sprintf("%s+%v/%s/%d ", e.Attributes[0].Value, e.Time.Sub(start), e.Touchpoint, e.Phase)
	}
	return text
}

func readYourWrites(t *trial) error {
	store := t.store()
	var ys []float64
	for i := range 20 {
		unit := fmt.Sprint("unit ", i)
		batch := experiment.Batch{Exposures: []experiment.Exposure{met(unit, "a", 0)}, Conversions: []experiment.Conversion{did(unit, float64(i), hour)}}
		if err := record(t, store, batch, experiment.Receipt{Inserted: 2}); err != nil {
			return err
		}
		ys = append(ys, float64(i))
		if err := expect(t, store, ask(orders(0, 0)), answer(arm("a", int64(i+1), totals(ys...))), Diff); err != nil {
			return fmt.Errorf("after batch %d: %w", i, err)
		}
	}
	return nil
}

const writers = 8

// recordConcurrently lets each writer record the whole crowd, cut and ordered
// in its own way, while another goroutine reads.
func recordConcurrently(t *trial) error {
	store := t.store()
	batch := crowd(40)
	receipts := make([]experiment.Receipt, writers)
	errs := make([]error, writers+1)
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() { receipts[w], errs[w] = writeCrowd(t, store, batch, uint64(w)) })
	}
	group.Go(func() {
		for range 20 {
			if _, err := store.Summarize(t.ctx, crowdQuery()); err != nil {
				errs[writers] = fmt.Errorf("summarize beside writers: %w", err)
			}
		}
	})
	group.Wait()
	var sum experiment.Receipt
	for i, err := range errs {
		if err != nil {
			return err
		}
		if i < writers {
			sum.Add(receipts[i])
		}
	}
	if want := (experiment.Receipt{Inserted: batch.Len(), Duplicate: (writers - 1) * batch.Len()}); sum != want {
		return fmt.Errorf("the receipts of %d writers add up to %+v, want %+v", writers, sum, want)
	}
	return expect(t, store, crowdQuery(), crowdAnswer(), Diff)
}

func writeCrowd(t *trial, store experiment.Store, batch experiment.Batch, seed uint64) (experiment.Receipt, error) {
	random := rand.New(rand.NewPCG(seed, 1))
	exposures, conversions := slices.Clone(batch.Exposures), slices.Clone(batch.Conversions)
	random.Shuffle(len(exposures), func(i, j int) { exposures[i], exposures[j] = exposures[j], exposures[i] })
	random.Shuffle(len(conversions), func(i, j int) { conversions[i], conversions[j] = conversions[j], conversions[i] })
	var sum experiment.Receipt
	for i := 0; i < len(exposures); i += 8 {
		part := experiment.Batch{Exposures: exposures[i : i+8], Conversions: conversions[i : i+8]}
		receipt, err := recordPatiently(t, store, part)
		if err != nil {
			return sum, err
		}
		sum.Add(receipt)
	}
	return sum, nil
}

func recordThenChange(t *trial) error {
	store := t.store()
	batch := experiment.Batch{
		Exposures:   []experiment.Exposure{met("u", "a", 0, knownAs(shop("s"), customer("u")), having(experiment.String("z", "1"), experiment.String("a", "1")))},
		Conversions: []experiment.Conversion{did("u", 5, hour, by(shop("s"), customer("u")), with(experiment.String("z", "1"), experiment.String("a", "1")))},
	}
	if err := recordAll(t, store, batch); err != nil {
		return err
	}
	e, v := &batch.Exposures[0], &batch.Conversions[0]
	if e.IDs[0] != shop("s") || v.IDs[0] != shop("s") || e.Attributes[0].Name != "z" || v.Attributes[0].Name != "z" {
		return fmt.Errorf("record reordered the caller's ids or attributes: %v %v %v %v", e.IDs, v.IDs, e.Attributes, v.Attributes)
	}
	e.IDs[0], e.IDs[1], v.IDs[0], v.IDs[1] = shop("t"), customer("v"), shop("t"), customer("v")
	e.Attributes[0], v.Attributes[0] = experiment.String("z", "2"), experiment.String("z", "2")
	value := orders(0, 0)
	value.Filter = filters(attributed("z", experiment.Equal, text("1")))
	query := clustered(split(ask(value), experiment.ByAttribute("z")), experiment.KindStore)
	return expect(t, store, query, answer(levels(clusters(arm("a", 1, totals(5)), 1, 0), text("1"))), Diff)
}
