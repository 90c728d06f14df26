package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"
)

// question is what all contestants of a table are asked.
type question struct {
	name        string // among the benchmarks of go test
	title       string
	targeting   bool
	contestants []contestant
}

// questions are the tables, in the order in which they are shown.
func questions() []question {
	return []question{
		{"Split", "One 50/50 experiment", false, deciders()},
		{"Targeting", "Country in a list of five and age from 18, then 50/50", true, deciders()},
		{"Rule", "That rule alone", true, rules()},
	}
}

// sample is one round's measurement of a contestant.
type sample struct {
	alone, parallel float64 // ns per answer: one goroutine, as many as processors
	bytes, allocs   int64   // per answer, one goroutine
}

// opened is a contestant at work on one question.
type opened struct {
	contestant
	answer  answer
	samples []sample
}

// field is one question with everybody who answers it.
type field struct {
	question
	opened []*opened
}

// measure asks every question of every contestant in each of so many rounds,
// so that what disturbs the machine for a while disturbs all of them. A
// measurement lasts about as long as said; progress gets a line per round.
func measure(rounds int, each time.Duration, progress io.Writer) ([]field, error) {
	restore, err := measureFor(each)
	if err != nil {
		return nil, err
	}
	defer restore()
	fields, closing, err := openAll()
	defer closing()
	if err != nil {
		return nil, err
	}
	for round := range rounds {
		fmt.Fprintf(progress, "round %d of %d\n", round+1, rounds)
		for _, f := range fields {
			for i := range f.opened {
				// Another one begins each time: nobody always follows the same neighbour.
				if err := f.opened[(i+round)%len(f.opened)].run(); err != nil {
					return nil, fmt.Errorf("benchmarks: %s: %w", f.title, err)
				}
			}
		}
	}
	return fields, nil
}

// measureFor sets the time of a measurement. Package testing takes it from its
// flag alone, which other benchmarks of the process read too: restore it.
func measureFor(each time.Duration) (restore func(), err error) {
	testing.Init() // declares the flag where go test has not
	benchtime := flag.Lookup("test.benchtime")
	former := benchtime.Value.String()
	if err := benchtime.Value.Set(each.String()); err != nil {
		return nil, fmt.Errorf("benchmarks: time of a measurement: %w", err)
	}
	return func() { _ = benchtime.Value.Set(former) }, nil
}

// openAll opens every contestant for every question. What it returns closes
// those that were opened, after an error too.
func openAll() (fields []field, closeAll func(), err error) {
	var closing []func()
	closeAll = func() {
		for _, c := range closing {
			c()
		}
	}
	for _, q := range questions() {
		f := field{question: q}
		for _, c := range q.contestants {
			answer, closeOne, err := c.open(q.targeting)
			if err != nil {
				return nil, closeAll, err
			}
			closing = append(closing, closeOne)
			f.opened = append(f.opened, &opened{contestant: c, answer: answer})
		}
		fields = append(fields, f)
	}
	return fields, closeAll, nil
}

// run takes one sample.
func (o *opened) run() error {
	alone := testing.Benchmark(func(b *testing.B) { serial(b, o.answer) })
	parallel := testing.Benchmark(func(b *testing.B) { together(b, o.answer) })
	if alone.N == 0 || parallel.N == 0 { // failed, and what for is lost
		return errors.New(o.name + " gave a visitor no answer")
	}
	o.samples = append(o.samples, sample{
		alone: perAnswer(alone), parallel: perAnswer(parallel),
		bytes: alone.AllocedBytesPerOp(), allocs: alone.AllocsPerOp(),
	})
	return nil
}

// perAnswer is in nanoseconds, with what NsPerOp rounds off.
func perAnswer(r testing.BenchmarkResult) float64 { return float64(r.T.Nanoseconds()) / float64(r.N) }

// serial asks for one visitor after the other.
func serial(b *testing.B, answer answer) {
	all := visitors()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if answer(&all[i%crowd]) == "" {
			b.Fatal("no answer")
		}
	}
}

// together asks from as many goroutines as there are processors.
func together(b *testing.B, answer answer) {
	all := visitors()
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if answer(&all[i%crowd]) == "" {
				b.Error("no answer")
				return
			}
		}
	})
}

// typical is what the tables show of the rounds.
type typical func([]float64) float64

// median; of an even number the mean of the middle two, of nothing zero.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return 0
	}
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// best is the least, of nothing zero: what is left of a time when nobody else
// used the machine.
func best(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return slices.Min(values)
}

// summary reduces the rounds to one sample.
func (o *opened) summary(of typical) sample {
	each := func(figure func(sample) float64) float64 {
		values := make([]float64, len(o.samples))
		for i, s := range o.samples {
			values[i] = figure(s)
		}
		return of(values)
	}
	return sample{
		alone:    each(func(s sample) float64 { return s.alone }),
		parallel: each(func(s sample) float64 { return s.parallel }),
		bytes:    int64(each(func(s sample) float64 { return float64(s.bytes) })),
		allocs:   int64(each(func(s sample) float64 { return float64(s.allocs) })),
	}
}
