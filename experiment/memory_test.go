package experiment_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
)

func ExampleNewMemory() {
	ctx := context.Background()
	store := experiment.NewMemory(experiment.MemoryOptions{})
	defer store.Close()

	noon := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	var batch experiment.Batch
	for i, variant := range []string{"control", "free_returns", "control", "free_returns"} {
		batch.Exposures = append(batch.Exposures, experiment.Exposure{
			Experiment: "checkout", Run: "checkout-2026-11", Kind: experiment.KindCustomer, Unit: "c-" + strconv.Itoa(i),
			Variant: variant, Touchpoint: "checkout-page", Class: experiment.ClassArm, Time: noon,
		})
	}
	batch.Conversions = []experiment.Conversion{{
		ID: experiment.ConversionKey("order 1001"), Event: "purchase", Value: 59.9, Time: noon.Add(time.Hour),
		IDs: []experiment.ID{{Kind: experiment.KindCustomer, Value: "c-1"}},
	}}
	receipt, err := store.Record(ctx, batch)
	fmt.Println(receipt.Inserted, err)
	receipt, err = store.Record(ctx, batch) // a retry
	fmt.Println(receipt.Duplicate, err)

	cells, err := store.Summarize(ctx, experiment.Query{
		Experiment: "checkout", Run: "checkout-2026-11", Kind: experiment.KindCustomer,
		AsOf:   []time.Time{noon.Add(24 * time.Hour)},
		Values: []experiment.Value{{Event: "purchase", Aggregation: experiment.AggregateSum}},
	})
	for _, cell := range cells.Cells {
		fmt.Println(cell.Variant, cell.Units, cell.Sums[0].Sum)
	}
	fmt.Println(err)
	// Output:
	// 5 <nil>
	// 5 <nil>
	// control 2 0
	// free_returns 2 59.9
	// <nil>
}

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func sampleExposure() experiment.Exposure {
	return experiment.Exposure{
		Experiment: "checkout", Run: "run", Kind: experiment.KindCustomer, Unit: "c-1", Variant: "control",
		Touchpoint: "page", Class: experiment.ClassArm, Time: noon,
		IDs:        []experiment.ID{{Kind: experiment.KindStore, Value: "s-1"}},
		Attributes: []experiment.Attribute{experiment.String("country", "NO")},
	}
}

func sampleConversion() experiment.Conversion {
	return experiment.Conversion{
		ID: experiment.ConversionKey("1"), Event: "purchase", Value: 10, Time: noon,
		IDs:        []experiment.ID{{Kind: experiment.KindCustomer, Value: "c-1"}},
		Attributes: []experiment.Attribute{experiment.String("product", "shoe")},
	}
}

func record(t *testing.T, m *experiment.Memory, batch experiment.Batch) experiment.Receipt {
	t.Helper()
	receipt, err := m.Record(t.Context(), batch)
	require.NoError(t, err)
	require.Equal(t, batch.Len(), receipt.Total(), "a receipt speaks of every event")
	return receipt
}

func TestMemoryKeepsNoCallerMemory(t *testing.T) {
	m := experiment.NewMemory(experiment.MemoryOptions{})
	batch := experiment.Batch{
		Exposures:   []experiment.Exposure{sampleExposure()},
		Conversions: []experiment.Conversion{sampleConversion()},
	}
	record(t, m, batch)
	batch.Exposures[0].IDs[0].Value = "changed"
	batch.Exposures[0].Attributes[0] = experiment.Bool("changed", true)
	batch.Conversions[0].IDs[0].Value = "changed"
	batch.Conversions[0].Attributes[0] = experiment.Bool("changed", true)
	m.Exposures()[0].IDs[0].Value = "changed"
	m.Exposures()[0].Attributes[0] = experiment.Bool("changed", true)
	m.Conversions()[0].IDs[0].Value = "changed"
	m.Conversions()[0].Attributes[0] = experiment.Bool("changed", true)
	assert.Equal(t, []experiment.Exposure{sampleExposure()}, m.Exposures())
	assert.Equal(t, []experiment.Conversion{sampleConversion()}, m.Conversions())
}

