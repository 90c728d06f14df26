package analysis_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
)

// under puts the trial under holdouts of its catalogue.
func (tr *trial) under(holdouts ...experiment.Holdout) *trial {
	for i := range holdouts {
		holdouts[i].Unit = experiment.KindCustomer
	}
	tr.catalog.Holdouts = append(tr.catalog.Holdouts, holdouts...)
	return tr
}

func percent(n uint64) assign.Share { return assign.Share{Num: n, Den: 100} }

var everywhere = experiment.Scope{Global: true}

// requires makes the trial require another experiment, which names a holdout.
func (tr *trial) requires(holdout string) *trial {
	other := tr.catalog.Experiments[0]
	other.Key, other.Salt, other.Holdout, other.Metrics = "other", "other", holdout, experiment.Metrics{}
	tr.catalog.Experiments = append(tr.catalog.Experiments, other)
	tr.experiment().Requires = experiment.Requirement{Experiment: "other", Variant: "blue"}
	return tr
}

// further makes what the trial requires require a third experiment, which names a holdout.
func (tr *trial) further(holdout string) *trial {
	third := tr.catalog.Experiments[1]
	third.Key, third.Salt, third.Holdout = "third", "third", holdout
	tr.catalog.Experiments = append(tr.catalog.Experiments, third)
	tr.catalog.Experiments[1].Requires = experiment.Requirement{Experiment: "third", Variant: "blue"}
	return tr
}

// without takes the scope from a holdout, so that it applies by name only.
func (tr *trial) without(holdout string) *trial {
	for i := range tr.catalog.Holdouts {
		if tr.catalog.Holdouts[i].Key == holdout {
			tr.catalog.Holdouts[i].Scope = experiment.Scope{}
		}
	}
	return tr
}

// named is a holdout of 10 % that applies by name only.
func named(key string) experiment.Holdout {
	return experiment.Holdout{Key: key, Salt: key, Share: percent(10)}
}

func TestHealthOfHoldout(t *testing.T) {
	ten := experiment.Holdout{Key: "ten", Salt: "ten", Share: percent(10), Scope: everywhere}
	arms := func() *trial { return newTrial("blue").arm("control", 4500, 450).arm("blue", 4500, 460) }
	checkHealth(t, []healthCase{
		{"as expected", "10 % of 10,000", arms().holdout(1000).under(ten), analysis.CheckHoldout, analysis.OK,
			"1,000 of 10,000 units (10.0 %) were kept out, 10.0 % are expected by ten: p = 1"},
		{"too few", "a holdout never fails", arms().holdout(500).under(ten), analysis.CheckHoldout, analysis.Warn, "500 of 9,500 units (5.26 %)"},
		{"nobody", "exposures of the holdout are not recorded", arms().under(ten), analysis.CheckHoldout, analysis.Warn, "0 of 9,000 units (0 %)"},
		{"two streams", "1 - 0.9 x 0.8 of the units are in one of them", newTrial("blue").arm("control", 3600, 450).arm("blue", 3600, 460).holdout(2800).
			under(ten, experiment.Holdout{Key: "page", Salt: "page", Share: percent(20), Scope: experiment.Scope{Touchpoint: "page"}}),
			analysis.CheckHoldout, analysis.OK, "28.0 % are expected by ten and page: p = 1"},
		{"one stream twice", "of one salt the small share lies in the large one", newTrial("blue").arm("control", 4000, 450).arm("blue", 4000, 460).holdout(2000).
			under(ten, experiment.Holdout{Key: "twenty", Salt: "ten", Share: percent(20), Scope: experiment.Scope{Stage: experiment.StagePurchase}}),
			analysis.CheckHoldout, analysis.OK, "20.0 % are expected by ten and twenty: p = 1"},
		{"by name", "a holdout without scope", arms().holdout(1000).under(experiment.Holdout{Key: "named", Salt: "n", Share: percent(10)}).
			with(func(e *experiment.Experiment) { e.Holdout = "named" }), analysis.CheckHoldout, analysis.OK, "10.0 % are expected by named: p = 1"},
		{"other scope", "units of a holdout that does not apply", arms().holdout(9).under(experiment.Holdout{Key: "named", Salt: "n", Share: percent(10)}),
			analysis.CheckHoldout, analysis.Warn, "9 units were kept out, and the configuration puts the experiment under no holdout"},
		{"exempt", "and of one that it is exempt from", arms().holdout(9).under(ten).with(func(e *experiment.Experiment) { e.Holdout = experiment.NoHoldout }),
			analysis.CheckHoldout, analysis.Warn, "no holdout"},
		{"few units", "nothing to judge", newTrial("blue").arm("control", 10, 1).arm("blue", 10, 2).holdout(3).under(ten), analysis.CheckHoldout, analysis.OK, "not judged: fewer than 5"},
		{"too few of a sticky one", "lists stand before the holdout", arms().holdout(500).under(ten).with(func(e *experiment.Experiment) { e.Sticky = true }),
			analysis.CheckHoldout, analysis.Warn, "500 of 9,500 units"},
		{"required experiment with the same holdout", "its units count here too", arms().holdout(1000).under(ten).requires(""), analysis.CheckHoldout, analysis.OK, "p = 1"},
		{"required experiment with a smaller one of the stream", "it lies inside", arms().holdout(1000).under(ten, experiment.Holdout{Key: "five", Salt: "ten", Share: percent(5)}).
			requires("five"), analysis.CheckHoldout, analysis.OK, "p = 1"},
		{"required experiment with another holdout", "of that one's units only some come", arms().holdout(1000).under(named("ten"), named("six")).
			with(func(e *experiment.Experiment) { e.Holdout = "ten" }).requires("six"), analysis.CheckHoldout, analysis.OK,
			"not judged: what holdout six keeps out of a required experiment gets here in part only"},
		{"the one further on shares it", "its units never get to the one between", arms().under(ten).requires(experiment.NoHoldout).further(""),
			analysis.CheckHoldout, analysis.OK, "not judged: what holdout ten keeps out"},
		{"the one further on has another", "independent of this one", arms().holdout(1000).under(ten, named("six")).requires(experiment.NoHoldout).
			with(func(e *experiment.Experiment) { e.Holdout = "ten" }).without("ten").further("six"), analysis.CheckHoldout, analysis.OK, "p = 1"},
		{"required experiment without it", "they do", arms().holdout(1000).under(ten).requires(experiment.NoHoldout), analysis.CheckHoldout, analysis.OK, "p = 1"},
		{"own threshold", "thresholds are options", arms().holdout(500).under(ten).thresholds(analysis.Thresholds{SRMWarn: -1}), analysis.CheckHoldout, analysis.OK, "p = "},
	})
}

