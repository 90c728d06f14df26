package analysis

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// Source answers queries: an [experiment.Store], or several of them whose
// answers are added up by [experiment.Merge].
type Source interface {
	Summarize(ctx context.Context, query experiment.Query) (experiment.Cells, error)
}

// Options of an analysis. The zero value is the documented default of every
// field.
type Options struct {
	// Now tells the present. Default time.Now.
	Now func() time.Time
	// Timezone of the moments in the result. Default UTC.
	Timezone *time.Location
	// Thresholds of the health checks.
	Thresholds Thresholds
}

// Thresholds of the health checks. A zero field is its default; a negative one
// never fires.
type Thresholds struct {
	// SRMWarn and SRMFail are p values of the sample ratio check below which
	// it warns (default 0.01) and fails (default 0.001). That of the holdout only
	// warns.
	SRMWarn, SRMFail float64
	// ContaminatedWarn and ContaminatedFail are shares of contaminated units
	// from which the check warns (default 0.01) and fails (default 0.10).
	ContaminatedWarn, ContaminatedFail float64
	// ContaminatedByArm is the p value below which contaminated units differ
	// by arm more than chance explains, so that leaving them out may bias the
	// comparison (default 0.01). It makes the verdict review only where their
	// share reaches ContaminatedWarn.
	ContaminatedByArm float64
	// UnknownFail is the share of units in variants that are no arm, or in phases
	// that are not declared, from which the check fails (default 0.01). Any such
	// unit warns. In a sticky experiment it also applies to units in an arm that a
	// phase gave up; elsewhere one such unit fails.
	UnknownFail float64
	// SmallCount is the number of units per arm that are expected with, and
	// without, the primary event, below which the check of sizes warns
	// (default 5). For a mean it is SmallArm units per arm (default 30).
	SmallCount, SmallArm float64
	// CutWarn is the share of units with the end of the experiment within
	// their window from which the check warns (default 0.20: where units come
	// evenly, each of them lacks half a window, a tenth of all time to
	// convert).
	CutWarn float64
}

func (t Thresholds) withDefaults() Thresholds {
	for _, field := range []struct {
		value *float64
		usual float64
	}{
		{&t.SRMWarn, 0.01}, {&t.SRMFail, 0.001},
		{&t.ContaminatedWarn, 0.01}, {&t.ContaminatedFail, 0.10}, {&t.ContaminatedByArm, 0.01},
		{&t.UnknownFail, 0.01}, {&t.SmallCount, 5}, {&t.SmallArm, 30}, {&t.CutWarn, 0.20},
	} {
		if *field.value == 0 {
			*field.value = field.usual
		}
	}
	return t
}

// ErrNoCatalog is the error of a nil catalogue.
var ErrNoCatalog = errors.New("analysis: the catalogue is nil; pass the one that the engine serves")

// Run analyses one experiment of the catalogue with the data of the source,
// by the experiment's own plan.
//
// It keeps nothing. The moment of the evaluation is found again each time from
// what the source holds, so that every run after it gives the same result,
// unless events from before that moment arrived late, or were erased: without
// an exposed unit that a store has forgotten, the planned sample may be reached
// later, and the moment moves.
//
// Errors: those of [experiment.Catalog.Validate], an
// [experiment.UnknownError] for a key that is not there, [ErrNoCatalog], and
// what the source returns. Data never makes an error: what is wrong with them
// stands in [Result.Health] and [Row.Problem].
func Run(ctx context.Context, source Source, catalog *experiment.Catalog, key string, options Options) (Result, error) {
	if catalog == nil {
		return Result{}, ErrNoCatalog
	}
	if err := catalog.Validate(); err != nil {
		return Result{}, err
	}
	e, ok := catalog.Experiment(key)
	if !ok {
		return Result{}, unknownExperiment(catalog, key)
	}
	r := newRun(source, catalog, e, options)
	at, err := r.findMoment(ctx)
	if err != nil {
		return Result{}, err
	}
	r.phase = r.schedule.before(at.exposed)
	d, err := r.read(ctx, at)
	if err != nil {
		return Result{}, err
	}
	return r.result(at, d), nil
}

