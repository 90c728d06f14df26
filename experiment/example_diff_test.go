package experiment_test

import (
	"fmt"
	"time"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment"
)

// A colleague re-weights a running experiment. Written over the arms it is a reshuffle;
// declared as a phase it is safe to analyse. Raising the traffic moves nobody.
func ExampleDiff() {
	running := threeTouchpoints()
	running.Experiments[0].Traffic = experiment.Steady(assign.Share{Num: 1, Den: 2})
	more := []experiment.Arm{{Variant: "control", Weight: 40}, {Variant: "free_returns", Weight: 60}}
	for _, edit := range []func(e *experiment.Experiment){
		func(e *experiment.Experiment) { e.Arms = more },
		func(e *experiment.Experiment) {
			e.Phases = []experiment.Phase{{From: time.Date(2026, 1, 7, 8, 0, 0, 0, time.UTC), Arms: more}}
		},
		func(e *experiment.Experiment) { e.Traffic = nil },
	} {
		edited := threeTouchpoints()
		edited.Experiments[0] = running.Experiments[0]
		edit(&edited.Experiments[0])
		difference, err := experiment.Diff(running, edited, experiment.DiffOptions{})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(difference.String())
	}
	// Output:
	// free-returns: reshuffle
	//   arms: reshuffle: control 50, free_returns 50 becomes control 40, free_returns 60 without a phase; keep the arms and list the new weights under phases, or give it a new salt
	//   5% of the units change arm
	//     control -> free_returns 5%
	// free-returns: new phase
	//   phases[0]: new phase: is declared from 2026-01-07T08:00:00Z: control 40, free_returns 60
	//   5% of the units change arm
	//     control -> free_returns 5%
	// free-returns: safe
	//   traffic: safe: 50% becomes 100%
	//   50% of the units enter
	//     (not enrolled) -> control 25%
	//     (not enrolled) -> free_returns 25%
}

// A new salt is a new run, also under a new key.
func ExampleDiffExperiments() {
	old, new := threeTouchpoints(), threeTouchpoints()
	new.Experiments[0].Key, new.Experiments[0].Salt = "free-returns-again", "free-returns-2027"
	difference, err := experiment.DiffExperiments(old, "free-returns", new, "free-returns-again", experiment.DiffOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(difference.String())
	// Output:
	// free-returns-again (was free-returns): new run
	//   experiment: safe: is renamed: nobody is moved; events before and after carry different names, so that the analysis splits there
	//   salt: new run: "free-returns-2026" becomes "free-returns-2027": a new run, in which everyone is assigned anew
	//   50% of the units change arm
	//     control -> free_returns 25%
	//     free_returns -> control 25%
}
