// Package special holds the tails, log-tails and quantiles that package stats
// rests on. They hold where the usual routines give up: a normal tail at
// z = 38, a t tail at 100 million degrees of freedom, a log-probability long
// after the probability itself is 0.
//
// # Words
//
// A tail is the probability above a point: Tail(x) = P(X > x). The small side
// is always computed directly, never as 1 - CDF. Functions that return two
// numbers return the probability and its natural logarithm; the logarithm
// stays finite where the probability underflows to 0, and keeps its digits
// where the probability is close to 1. An upper quantile is the inverse of a
// tail: NormalUpper(0.025) = 1.96.
//
// # What is gonum's
//
// The normal quantile, the chi-square tail and its inverse are gonum's wherever
// it keeps 12 digits; each function says where it does not. Tails of the normal
// come from math.Erfc. Student's t, the beta distribution and all far tails and
// logarithms are our own, for want of digits or speed, with the figures beside
// them.
//
// # Rules
//
// NaN in gives NaN out. A parameter outside its domain (a negative number of
// degrees of freedom, a probability outside [0, 1]) gives NaN: package stats
// judges its inputs before it calls anything here. Nothing allocates.
package special
