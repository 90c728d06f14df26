package datasets

import (
	"strconv"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// hillstromSent is when every customer of the set got a mail, or none.
var hillstromSent = time.Date(2008, 3, 20, 12, 0, 0, 0, time.UTC)

// Hillstrom is the e-mail campaign of K. Hillstrom's challenge of 2008: no
// mail, a mail for men's or for women's goods. The planned size is that of the
// smallest arm of the file.
func Hillstrom() Set {
	return Set{
		Name: "hillstrom", Key: "hillstrom-mail", Now: hillstromSent.Add(90 * day),
		Catalog: &experiment.Catalog{
			Touchpoints: touchpoints(),
			Metrics: []experiment.Metric{
				{Key: "visit", Kind: experiment.MetricProportion, Event: "visit", Window: 2 * week},
				{Key: "conversion", Kind: experiment.MetricProportion, Event: "purchase", Window: 2 * week},
				{Key: "spend", Kind: experiment.MetricMean, Event: "purchase", Window: 2 * week},
			},
			Experiments: []experiment.Experiment{{
				Key: "hillstrom-mail", Touchpoints: []string{"newsletter"}, Unit: experiment.KindCustomer, Salt: "hillstrom-2008",
				Arms:    arms("No E-Mail", "Mens E-Mail", "Womens E-Mail"),
				Metrics: experiment.Metrics{Primary: "visit", Secondary: []string{"conversion", "spend"}},
				Plan:    experiment.Plan{Sample: 21306},
			}},
		},
	}
}

// hillstromSegments are columns by which reference.json splits the customers.
var hillstromSegments = []string{"channel", "zip_code", "newbie", "history_segment"}

func loadHillstrom(dir string) (Set, error) {
	s := Hillstrom()
	err := eachRow(dir, "hillstrom.csv.gz", func(r row) {
		u := Unit{ID: strconv.Itoa(len(s.Units)), Met: []Contact{{r.text("segment"), "newsletter", hillstromSent}}}
		for _, column := range hillstromSegments {
			u.Attributes = append(u.Attributes, experiment.String(column, r.text(column)))
		}
		if r.yes("visit") {
			u.Did = append(u.Did, Event{"visit", 1, hillstromSent.Add(day)})
		}
		if r.yes("conversion") {
			u.Did = append(u.Did, Event{"purchase", r.number("spend"), hillstromSent.Add(2 * day)})
		}
		s.Units = append(s.Units, u)
	})
	return s, err
}