func unknownExperiment(catalog *experiment.Catalog, key string) error {
	keys := make([]string, len(catalog.Experiments))
	for i := range catalog.Experiments {
		keys[i] = catalog.Experiments[i].Key
	}
	return &experiment.UnknownError{What: "experiment", Name: key, Known: keys}
}

// run is one analysis under way: what was asked, with every default filled in.
type run struct {
	source     Source
	experiment *experiment.Experiment
	revision   string
	schedule   schedule
	phase      int // the last phase in which units were exposed that count
	holdouts   holdouts
	plan       experiment.Plan
	metrics    []roleMetric // the primary first; empty where none is named
	now        time.Time
	zone       *time.Location
	thresholds Thresholds
	sent       bool // every touchpoint sends its message to the unit
}

type roleMetric struct {
	experiment.Metric
	role Role
}

func newRun(source Source, catalog *experiment.Catalog, e *experiment.Experiment, o Options) *run {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Timezone == nil {
		o.Timezone = time.UTC
	}
	r := &run{source: source, experiment: e, revision: catalog.Revision(e), plan: e.Plan.WithDefaults(),
		now: time.UnixMicro(o.Now().UnixMicro()).UTC(), zone: o.Timezone, thresholds: o.Thresholds.withDefaults(),
		sent: sendsOnly(catalog, e), schedule: newSchedule(e), holdouts: newHoldouts(catalog, e)}
	if primary, ok := catalog.Metric(e.Metrics.Primary); ok {
		r.metrics = append(r.metrics, roleMetric{*primary, Primary})
	}
	for _, key := range e.Metrics.Secondary {
		if secondary, ok := catalog.Metric(key); ok {
			r.metrics = append(r.metrics, roleMetric{*secondary, Secondary})
		}
	}
	return r
}

// sendsOnly reports whether the units get what the experiment shows, rather than
// come for it.
func sendsOnly(catalog *experiment.Catalog, e *experiment.Experiment) bool {
	return !slices.ContainsFunc(e.Touchpoints, func(key string) bool {
		t, ok := catalog.Touchpoint(key)
		return !ok || !slices.Contains([]experiment.Channel{experiment.ChannelEmail, experiment.ChannelSMS,
			experiment.ChannelPush, experiment.ChannelDirectMail}, t.Channel)
	})
}

// hasPrimary reports whether the experiment names a metric that decides.
func (r *run) hasPrimary() bool { return len(r.metrics) > 0 && r.metrics[0].role == Primary }

// matures is the time from first exposure to maturity.
func (r *run) matures() time.Duration {
	if !r.hasPrimary() {
		return 0
	}
	return r.metrics[0].Delay + r.metrics[0].Window
}

// exposuresEnd is the moment from which on nobody is exposed any more: the
// experiment's end, or its conclusion where that is earlier. Zero is never.
func (r *run) exposuresEnd() time.Time { return r.experiment.End() }

// concludedEarly reports whether the conclusion came before the end.
func (r *run) concludedEarly() bool { return !r.exposuresEnd().Equal(r.experiment.Ends) }

// deadline is when the last exposed unit has matured. Zero is never.
func (r *run) deadline() time.Time {
	end := r.exposuresEnd()
	if end.IsZero() {
		return time.Time{}
	}
	return end.Add(r.matures())
}

func (r *run) query(policy experiment.Contaminated, values []experiment.Value, asOf ...time.Time) experiment.Query {
	return experiment.Query{
		Experiment: r.experiment.Key, Run: r.experiment.Run(), Kind: r.experiment.Unit,
		AsOf: asOf, Contaminated: policy, Values: values,
	}
}
