package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// The simulated customers. Every second one comes to the checkout within six
// days of the mail; free returns raises the chance to buy there from 20 % to
// 24 %, so from 10 % to 12 % of those who got the mail. It does not change how
// many write to the support.
const (
	comesToCheckout     = 0.5
	buysAsControl       = 0.20
	buysWithFreeReturns = 0.24
	asksSupport         = 0.04

	// trueEffect is what free returns adds to the purchase rate per customer.
	trueEffect = comesToCheckout * (buysWithFreeReturns - buysAsControl)
)

// The simulated calendar, in days from the start of the experiment. It ends in
// the YAML file on day 21, and the last windows close 7 days later.
const (
	mailDays  = 14 // the newsletter goes out to a part of the customers a day
	lastVisit = 6  // days from the mail to the latest visit
	busyDays  = mailDays + lastVisit
	allDays   = 28
)

// calendar is a clock that the simulation sets. The recorder reads it from
// goroutines of its own.
type calendar struct{ micros atomic.Int64 }

func (c *calendar) set(t time.Time) { c.micros.Store(t.UnixMicro()) }

// Now is what Options.Now of the packages takes.
func (c *calendar) Now() time.Time { return time.UnixMicro(c.micros.Load()).UTC() }

// simulation sends customers through the engine, day by day.
type simulation struct {
	engine    *experiment.Engine
	clock     *calendar
	random    *rand.Rand
	starts    time.Time
	customers int
	visits    [busyDays][]int // customers at the checkout, by day
	count     tally
}

// tally counts what the simulation did.
type tally struct{ mails, visits, purchases, requests int }

// day simulates one day: the newsletter in the morning, the checkout in the
// afternoon. It ends at midnight.
func (s *simulation) day(ctx context.Context, day int) error {
	midnight := s.starts.AddDate(0, 0, day)
	s.clock.set(midnight.Add(9 * time.Hour))
	if day < mailDays {
		for i := s.customers * day / mailDays; i < s.customers*(day+1)/mailDays; i++ {
			if err := s.mail(ctx, i, day); err != nil {
				return err
			}
		}
	}
	s.clock.set(midnight.Add(15 * time.Hour))
	for _, i := range s.visits[day] {
		if err := s.checkout(ctx, i); err != nil {
			return err
		}
	}
	s.clock.set(midnight.AddDate(0, 0, 1))
	return nil
}

func customer(i int) experiment.Subject { return experiment.Customer(fmt.Sprintf("c-%d", i)) }

// mail sends the newsletter to a customer, who may come to the checkout later.
func (s *simulation) mail(ctx context.Context, i, day int) error {
	if _, err := s.engine.Expose(ctx, "newsletter", "free-returns", customer(i)); err != nil {
		return err
	}
	s.count.mails++
	if s.random.Float64() < comesToCheckout {
		later := day + 1 + s.random.IntN(lastVisit)
		s.visits[later] = append(s.visits[later], i)
	}
	if s.random.Float64() < asksSupport {
		s.count.requests++
		return s.engine.Track(ctx, customer(i), experiment.Conversion{
			ID:    experiment.ConversionKey(fmt.Sprintf("ticket-%d", s.count.requests)),
			Event: "support_request",
		})
	}
	return nil
}

// checkout shows a customer the same variant as the mail did, and may sell.
func (s *simulation) checkout(ctx context.Context, i int) error {
	decision, err := s.engine.Expose(ctx, "checkout-page", "free-returns", customer(i))
	if err != nil {
		return err
	}
	s.count.visits++
	chance := buysAsControl
	if decision.Variant == "free_returns" {
		chance = buysWithFreeReturns
	}
	if s.random.Float64() >= chance {
		return nil
	}
	s.count.purchases++
	return s.engine.Track(ctx, customer(i), experiment.Conversion{
		ID:         experiment.ConversionKey(fmt.Sprintf("order-%d", s.count.purchases)),
		Event:      "purchase",
		Value:      20 + 80*s.random.Float64(),
		Touchpoint: "checkout-page",
	})
}
