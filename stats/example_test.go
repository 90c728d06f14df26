package stats_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/touchlift/touchlift/stats"
)

// Order values per customer of two arms, from rows to a result.
func Example() {
	control := []float64{52, 61, 48, 55, 70, 44, 58, 63, 51, 57}
	treatment := []float64{64, 59, 71, 66, 52, 75, 68, 61, 70, 57}
	a, b := stats.Summarize(control), stats.Summarize(treatment)
	r, err := stats.Welch(a, b, stats.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.1f more per customer, between %.1f and %.1f, p = %.3f\n", r.Difference, r.CI.Low, r.CI.High, r.P)
	fmt.Println(r)
	// Output:
	// 8.4 more per customer, between 1.5 and 15.3, p = 0.020
	// difference +8.4, 95 % interval [1.475, 15.32], p = 0.0202 (control 55.9, treatment 64.3; welch_t; few_units)
}

func ExampleWelch() {
	control := stats.Moments{N: 50000, Mean: 12.30, M2: 220.5 * 49999}
	treatment := stats.Moments{N: 49800, Mean: 12.55, M2: 231.1 * 49799}
	r, err := stats.Welch(control, treatment, stats.Options{Alpha: 0.01})
	fmt.Println(r, err)
	// Output:
	// difference +0.25, 99 % interval [0.004945, 0.4951], p = 0.00859 (control 12.3, treatment 12.55; welch_t) <nil>
}

// One user per arm is not evidence of no difference.
func ExampleWelch_noInference() {
	r, err := stats.Welch(stats.Summarize([]float64{5}), stats.Summarize([]float64{7}), stats.Options{})
	fmt.Println(errors.Is(err, stats.ErrTooFewUnits))
	fmt.Println(err)
	fmt.Println(r)
	// Output:
	// true
	// stats: too few units: control.N = 1; want at least 2 units per arm; wait for more
	// difference +2, no inference (control 5, treatment 7; welch_t)
}

func ExamplePooledT() {
	control := stats.Summarize([]float64{4.1, 5.0, 4.6, 5.3})
	treatment := stats.Summarize([]float64{5.6, 6.1, 5.2, 6.4})
	r, err := stats.PooledT(control, treatment, stats.Options{})
	fmt.Printf("t = %.3f on %g degrees of freedom, p = %.4f, %v\n", r.Statistic, r.DF, r.P, err)
	// Output:
	// t = 2.892 on 6 degrees of freedom, p = 0.0276, <nil>
}

func ExampleZ() {
	control := stats.Moments{N: 1000000, Mean: 3.20, M2: 55.0 * 999999}
	treatment := stats.Moments{N: 1000000, Mean: 3.21, M2: 55.4 * 999999}
	r, err := stats.Z(control, treatment, stats.Options{})
	fmt.Printf("z = %.4f, p = %.4f, %v\n", r.Statistic, r.P, err)
	// Output:
	// z = 0.9517, p = 0.3412, <nil>
}

func ExampleProportions() {
	control := stats.Counts{Successes: 12000, N: 50000}
	treatment := stats.Counts{Successes: 12400, N: 50000}
	r, err := stats.Proportions(control, treatment, stats.ProportionOptions{})
	fmt.Println(r.Difference, err)
	fmt.Println(r)
	// Output:
	// +0.8 points <nil>
	// difference +0.8 points, 95 % interval [+0.3 points, +1.3 points], p = 0.00323 (control 24 %, treatment 24.8 %; two_proportion_z_pooled)
}

// No successes in one arm is no obstacle.
func ExampleProportions_noSuccesses() {
	r, err := stats.Proportions(stats.Counts{Successes: 0, N: 1000}, stats.Counts{Successes: 30, N: 1000},
		stats.ProportionOptions{})
	fmt.Printf("p = %.2g, at least %v, %v\n", r.P, stats.Points(r.CI.Low), err)
	// Output:
	// p = 3.4e-08, at least +2.1 points, <nil>
}

func ExampleWilson() {
	i, err := stats.Wilson(stats.Counts{Successes: 0, N: 50}, stats.Options{})
	fmt.Println(i, err)
	// Output:
	// [0, 0.07135] <nil>
}

func ExampleNewcombe() {
	i, err := stats.Newcombe(stats.Counts{Successes: 56, N: 70}, stats.Counts{Successes: 48, N: 80}, stats.Options{})
	fmt.Println(i, err)
	// Output:
	// [-0.3339, -0.05243] <nil>
}

func ExampleMiettinenNurminen() {
	i, err := stats.MiettinenNurminen(stats.Counts{Successes: 56, N: 70}, stats.Counts{Successes: 48, N: 80}, stats.Options{})
	fmt.Println(i, err)
	// Output:
	// [-0.3382, -0.05283] <nil>
}

func ExampleLift() {
	control := stats.Moments{N: 1000, Mean: 10.0, M2: 25 * 999}
	treatment := stats.Moments{N: 1000, Mean: 10.5, M2: 26 * 999}
	r, err := stats.Lift(control, treatment, stats.Options{})
	fmt.Println(r.Lift, err)
	fmt.Println(r)
	// Output:
	// +5.0 % <nil>
	// lift +5.0 %, 95 % interval [+0.5 %, +9.5 %], p = 0.0307 (control 10, treatment 10.5; lift_delta)
}

// A baseline that may be zero: the set of lifts has a gap, and says so.
func ExampleLift_baselineNearZero() {
	control := stats.Moments{N: 100, Mean: 0.2, M2: 4 * 99}
	treatment := stats.Moments{N: 400, Mean: 1.5, M2: 4 * 399}
	r, err := stats.Lift(control, treatment, stats.Options{})
	fmt.Println(r.Method, r.CI.Kind, r.Warnings, err)
	// Output:
	// lift_fieller exclusive [baseline_near_zero] <nil>
}

func ExampleLiftDelta() {
	control := stats.Moments{N: 1000, Mean: 10.0, M2: 25 * 999}
	treatment := stats.Moments{N: 1000, Mean: 10.5, M2: 26 * 999}
	r, err := stats.LiftDelta(control, treatment, stats.Options{Alternative: stats.Greater})
	fmt.Printf("%v, at least %v, %v\n", r.Lift, stats.RelativeLift(r.CI.Low), err)
	// Output:
	// +5.0 %, at least +1.2 %, <nil>
}

func ExampleRateLift() {
	l, err := stats.RateLift(stats.Counts{Successes: 1000, N: 20000}, stats.Counts{Successes: 1060, N: 20000})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := l.Lift(stats.Options{})
	fmt.Println(r.Lift, r.CI.Kind, r.Method, err)
	// Output:
	// +6.0 % bounded lift_delta <nil>
}

// A baseline below zero: -9.5 is better than -10.
func ExampleLiftFieller() {
	control := stats.Moments{N: 1000, Mean: -10, M2: 999}
	treatment := stats.Moments{N: 1000, Mean: -9.5, M2: 999}
	r, err := stats.LiftFieller(control, treatment, stats.Options{})
	fmt.Println(r.Lift, r.CI.Kind, err)
	// Output:
	// +5.0 % bounded <nil>
}

func ExampleRatioFieller() {
	control := stats.Moments{N: 50, Mean: 0, M2: 49}
	treatment := stats.Moments{N: 50, Mean: 2, M2: 49}
	i, err := stats.RatioFieller(control, treatment, stats.Options{})
	fmt.Println(i, err)
	// Output:
	// outside (-7.146, 7.146) <nil>
}

func ExampleSRM() {
	r, err := stats.SRM([]int64{821588, 815482}, []float64{0.5, 0.5})
	fmt.Println(r, err)
	// Output:
	// chi-square 22.77 on 1 df, p = 1.82e-06, largest gap +0.2 points in arm 0 <nil>
}

func ExampleSRM_leak() {
	r, err := stats.SRM([]int64{5100, 4900, 7}, []float64{0.5, 0.5, 0})
	fmt.Printf("p = %.4f, %d leak: %d units in arm %d, %v\n", r.P, len(r.Leaks), r.Leaks[0].Observed, r.Leaks[0].Arm, err)
	// Output:
	// p = 0.0455, 1 leak: 7 units in arm 2, <nil>
}

// Weights went from 1:1 to 9:1; one table over both would raise a false alarm.
func ExampleSRMPhases() {
	r, err := stats.SRMPhases([]stats.Phase{
		{Observed: []int64{5000, 5100}, Weights: []float64{1, 1}},
		{Observed: []int64{9050, 950}, Weights: []float64{9, 1}},
	}, stats.Holdout{})
	fmt.Println(r.Total, err)
	// Output:
	// chi-square 3.768 on 2 df, p = 0.152 <nil>
}

func ExampleHolm() {
	adjusted, err := stats.Holm([]float64{0.03, 0.01, 0.04})
	fmt.Println(adjusted, err)
	// Output:
	// [0.06 0.03 0.06] <nil>
}

func ExampleBenjaminiHochberg() {
	adjusted, err := stats.BenjaminiHochberg([]float64{0.03, 0.01, 0.04})
	fmt.Println(adjusted, err)
	// Output:
	// [0.04 0.03 0.04] <nil>
}

func ExampleSummarize() {
	m := stats.Summarize([]float64{1, 2, 4, 8, 16})
	fmt.Printf("n %d, mean %.1f, variance %.1f\n", m.N, m.Mean, m.Variance())
	// Output:
	// n 5, mean 6.2, variance 37.2
}

// Shards summarise their rows and the summaries merge.
func ExampleMoments_Merge() {
	whole := stats.Summarize([]float64{1, 2, 3})
	whole.Merge(stats.Summarize([]float64{4, 5, 6}))
	text, err := json.Marshal(whole)
	fmt.Println(string(text), err)
	// Output:
	// {"n":6,"mean":3.5,"m2":17.5} <nil>
}

func ExampleMoments_Validate() {
	var m stats.Moments
	m.Add(3)
	m.Add(math.NaN())
	fmt.Println(m.Validate())
	// Output:
	// stats: not a finite number: moments.Mean; a value that is NaN, infinite or too large was added; find and remove it
}

func ExampleFromSums() {
	// SELECT count(*), sum(v - 1000000), sum((v - 1000000) * (v - 1000000))
	m, err := stats.FromSums(3, 1000000, 6, 14)
	fmt.Println(m.N, m.Mean, m.Variance(), err)
	_, err = stats.FromSums(3, 0, 3000006, 3000012000014)
	fmt.Println(errors.Is(err, stats.ErrIllConditioned))
	// Output:
	// 3 1.000002e+06 1 <nil>
	// true
}

func ExampleCounts() {
	var c stats.Counts
	for _, converted := range []bool{true, false, false, true} {
		c.Add(converted)
	}
	fmt.Println(c.Rate(), c.Moments().Mean)
	// Output:
	// 0.5 0.5
}

func ExampleMeanDifference() {
	e, err := stats.MeanDifference(stats.Summarize([]float64{1, 2, 3}), stats.Summarize([]float64{3, 4, 8}))
	fmt.Printf("%.2f +- %.2f on %.2f degrees of freedom, %v\n", e.Estimate, e.SE, e.DF, err)
	// Output:
	// 3.00 +- 1.63 on 2.56 degrees of freedom, <nil>
}

func ExamplePooledDifference() {
	e, err := stats.PooledDifference(stats.Summarize([]float64{1, 2, 3}), stats.Summarize([]float64{3, 4, 8}))
	fmt.Printf("%.2f +- %.2f on %g degrees of freedom, %v\n", e.Estimate, e.SE, e.DF, err)
	// Output:
	// 3.00 +- 1.63 on 4 degrees of freedom, <nil>
}

// An estimate from elsewhere, such as a regression, with 18 degrees of freedom.
func ExampleEffect_Infer() {
	i, err := stats.Effect{Estimate: 1.2, SE: 0.5, DF: 18, N: 20}.Infer(stats.Options{Alternative: stats.Greater})
	fmt.Printf("p = %.4f, %v, %v\n", i.P, i.CI, err)
	// Output:
	// p = 0.0137, 0.333 or more, <nil>
}

func ExampleMeanLift() {
	l, err := stats.MeanLift(stats.Moments{N: 100, Mean: 10, M2: 99}, stats.Moments{N: 100, Mean: 11, M2: 99})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := l.Delta(stats.Options{})
	fmt.Println(r.Lift, err)
	// Output:
	// +10.0 % <nil>
}
