package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/experimenttest"
	"github.com/touchlift/touchlift/experiment/sqlite"
)

func TestConformance(t *testing.T) {
	histories := 0 // the suite's default
	if testing.Short() {
		histories = 8
	}
	experimenttest.RunWith(t, experimenttest.Options{
		Histories: histories,
		Open: func(t *testing.T, now func() time.Time) experiment.Store {
			store, err := sqlite.OpenWith(filepath.Join(t.TempDir(), "touchlift.db"), sqlite.Options{Now: now})
			require.NoError(t, err)
			return store
		},
	})
}
