package experimenttest

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
)

// brokenVariable makes TestBrokenStore run, in a process of its own.
const brokenVariable = "EXPERIMENTTEST_BROKEN"

// TestBrokenStore runs the whole suite on a store that counts overrides. It
// fails, and TestRunFails wants it to.
func TestBrokenStore(t *testing.T) {
	if os.Getenv(brokenVariable) == "" {
		t.Skip("TestRunFails runs this with " + brokenVariable + " set")
	}
	RunWith(t, Options{
		Seed: 1,
		Open: func(_ *testing.T, now func() time.Time) experiment.Store {
			r := contract()
			r.counts = func(experiment.Exposure) bool { return true }
			return newReference(r, now)
		},
	})
}

// TestRunFails wants the suite to fail for a broken store: the check of the
// broken rule and the random histories, with the rule in the text, and not the
// checks of other rules.
func TestRunFails(t *testing.T) {
	binary, err := os.Executable()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), binary, "-test.run=^TestBrokenStore$", "-test.v")
	command.Env = append(os.Environ(), brokenVariable+"=1")
	output, err := command.CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, "%s", output)
	text := string(output)
	assert.Contains(t, text, "--- FAIL: TestBrokenStore/overrides")
	assert.Contains(t, text, "the rule: exposures of class override count nowhere")
	assert.Contains(t, text, "--- FAIL: TestBrokenStore/random_histories")
	assert.Contains(t, text, "EXPERIMENTTEST_SEED=")
	assert.Contains(t, text, "--- PASS: TestBrokenStore/cap")
	assert.NotContains(t, text, "panic")
}
