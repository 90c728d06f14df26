package experimenttest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// broken is the in-memory store with one method replaced.
type broken struct {
	*experiment.Memory
	record    func(*broken, context.Context, experiment.Batch) (experiment.Receipt, error)
	summarize func(*broken, context.Context, experiment.Query) (experiment.Cells, error)
	forget    func(*broken, context.Context, experiment.ID) (experiment.Erasure, error)
	close     func(*broken) error

	mu     sync.Mutex
	count  int
	queued []experiment.Batch
}

func (b *broken) Record(ctx context.Context, batch experiment.Batch) (experiment.Receipt, error) {
	if b.record == nil {
		return b.Memory.Record(ctx, batch)
	}
	return b.record(b, ctx, batch)
}

func (b *broken) Summarize(ctx context.Context, q experiment.Query) (experiment.Cells, error) {
	if b.summarize == nil {
		return b.Memory.Summarize(ctx, q)
	}
	return b.summarize(b, ctx, q)
}

func (b *broken) Forget(ctx context.Context, id experiment.ID) (experiment.Erasure, error) {
	if b.forget == nil {
		return b.Memory.Forget(ctx, id)
	}
	return b.forget(b, ctx, id)
}

func (b *broken) Close() error {
	if b.close == nil {
		return b.Memory.Close()
	}
	return b.close(b)
}

// storeFlaw changes the methods of the in-memory store.
func storeFlaw(name, caught string, random bool, breakIt func(*broken)) flaw {
	return flaw{name: name, caught: caught, random: random, open: func(now func() time.Time) experiment.Store {
		b := &broken{Memory: experiment.NewMemory(experiment.MemoryOptions{Now: now})}
		breakIt(b)
		return b
	}}
}

// changing records a batch whose events are changed.
func changing(exposure func(*experiment.Exposure), conversion func(*experiment.Conversion)) func(*broken) {
	return func(b *broken) {
		b.record = func(b *broken, ctx context.Context, batch experiment.Batch) (experiment.Receipt, error) {
			batch.Exposures, batch.Conversions = slices.Clone(batch.Exposures), slices.Clone(batch.Conversions)
			for i := range batch.Exposures {
				exposure(&batch.Exposures[i])
			}
			for i := range batch.Conversions {
				conversion(&batch.Conversions[i])
			}
			return b.Memory.Record(ctx, batch)
		}
	}
}

func keepExposure(*experiment.Exposure) {}

func keepConversion(*experiment.Conversion) {}

func storeFlaws() []flaw {
	return slices.Concat(keepingFlaws(), answerFlaws(), writerFlaws(), atomicityFlaws(), errorFlaws(), refusalFlaws())
}

func keepingFlaws() []flaw {
	return []flaw{
		storeFlaw("numbers of 32 bits", "extreme numbers", true, changing(keepExposure, func(v *experiment.Conversion) {
			if narrow := float64(float32(v.Value)); narrow-narrow == 0 {
				v.Value = narrow
			}
		})),
		storeFlaw("numbers of 15 digits", "extreme numbers", false, changing(keepExposure, func(v *experiment.Conversion) {
			v.Value = digits15(v.Value)
		})),
		storeFlaw("trimmed units", "texts", false, changing(func(e *experiment.Exposure) {
			if trimmed := strings.TrimSpace(e.Unit); trimmed != "" {
				e.Unit = trimmed
			}
		}, keepConversion)),
		storeFlaw("units without case", "texts", false, changing(func(e *experiment.Exposure) { e.Unit = strings.ToLower(e.Unit) }, keepConversion)),
		storeFlaw("short texts", "texts", false, changing(func(e *experiment.Exposure) { e.Variant = e.Variant[:min(len(e.Variant), 1024)] }, keepConversion)),
		storeFlaw("times of milliseconds", "extreme times", true, changing(func(e *experiment.Exposure) { e.Time = e.Time.Truncate(time.Millisecond) }, keepConversion)),
		storeFlaw("times of 64-bit nanoseconds", "extreme times", false, changing(func(e *experiment.Exposure) { e.Time = time.Unix(0, e.Time.UnixNano()) }, keepConversion)),
		storeFlaw("times cut towards 1970", "extreme times", false, changing(keepExposure, func(v *experiment.Conversion) {
			if v.Time.Year() < 1970 && v.Time.Nanosecond() != 0 {
				v.Time = v.Time.Add(us)
			}
		})),
		storeFlaw("attributes lost", "many attributes", true, changing(func(e *experiment.Exposure) { e.Attributes = nil }, keepConversion)),
		storeFlaw("many attributes lost", "many attributes", false, changing(func(e *experiment.Exposure) { e.Attributes = e.Attributes[:min(len(e.Attributes), 255)] }, keepConversion)),
		storeFlaw("attribute names without case", "texts of attributes", false, changing(keepExposure, func(v *experiment.Conversion) {
			v.Attributes = slices.Clone(v.Attributes)
			for i := range v.Attributes {
				v.Attributes[i].Name = strings.ToLower(v.Attributes[i].Name)
			}
			slices.SortStableFunc(v.Attributes, func(a, b experiment.Attribute) int { return strings.Compare(a.Name, b.Name) })
			v.Attributes = slices.CompactFunc(v.Attributes, func(a, b experiment.Attribute) bool { return a.Name == b.Name })
		})),
	}
}

