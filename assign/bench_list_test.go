package assign_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/touchlift/touchlift/assign"
)

// repeated yields n ids of 36 bytes without making them.
func repeated(n int) iter.Seq[string] {
	ids := ids36()
	return func(yield func(string) bool) {
		for i := range n {
			if !yield(ids[i%benchIDs]) {
				return
			}
		}
	}
}

// perUnit reports the time of one of n units.
func perUnit(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/unit")
}

// BenchmarkList is the throughput of a plain list, 1e5 ids at a time.
func BenchmarkList(b *testing.B) {
	const n = 100_000
	split := benchSplit(b, 2, assign.Share{})
	b.ReportAllocs()
	for b.Loop() {
		for row := range split.List(repeated(n)) {
			sinkVariant = row.Variant
		}
	}
	perUnit(b, n)
}

// BenchmarkStratify reads a list of 1e5 units in 10 strata as often as it has to, and
// once more for its rows.
func BenchmarkStratify(b *testing.B) {
	const n = 100_000
	units := unitsOf(rand.New(rand.NewPCG(1, 1)), n/2, n/4, n/8, n/16, n/32, n/64, n/128, n/256, n/512, n/512)
	spec := assign.Spec{Salt: "strata", Arms: weighted(1, 1, 1)}
	b.ReportAllocs()
	for b.Loop() {
		strata, err := assign.Stratify(spec, listed(units))
		if err != nil {
			b.Fatal(err)
		}
		for row := range strata.List(listed(units)) {
			sinkVariant = row.Variant
		}
	}
	perUnit(b, len(units))
}

// BenchmarkMatch groups units by one and by three covariates.
func BenchmarkMatch(b *testing.B) {
	for _, covariates := range []int{1, 3} {
		for _, n := range []int{1_000, 100_000} {
			b.Run(fmt.Sprintf("covariates=%d/units=%d", covariates, n), func(b *testing.B) {
				units := candidatesOf(rand.New(rand.NewPCG(1, 1)), n, covariates)
				for b.Loop() {
					if _, err := assign.Match(evenSpec("bench"), units); err != nil {
						b.Fatal(err)
					}
				}
				perUnit(b, n)
			})
		}
	}
}

// BenchmarkSwitchback is one question for the slot of a region.
func BenchmarkSwitchback(b *testing.B) {
	plan := planOf(b, "bench", evenArms()...)
	at := monday.Add(1000 * time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		slot, _, err := plan.At("oslo", at)
		if err != nil {
			b.Fatal(err)
		}
		sinkVariant = slot.Variant
	}
}
