package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	zombiezen "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/sqlite"
)

// batchSize is that of a recorder's batches.
const batchSize = 1000

// benchUnits gives each unit some 2.5 exposures in a million.
const benchUnits = 400_000

// BenchmarkRecord records batches of 1,000 events, made durable, three ways in
// turn: through the store; through a program that was written by hand for these
// tables and issues the same inserts and upserts; and "raw", appended to a table
// without any key. Taking turns gives a busy machine no favourite. Run it with
// -benchtime=1000x for a million events each.
func BenchmarkRecord(b *testing.B) {
	b.Run("exposures", func(b *testing.B) {
		benchmarkRecord(b, func(h *history) experiment.Batch { return experiment.Batch{Exposures: h.exposures(batchSize)} })
	})
	b.Run("conversions", func(b *testing.B) {
		benchmarkRecord(b, func(h *history) experiment.Batch { return experiment.Batch{Conversions: h.conversions(batchSize)} })
	})
}

// recorder is what the benchmark compares.
type recorder interface {
	record(b *testing.B, batch experiment.Batch)
}

func benchmarkRecord(b *testing.B, next func(*history) experiment.Batch) {
	names := []string{"store", "handwritten", "raw"}
	var recorders []recorder
	for i, open := range []func(*testing.B, string) recorder{openStore, openHandwritten, openRaw} {
		recorders = append(recorders, open(b, filepath.Join(b.TempDir(), names[i]+".db")))
	}
	took := make([]time.Duration, len(names))
	h := newHistory(benchUnits)
	for range b.N {
		batch := next(h)
		for i, r := range recorders {
			started := time.Now()
			r.record(b, batch)
			took[i] += time.Since(started)
		}
	}
	b.ReportMetric(0, "ns/op")
	for i, name := range names {
		b.ReportMetric(float64(b.N)*batchSize/took[i].Seconds(), name+"-events/s")
	}
	b.ReportMetric(100*took[1].Seconds()/took[0].Seconds(), "%-of-handwritten")
}

type storeRecorder struct{ *sqlite.Store }

func openStore(b *testing.B, path string) recorder {
	store, err := sqlite.Open(path)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, store.Close()) })
	return storeRecorder{store}
}

func (s storeRecorder) record(b *testing.B, batch experiment.Batch) {
	receipt, err := s.Record(context.Background(), batch)
	if err != nil || receipt.Total() != batch.Len() {
		b.Fatal(receipt, err)
	}
}

// BenchmarkSummarize answers one query: two arms, contaminated units left out,
// the purchases of seven days; in turn with SQL that was written by hand for the
// same tables and the same answer. The number of events is
// that of exposures and conversions together; TOUCHLIFT_BENCH_EVENTS lists
// others, such as 1000000,10000000.
func BenchmarkSummarize(b *testing.B) {
	for _, n := range benchSizes(b) {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "bench.db")
			fill(b, path, n)
			benchmarkSummarize(b, path)
		})
	}
}

func benchSizes(b *testing.B) []int {
	text := os.Getenv("TOUCHLIFT_BENCH_EVENTS")
	if text == "" {
		return []int{100_000}
	}
	var sizes []int
	for _, part := range strings.Split(text, ",") {
		n, err := strconv.Atoi(part)
		require.NoError(b, err, "TOUCHLIFT_BENCH_EVENTS")
		sizes = append(sizes, n)
	}
	return sizes
}

// fill records n events, five exposures for each conversion.
func fill(b *testing.B, path string, n int) {
	store, err := sqlite.Open(path)
	require.NoError(b, err)
	h := newHistory(max(n/3, 1))
	for i := range n / batchSize {
		var batch experiment.Batch
		if i%6 == 5 {
			batch.Conversions = h.conversions(batchSize)
		} else {
			batch.Exposures = h.exposures(batchSize)
		}
		_, err := store.Record(context.Background(), batch)
		require.NoError(b, err)
	}
	require.NoError(b, store.Close())
}

// benchQuery asks for the purchases of a week.
var benchQuery = experiment.Query{
	Experiment: "checkout-reassurance", Run: "checkout-2026-11", Kind: experiment.KindCustomer,
	AsOf:   []time.Time{start.AddDate(10, 0, 0)},
	Values: []experiment.Value{{Event: "purchase", Aggregation: experiment.AggregateSum, Window: 7 * 24 * time.Hour}},
}

