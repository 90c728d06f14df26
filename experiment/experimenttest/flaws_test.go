package experimenttest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
)

// flaw is a store that breaks one rule, and the check that must notice.
type flaw struct {
	name   string
	caught string // by the check of this name
	random bool   // the random histories must notice it too
	open   func(now func() time.Time) experiment.Store
}

// ruleFlaw breaks one sentence of the reference.
func ruleFlaw(name, caught string, random bool, breakIt func(*rules)) flaw {
	return flaw{name: name, caught: caught, random: random, open: func(now func() time.Time) experiment.Store {
		r := contract()
		breakIt(&r)
		return newReference(r, now)
	}}
}

func TestEveryFlawIsCaught(t *testing.T) {
	checks, err := checks()
	require.NoError(t, err)
	byName := make(map[string]check)
	for _, c := range checks {
		require.NotEmpty(t, c.rule, "check %q says no rule", c.name)
		require.NotContains(t, byName, c.name, "two checks of one name")
		byName[c.name] = c
	}
	names := make(map[string]bool)
	for _, f := range append(ruleFlaws(), storeFlaws()...) {
		require.False(t, names[f.name], "two flaws %q", f.name)
		names[f.name] = true
		t.Run(f.name, func(t *testing.T) {
			require.Contains(t, byName, f.caught, "there is no such check")
			options := Options{
				Open:      func(_ *testing.T, now func() time.Time) experiment.Store { return f.open(now) },
				Seed:      1,
				Histories: 200,
			}
			assert.Error(t, byName[f.caught].try(t, options), "check %q does not notice", f.caught)
			if f.random {
				assert.Error(t, byName["random histories"].try(t, options), "the random histories do not notice")
			}
		})
	}
}