func answerFlaws() []flaw {
	answering := func(change func(*experiment.Cells)) func(*broken) {
		return func(b *broken) {
			b.summarize = func(b *broken, ctx context.Context, q experiment.Query) (experiment.Cells, error) {
				cells, err := b.Memory.Summarize(ctx, q)
				change(&cells)
				return cells, err
			}
		}
	}
	return []flaw{
		storeFlaw("cells out of order", "holdout", true, answering(func(c *experiment.Cells) { slices.Reverse(c.Cells) })),
		storeFlaw("transitions out of order", "holdout and arm", true, answering(func(c *experiment.Cells) { slices.Reverse(c.Contaminated) })),
		storeFlaw("moved forgotten", "moved", true, answering(func(c *experiment.Cells) { c.Moved = nil })),
		storeFlaw("as of cut to the microsecond", "as of below a microsecond", true, answering(func(c *experiment.Cells) {
			for i := range c.Cells {
				c.Cells[i].AsOf = c.Cells[i].AsOf.Truncate(us)
			}
		})),
		storeFlaw("sums lost to cancellation", "pivot", true, answering(func(c *experiment.Cells) {
			for i := range c.Cells {
				for j := range c.Cells[i].Sums {
					c.Cells[i].Sums[j].SumSquares *= 1 + 1e-8
				}
			}
		})),
		storeFlaw("cells of unclustered units forgotten", "unclustered cell", true, answering(func(c *experiment.Cells) {
			c.Cells = slices.DeleteFunc(c.Cells, func(c experiment.Cell) bool { return c.Units == 0 })
		})),
	}
}

func writerFlaws() []flaw {
	return []flaw{
		storeFlaw("the last batch is not yet seen", "read your writes", true, func(b *broken) {
			b.record = func(b *broken, ctx context.Context, batch experiment.Batch) (experiment.Receipt, error) {
				b.queued = append(b.queued, batch)
				if len(b.queued) > 1 {
					_, _ = b.Memory.Record(ctx, b.queued[len(b.queued)-2])
				}
				return experiment.Receipt{Inserted: batch.Len()}, batch.Validate()
			}
		}),
		storeFlaw("every writer is told Inserted", "concurrent writers", true, func(b *broken) {
			b.record = func(b *broken, ctx context.Context, batch experiment.Batch) (experiment.Receipt, error) {
				_, err := b.Memory.Record(ctx, batch)
				return experiment.Receipt{Inserted: batch.Len()}, err
			}
		}),
		storeFlaw("a batch beside another is lost", "concurrent writers", false, func(b *broken) {
			b.record = func(b *broken, ctx context.Context, batch experiment.Batch) (experiment.Receipt, error) {
				b.mu.Lock()
				b.count++
				lost := b.count%7 == 0
				b.mu.Unlock()
				if lost {
					return experiment.Receipt{Inserted: batch.Len()}, nil
				}
				return b.Memory.Record(ctx, batch)
			}
		}),
	}
}

