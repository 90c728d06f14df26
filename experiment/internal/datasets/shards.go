package datasets

import (
	"context"
	"hash/fnv"

	"github.com/touchlift/touchlift/experiment"
)

// Shards are several stores, each with all events of its own units. They are
// read as one by adding up their answers.
type Shards []experiment.Store

// Record sends each event to the store of its unit.
func (s Shards) Record(ctx context.Context, batch experiment.Batch) error {
	parts := make([]experiment.Batch, len(s))
	for _, e := range batch.Exposures {
		p := &parts[s.of(e.Unit)]
		p.Exposures = append(p.Exposures, e)
	}
	for _, c := range batch.Conversions {
		p := &parts[s.of(c.IDs[0].Value)]
		p.Conversions = append(p.Conversions, c)
	}
	for i, store := range s {
		if _, err := store.Record(ctx, parts[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s Shards) of(unit string) int {
	h := fnv.New32a()
	h.Write([]byte(unit)) //nolint:errcheck // a hash takes everything
	return int(h.Sum32() % uint32(len(s)))
}

// Summarize asks every store and adds up.
func (s Shards) Summarize(ctx context.Context, query experiment.Query) (experiment.Cells, error) {
	answers := make([]experiment.Cells, len(s))
	for i, store := range s {
		var err error
		if answers[i], err = store.Summarize(ctx, query); err != nil {
			return experiment.Cells{}, err
		}
	}
	return experiment.Merge(answers...)
}
