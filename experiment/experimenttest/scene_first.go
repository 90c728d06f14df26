package experimenttest

import (
	"slices"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// firstScenes try which exposure a unit counts from.
func firstScenes() []scene {
	return slices.Concat(tieScenes(), keyScenes(), asOfScenes(), []scene{
		{
			name: "first exposure by event time", rule: "a unit counts from its earliest exposure, whatever arrived first",
			exposures: []experiment.Exposure{
				met("u", "a", 2*hour, inPhase(1), at("mail")), met("u", "a", hour, at("page")), met("u", "a", 3*hour, inPhase(2), at("shop")),
			},
			conversions: []experiment.Conversion{did("u", 5, hour), did("u", 7, hour-us)},
			query:       split(ask(orders(0, 0)), experiment.ByTouchpoint()),
			want:        answer(levels(arm("a", 1, totals(5)), text("page"))),
		},
		{
			name: "other runs", rule: "a query sees one experiment, one run and one kind of unit",
			exposures: []experiment.Exposure{met("u", "a", hour),
				changed(met("u", "a", 0), func(e *experiment.Exposure) { e.Experiment = "Checkout" }),
				changed(met("u", "b", 0), func(e *experiment.Exposure) { e.Run = "run2" }),
				changed(met("u", "c", 0), func(e *experiment.Exposure) { e.Kind = experiment.KindStore })},
			conversions: []experiment.Conversion{did("u", 5, 0), did("u", 7, hour)},
			query:       ask(orders(0, 0)), want: answer(arm("a", 1, totals(7))),
		},
		{
			name: "nothing there", rule: "a run without exposures has no cells and is no error",
			conversions: []experiment.Conversion{did("u", 5, 0)},
			query:       ask(orders(0, 0)), want: answer(),
		},
	})
}

// tieScenes try which of several exposures at one time is first.
func tieScenes() []scene {
	country := experiment.ByAttribute("country")
	return []scene{
		{
			name: "first exposure of equal time: phase", rule: "at equal times the lower phase is first, then the smaller variant",
			exposures: []experiment.Exposure{met("u", "a", 0, inPhase(1), at("a")), met("u", "b", 0, at("b"))},
			query:     split(ask(), experiment.ByTouchpoint()),
			want: experiment.Cells{
				Cells: []experiment.Cell{levels(arm("b", 1), text("b"))},
				Moved: []experiment.Transition{goes("b", "a", 1)},
			},
		},
		{
			name: "first exposure of equal time: variant", rule: "at equal times and phases the variant smaller in byte order is first",
			exposures: []experiment.Exposure{met("u", "b", 0, at("a")), met("u", "Z", 0, at("b")), met("u", "é", 0, at("0"))},
			query:     split(firstArm(ask()), experiment.ByTouchpoint()),
			want: experiment.Cells{
				Cells:        []experiment.Cell{levels(arm("Z", 1), text("b"))},
				Contaminated: []experiment.Transition{goes("Z", "b", 1)},
			},
		},
		{
			name: "first exposure of equal time: touchpoint", rule: "at equal times, phases and variants the smaller touchpoint is first",
			exposures: []experiment.Exposure{met("u", "a", 0, at("page"), having(experiment.String("country", "NO"))),
				met("u", "a", 0, at("mail"), having(experiment.String("country", "SE")))},
			query: split(ask(), experiment.ByTouchpoint(), country),
			want:  answer(levels(arm("a", 1), text("mail"), text("SE"))),
		},
		{
			name: "first exposure of equal time: class", rule: "at equal times, phases, variants and touchpoints the smaller class is first",
			exposures: []experiment.Exposure{met("u", "a", 0, ofClass(experiment.ClassSticky), having(experiment.String("country", "SE"))),
				met("u", "a", 0, having(experiment.String("country", "NO")))},
			query: split(ask(), country), want: answer(levels(arm("a", 1), text("NO"))),
		},
	}
}

// keyScenes try what stands of several exposures of one natural key.
func keyScenes() []scene {
	country := experiment.ByAttribute("country")
	return []scene{
		{
			name: "same key, earlier time", rule: "of one key the earliest exposure stands, with its ids and attributes",
			exposures: []experiment.Exposure{met("u", "a", hour, having(experiment.String("country", "SE"))),
				met("u", "a", 0, having(experiment.String("country", "NO"))), met("u", "a", 2*hour, having(experiment.String("country", "DK")))},
			conversions: []experiment.Conversion{did("u", 5, 0)},
			query:       split(ask(orders(0, hour)), country), want: answer(levels(arm("a", 1, totals(5)), text("NO"))),
		},
		{
			name: "same key, equal time", rule: "of one key at equal times the encoding smaller in byte order stands",
			exposures: []experiment.Exposure{met("u", "a", 0, having(experiment.String("country", "SE"))),
				met("u", "a", 0, having(experiment.String("country", "NO"))), met("u", "a", 0, having(experiment.String("country", "PL")))},
			query: split(ask(), country), want: answer(levels(arm("a", 1), text("NO"))),
		},
	}
}

// asOfScenes try what a moment sees.
func asOfScenes() []scene {
	return []scene{
		{
			name: "as of", rule: "as of T exposures and conversions count whose time is before T, not at T",
			exposures:   []experiment.Exposure{met("u", "a", 0), met("v", "b", hour)},
			conversions: []experiment.Conversion{did("u", 5, hour)},
			query:       asOf(ask(orders(0, 0)), 0, us, hour, hour+us),
			want: answer(seen(arm("a", 1, totals(0)), us), seen(arm("a", 1, totals(0)), hour),
				seen(arm("a", 1, totals(5)), hour+us), seen(arm("b", 1, totals(0)), hour+us)),
		},
		{
			name: "as of below a microsecond", rule: "times are cut to the microsecond, those of queries too; Cell.AsOf is the query's",
			exposures: []experiment.Exposure{met("u", "a", 999*time.Nanosecond)},
			query:     asOf(ask(), 999*time.Nanosecond, us+time.Nanosecond),
			want:      answer(seen(arm("a", 1), us+time.Nanosecond)),
		},
	}
}

// groupScenes try what is a group and what is not.
func groupScenes() []scene {
	override, held := ofClass(experiment.ClassOverride), ofClass(experiment.ClassHoldout)
	return []scene{
		{
			name: "overrides", rule: "exposures of class override count nowhere: not as first, not as contamination",
			exposures:   []experiment.Exposure{met("u", "b", 0, override), met("u", "a", hour), met("u", "c", 2*hour, override), met("v", "a", 0, override)},
			conversions: []experiment.Conversion{did("u", 5, 0), did("u", 7, hour)},
			query:       ask(orders(0, 0)), want: answer(arm("a", 1, totals(7))),
		},
		{
			name: "sticky", rule: "exposures of class sticky count like those of class arm",
			exposures: []experiment.Exposure{met("u", "a", 0, ofClass(experiment.ClassSticky)), met("v", "a", 0), met("v", "a", hour, ofClass(experiment.ClassSticky))},
			query:     ask(), want: answer(arm("a", 2)),
		},
		{
			name: "holdout", rule: "exposures of class holdout form a group of their own, whatever their variant",
			exposures:   []experiment.Exposure{met("u", "a", 0, held), met("u", "b", hour, held), met("v", "a", 0), met("w", "b", 0, held, inPhase(1))},
			conversions: []experiment.Conversion{did("u", 5, 0), did("v", 7, 0)},
			query:       ask(orders(0, 0)),
			want:        answer(holdout(1, totals(5)), phased(holdout(1, totals(0)), 1), arm("a", 1, totals(7))),
		},
		{
			name: "holdout and arm", rule: "a variant and the holdout within one phase are two groups: contamination",
			exposures: []experiment.Exposure{met("u", "a", 0, held), met("u", "a", hour), met("v", "a", 0), met("v", "a", hour, held), met("w", "a", 0)},
			query:     ask(),
			want: experiment.Cells{
				Cells: []experiment.Cell{arm("a", 1)},
				Contaminated: []experiment.Transition{
					{AsOf: end, Holdout: true, To: "a", Units: 1}, {AsOf: end, Variant: "a", ToHoldout: true, Units: 1},
				},
			},
		},
	}
}

// contaminationScenes try units in two groups.
func contaminationScenes() []scene {
	crossed := []experiment.Exposure{met("u", "b", hour), met("u", "a", 2*hour), met("v", "b", 0), met("w", "a", 0)}
	orderOfAll := []experiment.Conversion{did("u", 5, 3*hour), did("v", 7, 3*hour), did("w", 11, 3*hour)}
	scenes := []scene{
		{
			name: "contaminated, excluded", rule: "a unit that met two variants in one phase is in no cell by default, and is shown",
			exposures: crossed, conversions: orderOfAll, query: ask(orders(0, 0)),
			want: experiment.Cells{
				Cells:        []experiment.Cell{arm("a", 1, totals(11)), arm("b", 1, totals(7))},
				Contaminated: []experiment.Transition{goes("b", "a", 1)},
			},
		},
		{
			name: "contaminated, first arm", rule: "under FirstArm a contaminated unit counts where it was first exposed",
			exposures: crossed, conversions: orderOfAll, query: firstArm(ask(orders(0, 0))),
			want: experiment.Cells{
				Cells:        []experiment.Cell{arm("a", 1, totals(11)), arm("b", 2, totals(5, 7))},
				Contaminated: []experiment.Transition{goes("b", "a", 1)},
			},
		},
		{
			name: "contaminated as of", rule: "a unit is contaminated as of T if it met two groups before T",
			exposures: []experiment.Exposure{met("u", "b", 0), met("u", "a", hour)},
			query:     asOf(ask(), us, hour, hour+us),
			want: experiment.Cells{
				Cells:        []experiment.Cell{seen(arm("b", 1), us), seen(arm("b", 1), hour)},
				Contaminated: []experiment.Transition{{AsOf: start.Add(hour + us), Variant: "b", To: "a", Units: 1}},
			},
		},
		{
			name: "one variant, many touchpoints", rule: "one variant at several touchpoints and in several classes is no contamination",
			exposures: []experiment.Exposure{met("u", "a", 0), met("u", "a", hour, at("mail")), met("u", "a", 2*hour, ofClass(experiment.ClassSticky))},
			query:     ask(), want: answer(arm("a", 1)),
		},
		{
			name: "contaminated three times", rule: "a transition leads to the first other group of the phase, once for each unit",
			exposures: []experiment.Exposure{met("u", "b", 0), met("u", "c", hour), met("u", "a", 2*hour), met("u", "b", 3*hour, at("mail"))},
			query:     ask(), want: experiment.Cells{Contaminated: []experiment.Transition{goes("b", "c", 1)}},
		},
	}
	return slices.Concat(scenes, phaseScenes())
}

// phaseScenes try units in two phases.
func phaseScenes() []scene {
	return []scene{
		{
			name: "moved", rule: "two variants in different phases are a move, no contamination: the unit counts in its first cell",
			exposures:   []experiment.Exposure{met("u", "a", 0, inPhase(1)), met("u", "b", hour, inPhase(2)), met("u", "c", 2*hour, inPhase(3)), met("v", "a", 0, inPhase(1))},
			conversions: []experiment.Conversion{did("u", 5, 2*hour)},
			query:       ask(orders(0, 0)),
			want: experiment.Cells{
				Cells: []experiment.Cell{phased(arm("a", 2, totals(5, 0)), 1)},
				Moved: []experiment.Transition{{AsOf: end, Variant: "a", Phase: 1, To: "b", Units: 1}},
			},
		},
		{
			name: "moved as of", rule: "a unit has moved as of T if it met the other group before T",
			exposures: []experiment.Exposure{met("u", "a", 0), met("u", "b", hour, inPhase(1))},
			query:     asOf(ask(), hour, hour+us),
			want: experiment.Cells{
				Cells: []experiment.Cell{seen(arm("a", 1), hour), seen(arm("a", 1), hour+us)},
				Moved: []experiment.Transition{{AsOf: start.Add(hour + us), Variant: "a", To: "b", Units: 1}},
			},
		},
		{
			name: "moved to holdout", rule: "the holdout is a group also for moves",
			exposures: []experiment.Exposure{met("u", "a", 0), met("u", "a", hour, inPhase(1), ofClass(experiment.ClassHoldout))},
			query:     ask(),
			want: experiment.Cells{
				Cells: []experiment.Cell{arm("a", 1)},
				Moved: []experiment.Transition{{AsOf: end, Variant: "a", ToHoldout: true, Units: 1}},
			},
		},
		{
			name: "contaminated after a move", rule: "a contaminated unit has not moved; its transition leads to the first other group of the phase of contamination",
			exposures: []experiment.Exposure{met("u", "a", 0), met("u", "b", hour, inPhase(1)), met("u", "c", 2*hour, inPhase(2)), met("u", "a", 3*hour, inPhase(2))},
			query:     firstArm(ask()),
			want: experiment.Cells{
				Cells:        []experiment.Cell{arm("a", 1)},
				Contaminated: []experiment.Transition{goes("a", "c", 1)},
			},
		},
		{
			name: "contaminated in two phases at once", rule: "of several phases of contamination at one time the lowest tells the transition",
			exposures: []experiment.Exposure{met("u", "a", 0), met("u", "a", hour, inPhase(1)), met("u", "a", hour, inPhase(2)),
				met("u", "b", 2*hour, inPhase(2)), met("u", "c", 2*hour, inPhase(1))},
			query: ask(), want: experiment.Cells{Contaminated: []experiment.Transition{goes("a", "c", 1)}},
		},
	}
}

func changed(e experiment.Exposure, change func(*experiment.Exposure)) experiment.Exposure {
	change(&e)
	return e
}
