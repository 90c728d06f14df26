package assign_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
)

// The vectors were computed by testdata/vectors.py, which shares no code with this
// package. They are frozen: if this digest has to change, so has the major version.
const vectorsSHA256 = "9f823cda7fa3aa8949d3f0721fc46fc7e3246477afa9cbc166d67728779c8076"

// vectorSpec is a row that defines a split for the unit rows behind it.
type vectorSpec struct {
	Spec string `json:"spec"`
	Why  string `json:"why"`
	Salt string `json:"salt_hex"`
	Arms []struct {
		Variant string `json:"variant"`
		Weight  uint64 `json:"weight,string"`
	} `json:"arms"`
	Traffic struct {
		Num uint64 `json:"num,string"`
		Den uint64 `json:"den,string"`
	} `json:"traffic"`
	SeedTraffic string   `json:"seed_traffic"`
	SeedArm     string   `json:"seed_arm"`
	TrafficEnd  string   `json:"traffic_end"`
	ArmEnds     []string `json:"arm_ends"`
}

// vectorUnit is a row that maps one id by one split.
type vectorUnit struct {
	Spec            string `json:"spec"`
	ID              string `json:"id_hex"`
	U               string `json:"u"`
	TrafficPosition string `json:"traffic_position"`
	ArmPosition     string `json:"arm_position"`
	Enrolled        bool   `json:"enrolled"`
	Index           int    `json:"index"`
	Variant         string `json:"variant"`
	Reason          string `json:"reason"`
}

func unhex(t *testing.T, text string) string {
	t.Helper()
	raw, err := hex.DecodeString(text)
	require.NoError(t, err)
	return string(raw)
}

func unhex64(t *testing.T, text string) uint64 {
	t.Helper()
	require.Len(t, text, 16)
	x, err := strconv.ParseUint(text, 16, 64)
	require.NoError(t, err)
	return x
}

// readVectors returns the spec rows and the unit rows, and refuses unknown fields.
func readVectors(t *testing.T) (specs []vectorSpec, units []vectorUnit) {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.jsonl")
	require.NoError(t, err)
	digest := sha256.Sum256(raw)
	require.Equal(t, vectorsSHA256, hex.EncodeToString(digest[:]), "the vectors are frozen")
	for _, line := range bytes.Split(bytes.TrimSuffix(raw, []byte("\n")), []byte("\n")) {
		if bytes.Contains(line, []byte(`"why":`)) {
			specs = append(specs, decodeRow[vectorSpec](t, line))
		} else {
			units = append(units, decodeRow[vectorUnit](t, line))
		}
	}
	return specs, units
}

func decodeRow[T any](t *testing.T, line []byte) (row T) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&row), "%s", line)
	_, err := decoder.Token()
	require.ErrorIs(t, err, io.EOF, "%s", line)
	return row
}

func (row vectorSpec) spec(t *testing.T) assign.Spec {
	spec := assign.Spec{
		Salt:    unhex(t, row.Salt),
		Traffic: assign.Share{Num: row.Traffic.Num, Den: row.Traffic.Den},
	}
	for _, arm := range row.Arms {
		spec.Arms = append(spec.Arms, assign.Arm{Variant: arm.Variant, Weight: arm.Weight})
	}
	return spec
}

// The mapping is touchlift/1: every field of every frozen row holds.
func TestVectors(t *testing.T) {
	specs, units := readVectors(t)
	require.GreaterOrEqual(t, len(units), 10_000)
	splits := make(map[string]*assign.Split)
	byName := make(map[string]vectorSpec)
	for _, row := range specs {
		require.NotContains(t, splits, row.Spec, "spec rows have unique names")
		require.NotEmpty(t, row.Why, row.Spec)
		spec := row.spec(t)
		require.Equal(t, unhex64(t, row.SeedTraffic), assign.Seed(assign.PurposeTraffic, spec.Salt), row.Spec)
		require.Equal(t, unhex64(t, row.SeedArm), assign.Seed(assign.PurposeArm, spec.Salt), row.Spec)
		requireEnds(t, row, spec)
		split, err := assign.NewSplit(spec)
		require.NoError(t, err, row.Spec)
		splits[row.Spec], byName[row.Spec] = split, row
	}
	for _, row := range units {
		require.Contains(t, splits, row.Spec)
		requireUnit(t, row, byName[row.Spec], splits[row.Spec])
	}
}

// requireEnds checks the boundaries of the row against the reference of the tests.
func requireEnds(t *testing.T, row vectorSpec, spec assign.Spec) {
	t.Helper()
	reference := newReference(spec)
	require.Equal(t, row.TrafficEnd, reference.trafficEnd.Text(16), row.Spec)
	require.Len(t, row.ArmEnds, len(spec.Arms), row.Spec)
	for i, end := range reference.armEnds {
		require.Equal(t, row.ArmEnds[i], end.Text(16), "%s, arm %d", row.Spec, i)
	}
}

// requireUnit compares without testify where nothing is wrong: there are many rows.
func requireUnit(t *testing.T, row vectorUnit, spec vectorSpec, split *assign.Split) {
	t.Helper()
	id := unhex(t, row.ID)
	u := assign.Hash(id)
	got := row
	got.U = hex64(uint64(u))
	got.TrafficPosition = hex64(u.Position(unhex64(t, spec.SeedTraffic)))
	got.ArmPosition = hex64(u.Position(unhex64(t, spec.SeedArm)))
	got.Variant, got.Enrolled = split.Variant(id)
	got.Reason, got.Index = reasonOf(assign.CheckID(id)), -1
	if got.Reason == "" {
		index, enrolled := split.Arm(u)
		require.Equal(t, got.Enrolled, enrolled, "Arm and Variant agree")
		got.Index = index
	}
	if got != row {
		require.Equal(t, row, got)
	}
}

func hex64(x uint64) string {
	raw := []byte{byte(x >> 56), byte(x >> 48), byte(x >> 40), byte(x >> 32), byte(x >> 24), byte(x >> 16), byte(x >> 8), byte(x)}
	return hex.EncodeToString(raw)
}

// The vectors reach the cases that break other implementations.
func TestVectorsCover(t *testing.T) {
	specs, units := readVectors(t)
	covered := make(map[string]int)
	arms := make(map[string]int)
	for _, row := range specs {
		arms[row.Spec] = len(row.Arms)
		covered["many arms"] += btoi(len(row.Arms) >= 64)
		covered["one arm"] += btoi(len(row.Arms) == 1)
		covered["traffic 0"] += btoi(row.Traffic.Num == 0)
		covered["traffic below 1e-17"] += btoi(row.Traffic.Num == 1 && row.Traffic.Den > 1e17)
		for _, arm := range row.Arms {
			covered["weight 0"] += btoi(arm.Weight == 0)
			covered["weight 2^63"] += btoi(arm.Weight >= 1<<63)
		}
	}
	for _, row := range units {
		size := len(row.ID) / 2
		covered["id of 1 byte"] += btoi(size == 1)
		covered["id of 4 KiB"] += btoi(size == 4096)
		covered["last position enrolled"] += btoi(row.TrafficPosition == "ffffffffffffffff" && row.Enrolled)
		covered["last arm at the last position"] += btoi(row.ArmPosition == "ffffffffffffffff" && row.Index == arms[row.Spec]-1)
		covered["empty id"] += btoi(row.Reason == "missing_unit")
		covered["zero byte"] += btoi(row.Reason == "invalid_unit")
	}
	require.Len(t, covered, 12)
	for what, rows := range covered {
		require.Positive(t, rows, what)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
