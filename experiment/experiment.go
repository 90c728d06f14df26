package experiment

import (
	"slices"
	"time"

	"github.com/touchlift/touchlift/assign"
)

// Experiment is one question put to units at one or more touchpoints. Key,
// Touchpoints, Unit, Salt and Arms are required; everything else has the
// default that its field names.
type Experiment struct {
	// Key names the experiment in code, events and results.
	Key string `json:"key"`
	// Touchpoints at which the experiment runs: the same unit meets the same
	// variant at each of them.
	Touchpoints []string `json:"touchpoints"`
	// Owner and Hypothesis are for people.
	Owner      string `json:"owner,omitempty"`
	Hypothesis string `json:"hypothesis,omitempty"`
	// Unit is the kind of id that is randomised.
	Unit Kind `json:"unit"`
	// Salt is hashed with the unit. It names the run: a new salt is a new
	// randomisation, renaming the experiment is not. Give every experiment its
	// own: two experiments with one salt split their units in the same place.
	Salt string `json:"salt"`
	// Arms, at least two. The first is control.
	Arms []Arm `json:"arms"`
	// Hash is the formula by which units get arms. Default touchlift/1; package
	// assign/peer has those of other SDKs, to take over a running experiment.
	Hash assign.Formula `json:"hash,omitempty"`
	// Traffic is the share of units that is enrolled, over time. It never
	// shrinks. Default all.
	Traffic Traffic `json:"traffic,omitempty"`
	// Phases re-weight the arms while the experiment runs, oldest first, so that
	// nobody is moved who need not be.
	Phases []Phase `json:"phases,omitempty"`
	// Audience is the rule, in the language of package audience, that decides
	// who is eligible. Default everyone.
	Audience string `json:"audience,omitempty"`
	// Layer and the slots in it that the experiment holds, so that no unit is in
	// two experiments of one layer. Default none.
	Layer Slots `json:"layer,omitzero"`
	// Holdout whose units are kept out, by name. Holdouts with a scope apply
	// without being named; [NoHoldout] exempts the experiment from them.
	Holdout string `json:"holdout,omitempty"`
	// Requires a variant of another experiment: only units that meet it there
	// take part here.
	Requires Requirement `json:"requires,omitzero"`
	// Sticky keeps the variant of a unit that was exposed once, whatever happens
	// to the audience, the traffic and the weights. It needs [Options].Assignments.
	Sticky bool `json:"sticky,omitempty"`
	// Links are further kinds of id under which a unit is known, so that it keeps
	// its variant across a log-in: with unit device and links [customer], a
	// customer meets on another device what they met on the first. It needs Sticky.
	Links []Kind `json:"links,omitempty"`
	// Starts and Ends bound the experiment in time: it runs in [Starts, Ends).
	// A zero time is no bound. From Ends on everybody meets control, enrolled
	// units too: who was exposed shortly before has the treatment for only a part
	// of a metric's window, which dilutes the effect.
	Starts time.Time `json:"starts,omitzero"`
	Ends   time.Time `json:"ends,omitzero"`
	// Paused serves control to everyone and records nothing.
	Paused bool `json:"paused,omitempty"`
	// Overrides force a variant for ids of the experiment's kind, for testing
	// by hand: variant to ids. They are recorded as such and never analysed.
	Overrides map[string][]string `json:"overrides,omitempty"`
	// Metrics that decide and describe.
	Metrics Metrics `json:"metrics,omitzero"`
	// Plan of the analysis.
	Plan Plan `json:"analysis,omitzero"`
	// Concluded serves one variant to everyone once the experiment is over.
	Concluded Concluded `json:"concluded,omitzero"`
}

// Arm is a variant with its weight and payload.
type Arm struct {
	// Variant is the name of the treatment, unique within the experiment. The
	// name "holdout" is reserved.
	Variant string `json:"variant"`
	// Weight relative to the other arms' weights. 0 is legal: nobody gets it.
	Weight uint64 `json:"weight"`
	// Payload is what the application reads from a decision.
	Payload Payload `json:"payload,omitempty"`
}

