package assign_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
)

// abc returns arms with the names a, b, c, .. and these weights.
func abc(weights ...uint64) (arms []assign.Arm) {
	for i, weight := range weights {
		arms = append(arms, assign.Arm{Variant: string(rune('a' + i)), Weight: weight})
	}
	return arms
}

func phased(t testing.TB, arms []assign.Arm, phases ...[]assign.Arm) *assign.Split {
	t.Helper()
	split, err := assign.NewSplit(assign.Spec{Salt: "checkout-2026-11", Arms: arms, Phases: phases})
	require.NoError(t, err)
	return split
}

func diff(t testing.TB, old, new *assign.Split) assign.Change {
	t.Helper()
	change, err := assign.Diff(old, new)
	require.NoError(t, err)
	return change
}

// phaseLists draws the arms of up to seven phases. A few lists come again and again, so
// that phases are undone, redone, and come home from afar; with cells above 0 all weights
// of a phase sum to cells.
func phaseLists(random *rand.Rand, cells int) (lists [][]assign.Arm) {
	arms := 1 + random.IntN(5)
	pool := make([][]assign.Arm, 3)
	for i := range pool {
		weights := make([]uint64, arms)
		for range max(cells, 1) {
			weights[random.IntN(arms)]++
		}
		for j := range weights {
			if cells == 0 && random.IntN(4) > 0 {
				weights[j] = random.Uint64() >> random.IntN(64)
			}
		}
		pool[i] = abc(weights...)
		random.Shuffle(arms, func(a, b int) { pool[i][a], pool[i][b] = pool[i][b], pool[i][a] })
		if zero := func(a assign.Arm) bool { return a.Weight == 0 }; random.IntN(2) == 0 {
			pool[i] = slices.DeleteFunc(pool[i], zero)
		}
	}
	for range 2 + random.IntN(6) {
		lists = append(lists, pool[random.IntN(len(pool))])
	}
	return lists
}

// undone is the lists, and then each of them undone one by one.
func undone(lists [][]assign.Arm) [][]assign.Arm {
	back := slices.Clone(lists[:len(lists)-1])
	slices.Reverse(back)
	return slices.Concat(lists, back)
}

// Weights that sum to 64 put every end on a multiple of 2^58: the definition in the
// package comment, taken literally over 64 cells, has to give every cell to the same arm.
func TestPhasesAreAsDefined(t *testing.T) {
	seed := uint64(20261123)
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 4))
	for range 2000 {
		lists := undone(phaseLists(random, cellsOfLine))
		want := literal(lists)
		for phase := range lists {
			split := phased(t, lists[0], lists[1:phase+1]...)
			variants := split.Variants()
			for cell, variant := range want[phase] {
				for _, at := range []uint64{uint64(cell) << 58, uint64(cell+1)<<58 - 1} {
					index, _ := split.Arm(unitAt(at, assign.PurposeArm, "checkout-2026-11"))
					if variants[index] != variant {
						t.Fatalf("phase %d of %v, position %x: got %s, want %s", phase, lists, at, variants[index], variant)
					}
				}
			}
		}
	}
}

// mass is the number of positions of a variant, by the reference of the tests.
func mass(arms []assign.Arm, order []string) map[string]*big.Int {
	total, sum, last := new(big.Int), new(big.Int), new(big.Int)
	for _, arm := range arms {
		total.Add(total, bigOf(arm.Weight))
	}
	sizes := make(map[string]*big.Int)
	for _, variant := range order {
		for _, arm := range arms {
			if arm.Variant == variant {
				sum.Add(sum, bigOf(arm.Weight))
			}
		}
		end := onLine(sum, total)
		sizes[variant] = new(big.Int).Sub(end, last)
		last = end
	}
	return sizes
}

// totalVariation is the least mass that any change between the two must move.
func totalVariation(from, to map[string]*big.Int) *big.Int {
	sum := new(big.Int)
	for variant, size := range to {
		if more := new(big.Int).Sub(size, from[variant]); more.Sign() > 0 {
			sum.Add(sum, more)
		}
	}
	return sum
}

// positions turns a share into a number of the 2^64 positions.
func positions(t *testing.T, share *big.Rat) *big.Int {
	t.Helper()
	count := new(big.Rat).Mul(share, new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), 64)))
	require.True(t, count.IsInt())
	return count.Num()
}

func legalLists(lists [][]assign.Arm) bool {
	return !slices.ContainsFunc(lists, func(arms []assign.Arm) bool {
		return !slices.ContainsFunc(arms, func(a assign.Arm) bool { return a.Weight > 0 })
	})
}

