// Package stats compares the arms of an experiment: tests, intervals and
// checks that take summaries and return numbers with their uncertainty. It
// needs no other package of this module, no clock, no randomness, and no data
// beyond what it is given.
//
//	a, b := stats.Summarize(control), stats.Summarize(treatment)
//	r, err := stats.Welch(a, b, stats.Options{})
//	fmt.Println(r.Difference, r.CI, r.P)
//
// # Which procedure when
//
//	I have, per unit                        and ask                             use
//	a number (revenue, minutes, orders)     does the mean differ?               Welch
//	the same, and arms that vary alike      the same, a little sharper          PooledT
//	the same, to agree with a tool using z  the same                            Z
//	yes or no (converted, churned)          does the rate differ?               Proportions
//	yes or no, one arm                      how sure is this rate?              Wilson
//	yes or no, few units or rates near 0    how large is the difference?        Newcombe, MiettinenNurminen
//	a number                                by how many per cent?               Lift
//	yes or no                               by how many per cent?               RateLift, then its Lift
//	counts of units per arm                 did the split work?                 SRM
//	the same, after weights have changed    did the split work?                 SRMPhases
//	several p-values, no false finding      which ones hold?                    Holm
//	many p-values, few false among found    which ones are worth a look?        BenjaminiHochberg
//	an estimate and its standard error      test and interval?                  Effect.Infer
//
// SRM comes first: a split that did not work makes every other answer void.
//
// # Words
//
// A unit is what was randomised: a customer, a device, a store. One value per
// unit; several orders of one customer are not independent and belong in one
// sum. A summary ([Moments], [Counts]) holds what the procedures need to know
// of the units of one arm. Summaries are values: they are made row by row with
// Add, in SQL ([FromSums]) or by shards, and Merge. Rows, sums and shards lead
// to the same numbers.
//
// An [Effect] is an estimated difference with its standard error. Estimators
// ([MeanDifference], [PooledDifference], [MeanLift], [RateLift]) make it from summaries.
//
// # Conventions
//
// Control comes first, treatment second, [Options] last. A difference is
// treatment - control. A lift is (treatment - control)/|control|, so that it
// has the sign of the difference also where the control mean is negative:
// from -10 to -9.5 is +5 %. [RelativeLift] prints in per cent, the difference
// of two rates ([Points]) in percentage points; rates are fractions.
//
// Alpha is 0.05 and tests are two-sided unless Options say otherwise. A
// one-sided interval is a bound with an infinite other end. Interval and P
// come from the same test and agree: 0 is outside CI exactly where P < Alpha,
// for every procedure but Proportions with the Yates correction.
//
// LogP is the natural logarithm of P and stays finite where P is too small for
// a float64.
//
// # Intervals that are not intervals
//
// A ratio or lift whose baseline may be 0 has a confidence set that is not
// [low, high]. [Interval] carries its kind; read it before the ends.
//
// # When there is no answer
//
// One unit per arm, values that do not vary, a NaN among them, a lift on a
// baseline of 0: there is no inference, and the error says why, in which input
// and what to do ([InputError], one of the Err sentinels). The result beside
// an error carries the means where they exist; P is NaN, never 1, and CI is
// none, never (0, 0). What is only doubtful is computed and comes with a
// [Warning].
//
// # What is gonum's
//
// The mean and variance of values, the normal quantile, and the chi-square tail
// and quantile come from gonum (packages stat and mathext). Summaries that are
// added to and merged, the tests and the intervals are not in gonum; Student's
// t, the beta distribution, tails below 1e-10 and logarithms of p are our own
// because gonum's lose digits or underflow there, and its t quantile takes
// longer than a whole Welch test may. The figures stand in internal/special.
//
// # Proof
//
// Every procedure is compared with values computed to 50 digits, in
// testdata/reference; go test -run '^TestReference$' -v prints each case. The
// directory named by the environment variable TOUCHLIFT_GOLDEN is used in its
// place when set.
package stats
