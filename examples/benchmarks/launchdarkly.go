package main

import (
	_ "embed" // the configurations are embedded
	"encoding/json"
	"fmt"
	"time"

	"github.com/launchdarkly/go-sdk-common/v3/ldcontext"
	"github.com/launchdarkly/go-server-sdk-evaluation/v3/ldmodel"
	ld "github.com/launchdarkly/go-server-sdk/v7"
	"github.com/launchdarkly/go-server-sdk/v7/ldcomponents"
	"github.com/launchdarkly/go-server-sdk/v7/testhelpers/ldtestdata"
)

//go:embed configs/launchdarkly.json
var launchdarklyConfig []byte

// openLaunchDarkly runs the whole client on flags from a file, without events,
// diagnostics and logging.
func openLaunchDarkly(targeting bool) (answer, func(), error) {
	var config struct {
		Flags map[string]ldmodel.FeatureFlag `json:"flags"`
	}
	if err := json.Unmarshal(launchdarklyConfig, &config); err != nil {
		return nil, nil, fmt.Errorf("launchdarkly: %w", err)
	}
	source := ldtestdata.DataSource()
	for _, flag := range config.Flags {
		source.UsePreconfiguredFlag(flag)
	}
	client, err := ld.MakeCustomClient("offline", ld.Config{
		DataSource: source, Events: ldcomponents.NoEvents(), Logging: ldcomponents.NoLogging(), DiagnosticOptOut: true,
	}, 5*time.Second)
	if err != nil {
		return nil, nil, fmt.Errorf("launchdarkly: %w", err)
	}
	key := keyOf(targeting)
	return func(v *visitor) string {
		var who ldcontext.Context
		if targeting {
			who = ldcontext.NewBuilder(v.id).SetString("country", v.country).SetFloat64("age", v.age).Build()
		} else {
			who = ldcontext.New(v.id)
		}
		arm, err := client.StringVariation(key, who, "")
		if err != nil {
			return ""
		}
		return arm
	}, func() { _ = client.Close() }, nil
}
