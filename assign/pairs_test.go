package assign_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
)

// candidatesOf makes n units with covariates of very different scales.
func candidatesOf(random *rand.Rand, n, covariates int) []assign.Candidate {
	units := make([]assign.Candidate, n)
	for i := range units {
		units[i].ID = fmt.Sprintf("store-%d", i)
		for j := range covariates {
			units[i].Covariates = append(units[i].Covariates, random.NormFloat64()*math.Pow(1000, float64(j)))
		}
	}
	return units
}

// groupsOf returns the rows of every group, and wants all groups full and numbered
// from 1, with the arms in their proportion.
func groupsOf(t *testing.T, rows []assign.Row, seats map[string]int) map[int][]int {
	t.Helper()
	size := 0
	for _, count := range seats {
		size += count
	}
	groups, arms := make(map[int][]int), make(map[int]map[string]int)
	for i, row := range rows {
		require.Equal(t, row.Enrolled, row.Group > 0)
		require.Equal(t, row.Enrolled, row.Variant != "")
		if row.Group > 0 {
			groups[row.Group] = append(groups[row.Group], i)
			if arms[row.Group] == nil {
				arms[row.Group] = make(map[string]int)
			}
			arms[row.Group][row.Variant]++
		}
	}
	for group := range groups {
		require.LessOrEqual(t, group, len(groups))
		require.Equal(t, seats, arms[group], "group %d", group)
	}
	require.Equal(t, (len(rows)-len(groups)*size)%size, len(rows)-len(groups)*size, "units left over")
	return groups
}

func TestMatchFillsGroups(t *testing.T) {
	const seed = 5
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	rows := []struct {
		name       string
		n          int
		covariates int
		weights    []uint64
		seats      map[string]int
	}{
		{"pairs", 100, 1, []uint64{1, 1}, map[string]int{"v0": 1, "v1": 1}},
		{"pairs, one unit over", 101, 3, []uint64{50, 50}, map[string]int{"v0": 1, "v1": 1}},
		{"a single pair", 2, 2, []uint64{7, 7}, map[string]int{"v0": 1, "v1": 1}},
		{"triples of three arms, two units over", 1001, 2, []uint64{1, 1, 1}, map[string]int{"v0": 1, "v1": 1, "v2": 1}},
		{"two for one", 300, 2, []uint64{20, 10}, map[string]int{"v0": 2, "v1": 1}},
		{"an arm of weight 0 has no seat", 50, 1, []uint64{1, 0, 1}, map[string]int{"v0": 1, "v2": 1}},
		{"one arm", 9, 1, []uint64{5}, map[string]int{"v0": 1}},
		{"the largest group", 640, 1, []uint64{63, 1}, map[string]int{"v0": 63, "v1": 1}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			spec := assign.Spec{Salt: "match", Arms: weighted(row.weights...)}
			table, err := assign.Match(spec, candidatesOf(random, row.n, row.covariates))
			require.NoError(t, err)
			require.Len(t, table, row.n)
			groupsOf(t, table, row.seats)
		})
	}
}

// With one covariate the pairs are neighbours in sorted order.
func TestMatchPairsNeighbours(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 2))
	units := candidatesOf(random, 1000, 1)
	before := units[0].Covariates[0]
	table, err := assign.Match(evenSpec("neighbours"), units)
	require.NoError(t, err)
	require.Equal(t, before, units[0].Covariates[0])
	order := make([]int, len(units))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return btoi(units[a].Covariates[0] > units[b].Covariates[0])*2 - 1
	})
	for i := 0; i < len(order); i += 2 {
		require.Equal(t, table[order[i]].Group, table[order[i+1]].Group)
	}
}

// With three covariates of different scales pairs are much closer than units drawn at
// random, in each of them.
func TestMatchIsClose(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 2))
	units := candidatesOf(random, 2000, 3)
	table, err := assign.Match(evenSpec("close"), units)
	require.NoError(t, err)
	groups := groupsOf(t, table, map[string]int{evenArms()[0].Variant: 1, evenArms()[1].Variant: 1})
	for j := range 3 {
		apart := 0.0
		for _, pair := range groups {
			apart += math.Abs(units[pair[0]].Covariates[j]-units[pair[1]].Covariates[j]) / math.Pow(1000, float64(j))
		}
		mean := apart / float64(len(groups))
		t.Logf("covariate %d: mean distance of a pair %.3f, of two units at random %.3f", j, mean, 2/math.Sqrt(math.Pi))
		assert.Less(t, mean, 0.25)
	}
}

// Who is matched with whom and who gets what is no matter of the order of the list.
func TestMatchIgnoresOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(10, 2))
	units := candidatesOf(random, 501, 2)
	for i := range units {
		units[i].Covariates[0] = float64(i % 3) // ties
	}
	spec := assign.Spec{Salt: "order", Arms: weighted(1, 1, 1), Traffic: assign.Share{Num: 4, Den: 5}}
	var before map[string]assign.Row
	for range 5 {
		random.Shuffle(len(units), func(i, j int) { units[i], units[j] = units[j], units[i] })
		table, err := assign.Match(spec, units)
		require.NoError(t, err)
		now := make(map[string]assign.Row)
		for i, row := range table {
			require.Equal(t, units[i].ID, row.ID)
			now[row.ID] = row
		}
		if before != nil {
			require.Equal(t, before, now)
		}
		before = now
	}
}

