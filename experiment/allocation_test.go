package experiment_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
)

// TestAllocations holds the promise of the hot paths exactly.
func TestAllocations(t *testing.T) {
	ctx := context.Background()
	engine := newEngine(t, checkout(), experiment.Options{Recorder: discard{}})
	decide := testing.AllocsPerRun(100, func() {
		_, _ = engine.Decide(ctx, "checkout-page", "checkout", experiment.Customer("c-1", experiment.String("country", "NO")))
	})
	assert.Zero(t, decide, "Decide allocates nothing, the subject built per call included")
	expose := testing.AllocsPerRun(100, func() {
		_, _ = engine.Expose(ctx, "checkout-page", "checkout", experiment.Customer("c-1", experiment.String("country", "NO")))
	})
	assert.LessOrEqual(t, expose, 1.0, "Expose copies a small subject in one piece")

	ruled, err := experiment.New(eligible(), experiment.Options{})
	require.NoError(t, err)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		d, _ := ruled.Decide(ctx, "checkout-page", "checkout", experiment.Customer("c-1", experiment.String("country", "IS"), experiment.Number("age", 34)))
		assert.True(t, d.Enrolled)
	}), "nor does a rule")
}
