package assign_test

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
)

var monday = time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)

func planOf(t testing.TB, salt string, arms ...assign.Arm) *assign.Switchback {
	t.Helper()
	plan, err := assign.NewSwitchback(assign.SwitchbackSpec{
		Salt: salt, Arms: arms, Start: monday, Period: 90 * time.Minute, Washout: 15 * time.Minute})
	require.NoError(t, err)
	return plan
}

func slotOf(t testing.TB, plan *assign.Switchback, region string, period int64) assign.Slot {
	t.Helper()
	slot, err := plan.Slot(region, period)
	require.NoError(t, err)
	return slot
}

// Every block of every region holds the arms in their proportion.
func TestSwitchbackBlocks(t *testing.T) {
	rows := []struct {
		name  string
		arms  []assign.Arm
		block map[string]int
	}{
		{"two equal arms in pairs of periods", weighted(1, 1), map[string]int{"v0": 1, "v1": 1}},
		{"weights are reduced", weighted(50, 50), map[string]int{"v0": 1, "v1": 1}},
		{"three arms", weighted(2, 2, 2), map[string]int{"v0": 1, "v1": 1, "v2": 1}},
		{"two for one", weighted(1, 2), map[string]int{"v0": 1, "v1": 2}},
		{"an arm of weight 0 has no period", weighted(1, 0, 1), map[string]int{"v0": 1, "v2": 1}},
		{"one arm", weighted(3), map[string]int{"v0": 1}},
		{"the longest block", weighted(63, 1), map[string]int{"v0": 63, "v1": 1}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			plan := planOf(t, "blocks", row.arms...)
			for region := range 8 {
				for block := range int64(8) {
					got := make(map[string]int)
					for i := range int64(plan.Block()) {
						got[slotOf(t, plan, fmt.Sprint("r", region), block*int64(plan.Block())+i).Variant]++
					}
					require.Equal(t, row.block, got)
				}
			}
		})
	}
}

// Each order of the arms comes equally often, whatever the region and the block
// before: regions are independent, and so are the blocks of one.
func TestSwitchbackIsRandom(t *testing.T) {
	const blocks = 400
	regions := 300
	if testing.Short() || raceDetector {
		regions = 100
	}
	plan := planOf(t, "random", evenArms()...)
	first := make([]halves, regions) // blocks that begin with the second arm
	worst, all := 0.0, 0
	for r := range first {
		first[r] = halvesOf(blocks, func(b int) bool {
			return slotOf(t, plan, fmt.Sprintf("region-%d", r), int64(2*b)).Variant == evenArms()[1].Variant
		})
		count := first[r].differ(make(halves, len(first[r])))
		all += count
		worst = max(worst, math.Abs(binomialZ(count, blocks, 0.5)))
	}
	pairs, total := worstPair(first, blocks), binomialZ(all, regions*blocks, 0.5)
	same := 0 // blocks that begin as the one before
	for r := range first {
		for b := 1; b < blocks; b++ {
			same += btoi(first[r][b/64]>>(b%64)&1 == first[r][(b-1)/64]>>((b-1)%64)&1)
		}
	}
	serial := binomialZ(same, regions*(blocks-1), 0.5)
	t.Logf("worst region %.2f, worst pair of regions %.2f, all %.2f, block after block %.2f", worst, pairs, total, serial)
	for _, z := range []float64{worst, pairs, total, serial} {
		assert.Less(t, math.Abs(z), noiseLimit)
	}
}

// All six orders of three arms come equally often.
func TestSwitchbackPermutes(t *testing.T) {
	const blocks = 12_000
	plan := planOf(t, "permute", weighted(1, 1, 1)...)
	orders := make(map[string]int)
	for b := range int64(blocks) {
		order := ""
		for i := range int64(3) {
			order += slotOf(t, plan, "oslo", 3*b+i).Variant
		}
		orders[order]++
	}
	require.Len(t, orders, 6)
	for order, count := range orders {
		assert.Less(t, math.Abs(binomialZ(count, blocks, 1.0/6)), noiseLimit, order)
	}
}

