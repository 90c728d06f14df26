package peer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

// manyIDs returns ids of two shapes.
func manyIDs(t testing.TB, n int) []string {
	t.Helper()
	if testing.Short() {
		n /= 4
	}
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("user-%06d", i)
		if i%2 == 1 {
			ids[i] = fmt.Sprintf("%08x-9c1e-4a0f-a4a5-6f2d9f1c7e55", uint32(i)*2654435761)
		}
	}
	return ids
}

// ramped counts the units that are enrolled at any percentage of the list, and those
// of them that have left or changed their arm at the next one.
func ramped(t *testing.T, ids []string, percentages []int, at func(percentage int) assign.Spec) (enrolled, moved int) {
	t.Helper()
	before := make([]int, len(ids))
	for step, percentage := range percentages {
		split := newSplit(t, at(percentage))
		for i, id := range ids {
			arm := decide(split, id)
			if step > 0 && before[i] >= 0 {
				enrolled++
				if arm != before[i] {
					moved++
				}
			}
			before[i] = arm
		}
	}
	return enrolled, moved
}

func upTo100() []int {
	all := make([]int, 101)
	for i := range all {
		all[i] = i
	}
	return all
}

func percentOf(percentage int) assign.Share {
	return assign.Share{Num: uint64(percentage), Den: 100}
}

// specProblem is a spec that the SDK cannot express.
type specProblem struct {
	name, reason string
	spec         assign.Spec
	fields       []string // of the problems, in their order
}

func requireProblems(t *testing.T, rows []specProblem) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			require.NotEmpty(t, row.reason)
			if row.spec.Arms == nil {
				row.spec.Arms = arms(1, 1)
			}
			split, err := assign.NewSplit(row.spec)
			require.Nil(t, split, row.reason)
			var list assign.SpecErrors
			require.True(t, errors.As(err, &list), row.reason)
			var fields []string
			for _, problem := range list {
				require.NotEmpty(t, problem.Problem)
				require.True(t, strings.HasPrefix(problem.Want, "want "), problem.Want)
				fields = append(fields, problem.Field)
			}
			require.Equal(t, row.fields, fields, "%s: %v", row.reason, err)
		})
	}
}

// sinkArm keeps benchmarks from being optimised away.
var sinkArm int

// benchSpec asks for ids of 36 bytes.
func benchSpec(b *testing.B, spec assign.Spec) {
	b.Helper()
	split := newSplit(b, spec)
	var ids [256]string
	for i := range ids {
		ids[i] = fmt.Sprintf("%08x-9c1e-4a0f-a4a5-6f2d9f1c7e55", uint32(i)*2654435761)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		sinkArm, _ = split.ArmOf(ids[i%len(ids)])
	}
}

// requireNoAllocations asks for a short id and for one of 200 bytes.
func requireNoAllocations(t *testing.T, spec assign.Spec) {
	t.Helper()
	split := newSplit(t, spec)
	long := strings.Repeat("x", 200)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		short, _ := split.ArmOf("customer-42")
		other, _ := split.ArmOf(long)
		sinkArm = short + other
	}))
}

func splitSpec(percentage int) assign.Spec {
	return assign.Spec{
		Salt: "-1980788150", Arms: arms(50, 30, 20), Traffic: percentOf(percentage),
		Hash: peer.Split{TrafficAllocationSeed: 467569525},
	}
}

// Raising trafficAllocation moves nobody, because it has a seed of its own; with the
// seed of the arms it would enrol the first arm first.
func TestSplitRamp(t *testing.T) {
	enrolled, moved := ramped(t, manyIDs(t, 4000), upTo100(), splitSpec)
	require.Positive(t, enrolled)
	require.Zero(t, moved)
	legacy := func(percentage int) assign.Spec {
		spec := splitSpec(percentage)
		spec.Hash = peer.Split{Algo: 1, TrafficAllocationSeed: 467569525}
		return spec
	}
	_, moved = ramped(t, manyIDs(t, 2000), []int{10, 20, 50, 100}, legacy)
	require.Zero(t, moved)
}

