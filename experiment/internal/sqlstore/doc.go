// Package sqlstore builds the statement with which a SQL store answers an
// [experiment.Query], and puts the rows that come back together to
// [experiment.Cells]. It is what the SQL stores share; each brings its
// connection, its tables and a [Dialect].
//
// The tables are those of experiment/sqlite/migrations. A store reads the
// [Frame] of a run, the few placements and numbers that belong to it, and calls
// [Build]. The statement then reads each exposure of the run once:
//
//	grouped   one row for each unit: its first exposure, packed with the rank
//	          of its placement into one ordered number, and its groups
//	mixed     the few units with several groups, looked at in full
//	unit      both, with the moments at which a unit enters and leaves
//	total     one row for each unit with conversions, and each change of its
//	          totals
//
// Moments are not joined: a row of the answer says from which to which of the
// query's moments it holds, so the cost hardly grows with their number. (With
// a Cluster it does: a cluster's total changes whenever one of its units does.)
// Units without conversions are counted, not summed.
package sqlstore
