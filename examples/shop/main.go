// Shop answers: how does a web service ask for a variant in each request, and
// how does it end without losing an event?
//
// The home page and the checkout page belong to one experiment: a customer
// meets the same variant on both. A page decides and records in memory; a
// recorder delivers to SQLite in the background, so no request waits for the
// store. On SIGINT or SIGTERM the shop ends in the order that loses nothing:
// server, recorder, store.
//
//	go run -C examples ./shop                      # then open the address it prints
//	go run -C examples ./shop -db shop.db          # keeps its events
//	go run -C examples ./shop -load                # starts shops and measures them under load
//
// The files in experiments/ say what is tested, main.go puts the pieces
// together, shop.go has the pages. The folder load has nothing to do with a
// shop of your own: it sends the requests of -load and checks the database.
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/touchlift/touchlift/examples/shop/load"
	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/config"
	"github.com/touchlift/touchlift/experiment/record"
	"github.com/touchlift/touchlift/experiment/sqlite"
)

//go:embed experiments
var experiments embed.FS

// options are the flags of the program.
type options struct {
	addr string
	db   string
	slow time.Duration
	load bool
	rate int
	last time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.addr, "addr", "127.0.0.1:8080", "`address` to listen on; port 0 is any free port")
	flag.StringVar(&o.db, "db", "", "keep the database in this `file`; default a temporary one")
	flag.DurationVar(&o.slow, "slow", 0, "makes each call of the store take so much longer, to see that no request waits for it")
	flag.BoolVar(&o.load, "load", false, "start shops of its own, send them requests, measure and check")
	flag.IntVar(&o.rate, "rate", 2000, "requests per second of -load")
	flag.DurationVar(&o.last, "for", 20*time.Second, "how long each round of -load lasts")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := start(ctx, o, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

// start runs the shop, or the load against shops.
func start(ctx context.Context, o options, out io.Writer) error {
	if !o.load {
		return run(ctx, o, out)
	}
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	return load.Run(ctx, load.Options{Shop: []string{binary}, Rate: o.rate, For: o.last}, out)
}

// run serves until ctx ends.
func run(ctx context.Context, o options, out io.Writer) error {
	path, remove, err := place(o.db)
	if err != nil {
		return err
	}
	defer remove()
	store, err := sqlite.Open(path)
	if err != nil {
		return err
	}
	defer store.Close() // after an error below; closing twice is fine

	logger := slog.New(slog.NewTextHandler(out, nil))
	catalog, err := config.Load(experiments)
	if err != nil {
		return err
	}
	recorder, err := record.New(slowed(store, o.slow), record.Options{Logger: logger})
	if err != nil {
		return err
	}
	engine, err := experiment.New(catalog, experiment.Options{Recorder: recorder})
	if err != nil {
		return errors.Join(err, closeRecorder(recorder))
	}

	shop := &shop{catalog: catalog, engine: engine, recorder: recorder, store: store, logger: logger}
	err = serve(ctx, o.addr, shop.handler(), func(address string) {
		logger.Info("open", "shop", "http://"+address, "results", "http://"+address+"/experiments", "database", path)
	})
	// The order matters: now no request runs, so nothing new comes in.
	err = errors.Join(err, closeRecorder(recorder), store.Close())
	c := recorder.Counters()
	logger.Info("closed", "accepted", c.Accepted, "delivered", c.Delivered(), "inserted", c.Inserted,
		"refused", c.Refused(), "dropped", c.Dropped)
	return errors.Join(err, c.Check())
}

// serve answers requests until ctx ends, and then finishes those that run.
func serve(ctx context.Context, addr string, handler http.Handler, opened func(address string)) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	opened(listener.Addr().String())

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	deadline, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(deadline); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}

// closeRecorder delivers what is queued. Platforms kill a service that takes
// too long to end, so it has a deadline.
func closeRecorder(recorder *record.Recorder) error {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	return recorder.Close(ctx)
}

// place returns the path of the database, and what removes it at the end if it
// is a temporary one.
func place(db string) (path string, remove func(), err error) {
	if db != "" {
		return db, func() {}, nil
	}
	folder, err := os.MkdirTemp("", "touchlift-shop-")
	if err != nil {
		return "", nil, err
	}
	return filepath.Join(folder, "shop.db"), func() { os.RemoveAll(folder) }, nil
}
