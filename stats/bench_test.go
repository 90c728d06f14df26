package stats_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/stats"
)

func BenchmarkWelch(b *testing.B) {
	for _, row := range []struct {
		name               string
		control, treatment stats.Moments
	}{
		{"n=10", moments(10, 5.2, 1.1), moments(12, 6.4, 3.7)},
		{"n=100", moments(100, 10, 4), moments(100, 10.5, 4)},
		{"n=1e5", moments(100000, 12.3, 220.5), moments(100000, 12.4, 231.1)},
		{"n=50000", moments(50000, 12.3, 220.5), moments(49800, 12.55, 231.1)},
		{"n=1e6,t=141", moments(1e6, 1, 1), moments(1e6, 1.2, 1)},
	} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := stats.Welch(row.control, row.treatment, stats.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkProportions(b *testing.B) {
	control, treatment := stats.Counts{Successes: 1000, N: 100000}, stats.Counts{Successes: 1090, N: 100000}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := stats.Proportions(control, treatment, stats.ProportionOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLift(b *testing.B) {
	control, treatment := moments(1000, 10, 25), moments(1000, 10.5, 26)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := stats.Lift(control, treatment, stats.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSRM(b *testing.B) {
	for _, row := range []struct {
		name     string
		observed []int64
		weights  []float64
	}{
		{"2 arms", []int64{821588, 815482}, []float64{0.5, 0.5}},
		{"4 arms", []int64{100000, 101000, 99500, 98800}, []float64{1, 1, 1, 1}},
	} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := stats.SRM(row.observed, row.weights); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSummarize(b *testing.B) {
	values := make([]float64, 100_000)
	for i := range values {
		values[i] = math.Sin(float64(i))
	}
	b.ReportAllocs()
	for b.Loop() {
		stats.Summarize(values)
	}
}

func BenchmarkMomentsAdd(b *testing.B) {
	var m stats.Moments
	x := 1.0
	b.ReportAllocs()
	for b.Loop() {
		m.Add(x)
		x += 0.5
	}
}

func BenchmarkMomentsMerge(b *testing.B) {
	var m stats.Moments
	other := moments(3, 1.5, 2)
	b.ReportAllocs()
	for b.Loop() {
		m.Merge(other)
	}
}

// Summaries are made per row and per shard: they must not allocate.
func TestNoAllocations(t *testing.T) {
	var m stats.Moments
	var c stats.Counts
	other := moments(300, 1.5, 2)
	require.Zero(t, testing.AllocsPerRun(100, func() { m.Add(2) }))
	require.Zero(t, testing.AllocsPerRun(100, func() { m.Merge(other) }))
	values := []float64{1, 2, 4}
	require.Zero(t, testing.AllocsPerRun(100, func() { m = stats.Summarize(values) }))
	require.Zero(t, testing.AllocsPerRun(100, func() { c.Add(true); c.Merge(stats.Counts{Successes: 1, N: 2}) }))
	require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = stats.Welch(other, other, stats.Options{}) }))
	require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = stats.SRM([]int64{10, 12}, []float64{1, 1}) }))
}
