package record

import (
	"fmt"

	"github.com/touchlift/touchlift/experiment"
)

// Counters says what became of every event since [New]. An accepted event is in
// exactly one place; [Counters.Check] verifies it.
type Counters struct {
	// Accepted events: Expose or Track returned nil.
	Accepted int64

	// Queued events wait in memory. A gauge.
	Queued int64
	// InFlight events are in a batch that a sender delivers or retries. A gauge.
	InFlight int64

	// Delivered events, by what the store said of them; see
	// [experiment.Receipt].
	Inserted    int64
	Merged      int64
	Duplicate   int64
	Conflicting int64
	Barred      int64
	// Unreported events are delivered, but the store's receipt did not say what
	// became of them. The store breaks its contract if this is not 0.
	Unreported int64

	// Rejected events were refused by the store for good; see
	// [Options.OnReject].
	Rejected int64
	// Dropped events were left when the ctx of Close ended. Some may be in the
	// store: the answer to the last attempt was not awaited.
	Dropped int64

	// Events that were not accepted, by reason.
	Invalid  int64 // failed validation
	Future   int64 // dated too far ahead
	TooLarge int64 // larger than the whole queue
	Full     int64 // met a full queue
	Closed   int64 // came after Close

	// Batches taken from the queue.
	Batches int64
	// Retries of a batch that failed, or that the store refused and that was
	// kept all the same.
	Retries int64
}

// Delivered returns the number of events that the store has answered for.
func (c Counters) Delivered() int64 {
	return c.Inserted + c.Merged + c.Duplicate + c.Conflicting + c.Barred + c.Unreported
}

// Refused returns the number of events that were not accepted.
func (c Counters) Refused() int64 { return c.Invalid + c.Future + c.TooLarge + c.Full + c.Closed }

// Check returns an error where the counters contradict themselves: where
//
//	Accepted = Queued + InFlight + Delivered() + Rejected + Dropped
//
// does not hold, or a counter is negative. It never should, at any moment.
func (c Counters) Check() error {
	for _, counter := range []struct {
		name  string
		value int64
	}{
		{"Accepted", c.Accepted}, {"Queued", c.Queued}, {"InFlight", c.InFlight},
		{"Inserted", c.Inserted}, {"Merged", c.Merged}, {"Duplicate", c.Duplicate},
		{"Conflicting", c.Conflicting}, {"Barred", c.Barred}, {"Unreported", c.Unreported},
		{"Rejected", c.Rejected}, {"Dropped", c.Dropped},
		{"Invalid", c.Invalid}, {"Future", c.Future}, {"TooLarge", c.TooLarge}, {"Full", c.Full}, {"Closed", c.Closed},
		{"Batches", c.Batches}, {"Retries", c.Retries},
	} {
		if counter.value < 0 {
			return fmt.Errorf("record: counter %s is %d, want 0 or more", counter.name, counter.value)
		}
	}
	sum := c.Queued + c.InFlight + c.Delivered() + c.Rejected + c.Dropped
	if sum != c.Accepted {
		return fmt.Errorf("record: accepted %d events, but %d are accounted for: "+
			"queued %d, in flight %d, delivered %d, rejected %d, dropped %d",
			c.Accepted, sum, c.Queued, c.InFlight, c.Delivered(), c.Rejected, c.Dropped)
	}
	return nil
}

// delivered adds the receipt of n events. It says false where the receipt does
// not account for them.
func (c *Counters) delivered(receipt experiment.Receipt, n int) bool {
	c.InFlight -= int64(n)
	missing := n - receipt.Total()
	if missing < 0 || negative(receipt) {
		c.Unreported += int64(n)
		return false
	}
	c.Inserted += int64(receipt.Inserted)
	c.Merged += int64(receipt.Merged)
	c.Duplicate += int64(receipt.Duplicate)
	c.Conflicting += int64(receipt.Conflicting)
	c.Barred += int64(receipt.Barred)
	c.Unreported += int64(missing)
	return missing == 0
}

func negative(r experiment.Receipt) bool {
	return min(r.Inserted, r.Merged, r.Duplicate, r.Conflicting, r.Barred) < 0
}
