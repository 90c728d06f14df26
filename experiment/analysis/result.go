package analysis

import (
	"time"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/stats"
)

// Result is the answer to one experiment: a plain value that package report
// renders and that marshals to JSON with stable keys.
type Result struct {
	Experiment string `json:"experiment"`
	// Run is the salt of the randomisation.
	Run string `json:"run"`
	// Revision is the content hash of the definition and of what it refers to, as
	// [experiment.Catalog.Revision] gives it.
	Revision string `json:"revision"`
	// Population names the denominator of every metric, such as
	// "per exposed customer".
	Population string `json:"population"`
	// AsOf is the moment of the data: events before it count. Once evaluated,
	// it is the frozen moment of the evaluation, else the present.
	AsOf  time.Time `json:"as_of"`
	Stage Stage     `json:"stage"`
	// Phase whose weights were in force at AsOf: those of Groups. 0 is the
	// experiment's arms.
	Phase int  `json:"phase,omitempty"`
	Plan  Plan `json:"plan"`

	Verdict Verdict `json:"verdict"`
	// Health lists every check that applies, passed or not.
	Health []Check `json:"health"`
	// Groups counts the units: control, the other arms in the order in which the
	// arms and phases first name them, the holdout, then variants that are no arm
	// of the experiment. An arm of a phase to come is left out.
	Groups []Group `json:"groups"`
	// Holdout tells of the units kept out. Nil where the experiment is under no
	// holdout and nobody was recorded in one.
	Holdout *Holdout `json:"holdout,omitempty"`
	// Balance tests the arms' sizes against their weights, with and without
	// contaminated units. Empty where no test is possible.
	Balance []Balance `json:"balance,omitempty"`
	// Contaminated and Moved count units by the pair of groups that they met.
	Contaminated []Crossing `json:"contaminated,omitempty"`
	Moved        []Crossing `json:"moved,omitempty"`
	// Families names the corrections. Empty before the evaluation.
	Families []Family `json:"families,omitempty"`
	// Scorecard has a row per metric and treatment: the primary metric first,
	// then the secondary ones, arms in configured order. Empty before the
	// evaluation: no early result is computed.
	Scorecard []Row `json:"scorecard,omitempty"`
	// Pairwise compares the best of several winners with each other one.
	Pairwise []Row `json:"pairwise,omitempty"`
}

// Stage says how far the plan of an experiment is.
type Stage string

// The stages.
const (
	// Waiting for the moment of the evaluation. No result is computed.
	Waiting Stage = "waiting"
	// Evaluated at the moment that the plan names, and frozen.
	Evaluated Stage = "evaluated"
	// Overdue: the deadline passed without the planned size. The scorecard is
	// as of the deadline, for a person to judge.
	Overdue Stage = "overdue"
)

// Plan is what was settled before the start, with every default filled in.
type Plan struct {
	Method experiment.Method `json:"method"`
	// Alpha is the two-sided error rate of each family of hypotheses.
	Alpha float64 `json:"alpha"`
	// Sample is the planned number of matured units per arm; 0: all that are
	// exposed before the end.
	Sample  int64  `json:"sample,omitempty"`
	Primary string `json:"primary,omitempty"`
	// Matures is the time from a unit's first exposure to its maturity: delay
	// and window of the primary metric.
	Matures time.Duration `json:"matures"`
	// Deadline is when the last unit exposed before the end, or the conclusion if it is
	// earlier, has matured. Zero where neither is set.
	Deadline time.Time `json:"deadline,omitzero"`
}

// Status is the kind of verdict.
type Status string

// The statuses.
const (
	Ship        Status = "ship"         // serve a better arm to everyone
	Stop        Status = "stop"         // no effect was found; keep control
	Rollback    Status = "rollback"     // an arm is worse; keep control
	KeepRunning Status = "keep_running" // the evaluation is still to come
	Review      Status = "review"       // the plan does not decide; a person must
	Unhealthy   Status = "unhealthy"    // the data cannot be trusted; no verdict
	NoData      Status = "no_data"      // nobody was exposed
)

