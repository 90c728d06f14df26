package analysis

import (
	"context"
	"slices"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// moment is where the plan stands: as of when the data are read, and whether
// that is the evaluation.
type moment struct {
	stage Stage
	asOf  time.Time
	// matured units by variant of first exposure, as of the present, or of the
	// evaluation.
	matured map[string]int64
	// cut are those of them whose window reaches beyond the end of the
	// exposures; all is their number. Zero before the evaluation.
	cut, all int64
}

// findMoment finds the moment of the one evaluation that the plan allows, or
// says that it is still to come.
func (r *run) findMoment(ctx context.Context) (moment, error) {
	switch {
	case !r.hasPrimary():
		return r.waiting(ctx)
	case r.plan.Sample > 0:
		return r.plannedSize(ctx)
	}
	deadline := r.deadline()
	if deadline.IsZero() || r.now.Before(deadline) {
		return r.waiting(ctx)
	}
	return r.at(ctx, Evaluated, deadline)
}

// plannedSize searches the first moment with the planned size. A unit first
// exposed at f is mature at f + matures; hence as many are mature at T as were
// first exposed before T - matures + 1 microsecond, and the search runs over
// moments of exposure. First arms never change, so their counts only grow.
func (r *run) plannedSize(ctx context.Context) (moment, error) {
	latest := r.now.Add(-r.matures()).UnixMicro() + 1
	if end := r.exposuresEnd(); !end.IsZero() {
		latest = min(latest, end.UnixMicro())
	}
	smallest, err := r.smallestArms(ctx, []int64{latest})
	if err != nil {
		return moment{}, err
	}
	if smallest[0] >= r.plan.Sample {
		exposed, err := r.firstReached(ctx, latest)
		if err != nil {
			return moment{}, err
		}
		return r.at(ctx, Evaluated, time.UnixMicro(exposed-1).UTC().Add(r.matures()))
	}
	if deadline := r.deadline(); !deadline.IsZero() && !r.now.Before(deadline) {
		return r.at(ctx, Overdue, deadline)
	}
	return r.waiting(ctx)
}

// ways is the number of moments asked for in one pass of the search: 64 take
// half the passes of 8. More save little, and cost a store that computes each
// moment by itself.
const ways = 64

// firstReached returns the smallest microsecond s such that every arm has the
// planned size among the units first exposed before s. It holds at latest.
func (r *run) firstReached(ctx context.Context, latest int64) (int64, error) {
	low, high := earliestMicro, latest // not reached at low, reached at high
	points := backwards(low, high)
	for len(points) > 0 {
		smallest, err := r.smallestArms(ctx, points)
		if err != nil {
			return 0, err
		}
		i := slices.IndexFunc(smallest, func(n int64) bool { return n >= r.plan.Sample })
		switch {
		case i < 0:
			low = points[len(points)-1]
		case i == 0:
			high = points[0]
		default:
			low, high = points[i-1], points[i]
		}
		points = between(low, high)
	}
	return high, nil
}

// earliestMicro is before every event that a store accepts.
var earliestMicro = time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC).UnixMicro()

// backwards returns ascending moments that lie ever further before high, each
// twice as far as the next: the moment sought is far nearer to the present
// than to the earliest possible one.
func backwards(low, high int64) []int64 {
	var points []int64
	for step := int64(1); step < high-low; step *= 2 {
		points = append(points, high-step)
	}
	slices.Reverse(points)
	return points
}

// between returns up to ways moments that divide the open interval (low, high)
// evenly; none where high follows low.
func between(low, high int64) []int64 {
	inside := high - low - 1
	n := min(inside, ways)
	points := make([]int64, 0, max(n, 0))
	step, rest := (high-low)/(n+1), (high-low)%(n+1)
	for i := int64(1); i <= n; i++ {
		points = append(points, low+i*step+min(i, rest))
	}
	return points
}

// smallestArms returns for each moment the units first exposed before it in
// the smallest arm that carries weight.
func (r *run) smallestArms(ctx context.Context, moments []int64) ([]int64, error) {
	asOf := make([]time.Time, len(moments))
	index := make(map[int64]int, len(moments))
	for i, m := range moments {
		asOf[i] = time.UnixMicro(m).UTC()
		index[m] = i
	}
	cells, err := r.source.Summarize(ctx, r.query(experiment.FirstArm, nil, asOf...))
	if err != nil {
		return nil, err
	}
	arms := make([]map[string]int64, len(moments))
	for _, c := range cells.Cells {
		i, ok := index[c.AsOf.UnixMicro()]
		if !ok || c.Holdout {
			continue
		}
		if arms[i] == nil {
			arms[i] = make(map[string]int64)
		}
		arms[i][c.Variant] += c.Units
	}
	smallest := make([]int64, len(moments))
	for i := range arms {
		smallest[i] = r.smallest(arms[i])
	}
	return smallest, nil
}

// smallest returns the units of the smallest arm that carries weight.
func (r *run) smallest(units map[string]int64) int64 {
	least := int64(-1)
	for _, a := range r.experiment.Arms {
		if n := units[a.Variant]; a.Weight > 0 && (least < 0 || n < least) {
			least = n
		}
	}
	return max(least, 0)
}

func (r *run) waiting(ctx context.Context) (moment, error) { return r.at(ctx, Waiting, r.now) }

// at counts the units that are mature at a moment, and those of them whose
// window was cut.
func (r *run) at(ctx context.Context, stage Stage, asOf time.Time) (moment, error) {
	m := moment{stage: stage, asOf: asOf, matured: make(map[string]int64)}
	exposed := r.maturedBy(asOf)
	end := r.exposuresEnd()
	if !end.IsZero() && end.Before(exposed) {
		exposed = end
	}
	moments := []time.Time{exposed}
	whole := r.maturedBy(end) // who was exposed before it had the whole window before the end
	if stage != Waiting && r.metrics[0].Window > 0 && !end.IsZero() && whole.Before(exposed) {
		moments = []time.Time{whole, exposed}
	}
	cells, err := r.source.Summarize(ctx, r.query(experiment.FirstArm, nil, moments...))
	if err != nil {
		return moment{}, err
	}
	for _, c := range cells.Cells {
		switch {
		case c.Holdout:
		case c.AsOf.Equal(exposed):
			m.matured[c.Variant] += c.Units
			m.all += c.Units
			m.cut += c.Units
		default:
			m.cut -= c.Units
		}
	}
	if len(moments) == 1 {
		m.cut = 0
	}
	return m, nil
}

// maturedBy returns the moment before which the units were first exposed that
// are mature at another.
func (r *run) maturedBy(asOf time.Time) time.Time {
	if r.matures() == 0 {
		return asOf
	}
	return time.UnixMicro(asOf.Add(-r.matures()).UnixMicro() + 1).UTC()
}
