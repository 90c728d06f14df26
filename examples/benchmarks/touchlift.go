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
	checkout := experiment.Experiment{
		Key: "checkout", Touchpoints: []string{"checkout-page"}, Unit: experiment.KindCustomer, Salt: "checkout-2026-11",
		Arms: []experiment.Arm{{Variant: "control", Weight: 1}, {Variant: "treatment", Weight: 1}},
	}
	if targeting {
		checkout.Audience = rule
	}
	engine, err := experiment.New(&experiment.Catalog{
		Touchpoints: []experiment.Touchpoint{{Key: "checkout-page", Stage: experiment.StagePurchase, Channel: experiment.ChannelWeb}},
		Experiments: []experiment.Experiment{checkout},
		Attributes: []experiment.Declaration{
			{Key: "country", Type: audience.TypeString}, {Key: "age", Type: audience.TypeNumber},
		},
	}, experiment.Options{})
	if err != nil {
		return nil, nil, fmt.Errorf("touchlift: %w", err)
	}
	ctx := context.Background()
	return func(v *visitor) string {
		customer := experiment.Customer(v.id, experiment.String("country", v.country), experiment.Number("age", v.age))
		d, err := engine.Decide(ctx, "checkout-page", "checkout", customer)
		if err != nil || !d.Enrolled {
			return ""
		}
		return d.Variant
	}, nothing, nil
}
