package assign_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
)

// The vectors of phases were computed by testdata/phases.py, which shares no code with
// this package. They are frozen as those of vectors.jsonl are.
const phasesSHA256 = "39761e0bfcc25b9b89205215f7ca2a324af3a610371e095878c4ef80d245dd11"

type vectorArm struct {
	Variant string `json:"variant"`
	Weight  uint64 `json:"weight,string"`
}

// phasedSpec is a row that defines a split with phases, and its line in each of them.
type phasedSpec struct {
	Spec    string        `json:"spec"`
	Why     string        `json:"why"`
	Salt    string        `json:"salt_hex"`
	Arms    []vectorArm   `json:"arms"`
	Phases  [][]vectorArm `json:"phases"`
	Traffic struct {
		Num uint64 `json:"num,string"`
		Den uint64 `json:"den,string"`
	} `json:"traffic"`
	Variants []string `json:"variants"`
	Lines    [][]struct {
		Start string `json:"start"`
		Index int    `json:"index"`
	} `json:"lines"`
}

// phasedUnit is a row that maps one id by one split in each of its phases.
type phasedUnit struct {
	Spec            string `json:"spec"`
	ID              string `json:"id_hex"`
	U               string `json:"u"`
	TrafficPosition string `json:"traffic_position"`
	ArmPosition     string `json:"arm_position"`
	Indices         []int  `json:"indices"`
}

// streamUnit is a row with the position of one id in a stream.
type streamUnit struct {
	Purpose  string `json:"purpose"`
	Salt     string `json:"salt_hex"`
	Seed     string `json:"seed"`
	ID       string `json:"id_hex"`
	U        string `json:"u"`
	Position string `json:"position"`
}

func readPhases(t *testing.T) (specs []phasedSpec, units []phasedUnit, streams []streamUnit) {
	t.Helper()
	raw, err := os.ReadFile("testdata/phases.jsonl")
	require.NoError(t, err)
	digest := sha256.Sum256(raw)
	require.Equal(t, phasesSHA256, hex.EncodeToString(digest[:]), "the vectors are frozen")
	for _, row := range bytes.Split(bytes.TrimSuffix(raw, []byte("\n")), []byte("\n")) {
		switch {
		case bytes.Contains(row, []byte(`"why":`)):
			specs = append(specs, decodeRow[phasedSpec](t, row))
		case bytes.Contains(row, []byte(`"purpose":`)):
			streams = append(streams, decodeRow[streamUnit](t, row))
		default:
			units = append(units, decodeRow[phasedUnit](t, row))
		}
	}
	return specs, units, streams
}

func armsOf(rows []vectorArm) (arms []assign.Arm) {
	for _, row := range rows {
		arms = append(arms, assign.Arm{Variant: row.Variant, Weight: row.Weight})
	}
	return arms
}

// splits returns the split of the arms and of every phase.
func (row phasedSpec) splits(t *testing.T) (all []*assign.Split) {
	spec := assign.Spec{
		Salt: unhex(t, row.Salt), Arms: armsOf(row.Arms),
		Traffic: assign.Share{Num: row.Traffic.Num, Den: row.Traffic.Den},
	}
	for i := range len(row.Phases) + 1 {
		if i > 0 {
			spec.Phases = append(spec.Phases, armsOf(row.Phases[i-1]))
		}
		split, err := assign.NewSplit(spec)
		require.NoError(t, err, row.Spec)
		all = append(all, split)
	}
	require.Equal(t, row.Variants, all[len(all)-1].Variants(), row.Spec)
	return all
}

// The phases of touchlift/1: every line and every unit of the frozen rows.
func TestPhaseVectors(t *testing.T) {
	specs, units, streams := readPhases(t)
	splits := make(map[string][]*assign.Split)
	for _, row := range specs {
		require.NotContains(t, splits, row.Spec, "spec rows have unique names")
		require.NotEmpty(t, row.Why, row.Spec)
		splits[row.Spec] = row.splits(t)
		require.Len(t, row.Lines, len(splits[row.Spec]), row.Spec)
		requireLines(t, row, splits[row.Spec])
	}
	for _, row := range units {
		requirePhased(t, row, splits[row.Spec])
	}
	for _, row := range streams {
		seed := assign.Seed(assign.Purpose(row.Purpose), unhex(t, row.Salt))
		u := assign.Hash(unhex(t, row.ID))
		require.Equal(t, []string{row.Seed, row.U, row.Position},
			[]string{hex64(seed), hex64(uint64(u)), hex64(u.Position(seed))}, "%+v", row)
	}
	t.Logf("%d specs, %d units, %d positions of layers and holdouts", len(specs), len(units), len(streams))
	require.Greater(t, len(units), 1500)
	require.Greater(t, len(streams), 300)
}

// requireLines stands on the first and the last position of every piece.
func requireLines(t *testing.T, row phasedSpec, splits []*assign.Split) {
	t.Helper()
	if row.Traffic.Num != row.Traffic.Den {
		return // who stands on an arm position need not be enrolled
	}
	for phase, line := range row.Lines {
		for i, piece := range line {
			last := ^uint64(0)
			if i+1 < len(line) {
				last = unhex64(t, line[i+1].Start) - 1
			}
			for _, at := range []uint64{unhex64(t, piece.Start), last} {
				index, _ := splits[phase].Arm(unitAt(at, assign.PurposeArm, unhex(t, row.Salt)))
				require.Equal(t, piece.Index, index, "%s, phase %d, position %x", row.Spec, phase, at)
			}
		}
	}
}

func requirePhased(t *testing.T, row phasedUnit, splits []*assign.Split) {
	t.Helper()
	require.Len(t, row.Indices, len(splits), row.Spec)
	id := unhex(t, row.ID)
	require.Equal(t, row.U, hex64(uint64(assign.Hash(id))))
	for phase, split := range splits {
		index, enrolled := split.Arm(assign.Hash(id))
		require.Equal(t, row.Indices[phase], index, "%s, %s, phase %d", row.Spec, row.ID, phase)
		require.Equal(t, index >= 0, enrolled)
		variant, _ := split.Variant(id)
		if enrolled {
			require.Equal(t, split.Variants()[index], variant)
		}
	}
}

// The vectors reach what other implementations are likely to get wrong.
func TestPhaseVectorsCover(t *testing.T) {
	specs, units, _ := readPhases(t)
	covered := make(map[string]int)
	for _, row := range specs {
		covered["twenty phases"] += btoi(len(row.Phases) >= 20)
		covered["a variant of a later phase"] += btoi(len(row.Variants) > len(row.Arms))
		covered["traffic of its own"] += btoi(row.Traffic.Num < row.Traffic.Den)
		for i, line := range row.Lines {
			covered["an arm in several pieces"] += btoi(len(line) > len(row.Variants))
			covered["home in a later phase"] += btoi(i > 1 && line[0].Index == row.Lines[0][0].Index && len(line) == len(row.Lines[0]))
		}
		for _, arm := range row.Arms {
			covered["weight 0"] += btoi(arm.Weight == 0)
			covered["weight 2^63"] += btoi(arm.Weight >= 1<<63)
		}
	}
	for _, row := range units {
		covered["moved"] += btoi(row.Indices[0] != row.Indices[1])
		covered["not enrolled"] += btoi(row.Indices[0] < 0)
		covered["last position"] += btoi(strings.Trim(row.ArmPosition, "f") == "")
	}
	require.Len(t, covered, 10)
	for what, rows := range covered {
		require.Positive(t, rows, what)
	}
}
