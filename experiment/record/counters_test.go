package record_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment/record"
)

// full is an account that adds up, with every counter above 0.
func full() record.Counters {
	return record.Counters{
		Accepted: 66, Queued: 1, InFlight: 2,
		Inserted: 3, Merged: 4, Duplicate: 5, Conflicting: 6, Barred: 7, Unreported: 8,
		Rejected: 10, Dropped: 20,
		Invalid: 1, Future: 2, Full: 3, Closed: 4, Batches: 5, Retries: 6,
	}
}

func TestCountersCheck(t *testing.T) {
	require.NoError(t, full().Check())
	require.NoError(t, record.Counters{}.Check())
	assert.EqualValues(t, 33, full().Delivered())
	assert.EqualValues(t, 10, full().Refused())
}

// Whichever counter is wrong by one, Check sees it, unless the counter stands
// outside of the sum. None may be negative.
func TestCountersCheckSeesEveryCounter(t *testing.T) {
	outside := map[string]bool{"Invalid": true, "Future": true, "TooLarge": true, "Full": true, "Closed": true, "Batches": true, "Retries": true}
	fields := reflect.TypeFor[record.Counters]()
	for i := range fields.NumField() {
		name := fields.Field(i).Name
		t.Run(name, func(t *testing.T) {
			c := full()
			field := reflect.ValueOf(&c).Elem().Field(i)
			field.SetInt(field.Int() + 1)
			if outside[name] {
				assert.NoError(t, c.Check())
			} else {
				assert.ErrorContains(t, c.Check(), "accounted for")
			}
			field.SetInt(-1)
			assert.ErrorContains(t, c.Check(), name+" is -1")
		})
	}
}
