package stats

import "math"

// Method names what was computed.
type Method string

// The methods of this package.
const (
	MethodWelch       Method = "welch_t"
	MethodPooledT     Method = "pooled_t"
	MethodZ           Method = "z"
	MethodT           Method = "t"                             // an Effect with degrees of freedom
	MethodPooledZ     Method = "two_proportion_z_pooled"       // with the score interval
	MethodPooledYates Method = "two_proportion_z_pooled_yates" // with the score interval
	MethodUnpooledZ   Method = "two_proportion_z_unpooled"     // with the Wald interval
	MethodLiftDelta   Method = "lift_delta"
	MethodLiftFieller Method = "lift_fieller"
)

// Warning is a code for something that a reader of a result should know. The
// result stands, its error rates may be off.
type Warning string

// The warnings of this package.
const (
	// WarnSmallCounts: an expected cell count is below 5, so that the normal
	// approximation is rough; prefer an exact test.
	WarnSmallCounts Warning = "small_expected_counts"
	// WarnFewUnits: an arm has fewer than 30 units, so that the result relies
	// on the values being close to normal.
	WarnFewUnits Warning = "few_units"
	// WarnUnbalancedArms: one arm has more than 10 times the units of the
	// other. Where the values are skewed, as revenue is, the small arm then
	// decides, and a test finds far too much.
	WarnUnbalancedArms Warning = "unbalanced_arms"
	// WarnConstantArm: all units of one arm have the same value.
	WarnConstantArm Warning = "constant_arm"
	// WarnBaselineNearZero: the baseline is so uncertain beside its size that
	// the delta method is not to be trusted (g of 0.05 or more).
	WarnBaselineNearZero Warning = "baseline_near_zero"
)

// Inference is what every result has in common: how sure we are, and by what
// method.
type Inference struct {
	Method Method
	// SE is the standard error that Statistic divides by.
	SE float64
	// Statistic is t or z: the estimate over SE.
	Statistic float64
	// DF is the degrees of freedom of the t distribution, or +Inf where the
	// normal distribution is used.
	DF float64
	// P is the probability, were there no difference, of a statistic at least
	// as far out in the direction of Alternative. It can underflow to 0; LogP
	// does not. NaN beside an error: no inference was possible.
	P float64
	// LogP is the natural logarithm of P.
	LogP float64
	// CI is the confidence interval at 1 - Alpha; one-sided where Alternative
	// is.
	CI          Interval
	Alpha       float64
	Alternative Alternative
	Warnings    []Warning // nil where there is nothing to say
}

// noInference is what goes beside an error: nothing in it can be taken for a
// finding.
func noInference(method Method, o Options) Inference {
	nan := math.NaN()
	return Inference{Method: method, SE: nan, Statistic: nan, DF: nan, P: nan, LogP: nan,
		CI: noInterval(), Alpha: o.Alpha, Alternative: o.Alternative}
}

// Result compares two means. Difference, Control, Treatment, SE and CI are in
// the unit of the metric.
type Result struct {
	Inference
	Difference float64 // treatment - control
	Control    float64 // mean of control
	Treatment  float64 // mean of treatment
}

// ProportionResult compares two rates. Control, Treatment, SE and CI are
// fractions: 0.05 is 5 %.
type ProportionResult struct {
	Inference
	Difference Points  // treatment - control; 0.008 is +0.8 points
	Control    float64 // rate of control
	Treatment  float64 // rate of treatment
}

// LiftResult compares two means relative to control. SE and CI are on the
// scale of the lift: 0.05 is +5 %.
type LiftResult struct {
	Inference
	Lift      RelativeLift // (treatment - control)/|control|
	Control   float64      // mean of control
	Treatment float64      // mean of treatment
	// G says how near zero the baseline is: the squared ratio of the
	// half-width of its own interval to its size. From 1 on, the baseline
	// could be zero and no bounded interval for the lift exists.
	G float64
}
