package main

import (
	"bytes"
	_ "embed" // the configurations are embedded
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/posthog/posthog-go"
)

//go:embed configs/posthog.json
var posthogConfig []byte

// definitions answers the client's request for flags from memory, in place of a
// network: the client has no other way to be given flags.
type definitions struct{}

// RoundTrip serves the flags, and refuses everything else.
func (definitions) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/api/feature_flag/local_evaluation") {
		return nil, fmt.Errorf("posthog: %s %s: there is no network here", r.Method, r.URL.Path)
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(posthogConfig)), Request: r,
	}, nil
}

// quiet is a logger that says nothing.
type quiet struct{}

// Debugf says nothing.
func (quiet) Debugf(string, ...any) {}

// Logf says nothing.
func (quiet) Logf(string, ...any) {}

// Warnf says nothing.
func (quiet) Warnf(string, ...any) {}

// Errorf says nothing: the tests see a failure as a missing arm.
func (quiet) Errorf(string, ...any) {}

// openPostHog evaluates locally, without events.
func openPostHog(targeting bool) (answer, func(), error) {
	client, err := posthog.NewWithConfig("project", posthog.Config{
		PersonalApiKey: "personal", Transport: definitions{}, Logger: quiet{},
		DefaultFeatureFlagsPollingInterval: 24 * time.Hour,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("posthog: %w", err)
	}
	key, events := keyOf(targeting), false
	return func(v *visitor) string {
		request := posthog.FeatureFlagPayload{
			Key: key, DistinctId: v.id, OnlyEvaluateLocally: true, SendFeatureFlagEvents: &events,
		}
		if targeting {
			request.PersonProperties = posthog.Properties{"country": v.country, "age": v.age}
		}
		value, err := client.GetFeatureFlag(request)
		if err != nil {
			return ""
		}
		arm, _ := value.(string)
		return arm
	}, func() { _ = client.Close() }, nil
}
