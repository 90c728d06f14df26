package experiment_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
)

func soundExposure() experiment.Exposure {
	return experiment.Exposure{
		Experiment: "checkout", Run: "checkout-2026-11", Kind: experiment.KindCustomer, Unit: "c-1", Variant: "control",
		Touchpoint: "checkout-page", Class: experiment.ClassArm, Time: midday,
		IDs:        []experiment.ID{{Kind: experiment.KindCustomer, Value: "c-1"}},
		Attributes: []experiment.Attribute{experiment.String("country", "NO")},
	}
}

func soundConversion() experiment.Conversion {
	return experiment.Conversion{
		ID: experiment.ConversionKey("order-1"), Time: midday, IDs: []experiment.ID{{Kind: experiment.KindCustomer, Value: "c-1"}},
		Event: "purchase", Value: 59.9,
	}
}

// fields returns the names of the fields that an error complains of.
func fields(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok, "the problems are joined")
	var names []string
	for _, problem := range joined.Unwrap() {
		var e *experiment.EventError
		require.ErrorAs(t, problem, &e)
		assert.ErrorIs(t, problem, experiment.ErrInvalidEvent)
		assert.ErrorIs(t, problem, experiment.ErrPermanent, "trying again does not help")
		assert.NotEmpty(t, e.Problem)
		names = append(names, e.Field)
	}
	return names
}

// TestExposureValidate: what no store could keep is refused at the door.
func TestExposureValidate(t *testing.T) {
	sound := soundExposure()
	require.NoError(t, sound.Validate())
	for _, row := range []struct {
		name, reason string
		change       func(e *experiment.Exposure)
		want         []string
	}{
		{"no experiment", "part of the key", func(e *experiment.Exposure) { e.Experiment = "" }, []string{"Experiment"}},
		{"no run", "part of the key", func(e *experiment.Exposure) { e.Run = "" }, []string{"Run"}},
		{"no kind", "part of the key", func(e *experiment.Exposure) { e.Kind = "" }, []string{"Kind"}},
		{"empty unit", "part of the key", func(e *experiment.Exposure) { e.Unit = "" }, []string{"Unit"}},
		{"NUL in the unit", "PostgreSQL refuses the row and stalls the batch", func(e *experiment.Exposure) { e.Unit = "a\x00" }, []string{"Unit"}},
		{"unit not UTF-8", "text columns are UTF-8", func(e *experiment.Exposure) { e.Unit = "\xff" }, []string{"Unit"}},
		{"long unit", "keys are bounded", func(e *experiment.Exposure) { e.Unit = strings.Repeat("x", 4097) }, []string{"Unit"}},
		{"longest unit", "the bound is legal", func(e *experiment.Exposure) { e.Unit, e.IDs = strings.Repeat("x", 4096), nil }, nil},
		{"no variant", "part of the key", func(e *experiment.Exposure) { e.Variant = "" }, []string{"Variant"}},
		{"no touchpoint", "part of the key", func(e *experiment.Exposure) { e.Touchpoint = "" }, []string{"Touchpoint"}},
		{"negative phase", "phases count from 0", func(e *experiment.Exposure) { e.Phase = -1 }, []string{"Phase"}},
		{"unknown class", "classes are a closed list", func(e *experiment.Exposure) { e.Class = "" }, []string{"Class"}},
		{"no time", "the year 1 is nobody's exposure", func(e *experiment.Exposure) { e.Time = time.Time{} }, []string{"Time"}},
		{"year 10000", "it has no text form", func(e *experiment.Exposure) { e.Time = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }, []string{"Time"}},
		{"1970", "the epoch is a time", func(e *experiment.Exposure) { e.Time = time.Unix(0, 0) }, nil},
		{"too many ids", "a row is bounded", func(e *experiment.Exposure) {
			e.IDs = make([]experiment.ID, 65)
		}, []string{"IDs"}},
		{"too many attributes", "a row is bounded", func(e *experiment.Exposure) {
			e.Attributes = make([]experiment.Attribute, 1025)
		}, []string{"Attributes"}},
		{"two ids of a kind", "which of them?", func(e *experiment.Exposure) { e.IDs = append(e.IDs, e.IDs[0]) }, []string{"IDs"}},
		{"no ids", "the unit alone is enough", func(e *experiment.Exposure) { e.IDs = nil }, nil},
		{"attribute twice", "which of them?", func(e *experiment.Exposure) { e.Attributes = append(e.Attributes, e.Attributes[0]) }, []string{"Attributes"}},
		{"attribute NaN", "JSON has none", func(e *experiment.Exposure) {
			e.Attributes = []experiment.Attribute{experiment.Number("age", math.NaN())}
		}, []string{"Attributes"}},
		{"attribute without a name", "it could not be asked for", func(e *experiment.Exposure) { e.Attributes[0].Name = "" }, []string{"Attributes"}},
		{"attribute without a value", "the zero value is missing", func(e *experiment.Exposure) { e.Attributes = []experiment.Attribute{{Name: "x"}} }, []string{"Attributes"}},
		{"attributes over 64 KiB", "one row must not stall the rest", func(e *experiment.Exposure) {
			e.Attributes = []experiment.Attribute{experiment.String("x", strings.Repeat("x", 64<<10))}
		}, []string{"Attributes"}},
		{"everything at once", "all problems in one answer", func(e *experiment.Exposure) { *e = experiment.Exposure{Phase: -1} },
			[]string{"Experiment", "Run", "Kind", "Unit", "Variant", "Touchpoint", "Phase", "Class", "Time"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := soundExposure()
			row.change(&e)
			assert.Equal(t, row.want, fields(t, e.Validate()), row.reason)
		})
	}
}