// Verdict says what to do.
type Verdict struct {
	Status Status `json:"status"`
	// Sentence is the verdict in words: "ship free_returns",
	// "stop: no effect found, keep control".
	Sentence string `json:"sentence"`
	// Variants to ship (several: any of them), or to roll back.
	Variants []string `json:"variants,omitempty"`
	// Reason and Next say why, and what to do now, in a sentence each.
	Reason string `json:"reason"`
	Next   string `json:"next"`
}

// Level of a health check.
type Level string

// The levels. A failed check withholds the verdict.
const (
	OK   Level = "ok"
	Warn Level = "warn"
	Fail Level = "fail"
)

// Check is one thing that may be wrong with the data.
type Check struct {
	// ID is stable: one of the constants CheckSRM and so on.
	ID    string `json:"id"`
	Level Level  `json:"level"`
	// Detail says what was found.
	Detail string `json:"detail"`
	// Fix says what to do. Empty at level ok.
	Fix string `json:"fix,omitempty"`
}

// GroupRole says what a group is to the experiment.
type GroupRole string

// The roles of groups.
const (
	ControlGroup   GroupRole = "control"
	TreatmentGroup GroupRole = "treatment"
	HoldoutGroup   GroupRole = "holdout" // kept out; never pooled with an arm
	UnknownGroup   GroupRole = "unknown" // a variant that is no arm
)

// Group counts the units whose first exposure was in it, as of Result.AsOf.
type Group struct {
	// Variant is empty for the holdout.
	Variant string    `json:"variant,omitempty"`
	Role    GroupRole `json:"role"`
	// Weight in the phase in force at Result.AsOf; 0 for an arm that it gave up.
	Weight uint64 `json:"weight"`
	// Units exposed, contaminated ones among them.
	Units int64 `json:"units"`
	// Matured of them: those that count towards the planned size.
	Matured int64 `json:"matured"`
	// Contaminated of Units. They are in no row of the scorecard.
	Contaminated int64 `json:"contaminated"`
}

// Balance is a test of sample ratio mismatch (SRM) over the arms that carry
// weight. Each phase is compared with its own weights; statistics and degrees of
// freedom are summed over the phases that have enough units to judge.
type Balance struct {
	// Population is "all units" or "without contaminated units"; what is
	// expected of the latter allows for units that were randomised again, of
	// which a small arm loses more than a large one.
	Population string  `json:"population"`
	Statistic  float64 `json:"chi_square"`
	DF         int     `json:"df"`
	P          float64 `json:"p"`
	LogP       float64 `json:"log_p"`
	// Imbalance is the gap between observed and expected share of Worst, the
	// arm furthest from its share: 0.01 is one point more than expected. Of
	// several phases it is that of Phase, the one with the smallest p.
	Imbalance float64 `json:"imbalance"`
	Worst     string  `json:"worst"`
	Phase     int     `json:"phase,omitempty"`
	// Phases has those that are declared and have units, where they are several.
	Phases []PhaseBalance `json:"phases,omitempty"`
}

// Crossing counts units that met two groups.
type Crossing struct {
	// From is the group of the first exposure, To the other one; "holdout" is
	// the holdout.
	From  string `json:"from"`
	To    string `json:"to"`
	Units int64  `json:"units"`
}

// Role of a metric.
type Role string

// The roles of metrics.
const (
	Primary   Role = "primary"   // decides
	Secondary Role = "secondary" // describes
)

// Family is a set of hypotheses that are corrected together.
type Family struct {
	Role       Role                  `json:"role"`
	Adjustment experiment.Adjustment `json:"adjustment"`
	// Comparisons in the family: metrics times treatments.
	Comparisons int     `json:"comparisons"`
	Alpha       float64 `json:"alpha"`
}

// Mark is the short form of a row's finding, by the adjusted p and the
// metric's direction.
type Mark string

// The marks.
const (
	Better       Mark = "better"
	Worse        Mark = "worse"
	NotFound     Mark = "no_effect_found"
	NotInferable Mark = "no_inference"
)