func TestMemoryListsAreSortedAndCutToTheMicrosecond(t *testing.T) {
	m := experiment.NewMemory(experiment.MemoryOptions{})
	later, sooner := sampleExposure(), sampleExposure()
	later.Time = noon.Add(time.Hour).In(time.FixedZone("", 3600))
	sooner.Variant = "b"
	sooner.Time = time.Date(1960, 1, 1, 0, 0, 0, -1, time.UTC)
	second := sampleConversion()
	second.ID, second.Time = experiment.ConversionKey("2"), noon.Add(-1)
	record(t, m, experiment.Batch{
		Exposures:   []experiment.Exposure{later, sooner},
		Conversions: []experiment.Conversion{sampleConversion(), second},
	})
	exposures, conversions := m.Exposures(), m.Conversions()
	require.Len(t, exposures, 2)
	require.Len(t, conversions, 2)
	assert.Equal(t, time.Date(1959, 12, 31, 23, 59, 59, 999999000, time.UTC), exposures[0].Time, "cut down, not towards 1970")
	assert.Equal(t, noon.Add(time.Hour), exposures[1].Time)
	assert.Equal(t, noon.Add(-time.Microsecond), conversions[0].Time)
	assert.Equal(t, noon, conversions[1].Time)
}

func TestMemoryMergesToTheEarliestExposure(t *testing.T) {
	base := sampleExposure()
	later, sooner, smaller, greater := base, base, base, base
	later.Time = noon.Add(time.Microsecond)
	sooner.Time = noon.Add(-time.Microsecond)
	smaller.Attributes = []experiment.Attribute{experiment.String("country", "DK")}
	greater.Attributes = []experiment.Attribute{experiment.String("country", "SE")}
	sameMicrosecond := greater
	sameMicrosecond.Time = noon.Add(999)
	rows := []struct {
		name, reason string
		second, kept experiment.Exposure
		want         experiment.Receipt
	}{
		{"same", "recording again changes nothing", base, base, experiment.Receipt{Duplicate: 1}},
		{"later", "the earliest time stands", later, base, experiment.Receipt{Duplicate: 1}},
		{"sooner", "the earliest time stands", sooner, sooner, experiment.Receipt{Merged: 1}},
		{"smaller encoding", "at equal times the smaller encoding stands", smaller, smaller, experiment.Receipt{Merged: 1}},
		{"greater encoding", "at equal times the smaller encoding stands", greater, base, experiment.Receipt{Duplicate: 1}},
		{"within the microsecond", "times compare at the microsecond", sameMicrosecond, base, experiment.Receipt{Duplicate: 1}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			require.NotEmpty(t, row.reason)
			m := experiment.NewMemory(experiment.MemoryOptions{})
			assert.Equal(t, experiment.Receipt{Inserted: 1}, record(t, m, experiment.Batch{Exposures: []experiment.Exposure{base}}))
			assert.Equal(t, row.want, record(t, m, experiment.Batch{Exposures: []experiment.Exposure{row.second}}), row.reason)
			assert.Equal(t, []experiment.Exposure{row.kept}, m.Exposures(), row.reason)
		})
	}
}

func TestMemoryKeepsTheFirstRecordedConversion(t *testing.T) {
	base := sampleConversion()
	otherValue, otherEvent, otherTime := base, base, base
	otherValue.Value = 11
	otherEvent.Event = "return"
	otherTime.Time = noon.Add(-time.Hour)
	otherTime.Touchpoint, otherTime.Attributes = "shop", nil
	rows := []struct {
		name, reason string
		second       experiment.Conversion
		want         experiment.Receipt
	}{
		{"same", "recording again changes nothing", base, experiment.Receipt{Duplicate: 1}},
		{"time and attributes", "only event and value tell of a conflict", otherTime, experiment.Receipt{Duplicate: 1}},
		{"value", "another value under one id is a conflict", otherValue, experiment.Receipt{Conflicting: 1}},
		{"event", "another event under one id is a conflict", otherEvent, experiment.Receipt{Conflicting: 1}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			require.NotEmpty(t, row.reason)
			m := experiment.NewMemory(experiment.MemoryOptions{})
			record(t, m, experiment.Batch{Conversions: []experiment.Conversion{base}})
			assert.Equal(t, row.want, record(t, m, experiment.Batch{Conversions: []experiment.Conversion{row.second}}), row.reason)
			assert.Equal(t, []experiment.Conversion{base}, m.Conversions(), row.reason)

			together := experiment.NewMemory(experiment.MemoryOptions{})
			row.want.Inserted = 1
			assert.Equal(t, row.want, record(t, together, experiment.Batch{Conversions: []experiment.Conversion{base, row.second}}), row.reason)
			assert.Equal(t, []experiment.Conversion{base}, together.Conversions(), row.reason)
		})
	}
}

