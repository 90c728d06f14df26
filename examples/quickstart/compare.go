package main

import (
	"fmt"
	"io"

	"github.com/touchlift/touchlift/experiment/analysis"
)

// compare says what was put into the simulation and what the analysis found of
// it.
func compare(out io.Writer, result analysis.Result) error {
	for _, claim := range []struct {
		metric string
		effect float64
	}{
		{"purchase_rate", trueEffect},
		{"support_rate", 0},
	} {
		row, err := rowOf(result, claim.metric)
		if err != nil {
			return err
		}
		interval := row.Difference.Interval
		holds := "the interval holds the true effect"
		if !interval.Contains(claim.effect) {
			holds = "the interval misses the true effect, as 1 in 20 does"
		}
		fmt.Fprintf(out, "%s: true effect %+.2f points, found %+.2f, interval %+.2f to %+.2f: %s\n",
			claim.metric, 100*claim.effect, 100*row.Difference.Value, 100*interval.Low, 100*interval.High, holds)
	}
	return nil
}

// rowOf finds the row of a metric in the scorecard.
func rowOf(result analysis.Result, metric string) (analysis.Row, error) {
	for _, row := range result.Scorecard {
		if row.Metric == metric {
			return row, nil
		}
	}
	return analysis.Row{}, fmt.Errorf("the scorecard has no row for %s: %s", metric, result.Verdict.Sentence)
}

// explainDatabase says where the events are and how to look at them.
func explainDatabase(out io.Writer, db string) {
	if db == "" {
		fmt.Fprintln(out, "database: it was temporary; keep it with -db quickstart.db")
		return
	}
	fmt.Fprintf(out, "database: sqlite3 %s \"SELECT variant, touchpoint, count(*) FROM exposure_list GROUP BY 1, 2\"\n", db)
}
