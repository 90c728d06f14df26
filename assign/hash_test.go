package assign_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
)

// Digests as published with XXH64 and used by its ports.
func TestHashIsXXH64(t *testing.T) {
	rows := []struct {
		name, id string
		want     uint64
	}{
		{"nothing", "", 0xef46db3751d8e999},
		{"one byte", "a", 0xd24ec4f1a98c6e5b},
		{"two bytes", "as", 0x1c330fb2d66be179},
		{"three bytes", "asd", 0x631c37ce72a97393},
		{"a word of four", "asdf", 0x415872f599cea71e},
		{"letters", "abc", 0x44bc2cf5ad770999},
		{"more than one block", "Nobody inspects the spammish repetition", 0xfbcea83c8a378bf1},
		{"one byte short of two blocks", "Call me Ishmael. Some years ago--never mind how long precisely-", 0x02a2e85470d6fd96},
		{"pangram", "The quick brown fox jumps over the lazy dog", 0x0b242d361fda71bc},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			require.Equal(t, assign.Unit(row.want), assign.Hash(row.id))
		})
	}
}

// A position is the finalizer of MurmurHash3 over unit XOR seed; it keeps 0 and can
// be walked back from any value.
func TestPosition(t *testing.T) {
	require.Equal(t, uint64(0), assign.Unit(0).Position(0))
	require.Equal(t, uint64(0), assign.Unit(77).Position(77))
	require.Equal(t, uint64(0xb456bcfc34c2cb2c), assign.Unit(1).Position(0))
	for _, position := range []uint64{0, 1, 1 << 63, 1<<64 - 1} {
		unit := unitAt(position, assign.PurposeArm, "salt")
		require.Equal(t, position, unit.Position(assign.Seed(assign.PurposeArm, "salt")))
	}
}

// A zero byte stands between salt and purpose.
func TestSeed(t *testing.T) {
	require.Equal(t, uint64(assign.Hash("salt\x00arm")), assign.Seed(assign.PurposeArm, "salt"))
	require.Equal(t, uint64(assign.Hash("salt\x00traffic")), assign.Seed(assign.PurposeTraffic, "salt"))
}

func TestCheckID(t *testing.T) {
	rows := []struct {
		name, id, reason string
		offset           int
	}{
		{"a usual id", "customer-42", "", 0},
		{"bytes that are no UTF-8", "\xff\xfe", "", 0},
		{"a space is an id", " ", "", 0},
		{"empty", "", "missing_unit", 0},
		{"only a zero byte", "\x00", "invalid_unit", 0},
		{"a zero byte behind text", "a\x00b\x00", "invalid_unit", 1},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			err := assign.CheckID(row.id)
			require.Equal(t, row.reason, reasonOf(err))
			require.Equal(t, row.reason == "", err == nil)
			if row.reason != "invalid_unit" {
				return
			}
			var typed *assign.UnitError
			require.ErrorAs(t, err, &typed)
			require.Equal(t, assign.UnitError{ID: row.id, Offset: row.offset}, *typed)
		})
	}
}
