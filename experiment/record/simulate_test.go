package record_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/record"
)

// A simulation is a recorder, a store that fails at random, producers and
// flushers, all driven by one seed. Every so often everything is brought to a
// stop and audited.

// tally is what the producers and callbacks of a simulation saw, kept apart
// from the recorder's own counting.
type tally struct {
	mu       sync.Mutex
	accepted map[string]int // name of the event -> times accepted
	poisoned int            // of these, those that the store will refuse
	rejected map[string]int
	refused  int
}

func newTally() *tally {
	return &tally{accepted: make(map[string]int), rejected: make(map[string]int)}
}

// note takes down what Expose or Track said of an event.
func (s *tally) note(name string, poison bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.refused++
		return
	}
	s.accepted[name]++
	if poison {
		s.poisoned++
	}
}

func (s *tally) reject(event record.Rejected) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rejected[rejectedName(event)]++
}

func rejectedName(event record.Rejected) string {
	if event.Exposure != nil {
		return event.Exposure.Unit
	}
	return event.Conversion.ID.String()
}

// sum adds up the times.
func sum(times map[string]int) (n int) {
	for _, k := range times {
		n += k
	}
	return n
}

// audit compares counters with the tally, at any quiet point.
func (s *tally) audit(c record.Counters) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	errs := []error{c.Check()}
	expect := func(what string, got int64, want int) {
		if got != int64(want) {
			errs = append(errs, fmt.Errorf("%s: counted %d, happened %d", what, got, want))
		}
	}
	expect("accepted", c.Accepted, sum(s.accepted))
	expect("refused", c.Refused(), s.refused)
	expect("rejected", c.Rejected, sum(s.rejected))
	expect("unreported", c.Unreported, 0)
	return errors.Join(errs...)
}

// settled compares the store with the tally once everything is delivered:
// every accepted event is in the store once, or was rejected as often as it was
// accepted.
func (s *tally) settled(c record.Counters, store *experiment.Memory) error {
	errs := []error{s.audit(c)}
	stored := make(map[string]int)
	for _, e := range store.Exposures() {
		stored[e.Unit]++
	}
	for _, v := range store.Conversions() {
		stored[v.ID.String()]++
	}
	for name, times := range s.accepted {
		if stored[name] != 1 && s.rejected[name] != times {
			errs = append(errs, fmt.Errorf("%s: accepted %d times, stored %d, rejected %d", name, times, stored[name], s.rejected[name]))
		}
	}
	for name := range stored {
		if s.accepted[name] == 0 {
			errs = append(errs, fmt.Errorf("%s: stored, never accepted", name))
		}
	}
	if c.Rejected != int64(s.poisoned) {
		errs = append(errs, fmt.Errorf("rejected %d events, accepted %d that the store refuses", c.Rejected, s.poisoned))
	}
	if c.Queued+c.InFlight != 0 {
		errs = append(errs, fmt.Errorf("queued %d and in flight %d, want none", c.Queued, c.InFlight))
	}
	return errors.Join(errs...)
}

// flaky makes a fault that misbehaves at random, with a rate of failures that
// changes from minute to minute.
func flaky(seed uint64) func(context.Context, int, experiment.Batch, *experiment.Memory) (experiment.Receipt, error) {
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(seed, 1))
	draw := func() (rate float64, fault int, wait time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		return rng.Float64(), rng.IntN(7), time.Duration(rng.IntN(400)) * time.Millisecond
	}
	return func(ctx context.Context, call int, batch experiment.Batch, memory *experiment.Memory) (experiment.Receipt, error) {
		chance, fault, wait := draw()
		<-time.After(wait)
		rate := 0.2 + 0.6*float64(time.Now().Minute()%2)
		if chance > rate {
			return refusePoison(ctx, call, batch, memory)
		}
		switch fault {
		case 0:
			return experiment.Receipt{}, errDown
		case 1:
			return experiment.Receipt{}, errUnknown
		case 2:
			_, _ = refusePoison(ctx, call, batch, memory)
			return experiment.Receipt{}, errUnknown
		case 3:
			_, _ = refusePoison(ctx, call, batch, memory)
			return experiment.Receipt{}, errUntyped
		case 4:
			return hang(ctx, call, batch, memory)
		case 5:
			panic(fault)
		}
		_, _ = refusePoison(ctx, call, batch, memory)
		panic(fault)
	}
}