// The holdout is in the result with its units, what was expected, and its values,
// and changes nothing else.
func TestHoldoutIsShown(t *testing.T) {
	tr := shifted()
	without := tr.run(t)
	assert.Nil(t, without.Holdout)
	tr.under(experiment.Holdout{Key: "brand", Salt: "brand", Share: percent(5), Scope: everywhere})
	for phase, units := range []int64{540, 510} {
		tr.cells.Cells = append(tr.cells.Cells, experiment.Cell{Holdout: true, Phase: phase, Units: units, Sums: []experiment.Sums{{N: units, Sum: 60, SumSquares: 60}}})
	}
	with := tr.run(t)
	require.NotNil(t, with.Holdout)
	require.NotNil(t, with.Holdout.Test)
	assert.Equal(t, []string{"brand"}, with.Holdout.Keys)
	assert.Equal(t, int64(1050), with.Holdout.Units)
	assert.Equal(t, int64(21050), with.Holdout.Of)
	assert.InDelta(t, 0.05, with.Holdout.Expected, 1e-15)
	assert.InEpsilon(t, square(1050-1052.5)/1052.5+square(1050-1052.5)/19997.5, with.Holdout.Test.Statistic, 1e-9)
	assert.Equal(t, []analysis.HoldoutMetric{{Metric: "orders", Role: analysis.Primary, Kind: experiment.MetricProportion,
		Observed: analysis.Observed{N: 1050, Numerator: 120, Value: 120.0 / 1050}}}, with.Holdout.Metrics)
	assert.Equal(t, without.Scorecard, with.Scorecard)
	assert.Equal(t, without.Balance, with.Balance)
	assert.Equal(t, without.Verdict, with.Verdict)

	waiting := tr.at(ends).run(t)
	assert.Empty(t, waiting.Holdout.Metrics, "no outcome before the evaluation")
}

func square(v float64) float64 { return v * v }

// What lets units held out in is named where it can be the cause.
func TestHoldoutFix(t *testing.T) {
	ten := experiment.Holdout{Key: "ten", Salt: "ten", Share: percent(10), Scope: everywhere}
	for _, sticky := range []bool{false, true} {
		tr := newTrial("blue").arm("control", 4500, 450).arm("blue", 4500, 460).holdout(500).under(ten).
			with(func(e *experiment.Experiment) { e.Sticky = sticky })
		fix := check(t, tr.run(t), analysis.CheckHoldout).Fix
		assert.Contains(t, fix, "every touchpoint calls Expose")
		if sticky {
			assert.Contains(t, fix, "no list was loaded without clearing it of the units held out")
		} else {
			assert.NotContains(t, fix, "list")
		}
	}
}
