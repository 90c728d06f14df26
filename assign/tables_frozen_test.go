package assign_test

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
)

// A table of strata is what its documentation says: units by position, dealt in runs.
func TestStrataAreRunsOfPositions(t *testing.T) {
	units := unitsOf(rand.New(rand.NewPCG(6, 1)), 1, 2, 3, 50, 700)
	spec := assign.Spec{Salt: "runs", Arms: weighted(2, 0, 3, 7)}
	strata, err := assign.Stratify(spec, listed(units))
	require.NoError(t, err)
	seed := assign.Seed(assign.PurposeArm, spec.Salt)
	for _, count := range strata.Counts() {
		var ids []string
		for _, unit := range units {
			if unit.stratum == count.Stratum {
				ids = append(ids, unit.id)
			}
		}
		slices.SortFunc(ids, func(a, b string) int {
			return cmp.Compare(assign.Hash(a).Position(seed), assign.Hash(b).Position(seed))
		})
		at := 0
		for arm, size := range count.Arms {
			for range size {
				variant, enrolled := strata.Variant(count.Stratum, ids[at])
				require.True(t, enrolled)
				require.Equal(t, spec.Arms[arm].Variant, variant)
				at++
			}
		}
		require.Len(t, ids, at)
	}
}

// A block of periods is what the documentation says: units by position, and the arms,
// each repeated by its weight, dealt in this order.
func TestSwitchbackIsSortedPositions(t *testing.T) {
	plan := planOf(t, "sorted", weighted(1, 2)...)
	seed := assign.Seed(assign.PurposeArm, "sorted")
	position := func(slot assign.Slot) uint64 { return assign.Hash(slot.Unit).Position(seed) }
	for block := range int64(100) {
		var slots []assign.Slot
		for i := range int64(3) {
			slots = append(slots, slotOf(t, plan, "oslo", 3*block+i))
		}
		slices.SortFunc(slots, func(a, b assign.Slot) int { return cmp.Compare(position(a), position(b)) })
		require.Equal(t, []string{"v0", "v1", "v1"}, []string{slots[0].Variant, slots[1].Variant, slots[2].Variant})
	}
}

// A plan that runs for weeks and a table that is made again after a release are the
// same as before: these digests change only with the major version.
func TestTablesAreFrozen(t *testing.T) {
	digest := sha256.New()
	units := unitsOf(rand.New(rand.NewPCG(4, 1)), 1, 1, 1, 2, 3, 5, 8, 13, 500)
	strata, err := assign.Stratify(assign.Spec{Salt: "frozen", Arms: weighted(3, 5, 9)}, listed(units))
	require.NoError(t, err)
	var lines []string
	for _, row := range collectRows(t, strata.List(listed(units))) {
		lines = append(lines, fmt.Sprintln(row.Stratum, row.ID, row.Variant))
	}
	slices.Sort(lines)
	fmt.Fprint(digest, lines)
	assert.Equal(t, "2b286aa664a2dc9f56bb57bb4e9d6c9a35aaab44870649f3d8ae9f7f611812de", hex.EncodeToString(digest.Sum(nil)))
	digest.Reset()
	plan := planOf(t, "frozen", weighted(1, 1, 2)...)
	for period := range int64(400) {
		slot := slotOf(t, plan, "region-"+fmt.Sprint(period%7), period)
		fmt.Fprintln(digest, slot.Unit, slot.Variant)
	}
	assert.Equal(t, "386f713b74eb0d6c8949bd3226b786feb9ac511b8ff1b7813b8ce91e61551a4f", hex.EncodeToString(digest.Sum(nil)))
}
