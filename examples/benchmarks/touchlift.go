package main

import (
	"context"
	"fmt"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
)

// openTouchlift makes an engine without a recorder: Decide asks, nothing is
// exposed.
func openTouchlift(targeting bool) (answer, func(), error) {
	engine, err := experiment.New(&experiment.Catalog{
		Touchpoints: []experiment.Touchpoint{{Key: "checkout-page", Stage: experiment.StagePurchase, Channel: experiment.ChannelWeb}},
		Attributes: []experiment.Declaration{
			{Key: "country", Type: audience.TypeString}, {Key: "age", Type: audience.TypeNumber},
		},
		Experiments: []experiment.Experiment{halves("checkout", ""), halves("checkout-nordic", rule)},
	}, experiment.Options{})
	if err != nil {
		return nil, nil, fmt.Errorf("touchlift: %w", err)
	}
	key := keyOf(targeting)
	ctx := context.Background()
	return func(v *visitor) string {
		var d experiment.Decision
		var err error
		if targeting {
			d, err = engine.Decide(ctx, "checkout-page", key,
				experiment.Customer(v.id, experiment.String("country", v.country), experiment.Number("age", v.age)))
		} else {
			d, err = engine.Decide(ctx, "checkout-page", key, experiment.Customer(v.id))
		}
		if err != nil || !d.Enrolled {
			return ""
		}
		return d.Variant
	}, nothing, nil
}

// halves is an experiment with two arms of equal weight.
func halves(key, audience string) experiment.Experiment {
	return experiment.Experiment{
		Key: key, Touchpoints: []string{"checkout-page"}, Unit: experiment.KindCustomer, Salt: key + "-2026-11",
		Audience: audience,
		Arms:     []experiment.Arm{{Variant: "control", Weight: 1}, {Variant: "treatment", Weight: 1}},
	}
}
