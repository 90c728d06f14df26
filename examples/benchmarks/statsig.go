package main

import (
	_ "embed" // the configurations are embedded
	"fmt"

	statsig "github.com/statsig-io/go-sdk"
)

//go:embed configs/statsig.json
var statsigConfig string

// openStatsig starts from bootstrap values in local mode, and asks without an
// exposure.
func openStatsig(targeting bool) (answer, func(), error) {
	client, details := statsig.NewClientWithDetails("secret-offline", &statsig.Options{
		LocalMode: true, BootstrapValues: statsigConfig,
		IPCountryOptions:     statsig.IPCountryOptions{Disabled: true},
		UAParserOptions:      statsig.UAParserOptions{Disabled: true},
		StatsigLoggerOptions: statsig.StatsigLoggerOptions{DisableAllLogging: true},
		OutputLoggerOptions:  statsig.OutputLoggerOptions{LogCallback: func(string, error) {}},
	})
	if details.Error != nil || details.Source != statsig.SourceBootstrap {
		return nil, nil, fmt.Errorf("statsig: started from %s instead of its bootstrap values: %w", details.Source, details.Error)
	}
	key := keyOf(targeting)
	return func(v *visitor) string {
		user := statsig.User{UserID: v.id}
		if targeting {
			user.Country, user.Custom = v.country, map[string]any{"age": v.age}
		}
		experiment := client.GetExperimentWithExposureLoggingDisabled(user, key)
		return experiment.GetString("variant", "")
	}, client.Shutdown, nil
}
