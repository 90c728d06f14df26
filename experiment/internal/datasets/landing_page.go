package datasets

import (
	"fmt"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// LandingPage is an old and a new landing page. Each row of the file is a visit:
// the group of the visitor, and the page that was shown.
func LandingPage() Set {
	// The visits end a window earlier, on 24 January, so that nobody's window is
	// cut short.
	ends := time.Date(2017, 2, 22, 0, 0, 0, 0, time.UTC)
	return Set{
		Name: "landing_page", Key: "landing-page-new", Now: ends.Add(90 * day),
		Catalog: &experiment.Catalog{
			Touchpoints: touchpoints(),
			Metrics:     []experiment.Metric{{Key: "conversion", Kind: experiment.MetricProportion, Event: "converted", Window: 4 * week}},
			Experiments: []experiment.Experiment{{
				Key: "landing-page-new", Touchpoints: []string{"landing-page", "assignment"},
				Unit: experiment.KindCustomer, Salt: "landing-2017",
				Arms:    arms("control", "treatment"),
				Metrics: experiment.Metrics{Primary: "conversion"},
				Ends:    ends,
			}},
		},
	}
}

// landingPages are the readings of the file's rows as exposures.
type landingPages struct {
	// clean takes the rows whose page is that of the group.
	clean Set
	// groups takes every row as an exposure to its group: who was in both
	// groups is contaminated.
	groups Set
	// pages takes every row as two exposures, to the group and to the page:
	// who saw the other group's page is contaminated.
	pages Set
	// rows of the file, and those whose page is not that of the group.
	rows, mismatched int
	// repeated users among the clean rows.
	repeated int
}

func loadLandingPage(dir string) (landingPages, error) {
	l := landingPages{clean: LandingPage(), groups: LandingPage(), pages: LandingPage()}
	l.groups.Name, l.pages.Name = "landing_page by group", "landing_page by group and page"
	countries := make(map[string]string)
	if err := eachRow(dir, "landing_page_countries.csv.gz", func(r row) { countries[r.text("user_id")] = r.text("country") }); err != nil {
		return l, err
	}
	index := make(map[*Set]map[string]int)
	visit := func(s *Set, user string, converted bool, at time.Time, contacts ...Contact) bool {
		if index[s] == nil {
			index[s] = make(map[string]int)
		}
		i, seen := index[s][user]
		if !seen {
			i = len(s.Units)
			index[s][user] = i
			s.Units = append(s.Units, Unit{ID: user, Attributes: []experiment.Attribute{experiment.String("country", countries[user])}})
		}
		s.Units[i].Met = append(s.Units[i].Met, contacts...)
		if converted {
			s.Units[i].Did = append(s.Units[i].Did, Event{"converted", 1, at})
		}
		return seen
	}
	var broken error
	err := eachRow(dir, "landing_page_ab.csv.gz", func(r row) {
		at, err := time.Parse("2006-01-02 15:04:05.999999", r.text("timestamp"))
		if err != nil {
			broken = fmt.Errorf("datasets: landing_page: %w", err)
		}
		l.rows++
		user, group, converted := r.text("user_id"), r.text("group"), r.yes("converted")
		page := map[string]string{"old_page": "control", "new_page": "treatment"}[r.text("landing_page")]
		assigned := Contact{group, "assignment", at}
		visit(&l.groups, user, converted, at, assigned)
		visit(&l.pages, user, converted, at, assigned, Contact{page, "landing-page", at})
		switch {
		case page != group:
			l.mismatched++
		case visit(&l.clean, user, converted, at, Contact{page, "landing-page", at}):
			l.repeated++
		}
	})
	if err == nil {
		err = broken
	}
	return l, err
}
