package record_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/record"
)

// voidStore takes everything and keeps nothing: what is left is the recorder.
type voidStore struct{ *experiment.Memory }

func (voidStore) Record(_ context.Context, batch experiment.Batch) (experiment.Receipt, error) {
	return experiment.Receipt{Inserted: batch.Len()}, nil
}

// BenchmarkExpose is the cost on the request path with a store that costs
// nothing. Compare with BenchmarkFloor and BenchmarkValidate.
func BenchmarkExpose(b *testing.B) {
	plain := benchmarkExposure()
	rich := benchmarkExposure()
	rich.Attributes = []experiment.Attribute{experiment.String("country", "NO"), experiment.Number("age", 34)}
	for name, exposure := range map[string]experiment.Exposure{"plain": plain, "attributes": rich} {
		b.Run(name+"/serial", func(b *testing.B) {
			r := benchmarkRecorder(b)
			b.ReportAllocs()
			for b.Loop() {
				if r.Expose(context.Background(), exposure) != nil {
					b.Fatal("not accepted")
				}
			}
		})
		b.Run(name+"/parallel", func(b *testing.B) {
			r := benchmarkRecorder(b)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if r.Expose(context.Background(), exposure) != nil {
						b.Error("not accepted")
					}
				}
			})
		})
	}
}

// BenchmarkValidate is the part of Expose that package experiment does.
func BenchmarkValidate(b *testing.B) {
	plain := benchmarkExposure()
	rich := benchmarkExposure()
	rich.Attributes = []experiment.Attribute{experiment.String("country", "NO"), experiment.Number("age", 34)}
	for name, exposure := range map[string]experiment.Exposure{"plain": plain, "attributes": rich} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if exposure.Validate() != nil {
					b.Fatal("invalid")
				}
			}
		})
	}
}

// BenchmarkFull is the cost of an event that meets a full queue.
func BenchmarkFull(b *testing.B) {
	r, err := record.New(downStore{}, record.Options{QueueEvents: 10})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = r.Close(ctx)
	})
	exposure := benchmarkExposure()
	for range 10 {
		_ = r.Expose(context.Background(), exposure)
	}
	b.ReportAllocs()
	for b.Loop() {
		if r.Expose(context.Background(), exposure) == nil {
			b.Fatal("accepted")
		}
	}
}

func benchmarkExposure() experiment.Exposure {
	e := exampleExposure("customer-" + strconv.Itoa(1_000_000))
	e.Time = time.Now()
	return e
}

func benchmarkRecorder(b *testing.B) *record.Recorder {
	r, err := record.New(voidStore{}, record.Options{QueueEvents: 1 << 30, QueueBytes: 1 << 50})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			b.Error(err)
		}
		if err := r.Counters().Check(); err != nil {
			b.Error(err)
		}
	})
	return r
}

// BenchmarkFloor is the least that handing an exposure to another goroutine
// costs: a slice under a mutex that the reader swaps, and a channel.
func BenchmarkFloor(b *testing.B) {
	exposure := benchmarkExposure()
	floors := map[string]func() (put func(experiment.Exposure), stop func()){
		"mutex": mutexFloor, "channel": channelFloor,
	}
	for name, floor := range floors {
		b.Run(name+"/serial", func(b *testing.B) {
			put, stop := floor()
			defer stop()
			b.ReportAllocs()
			for b.Loop() {
				put(exposure)
			}
		})
		b.Run(name+"/parallel", func(b *testing.B) {
			put, stop := floor()
			defer stop()
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					put(exposure)
				}
			})
		})
	}
}

// mutexFloor swaps two slices; who fills one swaps it, and nobody reads them.
func mutexFloor() (put func(experiment.Exposure), stop func()) {
	var mu sync.Mutex
	filling, other := make([]experiment.Exposure, 0, 1000), make([]experiment.Exposure, 0, 1000)
	return func(e experiment.Exposure) {
		mu.Lock()
		filling = append(filling, e)
		if len(filling) == cap(filling) {
			filling, other = other[:0], filling
		}
		mu.Unlock()
	}, func() {}
}

func channelFloor() (put func(experiment.Exposure), stop func()) {
	queue, done := make(chan experiment.Exposure, 1000), make(chan struct{})
	go func() {
		defer close(done)
		for range queue {
		}
	}()
	return func(e experiment.Exposure) { queue <- e }, func() { close(queue); <-done }
}
