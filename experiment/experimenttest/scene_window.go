package experimenttest

import (
	"fmt"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// windowScenes tries both ends of every window at -1, 0 and +1 microsecond.
func windowScenes() []scene {
	var scenes []scene
	for _, w := range []struct {
		name, rule string
		value      experiment.Value
		edge       time.Duration // of the window, after the first exposure
		opens      bool          // the window begins there, else it ends
	}{
		{"window opens at first exposure", "an event at the first exposure counts, one before does not",
			orders(0, 0), 0, true},
		{"window opens after the delay", "the window is [first + delay, first + delay + window): its start counts",
			orders(2*hour, 3*hour), 2 * hour, true},
		{"window closes", "the window is [first + delay, first + delay + window): its end does not count",
			orders(2*hour, 3*hour), 5 * hour, false},
		{"window before opens", "before is [first - delay - window, first - delay): its start counts",
			before(orders(2*hour, 3*hour)), -5 * hour, true},
		{"window before closes", "before is [first - delay - window, first - delay): its end does not count",
			before(orders(2*hour, 3*hour)), -2 * hour, false},
		{"window before closes at first exposure", "an event at the first exposure is not before it",
			before(orders(0, 0)), 0, false},
	} {
		for i := -1; i <= 1; i++ {
			counts := i >= 0
			if !w.opens {
				counts = i < 0
			}
			want := 0.0
			if counts {
				want = 5
			}
			scenes = append(scenes, scene{
				name: fmt.Sprintf("%s %+d us", w.name, i), rule: w.rule,
				exposures:   []experiment.Exposure{met("u", "a", 0)},
				conversions: []experiment.Conversion{did("u", 5, w.edge+time.Duration(i)*us)},
				query:       ask(w.value), want: answer(arm("a", 1, totals(want))),
			})
		}
	}
	return append(scenes, unboundedScenes()...)
}

func unboundedScenes() []scene {
	return []scene{
		{
			name: "window without end", rule: "window 0 is unbounded: any event from first + delay on counts",
			exposures:   []experiment.Exposure{met("u", "a", 0)},
			conversions: []experiment.Conversion{did("u", 5, 29*day), did("u", 7, 2*hour), did("u", 11, 2*hour-us)},
			query:       ask(orders(2*hour, 0)), want: answer(arm("a", 1, totals(12))),
		},
		{
			name: "window before without start", rule: "before with window 0 is everything before first - delay",
			exposures:   []experiment.Exposure{met("u", "a", 0)},
			conversions: []experiment.Conversion{did("u", 5, -100*365*day), did("u", 7, -2*hour-us), did("u", 11, -2*hour)},
			query:       ask(before(orders(2*hour, 0))), want: answer(arm("a", 1, totals(12))),
		},
		{
			name: "window of each unit", rule: "the window of a unit counts from its own first exposure",
			exposures:   []experiment.Exposure{met("u", "a", 0), met("v", "a", 10*hour)},
			conversions: []experiment.Conversion{did("u", 5, 10*hour), did("v", 7, 10*hour)},
			query:       ask(orders(0, hour)), want: answer(arm("a", 2, totals(0, 7))),
		},
	}
}

func before(v experiment.Value) experiment.Value {
	v.Side = experiment.Before
	return v
}

// maturityScenes tries the moment at which a window has closed.
func maturityScenes() []scene {
	mature := orders(2*hour, 3*hour)
	mature.MatureOnly = true
	beforeMature := before(orders(hour, 0))
	beforeMature.MatureOnly = true
	matureUnit := experiment.Value{Aggregation: experiment.AggregateUnit, Window: 5 * hour, MatureOnly: true}
	exposures := []experiment.Exposure{met("u", "a", 0), met("v", "a", us)}
	conversions := []experiment.Conversion{did("u", 5, 3*hour), did("v", 7, 3*hour)}
	return []scene{
		{
			name: "maturity", rule: "a unit is mature when first + delay + window <= as of; others are in Units but not in N",
			exposures: exposures, conversions: conversions,
			query: asOf(ask(mature), 5*hour-us, 5*hour, 5*hour+us),
			want: answer(seen(arm("a", 2, totals()), 5*hour-us),
				seen(arm("a", 2, totals(5)), 5*hour), seen(arm("a", 2, totals(5, 7)), 5*hour+us)),
		},
		{
			name: "maturity unasked", rule: "without MatureOnly a unit counts with what happened before as of",
			exposures: exposures, conversions: conversions,
			query: asOf(ask(orders(2*hour, 3*hour)), 3*hour, 3*hour+us),
			want: answer(seen(arm("a", 2, totals(0, 0)), 3*hour),
				seen(arm("a", 2, totals(5, 7)), 3*hour+us)),
		},
		{
			name: "maturity before", rule: "a window before first exposure has closed for every unit, also without a length",
			exposures:   exposures,
			conversions: []experiment.Conversion{did("u", 5, -3*hour)},
			query:       asOf(ask(beforeMature), 2*us), want: answer(seen(arm("a", 2, totals(5, 0)), 2*us)),
		},
		{
			name: "maturity of unit", rule: "aggregation unit with MatureOnly counts the units whose window has closed",
			exposures: exposures, query: asOf(ask(matureUnit), 5*hour),
			want: answer(seen(arm("a", 2, totals(1)), 5*hour)),
		},
	}
}
