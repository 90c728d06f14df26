// Package report renders an [analysis.Result] for people and for programs.
//
//	result, err := analysis.Run(ctx, store, catalog, "checkout-reassurance", analysis.Options{})
//	fmt.Print(report.Text(result))
//
// The verdict comes first, then the health of the data, then the units of each
// group, then the scorecard. Numbers have three significant digits. A lift is in
// per cent with a sign, a difference of proportions in percentage points, a
// difference of means in the unit of the metric; the three are never mixed.
// Below each value stand its numerator and denominator, below each estimate its
// interval. Names that come from data are printed with control characters
// escaped.
//
// [JSON] writes the same model with stable keys and every digit.
package report
