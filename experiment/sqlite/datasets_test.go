package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/internal/datasets"
	"github.com/touchlift/touchlift/experiment/sqlite"
)

// TestDatasets analyses published experiments in a SQLite file and compares
// with values computed elsewhere: the same digits as from the rows and from the
// in-memory store.
func TestDatasets(t *testing.T) {
	dir := os.Getenv("TOUCHLIFT_DATASETS")
	if dir == "" {
		t.Skip("set TOUCHLIFT_DATASETS to the directory of the data sets")
	}
	passed, failed := 0, 0
	defer func() {
		if t.Failed() && failed == 0 { // the test broke off
			failed = 1
		}
		fmt.Printf("datasets: %d passed, %d failed\n", passed, failed)
	}()
	ledger, err := datasets.NewLedger(dir)
	require.NoError(t, err)
	files := t.TempDir()
	ledger.Check(context.Background(), dir, func(name string) (experiment.Store, error) {
		return sqlite.Open(filepath.Join(files, strings.ReplaceAll(name, " ", "_")+".db"))
	}, false)

	for _, f := range ledger.Findings() {
		if f.Problem == "" {
			passed++
			fmt.Println("ok  ", f.Name)
			continue
		}
		failed++
		t.Errorf("%s %s", f.Name, f.Problem)
	}
}