// A time is in the period that began last, and in its wash-out until that ends.
func TestSwitchbackAt(t *testing.T) {
	plan := planOf(t, "at", evenArms()...)
	rows := []struct {
		name    string
		after   time.Duration
		period  int64
		washout bool
	}{
		{"the start itself", 0, 0, true},
		{"the last moment of the wash-out", 15*time.Minute - 1, 0, true},
		{"settled", 15 * time.Minute, 0, false},
		{"the last moment of a period", 90*time.Minute - 1, 0, false},
		{"the next period", 90 * time.Minute, 1, true},
		{"years later", 100 * 365 * 24 * time.Hour, 584_000, true},
	}
	oslo, tokyo := time.FixedZone("oslo", 3600), time.FixedZone("tokyo", 9*3600)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			at := monday.Add(row.after)
			slot, washout, err := plan.At("oslo", at)
			require.NoError(t, err)
			assert.Equal(t, row.washout, washout)
			assert.Equal(t, slotOf(t, plan, "oslo", row.period), slot)
			assert.Equal(t, fmt.Sprintf("oslo/%d", row.period), slot.Unit)
			assert.False(t, at.Before(slot.Start) || !at.Before(slot.End))
			assert.Equal(t, 90*time.Minute, slot.End.Sub(slot.Start))
			assert.Equal(t, 15*time.Minute, slot.Settled.Sub(slot.Start))
			for _, zone := range []*time.Location{oslo, tokyo} {
				elsewhere, again, err := plan.At("oslo", at.In(zone))
				require.NoError(t, err)
				assert.Equal(t, slot, elsewhere, "the zone of a time is how it is written")
				assert.Equal(t, washout, again)
			}
		})
	}
}

// Without a wash-out everything is analysed.
func TestSwitchbackWithoutWashout(t *testing.T) {
	plan, err := assign.NewSwitchback(assign.SwitchbackSpec{Salt: "s", Arms: evenArms(), Start: monday, Period: time.Hour})
	require.NoError(t, err)
	slot, washout, err := plan.At("oslo", monday)
	require.NoError(t, err)
	assert.False(t, washout)
	assert.Equal(t, slot.Start, slot.Settled)
}

func TestSwitchbackOutsidePlan(t *testing.T) {
	plan := planOf(t, "outside", evenArms()...)
	last := math.MaxInt64 / int64(90*time.Minute)
	partial, _, err := plan.At("oslo", monday.Add(math.MaxInt64-1))
	require.NoError(t, err, "the last period is in the plan, though it ends behind it")
	assert.Equal(t, slotOf(t, plan, "oslo", last), partial)
	assert.Equal(t, 90*time.Minute, partial.End.Sub(partial.Start))
	assert.Equal(t, last, slotOf(t, plan, "oslo", last).Period)
	for _, period := range []int64{-1, math.MinInt64, last + 1, math.MaxInt64} {
		_, err := plan.Slot("oslo", period)
		require.ErrorIs(t, err, assign.ErrOutsidePlan)
	}
	for _, at := range []time.Time{monday.Add(-1), {}, monday.AddDate(300, 0, 0), monday.AddDate(-300, 0, 0)} {
		_, _, err := plan.At("oslo", at)
		require.ErrorIs(t, err, assign.ErrOutsidePlan, at)
	}
	_, _, err = plan.At("oslo", monday.Add(-time.Minute))
	assert.ErrorContains(t, err, "2026-11-23 06:00:00 +0000 UTC: serve the control until then")
}

