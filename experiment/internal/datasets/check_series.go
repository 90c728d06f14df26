package datasets

import (
	"math"
	"strconv"
	"time"

	"github.com/touchlift/touchlift/stats"
)

func itoa(i int) string { return strconv.Itoa(i) }

// checkFastFood compares sales in shops: the shop is the unit of three
// promotions, with the total of its four weeks.
func (l *Ledger) checkFastFood(dir string) {
	const source = "rows"
	rows := make(map[string][]float64)
	totals := make(map[string]map[string]float64)
	markets, n := make(map[string]bool), 0
	err := eachRow(dir, "fastfood_promotion.csv", func(r row) {
		promotion, shop, sales := r.text("Promotion"), r.text("LocationID"), r.number("SalesInThousands")
		rows[promotion] = append(rows[promotion], sales)
		if totals[promotion] == nil {
			totals[promotion] = make(map[string]float64)
		}
		totals[promotion][shop] += sales
		markets[r.text("MarketID")] = true
		n++
	})
	if l.fail("fastfood", err) {
		return
	}
	byRow, byShop := make(map[string]stats.Moments), make(map[string]stats.Moments)
	shops := 0
	for promotion, of := range totals {
		var m stats.Moments
		for _, sales := range of {
			m.Add(sales)
		}
		byShop[promotion], byRow[promotion] = m, stats.Summarize(rows[promotion])
		shops += len(of)
		l.number(source, "fastfood/stores_per_promo/"+promotion, float64(len(of)))
		l.arm(source, "fastfood/store_total/"+promotion, m)
		l.arm(source, "fastfood/row_level/"+promotion, byRow[promotion])
	}
	l.number(source, "fastfood/rows", float64(n))
	l.number(source, "fastfood/stores", float64(shops))
	l.number(source, "fastfood/markets", float64(len(markets)))
	l.ratio(source, "fastfood/srm_stores", byShop["1"].N, byShop["2"].N, byShop["3"].N)
	for pair, arms := range map[string][2]string{"1v2": {"2", "1"}, "3v2": {"2", "3"}, "1v3": {"3", "1"}} {
		l.means(source, "fastfood/pairs_store_totals/"+pair, byShop[arms[0]], byShop[arms[1]])
		l.means(source, "fastfood/pairs_rows_naive/"+pair, byRow[arms[0]], byRow[arms[1]])
	}
}

// series is one metric of one arm over time in the ASOS set.
type series struct {
	metric, pair   string
	ever           bool
	final          stats.Result
	tested         bool
	time           float64
	countC, countT int64
}

// checkASOS compares Welch tests on every snapshot of 396 series.
func (l *Ledger) checkASOS(dir string) {
	const source = "rows"
	all := make(map[string]*series)
	n, untested, experiments := 0, 0, make(map[string]bool)
	err := eachRow(dir, "asos_experiments.csv.gz", func(r row) {
		n++
		experiments[r.text("experiment_id")] = true
		pair := r.text("experiment_id") + "/" + r.text("variant_id")
		key := pair + "/" + r.text("metric_id")
		s := all[key]
		if s == nil {
			s = &series{metric: r.text("metric_id"), pair: pair, time: math.Inf(-1)}
			all[key] = s
		}
		result, tested := asosTest(r)
		if !tested {
			untested++
		}
		s.ever = s.ever || tested && result.P < 0.05
		if at := r.number("time_since_start"); at > s.time {
			s.time, s.final, s.tested = at, result, tested
			s.countC, s.countT = int64(r.number("count_c")), int64(r.number("count_t"))
		}
	})
	if l.fail("asos", err) {
		return
	}
	l.number(source, "asos/rows", float64(n))
	l.number(source, "asos/experiments", float64(len(experiments)))
	l.number(source, "asos/series", float64(len(all)))
	l.number(source, "asos/exp_variant_metric", float64(len(all)))
	l.number(source, "asos/zero_se_rows", float64(untested))
	l.asosFinals(source, all)
}

// asosTest is the Welch test of one snapshot. Snapshots that lack a variance
// have none.
func asosTest(r row) (result stats.Result, tested bool) {
	if r.text("variance_c") == "" || r.text("variance_t") == "" {
		return result, false
	}
	arm := func(side string) stats.Moments {
		n := r.number("count_" + side)
		return stats.Moments{N: int64(n), Mean: r.number("mean_" + side), M2: r.number("variance_"+side) * (n - 1)}
	}
	result, err := stats.Welch(arm("c"), arm("t"), stats.Options{})
	return result, err == nil
}