// produce makes n events with pauses: new, repeated, poisoned and invalid ones.
func produce(r *record.Recorder, s *tally, rng *rand.Rand, producer, n int) {
	for range n {
		if rng.IntN(4) == 0 {
			<-time.After(time.Duration(rng.ExpFloat64() * float64(300*time.Millisecond)))
		}
		number := producer*10_000 + rng.IntN(n)
		poison := number%53 == 0
		touchpoint := "page"
		if poison {
			touchpoint = "poison"
		}
		if number%2 == 0 {
			e := exposureOf(number)
			e.Touchpoint = touchpoint
			if rng.IntN(30) == 0 {
				e.Variant = ""
			}
			s.note(e.Unit, poison, r.Expose(context.Background(), e))
			continue
		}
		v := conversionOf(number)
		v.Touchpoint = touchpoint
		if rng.IntN(30) == 0 {
			v.Time = v.Time.AddDate(1, 0, 0)
		}
		s.note(v.ID.String(), poison, r.Track(context.Background(), v))
	}
}

// simulate runs one seed up to Close and returns the error of Close.
func simulate(t *testing.T, seed uint64, patience time.Duration) (*record.Recorder, *tally, *fakeStore, error) {
	rng := rand.New(rand.NewPCG(seed, 2))
	store, s := newFakeStore(), newTally()
	store.fault = flaky(seed)
	var jitter = rand.New(rand.NewPCG(seed, 3))
	r, err := record.New(store, record.Options{
		QueueEvents: 20 + rng.IntN(400), BatchEvents: 1 + rng.IntN(60),
		BatchBytes: int64(500 + rng.IntN(20_000)),
		MaxBackoff: time.Duration(1+rng.IntN(10)) * time.Second,
		OnReject:   s.reject, Rand: jitter.Float64,
	})
	require.NoError(t, err)
	var producers sync.WaitGroup
	for producer := range 3 {
		own := rand.New(rand.NewPCG(seed, uint64(10+producer)))
		producers.Go(func() { produce(r, s, own, producer, 150) })
	}
	producers.Go(func() {
		for range 5 {
			<-time.After(time.Duration(rng.IntN(5000)) * time.Millisecond)
			ctx, cancel := context.WithTimeout(context.Background(), 4*time.Second)
			_ = r.Flush(ctx)
			cancel()
		}
	})
	for range 20 {
		after(500 * time.Millisecond)
		require.NoError(t, s.audit(r.Counters()), "seed %d", seed)
	}
	producers.Wait()
	closeErr := r.Close(within(t, patience))
	synctest.Wait()
	return r, s, store, closeErr
}

// seeds of the simulation. A failure names its seed; the same seed fails again.
const seeds = 300

func TestSimulationDeliversEverything(t *testing.T) {
	var met record.Counters
	for seed := range uint64(seeds) {
		synctest.Test(t, func(t *testing.T) {
			r, s, store, err := simulate(t, seed, time.Hour)
			c := r.Counters()
			require.NoError(t, err, "seed %d", seed)
			require.NoError(t, s.settled(c, store.Memory), "seed %d", seed)
			require.Zero(t, c.Dropped, "seed %d", seed)
			met.Retries += c.Retries
			met.Rejected += c.Rejected
			met.Merged += c.Merged
			met.Duplicate += c.Duplicate
			met.Full += c.Full
			met.Invalid += c.Invalid
			met.Future += c.Future
		})
	}
	for name, n := range map[string]int64{"retries": met.Retries, "rejected": met.Rejected, "merged": met.Merged,
		"duplicate": met.Duplicate, "full": met.Full, "invalid": met.Invalid, "future": met.Future} {
		require.Greater(t, n, int64(seeds/3), "the simulation must meet the case: %s", name)
	}
}

