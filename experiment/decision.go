package experiment

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
)

// Reason names the rule that made a decision.
type Reason uint8

// The reasons, in the order in which the rules are tried.
const (
	ReasonUnknownExperiment Reason = iota // no such experiment; also the zero Decision
	ReasonWrongTouchpoint                 // the experiment does not run at this touchpoint
	ReasonConcluded                       // it is over; its winner is served to everyone
	ReasonNotStarted                      // before Starts
	ReasonEnded                           // at or after Ends
	ReasonPaused                          // Paused
	ReasonMissingUnit                     // the subject has no id of the experiment's kind, or an empty one
	ReasonInvalidUnit                     // the id cannot be hashed or recorded
	ReasonOverride                        // forced for this id
	ReasonBot                             // the rule for bots holds
	ReasonInternal                        // the rule for one's own people holds
	ReasonUnassigned                      // sticky, and the assignments could not be read
	ReasonSticky                          // enrolled; the unit keeps the variant that it was given
	ReasonPrerequisite                    // the unit does not meet the required variant of another experiment
	ReasonLayer                           // outside the experiment's slots of its layer
	ReasonAudience                        // not eligible
	ReasonTraffic                         // outside the traffic share
	ReasonHoldout                         // kept out; it would have been enrolled
	ReasonArm                             // enrolled; the hash chose the arm
)

var reasonNames = [...]string{
	ReasonUnknownExperiment: "unknown_experiment",
	ReasonWrongTouchpoint:   "wrong_touchpoint",
	ReasonConcluded:         "concluded",
	ReasonNotStarted:        "not_started",
	ReasonEnded:             "ended",
	ReasonPaused:            "paused",
	ReasonMissingUnit:       "missing_unit",
	ReasonInvalidUnit:       "invalid_unit",
	ReasonOverride:          "override",
	ReasonBot:               "bot",
	ReasonInternal:          "internal",
	ReasonUnassigned:        "unassigned",
	ReasonSticky:            "sticky",
	ReasonPrerequisite:      "prerequisite",
	ReasonLayer:             "layer",
	ReasonAudience:          "audience",
	ReasonTraffic:           "traffic",
	ReasonHoldout:           "holdout",
	ReasonArm:               "arm",
}

// String names the reason as it stands in logs and results.
func (r Reason) String() string {
	if int(r) < len(reasonNames) {
		return reasonNames[r]
	}
	return fmt.Sprintf("reason(%d)", uint8(r))
}

// MarshalText writes the name.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the name.
func (r *Reason) UnmarshalText(text []byte) error {
	for i, name := range reasonNames {
		if name == string(text) {
			*r = Reason(i)
			return nil
		}
	}
	return fmt.Errorf("experiment: unknown reason %q", text)
}

// Decision is the treatment of one subject at one touchpoint. It is always
// usable: where no decision was possible it is control, with the payload of
// the control arm if the experiment is known. A Decision is a small value; it
// stays valid when the engine gets another catalogue.
type Decision struct {
	// Variant to show. "control" where the experiment is unknown.
	Variant string
	// Reason names the rule that decided.
	Reason Reason
	// Enrolled is true where the unit takes part and counts in the analysis of its
	// variant: by the hash, or because it keeps what it was given. Expose records
	// overrides and held-out units too, each as such.
	Enrolled bool

	// Four words in four fields is what travels in registers.
	of *served
}

// served is what every decision for an arm has in common.
type served struct {
	experiment string
	revision   string
	phase      int
	payload    Payload
}

func (d Decision) served() *served {
	if d.of == nil {
		return &served{}
	}
	return d.of
}

// Experiment returns the key of the experiment that was asked for.
func (d Decision) Experiment() string { return d.served().experiment }

// Revision returns the content hash of the experiment's definition and of what it
// refers to, for audit: see [Catalog.Revision].
// It is empty where the experiment is unknown.
func (d Decision) Revision() string { return d.served().revision }

// Phase returns the phase within the run, from 0.
func (d Decision) Phase() int { return d.served().phase }

// ErrNoPayload is the error of [Decision.JSON] for a name that the arm's
// payload does not have.
var ErrNoPayload = errors.New("experiment: no such payload")

// Text returns a string of the payload, or the fallback where the payload has
// no string of that name.
func (d Decision) Text(name, fallback string) string {
	if text, ok := d.served().payload[name].(string); ok {
		return text
	}
	return fallback
}

// Number returns a number of the payload, or the fallback where the payload
// has no number of that name.
func (d Decision) Number(name string, fallback float64) float64 {
	if number, ok := d.served().payload[name].(float64); ok {
		return number
	}
	return fallback
}

// Bool returns a truth value of the payload, or the fallback where the payload
// has no truth value of that name.
func (d Decision) Bool(name string, fallback bool) bool {
	if truth, ok := d.served().payload[name].(bool); ok {
		return truth
	}
	return fallback
}

// JSON stores a value of the payload, lists and maps too, in what into points
// to, by the rules of encoding/json. The error matches ErrNoPayload where the
// payload has no value of that name.
func (d Decision) JSON(name string, into any) error {
	value, ok := d.served().payload[name]
	if !ok {
		return fmt.Errorf("%w: %q of variant %q", ErrNoPayload, name, d.Variant)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("experiment: payload %q: %w", name, err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("experiment: payload %q: %w", name, err)
	}
	return nil
}

// MarshalJSON writes the decision with the keys experiment, variant, reason,
// enrolled, phase, revision and payload.
func (d Decision) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Experiment string  `json:"experiment"`
		Variant    string  `json:"variant"`
		Reason     Reason  `json:"reason"`
		Enrolled   bool    `json:"enrolled"`
		Phase      int     `json:"phase"`
		Revision   string  `json:"revision"`
		Payload    Payload `json:"payload"`
	}{d.Experiment(), d.Variant, d.Reason, d.Enrolled, d.Phase(), d.Revision(), d.served().payload})
}

// LogValue shows the decision in a structured log, without personal data.
func (d Decision) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("experiment", d.Experiment()),
		slog.String("variant", d.Variant),
		slog.String("reason", d.Reason.String()),
		slog.Bool("enrolled", d.Enrolled),
		slog.String("revision", d.Revision()),
	)
}
