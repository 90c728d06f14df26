package experimenttest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
)

func TestSeed(t *testing.T) {
	t.Setenv("EXPERIMENTTEST_SEED", "18446744073709551615")
	options, err := Options{}.withDefaults()
	require.NoError(t, err)
	assert.Equal(t, uint64(18446744073709551615), options.Seed)
	options, err = Options{Seed: 7, Histories: 3}.withDefaults()
	require.NoError(t, err)
	assert.Equal(t, uint64(7), options.Seed, "the option stands before the environment")
	assert.Equal(t, 3, options.Histories)

	_, err = Options{Histories: -1}.withDefaults()
	require.ErrorContains(t, err, "Options.Histories is -1", "no history at all would prove nothing")

	t.Setenv("EXPERIMENTTEST_SEED", "seven")
	_, err = Options{}.withDefaults()
	require.ErrorContains(t, err, `EXPERIMENTTEST_SEED is "seven"`)

	t.Setenv("EXPERIMENTTEST_SEED", "")
	options, err = Options{}.withDefaults()
	require.NoError(t, err)
	assert.NotZero(t, options.Seed, "a new seed where none is given")
	assert.Equal(t, 40, options.Histories)
}

// TestFailureSaysHowToRepeat wants the seed and the simplest query in the
// failure of a random history, and the same failure from that seed.
func TestFailureSaysHowToRepeat(t *testing.T) {
	open := func(_ *testing.T, now func() time.Time) experiment.Store {
		r := contract()
		r.counts = func(experiment.Exposure) bool { return true }
		return newReference(r, now)
	}
	random := randomChecks()[0]
	err := random.try(t, Options{Open: open, Seed: 41, Histories: 40})
	require.Error(t, err)
	_, rest, found := strings.Cut(err.Error(), "EXPERIMENTTEST_SEED=")
	require.True(t, found, "%v", err)
	seed, _, found := strings.Cut(rest, " ")
	require.True(t, found)
	assert.Contains(t, err.Error(), "the query, made as simple as still fails: run ")
	assert.NotContains(t, err.Error(), "Values[0]:", "overrides show without any value")

	t.Setenv("EXPERIMENTTEST_SEED", seed)
	options, err2 := Options{Open: open, Histories: 40}.withDefaults()
	require.NoError(t, err2)
	again := random.try(t, options)
	require.Error(t, again)
	_, wantDetail, _ := strings.Cut(err.Error(), "\n")
	_, gotDetail, _ := strings.Cut(again.Error(), "\n")
	assert.Equal(t, wantDetail, gotDetail)
	assert.Contains(t, again.Error(), "random history 1 of 40")
}

// TestTheSystemClockIsNotSet wants every check but those that set the clock to
// run on the system's.
func TestTheSystemClockIsNotSet(t *testing.T) {
	checks, err := checks()
	require.NoError(t, err)
	var left []string
	for _, c := range checks {
		if c.needsClock {
			left = append(left, c.name)
		}
	}
	assert.Equal(t, []string{"erasure at its moment", "erasure moves forward"}, left)
}
