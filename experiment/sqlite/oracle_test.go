package sqlite_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/sqlite"
)

// requireOracle records a batch here and in memory and fails unless both
// answer a query alike, to the digit.
func requireOracle(t *testing.T, batch experiment.Batch, queries ...experiment.Query) {
	t.Helper()
	store := open(t, filepath.Join(t.TempDir(), "touchlift.db"), sqlite.Options{})
	memory := experiment.NewMemory(experiment.MemoryOptions{})
	receipt, err := store.Record(t.Context(), batch)
	require.NoError(t, err)
	want, err := memory.Record(t.Context(), batch)
	require.NoError(t, err)
	require.Equal(t, want, receipt)
	for i, q := range queries {
		got, err := store.Summarize(t.Context(), q)
		require.NoError(t, err)
		want, err := memory.Summarize(t.Context(), q)
		require.NoError(t, err)
		require.NotEmpty(t, want.Cells, "query %d", i)
		require.True(t, reflect.DeepEqual(want, got), "query %d: want %.2000v\ngot %.2000v", i, fmt.Sprint(want), fmt.Sprint(got))
	}
}

// Times so far apart, at so many touchpoints, that the time and the place of an
// exposure do not fit into one integer.
func TestTimesFarApart(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	first := time.Date(2, 1, 1, 0, 0, 0, 0, time.UTC)
	var batch experiment.Batch
	for i := range 3000 {
		ids := []experiment.ID{{Kind: experiment.KindCustomer, Value: fmt.Sprint(i % 700)}}
		batch.Exposures = append(batch.Exposures, experiment.Exposure{
			Experiment: "checkout-reassurance", Run: "checkout-2026-11", Kind: ids[0].Kind, Unit: ids[0].Value,
			Variant: []string{"control", "free_returns"}[random.IntN(40)/39], Phase: random.IntN(2),
			Touchpoint: fmt.Sprint("touchpoint-", random.IntN(30)), Class: experiment.ClassArm,
			Time: first.AddDate(random.IntN(3)*4998, 0, random.IntN(2)), IDs: ids,
		})
	}
	for i := range 700 {
		batch.Conversions = append(batch.Conversions, experiment.Conversion{
			ID: experiment.ConversionKey(fmt.Sprint(i)), Event: "purchase", Value: float64(i),
			Time: first.AddDate(random.IntN(3)*4998, 0, random.IntN(3)),
			IDs:  []experiment.ID{{Kind: experiment.KindCustomer, Value: fmt.Sprint(i)}},
		})
	}
	q := benchQuery
	q.AsOf = []time.Time{first.AddDate(1, 0, 0), first.AddDate(5000, 0, 0), first.AddDate(9997, 0, 1), first.AddDate(9997, 11, 0)}
	q.By = []experiment.Dimension{experiment.ByTouchpoint(), experiment.ByDay(time.UTC)}
	all := q
	all.By, all.Contaminated = nil, experiment.FirstArm
	requireOracle(t, batch, q, all)
}

// The days of a time zone: around a change of its clock, a skipped day, before
// its first change, and in a leap year far ahead.
func TestDaysOfTimeZones(t *testing.T) {
	for _, name := range []string{"Europe/Oslo", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"} {
		t.Run(name, func(t *testing.T) {
			zone, err := time.LoadLocation(name)
			require.NoError(t, err)
			var batch experiment.Batch
			for i, from := range []time.Time{
				time.Date(2026, 3, 1, 0, 0, 0, 0, zone), time.Date(2011, 12, 28, 0, 0, 0, 0, zone), time.Date(1871, 1, 1, 0, 0, 0, 0, zone),
				time.Date(2096, 12, 1, 0, 0, 0, 0, zone),
			} {
				for hour := range 24 * 60 {
					unit := fmt.Sprint(i, "-", hour)
					batch.Exposures = append(batch.Exposures, experiment.Exposure{
						Experiment: "checkout-reassurance", Run: "checkout-2026-11", Kind: experiment.KindCustomer, Unit: unit,
						Variant: "control", Touchpoint: "checkout-page", Class: experiment.ClassArm,
						Time: from.Add(time.Duration(hour)*time.Hour - time.Duration(hour%3)*time.Microsecond),
					})
				}
			}
			q := benchQuery
			q.AsOf = []time.Time{time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)}
			q.By = []experiment.Dimension{experiment.ByDay(zone)}
			requireOracle(t, batch, q)
		})
	}
}

// Every float64 that an attribute may hold is found by ==, and split by, as
// exactly that number.
func TestNumbersOfAttributes(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	numbers := []float64{0, 1, -1, 0.1, 1e21, 123456789, math.MaxFloat64, math.SmallestNonzeroFloat64, -math.MaxFloat64, 1 << 53, 5e-324, 2.2250738585072014e-308}
	for len(numbers) < 150 {
		if x := math.Float64frombits(random.Uint64()); !math.IsNaN(x) && !math.IsInf(x, 0) {
			numbers = append(numbers, x)
		}
	}
	for len(numbers) < 300 { // prices and the like
		numbers = append(numbers, float64(random.IntN(1_000_000_000))/float64([]int{1, 10, 100, 1000, 7}[random.IntN(5)]))
	}
	var batch experiment.Batch
	q := benchQuery
	q.Values = nil
	for i, x := range numbers {
		ids := []experiment.ID{{Kind: experiment.KindCustomer, Value: fmt.Sprint(i)}}
		attributes := []experiment.Attribute{experiment.Number("x", x)}
		batch.Exposures = append(batch.Exposures, experiment.Exposure{
			Experiment: q.Experiment, Run: q.Run, Kind: q.Kind, Unit: ids[0].Value, Variant: "control",
			Touchpoint: "checkout-page", Class: experiment.ClassArm, Time: start, IDs: ids, Attributes: attributes,
		})
		id := experiment.ConversionKey("x")
		binary.BigEndian.PutUint32(id[:], uint32(i))
		batch.Conversions = append(batch.Conversions, experiment.Conversion{
			ID: id, Event: "purchase", Time: start.Add(time.Hour), Value: 1, IDs: ids, Attributes: attributes,
		})
		q.Values = append(q.Values, experiment.Value{
			Event: "purchase", Aggregation: experiment.AggregateCount,
			Filter: []experiment.Comparison{{
				Field: experiment.FieldAttribute, Attribute: "x", Op: experiment.Equal, Operand: attributes[0].Value,
			}},
		})
	}
	split := benchQuery
	split.By = []experiment.Dimension{experiment.ByAttribute("x")}
	requireOracle(t, batch, q, split)
}