// Every unit's chance of an arm is the arm's share, the two of a pair are dealt
// independently of other pairs, and every unit is left over equally often.
func TestMatchIsFair(t *testing.T) {
	n := 10_000
	if testing.Short() || raceDetector {
		n = 2_000
	}
	units := make([]assign.Candidate, 7) // two pairs of equal units, and three far off
	for i := range units {
		units[i] = assign.Candidate{ID: fmt.Sprint(i), Covariates: []float64{float64(i / 2), 5}}
	}
	left, first := make([]int, len(units)), make([]int, len(units))
	agree := 0
	for i := range n {
		table, err := assign.Match(evenSpec(fmt.Sprintf("fair-%d", i)), units)
		require.NoError(t, err)
		for j, row := range table {
			left[j] += btoi(!row.Enrolled)
			first[j] += btoi(row.Variant == evenArms()[0].Variant)
		}
		agree += btoi(table[0].Variant == table[6].Variant)
	}
	worst := 0.0
	for j := range units {
		worst = max(worst, math.Abs(binomialZ(left[j], n, 1.0/7)), math.Abs(binomialZ(first[j], n, 3.0/7)))
	}
	t.Logf("%d tables: worst unit %.2f; ends agree %.3f of the time", n, worst, float64(agree)/float64(n))
	assert.Less(t, worst, noiseLimit)
	// 0 and 6 are never a pair: both are in, and agree half the time, in 5 of 7 tables.
	assert.Less(t, math.Abs(binomialZ(agree, n, 2.5/7)), noiseLimit)
}

func TestMatchRefuses(t *testing.T) {
	ok := assign.Candidate{ID: "a", Covariates: []float64{1, 2}}
	rows := []struct {
		name  string
		units []assign.Candidate
		is    error
		says  string
	}{
		{"no id", []assign.Candidate{{Covariates: []float64{1, 2}}, ok}, assign.ErrMissingUnit, "row 1"},
		{"zero byte", []assign.Candidate{ok, {ID: "b\x00", Covariates: []float64{1, 2}}}, assign.ErrInvalidUnit, "row 2"},
		{"the same unit twice", []assign.Candidate{ok, ok}, assign.ErrDuplicateUnit, "it is in row 1 before"},
		{"not a number", []assign.Candidate{ok, {ID: "b", Covariates: []float64{1, math.NaN()}}}, assign.ErrCovariate, "covariates[1] is NaN"},
		{"infinite", []assign.Candidate{ok, {ID: "b", Covariates: []float64{math.Inf(-1), 1}}}, assign.ErrCovariate, "covariates[0] is -Inf"},
		{"no covariates", []assign.Candidate{{ID: "a"}, {ID: "b"}}, assign.ErrCovariate, "want at least one"},
		{"other covariates", []assign.Candidate{ok, {ID: "b", Covariates: []float64{1}}}, assign.ErrCovariate, "want 2 as in most rows"},
		{"the first without any", []assign.Candidate{{ID: "z"}, ok, {ID: "b", Covariates: []float64{1, 2}}}, assign.ErrCovariate, "row 1, id \"z\": covariates cannot be compared: there are 0: want 2"},
		{"one unit", []assign.Candidate{ok}, assign.ErrTooFewUnits, "1 of 1 units are enrolled, a group has 2"},
		{"no unit", nil, assign.ErrTooFewUnits, "0 of 0 units"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			table, err := assign.Match(evenSpec("s"), row.units)
			require.ErrorIs(t, err, row.is)
			assert.Contains(t, err.Error(), row.says)
			assert.Nil(t, table)
			var list *assign.ListError
			assert.True(t, !errors.As(err, &list) || len(list.Rows) == 1 || row.name == "no covariates", "only the bad row: %v", err)
		})
	}
	t.Run("weights that need large groups", func(t *testing.T) {
		_, err := assign.Match(assign.Spec{Salt: "s", Arms: weighted(5137, 4863)}, []assign.Candidate{ok})
		assert.Equal(t, []string{"arms"}, fieldsOf(t, err))
		_, err = assign.Match(assign.Spec{Salt: "s", Arms: weighted(1, math.MaxUint64)}, nil)
		assert.ErrorContains(t, err, "more than 64 seats")
	})
}

// Floats of any bits are matched or refused, and never panic.
func FuzzMatch(f *testing.F) {
	f.Add(uint8(2), uint64(1), 1.0, 2.0, 3.0, 4.0)
	f.Add(uint8(9), uint64(2), 0.0, math.Copysign(0, -1), math.MaxFloat64, -math.MaxFloat64)
	f.Add(uint8(5), uint64(3), math.NaN(), 1.0, 1.0, 1.0)
	f.Fuzz(func(t *testing.T, n uint8, weight uint64, a, b, c, d float64) {
		values := []float64{a, b, c, d}
		units := make([]assign.Candidate, n)
		finite := true
		for i := range units {
			units[i] = assign.Candidate{ID: fmt.Sprint(i), Covariates: []float64{values[i%4], values[i*i%3]}}
			for _, value := range units[i].Covariates {
				finite = finite && !math.IsNaN(value) && !math.IsInf(value, 0)
			}
		}
		table, err := assign.Match(assign.Spec{Salt: "s", Arms: weighted(1, weight)}, units)
		fits := finite && weight < 64 && int(n) > int(weight)
		if (err == nil) != fits {
			t.Fatalf("%d units, weight %d: %v", n, weight, err)
		}
		if err != nil {
			return
		}
		seats := map[string]int{"v0": 1}
		if weight > 0 {
			seats["v1"] = int(weight)
		}
		groupsOf(t, table, seats)
	})
}