// A bucket in the sizes of the partitions is that of the SDK: first partition whose
// cumulative size is not below it.
func TestSplitPartitions(t *testing.T) {
	split := newSplit(t, assign.Spec{Salt: "1034934954", Arms: arms(19, 0, 41, 40), Hash: peer.Split{}})
	rows := []struct {
		key    string
		bucket int // as in the vectors
		arm    int
	}{{"1", 19, 0}, {"42", 8, 0}, {"a", 60, 2}, {"user-000123", 80, 3}}
	for _, row := range rows {
		require.Equal(t, row.bucket, peer.Split{}.Bucket(1034934954, row.key), row.key)
		require.Equal(t, row.arm, decide(split, row.key), row.key)
	}
}

// Outside ASCII the legacy hash of Java and JavaScript reads UTF-16, that of Go bytes.
func TestSplitLegacyUnits(t *testing.T) {
	rows := []struct {
		name, key string
		utf16     []uint32
	}{
		{"one unit", "é", []uint32{0xe9}},
		{"a pair of surrogates", "😊", []uint32{0xd83d, 0xde0a}},
		{"no UTF-8", "\xff", []uint32{0xfffd}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var units, bytes uint32
			for _, unit := range row.utf16 {
				units = 31*units + unit
			}
			for _, c := range []byte(row.key) {
				bytes = 31*bytes + uint32(c)
			}
			require.Equal(t, units^7, peer.Split{Algo: 1}.Hash(7, row.key))
			require.Equal(t, bytes^7, peer.Split{Algo: 1, Unsigned: true}.Hash(7, row.key))
		})
	}
}

// A hash of -2^31 has no positive counterpart of 32 bits; Java's remainder is 48.
func TestSplitLegacyLeastHash(t *testing.T) {
	seed := peer.Split{Algo: 1}.Hash(0, "key") ^ 1<<31
	require.Equal(t, uint32(1)<<31, peer.Split{Algo: 1}.Hash(seed, "key"))
	require.Equal(t, 49, peer.Split{Algo: 1}.Bucket(seed, "key"))
}

func TestSplitProblems(t *testing.T) {
	requireProblems(t, []specProblem{
		{"salt", "a name is no seed", assign.Spec{Salt: "checkout", Hash: peer.Split{}}, []string{"salt"}},
		{"salt of two spellings", "one seed is one salt", assign.Spec{Salt: "+7", Hash: peer.Split{}}, []string{"salt"}},
		{"salt of 33 bits", "seeds have 32", assign.Spec{Salt: "4294967296", Hash: peer.Split{}}, []string{"salt"}},
		{"thirds", "there are a hundred buckets", assign.Spec{Salt: "1", Arms: arms(1, 1, 1), Hash: peer.Split{}},
			[]string{"arms[0].weight", "arms[1].weight", "arms[2].weight"}},
		{"half a percent of traffic", "there are a hundred buckets",
			assign.Spec{Salt: "1", Traffic: assign.Share{Num: 1, Den: 200}, Hash: peer.Split{TrafficAllocationSeed: 1}}, []string{"traffic"}},
		{"traffic without its seed", "seed 0 would enrol the same units for every flag",
			assign.Spec{Salt: "1", Traffic: percentOf(10), Hash: peer.Split{}}, []string{"hash.traffic_allocation_seed"}},
		{"everything", "all problems are told at once",
			assign.Spec{Salt: "x", Arms: arms(1, 2), Traffic: assign.Share{Num: 1, Den: 3}, Hash: peer.Split{Algo: 3, TrafficAllocationSeed: 1 << 32}},
			[]string{"hash.algo", "hash.traffic_allocation_seed", "salt", "arms[0].weight", "arms[1].weight", "traffic"}},
		{"murmur3 without a sign", "it has none anyway", assign.Spec{Salt: "1", Hash: peer.Split{Unsigned: true}}, []string{"hash.unsigned"}},
	})
}

