package experimenttest

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
)

// roundTripChecks try that a store keeps what it is given.
func roundTripChecks() []check {
	return []check{
		{name: "texts", rule: "every text comes back as it was: Unicode, quotes, control characters, case, blanks, the longest", run: keepTexts},
		{name: "texts of attributes", rule: "names and texts of attributes come back as they were", run: keepAttributes},
		{name: "extreme numbers", rule: "every finite number comes back as it was, to the last bit", run: keepNumbers},
		{name: "extreme numbers of attributes", rule: "numbers of attributes come back as they were, to the last bit", run: keepAttributeNumbers},
		{name: "extreme times", rule: "years 1 to 9999 are kept to the microsecond, in the order of time", run: keepTimes},
		{name: "many attributes", rule: "attributes of up to MaxAttributes bytes are kept", run: keepManyAttributes},
	}
}

func text(s string) audience.Value { return audience.StringValue(s) }

func negativeZero() float64 { return math.Copysign(0, -1) }

// awkwardTexts are all different, also where case, form, blanks, and
// characters above U+FFFF matter.
func awkwardTexts() []string {
	return []string{
		"a", "A", "a ", " a", "á", "a\u0301", "ß", "ss", "ﬀ", "日本語", "🙂", "\uffff", "\U0010ffff", "שלום", "\u202e", "\u2028",
		`"`, `'`, `''`, `\`, `\\`, `\"`, `\u0041`, "`", "%", "_", "*", "?", "$1", ":a", "@a", "--", "/*", ";", "{}", "[]", "null", "true",
		"1", "1.0", "01", "\t", "\n", "\r\n", "\x01", "\x1f", "\x7f", "\u0080", "\ufeff", "<a href=\"&amp;\">",
		strings.Repeat("x", experiment.MaxText), strings.Repeat("x", experiment.MaxText-1) + "y", strings.Repeat("é", experiment.MaxText/2),
	}
}

// keepTexts puts each text in every place of an event, and finds it by it.
func keepTexts(t *trial) error {
	store := t.store()
	var batch experiment.Batch
	for i, s := range awkwardTexts() {
		e := met(s, s, 0, at(s), knownAs(identity("cluster", s)))
		e.Experiment, e.Run = s, s
		batch.Exposures = append(batch.Exposures, e)
		batch.Conversions = append(batch.Conversions, did(s, float64(i+1), hour, keyed(s), of(s), through(s)))
	}
	if err := record(t, store, batch, experiment.Receipt{Inserted: batch.Len()}); err != nil {
		return err
	}
	for i, s := range awkwardTexts() {
		value := experiment.Value{Event: s, Aggregation: experiment.AggregateSum, Filter: filters(touched(experiment.Equal, s))}
		query := split(clustered(ask(value), "cluster"), experiment.ByTouchpoint())
		query.Experiment, query.Run = s, s
		want := answer(levels(clusters(arm(s, 1, totals(float64(i+1))), 1, 0), text(s)))
		if err := expect(t, store, query, want, diffExact); err != nil {
			return fmt.Errorf("text %.60q: %w", s, err)
		}
	}
	if err := keepTextsTogether(t, store); err != nil {
		return err
	}
	return forget(t, store, customer(awkwardTexts()[0]), 2, 1)
}

// keepTextsTogether puts the texts into one run: each a unit, variant,
// touchpoint and cluster of its own.
func keepTextsTogether(t *trial, store experiment.Store) error {
	var batch experiment.Batch
	var want experiment.Cells
	for _, s := range awkwardTexts() {
		batch.Exposures = append(batch.Exposures, met(s, s, 0, at(s), knownAs(shop(s))))
		want.Cells = append(want.Cells, levels(clusters(arm(s, 1), 1, 0), text(s)))
	}
	if err := record(t, store, batch, experiment.Receipt{Inserted: batch.Len()}); err != nil {
		return err
	}
	query := split(clustered(ask(), experiment.KindStore), experiment.ByTouchpoint())
	return expect(t, store, query, want, diffExact)
}

func keepAttributes(t *trial) error {
	store := t.store()
	var batch experiment.Batch
	for i, s := range awkwardTexts() {
		attributes := []experiment.Attribute{experiment.String(s, s), experiment.String("name", s)}
		batch.Exposures = append(batch.Exposures, met(fmt.Sprint(i), "a", 0, having(attributes...)))
		batch.Conversions = append(batch.Conversions, did(fmt.Sprint(i), float64(i+1), hour, with(attributes...)))
	}
	if err := record(t, store, batch, experiment.Receipt{Inserted: batch.Len()}); err != nil {
		return err
	}
	for i, s := range awkwardTexts() {
		value := orders(0, 0)
		value.Filter = filters(attributed(s, experiment.Equal, text(s)), attributed("name", experiment.Equal, text(s)))
		query := split(ask(value), experiment.ByAttribute(s))
		got, err := store.Summarize(t.ctx, query)
		if err != nil {
			return fmt.Errorf("attribute %.60q: Summarize: %w", s, err)
		}
		others := make([]float64, len(batch.Exposures)-1)
		want := answer(levels(arm("a", int64(len(others)), totals(others...)), audience.Value{}), levels(arm("a", 1, totals(float64(i+1))), text(s)))
		if d := diffExact(want, got); d != "" {
			return fmt.Errorf("attribute %.60q: Summarize answers otherwise:\n%s", s, d)
		}
	}
	return nil
}

// awkwardNumbers are all different.
func awkwardNumbers() []float64 {
	return []float64{
		0, 1, -1, 0.1, 1.0 / 3, math.Pi, 1e21, 1e-7, 123456789.123456789, 1<<53 - 1, 1 << 53, 1<<53 + 2, -1 << 63, 1 << 63,
		math.MaxFloat64, -math.MaxFloat64, math.Nextafter(math.MaxFloat64, 0), math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64,
		0x1p-1022, math.Nextafter(0x1p-1022, 0), 5e-320, 1 + 0x1p-52, 0.30000000000000004,
	}
}

// keepNumbers looks for each value by equality and by its pivoted sum, so that
// nothing is squared that would overflow.
func keepNumbers(t *trial) error {
	store := t.store()
	batch := experiment.Batch{Exposures: []experiment.Exposure{met("u", "a", 0)}}
	numbers := awkwardNumbers()
	for i, x := range numbers {
		unit := fmt.Sprint("u", i)
		batch.Exposures = append(batch.Exposures, met(unit, fmt.Sprint("v", i), 0))
		batch.Conversions = append(batch.Conversions, did(unit, x, hour))
		batch.Conversions = append(batch.Conversions, did("u", x, hour))
	}
	batch.Conversions = append(batch.Conversions, did("w", negativeZero(), hour))
	batch.Exposures = append(batch.Exposures, met("w", "w", 0))
	if err := recordAll(t, store, batch); err != nil {
		return err
	}
	for i, x := range numbers {
		sum, count := experiment.Value{Event: "order", Aggregation: experiment.AggregateSum, Pivot: x}, aggregated(experiment.AggregateCount)
		sum.Filter = filters(valued(experiment.Equal, x))
		count.Filter = sum.Filter
		got, err := store.Summarize(t.ctx, ask(sum, count))
		if err != nil {
			return fmt.Errorf("value %v: Summarize: %w", x, err)
		}
		own := experiment.Cells{}
		for _, c := range got.Cells {
			if c.Variant == fmt.Sprint("v", i) || c.Variant == "a" {
				own.Cells = append(own.Cells, c)
			}
		}
		want := answer(arm("a", 1, pivoted(x, x), totals(1)), arm(fmt.Sprint("v", i), 1, pivoted(x, x), totals(1)))
		if d := diffExact(want, own); d != "" {
			return fmt.Errorf("value %v: Summarize answers otherwise:\n%s", x, d)
		}
	}
	return keepTinySums(t, store)
}

// keepTinySums asks for sums of numbers near zero, of which one is negative
// zero.
func keepTinySums(t *trial, store experiment.Store) error {
	tiny := orders(0, 0)
	tiny.Filter = filters(valued(experiment.Less, 1e-319), valued(experiment.GreaterEqual, 0))
	greatest, least := aggregated(experiment.AggregateMax), aggregated(experiment.AggregateMin)
	greatest.Filter, least.Filter = tiny.Filter, tiny.Filter
	got, err := store.Summarize(t.ctx, ask(tiny, greatest, least))
	if err != nil {
		return fmt.Errorf("summarize: %w", err)
	}
	own := experiment.Cells{}
	for _, c := range got.Cells {
		if c.Variant == "a" || c.Variant == "w" {
			own.Cells = append(own.Cells, c)
		}
	}
	sum := math.SmallestNonzeroFloat64 + 5e-320
	want := answer(arm("a", 1, totals(sum), totals(5e-320), totals(0)), arm("w", 1, totals(0), totals(0), totals(0)))
	if d := diffExact(want, own); d != "" {
		return fmt.Errorf("numbers near zero: Summarize answers otherwise:\n%s", d)
	}
	return nil
}

func keepAttributeNumbers(t *trial) error {
	store := t.store()
	var batch experiment.Batch
	var want experiment.Cells
	for i, x := range awkwardNumbers() {
		unit := fmt.Sprint("u", i)
		batch.Exposures = append(batch.Exposures, met(unit, "a", 0, having(experiment.Number("x", x))))
		batch.Conversions = append(batch.Conversions, did(unit, 1, hour, with(experiment.Number("x", x))))
		want.Cells = append(want.Cells, levels(arm("a", 1, totals(1)), audience.NumberValue(x)))
	}
	if err := recordAll(t, store, batch); err != nil {
		return err
	}
	if err := expect(t, store, split(ask(orders(0, 0)), experiment.ByAttribute("x")), want, diffExact); err != nil {
		return err
	}
	for _, x := range awkwardNumbers() {
		value := orders(0, 0)
		value.Filter = filters(attributed("x", experiment.Equal, audience.NumberValue(x)))
		ys := make([]float64, len(batch.Exposures))
		ys[0] = 1
		if err := expect(t, store, ask(value), answer(arm("a", int64(len(ys)), totals(ys...))), diffExact); err != nil {
			return fmt.Errorf("filter on attribute %v: %w", x, err)
		}
	}
	return nil
}

func keepTimes(t *trial) error {
	store := t.store()
	var batch experiment.Batch
	var want experiment.Cells
	query := split(ask(aggregated(experiment.AggregateCount)), experiment.ByDay(nil))
	query.Values[0].Window = 2 * us
	query.AsOf = []time.Time{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}
	for i, s := range []string{
		"0001-01-01T00:00:00.000001Z", "0999-12-31T23:59:59.999999Z", "1582-10-10T00:00:00Z", "1900-02-28T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z",
		"1970-01-01T00:00:00Z", "1970-01-02T00:00:00.000001Z", "2000-02-29T12:00:00.123456Z", "2038-01-19T03:14:08Z", "2262-04-12T00:00:00Z", "9999-12-30T23:59:59.999999Z",
	} {
		moment, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return err
		}
		unit := fmt.Sprint("u", i)
		batch.Exposures = append(batch.Exposures, met(unit, "a", 0, func(e *experiment.Exposure) { e.Time = moment.In(time.FixedZone("", -3600)) }))
		for j := -1; j <= 2; j++ {
			if before := moment.Add(time.Duration(j) * us); before.Year() >= 1 && !before.IsZero() {
				batch.Conversions = append(batch.Conversions, did(unit, 1, 0, keyed(fmt.Sprint(i, j)), func(v *experiment.Conversion) { v.Time = before }))
			}
		}
		cell := levels(arm("a", 1, totals(2)), text(s[:10]))
		cell.AsOf = query.AsOf[0]
		want.Cells = append(want.Cells, cell)
	}
	if err := record(t, store, batch, experiment.Receipt{Inserted: batch.Len()}); err != nil {
		return err
	}
	return expect(t, store, query, want, diffExact)
}

func keepManyAttributes(t *trial) error {
	store := t.store()
	long := experiment.MaxAttributes - len(experiment.EncodeAttributes([]experiment.Attribute{experiment.String("last", "x"), experiment.String("long", "")}))
	attributes := []experiment.Attribute{experiment.String("last", "x"), experiment.String("long", strings.Repeat("y", long))}
	if n := len(experiment.EncodeAttributes(attributes)); n != experiment.MaxAttributes {
		return fmt.Errorf("the check's attributes have %d bytes, want %d", n, experiment.MaxAttributes)
	}
	var many []experiment.Attribute
	for i := range 1000 {
		many = append(many, experiment.Number(fmt.Sprint("n", i), float64(i)))
	}
	batch := experiment.Batch{
		Exposures:   []experiment.Exposure{met("u", "a", 0, having(attributes...)), met("v", "a", 0, having(many...))},
		Conversions: []experiment.Conversion{did("u", 5, hour, with(attributes...)), did("v", 7, hour, with(many...))},
	}
	if err := recordAll(t, store, batch); err != nil {
		return err
	}
	value, other := orders(0, 0), orders(0, 0)
	value.Filter = filters(attributed("long", experiment.Equal, text(strings.Repeat("y", long))))
	other.Filter = filters(attributed("n999", experiment.Equal, audience.NumberValue(999)))
	query := split(ask(value, other), experiment.ByAttribute("last"), experiment.ByAttribute("n998"))
	return expect(t, store, query, answer(
		levels(arm("a", 1, totals(0), totals(7)), audience.Value{}, audience.NumberValue(998)),
		levels(arm("a", 1, totals(5), totals(0)), text("x"), audience.Value{}),
	), diffExact)
}
