package assign_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/assign"
)

// Every unit is in exactly one slot, and the slots of a layer are of equal size.
func TestPartsCoverTheLineOnce(t *testing.T) {
	for _, slots := range []uint64{1, 2, 3, 7, 100} {
		t.Run(fmt.Sprint(slots), func(t *testing.T) {
			parts := make([]assign.Part, slots)
			for i := range parts {
				var err error
				parts[i], err = assign.NewPart(assign.PurposeLayer, "checkout", uint64(i), uint64(i)+1, slots)
				require.NoError(t, err)
			}
			const units = 20_000
			counts := make([]int, slots)
			for i := range units {
				in, u := 0, assign.Hash(fmt.Sprintf("c-%d", i))
				for s := range parts {
					if parts[s].Has(u) {
						counts[s]++
						in++
					}
				}
				if in != 1 {
					t.Fatalf("unit %d is in %d slots", i, in)
				}
			}
			want := units / float64(slots)
			for s, n := range counts {
				assert.InDelta(t, want, n, 5*math.Sqrt(want)+1, "slot %d", s)
			}
		})
	}
}

func TestNewPart(t *testing.T) {
	rows := []struct {
		name, reason, salt string
		from, to, of       uint64
		problem            string
		has                int // of 1000 units, -1 for not looked at
	}{
		{"nobody", "from equals to", "s", 3, 3, 10, "", 0},
		{"nobody at the end", "from equals of", "s", 10, 10, 10, "", 0},
		{"everybody", "the whole line has 2^64 positions", "s", 0, 10, 10, "", 1000},
		{"widest", "the largest number of slots", "s", 0, math.MaxUint64, math.MaxUint64, "", 1000},
		{"no salt", "a stream has a salt", "", 0, 1, 2, "assign: salt: is empty", -1},
		{"no slots", "nothing to divide by", "s", 0, 0, 0, "assign: of: 0 slots: want at least one", -1},
		{"backwards", "from is not after to", "s", 5, 4, 10, "assign: to: \"5-4\" is no part of 10: want from <= to <= 10", -1},
		{"too far", "to is at most of", "s", 5, 11, 10, "assign: to: \"5-11\" is no part of 10: want from <= to <= 10", -1},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			part, err := assign.NewPart(assign.PurposeHoldout, row.salt, row.from, row.to, row.of)
			if row.problem != "" {
				assert.ErrorContains(t, err, row.problem, row.reason)
				return
			}
			require.NoError(t, err, row.reason)
			has := 0
			for i := range 1000 {
				if part.Has(assign.Hash(fmt.Sprint(i))) {
					has++
				}
			}
			assert.Equal(t, row.has, has, row.reason)
		})
	}
}

// The zero Part has nobody, so that a forgotten one lets nobody in.
func TestZeroPart(t *testing.T) {
	var part assign.Part
	assert.False(t, part.Has(assign.Hash("c-1")))
}

// A part is on the stream that the package documentation gives.
func TestPartIsOnItsStream(t *testing.T) {
	half, err := assign.NewPart(assign.PurposeLayer, "checkout", 0, 1, 2)
	require.NoError(t, err)
	for i := range 1000 {
		u := assign.Hash(fmt.Sprint(i))
		assert.Equal(t, u.Position(assign.Seed("layer", "checkout")) < 1<<63, half.Has(u))
	}
}
