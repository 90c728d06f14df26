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
	// exposed is the moment before which the units were first exposed that are
	// mature as of the present, or of the evaluation.
	exposed time.Time
	// matured are these units, but for the holdout, where they were first exposed.
	matured census
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
// moments of exposure. First arms never change, so their counts only grow. Which
// arms must have the size depends on the phase, so that the phases are searched
// one by one.
func (r *run) plannedSize(ctx context.Context) (moment, error) {
	latest := r.now.Add(-r.matures()).UnixMicro() + 1
	if end := r.exposuresEnd(); !end.IsZero() {
		latest = min(latest, end.UnixMicro())
	}
	last := r.phasesUntil(latest)
	reached, err := r.reached(ctx, last)
	if err != nil {
		return moment{}, err
	}
	if phase := slices.Index(reached, true); phase >= 0 {
		low := earliestMicro
		if phase > 0 {
			low = last[phase-1]
		}
		exposed, err := r.firstReached(ctx, phase, low, last[phase])
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

// phasesUntil returns for each phase that began before a microsecond the last one
// whose exposures, those before it, are all of this phase or an earlier one.
func (r *run) phasesUntil(latest int64) []int64 {
	var last []int64
	for _, p := range r.schedule.phases[1:] {
		if from := p.from.UnixMicro(); from < latest {
			last = append(last, from)
		}
	}
	return append(last, latest)
}

// reached reports for each phase whether the planned size is there at its end.
func (r *run) reached(ctx context.Context, last []int64) ([]bool, error) {
	counts, err := r.census(ctx, last)
	reached := make([]bool, len(counts))
	for phase, units := range counts {
		reached[phase] = r.large(phase, units)
	}
	return reached, err
}

// large reports whether every arm that a phase compares has the planned size.
func (r *run) large(phase int, units census) bool {
	_, n := r.schedule.progress(phase, units)
	return n >= r.plan.Sample
}

// ways is the number of moments asked for in one pass of the search: 64 take
// half the passes of 8. More save little, and cost a store that computes each
// moment by itself.
const ways = 64

// firstReached returns the smallest microsecond s above low such that every arm
// that the phase compares has the planned size among the units first exposed
// before s. It holds at high.
func (r *run) firstReached(ctx context.Context, phase int, low, high int64) (int64, error) {
	points := backwards(low, high)
	for len(points) > 0 {
		counts, err := r.census(ctx, points)
		if err != nil {
			return 0, err
		}
		i := slices.IndexFunc(counts, func(units census) bool { return r.large(phase, units) })
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

// census counts for each moment the units first exposed before it, but for the
// holdout.
func (r *run) census(ctx context.Context, moments []int64) ([]census, error) {
	asOf := make([]time.Time, len(moments))
	counts := make([]census, len(moments))
	index := make(map[int64]int, len(moments))
	for i, m := range moments {
		asOf[i] = time.UnixMicro(m).UTC()
		counts[i] = make(census)
		index[m] = i
	}
	cells, err := r.source.Summarize(ctx, r.query(experiment.FirstArm, nil, asOf...))
	if err != nil {
		return nil, err
	}
	for _, c := range cells.Cells {
		if i, ok := index[c.AsOf.UnixMicro()]; ok && !c.Holdout {
			counts[i][place{c.Variant, c.Phase}] += c.Units
		}
	}
	return counts, nil
}

func (r *run) waiting(ctx context.Context) (moment, error) { return r.at(ctx, Waiting, r.now) }

// at counts the units that are mature at a moment, and those of them whose
// window was cut.
func (r *run) at(ctx context.Context, stage Stage, asOf time.Time) (moment, error) {
	m := moment{stage: stage, asOf: asOf, matured: make(census)}
	exposed := r.maturedBy(asOf)
	end := r.exposuresEnd()
	if !end.IsZero() && end.Before(exposed) {
		exposed = end
	}
	m.exposed = exposed
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
			m.matured[place{c.Variant, c.Phase}] += c.Units
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
