package datasets

import (
	"context"
	"slices"
	"time"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
	"github.com/touchlift/touchlift/stats"
)

func (l *Ledger) checkCookieCats(ctx context.Context, dir string, open Open, rows bool, shards int) {
	s, err := loadCookieCats(dir)
	if l.fail("cookie_cats", err) {
		return
	}
	if rows {
		l.cookieRows(&s)
	}
	paths := map[string]string{"retention_7": "retention_7", "retention_1": "retention_1", "rounds": "rounds", "rounds_capped": "rounds_winsor_p99"}
	l.played(ctx, &s, open, shards, func(source string, from analysis.Source, r analysis.Result) {
		if source == "store" {
			l.record(ctx, from, &s, r)
		}
		l.equal(source+": cookie_cats verdict", r.Verdict.Sentence, "rollback gate_40")
		l.health(source+": cookie_cats", r, analysis.CheckSRM, analysis.Warn)
		l.balance(source, "cookie_cats/srm", r)
		l.equal(source+": cookie_cats rows", len(r.Scorecard), 4)
		for _, row := range r.Scorecard {
			if path := "cookie_cats/" + paths[row.Metric]; row.Kind == experiment.MetricMean {
				l.meanRow(source, path, row)
			} else {
				l.rateRow(source, path, row)
			}
		}
	})
}

func (l *Ledger) cookieRows(s *Set) {
	const source, control, treatment = "rows", "gate_30", "gate_40"
	l.number(source, "cookie_cats/rows", float64(len(s.Units)))
	for _, metric := range []string{"retention_1", "retention_7"} {
		l.rates(source, "cookie_cats/"+metric, countsOf(s.Values(control, metric)), countsOf(s.Values(treatment, metric)))
	}
	c, t := s.Values(control, "rounds"), s.Values(treatment, "rounds")
	l.means(source, "cookie_cats/rounds", stats.Summarize(c), stats.Summarize(t))
	l.means(source, "cookie_cats/rounds_winsor_p99", stats.Summarize(s.Values(control, "rounds_capped")), stats.Summarize(s.Values(treatment, "rounds_capped")))
	l.number(source, "cookie_cats/cap_p99", s.Catalog.Metrics[3].Cap)
	outlier := slices.Index(c, slices.Max(c))
	l.number(source, "cookie_cats/max_rounds", c[outlier])
	l.means(source, "cookie_cats/rounds_without_max", stats.Summarize(slices.Delete(slices.Clone(c), outlier, outlier+1)), stats.Summarize(t))
	l.ratio(source, "cookie_cats/srm", int64(len(c)), int64(len(t)))
}

func (l *Ledger) checkLandingPage(ctx context.Context, dir string, open Open, rows bool, shards int) {
	pages, err := loadLandingPage(dir)
	if l.fail("landing_page", err) {
		return
	}
	if rows {
		l.landingRows(&pages)
	}
	l.played(ctx, &pages.clean, open, shards, func(source string, from analysis.Source, r analysis.Result) {
		l.equal(source+": landing_page verdict", r.Verdict.Sentence, "stop: no effect found, keep control")
		l.equal(source+": landing_page contaminated units", len(r.Contaminated), 0)
		l.balance(source, "landing_page/srm", r)
		l.equal(source+": landing_page rows", len(r.Scorecard), 1)
		for _, row := range r.Scorecard {
			l.rateRow(source, "landing_page/conversion", row)
		}
		l.landingDays(ctx, source, from, &pages.clean)
		if source == "store" {
			l.record(ctx, from, &pages.clean, r)
		}
	})
	l.played(ctx, &pages.groups, open, 1, func(source string, _ analysis.Source, r analysis.Result) {
		l.number(source+", all rows by group", "landing_page/crossover_users", float64(met(r)))
		l.equal(source+": landing_page by group, verdict", r.Verdict.Sentence, "stop: no effect found, keep control")
	})
	l.played(ctx, &pages.pages, open, 1, func(source string, _ analysis.Source, r analysis.Result) {
		l.number(source+", all rows by group and page", "landing_page/mismatched_rows", float64(met(r)))
		l.health(source+": landing_page by group and page", r, analysis.CheckContaminated, analysis.Warn)
	})
}

// met counts the contaminated units of a result.
func met(r analysis.Result) int64 {
	n := int64(0)
	for _, g := range r.Groups {
		n += g.Contaminated
	}
	return n
}

func (l *Ledger) landingRows(p *landingPages) {
	const source = "rows"
	s := &p.clean
	l.number(source, "landing_page/rows", float64(p.rows))
	l.number(source, "landing_page/mismatched_rows", float64(p.mismatched))
	l.number(source, "landing_page/unique_users", float64(len(p.groups.Units)))
	l.number(source, "landing_page/clean_rows", float64(len(s.Units)))
	l.number(source, "landing_page/dup_users_after_clean", float64(p.repeated))
	c, t := countsOf(s.Values("control", "conversion")), countsOf(s.Values("treatment", "conversion"))
	l.rates(source, "landing_page/conversion", c, t)
	l.ratio(source, "landing_page/srm", c.N, t.N)
	if r, err := stats.Proportions(c, t, stats.ProportionOptions{Alternative: stats.Greater}); !l.fail(source, err) {
		l.number(source, "landing_page/one_sided_p_greater", r.P)
	}
	joined := 0
	byCountry := make(map[string]map[string]stats.Counts)
	for i := range s.Units {
		u := &s.Units[i]
		country, _ := u.Attributes[0].Value.Text()
		if country != "" {
			joined++
		}
		if byCountry[country] == nil {
			byCountry[country] = make(map[string]stats.Counts)
		}
		counts := byCountry[country][u.Met[0].Variant]
		counts.Add(len(u.Did) > 0)
		byCountry[country][u.Met[0].Variant] = counts
	}
	l.number(source, "landing_page/joined_rows", float64(joined))
	for country, counts := range byCountry {
		l.rates(source, "landing_page/by_country/"+country, counts["control"], counts["treatment"])
	}
}

// landingDays compares the units and conversions so far at the end of each day,
// as the source computes them.
func (l *Ledger) landingDays(ctx context.Context, source string, from analysis.Source, s *Set) {
	const firstDay = "2017-01-02"
	first, _ := time.Parse(time.DateOnly, firstDay)
	var ends []time.Time
	last := s.Experiment().Ends.Add(-s.Catalog.Metrics[0].Window) // the end of the visits
	for first := first; first.Before(last); first = first.Add(day) {
		ends = append(ends, first.Add(day))
	}
	e := s.Experiment()
	cells, err := from.Summarize(ctx, experiment.Query{Experiment: e.Key, Run: e.Run(), Kind: e.Unit, AsOf: ends,
		Values: []experiment.Value{{Event: "converted", Aggregation: experiment.AggregateAny}}})
	if l.fail(source+": landing_page by day", err) {
		return
	}
	for _, c := range cells.Cells {
		i := slices.IndexFunc(ends, c.AsOf.Equal)
		path := "landing_page/daily_cumulative/" + itoa(i) + "/"
		l.text(source, path+"day", ends[i].Add(-day).Format(time.DateOnly))
		l.number(source, path+c.Variant+"_n", float64(c.Units))
		l.number(source, path+c.Variant+"_conv", c.Sums[0].Sum)
	}
}
