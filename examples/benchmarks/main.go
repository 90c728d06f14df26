package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
}

// run measures, prints the tables and writes them where it is told to.
func run(args []string, out, progress io.Writer) error {
	flags := flag.NewFlagSet("benchmarks", flag.ContinueOnError)
	flags.SetOutput(progress)
	count := flags.Int("count", 6, "rounds, at least 1; the tables show the median of them")
	each := flags.Duration("time", 200*time.Millisecond, "time of one measurement, at least 1ms")
	least := flags.Bool("best", false, "show the least of the rounds in place of the median: for a machine that others use too")
	write := flags.String("write", "", "a `file` with the two comments "+begin+" and "+end+": the tables are put between them; with 6 rounds of 50ms at least")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := check(*count, *each, flags.Args(), *write); err != nil {
		return err
	}
	fields, err := measure(*count, *each, progress)
	if err != nil {
		return err
	}
	of, name := median, "Medians"
	if *least {
		of, name = best, "Best"
	}
	tables := markdown(fields, of, made(name, *count, *each))
	fmt.Fprint(out, tables)
	if *write == "" {
		return nil
	}
	return rewrite(*write, tables)
}

// made says how the figures of the tables were taken.
func made(name string, count int, each time.Duration) string {
	rounds := "1 round"
	if count > 1 {
		rounds = fmt.Sprintf("%d interleaved rounds", count)
	}
	return fmt.Sprintf("%s of %s of %s. %s.", name, rounds, each, machine())
}

// What -write asks for: below it a figure tells more of the machine's mood than of
// the contestant, and nobody could see that from the file.
const (
	minWriteCount = 6
	minWriteTime  = 50 * time.Millisecond
)

// check finds what would fail after a minute of measuring.
func check(count int, each time.Duration, rest []string, write string) error {
	var problems []error
	if count < 1 {
		problems = append(problems, fmt.Errorf("benchmarks: -count %d, want at least 1", count))
	}
	if each < time.Millisecond {
		problems = append(problems, fmt.Errorf("benchmarks: -time %s, want at least 1ms", each))
	}
	if len(rest) > 0 {
		problems = append(problems, fmt.Errorf("benchmarks: unexpected %q: there are only flags, see -h", rest))
	}
	if write != "" && (count < minWriteCount || each < minWriteTime) {
		problems = append(problems, fmt.Errorf("benchmarks: -write with %d rounds of %s, want -count %d or more and -time %s or more", count, each, minWriteCount, minWriteTime))
	}
	if write != "" {
		text, err := os.ReadFile(write)
		if err == nil {
			_, _, _, err = between(string(text))
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("benchmarks: -write %s: %w", write, err))
		}
	}
	return errors.Join(problems...)
}
