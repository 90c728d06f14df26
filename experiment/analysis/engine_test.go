package analysis_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
)

// direct records every event at once.
type direct struct{ store *experiment.Memory }

func (d direct) Expose(ctx context.Context, e experiment.Exposure) error {
	_, err := d.store.Record(ctx, experiment.Batch{Exposures: []experiment.Exposure{e}})
	return err
}

func (d direct) Track(ctx context.Context, c experiment.Conversion) error {
	_, err := d.store.Record(ctx, experiment.Batch{Conversions: []experiment.Conversion{c}})
	return err
}

// What the engine serves is what the analysis expects: through a ramp, a re-weight
// that adds an arm, one that gives an arm up, and two holdouts, sizes are as
// declared. The first half of the customers comes in every phase, the others come
// in the last one only, when everybody orders more.
func TestWhatTheEngineServes(t *testing.T) {
	customers := 6000
	if testing.Short() {
		customers = 3000
	}
	for _, sticky := range []bool{false, true} {
		t.Run(fmt.Sprint("sticky ", sticky), func(t *testing.T) {
			tr := newTrial("blue", "red").reweight(3, weight("blue", 1), weight("red", 1), weight("green", 2)).reweight(3, weight("blue", 2), weight("green", 1)).
				under(experiment.Holdout{Key: "brand", Salt: "brand", Share: percent(5), Scope: everywhere},
					experiment.Holdout{Key: "page", Salt: "page", Share: percent(10), Scope: experiment.Scope{Touchpoint: "page"}})
			e := tr.experiment()
			e.Sticky = sticky
			e.Traffic = experiment.Traffic{{From: begins, Share: assign.Share{Num: 1, Den: 2}}, {From: e.Phases[0].From.Add(time.Hour), Share: assign.Share{Num: 1, Den: 1}}}
			var now time.Time
			store := experiment.NewMemory(experiment.MemoryOptions{})
			engine, err := experiment.New(tr.catalog, experiment.Options{Recorder: direct{store}, Now: func() time.Time { return now }, Assignments: experiment.NewMemoryAssignments(customers)})
			require.NoError(t, err)
			visits := []time.Time{begins.Add(time.Hour), e.Phases[0].From.Add(2 * time.Hour), e.Phases[1].From.Add(time.Hour)}
			for visit, at := range visits {
				for i := range customers {
					if visit < 2 && i >= customers/2 {
						break
					}
					now = at.Add(time.Duration(i) * time.Millisecond)
					customer := experiment.Customer(fmt.Sprint("c-", i))
					_, err := engine.Expose(t.Context(), "page", "trial", customer)
					require.NoError(t, err)
					if visit == 2 && i%7 == 0 || visit == 0 && i%50 == 0 {
						require.NoError(t, engine.Track(t.Context(), customer, experiment.Conversion{ID: experiment.ConversionKey(fmt.Sprint(visit, i)), Event: "purchase"}))
					}
				}
			}
			result, err := analysis.Run(t.Context(), store, tr.catalog, "trial", analysis.Options{Now: func() time.Time { return mature }})
			require.NoError(t, err)
			assert.Equal(t, []string{"control", "blue", "red", "green", ""}, groupNames(result))
			for _, id := range []string{analysis.CheckSRM, analysis.CheckHoldout, analysis.CheckZeroWeight, analysis.CheckUnknown, analysis.CheckUnknownPhase, analysis.CheckContaminated} {
				assert.Equal(t, analysis.OK, check(t, result, id).Level, check(t, result, id).Detail)
			}
			require.Len(t, result.Balance[0].Phases, 3)
			assert.InDelta(t, 1-0.95*0.9, result.Holdout.Expected, 1e-12)
			assert.Equal(t, int64(customers), result.Holdout.Of, "everybody was exposed or held out in the end")
			assert.Empty(t, result.Contaminated)
			assert.Equal(t, sticky, len(result.Moved) == 0, "who keeps a variant is not moved: %v", result.Moved)
			assert.Equal(t, analysis.Stop, result.Verdict.Status, result.Verdict.Reason)
		})
	}
}

// Under one holdout an experiment and the one that it requires hold out the same
// units, and each its share of those who would take part.
func TestHoldoutOfRequiredExperiment(t *testing.T) {
	const customers = 8000
	tr := newTrial("blue").requires("")
	tr.under(experiment.Holdout{Key: "brand", Salt: "brand", Share: percent(20), Scope: everywhere})
	store := experiment.NewMemory(experiment.MemoryOptions{})
	engine, err := experiment.New(tr.catalog, experiment.Options{Recorder: direct{store}, Now: func() time.Time { return begins }})
	require.NoError(t, err)
	for i := range customers {
		_, err := engine.Expose(t.Context(), "page", "trial", experiment.Customer(fmt.Sprint("c-", i)))
		require.NoError(t, err)
	}
	result, err := analysis.Run(t.Context(), store, tr.catalog, "trial", analysis.Options{Now: func() time.Time { return mature }})
	require.NoError(t, err)
	require.NotNil(t, result.Holdout.Test, result.Holdout.Problem)
	assert.Equal(t, analysis.OK, check(t, result, analysis.CheckHoldout).Level, check(t, result, analysis.CheckHoldout).Detail)
	assert.InDelta(t, customers/2, result.Holdout.Of, 5*45, "who meets blue in the other experiment, or would")
	assert.InDelta(t, 0.2, result.Holdout.Expected, 1e-12)
}

func groupNames(r analysis.Result) []string {
	var names []string
	for _, g := range r.Groups {
		names = append(names, g.Variant)
	}
	return names
}
