package experimenttest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// Options of [RunWith].
type Options struct {
	// Open returns a store that is empty, another one at each call. It may use
	// t for folders, clean-up and failure. The suite closes the store. A store
	// whose clock can be set takes its time from now. Required.
	Open func(t *testing.T, now func() time.Time) experiment.Store
	// Reopen opens again what a store that Open returned has kept, after the
	// suite closed that store; closed is it. Nil where nothing outlives Close;
	// the checks of durability are not run then.
	Reopen func(t *testing.T, closed experiment.Store, now func() time.Time) experiment.Store
	// SystemClock says that Open ignores now and the store reads the system's
	// clock, which may differ from the test's by up to an hour. The checks that
	// set the clock are not run then.
	SystemClock bool
	// Seed of the random histories. Default: the environment variable
	// EXPERIMENTTEST_SEED, or else a new one at each run.
	Seed uint64
	// Histories is the number of random histories, each in a store of its own.
	// Default 40.
	Histories int
}

// Run checks a store that reads the system's clock. It is RunWith with
// SystemClock set and everything else at its default.
func Run(t *testing.T, open func(t *testing.T) experiment.Store) {
	t.Helper()
	RunWith(t, Options{
		Open:        func(t *testing.T, _ func() time.Time) experiment.Store { return open(t) },
		SystemClock: true,
	})
}

// RunWith checks a store, one subtest for each rule.
func RunWith(t *testing.T, options Options) {
	t.Helper()
	if options.Open == nil {
		t.Fatal("experimenttest: Options.Open is nil, want a function that opens an empty store")
	}
	options, err := options.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	checks, err := checks()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		if !c.fits(options) {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			if err := c.try(t, options); err != nil {
				t.Errorf("the rule: %s\nwhat happened: %v", c.rule, err)
			}
		})
	}
}

func (o Options) withDefaults() (Options, error) {
	switch {
	case o.Histories < 0:
		return o, fmt.Errorf("experimenttest: Options.Histories is %d, want 1 or more, or 0 for the default", o.Histories)
	case o.Histories == 0:
		o.Histories = 40
	}
	if text := os.Getenv("EXPERIMENTTEST_SEED"); text != "" && o.Seed == 0 {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return o, fmt.Errorf("experimenttest: EXPERIMENTTEST_SEED is %q, want a whole number", text)
		}
		o.Seed = seed
	}
	for o.Seed == 0 {
		o.Seed = rand.Uint64()
	}
	return o, nil
}

// check is one rule of the contract and how to try it on a store.
type check struct {
	name string
	rule string
	// needsClock: the check sets the store's clock.
	needsClock bool
	// needsReopen: the check opens a store again.
	needsReopen bool
	run         func(*trial) error
}

// fits reports whether the check can be tried with the options.
func (c check) fits(options Options) bool {
	return !(c.needsClock && options.SystemClock) && !(c.needsReopen && options.Reopen == nil)
}

// try runs the check and closes what it opened. It reports nothing to t.
func (c check) try(t *testing.T, options Options) error {
	trial := &trial{ctx: t.Context(), options: options, clock: &clock{at: start}}
	trial.open = func() experiment.Store { return options.Open(t, trial.now) }
	trial.openAgain = func(closed experiment.Store) experiment.Store { return options.Reopen(t, closed, trial.now) }
	if options.SystemClock {
		trial.clock = nil
	}
	err := c.run(trial)
	for _, s := range trial.opened {
		if closeErr := s.Close(); closeErr != nil && err == nil {
			err = fmt.Errorf("close: %w", closeErr)
		}
	}
	return err
}

// trial is what a check works with.
type trial struct {
	ctx     context.Context
	options Options
	clock   *clock // nil where the store reads the system's
	open    func() experiment.Store
	opened  []experiment.Store

	openAgain func(closed experiment.Store) experiment.Store
}

// store opens an empty store.
func (t *trial) store() experiment.Store {
	s := t.open()
	t.opened = append(t.opened, s)
	return s
}

// reopen closes a store and opens it again.
func (t *trial) reopen(s experiment.Store) (experiment.Store, error) {
	if err := s.Close(); err != nil {
		return nil, fmt.Errorf("close: %w", err)
	}
	again := t.openAgain(s)
	t.opened = append(t.opened, again)
	return again, nil
}

// now is the store's present, give or take an hour on the system's clock.
func (t *trial) now() time.Time {
	if t.clock == nil {
		return time.Now()
	}
	return t.clock.now()
}

// oracle opens the in-memory store on the same clock.
func (t *trial) oracle() *experiment.Memory {
	return experiment.NewMemory(experiment.MemoryOptions{Now: t.now})
}

// clock is a clock that stands still until it is set.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}
