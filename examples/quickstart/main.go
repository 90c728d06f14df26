// Quickstart answers: what does an experiment look like from the first line of
// YAML to the verdict?
//
// A shop promises free returns, in a newsletter and again at the checkout, to
// half of its customers. The files in experiments/ say so. The program sends
// 50,000 simulated customers through four weeks of a simulated calendar: each
// call of Expose decides which variant a customer meets and records it, each
// call of Track records a purchase or a question to the support. Everything
// ends up in an SQLite file, and the analysis reads it from there.
//
// Free returns raises the simulated purchase rate by 2 points and leaves
// everything else alone, so the last lines can compare what was found with what
// was put in.
//
//	go run -C examples ./quickstart
//	go run -C examples ./quickstart -customers 200000 -seed 7 -db /tmp/quickstart.db
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
	"github.com/touchlift/touchlift/experiment/config"
	"github.com/touchlift/touchlift/experiment/record"
	"github.com/touchlift/touchlift/experiment/report"
	"github.com/touchlift/touchlift/experiment/sqlite"
)

//go:embed experiments
var experiments embed.FS

// options are the flags of the program.
type options struct {
	customers int
	seed      uint64
	db        string
}

func main() {
	var o options
	flag.IntVar(&o.customers, "customers", 50_000, "simulated customers, 100 to 1000000")
	flag.Uint64Var(&o.seed, "seed", 1, "of the simulated customers; the same seed gives the same output")
	flag.StringVar(&o.db, "db", "", "keep the database in this new `file`; default a temporary one")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, o, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run is the whole program.
func run(ctx context.Context, o options, out io.Writer) error {
	if o.customers < 100 || o.customers > 1_000_000 {
		return fmt.Errorf("-customers is %d, want 100 to 1000000", o.customers)
	}
	path, remove, err := place(o.db)
	if err != nil {
		return err
	}
	defer remove()
	fmt.Fprintf(out, "%d customers, seed %d, database %s\n", o.customers, o.seed, path)

	store, err := sqlite.Open(path)
	if err != nil {
		return err
	}
	defer store.Close() // after an error below; closing twice is fine
	result, counters, err := play(ctx, o, store, out)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s\n", report.Text(result))
	if err := compare(out, result); err != nil {
		return err
	}
	fmt.Fprintf(out, "recorder: %d events accepted, %d delivered, %d refused, %d dropped\n",
		counters.Accepted, counters.Delivered(), counters.Refused(), counters.Dropped)
	explainDatabase(out, o.db)
	return store.Close()
}

// play shows how the pieces fit together: catalogue, recorder, engine, store,
// analysis.
func play(ctx context.Context, o options, store experiment.Store, out io.Writer) (analysis.Result, record.Counters, error) {
	var nothing analysis.Result
	catalog, err := config.Load(experiments)
	if err != nil {
		return nothing, record.Counters{}, err
	}
	clock := new(calendar) // a service leaves Now out: the default is time.Now
	recorder, err := record.New(store, record.Options{Now: clock.Now})
	if err != nil {
		return nothing, record.Counters{}, err
	}
	engine, err := experiment.New(catalog, experiment.Options{Recorder: recorder, Now: clock.Now})
	if err == nil {
		err = simulate(ctx, newSimulation(o, catalog, engine, clock), recorder, out)
	}
	err = errors.Join(err, closeRecorder(ctx, recorder))
	counters := recorder.Counters()
	if err := errors.Join(err, counters.Check()); err != nil {
		return nothing, counters, err
	}
	result, err := analysis.Run(ctx, store, catalog, "free-returns", analysis.Options{Now: clock.Now})
	return result, counters, err
}

// simulate runs the calendar and shows each day.
func simulate(ctx context.Context, sim *simulation, recorder *record.Recorder, out io.Writer) error {
	show := newProgress(out)
	defer show.end()
	for day := range busyDays {
		if err := sim.day(ctx, day); err != nil {
			return err
		}
		// A service never calls Flush. The simulation does, because it puts a
		// day's events into the queue in a fraction of a second.
		if err := recorder.Flush(ctx); err != nil {
			return err
		}
		show.step("day %2d of %d: %d mails, %d visits to the checkout, %d purchases",
			day+1, allDays, sim.count.mails, sim.count.visits, sim.count.purchases)
	}
	sim.clock.set(sim.starts.AddDate(0, 0, allDays))
	show.step("day %d of %d: every customer's 7 days are over", allDays, allDays)
	return nil
}

// closeRecorder delivers what is queued, also where ctx was cancelled.
func closeRecorder(ctx context.Context, recorder *record.Recorder) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return recorder.Close(ctx)
}

// newSimulation starts the calendar where the experiment starts.
func newSimulation(o options, catalog *experiment.Catalog, engine *experiment.Engine, clock *calendar) *simulation {
	running, _ := catalog.Experiment("free-returns")
	clock.set(running.Starts)
	return &simulation{
		engine: engine, clock: clock, customers: o.customers, starts: running.Starts,
		random: rand.New(rand.NewPCG(o.seed, 2026)),
	}
}

// place returns the path of a new database, and what removes it at the end if
// it is a temporary one.
func place(db string) (path string, remove func(), err error) {
	if db == "" {
		folder, err := os.MkdirTemp("", "touchlift-quickstart-")
		if err != nil {
			return "", nil, err
		}
		return filepath.Join(folder, "quickstart.db"), func() { os.RemoveAll(folder) }, nil
	}
	if _, err := os.Stat(db); err == nil {
		return "", nil, fmt.Errorf("-db %s exists; name a new file, since two simulations do not mix", db)
	}
	path, err = filepath.Abs(db)
	return path, func() {}, err
}