func (l *Ledger) asosFinals(source string, all map[string]*series) {
	final, ever, lost, untested := 0, 0, 0, 0
	var p []float64
	metrics, found := make(map[string]int), make(map[string]int)
	pairs := make(map[string]bool)
	skewed := 0
	for _, s := range all {
		significant := s.tested && s.final.P < 0.05
		metrics[s.metric]++
		switch {
		case !s.tested:
			untested++
		default:
			p = append(p, s.final.P)
		}
		if significant {
			final++
			found[s.metric]++
		}
		if s.ever {
			ever++
		}
		if s.ever && !significant {
			lost++
		}
		if !pairs[s.pair] {
			pairs[s.pair] = true
			if ratio, err := stats.SRM([]int64{s.countC, s.countT}, []float64{1, 1}); err == nil && ratio.P < 0.001 {
				skewed++
			}
		}
	}
	adjusted, err := stats.BenjaminiHochberg(p)
	l.fail("asos", err)
	rejected := 0
	for _, v := range adjusted {
		if v < 0.05 {
			rejected++
		}
	}
	l.number(source, "asos/final_p_lt_05", float64(final))
	l.number(source, "asos/ever_p_lt_05", float64(ever))
	l.number(source, "asos/ever_but_not_final", float64(lost))
	l.number(source, "asos/final_nan", float64(untested))
	l.number(source, "asos/final_bh_rejections", float64(rejected))
	l.number(source, "asos/exp_variant", float64(len(pairs)))
	l.number(source, "asos/srm_pairs_total", float64(len(pairs)))
	l.number(source, "asos/srm_pairs_p_lt_001_vs_equal_split", float64(skewed))
	for metric, n := range metrics {
		l.number(source, "asos/by_metric/"+metric+"/n", float64(n))
		l.number(source, "asos/by_metric/"+metric+"/p_lt_05", float64(found[metric]))
	}
}

// headline counts the sample ratio checks of a group of headline tests.
type headline struct{ tests, below001, below01 int }

func (h *headline) add(p float64) {
	h.tests++
	if p < 0.001 {
		h.below001++
	}
	if p < 0.01 {
		h.below01++
	}
}

// checkUpworthy compares sample ratio checks of 4,873 headline tests.
func (l *Ledger) checkUpworthy(dir string) {
	const source, path = "rows", "upworthy_exploratory/"
	packages, impressions, most := 0, 0.0, 0
	var observed [][]int64
	err := eachRow(dir, "upworthy_impressions.csv.gz", func(r row) {
		var arms []int64
		for column, i := range r.columns {
			if i == 0 {
				continue
			}
			if n := r.number(column); n > 0 {
				arms = append(arms, int64(n))
				impressions += n
			}
		}
		packages += len(arms)
		most = max(most, len(arms))
		observed = append(observed, arms)
	})
	var created []time.Time
	if err == nil {
		err = eachRow(dir, "upworthy_tests.csv.gz", func(r row) {
			at, _ := time.Parse(time.DateTime, r.text("created"))
			created = append(created, at)
		})
	}
	if l.fail("upworthy", err) || len(created) != len(observed) {
		return
	}
	var all, inside, outside headline
	from, until := time.Date(2013, 6, 25, 0, 0, 0, 0, time.UTC), time.Date(2014, 1, 10, 0, 0, 0, 0, time.UTC)
	for i, arms := range observed {
		weights := make([]float64, len(arms))
		for j := range weights {
			weights[j] = 1
		}
		ratio, err := stats.SRM(arms, weights)
		if l.fail("upworthy", err) {
			return
		}
		all.add(ratio.P)
		if created[i].Before(from) || !created[i].Before(until) {
			outside.add(ratio.P)
		} else {
			inside.add(ratio.P)
		}
	}
	l.number(source, path+"tests", float64(len(observed)))
	l.number(source, path+"packages", float64(packages))
	l.number(source, path+"impressions", impressions)
	l.number(source, path+"max_arms", float64(most))
	for name, h := range map[string]headline{"multi_arm": all, "inside_2013_06_25_to_2014_01_10": inside, "outside": outside} {
		l.number(source, path+name+"/tests", float64(h.tests))
		l.number(source, path+name+"/srm_p_lt_001", float64(h.below001))
		l.number(source, path+name+"/srm_p_lt_01", float64(h.below01))
	}
}