func benchmarkSummarize(b *testing.B, path string) {
	store, err := sqlite.Open(path)
	require.NoError(b, err)
	conn, err := zombiezen.OpenConn(path, zombiezen.OpenReadOnly)
	require.NoError(b, err)
	require.NoError(b, sqlitex.ExecuteTransient(conn, "PRAGMA cache_size = -32768", nil))
	var took [2]time.Duration
	b.ResetTimer()
	for range b.N {
		started := time.Now()
		summarizeStore(b, store)
		took[0] += time.Since(started)
		started = time.Now()
		summarizeHandwritten(b, conn)
		took[1] += time.Since(started)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(took[0].Seconds()/float64(b.N), "store-s")
	b.ReportMetric(took[1].Seconds()/float64(b.N), "handwritten-s")
	b.ReportMetric(took[0].Seconds()/took[1].Seconds(), "x-handwritten")
	require.NoError(b, conn.Close())
	require.NoError(b, store.Close())
}

func summarizeStore(b *testing.B, store *sqlite.Store) {
	cells, err := store.Summarize(context.Background(), benchQuery)
	if err != nil || len(cells.Cells) != 2 || cells.Cells[0].Units == 0 {
		b.Fatal(cells, err)
	}
}

// handwrittenSummary is what somebody writes who knows the tables.
const handwrittenSummary = `
WITH first AS (
	SELECT e.unit, min(e.first_us) AS us, min(p.variant) AS variant, max(p.variant) AS other
	FROM runs r
	JOIN exposures e ON e.run = r.no
	JOIN placements p ON p.no = e.placement
	WHERE r.experiment = 'checkout-reassurance' AND r.run = 'checkout-2026-11' AND p.class IN ('arm', 'sticky')
	GROUP BY e.unit
	HAVING min(p.variant) = max(p.variant)
),
total AS (
	SELECT f.variant, total(CASE WHEN c.time_us < f.us + 604800000000 THEN c.value END) AS y
	FROM first f
	LEFT JOIN conversion_ids c ON c.kind = (SELECT no FROM names WHERE name = 'customer') AND c.id = f.unit
		AND c.event = (SELECT no FROM names WHERE name = 'purchase') AND c.time_us >= f.us
	GROUP BY f.unit
)
SELECT variant, count(*), sum(y), sum(y * y) FROM total GROUP BY variant`

func summarizeHandwritten(b *testing.B, conn *zombiezen.Conn) {
	rows := 0
	err := sqlitex.Execute(conn, handwrittenSummary, &sqlitex.ExecOptions{
		ResultFunc: func(*zombiezen.Stmt) error { rows++; return nil },
	})
	if err != nil || rows != 2 {
		b.Fatal(rows, err)
	}
}

// TestHandwrittenSummary checks that the two sides of the benchmark give the
// same answer.
func TestHandwrittenSummary(t *testing.T) {
	path := filepath.Join(t.TempDir(), "touchlift.db")
	store, err := sqlite.Open(path)
	require.NoError(t, err)
	h := newHistory(500)
	for range 3 {
		_, err = store.Record(t.Context(), experiment.Batch{Exposures: h.exposures(batchSize), Conversions: h.conversions(batchSize)})
		require.NoError(t, err)
	}
	cells, err := store.Summarize(t.Context(), benchQuery)
	require.NoError(t, err)
	var want []string
	for _, c := range cells.Cells {
		want = append(want, fmt.Sprintf("%s %d %.4f", c.Variant, c.Units, c.Sums[0].Sum))
	}
	var got []string
	conn, err := zombiezen.OpenConn(path, zombiezen.OpenReadOnly)
	require.NoError(t, err)
	err = sqlitex.Execute(conn, handwrittenSummary, &sqlitex.ExecOptions{ResultFunc: func(stmt *zombiezen.Stmt) error {
		got = append(got, fmt.Sprintf("%s %d %.4f", stmt.ColumnText(0), stmt.ColumnInt64(1), stmt.ColumnFloat(2)))
		return nil
	}})
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	require.NoError(t, store.Close())
	require.Len(t, want, 2)
	require.Equal(t, want, slices.Sorted(slices.Values(got)))
}
