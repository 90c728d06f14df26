package analysis

import (
	"math"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/stats"
)

// Several phases are combined by post-stratification. With the units n_s of both
// arms in phase s as weights w_s = n_s / n, the mean of an arm is the sum of
// w_s times its mean in s, and the variance of that the sum of w_s^2 times the
// variance of the mean in s. Everything else follows from these.

// The methods over several phases.
const (
	methodStratifiedPooled   = "stratified_two_proportion_z_pooled"
	methodStratifiedNewcombe = "stratified_newcombe"
	methodStratifiedWelch    = "stratified_welch_t"
)

// stratified is the difference over several phases.
func (c contrast) stratified(alpha float64) (Estimate, *Test, error) {
	if c.kind == experiment.MetricProportion {
		return c.stratifiedProportions(alpha)
	}
	return c.stratifiedMeans(alpha)
}

// sumDifference is the sum of the phases' differences by their weights.
func (c contrast) sumDifference() float64 {
	d := 0.0
	for _, s := range c.strata {
		d += s.weight * (s.arms[treatmentArm].moments.Mean - s.arms[controlArm].moments.Mean)
	}
	return d
}

// telling is the part of the variance from which on a phase can spoil the result:
// what is wrong with a smaller one is not worth a warning.
const telling = 0.1

// stratifiedProportions tests with the standard error under "no difference in any
// phase", in which both arms of a phase share its rate: with one phase it is the
// pooled two-proportion test.
func (c contrast) stratifiedProportions(alpha float64) (Estimate, *Test, error) {
	var parts, least []float64
	for _, s := range c.strata {
		a, b := s.arms[controlArm].counts, s.arms[treatmentArm].counts
		both := stats.Counts{Successes: a.Successes + b.Successes, N: a.N + b.N}
		parts = append(parts, s.weight*s.weight*both.Rate()*failures(both)*(1/float64(a.N)+1/float64(b.N)))
		least = append(least, float64(min(a.N, b.N))*min(both.Rate(), failures(both)))
	}
	variance := sum(parts)
	effect := stats.Effect{Estimate: c.sumDifference(), SE: math.Sqrt(variance), DF: math.Inf(1), N: c.units()}
	inference, err := effect.Infer(stats.Options{Alpha: alpha})
	for i, part := range parts {
		if least[i] < leastExpected && part > telling*variance {
			inference.Warnings = append(inference.Warnings, stats.WarnSmallCounts)
			break
		}
	}
	difference := Estimate{Value: effect.Estimate, Method: methodStratifiedNewcombe}
	if interval, err := c.newcombe(alpha); err == nil {
		difference.Interval = interval
	}
	return difference, test(inference, methodStratifiedPooled), err
}

// failures is the rate of units that did not.
func failures(c stats.Counts) float64 { return float64(c.N-c.Successes) / float64(c.N) }

// newcombe is the interval for a linear combination of rates from the Wilson
// interval of each (Zou, Huang and Zhang 2009, Computational Statistics and Data
// Analysis 53:1080-1085). With one phase it is Newcombe's.
func (c contrast) newcombe(alpha float64) (stats.Interval, error) {
	below, above := 0.0, 0.0
	for _, s := range c.strata {
		control, err := wilson(s.arms[controlArm].counts, alpha)
		if err != nil {
			return stats.Interval{}, err
		}
		treatment, err := wilson(s.arms[treatmentArm].counts, alpha)
		if err != nil {
			return stats.Interval{}, err
		}
		w := s.weight * s.weight
		below += w * (square(treatment.low) + square(control.high))
		above += w * (square(treatment.high) + square(control.low))
	}
	d := c.sumDifference()
	return stats.Interval{Low: d - math.Sqrt(below), High: d + math.Sqrt(above), Kind: stats.Bounded}, nil
}

// margins are the distances from a rate to the ends of its interval.
type margins struct{ low, high float64 }

func wilson(c stats.Counts, alpha float64) (margins, error) {
	i, err := stats.Wilson(c, stats.Options{Alpha: alpha})
	return margins{c.Rate() - i.Low, i.High - c.Rate()}, err
}

func square(v float64) float64 { return v * v }

// stratifiedMeans compares with Student's t, the degrees of freedom by
// Satterthwaite over all arms and phases: with one phase it is Welch's test.
func (c contrast) stratifiedMeans(alpha float64) (Estimate, *Test, error) {
	var parts, df []float64
	for _, s := range c.strata {
		for _, arm := range s.arms {
			parts = append(parts, s.weight*s.weight*arm.moments.Variance()/float64(arm.n))
			df = append(df, float64(arm.n-1))
		}
	}
	variance := sum(parts)
	effect := stats.Effect{Estimate: c.sumDifference(), SE: math.Sqrt(variance), DF: satterthwaite(parts, df), N: c.units()}
	inference, err := effect.Infer(stats.Options{Alpha: alpha})
	few, unbalanced := false, false
	for i, s := range c.strata {
		if parts[2*i]+parts[2*i+1] > telling*variance {
			small, large := min(s.arms[0].n, s.arms[1].n), max(s.arms[0].n, s.arms[1].n)
			few, unbalanced = few || small < fewUnits, unbalanced || float64(large) > 10*float64(small)
		}
	}
	if few {
		inference.Warnings = append(inference.Warnings, stats.WarnFewUnits)
	}
	if unbalanced {
		inference.Warnings = append(inference.Warnings, stats.WarnUnbalancedArms)
	}
	difference := Estimate{Value: effect.Estimate, Interval: inference.CI, Method: methodStratifiedWelch}
	return difference, test(inference, methodStratifiedWelch), err
}

// fewUnits is where package stats begins to warn of small arms.
const fewUnits = 30

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}

// satterthwaite is (sum v)^2 / sum (v^2 / df), from parts relative to their sum, so
// that no square over- or underflows. 0, the normal distribution, where nothing
// varies.
func satterthwaite(parts, df []float64) float64 {
	total, inverse := sum(parts), 0.0
	if total == 0 {
		return 0
	}
	for i, v := range parts {
		inverse += square(v/total) / df[i]
	}
	return 1 / inverse
}

// stratifiedLift prepares the lift of one stratified mean over the other.
func (c contrast) stratifiedLift() stats.LiftEffect {
	var variances [2]float64
	for _, s := range c.strata {
		for i, arm := range s.arms {
			v := arm.moments.Variance()
			if c.kind == experiment.MetricProportion {
				v = arm.counts.Rate() * failures(arm.counts)
			}
			variances[i] += s.weight * s.weight * v / float64(arm.n)
		}
	}
	control, treatment := variances[controlArm], variances[treatmentArm]
	return stats.LiftEffect{
		Effect:  stats.Effect{Estimate: c.sumDifference(), SE: math.Sqrt(control + treatment), DF: math.Inf(1), N: c.units()},
		Control: c.mean(controlArm), Treatment: c.mean(treatmentArm), VarControl: control, VarTreatment: treatment,
	}
}
