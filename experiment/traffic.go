package experiment

import (
	"strings"
	"time"

	"github.com/touchlift/touchlift/assign"
)

// Traffic is the share of units that is enrolled, in steps of time. Shares never
// shrink within a run, so that who is enrolled stays. Before the first step
// nobody is enrolled; without steps everyone is.
type Traffic []TrafficStep

// TrafficStep is the share from a moment on.
type TrafficStep struct {
	// From when. Only the first step may leave it out, for always.
	From time.Time `json:"from,omitzero"`
	// Share of the units. The zero Share is all.
	Share assign.Share `json:"share"`
}

// Steady is the same share at all times.
func Steady(share assign.Share) Traffic { return Traffic{{Share: share}} }

// Phase is a re-weighting of a running experiment. Phase 0 is the experiment's
// own Arms; the first of its Phases is phase 1.
type Phase struct {
	// From when it holds. Required.
	From time.Time `json:"from"`
	// Arms with their weights from then on. An arm that is not listed gets nobody
	// new and gives its units up; one that is new is added, with its payload. An
	// arm that was there before keeps its payload and has none here.
	Arms []Arm `json:"arms"`
}

// String writes the steps: "100%", "5%", or "5% from 2026-01-05T08:00:00Z, 100%
// from 2026-01-07T08:00:00Z".
func (t Traffic) String() string {
	if len(t) == 0 {
		return assign.Share{}.String()
	}
	steps := make([]string, len(t))
	for i, step := range t {
		steps[i] = step.Share.String()
		if !step.From.IsZero() {
			steps[i] += " from " + step.From.Format(time.RFC3339)
		}
	}
	return strings.Join(steps, ", ")
}
