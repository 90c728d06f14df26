package experimenttest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
)

// reference is a second store, written apart from the in-memory one: lists
// that are searched from end to end, and one small function for each sentence
// of the contract. It checks the oracle; with one sentence broken it checks
// the suite.
type reference struct {
	rules
	clock func() time.Time

	mu          sync.Mutex
	closed      bool
	exposures   []experiment.Exposure
	conversions []experiment.Conversion
	erased      []erased
}

type erased struct {
	id experiment.ID
	at int64
}

func newReference(r rules, now func() time.Time) *reference { return &reference{rules: r, clock: now} }

func (r *reference) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	return nil
}

func (r *reference) check(ctx context.Context) error {
	if r.closed {
		return experiment.ErrStoreClosed
	}
	if ctx.Err() != nil {
		return &experiment.StoreError{Op: "test", Outcome: experiment.ErrRetryable, Err: ctx.Err()}
	}
	return nil
}

func (r *reference) Record(ctx context.Context, batch experiment.Batch) (experiment.Receipt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var receipt experiment.Receipt
	if err := errors.Join(batch.Validate(), r.check(ctx)); err != nil {
		return receipt, err
	}
	for _, e := range batch.Exposures {
		r.recordExposure(r.copied(e), &receipt)
	}
	for _, v := range batch.Conversions {
		v.IDs, v.Attributes = slices.Clone(v.IDs), slices.Clone(v.Attributes)
		r.recordConversion(v, &receipt)
	}
	return receipt, nil
}

func (r *reference) recordExposure(e experiment.Exposure, receipt *experiment.Receipt) {
	if r.isBarred(e.Time, append(slices.Clone(e.IDs), experiment.ID{Kind: e.Kind, Value: e.Unit})) {
		receipt.Barred++
		return
	}
	for i, stored := range r.exposures {
		if stored.NaturalKey() == e.NaturalKey() {
			if r.replaces(e, stored) {
				r.exposures[i] = e
				receipt.Merged++
			} else {
				receipt.Duplicate++
			}
			return
		}
	}
	r.exposures = append(r.exposures, e)
	receipt.Inserted++
}

func (r *reference) recordConversion(v experiment.Conversion, receipt *experiment.Receipt) {
	if r.isBarred(v.Time, v.IDs) {
		receipt.Barred++
		return
	}
	for i, stored := range r.conversions {
		if stored.ID == v.ID {
			if r.conflicts(v, stored) {
				receipt.Conflicting++
			} else {
				receipt.Duplicate++
			}
			if r.lastStands {
				r.conversions[i] = v
			}
			return
		}
	}
	r.conversions = append(r.conversions, v)
	receipt.Inserted++
}

func (r *reference) isBarred(t time.Time, ids []experiment.ID) bool {
	for _, e := range r.erased {
		if slices.Contains(ids, e.id) && r.bars(t.UnixMicro(), e.at) {
			return true
		}
	}
	return false
}

func (r *reference) Forget(ctx context.Context, id experiment.ID) (experiment.Erasure, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := errors.Join(id.Validate(), r.check(ctx)); err != nil {
		return experiment.Erasure{}, err
	}
	r.erased = append(r.erased, erased{id: id, at: r.clock().UnixMicro()})
	exposures, conversions := len(r.exposures), len(r.conversions)
	r.exposures = slices.DeleteFunc(r.exposures, func(e experiment.Exposure) bool { return r.carries(e, id) })
	r.conversions = slices.DeleteFunc(r.conversions, func(v experiment.Conversion) bool { return slices.Contains(v.IDs, id) })
	return experiment.Erasure{Exposures: exposures - len(r.exposures), Conversions: conversions - len(r.conversions)}, nil
}

// placed is a unit that stands in a cell as of one moment.
type placed struct {
	first    experiment.Exposure
	cell     experiment.Cell
	cluster  string
	numbers  []float64
	counting []bool
}

func (r *reference) Summarize(ctx context.Context, q experiment.Query) (experiment.Cells, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := errors.Join(q.Validate(), r.check(ctx)); err != nil {
		return experiment.Cells{}, err
	}
	var answer experiment.Cells
	for _, asOf := range q.AsOf {
		var all []placed
		for _, unit := range r.unitsOf(q) {
			if p, in := r.place(q, unit, asOf, &answer); in {
				all = append(all, p)
			}
		}
		for i, p := range all {
			if !slices.ContainsFunc(all[:i], func(o placed) bool { return describeCell(o.cell) == describeCell(p.cell) }) {
				inCell := slices.DeleteFunc(slices.Clone(all), func(o placed) bool { return describeCell(o.cell) != describeCell(p.cell) })
				answer.Cells = append(answer.Cells, r.sum(q, inCell))
			}
		}
	}
	answer.Sort()
	return answer, nil
}

func (r *reference) unitsOf(q experiment.Query) []string {
	var units []string
	for _, e := range r.exposures {
		if e.Experiment == q.Experiment && e.Run == q.Run && e.Kind == q.Kind && !slices.Contains(units, e.Unit) {
			units = append(units, e.Unit)
		}
	}
	return units
}

