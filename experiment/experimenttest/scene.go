package experimenttest

import (
	"fmt"
	"time"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
)

// The words in which the scenes of the suite are written: what a unit met and
// did, in one run of one experiment, and what a query should answer.

// start is the moment from which scenes count their time; end is the as-of of
// a query that names none.
var (
	start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	end   = start.Add(30 * day)
)

const (
	us   = time.Microsecond
	hour = time.Hour
	day  = 24 * time.Hour
)

// scene is a history with a query and its answer, worked out by hand.
type scene struct {
	name        string
	rule        string
	exposures   []experiment.Exposure
	conversions []experiment.Conversion
	query       experiment.Query
	want        experiment.Cells
}

// play records the scene and compares the answer.
func (s scene) play(t *trial) error {
	store := t.store()
	batch := experiment.Batch{Exposures: s.exposures, Conversions: s.conversions}
	if err := recordAll(t, store, batch); err != nil {
		return err
	}
	return expect(t, store, s.query, s.want, Diff)
}

func sceneChecks(scenes []scene) []check {
	var checks []check
	for _, s := range scenes {
		checks = append(checks, check{name: s.name, rule: s.rule, run: s.play})
	}
	return checks
}

// recordAll records a batch whose events are all new or merged.
func recordAll(t *trial, store experiment.Store, batch experiment.Batch) error {
	receipt, err := store.Record(t.ctx, batch)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	if receipt.Total() != batch.Len() {
		return fmt.Errorf("the receipt %+v speaks of %d events, the batch has %d", receipt, receipt.Total(), batch.Len())
	}
	return nil
}

// expect compares the answer to a query.
func expect(t *trial, store experiment.Store, q experiment.Query, want experiment.Cells,
	diff func(want, got experiment.Cells) string) error {
	got, err := store.Summarize(t.ctx, q)
	if err != nil {
		return fmt.Errorf("summarize: %w", err)
	}
	if d := diff(want, got); d != "" {
		return fmt.Errorf("summarize answers otherwise:\n%s", d)
	}
	return nil
}

// met is an exposure of a customer to a variant, at start plus after.
func met(unit, variant string, after time.Duration, changes ...func(*experiment.Exposure)) experiment.Exposure {
	e := experiment.Exposure{
		Experiment: "checkout", Run: "run", Kind: experiment.KindCustomer, Unit: unit, Variant: variant,
		Touchpoint: "page", Class: experiment.ClassArm, Time: start.Add(after),
	}
	for _, change := range changes {
		change(&e)
	}
	return e
}

func inPhase(phase int) func(*experiment.Exposure) {
	return func(e *experiment.Exposure) { e.Phase = phase }
}

func ofClass(class experiment.Class) func(*experiment.Exposure) {
	return func(e *experiment.Exposure) { e.Class = class }
}

func at(touchpoint string) func(*experiment.Exposure) {
	return func(e *experiment.Exposure) { e.Touchpoint = touchpoint }
}

func knownAs(ids ...experiment.ID) func(*experiment.Exposure) {
	return func(e *experiment.Exposure) { e.IDs = ids }
}

func having(attributes ...experiment.Attribute) func(*experiment.Exposure) {
	return func(e *experiment.Exposure) { e.Attributes = attributes }
}

// did is an order of a customer, at start plus after. Its id is made of what
// it is, so two equal orders are one.
func did(unit string, value float64, after time.Duration, changes ...func(*experiment.Conversion)) experiment.Conversion {
	v := experiment.Conversion{
		ID:  experiment.ConversionKey(fmt.Sprint(unit, " ", value, " ", after)),
		IDs: []experiment.ID{{Kind: experiment.KindCustomer, Value: unit}}, Event: "order", Value: value,
		Time: start.Add(after),
	}
	for _, change := range changes {
		change(&v)
	}
	return v
}

func keyed(key string) func(*experiment.Conversion) {
	return func(v *experiment.Conversion) { v.ID = experiment.ConversionKey(key) }
}

func of(event string) func(*experiment.Conversion) {
	return func(v *experiment.Conversion) { v.Event = event }
}

