// Minimal answers: what is the least that I write?
//
// One customer comes to the checkout, meets a variant, buys, and the experiment
// is analysed. The lines without their error checks are those of the README.
//
//	go run -C examples/minimal .
package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
	"github.com/touchlift/touchlift/experiment/config"
	"github.com/touchlift/touchlift/experiment/record"
	"github.com/touchlift/touchlift/experiment/report"
	"github.com/touchlift/touchlift/experiment/sqlite"
)

func main() {
	folder, err := os.MkdirTemp("", "touchlift-minimal-")
	if err == nil {
		err = run(context.Background(), os.DirFS("experiments"), filepath.Join(folder, "touchlift.db"), os.Stdout)
		_ = os.RemoveAll(folder)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "minimal:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, files fs.FS, database string, out io.Writer) error {
	catalog, err := config.Load(files)
	if err != nil {
		return err
	}
	store, err := sqlite.Open(database)
	if err != nil {
		return err
	}
	defer store.Close()
	recorder, err := record.New(store, record.Options{})
	if err != nil {
		return err
	}
	engine, err := experiment.New(catalog, experiment.Options{Recorder: recorder})
	if err != nil {
		return err
	}

	customer := experiment.Customer("c-42", experiment.String("country", "NO"), experiment.Number("age", 34))
	decision, err := engine.Expose(ctx, "checkout-page", "checkout-reassurance", customer)
	if err != nil {
		return err // a service logs it and goes on: the decision is usable
	}
	fmt.Fprintln(out, decision.Variant, decision.Text("banner", "none"))
	err = engine.Track(ctx, customer, experiment.Conversion{Event: "purchase", Value: 59.90})
	if err != nil {
		return err
	}

	err = recorder.Close(ctx) // delivers what is queued
	if err != nil {
		return err
	}
	result, err := analysis.Run(ctx, store, catalog, "checkout-reassurance", analysis.Options{})
	if err != nil {
		return err
	}
	fmt.Fprint(out, report.Text(result))
	return nil
}
