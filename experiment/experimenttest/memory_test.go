package experimenttest_test

import (
	"testing"
	"time"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/experimenttest"
)

func TestMemory(t *testing.T) {
	experimenttest.RunWith(t, experimenttest.Options{
		Open: func(_ *testing.T, now func() time.Time) experiment.Store {
			return experiment.NewMemory(experiment.MemoryOptions{Now: now})
		},
	})
}

func TestMemoryOnTheSystemClock(t *testing.T) {
	experimenttest.Run(t, func(*testing.T) experiment.Store {
		return experiment.NewMemory(experiment.MemoryOptions{})
	})
}