func TestMemoryForgets(t *testing.T) {
	now := noon
	m := experiment.NewMemory(experiment.MemoryOptions{Now: func() time.Time { return now }})
	batch := experiment.Batch{
		Exposures:   []experiment.Exposure{sampleExposure()},
		Conversions: []experiment.Conversion{sampleConversion()},
	}
	batch.Exposures[0].Time = noon.Add(-time.Microsecond)
	record(t, m, batch)

	erasure, err := m.Forget(t.Context(), experiment.ID{Kind: experiment.KindCustomer, Value: "c-1"})
	require.NoError(t, err)
	require.NoError(t, erasure.Wait(t.Context()))
	assert.Equal(t, 1, erasure.Exposures)
	assert.Equal(t, 1, erasure.Conversions)
	assert.Empty(t, m.Exposures())
	assert.Empty(t, m.Conversions())

	want := experiment.Receipt{Inserted: 1, Barred: 1}
	assert.Equal(t, want, record(t, m, batch), "before the erasure is barred, at its moment is not")

	now = noon.Add(-time.Hour)
	_, err = m.Forget(t.Context(), experiment.ID{Kind: experiment.KindCustomer, Value: "c-1"})
	require.NoError(t, err)
	assert.Equal(t, want, record(t, m, batch), "a clock that went back does not lift the bar")

	now = noon.Add(time.Hour)
	_, err = m.Forget(t.Context(), experiment.ID{Kind: experiment.KindCustomer, Value: "c-1"})
	require.NoError(t, err)
	assert.Equal(t, experiment.Receipt{Barred: 2}, record(t, m, batch), "erasing again moves the bar forward")
}

func TestMemoryRefuses(t *testing.T) {
	m := experiment.NewMemory(experiment.MemoryOptions{})
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	id := experiment.ID{Kind: experiment.KindCustomer, Value: "c-1"}
	query := experiment.Query{Experiment: "checkout", Run: "run", Kind: experiment.KindCustomer, AsOf: []time.Time{noon}}
	good := experiment.Batch{Exposures: []experiment.Exposure{sampleExposure()}}
	bad := experiment.Batch{Exposures: []experiment.Exposure{sampleExposure(), {}}}

	_, err := m.Record(t.Context(), bad)
	var eventError *experiment.EventError
	require.ErrorAs(t, err, &eventError)
	assert.Equal(t, 1, eventError.Index)
	_, err = m.Forget(t.Context(), experiment.ID{Kind: experiment.KindCustomer})
	require.ErrorIs(t, err, experiment.ErrInvalidEvent)
	_, err = m.Summarize(t.Context(), experiment.Query{})
	require.ErrorIs(t, err, experiment.ErrInvalidQuery)

	_, recordError := m.Record(cancelled, good)
	_, forgetError := m.Forget(cancelled, id)
	_, summarizeError := m.Summarize(cancelled, query)
	for _, err := range []error{recordError, forgetError, summarizeError} {
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, experiment.ErrRetryable)
	}
	assert.Empty(t, m.Exposures(), "what was refused is not stored")

	require.NoError(t, m.Close())
	require.NoError(t, m.Close(), "closing again")
	_, recordError = m.Record(t.Context(), good)
	_, forgetError = m.Forget(t.Context(), id)
	_, summarizeError = m.Summarize(t.Context(), query)
	for _, err := range []error{recordError, forgetError, summarizeError} {
		assert.True(t, errors.Is(err, experiment.ErrStoreClosed), "%v", err)
	}
	assert.Empty(t, m.Exposures())
	assert.Empty(t, m.Conversions())
}
