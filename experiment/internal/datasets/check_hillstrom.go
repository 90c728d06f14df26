package datasets

import (
	"context"
	"strings"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
	"github.com/touchlift/touchlift/experiment/audience"
	"github.com/touchlift/touchlift/stats"
)

var hillstromMails = []string{"Mens E-Mail", "Womens E-Mail"}

// hillstromRows compares what stats makes of the rows.
func (l *Ledger) hillstromRows(s *Set) {
	const control = "No E-Mail"
	l.number("rows", "hillstrom/rows", float64(len(s.Units)))
	for _, arm := range append([]string{control}, hillstromMails...) {
		l.number("rows", "hillstrom/arms/"+arm, float64(len(s.Values(arm, "visit"))))
	}
	for _, mail := range hillstromMails {
		path := "hillstrom/" + mail
		for _, metric := range []string{"visit", "conversion"} {
			l.rates("rows", path+"/"+metric, countsOf(s.Values(control, metric)), countsOf(s.Values(mail, metric)))
		}
		l.means("rows", path+"/spend", stats.Summarize(s.Values(control, "spend")), stats.Summarize(s.Values(mail, "spend")))
	}
	mens, womens := hillstromMails[0], hillstromMails[1]
	l.rates("rows", "hillstrom/Mens vs Womens/visit", countsOf(s.Values(womens, "visit")), countsOf(s.Values(mens, "visit")))
	l.means("rows", "hillstrom/Mens vs Womens/spend", stats.Summarize(s.Values(womens, "spend")), stats.Summarize(s.Values(mens, "spend")))
	l.ratio("rows", "hillstrom/srm", int64(len(s.Values(mens, "visit"))), int64(len(s.Values(womens, "visit"))), int64(len(s.Values(control, "visit"))))
	l.hillstromFamily(s)
}

// hillstromFamily compares the corrections over six comparisons.
func (l *Ledger) hillstromFamily(s *Set) {
	var raw []float64
	for i, mail := range hillstromMails {
		for j, metric := range []string{"visit", "conversion"} {
			r, err := stats.Proportions(countsOf(s.Values("No E-Mail", metric)), countsOf(s.Values(mail, metric)), stats.ProportionOptions{})
			l.fail("hillstrom/multiplicity", err)
			l.text("rows", "hillstrom/multiplicity/order/"+string(rune('0'+3*i+j)), strings.ToLower(strings.Fields(mail)[0])+"."+metric)
			raw = append(raw, r.P)
		}
		r, err := stats.Welch(stats.Summarize(s.Values("No E-Mail", "spend")), stats.Summarize(s.Values(mail, "spend")), stats.Options{})
		l.fail("hillstrom/multiplicity", err)
		l.text("rows", "hillstrom/multiplicity/order/"+string(rune('0'+3*i+2)), strings.ToLower(strings.Fields(mail)[0])+".spend")
		raw = append(raw, r.P)
	}
	holm, err := stats.Holm(raw)
	l.fail("hillstrom/multiplicity/holm", err)
	bh, err := stats.BenjaminiHochberg(raw)
	l.fail("hillstrom/multiplicity/bh", err)
	l.numbers("rows", "hillstrom/multiplicity/raw", raw...)
	l.numbers("rows", "hillstrom/multiplicity/holm", holm...)
	l.numbers("rows", "hillstrom/multiplicity/bh", bh...)
}

// hillstromResult compares an analysis.
func (l *Ledger) hillstromResult(source string, r analysis.Result) {
	l.equal(source+": hillstrom verdict", r.Verdict.Sentence, "ship Mens E-Mail")
	l.equal(source+": hillstrom evaluated as of", r.AsOf, hillstromSent.Add(2*week))
	for _, row := range r.Scorecard {
		path := "hillstrom/" + row.Variant + "/" + row.Metric
		if row.Kind == experiment.MetricMean {
			l.meanRow(source, path, row)
		} else {
			l.rateRow(source, path, row)
		}
	}
	for _, row := range r.Pairwise {
		l.rateRow(source, "hillstrom/Mens vs Womens/visit", row)
	}
	l.equal(source+": hillstrom rows", len(r.Scorecard), 6)
	l.equal(source+": hillstrom pairs of winners", len(r.Pairwise), 1)
	l.balance(source, "hillstrom/srm", r)
}

// hillstromSegmentCells compares the split of the visits by attributes, as the
// source computes it.
func (l *Ledger) hillstromSegmentCells(ctx context.Context, source string, from analysis.Source, s *Set) {
	e, visit := s.Experiment(), s.Catalog.Metrics[0]
	for _, column := range hillstromSegments {
		cells, err := from.Summarize(ctx, experiment.Query{Experiment: e.Key, Run: e.Run(), Kind: e.Unit,
			AsOf: asOf(s.Now), Values: []experiment.Value{visit.Value()}, By: []experiment.Dimension{experiment.ByAttribute(column)}})
		if l.fail(source+": hillstrom by "+column, err) {
			continue
		}
		counts := make(map[string]map[audience.Value]stats.Counts)
		for _, c := range cells.Cells {
			if counts[c.Variant] == nil {
				counts[c.Variant] = make(map[audience.Value]stats.Counts)
			}
			counts[c.Variant][c.By[0]] = stats.Counts{Successes: int64(c.Sums[0].Sum), N: c.Sums[0].N}
		}
		for _, mail := range hillstromMails {
			for level, t := range counts[mail] {
				text, _ := level.Text()
				l.rates(source, "hillstrom/"+mail+"/visit_by_segment/"+column+"="+text, counts["No E-Mail"][level], t)
			}
		}
	}
}
