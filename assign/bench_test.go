package assign_test

import (
	"fmt"
	"testing"

	"github.com/cespare/xxhash/v2"
	"github.com/touchlift/touchlift/assign"
)

// Results of benchmarks end here, so that no loop is optimised away.
var (
	sinkPosition uint64
	sinkVariant  string
	sinkIndex    int
)

const benchIDs = 256 // a power of two; enough that no branch on an arm is predicted by habit

// ids36 returns ids of 36 bytes, the length of a UUID.
func ids36() []string {
	ids := make([]string, benchIDs)
	for i := range ids {
		ids[i] = fmt.Sprintf("%08x-9c1e-4a0f-a4a5-6f2d9f1c7e55", uint32(i)*2654435761)
	}
	return ids
}

func benchSplit(b *testing.B, arms int, traffic assign.Share, phases ...[]assign.Arm) *assign.Split {
	b.Helper()
	spec := assign.Spec{Salt: "checkout-2026-11", Traffic: traffic, Phases: phases}
	for i := range arms {
		spec.Arms = append(spec.Arms, assign.Arm{Variant: fmt.Sprint(i), Weight: 1})
	}
	split, err := assign.NewSplit(spec)
	if err != nil {
		b.Fatal(err)
	}
	return split
}

// BenchmarkFloor is the least that any rule of this kind costs: XXH64 of an id of 36
// bytes and one mix. BenchmarkSplit is to stay below twice this.
func BenchmarkFloor(b *testing.B) {
	ids := ids36()
	seed := assign.Seed(assign.PurposeArm, "checkout-2026-11")
	b.ReportAllocs()
	b.ResetTimer()
	var last uint64
	for i := range b.N {
		last ^= assign.Unit(xxhash.Sum64String(ids[i%benchIDs])).Position(seed)
	}
	sinkPosition = last
}

func BenchmarkSplit(b *testing.B) {
	rows := []struct {
		name    string
		arms    int
		traffic assign.Share
	}{
		{"even", 2, assign.Share{}},
		{"even/traffic=10%", 2, assign.Share{Num: 1, Den: 10}},
		{"arms=64", 64, assign.Share{}},
	}
	for _, row := range rows {
		b.Run(row.name+"/serial", func(b *testing.B) { serial(b, benchSplit(b, row.arms, row.traffic)) })
		b.Run(row.name+"/parallel", func(b *testing.B) { parallel(b, benchSplit(b, row.arms, row.traffic)) })
	}
	phase := []assign.Arm{{Variant: "0", Weight: 60}, {Variant: "1", Weight: 40}}
	b.Run("phases/serial", func(b *testing.B) { serial(b, benchSplit(b, 2, assign.Share{}, phase)) })
	b.Run("phases/parallel", func(b *testing.B) { parallel(b, benchSplit(b, 2, assign.Share{}, phase)) })
}

// BenchmarkNewSplit builds a split with many phases.
func BenchmarkNewSplit(b *testing.B) {
	spec := assign.Spec{Salt: "checkout-2026-11", Arms: abc(1, 1, 1, 1)}
	for i := range uint64(100) {
		spec.Phases = append(spec.Phases, abc(1+i*7%11, 1+i*3%13, 1+i*5%17, 1+i%19))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := assign.NewSplit(spec); err != nil {
			b.Fatal(err)
		}
	}
}

func serial(b *testing.B, split *assign.Split) {
	ids := ids36()
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		sinkVariant, _ = split.Variant(ids[i%benchIDs])
	}
}

func parallel(b *testing.B, split *assign.Split) {
	ids := ids36()
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		last := ""
		for i := 0; pb.Next(); i++ {
			last, _ = split.Variant(ids[i%benchIDs])
		}
		if last == "no such variant" {
			b.Error(last)
		}
	})
}

// BenchmarkArm is one further experiment about an id that is hashed already.
func BenchmarkArm(b *testing.B) {
	split := benchSplit(b, 2, assign.Share{Num: 1, Den: 10})
	units := make([]assign.Unit, benchIDs)
	for i, id := range ids36() {
		units[i] = assign.Hash(id)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		sinkIndex, _ = split.Arm(units[i%benchIDs])
	}
}
