package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/sqlite"
)

// The tests below run this test program again as a child that writes.
const (
	childFile    = "TOUCHLIFT_SQLITE_CHILD_FILE"
	childName    = "TOUCHLIFT_SQLITE_CHILD_NAME"
	childBatches = "TOUCHLIFT_SQLITE_CHILD_BATCHES" // 0 is without end
	childEvents  = 20                               // exposures and conversions of a batch, each
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childFile); path != "" {
		if err := writeAsChild(path, os.Getenv(childName), os.Getenv(childBatches)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// writeAsChild records batches and says the number of each that is
// acknowledged.
func writeAsChild(path, name, batches string) error {
	n, err := strconv.Atoi(batches)
	if err != nil {
		return err
	}
	store, err := sqlite.Open(path)
	if err != nil {
		return err
	}
	for i := 0; n == 0 || i < n; i++ {
		receipt, err := store.Record(context.Background(), childBatch(name, i))
		if err != nil || receipt.Inserted != 2*childEvents {
			return fmt.Errorf("batch %d: %+v, %w", i, receipt, err)
		}
		if _, err := fmt.Println(i); err != nil {
			return err
		}
	}
	return store.Close()
}

// childBatch is the batch of that number: units of its own, each with one
// exposure and one conversion.
func childBatch(name string, i int) experiment.Batch {
	var batch experiment.Batch
	for j := range childEvents {
		ids := []experiment.ID{{Kind: experiment.KindCustomer, Value: fmt.Sprintf("%s-%d-%d", name, i, j)}}
		batch.Exposures = append(batch.Exposures, experiment.Exposure{
			Experiment: "checkout-reassurance", Run: "checkout-2026-11", Kind: ids[0].Kind, Unit: ids[0].Value,
			Variant: []string{"control", "free_returns"}[j%2], Touchpoint: "checkout-page", Class: experiment.ClassArm,
			Time: start, IDs: ids,
		})
		batch.Conversions = append(batch.Conversions, experiment.Conversion{
			ID: experiment.ConversionKey(ids[0].Value), Event: "purchase", Time: start.Add(time.Hour), Value: 1, IDs: ids,
		})
	}
	return batch
}

// startChild starts a child and returns what it says.
func startChild(t *testing.T, path, name string, batches int) (*exec.Cmd, io.Reader) {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	child := exec.Command(program)
	child.Env = append(os.Environ(), childFile+"="+path, childName+"="+name, fmt.Sprintf("%s=%d", childBatches, batches))
	child.Stderr = os.Stderr
	said, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	return child, said
}

// acknowledgedBy reads numbers up to the end and returns how many batches the
// child said it had recorded. A line cut by the kill is none.
func acknowledgedBy(t *testing.T, said *bufio.Reader) int {
	t.Helper()
	for n := 0; ; {
		line, err := said.ReadString('\n')
		if err != nil {
			return n
		}
		number, err := strconv.Atoi(strings.TrimSpace(line))
		require.NoError(t, err)
		n = number + 1
	}
}

// A writing process that is killed at any moment loses nothing that it was
// told is recorded, and leaves no part of a batch.
func TestKilledWriter(t *testing.T) {
	kills := 50
	if testing.Short() {
		kills = 5
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	path := filepath.Join(t.TempDir(), "touchlift.db")
	for i := range kills {
		name := fmt.Sprintf("child%d", i)
		child, pipe := startChild(t, path, name, 0)
		said := bufio.NewReader(pipe)
		if i%5 > 0 { // the others are killed while they open the file, or soon after
			_, err := said.Peek(1)
			require.NoError(t, err)
		}
		<-time.After(time.Duration(random.IntN(30_000)) * time.Microsecond)
		require.NoError(t, child.Process.Kill())
		acknowledged := acknowledgedBy(t, said)
		require.Error(t, child.Wait())
		requireBatches(t, path, name, acknowledged)
	}
	requireSound(t, path)
}

// requireBatches opens the file again and fails unless it holds every
// acknowledged batch of a child, each event once, and at most one more, whole.
func requireBatches(t *testing.T, path, name string, acknowledged int) {
	t.Helper()
	store, err := sqlite.Open(path)
	require.NoError(t, err)
	units := count(t, path, "SELECT count(DISTINCT unit) FROM exposures WHERE unit LIKE '"+name+"-%'")
	exposures := count(t, path, "SELECT count(*) FROM exposures WHERE unit LIKE '"+name+"-%'")
	conversions := count(t, path, `SELECT count(*) FROM conversions WHERE ids LIKE '{"customer":"`+name+`-%'`)
	assert.Equal(t, units, exposures)
	assert.Equal(t, units, conversions)
	assert.Zero(t, units%childEvents, "no part of a batch")
	batches := int(units) / childEvents
	assert.GreaterOrEqual(t, batches, acknowledged)
	assert.LessOrEqual(t, batches, acknowledged+1)
	var again experiment.Batch
	for i := range acknowledged {
		batch := childBatch(name, i)
		again.Exposures = append(again.Exposures, batch.Exposures...)
		again.Conversions = append(again.Conversions, batch.Conversions...)
	}
	receipt, err := store.Record(t.Context(), again)
	require.NoError(t, err)
	require.Equal(t, again.Len(), receipt.Duplicate, "each event of an acknowledged batch is there")
	require.NoError(t, store.Close())
}

// Two processes write to one new file while a third reads it.
func TestTwoProcesses(t *testing.T) {
	const batches = 60
	path := filepath.Join(t.TempDir(), "touchlift.db")
	var children sync.WaitGroup
	done := make(chan struct{})
	for _, name := range []string{"first", "second"} {
		child, said := startChild(t, path, name, batches)
		children.Go(func() {
			assert.Equal(t, batches, acknowledgedBy(t, bufio.NewReader(said)))
			assert.NoError(t, child.Wait())
		})
	}
	go func() {
		children.Wait()
		close(done)
	}()
	store := open(t, path, sqlite.Options{})
	query := benchQuery
	query.Values = []experiment.Value{{Event: "purchase", Aggregation: experiment.AggregateCount}}
	seen := int64(0)
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		cells, err := store.Summarize(t.Context(), query)
		require.NoError(t, err)
		units, purchases := int64(0), 0.0
		for _, c := range cells.Cells {
			units += c.Units
			purchases += c.Sums[0].Sum
		}
		require.GreaterOrEqual(t, units, seen)
		require.Equal(t, float64(units), purchases, "a summary sees whole batches")
		require.Zero(t, units%childEvents, "a summary sees whole batches")
		seen = units
	}
	require.Equal(t, int64(2*batches*childEvents), seen)
	requireSound(t, path)
}

// Many open a file that does not exist yet: one makes the tables, the others
// wait.
func TestOpenAtOnce(t *testing.T) {
	for round := range 5 {
		path := filepath.Join(t.TempDir(), fmt.Sprintf("touchlift%d.db", round))
		children := make([]*exec.Cmd, 3)
		for i := range children {
			var said io.Reader
			children[i], said = startChild(t, path, fmt.Sprintf("child%d", i), 1)
			go func() { _, _ = io.Copy(io.Discard, said) }()
		}
		var opening sync.WaitGroup
		for i := range 16 {
			opening.Go(func() {
				store, err := sqlite.Open(path)
				if !assert.NoError(t, err) {
					return
				}
				receipt, err := store.Record(t.Context(), childBatch(fmt.Sprintf("goroutine%d", i), 0))
				assert.NoError(t, err)
				assert.Equal(t, 2*childEvents, receipt.Inserted)
				assert.NoError(t, store.Close())
			})
		}
		opening.Wait()
		for _, child := range children {
			require.NoError(t, child.Wait())
		}
		require.Equal(t, int64((16+3)*childEvents), count(t, path, "SELECT count(*) FROM exposures"))
		requireSound(t, path)
	}
}

// Closing ends every goroutine, also while calls run.
func TestNoGoroutineIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	for round := range 5 {
		store, err := sqlite.Open(filepath.Join(t.TempDir(), "touchlift.db"))
		require.NoError(t, err)
		var calls sync.WaitGroup
		for i := range 8 {
			calls.Go(func() {
				_, err := store.Record(t.Context(), childBatch(fmt.Sprintf("%d-%d", round, i), 0))
				if err != nil {
					assert.ErrorIs(t, err, experiment.ErrStoreClosed)
				}
				if _, err := store.Summarize(t.Context(), benchQuery); err != nil {
					assert.ErrorIs(t, err, experiment.ErrStoreClosed)
				}
			})
		}
		require.NoError(t, store.Close())
		calls.Wait()
	}
	assert.LessOrEqual(t, runtime.NumGoroutine(), before)
}
