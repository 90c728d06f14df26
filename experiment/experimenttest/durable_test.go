package experimenttest

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
)

// durable is a handle on a store that outlives it, as a file does.
type durable struct {
	kept   experiment.Store
	closed atomic.Bool
}

func (d *durable) Record(ctx context.Context, batch experiment.Batch) (experiment.Receipt, error) {
	if d.closed.Load() {
		return experiment.Receipt{}, experiment.ErrStoreClosed
	}
	return d.kept.Record(ctx, batch)
}

func (d *durable) Summarize(ctx context.Context, q experiment.Query) (experiment.Cells, error) {
	if d.closed.Load() {
		return experiment.Cells{}, experiment.ErrStoreClosed
	}
	return d.kept.Summarize(ctx, q)
}

func (d *durable) Forget(ctx context.Context, id experiment.ID) (experiment.Erasure, error) {
	if d.closed.Load() {
		return experiment.Erasure{}, experiment.ErrStoreClosed
	}
	return d.kept.Forget(ctx, id)
}

func (d *durable) Close() error {
	d.closed.Store(true)
	return nil
}

// durableOptions opens durable handles on references; lose is what happens to
// one before it is opened again.
func durableOptions(lose func(*reference)) Options {
	return Options{
		Seed: 1,
		Open: func(_ *testing.T, now func() time.Time) experiment.Store {
			return &durable{kept: newReference(contract(), now)}
		},
		Reopen: func(t *testing.T, closed experiment.Store, _ func() time.Time) experiment.Store {
			kept := closed.(*durable).kept
			require.IsType(t, &reference{}, kept)
			lose(kept.(*reference))
			return &durable{kept: kept}
		},
	}
}

func TestDurable(t *testing.T) {
	RunWith(t, durableOptions(func(*reference) {}))
}

func TestLossIsCaught(t *testing.T) {
	for _, loss := range []struct {
		name   string
		caught string
		lose   func(*reference)
	}{
		{"everything", "reopened", func(r *reference) { r.exposures, r.conversions = nil, nil }},
		{"the last conversion", "reopened", func(r *reference) { r.conversions = r.conversions[:max(0, len(r.conversions)-1)] }},
		{"tombstones", "reopened after an erasure", func(r *reference) { r.erased = nil }},
		{"attributes", "reopened, random history", func(r *reference) {
			for i := range r.exposures {
				r.exposures[i].Attributes = nil
			}
		}},
	} {
		t.Run(loss.name, func(t *testing.T) {
			options, err := durableOptions(loss.lose).withDefaults()
			require.NoError(t, err)
			for _, c := range reopenChecks() {
				if c.name == loss.caught {
					assert.Error(t, c.try(t, options), "check %q does not notice", c.name)
					return
				}
			}
			t.Fatalf("there is no check %q", loss.caught)
		})
	}
}
