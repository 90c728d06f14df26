package analysis_test

import (
	"context"
	"fmt"
	"time"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
)

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// checkout is an experiment on the checkout page: one window of a week, a
// planned size of 2,000 customers per arm.
func checkout() *experiment.Catalog {
	return &experiment.Catalog{
		Touchpoints: []experiment.Touchpoint{{Key: "checkout-page", Stage: experiment.StagePurchase, Channel: experiment.ChannelWeb}},
		Metrics: []experiment.Metric{
			{Key: "orders", Kind: experiment.MetricProportion, Event: "purchase", Window: 7 * 24 * time.Hour},
			{Key: "revenue", Kind: experiment.MetricMean, Event: "purchase", Window: 7 * 24 * time.Hour},
		},
		Experiments: []experiment.Experiment{{
			Key: "checkout-reassurance", Touchpoints: []string{"checkout-page"},
			Unit: experiment.KindCustomer, Salt: "checkout-2026-11",
			Arms:    []experiment.Arm{{Variant: "control", Weight: 1}, {Variant: "free_returns", Weight: 1}},
			Metrics: experiment.Metrics{Primary: "orders", Secondary: []string{"revenue"}},
			Plan:    experiment.Plan{Sample: 2000},
		}},
	}
}

// shop is a store in which 2,000 customers met each variant, one a minute, and
// a share of them bought something for 40 to 49 an hour later.
func shop(ctx context.Context) (*experiment.Memory, error) {
	store := experiment.NewMemory(experiment.MemoryOptions{})
	buys := map[string]int{"control": 10, "free_returns": 13} // of 100
	var batch experiment.Batch
	for variant, share := range buys {
		for i := range 2000 {
			unit, seen := fmt.Sprint(variant, i), start.Add(time.Duration(i)*time.Minute)
			batch.Exposures = append(batch.Exposures, experiment.Exposure{
				Experiment: "checkout-reassurance", Run: "checkout-2026-11", Kind: experiment.KindCustomer, Unit: unit,
				Variant: variant, Touchpoint: "checkout-page", Class: experiment.ClassArm, Time: seen,
			})
			if i%100 < share {
				batch.Conversions = append(batch.Conversions, experiment.Conversion{
					ID: experiment.ConversionKey(unit), Time: seen.Add(time.Hour), Event: "purchase",
					Value: float64(40 + i%10), IDs: []experiment.ID{{Kind: experiment.KindCustomer, Value: unit}},
				})
			}
		}
	}
	_, err := store.Record(ctx, batch)
	return store, err
}

// From a store and a catalogue to a verdict.
func ExampleRun() {
	ctx := context.Background()
	store, err := shop(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := analysis.Run(ctx, store, checkout(), "checkout-reassurance", analysis.Options{
		Now: func() time.Time { return start.AddDate(0, 0, 30) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Verdict.Sentence)
	fmt.Println(result.Verdict.Reason)
	fmt.Println("evaluated as of", result.AsOf.Format(time.DateTime))
	for _, row := range result.Scorecard {
		fmt.Printf("%s %s: %.4g against %.4g, p = %.3g\n", row.Role, row.Metric, row.Treatment.Value, row.Control.Value, row.Test.P)
	}
	// Output:
	// ship free_returns
	// orders is 13.0 % with free_returns against 10.0 % with control: +3.00 points (+1.02 to +4.98 points), adjusted p = 0.00294
	// evaluated as of 2026-11-10 18:19:00
	// primary orders: 0.13 against 0.1, p = 0.00294
	// secondary revenue: 5.68 against 4.45, p = 0.00575
}

// Before the planned size has matured, the result says how far it is and
// nothing about outcomes.
func ExampleRun_waiting() {
	ctx := context.Background()
	store, err := shop(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := analysis.Run(ctx, store, checkout(), "checkout-reassurance", analysis.Options{
		Now: func() time.Time { return start.AddDate(0, 0, 8) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Verdict.Sentence)
	fmt.Println(result.Verdict.Reason)
	fmt.Println("rows of the scorecard:", len(result.Scorecard))
	// Output:
	// keep running
	// 1,441 of 2,000 planned units have matured in control
	// rows of the scorecard: 0
}

// merged answers queries from several stores that share the units among them.
type merged []analysis.Source

func (m merged) Summarize(ctx context.Context, query experiment.Query) (experiment.Cells, error) {
	var answers []experiment.Cells
	for _, source := range m {
		cells, err := source.Summarize(ctx, query)
		if err != nil {
			return experiment.Cells{}, err
		}
		answers = append(answers, cells)
	}
	return experiment.Merge(answers...)
}

// Several stores, each with all events of its own customers, serve as one.
func ExampleSource() {
	ctx := context.Background()
	whole, err := shop(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	north, south := experiment.NewMemory(experiment.MemoryOptions{}), experiment.NewMemory(experiment.MemoryOptions{})
	for _, e := range whole.Exposures() {
		_, err = shard(e.Unit, north, south).Record(ctx, experiment.Batch{Exposures: []experiment.Exposure{e}})
		if err != nil {
			fmt.Println(err)
		}
	}
	for _, c := range whole.Conversions() {
		_, err = shard(c.IDs[0].Value, north, south).Record(ctx, experiment.Batch{Conversions: []experiment.Conversion{c}})
		if err != nil {
			fmt.Println(err)
		}
	}
	result, err := analysis.Run(ctx, merged{north, south}, checkout(), "checkout-reassurance", analysis.Options{
		Now: func() time.Time { return start.AddDate(0, 0, 30) },
	})
	fmt.Println(result.Verdict.Sentence, err)
	// Output: ship free_returns <nil>
}

func shard(unit string, stores ...*experiment.Memory) *experiment.Memory {
	return stores[len(unit)%len(stores)]
}
