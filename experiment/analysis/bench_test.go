package analysis_test

import (
	"context"
	"testing"
	"time"

	"github.com/touchlift/touchlift/experiment/analysis"
)

// BenchmarkRun is an analysis with its search for the planned size, where the
// source answers at once.
func BenchmarkRun(b *testing.B) {
	tr := newTrial("blue").arm("control", 5000, 500).arm("blue", 5000, 600).sample(5000)
	options := analysis.Options{Now: func() time.Time { return tr.now }}
	b.ReportAllocs()
	for b.Loop() {
		tr.queries = tr.queries[:0]
		if _, err := analysis.Run(context.Background(), tr, tr.catalog, "trial", options); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRunInMemory is the same with a store of 4,000 customers.
func BenchmarkRunInMemory(b *testing.B) {
	ctx := context.Background()
	store, err := shop(ctx)
	if err != nil {
		b.Fatal(err)
	}
	catalog := checkout()
	options := analysis.Options{Now: func() time.Time { return start.AddDate(0, 0, 30) }}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := analysis.Run(ctx, store, catalog, "checkout-reassurance", options); err != nil {
			b.Fatal(err)
		}
	}
}