// place finds the cell and the totals of a unit and counts its transition.
func (r *reference) place(q experiment.Query, unit string, asOf time.Time, answer *experiment.Cells) (placed, bool) {
	var met []experiment.Exposure
	for _, e := range r.exposures {
		sameRun := e.Experiment == q.Experiment && e.Run == q.Run && e.Kind == q.Kind && e.Unit == unit
		if sameRun && r.counts(e) && r.sees(e.Time.UnixMicro(), asOf.UnixMicro()) {
			met = append(met, e)
		}
	}
	if len(met) == 0 {
		return placed{}, false
	}
	slices.SortStableFunc(met, r.order)
	first := met[0]
	variant, held := r.group(first)
	crossing := experiment.Transition{AsOf: asOf, Variant: variant, Holdout: held, Phase: first.Phase, Units: 1}
	phase, contaminated := r.contaminatedIn(met)
	for _, e := range met {
		to, toHoldout := r.group(e)
		if (to != variant || toHoldout != held) && (!contaminated || e.Phase == phase) {
			crossing.To, crossing.ToHoldout = to, toHoldout
			if contaminated {
				answer.Contaminated = countTransition(answer.Contaminated, crossing)
			} else {
				answer.Moved = countTransition(answer.Moved, crossing)
			}
			break
		}
	}
	p := placed{first: first, cell: experiment.Cell{AsOf: asOf, Variant: variant, Holdout: held, Phase: first.Phase}}
	for _, d := range q.By {
		p.cell.By = append(p.cell.By, r.level(d, met))
	}
	for _, id := range r.clusterOf(met).IDs {
		if id.Kind == q.Cluster {
			p.cluster = id.Value
		}
	}
	for _, v := range q.Values {
		y, counts := r.number(v, q.Kind, unit, first.Time.UnixMicro(), asOf.UnixMicro())
		p.numbers, p.counting = append(p.numbers, y), append(p.counting, counts)
	}
	return p, !contaminated || q.Contaminated == experiment.FirstArm
}

func countTransition(transitions []experiment.Transition, one experiment.Transition) []experiment.Transition {
	for i, t := range transitions {
		if describeTransition(t) == describeTransition(one) {
			transitions[i].Units++
			return transitions
		}
	}
	return append(transitions, one)
}

// number is the unit's total for a value, and whether it counts.
func (r *reference) number(v experiment.Value, kind experiment.Kind, unit string, first, asOf int64) (float64, bool) {
	if v.MatureOnly && !r.mature(v, first, asOf) {
		return 0, false
	}
	var events []experiment.Conversion
	for _, c := range r.conversions {
		t := c.Time.UnixMicro()
		holds := !slices.ContainsFunc(v.Filter, func(f experiment.Comparison) bool { return !r.holds(f, c) })
		if c.Event == v.Event && r.concerns(c, kind, unit) && r.inWindow(v, first, t) && r.seesConversion(t, asOf) && holds {
			events = append(events, c)
		}
	}
	slices.SortFunc(events, r.chronological)
	y, counts := r.aggregate(v, events)
	return r.capped(v, y), counts
}

// sum adds up the units of one cell, or its clusters.
func (r *reference) sum(q experiment.Query, units []placed) experiment.Cell {
	cell := units[0].cell
	if q.Cluster != "" {
		all := len(units)
		units = slices.DeleteFunc(units, func(p placed) bool { return p.cluster == "" && !r.emptyCluster })
		cell.Units, cell.Unclustered = int64(len(units)), int64(all-len(units))
		units = r.joined(q, units)
		cell.Clusters = int64(len(units))
	} else {
		cell.Units = int64(len(units))
	}
	for i, v := range q.Values {
		s := experiment.Sums{Pivot: v.Pivot}
		for _, p := range units {
			if p.counting[i] {
				y := p.numbers[i] - v.Pivot
				s.N, s.Sum, s.SumSquares = s.N+1, s.Sum+y, s.SumSquares+y*y
			}
		}
		cell.Sums = append(cell.Sums, s)
	}
	for _, pair := range q.Cross {
		cell.Joint = append(cell.Joint, r.jointOf(q, pair[0], pair[1], units))
	}
	return cell
}

func (r *reference) jointOf(q experiment.Query, first, second int, units []placed) experiment.Joint {
	var xys [][2]float64
	for _, p := range units {
		if r.countsForPair(p.counting[first], p.counting[second]) {
			xys = append(xys, [2]float64{p.numbers[first], p.numbers[second]})
		}
	}
	return pairs(q.Values[first].Pivot, q.Values[second].Pivot, xys...)
}

// joined makes one of the units of each cluster.
func (r *reference) joined(q experiment.Query, units []placed) []placed {
	var joined []placed
	for _, p := range units {
		i := slices.IndexFunc(joined, func(c placed) bool { return c.cluster == p.cluster })
		if i < 0 {
			i = len(joined)
			joined = append(joined, placed{cluster: p.cluster, numbers: make([]float64, len(q.Values)), counting: make([]bool, len(q.Values))})
		}
		for v := range q.Values {
			if p.counting[v] {
				joined[i].numbers[v] += p.numbers[v] - r.lostPerUnit(q.Values[v], joined[i].counting[v])
				joined[i].counting[v] = true
			}
		}
	}
	return joined
}

// lookup is the attribute's value or the missing value.
func lookup(attributes []experiment.Attribute, name string) audience.Value {
	for _, a := range attributes {
		if a.Name == name {
			return a.Value
		}
	}
	return audience.Value{}
}

func compareIDs(a, b experiment.Conversion) int { return bytes.Compare(a.ID[:], b.ID[:]) }
