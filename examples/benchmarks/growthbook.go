package main

import (
	"context"
	_ "embed" // the configurations are embedded
	"fmt"

	growthbook "github.com/growthbook/growthbook-golang"
)

//go:embed configs/growthbook.json
var growthbookConfig string

// openGrowthBook loads features from a string. Without an experiment callback
// nothing is tracked. A client per request carries the attributes, as the guide
// has it: WithAttributes copies a small struct.
func openGrowthBook(targeting bool) (answer, func(), error) {
	ctx := context.Background()
	shared, err := growthbook.NewClient(ctx, growthbook.WithJsonFeatures(growthbookConfig))
	if err != nil {
		return nil, nil, fmt.Errorf("growthbook: %w", err)
	}
	key := keyOf(targeting)
	return func(v *visitor) string {
		attributes := growthbook.Attributes{"id": v.id}
		if targeting {
			attributes = growthbook.Attributes{"id": v.id, "country": v.country, "age": v.age}
		}
		client, err := shared.WithAttributes(attributes)
		if err != nil {
			return ""
		}
		arm, _ := client.EvalFeature(ctx, key).Value.(string)
		return arm
	}, func() { _ = shared.Close() }, nil
}
