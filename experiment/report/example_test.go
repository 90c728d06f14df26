package report_test

import (
	"context"
	"fmt"
	"time"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
	"github.com/touchlift/touchlift/experiment/report"
)

// recorded answers with sufficient statistics that were computed before.
type recorded struct {
	cells        []experiment.Cell
	contaminated []experiment.Transition
	moved        []experiment.Transition
}

func (r recorded) Summarize(_ context.Context, q experiment.Query) (experiment.Cells, error) {
	var answer experiment.Cells
	for _, asOf := range q.AsOf {
		for _, c := range r.cells {
			c.AsOf, c.Sums = asOf, c.Sums[:len(q.Values)]
			answer.Cells = append(answer.Cells, c)
		}
		for _, t := range r.contaminated {
			t.AsOf = asOf
			answer.Contaminated = append(answer.Contaminated, t)
		}
		for _, t := range r.moved {
			t.AsOf = asOf
			answer.Moved = append(answer.Moved, t)
		}
	}
	return answer, nil
}

func ExampleText() {
	catalog := &experiment.Catalog{
		Touchpoints: []experiment.Touchpoint{{Key: "newsletter", Stage: experiment.StageRetention, Channel: experiment.ChannelEmail}},
		Metrics:     []experiment.Metric{{Key: "visits", Kind: experiment.MetricProportion, Event: "visit", Window: 14 * 24 * time.Hour}},
		Experiments: []experiment.Experiment{{
			Key: "newsletter-subject", Touchpoints: []string{"newsletter"}, Unit: experiment.KindCustomer, Salt: "november",
			Arms:    []experiment.Arm{{Variant: "plain", Weight: 1}, {Variant: "question", Weight: 1}},
			Metrics: experiment.Metrics{Primary: "visits"},
			Ends:    time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		}},
	}
	source := recorded{cells: []experiment.Cell{
		{Variant: "plain", Units: 5012, Sums: []experiment.Sums{{N: 5012, Sum: 401, SumSquares: 401}}},
		{Variant: "question", Units: 4988, Sums: []experiment.Sums{{N: 4988, Sum: 489, SumSquares: 489}}},
	}}
	result, err := analysis.Run(context.Background(), source, catalog, "newsletter-subject", analysis.Options{
		Now: func() time.Time { return time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(report.Text(result))
	// Output:
	// newsletter-subject: ship question
	//   Reason  visits is 9.80 % with question against 8.00 % with plain: +1.80 points (+0.687 to +2.92
	//           points), adjusted p = 0.00155
	//   Next    serve question to everyone, and conclude the experiment
	//
	// Health: good
	//   ok    srm                       sizes of the arms against their weights, all units: p = 0.810;
	//                                   plain is +0.120 points off its share
	//   ok    srm_without_contaminated  no contaminated units to leave out
	//   ok    zero_weight_arm           no traffic in an arm of weight 0
	//   ok    contaminated              no unit met two variants within a phase
	//   ok    contaminated_by_arm       not judged: too few contaminated units
	//   ok    moved                     0 of 10,000 units met another variant in a later phase; they count
	//                                   where they were first exposed
	//   ok    unknown_variant           every unit was exposed to an arm of the experiment
	//   ok    contaminated_effect       no contaminated units
	//   ok    too_few_units             every arm is large enough for the test of the primary metric
	//   ok    no_window                 every unit of the primary metric had the same time to convert
	//   ok    cut_short                 every touchpoint sends its message: what a unit got before the end
	//                                   stays with it
	//
	// Units as of 2026-11-15 00:00:00 UTC, the moment of the evaluation
	//   variant   role       weight  units  matured  contaminated
	//   plain     control         1  5,012    5,012             0
	//   question  treatment       1  4,988    4,988             0
	//
	// Scorecard per exposed customer, 95 % intervals
	// Primary: p adjusted by Holm over 1 comparison
	//   metric  variant     control  treatment              difference              lift        p  adjusted p  mark
	//   visits  question     8.00 %     9.80 %            +1.80 points           +22.5 %  0.00155     0.00155  better
	//                     401/5,012  489/4,988  +0.687 to +2.92 points  +7.08 to +38.0 %
	// Each interval holds by itself; adjusted p values account for the whole family.
}
