package experiment_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
)

// TestReasonText: every reason has a name that reads back.
func TestReasonText(t *testing.T) {
	for r := experiment.ReasonUnknownExperiment; r <= experiment.ReasonArm; r++ {
		text, err := r.MarshalText()
		require.NoError(t, err)
		assert.NotEmpty(t, text)
		var back experiment.Reason
		require.NoError(t, back.UnmarshalText(text))
		assert.Equal(t, r, back)
	}
	var r experiment.Reason
	assert.Error(t, r.UnmarshalText([]byte("magic")))
	assert.Equal(t, "reason(200)", experiment.Reason(200).String())
}

// TestDecisionForms: JSON has stable keys, logs have no id of anybody.
func TestDecisionForms(t *testing.T) {
	e := checkout()
	e.Overrides = map[string][]string{"control": {"secret-id"}}
	engine := newEngine(t, e, experiment.Options{})
	d, err := engine.Decide(t.Context(), "checkout-page", "checkout", experiment.Customer("secret-id"))
	require.NoError(t, err)
	text, err := json.Marshal(d)
	require.NoError(t, err)
	assert.JSONEq(t, `{"experiment":"checkout","variant":"control","reason":"override","enrolled":false,"phase":0,
		"revision":"`+d.Revision()+`","payload":{"banner":"none"}}`, string(text))

	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("served", "decision", d)
	assert.Contains(t, log.String(), "decision.variant=control")
	assert.Contains(t, log.String(), "decision.reason=override")
	assert.NotContains(t, log.String(), "secret-id")

	var zero experiment.Decision
	assert.Empty(t, zero.Experiment())
	assert.Empty(t, zero.Revision())
	assert.Equal(t, "x", zero.Text("any", "x"))
}
