package assign_test

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
)

type stratumUnit struct{ stratum, id string }

func listed(units []stratumUnit) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, unit := range units {
			if !yield(unit.stratum, unit.id) {
				return
			}
		}
	}
}

// unitsOf makes a list of strata of the given sizes, well mixed.
func unitsOf(random *rand.Rand, sizes ...int) (units []stratumUnit) {
	for s, size := range sizes {
		for i := range size {
			units = append(units, stratumUnit{fmt.Sprintf("s%d", s), fmt.Sprintf("customer-%d-%d", s, i)})
		}
	}
	random.Shuffle(len(units), func(i, j int) { units[i], units[j] = units[j], units[i] })
	return units
}

func weighted(weights ...uint64) (arms []assign.Arm) {
	for i, weight := range weights {
		arms = append(arms, assign.Arm{Variant: fmt.Sprintf("v%d", i), Weight: weight})
	}
	return arms
}

// withinOne reports whether count differs from n * weight / total by less than one.
func withinOne(count, n uint64, arms []assign.Arm, arm int) bool {
	total := new(big.Int)
	for _, other := range arms {
		total.Add(total, bigOf(other.Weight))
	}
	want := new(big.Rat).SetFrac(new(big.Int).Mul(bigOf(n), bigOf(arms[arm].Weight)), total)
	apart := want.Sub(want, new(big.Rat).SetInt(bigOf(count)))
	return apart.Abs(apart).Cmp(big.NewRat(1, 1)) < 0
}

// requireBalance counts the rows of a table, apart from what Counts says, and wants
// exact balance in every stratum and over all of them.
func requireBalance(t *testing.T, arms []assign.Arm, rows []assign.Row, counts []assign.StratumCount) {
	t.Helper()
	byVariant := make(map[[2]string]uint64)
	for _, row := range rows {
		byVariant[[2]string{row.Stratum, row.Variant}] += uint64(btoi(row.Enrolled))
	}
	all, totals := uint64(0), make([]uint64, len(arms))
	for _, count := range counts {
		all += count.Units
		sum := uint64(0)
		for arm, units := range count.Arms {
			require.Equal(t, byVariant[[2]string{count.Stratum, arms[arm].Variant}], units)
			require.True(t, withinOne(units, count.Units, arms, arm), "%+v of %v", count, arms)
			totals[arm] += units
			sum += units
		}
		require.Equal(t, count.Units, sum)
	}
	for arm, units := range totals {
		require.True(t, withinOne(units, all, arms, arm), "total %v of %d, %v", totals, all, arms)
	}
}

// Whatever the strata and the weights, the balance is exact in each and over all.
func TestStratifyBalancesExactly(t *testing.T) {
	const seed = 7
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	rows := []struct {
		name  string
		arms  []assign.Arm
		sizes []int
	}{
		{"halves of even strata", weighted(1, 1), []int{2, 4, 100}},
		{"halves of odd strata: the odd ones are drawn together", weighted(1, 1), []int{1, 1, 1, 1, 1, 3, 5, 7}},
		{"one unit a stratum", weighted(3, 1), make1s(200)},
		{"weights that no block of units fits", weighted(5137, 4863), []int{10, 100, 999, 12_345}},
		{"many arms", weighted(1, 2, 3, 4, 5, 6, 7), []int{3, 17, 100, 101, 102, 6, 1000}},
		{"arms of weight 0 get nobody", weighted(0, 1, 0, 2, 0), []int{1, 2, 3, 50}},
		{"sums of weights beyond 2^64", weighted(math.MaxUint64, math.MaxUint64-58, math.MaxUint64/3, 1), []int{7, 11, 13, 1000}},
		{"dust beside the largest weight", weighted(1, math.MaxUint64), []int{5, 500}},
		{"a single arm", weighted(9), []int{3, 4}},
		{"nobody", weighted(1, 1), nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			units := unitsOf(random, row.sizes...)
			for _, salt := range []string{"a", "b", "c"} {
				for _, traffic := range []assign.Share{{}, {Num: 2, Den: 5}, {Num: 0, Den: 1}} {
					spec := assign.Spec{Salt: salt, Arms: row.arms, Traffic: traffic}
					strata, err := assign.Stratify(spec, listed(units))
					require.NoError(t, err)
					table := collectRows(t, strata.List(listed(units)))
					require.Len(t, table, len(units))
					requireBalance(t, row.arms, table, strata.Counts())
					requireTraffic(t, spec, table)
				}
			}
		})
	}
}

func make1s(n int) []int {
	sizes := make([]int, n)
	for i := range sizes {
		sizes[i] = 1
	}
	return sizes
}

