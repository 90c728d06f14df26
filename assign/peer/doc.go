// Package peer has the bucketing formulas of other SDKs, so that an experiment that
// runs there can be taken over without one unit changing its arm.
package peer
