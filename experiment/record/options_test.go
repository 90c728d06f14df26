package record_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment/record"
)

func TestOptionsAreJudgedAllAtOnce(t *testing.T) {
	_, err := record.New(nil, record.Options{QueueEvents: -1, BatchWait: -time.Second, MaxBackoff: time.Millisecond})
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok)
	var fields []string
	for _, problem := range joined.Unwrap() {
		var wrong *record.OptionError
		require.ErrorAs(t, problem, &wrong)
		fields = append(fields, wrong.Field)
	}
	assert.Equal(t, []string{"store", "QueueEvents", "BatchWait", "MaxBackoff"}, fields)
	assert.EqualError(t, err, "record: store is <nil>, want a store\n"+
		"record: QueueEvents is -1, want more than 0, or 0 for the default\n"+
		"record: BatchWait is -1s, want more than 0, or 0 for the default\n"+
		"record: MaxBackoff is 1ms, want at least MinBackoff, which is 50ms")
}

func TestOptionsRows(t *testing.T) {
	rows := []struct {
		name, reason string
		options      record.Options
		field        string
	}{
		{"zero", "all defaults", record.Options{}, ""},
		{"long first wait", "the default limit gives way", record.Options{MinBackoff: time.Minute}, ""},
		{"equal bounds", "a constant limit is a choice", record.Options{MinBackoff: time.Second, MaxBackoff: time.Second}, ""},
		{"limit below start", "one of them is a mistake", record.Options{MinBackoff: time.Second, MaxBackoff: time.Millisecond}, "MaxBackoff"},
		{"bytes", "no memory, no queue", record.Options{QueueBytes: -1}, "QueueBytes"},
		{"batch events", "a batch has events", record.Options{BatchEvents: -5}, "BatchEvents"},
		{"batch bytes", "a batch has bytes", record.Options{BatchBytes: -5}, "BatchBytes"},
		{"timeout", "no call could succeed", record.Options{AttemptTimeout: -1}, "AttemptTimeout"},
		{"first wait", "time does not run back", record.Options{MinBackoff: -1}, "MinBackoff"},
		{"limit", "time does not run back", record.Options{MaxBackoff: -1}, "MaxBackoff"},
		{"ahead", "the present must be accepted", record.Options{MaxAhead: -1}, "MaxAhead"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r, err := record.New(newFakeStore(), row.options)
			if row.field == "" {
				require.NoError(t, err, row.reason)
				require.NoError(t, r.Close(t.Context()))
				return
			}
			var wrong *record.OptionError
			require.True(t, errors.As(err, &wrong), row.reason)
			assert.Equal(t, row.field, wrong.Field)
		})
	}
}
