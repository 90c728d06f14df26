package main

import (
	"context"
	"fmt"

	of "github.com/open-feature/go-sdk/openfeature"
	"github.com/open-feature/go-sdk/openfeature/memprovider"

	"github.com/touchlift/touchlift/assign"
)

// openOpenFeature measures the client. Its in-memory provider has no splits and
// no rules of its own: Go code splits, with package assign, and targets.
func openOpenFeature(targeting bool) (answer, func(), error) {
	split, err := assign.NewSplit(assign.Spec{
		Salt: "checkout-2026-11", Arms: []assign.Arm{{Variant: "control", Weight: 1}, {Variant: "treatment", Weight: 1}},
	})
	if err != nil {
		return nil, nil, fmt.Errorf("openfeature: %w", err)
	}
	provider := memprovider.NewInMemoryProvider(map[string]memprovider.InMemoryFlag{
		"checkout":        flagOf("checkout", split, false),
		"checkout-nordic": flagOf("checkout-nordic", split, true),
	})
	key := keyOf(targeting)
	if err := of.SetNamedProviderAndWait(key, provider); err != nil {
		return nil, nil, fmt.Errorf("openfeature: %w", err)
	}
	client, ctx := of.NewClient(key), context.Background()
	return func(v *visitor) string {
		var attributes map[string]any
		if targeting {
			attributes = map[string]any{"country": v.country, "age": v.age}
		}
		arm, err := client.StringValue(ctx, key, "", of.NewEvaluationContext(v.id, attributes))
		if err != nil {
			return ""
		}
		return arm
	}, nothing, nil
}

// flagOf makes a flag of the in-memory provider.
func flagOf(key string, split *assign.Split, targeting bool) memprovider.InMemoryFlag {
	evaluate := func(_ memprovider.InMemoryFlag, context of.FlattenedContext) (any, of.ProviderResolutionDetail) {
		if targeting && !nordicAdult(context) {
			return "", of.ProviderResolutionDetail{Reason: of.DefaultReason}
		}
		id, _ := context[of.TargetingKey].(string)
		arm, _ := split.Variant(id)
		return arm, of.ProviderResolutionDetail{Reason: of.SplitReason, Variant: arm}
	}
	return memprovider.InMemoryFlag{Key: key, State: memprovider.Enabled, DefaultVariant: "control", ContextEvaluator: &evaluate}
}

// nordicAdult is the rule in Go.
func nordicAdult(context of.FlattenedContext) bool {
	age, ok := context["age"].(float64)
	if !ok || age < 18 {
		return false
	}
	switch context["country"] {
	case "DK", "FI", "IS", "NO", "SE":
		return true
	}
	return false
}