func TestSimulationOfAHastyClose(t *testing.T) {
	dropped := 0
	for seed := range uint64(seeds / 3) {
		synctest.Test(t, func(t *testing.T) {
			r, s, _, err := simulate(t, seed, time.Duration(seed*20)*time.Millisecond)
			c := r.Counters()
			require.NoError(t, s.audit(c), "seed %d", seed)
			require.Zero(t, c.Queued+c.InFlight, "seed %d", seed)
			after(time.Second) // the store looks at its ctx after 400 ms at most
			require.Zero(t, goroutines(), "seed %d", seed)
			require.Equal(t, c, r.Counters(), "seed %d: a late answer changes nothing", seed)
			var left *record.CloseError
			if errors.As(err, &left) {
				dropped++
				require.EqualValues(t, left.Remaining.Total(), c.Dropped, "seed %d", seed)
			} else {
				require.NoError(t, err, "seed %d", seed)
				require.Zero(t, c.Dropped, "seed %d", seed)
			}
		})
	}
	require.Greater(t, dropped, seeds/10, "the simulation must meet the case")
}

// The audit is worth something only if it sees mistakes.
func TestAuditSeesPlantedMistakes(t *testing.T) {
	rows := []struct {
		name, reason string
		plant        func(*record.Counters, *tally, *experiment.Memory)
		want         string
	}{
		{"none", "a right account passes", func(*record.Counters, *tally, *experiment.Memory) {}, ""},
		{"delivered twice", "an event counted in two places", func(c *record.Counters, _ *tally, _ *experiment.Memory) { c.Duplicate++ }, "accounted for"},
		{"vanished", "an event counted nowhere", func(c *record.Counters, _ *tally, _ *experiment.Memory) { c.Inserted-- }, "accounted for"},
		{"below zero", "a gauge lowered twice", func(c *record.Counters, _ *tally, _ *experiment.Memory) { c.InFlight--; c.Inserted++ }, "InFlight"},
		{"not accepted", "both sides of the sum are wrong", func(c *record.Counters, _ *tally, _ *experiment.Memory) { c.Accepted--; c.Inserted-- }, "accepted"},
		{"rejected in silence", "the sum is right, the callback was not called", func(c *record.Counters, _ *tally, _ *experiment.Memory) { c.Rejected++; c.Inserted-- }, "rejected"},
		{"not stored", "the counters are right, the event is gone", func(_ *record.Counters, s *tally, _ *experiment.Memory) {
			s.accepted["c-9"], s.accepted["c-1"] = 1, 1
		}, "c-9"},
		{"stored uncalled", "an event that nobody recorded", func(_ *record.Counters, _ *tally, m *experiment.Memory) {
			_, _ = m.Record(context.Background(), experiment.Batch{Exposures: []experiment.Exposure{exposureOf(8)}})
		}, "never accepted"},
		{"refused uncounted", "a refusal that nobody counts", func(_ *record.Counters, s *tally, _ *experiment.Memory) { s.refused++ }, "refused"},
		{"left in the queue", "delivery has stopped too early", func(c *record.Counters, _ *tally, _ *experiment.Memory) { c.Queued++; c.Inserted-- }, "queued 1"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			memory, s := experiment.NewMemory(experiment.MemoryOptions{}), newTally()
			_, err := memory.Record(context.Background(), experiment.Batch{Exposures: []experiment.Exposure{exposureOf(1)}})
			require.NoError(t, err)
			c := record.Counters{Accepted: 2, Inserted: 1, Duplicate: 1}
			s.accepted["c-1"] = 2
			row.plant(&c, s, memory)
			err = s.settled(c, memory)
			if row.want == "" {
				require.NoError(t, err, row.reason)
				return
			}
			require.ErrorContains(t, err, row.want, row.reason)
		})
	}
}
