package sqlite_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// start is when the made-up histories begin.
var start = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// history makes up batches of one run: units in no order, four touchpoints,
// one in a thousand exposures in the other arm, and one conversion for every
// five exposures.
type history struct {
	random *rand.Rand
	units  int
	n      int
}

func newHistory(units int) *history {
	return &history{random: rand.New(rand.NewPCG(1, 2)), units: units}
}

func (h *history) unit() string {
	return fmt.Sprintf("c-%012x", uint64(h.random.IntN(h.units)+1)*0x9e3779b97f4a7c15>>16)
}

func (h *history) exposures(n int) []experiment.Exposure {
	exposures := make([]experiment.Exposure, n)
	for i := range exposures {
		unit := h.unit()
		variant := "control"
		if (unit[5]&1 == 1) != (h.random.IntN(1000) == 0) {
			variant = "free_returns"
		}
		h.n++
		exposures[i] = experiment.Exposure{
			Experiment: "checkout-reassurance", Run: "checkout-2026-11", Kind: experiment.KindCustomer, Unit: unit,
			Variant: variant, Touchpoint: fmt.Sprintf("touchpoint-%d", h.random.IntN(4)), Class: experiment.ClassArm,
			Time:       start.Add(time.Duration(h.n) * time.Second),
			IDs:        []experiment.ID{{Kind: experiment.KindCustomer, Value: unit}},
			Attributes: []experiment.Attribute{experiment.String("country", "NO"), experiment.Bool("member", true)},
		}
	}
	return exposures
}

func (h *history) conversions(n int) []experiment.Conversion {
	conversions := make([]experiment.Conversion, n)
	for i := range conversions {
		unit := h.unit()
		h.n++
		conversions[i] = experiment.Conversion{
			ID: experiment.ConversionKey(fmt.Sprint("order-", h.n)), Event: "purchase",
			Time: start.Add(time.Duration(h.n)*time.Second + time.Hour), Value: float64(h.random.IntN(10000)) / 100,
			IDs:        []experiment.ID{{Kind: experiment.KindCustomer, Value: unit}},
			Touchpoint: "checkout-page", Attributes: []experiment.Attribute{experiment.String("currency", "NOK")},
		}
	}
	return conversions
}