func atomicityFlaws() []flaw {
	eachAlone := func(b *broken, ctx context.Context, batch experiment.Batch) (experiment.Receipt, error) {
		var sum experiment.Receipt
		for _, e := range batch.Exposures {
			receipt, err := b.Memory.Record(ctx, experiment.Batch{Exposures: []experiment.Exposure{e}})
			if err != nil {
				return sum, err
			}
			sum.Add(receipt)
		}
		receipt, err := b.Memory.Record(ctx, experiment.Batch{Conversions: batch.Conversions})
		sum.Add(receipt)
		return sum, err
	}
	return []flaw{
		storeFlaw("events before the invalid one are stored", "invalid batch", false, func(b *broken) { b.record = eachAlone }),
		storeFlaw("events before the cancellation are stored", "cancelled on the way", false, func(b *broken) {
			b.record = func(b *broken, ctx context.Context, batch experiment.Batch) (experiment.Receipt, error) {
				if err := batch.Validate(); err != nil {
					return experiment.Receipt{}, err
				}
				return eachAlone(b, ctx, batch)
			}
		}),
	}
}

func errorFlaws() []flaw {
	return []flaw{
		storeFlaw("ctx is not looked at", "cancelled", false, func(b *broken) {
			b.record = func(b *broken, _ context.Context, batch experiment.Batch) (experiment.Receipt, error) {
				return b.Memory.Record(context.Background(), batch)
			}
		}),
		storeFlaw("invalid events without type", "invalid batch", false, func(b *broken) {
			b.record = func(b *broken, ctx context.Context, batch experiment.Batch) (experiment.Receipt, error) {
				if err := batch.Validate(); err != nil {
					return experiment.Receipt{}, errors.New(err.Error())
				}
				return b.Memory.Record(ctx, batch)
			}
		}),
		storeFlaw("the first problem only", "invalid batch", false, func(b *broken) {
			b.record = func(b *broken, ctx context.Context, batch experiment.Batch) (experiment.Receipt, error) {
				for i := range batch.Exposures {
					if err := batch.Exposures[i].Validate(); err != nil {
						return experiment.Receipt{}, err
					}
				}
				return b.Memory.Record(ctx, batch)
			}
		}),
	}
}

func refusalFlaws() []flaw {
	return []flaw{
		storeFlaw("invalid queries are empty", "invalid query", false, func(b *broken) {
			b.summarize = func(b *broken, ctx context.Context, q experiment.Query) (experiment.Cells, error) {
				if q.Validate() != nil {
					return experiment.Cells{}, nil
				}
				return b.Memory.Summarize(ctx, q)
			}
		}),
		storeFlaw("invalid ids are erased", "invalid id", false, func(b *broken) {
			b.forget = func(b *broken, ctx context.Context, id experiment.ID) (experiment.Erasure, error) {
				if id.Validate() != nil {
					return experiment.Erasure{}, nil
				}
				return b.Memory.Forget(ctx, id)
			}
		}),
		storeFlaw("erasures are not counted", "erasure", true, func(b *broken) {
			b.forget = func(b *broken, ctx context.Context, id experiment.ID) (experiment.Erasure, error) {
				_, err := b.Memory.Forget(ctx, id)
				return experiment.Erasure{}, err
			}
		}),
		storeFlaw("the second Close fails", "closed", false, func(b *broken) {
			b.close = func(b *broken) error {
				b.count++
				if b.count > 1 {
					return experiment.ErrStoreClosed
				}
				return b.Memory.Close()
			}
		}),
		storeFlaw("Close does nothing", "closed", false, func(b *broken) { b.close = func(*broken) error { return nil } }),
	}
}

func digits15(x float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 15, 64), 64)
	if err != nil {
		return x
	}
	return rounded
}
