package datasets

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
)

//go:embed recorded
var recorded embed.FS

// Recording holds the sufficient statistics of a data set at its evaluation: no
// row of the file, only counts and sums per arm. It answers the queries of an
// analysis as the store did that it was recorded from.
type Recording struct {
	// AsOf is the moment of the evaluation.
	AsOf time.Time
	// Exposed is the first exposure of every unit; zero where the units came
	// over time.
	Exposed time.Time `json:",omitzero"`
	// FirstArm and Clean hold the cells with contaminated units where they were
	// first exposed, and without them.
	FirstArm, Clean experiment.Cells
}

// Recorded returns the plan of a data set and its committed statistics.
func Recorded(s Set) (*Recording, error) {
	text, err := recorded.ReadFile("recorded/" + s.Name + ".json")
	if err != nil {
		return nil, fmt.Errorf("datasets: %w", err)
	}
	r := new(Recording)
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", s.Name, err)
	}
	return r, nil
}

// Summarize answers from the recording: units as of any moment, outcomes as of
// the evaluation.
func (r *Recording) Summarize(_ context.Context, q experiment.Query) (experiment.Cells, error) {
	from := r.Clean
	if q.Contaminated == experiment.FirstArm {
		from = r.FirstArm
	}
	var answer experiment.Cells
	for _, at := range q.AsOf {
		if !at.After(r.Exposed) {
			continue
		}
		if len(q.Values) > 0 && !at.Equal(r.AsOf) {
			return answer, fmt.Errorf("datasets: outcomes are recorded as of %v, not %v", r.AsOf, at)
		}
		for _, c := range from.Cells {
			if len(q.Values) > len(c.Sums) {
				return answer, fmt.Errorf("datasets: %d values are recorded, not %d", len(c.Sums), len(q.Values))
			}
			c.AsOf, c.Sums = at, c.Sums[:len(q.Values)]
			answer.Cells = append(answer.Cells, c)
		}
		for _, t := range from.Contaminated {
			t.AsOf = at
			answer.Contaminated = append(answer.Contaminated, t)
		}
	}
	answer.Sort()
	return answer, nil
}

// record keeps the sufficient statistics of a result.
func (l *Ledger) record(ctx context.Context, from analysis.Source, s *Set, r analysis.Result) {
	e := s.Experiment()
	var values []experiment.Value
	for _, key := range append([]string{e.Metrics.Primary}, e.Metrics.Secondary...) {
		m, _ := s.Catalog.Metric(key)
		values = append(values, m.Value())
	}
	rec := Recording{AsOf: r.AsOf.UTC()}
	if e.Plan.Sample > 0 {
		rec.Exposed = s.Units[0].Met[0].Time
	}
	for policy, cells := range map[experiment.Contaminated]*experiment.Cells{experiment.FirstArm: &rec.FirstArm, experiment.ExcludeContaminated: &rec.Clean} {
		var err error
		*cells, err = from.Summarize(ctx, experiment.Query{Experiment: e.Key, Run: e.Run(), Kind: e.Unit, AsOf: asOf(r.AsOf),
			Contaminated: policy, Values: values})
		if l.fail(s.Name+": record", err) {
			return
		}
	}
	if l.recordings == nil {
		l.recordings = make(map[string]Recording)
	}
	l.recordings[s.Name] = rec
}

// Recordings are the sufficient statistics of the sets that were analysed, by
// name.
func (l *Ledger) Recordings() map[string]Recording { return l.recordings }
