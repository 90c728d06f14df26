package main

import (
	"context"
	"fmt"
	"io"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
	"github.com/touchlift/touchlift/experiment/report"
)

// importAndAnalyse records the events of a campaign and prints the answer.
func importAndAnalyse(ctx context.Context, c campaign, batch experiment.Batch, store experiment.Store, out io.Writer) error {
	receipt, err := record(ctx, store, batch)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %d exposures, %d conversions; %d of these events are new, %d were known, %d contradict known ones\n\n",
		c.name, len(batch.Exposures), len(batch.Conversions),
		receipt.Inserted+receipt.Merged, receipt.Duplicate, receipt.Conflicting)
	result, err := analysis.Run(ctx, store, c.catalog, c.experiment.Key, analysis.Options{})
	if err != nil {
		return err
	}
	return report.WriteText(out, result)
}

// record stores the events, thousands at a time. Each call is all or nothing
// and durable when it returns. What is known already changes nothing, so a
// failed import is repaired by importing again.
func record(ctx context.Context, store experiment.Store, batch experiment.Batch) (experiment.Receipt, error) {
	const size = 5_000
	var total experiment.Receipt
	for batch.Len() > 0 {
		exposures := min(size, len(batch.Exposures))
		conversions := min(size, len(batch.Conversions))
		receipt, err := store.Record(ctx, experiment.Batch{
			Exposures: batch.Exposures[:exposures], Conversions: batch.Conversions[:conversions],
		})
		if err != nil {
			return total, err
		}
		total.Add(receipt)
		batch.Exposures, batch.Conversions = batch.Exposures[exposures:], batch.Conversions[conversions:]
	}
	return total, nil
}
