package experimenttest

import (
	"fmt"

	"github.com/touchlift/touchlift/experiment"
)

// queriesPerHistory are asked when a history is recorded; a few more between
// its steps.
const queriesPerHistory = 15

func randomChecks() []check {
	return []check{{
		name: "random histories", rule: "receipts and answers equal those of the in-memory store, for random events and queries",
		run: compareHistories,
	}}
}

// compareHistories compares the store with the in-memory store.
func compareHistories(t *trial) error {
	for i := range t.options.Histories {
		seed := t.options.Seed + uint64(i)
		if err := compareHistory(t, seed); err != nil {
			return fmt.Errorf("random history %d of %d; EXPERIMENTTEST_SEED=%d makes it the first:\n%w", i+1, t.options.Histories, seed, err)
		}
	}
	return nil
}

func compareHistory(t *trial, seed uint64) error {
	h, err := newHistory(seed)
	if err != nil {
		return err
	}
	store, oracle := t.open(), t.oracle()
	err = tellHistory(t, h, store, oracle)
	if closeErr := store.Close(); err == nil && closeErr != nil {
		err = fmt.Errorf("close: %w", closeErr)
	}
	return err
}

// tellHistory records the history in both stores and asks both the same.
func tellHistory(t *trial, h *history, store experiment.Store, oracle *experiment.Memory) error {
	for i, s := range h.steps {
		if err := compareStep(t, store, oracle, s); err != nil {
			return fmt.Errorf("step %d of %d: %w", i+1, len(h.steps), err)
		}
		if err := compareAnswers(t, store, oracle, h.query()); err != nil {
			return fmt.Errorf("after step %d of %d: %w", i+1, len(h.steps), err)
		}
	}
	for range queriesPerHistory {
		if err := compareAnswers(t, store, oracle, h.query()); err != nil {
			return err
		}
	}
	return nil
}

func compareStep(t *trial, store experiment.Store, oracle *experiment.Memory, s step) error {
	if s.forget != nil {
		if t.clock != nil {
			t.clock.set(s.at)
		}
		erasure, err := oracle.Forget(t.ctx, *s.forget)
		if err != nil {
			return fmt.Errorf("the in-memory store: %w", err)
		}
		if err := forget(t, store, *s.forget, erasure.Exposures, erasure.Conversions); err != nil {
			return err
		}
	}
	want, err := oracle.Record(t.ctx, s.batch)
	if err != nil {
		return fmt.Errorf("the in-memory store: %w", err)
	}
	got, err := store.Record(t.ctx, s.batch)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	// Which of several exposures of one key are merged and which are duplicates
	// depends on the order in which a store looks at a batch.
	want.Duplicate, want.Merged = want.Duplicate+want.Merged, 0
	got.Duplicate, got.Merged = got.Duplicate+got.Merged, 0
	if want != got {
		return fmt.Errorf("the receipt is, with Merged counted as Duplicate, %+v, want %+v", got, want)
	}
	return nil
}

// compareAnswers compares the answers to a query. Where they differ it looks
// for the simplest query for which they still do.
func compareAnswers(t *trial, store experiment.Store, oracle *experiment.Memory, q experiment.Query) error {
	difference, err := differenceOf(t, store, oracle, q)
	if err != nil {
		return fmt.Errorf("%w\nthe query: %s", err, describeQuery(q))
	}
	if difference == "" {
		return nil
	}
	for simplest := false; !simplest; {
		simplest = true
		for _, less := range simpler(q) {
			if d, err := differenceOf(t, store, oracle, less); err == nil && d != "" {
				q, difference, simplest = less, d, false
				break
			}
		}
	}
	return fmt.Errorf("summarize answers otherwise:\n%s\nthe query, made as simple as still fails: %s", difference, describeQuery(q))
}

func differenceOf(t *trial, store experiment.Store, oracle *experiment.Memory, q experiment.Query) (string, error) {
	want, err := oracle.Summarize(t.ctx, q)
	if err != nil {
		return "", fmt.Errorf("the in-memory store: %w", err)
	}
	got, err := store.Summarize(t.ctx, q)
	if err != nil {
		return "", fmt.Errorf("summarize: %w", err)
	}
	return Diff(want, got), nil
}