// The block of the largest period that there is ends behind it, and no name overflows.
func TestSwitchbackLastBlock(t *testing.T) {
	plan, err := assign.NewSwitchback(assign.SwitchbackSpec{Salt: "s", Arms: weighted(1, 1, 1), Start: monday, Period: 1})
	require.NoError(t, err)
	size := int64(plan.Block())
	first := math.MaxInt64 - math.MaxInt64%size
	require.Less(t, int64(math.MaxInt64)-first, size-1, "the block reaches behind the largest period")
	// By the rule of the package: the arms by the positions of the units of the block.
	type place struct {
		unit     string
		position uint64
	}
	var places []place
	for i := range uint64(size) {
		unit := fmt.Sprintf("oslo/%d", uint64(first)+i)
		places = append(places, place{unit, assign.Hash(unit).Position(assign.Seed(assign.PurposeArm, "s"))})
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.position, b.position) })
	checked := 0
	for seat, p := range places {
		for period := first; period >= first; period++ { // to the largest
			if slot := slotOf(t, plan, "oslo", period); slot.Unit == p.unit {
				assert.Equal(t, weighted(1, 1, 1)[seat].Variant, slot.Variant)
				checked++
			}
		}
	}
	assert.Equal(t, int(math.MaxInt64-first)+1, checked)
}

// The zero Switchback answers with an error.
func TestSwitchbackZero(t *testing.T) {
	var plan assign.Switchback
	_, _, err := plan.At("oslo", monday)
	require.ErrorIs(t, err, assign.ErrOutsidePlan)
	_, err = plan.Slot("oslo", 0)
	require.ErrorIs(t, err, assign.ErrOutsidePlan)
	require.ErrorContains(t, err, "get one from NewSwitchback")
	assert.Zero(t, plan.Block())
}

func TestSwitchbackRegions(t *testing.T) {
	plan := planOf(t, "regions", evenArms()...)
	_, _, err := plan.At("", monday)
	require.ErrorIs(t, err, assign.ErrMissingUnit)
	require.ErrorContains(t, err, "assign: region: unit id is empty")
	_, err = plan.Slot("a\x00b", 0)
	require.ErrorIs(t, err, assign.ErrInvalidUnit)
	assert.Equal(t, "no/oslo/1/2", slotOf(t, plan, "no/oslo/1", 2).Unit)
}

// Every problem of a plan is named at once.
func TestSwitchbackRefuses(t *testing.T) {
	rows := []struct {
		name   string
		spec   assign.SwitchbackSpec
		fields []string
	}{
		{"the zero plan", assign.SwitchbackSpec{}, []string{"salt", "arms", "start", "period"}},
		{"everything wrong", assign.SwitchbackSpec{Salt: "a\x00", Arms: weighted(0), Period: -time.Hour, Washout: -1},
			[]string{"salt", "arms", "start", "period", "washout"}},
		{"a block too long, and no salt", assign.SwitchbackSpec{Arms: weighted(33, 32), Start: monday, Period: time.Hour, Washout: -1},
			[]string{"salt", "arms", "washout"}},
		{"nothing left of a period", assign.SwitchbackSpec{Salt: "s", Arms: evenArms(), Start: monday, Period: time.Hour, Washout: time.Hour},
			[]string{"washout"}},
		{"a block too long", assign.SwitchbackSpec{Salt: "s", Arms: weighted(33, 32), Start: monday, Period: time.Hour}, []string{"arms"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			plan, err := assign.NewSwitchback(row.spec)
			assert.Equal(t, row.fields, fieldsOf(t, err))
			assert.Nil(t, plan)
		})
	}
	_, err := assign.NewSwitchback(assign.SwitchbackSpec{Salt: "s", Arms: evenArms(), Start: monday, Period: time.Hour, Washout: 2 * time.Hour})
	assert.EqualError(t, err, "assign: washout: 2h0m0s leaves nothing of a period of 1h0m0s: want less than the period, so that something can be analysed")
}

// A plan keeps nothing of the caller's arms and serves several goroutines at once.
func TestSwitchbackIsImmutable(t *testing.T) {
	arms := evenArms()
	plan := planOf(t, "immutable", arms...)
	want := slotOf(t, plan, "oslo", 5)
	arms[0].Variant, arms[1].Variant = "x", "y"
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 100 {
				slot, err := plan.Slot("oslo", 5)
				assert.NoError(t, err)
				assert.Equal(t, want, slot)
			}
		})
	}
	group.Wait()
}