// requireTraffic wants those enrolled whom the plain split enrols.
func requireTraffic(t *testing.T, spec assign.Spec, table []assign.Row) {
	t.Helper()
	split, err := assign.NewSplit(spec)
	require.NoError(t, err)
	for _, row := range table {
		_, enrolled := split.Variant(row.ID)
		require.Equal(t, enrolled, row.Enrolled)
		require.Equal(t, enrolled, row.Variant != "")
	}
}

// The table is that of the set of units; their order says nothing.
func TestStratifyIgnoresOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 1))
	units := unitsOf(random, 1, 2, 3, 500, 77)
	spec := assign.Spec{Salt: "order", Arms: weighted(2, 3, 7)}
	var before map[stratumUnit]string
	for range 5 {
		random.Shuffle(len(units), func(i, j int) { units[i], units[j] = units[j], units[i] })
		strata, err := assign.Stratify(spec, listed(units))
		require.NoError(t, err)
		now := make(map[stratumUnit]string)
		for _, row := range collectRows(t, strata.List(listed(units))) {
			now[stratumUnit{row.Stratum, row.ID}] = row.Variant
		}
		if before != nil {
			require.Equal(t, before, now)
		}
		before = now
	}
}

// Every unit's chance of an arm is the arm's share, also where it has to be rounded,
// and no two units of a stratum are together more often than chance wants.
func TestStratifyIsFair(t *testing.T) {
	const tables = 20_000
	n := tables
	if testing.Short() || raceDetector {
		n = tables / 10
	}
	arms := weighted(3, 1)
	units := unitsOf(rand.New(rand.NewPCG(1, 1)), 1, 2, 3, 5, 6)
	first := make([]int, len(units))
	together := 0 // two units of the stratum s1 in one arm
	for i := range n {
		strata, err := assign.Stratify(assign.Spec{Salt: fmt.Sprintf("fair-%d", i), Arms: arms}, listed(units))
		require.NoError(t, err)
		pair := ""
		for j, unit := range units {
			variant, _ := strata.Variant(unit.stratum, unit.id)
			first[j] += btoi(variant == "v0")
			if unit.stratum == "s1" {
				together += btoi(pair == variant)
				pair = variant
			}
		}
	}
	worst := 0.0
	for _, count := range first {
		worst = max(worst, math.Abs(binomialZ(count, n, 0.75)))
	}
	// Of 1.5 units in v0, one or two are: half the time they are together.
	z := binomialZ(together, n, 0.5)
	t.Logf("%d tables: worst unit %.2f, a pair together %.2f", n, worst, z)
	assert.Less(t, worst, noiseLimit)
	assert.Less(t, math.Abs(z), noiseLimit)
}

// The stratified table is the plain split with moved ends: few units differ, and one
// who was not in the list is put beside its neighbours.
func TestStratifyStaysNearTheSplit(t *testing.T) {
	units := unitsOf(rand.New(rand.NewPCG(3, 1)), 20_000)
	spec := evenSpec("near")
	split, err := assign.NewSplit(spec)
	require.NoError(t, err)
	strata, err := assign.Stratify(spec, listed(units))
	require.NoError(t, err)
	moved := 0
	for _, unit := range units {
		plain, _ := split.Variant(unit.id)
		exact, enrolled := strata.Variant(unit.stratum, unit.id)
		require.True(t, enrolled)
		moved += btoi(plain != exact)
	}
	t.Logf("%d of %d units differ from the plain split", moved, len(units))
	assert.Less(t, moved, 4*int(math.Sqrt(20_000)))
	_, enrolled := strata.Variant("s0", "late-comer")
	assert.True(t, enrolled)
}

func TestStratifyNamesBadRows(t *testing.T) {
	_, err := assign.Stratify(evenSpec("s"), listed([]stratumUnit{{"x", "a"}, {"x", ""}, {"y", "b\x00"}}))
	var list *assign.ListError
	require.ErrorAs(t, err, &list)
	require.Len(t, list.Rows, 2)
	assert.Equal(t, 2, list.Rows[0].Row)
	assert.Equal(t, 3, list.Rows[1].Row)
	assert.ErrorIs(t, err, assign.ErrMissingUnit)
	assert.ErrorIs(t, err, assign.ErrInvalidUnit)
}