// Payload holds the settings of an arm: a string, a number, a bool, or a list
// or map of these, by name. The engine copies it; numbers become float64.
type Payload map[string]any

// Metrics of an experiment by role.
type Metrics struct {
	// Primary decides. Needed for a verdict.
	Primary string `json:"primary,omitempty"`
	// Secondary metrics describe.
	Secondary []string `json:"secondary,omitempty"`
}

// Concluded says what is served after the end.
type Concluded struct {
	// At is when it takes effect. Default: when the experiment ends.
	At time.Time `json:"at,omitzero"`
	// Serve is the variant that everyone gets, unrecorded.
	Serve string `json:"serve,omitempty"`
}

// Control returns the name of the control variant: the first arm's. It is
// empty for an experiment without arms.
func (e *Experiment) Control() string {
	if len(e.Arms) == 0 {
		return ""
	}
	return e.Arms[0].Variant
}

// Variants returns the name of every variant of the run, in the order in which the
// arms and then the phases first name them.
func (e *Experiment) Variants() []string {
	names := make([]string, 0, len(e.Arms))
	for i := range e.Arms {
		names = append(names, e.Arms[i].Variant)
	}
	for _, phase := range e.Phases {
		for i := range phase.Arms {
			if !slices.Contains(names, phase.Arms[i].Variant) {
				names = append(names, phase.Arms[i].Variant)
			}
		}
	}
	return names
}

// End returns when the experiment is over: at Ends, or earlier where it is concluded
// before. It is zero where nothing ends it.
func (e *Experiment) End() time.Time {
	if at := e.Concluded.At; !at.IsZero() && (e.Ends.IsZero() || at.Before(e.Ends)) {
		return at
	}
	return e.Ends
}

// Run returns the name of the current randomisation: the salt.
func (e *Experiment) Run() string { return e.Salt }

// Method is a way of deciding on the data.
type Method string

// MethodFixed evaluates once, at the first moment with the planned matured
// size, or at the end where no size is planned.
const MethodFixed Method = "fixed"

// Adjustment is a correction for several hypotheses in one family.
type Adjustment string

// The adjustments.
const (
	AdjustHolm Adjustment = "holm" // family-wise error rate
	AdjustBH   Adjustment = "bh"   // false discovery rate, Benjamini and Hochberg
)

// Plan is what is settled about the analysis before the start.
type Plan struct {
	// Method of decision. Default MethodFixed.
	Method Method `json:"method,omitempty"`
	// Alpha is the two-sided error rate of each family, below 0.5. Default 0.05.
	Alpha float64 `json:"alpha,omitempty"`
	// Sample is the planned number of matured units per arm. A unit is mature
	// when the primary metric's delay and window have passed since its first
	// exposure. 0 evaluates when the units exposed before Ends have matured.
	Sample int64 `json:"sample,omitempty"`
	// Families names the correction within each family.
	Families Families `json:"families,omitzero"`
}

// Families of hypotheses and their corrections.
type Families struct {
	// Primary: the primary metric over the arms. AdjustHolm, the default.
	Primary Adjustment `json:"primary,omitempty"`
	// Secondary: the secondary metrics over the arms. AdjustBH (default) or
	// AdjustHolm.
	Secondary Adjustment `json:"secondary,omitempty"`
}

// WithDefaults returns the plan with every default filled in.
func (p Plan) WithDefaults() Plan {
	if p.Method == "" {
		p.Method = MethodFixed
	}
	if p.Alpha == 0 {
		p.Alpha = 0.05
	}
	if p.Families.Primary == "" {
		p.Families.Primary = AdjustHolm
	}
	if p.Families.Secondary == "" {
		p.Families.Secondary = AdjustBH
	}
	return p
}
