// Email answers: I have the CSV of a finished campaign; did it work?
//
// The file has a row for each customer: a column says which mail the customer
// got, other columns say what happened afterwards. The program imports the rows
// as exposures and conversions into an SQLite store, analyses them by the
// experiment's own plan, and prints verdict, health and scorecard.
//
//	go run -C examples ./email                                  # the file that is shipped here
//	go run -C examples ./email ~/hillstrom.csv.gz               # a file that fits a folder in campaigns/
//	go run -C examples ./email -campaign ~/my-campaign my.csv   # your own
//
// For your own file copy a folder of campaigns/ and edit it:
//
//   - columns.json names the column of the arm, and the column of the customer
//     id; an empty id takes the number of the row instead.
//   - experiment.yaml names the arms, as they are written in that column, when
//     the mail went out (starts), and the metrics.
//   - metrics.yaml says which columns are read: the event of a metric is the
//     name of its column. A cell is a number or true or false; 0 and false mean
//     that it did not happen.
//   - touchpoints.yaml says what kind of contact it was.
//
// Importing a file twice into one database (-db) changes nothing: an exposure
// has its natural key, and a conversion a key made of experiment, customer and
// column.
package main

import (
	"context"
	"embed"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/touchlift/touchlift/experiment/sqlite"
)

//go:embed campaigns spring_sale.csv
var files embed.FS

// options are the flags and the argument of the program.
type options struct {
	campaign string // folder, or empty: found by the header of the file
	db       string // file, or empty: a temporary one
	csv      string // file, or empty: the one that is shipped
}

func main() {
	var o options
	flag.StringVar(&o.campaign, "campaign", "", "`folder` that describes the campaign; default the one of campaigns/ that fits the columns")
	flag.StringVar(&o.db, "db", "", "keep the database in this `file`; default a temporary one")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: email [-campaign folder] [-db file] [file.csv or file.csv.gz]")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 1 {
		flag.Usage()
		os.Exit(2)
	}
	o.csv = flag.Arg(0)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, o, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "email:", err)
		os.Exit(1)
	}
}

// run is the whole program.
func run(ctx context.Context, o options, out io.Writer) error {
	table, err := open(o.csv)
	if err != nil {
		return err
	}
	defer table.Close()
	c, err := chooseCampaign(o.campaign, table)
	if err != nil {
		return err
	}
	batch, err := c.events(table)
	if err != nil {
		return err
	}
	path, remove, err := place(o.db)
	if err != nil {
		return err
	}
	defer remove()
	store, err := sqlite.Open(path)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := importAndAnalyse(ctx, c, batch, store, out); err != nil {
		return err
	}
	return store.Close()
}

// campaigns returns the folders that are shipped, by name.
func campaigns() (map[string]fs.FS, error) {
	entries, err := files.ReadDir("campaigns")
	if err != nil {
		return nil, err
	}
	folders := make(map[string]fs.FS, len(entries))
	for _, entry := range entries {
		folder, err := fs.Sub(files, "campaigns/"+entry.Name())
		if err != nil {
			return nil, err
		}
		folders[entry.Name()] = folder
	}
	return folders, nil
}

// place returns the path of the database, and what removes it at the end if it
// is a temporary one.
func place(db string) (path string, remove func(), err error) {
	if db != "" {
		return db, func() {}, nil
	}
	folder, err := os.MkdirTemp("", "touchlift-email-")
	if err != nil {
		return "", nil, err
	}
	return filepath.Join(folder, "email.db"), func() { os.RemoveAll(folder) }, nil
}
