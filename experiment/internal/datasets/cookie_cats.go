package datasets

import (
	"time"

	"github.com/touchlift/touchlift/experiment"
)

var cookieInstalled = time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)

// CookieCats is the gate of a mobile game, at level 30 or 40. Players came back
// one or seven days after the installation, and played some rounds; one of them
// 49,854.
func CookieCats() Set {
	metric := func(key, event string, cap float64) experiment.Metric {
		return experiment.Metric{Key: key, Kind: experiment.MetricMean, Event: event, Window: week + day, Cap: cap}
	}
	return Set{
		Name: "cookie_cats", Key: "cookie-cats-gate", Now: cookieInstalled.Add(30 * day),
		Catalog: &experiment.Catalog{
			Touchpoints: touchpoints(),
			Metrics: []experiment.Metric{
				{Key: "retention_7", Kind: experiment.MetricProportion, Event: "opened", Delay: week, Window: day},
				{Key: "retention_1", Kind: experiment.MetricProportion, Event: "opened", Delay: day, Window: day},
				metric("rounds", "rounds", 0),
				metric("rounds_capped", "rounds", 493),
			},
			Experiments: []experiment.Experiment{{
				Key: "cookie-cats-gate", Touchpoints: []string{"gate"}, Unit: experiment.KindDevice, Salt: "cookie-cats",
				Arms:    arms("gate_30", "gate_40"),
				Metrics: experiment.Metrics{Primary: "retention_7", Secondary: []string{"retention_1", "rounds", "rounds_capped"}},
				Plan:    experiment.Plan{Sample: 44700},
			}},
		},
	}
}

func loadCookieCats(dir string) (Set, error) {
	s := CookieCats()
	err := eachRow(dir, "cookie_cats.csv.gz", func(r row) {
		u := Unit{ID: r.text("userid"), Met: []Contact{{r.text("version"), "gate", cookieInstalled}}}
		if r.yes("retention_1") {
			u.Did = append(u.Did, Event{"opened", 1, cookieInstalled.Add(day + time.Hour)})
		}
		if r.yes("retention_7") {
			u.Did = append(u.Did, Event{"opened", 1, cookieInstalled.Add(week + time.Hour)})
		}
		if rounds := r.number("sum_gamerounds"); rounds > 0 {
			u.Did = append(u.Did, Event{"rounds", rounds, cookieInstalled.Add(time.Hour)})
		}
		s.Units = append(s.Units, u)
	})
	return s, err
}
