package experiment_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// filled is a store of n events: of six, five are exposures of units of their
// own and one is an order.
func filled(b *testing.B, n int) *experiment.Memory {
	b.Helper()
	m := experiment.NewMemory(experiment.MemoryOptions{})
	const size = 1000
	for from := 0; from < n; from += size {
		var batch experiment.Batch
		for i := from; i < min(from+size, n); i++ {
			ids := []experiment.ID{{Kind: experiment.KindCustomer, Value: "customer-" + strconv.Itoa(i-i%6)}}
			if i%6 == 5 {
				batch.Conversions = append(batch.Conversions, experiment.Conversion{
					ID: experiment.ConversionKey(strconv.Itoa(i)), Event: "order", Value: float64(i % 100),
					Time: noon.Add(time.Hour + time.Duration(i)*time.Millisecond), IDs: ids,
				})
				continue
			}
			ids[0].Value = "customer-" + strconv.Itoa(i)
			batch.Exposures = append(batch.Exposures, experiment.Exposure{
				Experiment: "checkout", Run: "run", Kind: experiment.KindCustomer, Unit: ids[0].Value, IDs: ids,
				Variant: []string{"a", "b"}[i%2], Touchpoint: "page", Class: experiment.ClassArm,
				Time:       noon.Add(time.Duration(i) * time.Millisecond),
				Attributes: []experiment.Attribute{experiment.String("country", []string{"NO", "SE", "DK"}[i%3])},
			})
		}
		if _, err := m.Record(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	return m
}

func BenchmarkMemorySummarize(b *testing.B) {
	query := experiment.Query{
		Experiment: "checkout", Run: "run", Kind: experiment.KindCustomer, AsOf: []time.Time{noon.Add(1000 * time.Hour)},
		Values: []experiment.Value{
			{Event: "order", Aggregation: experiment.AggregateAny},
			{Event: "order", Aggregation: experiment.AggregateSum, Window: 7 * 24 * time.Hour, MatureOnly: true},
		},
		Cross: [][2]int{{0, 1}},
		By:    []experiment.Dimension{experiment.ByAttribute("country")},
	}
	for _, n := range []int{1e5, 1e6} {
		b.Run(fmt.Sprint("events=", n), func(b *testing.B) {
			m := filled(b, n)
			b.ReportAllocs()
			for b.Loop() {
				cells, err := m.Summarize(context.Background(), query)
				if err != nil || len(cells.Cells) != 5 { // of six residues one is an order
					b.Fatal(len(cells.Cells), err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/event")
		})
	}
}

func BenchmarkMemoryRecord(b *testing.B) {
	const n = 100_000
	b.ReportAllocs()
	for b.Loop() {
		filled(b, n)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/event")
}