// 10,000 random lists of phases: every phase moves exactly what it must and every revert
// brings everyone home. No arm both gives and gets.
func TestPhasesMoveTheLeast(t *testing.T) {
	t.Parallel()
	lists, steps, reverts := 10_000, 0, 0
	if testing.Short() || raceDetector {
		lists = 500
	}
	seed := uint64(20261124)
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 5))
	for done := 0; done < lists; {
		all := phaseLists(random, 0)
		if !legalLists(all) {
			continue
		}
		done++
		order := phased(t, all[0], all[1:]...).Variants()
		there := len(all)
		all = undone(all)
		splits := make([]*assign.Split, len(all))
		for phase := range all {
			splits[phase] = phased(t, all[0], all[1:phase+1]...)
			if phase == 0 {
				continue
			}
			change := diff(t, splits[phase-1], splits[phase])
			steps++
			want := totalVariation(mass(all[phase-1], order), mass(all[phase], order))
			if positions(t, change.Moved).Cmp(want) != 0 || change.Entered.Sign()+change.Left.Sign() != 0 {
				t.Fatalf("phase %d of %v: %v, want %v positions", phase, all, change, want)
			}
			requireOneWay(t, change)
			if phase >= there {
				home := diff(t, splits[2*there-2-phase], splits[phase])
				require.Empty(t, home.Moves, "%v: phase %d undone", all, phase)
				reverts++
			}
		}
	}
	t.Logf("%d lists of phases: %d steps moved exactly the total variation, %d reverts brought everyone home", lists, steps, reverts)
}

func requireOneWay(t *testing.T, change assign.Change) {
	t.Helper()
	gives := make(map[string]bool)
	for _, move := range change.Moves {
		gives[move.From] = true
	}
	for _, move := range change.Moves {
		require.False(t, gives[move.To], "%v", change)
	}
}

// A new arm swaps nobody between the others, but for a position of 2^64 where the size of
// another arm is rounded up.
func TestNewArmSwapsNobody(t *testing.T) {
	seed := uint64(20261125)
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 6))
	swapped := 0
	for range 2000 {
		weights := make([]uint64, 2+random.IntN(8))
		for i := range weights {
			weights[i] = 1 + random.Uint64()>>(1+random.IntN(62))
		}
		before := len(weights) - 1
		split := phased(t, abc(weights[:before]...))
		change := diff(t, split, phased(t, abc(weights[:before]...), abc(weights...)))
		for _, move := range change.Moves {
			if move.To != string(rune('a'+before)) {
				count := positions(t, move.Share)
				require.True(t, count.IsInt64() && count.Int64() <= int64(before), "%v", change)
				swapped += int(count.Int64())
			}
		}
	}
	t.Logf("2000 new arms: %d positions of 2^64 between the others, all by rounding", swapped)
}

// What a phase lists, and in which order, matters only for the numbers of new arms.
func TestPhaseListing(t *testing.T) {
	base := abc(1, 1, 2)
	rows := []struct {
		name, reason string
		a, b         []assign.Arm
	}{
		{"order", "sizes are taken in the order of the index", abc(3, 2, 1),
			[]assign.Arm{{Variant: "c", Weight: 1}, {Variant: "a", Weight: 3}, {Variant: "b", Weight: 2}}},
		{"weight 0", "not being listed is weight 0", abc(1, 1), abc(1, 1, 0)},
		{"scale", "weights are relative", abc(1, 2, 3), abc(100, 200, 300)},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			change := diff(t, phased(t, base, row.a), phased(t, base, row.b))
			require.Empty(t, change.Moves, row.reason)
		})
	}
	split := phased(t, abc(1, 1), []assign.Arm{{Variant: "z", Weight: 1}, {Variant: "a", Weight: 1}, {Variant: "y", Weight: 1}})
	require.Equal(t, []string{"a", "b", "z", "y"}, split.Variants())
	split.Variants()[0] = "changed"
	require.Equal(t, "a", split.Variants()[0], "the list is a copy")
}

// The caller may do with its phases what it likes.
func TestPhasesKeepNoSlice(t *testing.T) {
	phases := [][]assign.Arm{abc(60, 40), abc(1, 1, 1)}
	split := phased(t, abc(50, 50), phases...)
	before := variantsOf(split)
	phases[0][0], phases[1] = assign.Arm{Variant: "changed", Weight: 9}, nil
	require.Equal(t, before, variantsOf(split))
}

// A line is cut into a bounded number of pieces; above it the phase is named.
func TestPhasesAreBounded(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 7))
	arms := func() (arms []assign.Arm) {
		for i := range 1000 {
			arms = append(arms, assign.Arm{Variant: fmt.Sprint(i), Weight: 1 + random.Uint64N(1000)})
		}
		return arms
	}
	spec := assign.Spec{Salt: "s", Arms: arms()}
	for range 100 {
		spec.Phases = append(spec.Phases, arms())
	}
	_, err := assign.NewSplit(spec)
	var problem *assign.SpecError
	require.ErrorAs(t, err, &problem)
	require.Regexp(t, `^phases\[\d+\]$`, problem.Field)
	require.Contains(t, problem.Problem, "pieces")
}