// Two units on one position cannot be told apart by it; the rows are named.
func TestStratifyNamesDuplicates(t *testing.T) {
	_, err := assign.Stratify(evenSpec("s"), listed([]stratumUnit{{"x", "a"}, {"x", "a"}, {"y", "b"}}))
	require.ErrorIs(t, err, assign.ErrDuplicateUnit)
	var list *assign.ListError
	require.ErrorAs(t, err, &list)
	require.Len(t, list.Rows, 2)
	assert.Equal(t, 1, list.Rows[0].Row)
	assert.Equal(t, 2, list.Rows[1].Row)
	assert.Equal(t, "a", list.Rows[0].ID)
}

// A list that changes between two readings is noticed, however it does.
func TestStratifyNoticesAChangedList(t *testing.T) {
	first := []stratumUnit{{"x", "a"}, {"x", "b"}, {"y", "c"}, {"y", "d"}}
	rows := []struct {
		name  string
		later []stratumUnit
	}{
		{"a reader that is at its end", nil},
		{"a unit less", first[:3]},
		{"another unit", []stratumUnit{{"x", "a"}, {"x", "b"}, {"y", "c"}, {"y", "e"}}},
		{"another stratum", []stratumUnit{{"x", "a"}, {"x", "b"}, {"y", "c"}, {"z", "d"}}},
		{"units that change places", []stratumUnit{{"y", "a"}, {"x", "b"}, {"x", "c"}, {"y", "d"}}},
		{"a bad id", []stratumUnit{{"x", "a"}, {"x", "b"}, {"y", "c"}, {"y", ""}}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			reading := 0
			_, err := assign.Stratify(evenSpec("s"), func(yield func(string, string) bool) {
				units := first
				if reading++; reading > 1 {
					units = row.later
				}
				listed(units)(yield)
			})
			assert.ErrorIs(t, err, assign.ErrChangedList)
		})
	}
}

func TestStrataOfUnknown(t *testing.T) {
	strata, err := assign.Stratify(evenSpec("s"), listed([]stratumUnit{{"x", "a"}, {"", "b"}}))
	require.NoError(t, err)
	assert.Len(t, strata.Counts(), 2)
	var found []error
	for row, err := range strata.List(listed([]stratumUnit{{"x", "a"}, {"z", "b"}, {"", "b"}, {"x", ""}})) {
		assert.Equal(t, err == nil, row.Enrolled)
		found = append(found, err)
	}
	assert.ErrorIs(t, found[1], assign.ErrUnknownStratum)
	assert.ErrorIs(t, found[3], assign.ErrMissingUnit)
	_, enrolled := new(assign.Strata).Variant("x", "a")
	assert.False(t, enrolled)
}

// A million units are read a handful of times.
func TestStratifyReadsFewTimes(t *testing.T) {
	n := 1_000_000
	if testing.Short() || raceDetector {
		n = 50_000
	}
	readings := 0
	strata, err := assign.Stratify(assign.Spec{Salt: "s", Arms: weighted(1, 1, 1)}, func(yield func(string, string) bool) {
		readings++
		for id := range numbered(n) {
			if !yield(id[len(id)-1:], id) {
				return
			}
		}
	})
	require.NoError(t, err)
	assert.Len(t, strata.Counts(), 10)
	t.Logf("%d units in 10 strata: %d readings", n, readings)
	assert.LessOrEqual(t, readings, 5)
}

// Whatever the strata and the weights, the balance is exact; a list with duplicates is
// split or refused, and nothing panics or runs for ever.
func FuzzStratify(f *testing.F) {
	f.Add("s", []byte{1, 1}, []byte{3, 200, 7}, false)
	f.Add("t", []byte{63, 63, 191}, []byte{1, 1, 1, 1, 1}, false)
	f.Add("u", []byte{0, 1, 0}, []byte{9, 9}, true)
	f.Fuzz(func(t *testing.T, salt string, weights, sizes []byte, twice bool) {
		arms := weighted(0)
		for i, b := range weights[:min(len(weights), 20)] {
			arms = append(arms, assign.Arm{Variant: fmt.Sprint("w", i), Weight: weightOf(b)})
		}
		var counts []int
		for _, size := range sizes[:min(len(sizes), 50)] {
			counts = append(counts, int(size))
		}
		units := unitsOf(rand.New(rand.NewPCG(1, 1)), counts...)
		if twice && len(units) > 0 {
			units = append(units, units[0])
		}
		spec := assign.Spec{Salt: salt, Arms: arms}
		strata, err := assign.Stratify(spec, listed(units))
		if legal(spec) && errors.Is(err, assign.ErrDuplicateUnit) && twice {
			return
		}
		if (err == nil) != legal(spec) {
			t.Fatal(err)
		}
		if err == nil {
			requireBalance(t, arms, collectRows(t, strata.List(listed(units))), strata.Counts())
		}
	})
}