func TestConversionValidate(t *testing.T) {
	sound := soundConversion()
	require.NoError(t, sound.Validate())
	for _, row := range []struct {
		name, reason string
		change       func(v *experiment.Conversion)
		want         []string
	}{
		{"no id", "recording could not be idempotent", func(v *experiment.Conversion) { v.ID = experiment.ConversionID{} }, []string{"ID"}},
		{"nobody", "it would count for no unit", func(v *experiment.Conversion) { v.IDs = nil }, []string{"IDs"}},
		{"no event", "no metric could ask for it", func(v *experiment.Conversion) { v.Event = "" }, []string{"Event"}},
		{"NaN", "it would poison every sum", func(v *experiment.Conversion) { v.Value = math.NaN() }, []string{"Value"}},
		{"infinite", "it would poison every sum", func(v *experiment.Conversion) { v.Value = math.Inf(-1) }, []string{"Value"}},
		{"largest number", "finite is legal", func(v *experiment.Conversion) { v.Value = math.MaxFloat64 }, nil},
		{"touchpoint not UTF-8", "text columns are UTF-8", func(v *experiment.Conversion) { v.Touchpoint = "\xff" }, []string{"Touchpoint"}},
		{"no time", "it would lie before every exposure", func(v *experiment.Conversion) { v.Time = time.Time{} }, []string{"Time"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			v := soundConversion()
			row.change(&v)
			assert.Equal(t, row.want, fields(t, v.Validate()), row.reason)
		})
	}
}

// TestBatchValidate: every problem names the place of its event.
func TestBatchValidate(t *testing.T) {
	bad, worse := soundExposure(), soundConversion()
	bad.Unit, worse.Value = "", math.NaN()
	batch := experiment.Batch{
		Exposures:   []experiment.Exposure{soundExposure(), bad},
		Conversions: []experiment.Conversion{soundConversion(), worse},
	}
	err := batch.Validate()
	assert.Equal(t, []string{"Unit", "Value"}, fields(t, err))
	assert.EqualError(t, err, "experiment: invalid event 1: Unit is empty\nexperiment: invalid event 3: Value is NaN, want a finite number")
	assert.Equal(t, 4, batch.Len())
}

func TestConversionIDs(t *testing.T) {
	assert.Equal(t, experiment.ConversionKey("a"), experiment.ConversionKey("a"))
	assert.NotEqual(t, experiment.ConversionKey("a"), experiment.ConversionKey("b"))
	// The value is frozen: a database holds it. printf 'touchlift/conversion/1\0order-1' | sha256sum
	assert.Equal(t, "e54535f7-047f-8078-5990-5a7d9aae0fcd", experiment.ConversionKey("order-1").String())

	id, err := experiment.NewConversionID(time.UnixMilli(0x0123456789ab), bytes.NewReader(bytes.Repeat([]byte{0xff}, 10)))
	require.NoError(t, err)
	assert.Equal(t, "01234567-89ab-7fff-bfff-ffffffffffff", id.String(), "RFC 9562: time, version 7, variant 10")
	var back experiment.ConversionID
	require.NoError(t, back.UnmarshalText([]byte(id.String())))
	assert.Equal(t, id, back)
	for _, text := range []string{"", "01234567-89ab-7fff-bfff-fffffffffff", "01234567x89ab-7fff-bfff-ffffffffffff", "0123456g-89ab-7fff-bfff-ffffffffffff"} {
		assert.Error(t, back.UnmarshalText([]byte(text)), text)
	}
	_, err = experiment.NewConversionID(midday, bytes.NewReader(nil))
	assert.Error(t, err)
}

func TestStoreError(t *testing.T) {
	cause := errors.New("disk I/O error")
	err := error(&experiment.StoreError{Op: "record", Outcome: experiment.ErrRetryable, Err: cause, Hint: "free some space"})
	assert.ErrorIs(t, err, experiment.ErrRetryable)
	assert.ErrorIs(t, err, cause)
	assert.NotErrorIs(t, err, experiment.ErrPermanent)
	assert.EqualError(t, err, "experiment: the store is not available now: record: disk I/O error; free some space")
}

func TestErasureWait(t *testing.T) {
	require.NoError(t, experiment.Erasure{}.Wait(t.Context()))
	late := errors.New("later")
	pending := experiment.Erasure{Pending: func(context.Context) error { return late }}
	assert.ErrorIs(t, pending.Wait(t.Context()), late)
}
