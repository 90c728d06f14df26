package experiment_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
	queue "github.com/touchlift/touchlift/experiment/record"
)

// The sinks keep results alive, so that nothing is optimised away.
var (
	positionSink uint64
	decisionSink experiment.Decision
)

const benchmarkID = "0191c5f0-7a3b-7c4d-8e5f-60718293a4b5" // 36 bytes

// BenchmarkFloor is the least that any decision costs: XXH64 of a 36-byte id
// and one mix.
func BenchmarkFloor(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		x := xxhash.Sum64String(benchmarkID) ^ 0x9e3779b97f4a7c15
		x ^= x >> 33
		x *= 0xff51afd7ed558ccd
		x ^= x >> 33
		x *= 0xc4ceb9fe1a85ec53
		positionSink = x ^ x>>33
	}
}

// BenchmarkDecide asks for one 50/50 experiment without dates, overrides or
// reduced traffic; "full" has all of them. The subject is built per call.
func BenchmarkDecide(b *testing.B) {
	ctx := context.Background()
	full := checkout()
	full.Starts = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	full.Ends = time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC)
	full.Traffic = experiment.Steady(assign.Share{Num: 9, Den: 10})
	full.Overrides = map[string][]string{"free_returns": {"qa-1", "qa-2"}}
	forced := checkout()
	forced.Overrides = full.Overrides
	for _, row := range []struct {
		name       string
		experiment experiment.Experiment
	}{{"plain", checkout()}, {"forced", forced}, {"full", full}} {
		engine := newEngine(b, row.experiment, experiment.Options{})
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				decisionSink, _ = engine.Decide(ctx, "checkout-page", "checkout", experiment.Customer(benchmarkID))
			}
		})
		b.Run(row.name+"/parallel", func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if d, err := engine.Decide(ctx, "checkout-page", "checkout", experiment.Customer(benchmarkID)); err != nil || d.Variant == "" {
						b.Error("no decision")
					}
				}
			})
		})
	}
}

// eligible is one 50/50 experiment for grown-ups of five countries.
func eligible() *experiment.Catalog {
	e := checkout()
	e.Audience = `country in ["NO", "SE", "DK", "FI", "IS"] && age >= 18`
	c := catalogOf(e)
	c.Attributes = []experiment.Declaration{{Key: "country", Type: audience.TypeString}, {Key: "age", Type: audience.TypeNumber}}
	return c
}

// BenchmarkDecideAudience asks for one 50/50 experiment with a rule. The subject and
// its attributes are built per call.
func BenchmarkDecideAudience(b *testing.B) {
	engine, err := experiment.New(eligible(), experiment.Options{})
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	for _, row := range []struct {
		name string
		age  float64
		want experiment.Reason
	}{{"in", 34, experiment.ReasonArm}, {"out", 17, experiment.ReasonAudience}} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				decisionSink, _ = engine.Decide(ctx, "checkout-page", "checkout",
					experiment.Customer(benchmarkID, experiment.String("country", "FI"), experiment.Number("age", row.age)))
			}
			if decisionSink.Reason != row.want {
				b.Fatal(decisionSink.Reason)
			}
		})
	}
	b.Run("in/parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				d, err := engine.Decide(ctx, "checkout-page", "checkout",
					experiment.Customer(benchmarkID, experiment.String("country", "FI"), experiment.Number("age", 34)))
				if err != nil || !d.Enrolled {
					b.Error("no decision")
				}
			}
		})
	})
}

// BenchmarkExpose decides and records. "handed over" stops at a recorder that
// keeps nothing: the cost of the engine. "queued" is the whole way of a request,
// into the queue of package record, which a store that keeps nothing empties
// beside it; the queue is flushed, unmeasured, before it can fill.
func BenchmarkExpose(b *testing.B) {
	ids := make([]string, 1024)
	for i := range ids {
		ids[i] = fmt.Sprintf("0191c5f0-7a3b-7c4d-8e5f-60718293%04x", i)
	}
	expose := func(b *testing.B, engine *experiment.Engine, i int) {
		var err error
		decisionSink, err = engine.Expose(b.Context(), "checkout-page", "checkout",
			experiment.Customer(ids[i&1023], experiment.String("country", "NO"), experiment.Number("age", 34)))
		if err != nil {
			b.Fatal(err)
		}
	}
	b.Run("handed over", func(b *testing.B) {
		engine := newEngine(b, checkout(), experiment.Options{Recorder: discard{}})
		b.ReportAllocs()
		for i := range b.N {
			expose(b, engine, i)
		}
	})
	b.Run("queued", func(b *testing.B) {
		recorder, err := queue.New(empty{}, queue.Options{})
		if err != nil {
			b.Fatal(err)
		}
		engine := newEngine(b, checkout(), experiment.Options{Recorder: recorder})
		b.ReportAllocs()
		b.ResetTimer()
		for i := range b.N {
			if i%20_000 == 19_999 {
				b.StopTimer()
				if err := recorder.Flush(b.Context()); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
			expose(b, engine, i)
		}
		b.StopTimer()
		if err := recorder.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
	})
}

// empty is a store that takes everything and keeps nothing.
type empty struct{ experiment.Store }

func (empty) Record(_ context.Context, batch experiment.Batch) (experiment.Receipt, error) {
	return experiment.Receipt{Inserted: batch.Len()}, nil
}

// discard is a recorder that takes everything and keeps nothing.
type discard struct{}

func (discard) Expose(context.Context, experiment.Exposure) error  { return nil }
func (discard) Track(context.Context, experiment.Conversion) error { return nil }

func checkout() experiment.Experiment {
	return experiment.Experiment{
		Key:         "checkout",
		Touchpoints: []string{"checkout-page", "order-email"},
		Unit:        experiment.KindCustomer,
		Salt:        "checkout-2026-11",
		Arms: []experiment.Arm{
			{Variant: "control", Weight: 1, Payload: experiment.Payload{"banner": "none"}},
			{Variant: "free_returns", Weight: 1, Payload: experiment.Payload{"banner": "free_returns", "days": 30, "bold": true, "steps": []string{"a", "b"}}},
		},
	}
}

// catalogOf makes a catalogue of experiments, with two touchpoints and two
// metrics to refer to.
func catalogOf(experiments ...experiment.Experiment) *experiment.Catalog {
	return &experiment.Catalog{
		Touchpoints: []experiment.Touchpoint{
			{Key: "checkout-page", Stage: experiment.StagePurchase, Channel: experiment.ChannelWeb},
			{Key: "order-email", Stage: experiment.StagePostPurchase, Channel: experiment.ChannelEmail},
			{Key: "shop-counter", Stage: experiment.StagePurchase, Channel: experiment.ChannelInStore, Offline: true, UnitCost: 0.4},
		},
		Metrics: []experiment.Metric{
			{Key: "conversion_rate", Kind: experiment.MetricProportion, Event: "purchase", Window: 7 * 24 * time.Hour},
			{Key: "revenue_per_visitor", Kind: experiment.MetricMean, Event: "purchase"},
		},
		Experiments: experiments,
	}
}

func newEngine(tb testing.TB, e experiment.Experiment, options experiment.Options) *experiment.Engine {
	tb.Helper()
	engine, err := experiment.New(catalogOf(e), options)
	if err != nil {
		tb.Fatal(err)
	}
	return engine
}
