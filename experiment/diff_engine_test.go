package experiment_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
)

// What the difference says is what the engine does to many units.
func TestDiffAgreesWithEngine(t *testing.T) {
	n := 200_000
	if testing.Short() {
		n = 20_000
	}
	old := surrounded()
	old.Experiments[0].Holdout = "global"
	old.Experiments[0].Traffic = experiment.Steady(share(2, 3))
	edits := map[string]func(c *experiment.Catalog, e *experiment.Experiment){
		"phase and traffic": func(_ *experiment.Catalog, e *experiment.Experiment) {
			e.Traffic = nil
			e.Phases = []experiment.Phase{{From: phaseBegins, Arms: append(arms(3, 2), experiment.Arm{Variant: "popup", Weight: 2})}}
		},
		"everything anew": func(c *experiment.Catalog, e *experiment.Experiment) {
			c.Layers[0].Salt, c.Holdouts[0].Salt, e.Salt = "layer-2", "holdout-2", "checkout-2027"
			e.Layer.From, e.Layer.To, e.Arms = 10, 90, arms(1, 2)
		},
		"slots and no holdout": func(_ *experiment.Catalog, e *experiment.Experiment) { e.Layer.To, e.Holdout = 20, "" },
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			new := surrounded()
			new.Experiments[0] = old.Experiments[0]
			edit(new, &new.Experiments[0])
			d, err := experiment.Diff(old, new, experiment.DiffOptions{})
			require.NoError(t, err)
			counts := countPairs(t, n, old, new)
			worst := 0.0
			for _, move := range d.Experiments[0].Moves.Moves {
				p, _ := move.Share.Float64()
				pair := [2]string{move.From, move.To}
				z := math.Abs(float64(counts[pair])-float64(n)*p) / math.Sqrt(float64(n)*p*(1-p))
				require.Less(t, z, 4.9, "%v: %d of %d", move, counts[pair], n)
				worst = max(worst, z)
				delete(counts, pair)
			}
			for pair, count := range counts {
				require.Equal(t, pair[0], pair[1], "%d units", count)
			}
			t.Logf("%d pairs, worst |z| over %d units: %.2f", len(d.Experiments[0].Moves.Moves), n, worst)
		})
	}
}

// countPairs asks both engines about n customers.
func countPairs(t *testing.T, n int, old, new *experiment.Catalog) map[[2]string]int {
	t.Helper()
	late := experiment.Options{Now: func() time.Time { return phaseBegins.AddDate(1, 0, 0) }}
	before, err := experiment.New(old, late)
	require.NoError(t, err)
	after, err := experiment.New(new, late)
	require.NoError(t, err)
	got := func(engine *experiment.Engine, i int) string {
		d, _ := engine.Decide(context.Background(), "checkout-page", "checkout", experiment.Customer(fmt.Sprintf("customer-%d", i)))
		switch d.Reason {
		case experiment.ReasonArm:
			return d.Variant
		case experiment.ReasonHoldout:
			return "holdout"
		}
		return ""
	}
	counts := make(map[[2]string]int)
	for i := range n {
		counts[[2]string{got(before, i), got(after, i)}]++
	}
	return counts
}