func TestSplitParse(t *testing.T) {
	formula, err := peer.Parse("split/2", map[string]any{"traffic_allocation_seed": -5})
	require.NoError(t, err)
	require.Equal(t, peer.Split{Algo: 2, TrafficAllocationSeed: -5}, formula)
	require.Equal(t, "split/2", formula.Name())
	formula, err = peer.Parse("split/1", map[string]any{"unsigned": true})
	require.NoError(t, err)
	require.Equal(t, peer.Split{Algo: 1, Unsigned: true}, formula)
	require.Equal(t, "split/1", formula.Name())
	_, err = peer.Parse("split/2", map[string]any{"unsigned": true})
	require.ErrorContains(t, err, "hash.unsigned")
	_, err = peer.Parse("split/2", map[string]any{"traffic_allocation_seed": int64(1) << 40})
	require.ErrorContains(t, err, "32 bits")
}

// Nobody at 0 %, everybody at 100 %, whatever the seeds.
func TestSplitWhole(t *testing.T) {
	none, all := newSplit(t, splitSpec(0)), newSplit(t, splitSpec(100))
	for _, id := range manyIDs(t, 1000) {
		require.Equal(t, -1, decide(none, id))
		require.GreaterOrEqual(t, decide(all, id), 0)
	}
}

func TestSplitAllocations(t *testing.T) {
	requireNoAllocations(t, splitSpec(50))
	spec := splitSpec(50)
	spec.Hash = peer.Split{Algo: 1, TrafficAllocationSeed: 3}
	requireNoAllocations(t, spec)
}

func BenchmarkSplit(b *testing.B) { benchSpec(b, splitSpec(100)) }

// Whatever the key and the seed, the bucket is one of a hundred and is the arm's.
func FuzzSplit(f *testing.F) {
	f.Add("customer-42", int64(467569525), int64(-1), uint8(2), uint8(50))
	f.Add("\xff😊", int64(-1<<31), int64(1<<32-1), uint8(1), uint8(100))
	f.Fuzz(func(t *testing.T, key string, seed, trafficSeed int64, algo, percentage uint8) {
		formula := peer.Split{Algo: 1 + int(algo%2), Unsigned: algo == 2, TrafficAllocationSeed: int64(int32(trafficSeed)) | 1}
		spec := assign.Spec{Salt: fmt.Sprint(int32(seed)), Arms: arms(30, 70), Traffic: percentOf(int(percentage % 101)), Hash: formula}
		want := -1
		if formula.Bucket(uint32(formula.TrafficAllocationSeed), key) <= int(percentage%101) {
			want = 0
			if formula.Bucket(uint32(int32(seed)), key) > 30 {
				want = 1
			}
		}
		if got := decide(newSplit(t, spec), key); got != want {
			t.Fatalf("got arm %d, want %d", got, want)
		}
	})
}

func ExampleSplit() {
	split, err := assign.NewSplit(assign.Spec{
		Salt:    "467569525", // the flag's "seed"
		Arms:    []assign.Arm{{Variant: "off", Weight: 50}, {Variant: "on", Weight: 50}},
		Traffic: assign.Share{Num: 60, Den: 100},
		Hash:    peer.Split{TrafficAllocationSeed: -1980788150},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, key := range []string{"customer-1", "customer-2", "customer-3", "customer-4", "customer-5", "customer-6"} {
		variant, enrolled := split.Variant(key)
		fmt.Printf("%s %q %t\n", key, variant, enrolled)
	}
	// Output:
	// customer-1 "off" true
	// customer-2 "" false
	// customer-3 "" false
	// customer-4 "off" true
	// customer-5 "on" true
	// customer-6 "on" true
}