// Row compares one arm with its baseline on one metric.
type Row struct {
	Metric string                `json:"metric"`
	Role   Role                  `json:"role"`
	Kind   experiment.MetricKind `json:"kind"`
	// Better is the direction in which the metric gets better.
	Better experiment.Direction `json:"better"`
	// Variant is compared with Baseline: control, but for [Result.Pairwise].
	Variant   string   `json:"variant"`
	Baseline  string   `json:"baseline"`
	Control   Observed `json:"control"`
	Treatment Observed `json:"treatment"`
	// Difference is treatment - control: of proportions as a fraction (0.01
	// is one percentage point), of means in the unit of the metric.
	Difference Estimate `json:"difference"`
	// Lift is the difference relative to control; 0.05 is +5 %.
	Lift Estimate `json:"lift"`
	// Test of no difference. Nil where no inference is possible; Problem says
	// why.
	Test    *Test  `json:"test,omitempty"`
	Problem string `json:"problem,omitempty"`
	Mark    Mark   `json:"mark"`
	// Phases that the row compares, where the experiment has units in several.
	// With more than one the row combines them: each is compared within itself,
	// and counts by its Weight.
	Phases []PhaseEffect `json:"phases,omitempty"`
	// Warnings are what a reader of the row must know beside its numbers.
	Warnings []Warning `json:"warnings,omitempty"`
}

// Warning is a stable code of a row; package report writes it in words.
type Warning string

// The warnings of rows. An interval and the mark disagree where the interval
// excludes 0 and no effect was found, or includes 0 and one was found. The test
// decides.
const (
	// DifferenceDisagrees: the interval of the difference and the test
	// disagree near alpha, as they are computed in different ways.
	DifferenceDisagrees Warning = "difference_interval_disagrees"
	// LiftDisagrees: so do the interval of the lift and the test.
	LiftDisagrees Warning = "lift_interval_disagrees"
	// IntervalsUnadjusted: an interval excludes 0 and p by itself is below
	// alpha; the adjusted p, which accounts for the family, is not.
	IntervalsUnadjusted Warning = "intervals_unadjusted"
	// ConstantBaseline and ConstantVariant: all units of that arm have the
	// same value of a mean, so that the other alone gives the standard error.
	ConstantBaseline Warning = "constant_baseline"
	ConstantVariant  Warning = "constant_variant"
	// WindowsOpen: delay and window are longer than those of the primary
	// metric, so that fewer units have matured than for it.
	WindowsOpen Warning = "windows_open"
	// PhasesLeftOut: phases in which an arm has a single unit are left out.
	PhasesLeftOut Warning = "phases_left_out"
)

// Observed is what was seen in one arm.
type Observed struct {
	// N units count: the denominator. Of several phases they are those of the
	// phases in which both arms of the row have units.
	N int64 `json:"n"`
	// Numerator is the number of units with the event, or the total of the
	// values; NaN (null in JSON) where the values overflow.
	Numerator float64 `json:"numerator"`
	// Value is Numerator / N; NaN (null in JSON) without units or numerator. In a
	// row that combines phases it is the mean of the phases' values by
	// [PhaseEffect].Weight, which is not Numerator / N where the weights of the
	// arms changed.
	Value float64 `json:"value"`
}

// Estimate with its interval.
type Estimate struct {
	// Value is NaN (null in JSON) where it is not defined; Problem says why.
	Value float64
	// Interval at confidence 1 - alpha of the plan, for this estimate alone.
	Interval stats.Interval
	// Method of the interval.
	Method  string
	Problem string
}

// Test is a two-sided test of no difference.
type Test struct {
	Method    string  `json:"method"`
	SE        float64 `json:"se"`
	Statistic float64 `json:"statistic"`
	// DF of Student's t; 0 where the normal distribution is used.
	DF float64 `json:"df,omitempty"`
	// P can be 0 where it is too small for a float64; LogP, its natural
	// logarithm, is not affected.
	P    float64 `json:"p"`
	LogP float64 `json:"log_p"`
	// AdjustedP is corrected within the row's family.
	AdjustedP float64 `json:"adjusted_p"`
	// Warnings of the method, such as small_expected_counts. That an arm is
	// constant stands in [Row.Warnings], by its name.
	Warnings []string `json:"warnings,omitempty"`
}
