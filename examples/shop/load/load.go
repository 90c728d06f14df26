// Package load sends requests to shops at a fixed rate, measures the answers,
// and compares what was answered with what is in the database afterwards.
package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Options of a load.
type Options struct {
	// Shop is the command that starts a shop, with its first arguments. It
	// takes the flags -addr, -db and -slow.
	Shop []string
	// Rate in requests per second. Default 2000.
	Rate int
	// For is how long each round lasts. Default 20 s.
	For time.Duration
}

func (o Options) withDefaults() Options {
	if o.Rate <= 0 {
		o.Rate = 2000
	}
	if o.For <= 0 {
		o.For = 20 * time.Second
	}
	return o
}

// round is one shop under load.
type round struct {
	name      string
	args      []string // of the shop
	terminate bool     // SIGTERM when half of the requests are sent, instead of after the last answer
}

// Run starts three shops, one after the other: with a healthy store, with a
// store that takes 300 ms longer for each batch, and one with such a store that
// gets SIGTERM in the midst of the requests. It prints what it saw. The error
// says what was lost, doubled or refused.
func Run(ctx context.Context, o Options, out io.Writer) error {
	o = o.withDefaults()
	var problems []error
	for _, r := range []round{
		{name: "healthy store"},
		{name: "slow store", args: []string{"-slow", "300ms"}},
		{name: "SIGTERM midway", args: []string{"-slow", "300ms"}, terminate: true},
	} {
		fmt.Fprintf(out, "%-14s  %d requests a second for %v ...\n", r.name, o.Rate, o.For)
		if err := r.run(ctx, o, out); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", r.name, err))
		}
	}
	return errors.Join(problems...)
}

func (r round) run(ctx context.Context, o Options, out io.Writer) error {
	folder, err := os.MkdirTemp("", "touchlift-load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	ctx, cancel := context.WithTimeout(ctx, 2*o.For+time.Minute)
	defer cancel()

	db := filepath.Join(folder, "shop.db")
	shop, err := startShop(ctx, o.Shop, append(r.args, "-addr", "127.0.0.1:0", "-db", db)...)
	if err != nil {
		return err
	}
	seen, counters, err := r.send(ctx, o, shop)
	if err != nil {
		return err
	}
	held, err := read(db)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%-14s  %v\n", "", seen)
	fmt.Fprintf(out, "%-14s  %d events accepted, %d delivered; %d visits answered, %d in the database; %d purchases answered, %d in the database\n",
		"", counters["accepted"], counters["delivered"], len(seen.visits), len(held.exposures), seen.orders, held.purchases)
	problem := check(seen, counters, held)
	if !r.terminate && seen.failed > 0 {
		problem = errors.Join(problem, fmt.Errorf("load: %d requests failed, the first: %w", seen.failed, seen.firstErr))
	}
	return problem
}

// send sends the requests, and ends the shop when the round says so.
func (r round) send(ctx context.Context, o Options, shop *process) (outcome, counters, error) {
	t := traffic{
		url: shop.url, rate: o.Rate, requests: int(float64(o.Rate) * o.For.Seconds()),
		customers: 5 * o.Rate, workers: 64,
	}
	if !r.terminate {
		seen := t.send(ctx)
		if err := shop.terminate(); err != nil {
			return outcome{}, nil, err
		}
		counters, err := shop.wait()
		return seen, counters, err
	}
	sending, stop := context.WithCancel(ctx)
	defer stop()
	t.half = make(chan struct{})
	answers := make(chan outcome, 1)
	go func() { answers <- t.send(sending) }()
	<-t.half
	if err := shop.terminate(); err != nil {
		return outcome{}, nil, err
	}
	counters, err := shop.wait()
	stop() // what is still due would find nobody
	return <-answers, counters, err
}