func by(ids ...experiment.ID) func(*experiment.Conversion) {
	return func(v *experiment.Conversion) { v.IDs = ids }
}

func through(touchpoint string) func(*experiment.Conversion) {
	return func(v *experiment.Conversion) { v.Touchpoint = touchpoint }
}

func with(attributes ...experiment.Attribute) func(*experiment.Conversion) {
	return func(v *experiment.Conversion) { v.Attributes = attributes }
}

// ask asks for values as of end.
func ask(values ...experiment.Value) experiment.Query {
	return experiment.Query{
		Experiment: "checkout", Run: "run", Kind: experiment.KindCustomer,
		AsOf: []time.Time{end}, Values: values,
	}
}

func asOf(q experiment.Query, after ...time.Duration) experiment.Query {
	q.AsOf = nil
	for _, a := range after {
		q.AsOf = append(q.AsOf, start.Add(a))
	}
	return q
}

func split(q experiment.Query, by ...experiment.Dimension) experiment.Query {
	q.By = by
	return q
}

func clustered(q experiment.Query, kind experiment.Kind) experiment.Query {
	q.Cluster = kind
	return q
}

func firstArm(q experiment.Query) experiment.Query {
	q.Contaminated = experiment.FirstArm
	return q
}

// orders is the sum of the values of orders, in a window.
func orders(delay, window time.Duration) experiment.Value {
	return experiment.Value{Event: "order", Aggregation: experiment.AggregateSum, Delay: delay, Window: window}
}

func aggregated(aggregation experiment.Aggregation) experiment.Value {
	return experiment.Value{Event: "order", Aggregation: aggregation}
}

func answer(cells ...experiment.Cell) experiment.Cells { return experiment.Cells{Cells: cells} }

// arm is a cell of a variant in phase 0 as of end.
func arm(variant string, units int64, sums ...experiment.Sums) experiment.Cell {
	return experiment.Cell{AsOf: end, Variant: variant, Units: units, Sums: sums}
}

func holdout(units int64, sums ...experiment.Sums) experiment.Cell {
	return experiment.Cell{AsOf: end, Holdout: true, Units: units, Sums: sums}
}

func phased(c experiment.Cell, phase int) experiment.Cell {
	c.Phase = phase
	return c
}

func seen(c experiment.Cell, after time.Duration) experiment.Cell {
	c.AsOf = start.Add(after)
	return c
}

func levels(c experiment.Cell, levels ...audience.Value) experiment.Cell {
	c.By = levels
	return c
}

func clusters(c experiment.Cell, clusters, unclustered int64) experiment.Cell {
	c.Clusters, c.Unclustered = clusters, unclustered
	return c
}

// totals sums up the totals of units.
func totals(ys ...float64) experiment.Sums { return pivoted(0, ys...) }

func pivoted(pivot float64, ys ...float64) experiment.Sums {
	s := experiment.Sums{Pivot: pivot}
	for _, y := range ys {
		s.N++
		s.Sum += y - pivot
		s.SumSquares += (y - pivot) * (y - pivot)
	}
	return s
}

// pairs sums up the totals of units for two values.
func pairs(pivotX, pivotY float64, xys ...[2]float64) experiment.Joint {
	j := experiment.Joint{PivotX: pivotX, PivotY: pivotY}
	for _, xy := range xys {
		x, y := xy[0]-pivotX, xy[1]-pivotY
		j.N++
		j.SumX += x
		j.SumY += y
		j.SumXX += x * x
		j.SumYY += y * y
		j.SumXY += x * y
	}
	return j
}

// goes is a transition of units from phase 0 as of end.
func goes(from, to string, units int64) experiment.Transition {
	return experiment.Transition{AsOf: end, Variant: from, To: to, Units: units}
}

func customer(value string) experiment.ID { return identity(experiment.KindCustomer, value) }

func shop(value string) experiment.ID { return identity(experiment.KindStore, value) }

func identity(kind experiment.Kind, value string) experiment.ID {
	return experiment.ID{Kind: kind, Value: value}
}
