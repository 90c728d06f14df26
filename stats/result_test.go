package stats_test

import (
	"encoding"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/stats"
)

func TestLiftAndPointsPrintThemselves(t *testing.T) {
	for _, row := range []struct {
		value fmt.Stringer
		want  string
	}{
		{stats.RelativeLift(0.052), "+5.2 %"},
		{stats.RelativeLift(-0.5), "-50.0 %"},
		{stats.RelativeLift(0), "+0.0 %"},
		{stats.RelativeLift(0.00042), "+0.04 %"},
		{stats.RelativeLift(inf), "+Inf"},
		{stats.RelativeLift(nan), "undefined"},
		{stats.Points(0.008), "+0.8 points"},
		{stats.Points(-0.0312), "-3.1 points"},
		{stats.Points(0.0000123), "+0.001 points"},
	} {
		assert.Equal(t, row.want, row.value.String())
	}
}

func TestIntervalKinds(t *testing.T) {
	for _, row := range []struct {
		interval stats.Interval
		words    string
		json     string
		inside   []float64
		outside  []float64
	}{
		{stats.Interval{Low: 1, High: 2, Kind: stats.Bounded}, "[1, 2]",
			`{"low":1,"high":2,"kind":"bounded"}`, []float64{1, 1.5, 2}, []float64{0.9, 2.1, nan}},
		{stats.Interval{Low: -inf, High: 2, Kind: stats.LowerUnbounded}, "up to 2",
			`{"low":null,"high":2,"kind":"lower_unbounded"}`, []float64{-1e9, 2, -inf}, []float64{2.1}},
		{stats.Interval{Low: 1, High: inf, Kind: stats.UpperUnbounded}, "1 or more",
			`{"low":1,"high":null,"kind":"upper_unbounded"}`, []float64{1, 1e9}, []float64{0.9}},
		{stats.Interval{Low: 1, High: 2, Kind: stats.Exclusive}, "outside (1, 2)",
			`{"low":1,"high":2,"kind":"exclusive"}`, []float64{0, 1, 2, 3}, []float64{1.5}},
		{stats.Interval{Low: -inf, High: inf, Kind: stats.Unbounded}, "any value",
			`{"low":null,"high":null,"kind":"unbounded"}`, []float64{-1, 0, 1}, nil},
		{stats.Interval{}, "none", `{"low":0,"high":0,"kind":"none"}`, nil, []float64{0, 1}},
	} {
		t.Run(row.words, func(t *testing.T) {
			assert.Equal(t, row.words, row.interval.String())
			text, err := json.Marshal(row.interval)
			require.NoError(t, err)
			assert.JSONEq(t, row.json, string(text))
			var back stats.Interval
			require.NoError(t, json.Unmarshal(text, &back))
			assert.Equal(t, row.interval, back)
			for _, v := range row.inside {
				assert.True(t, row.interval.Contains(v), "%g", v)
			}
			for _, v := range row.outside {
				assert.False(t, row.interval.Contains(v), "%g", v)
			}
		})
	}
	var i stats.Interval
	require.Error(t, json.Unmarshal([]byte(`{"low":1,"high":2,"kind":"closed"}`), &i))
}

// The keys of the JSON form are a promise.
func TestResultJSON(t *testing.T) {
	control, treatment := moments(100, 10, 4), moments(100, 10.5, 4)
	welch, err := stats.Welch(control, treatment, stats.Options{})
	require.NoError(t, err)
	z, err := stats.Z(control, treatment, stats.Options{Alternative: stats.Greater})
	require.NoError(t, err)
	proportions, err := stats.Proportions(stats.Counts{Successes: 1, N: 10}, stats.Counts{Successes: 6, N: 10}, stats.ProportionOptions{})
	require.NoError(t, err)
	lift, err := stats.LiftFieller(moments(100, 0.1, 4), moments(100, 0.3, 4), stats.Options{})
	require.NoError(t, err)
	common := []string{"method", "se", "statistic", "df", "p", "log_p", "ci", "alpha", "alternative"}
	for name, row := range map[string]struct {
		value, back any
		keys        []string
	}{
		"Result":           {&welch, new(stats.Result), []string{"difference", "control", "treatment"}},
		"Result, normal":   {&z, new(stats.Result), []string{"difference", "control", "treatment"}},
		"ProportionResult": {&proportions, new(stats.ProportionResult), []string{"difference", "control", "treatment", "warnings"}},
		"LiftResult":       {&lift, new(stats.LiftResult), []string{"lift", "control", "treatment", "g"}},
		"Inference":        {&welch.Inference, new(stats.Inference), nil},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := json.Marshal(row.value)
			require.NoError(t, err)
			var keys map[string]any
			require.NoError(t, json.Unmarshal(text, &keys))
			var got []string
			for key := range keys {
				got = append(got, key)
			}
			assert.ElementsMatch(t, append(append([]string{}, common...), row.keys...), got)
			require.NoError(t, json.Unmarshal(text, row.back))
			assert.Equal(t, row.value, row.back)
		})
	}
}

func TestResultWithoutInferenceJSON(t *testing.T) {
	r, err := stats.Welch(moments(10, 1, 0), moments(10, 2, 0), stats.Options{})
	require.ErrorIs(t, err, stats.ErrZeroVariance)
	text, err := json.Marshal(r)
	require.NoError(t, err)
	require.JSONEq(t, `{"difference":1,"control":1,"treatment":2,"method":"welch_t","se":0,"statistic":null,"df":null,
		"p":null,"log_p":null,"ci":{"low":null,"high":null,"kind":"none"},"alpha":0.05,"alternative":"two_sided"}`, string(text))
	var back stats.Result
	require.NoError(t, json.Unmarshal(text, &back))
	requireNoInference(t, back.Inference)
}

func TestSampleRatioJSON(t *testing.T) {
	r, err := stats.SRM([]int64{5100, 4900, 7}, []float64{1, 1, 0})
	require.NoError(t, err)
	text, err := json.Marshal(r)
	require.NoError(t, err)
	var back stats.SampleRatio
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, r, back)
	for _, key := range []string{`"chi_square":4`, `"df":1`, `"p":0.0455`, `"log_p":-3.09`, `"imbalance":0.01`, `"arm":0`,
		`"leaks":[{"phase":0,"arm":2,"observed":7}]`} {
		require.Contains(t, string(text), key)
	}
	phased, err := stats.SRMPhases([]stats.Phase{{Observed: []int64{300, 310, 2}, Weights: []float64{1, 1, 0}}},
		stats.Holdout{Share: 0.05, Observed: 70})
	require.NoError(t, err)
	text, err = json.Marshal(phased)
	require.NoError(t, err)
	var phasedBack stats.PhasedSampleRatio
	require.NoError(t, json.Unmarshal(text, &phasedBack))
	require.Equal(t, phased, phasedBack)
	require.Equal(t, "nothing to compare", stats.ChiSquare{}.String())
	require.Equal(t, "chi-square 4 on 1 df, p = 0.0455, largest gap +1.0 points in arm 0, leak of 7 units into arm 2 of weight 0", r.String())
	none, err := stats.SRM([]int64{0, 0}, []float64{1, 1})
	require.ErrorIs(t, err, stats.ErrTooFewUnits)
	text, err = json.Marshal(none)
	require.NoError(t, err)
	require.JSONEq(t, `{"chi_square":0,"df":0,"p":null,"log_p":null,"imbalance":0,"arm":-1}`, string(text))
}

func TestSRMInputs(t *testing.T) {
	for name, row := range map[string]struct {
		observed []int64
		weights  []float64
		want     error
	}{
		"a count too few":               {[]int64{1}, []float64{1, 1}, stats.ErrInfeasible},
		"no arms":                       {nil, nil, stats.ErrInfeasible},
		"one arm":                       {[]int64{5}, []float64{1}, stats.ErrInfeasible},
		"no units":                      {[]int64{0, 0}, []float64{1, 1}, stats.ErrTooFewUnits},
		"units only where weight is 0":  {[]int64{0, 0, 4}, []float64{1, 1, 0}, stats.ErrTooFewUnits},
		"negative count":                {[]int64{5, -5}, []float64{1, 1}, stats.ErrInvalidSummary},
		"negative weight":               {[]int64{5, 5}, []float64{1, -1}, stats.ErrInvalidOption},
		"NaN weight":                    {[]int64{5, 5}, []float64{1, nan}, stats.ErrNonFinite},
		"infinite weight":               {[]int64{5, 5}, []float64{1, inf}, stats.ErrNonFinite},
		"weights out of all proportion": {[]int64{5, 5}, []float64{1e300, 1e-10}, stats.ErrInvalidOption},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := stats.SRM(row.observed, row.weights)
			require.ErrorIs(t, err, row.want)
			require.ErrorContains(t, err, "stats: ")
			require.True(t, r.P != r.P, "p = %g", r.P)
			_, err = stats.SRMPhases([]stats.Phase{{Observed: row.observed, Weights: row.weights}}, stats.Holdout{})
			require.Error(t, err)
		})
	}
	good := []stats.Phase{{Observed: []int64{5, 6}, Weights: []float64{1, 1}}}
	for _, h := range []stats.Holdout{{Share: 1}, {Share: -0.1}, {Share: nan}, {Observed: 5}, {Share: 0.1, Observed: -1}} {
		_, err := stats.SRMPhases(good, h)
		require.Error(t, err)
	}
}

func TestSummariesRoundTrip(t *testing.T) {
	type summary interface {
		encoding.BinaryMarshaler
		json.Marshaler
	}
	for _, row := range []struct {
		value summary
		back  func() (summary, encoding.BinaryUnmarshaler)
		want  string
	}{
		{stats.Moments{N: 3, Mean: 0.1, M2: 1e-300}, nil, `{"n":3,"mean":0.1,"m2":1e-300}`},
		{stats.Moments{}, nil, `{"n":0,"mean":0,"m2":0}`},
		{stats.Counts{Successes: 3, N: 1 << 60}, nil, `{"successes":3,"n":1152921504606846976}`},
	} {
		text, err := json.Marshal(row.value)
		require.NoError(t, err)
		require.JSONEq(t, row.want, string(text))
		binary, err := row.value.MarshalBinary()
		require.NoError(t, err)
		switch want := row.value.(type) {
		case stats.Moments:
			var a, b stats.Moments
			require.NoError(t, json.Unmarshal(text, &a))
			require.NoError(t, b.UnmarshalBinary(binary))
			require.Equal(t, []stats.Moments{want, want}, []stats.Moments{a, b})
		case stats.Counts:
			var a, b stats.Counts
			require.NoError(t, json.Unmarshal(text, &a))
			require.NoError(t, b.UnmarshalBinary(binary))
			require.Equal(t, []stats.Counts{want, want}, []stats.Counts{a, b})
		}
	}
}

func TestSummariesRefuseWhatTheyCannotRead(t *testing.T) {
	for _, text := range []string{`{"n":3,"mean":1}`, `{"n":-1,"mean":0,"m2":0}`, `{"n":3,"mean":1,"m2":-1}`,
		`{"n":0,"mean":1,"m2":0}`, `{"n":1.5,"mean":1,"m2":0}`, `{"n":3,"mean":"NaN","m2":0}`, `{}`} {
		var m stats.Moments
		require.Error(t, json.Unmarshal([]byte(text), &m), text)
		require.Equal(t, stats.Moments{}, m)
	}
	for _, text := range []string{`{"successes":3}`, `{"successes":3,"n":2}`, `{"successes":-1,"n":2}`, `{}`} {
		var c stats.Counts
		require.Error(t, json.Unmarshal([]byte(text), &c), text)
	}
	_, err := json.Marshal(stats.Moments{N: 2, Mean: nan, M2: nan})
	require.ErrorIs(t, err, stats.ErrNonFinite)
	poisoned := stats.Summarize([]float64{1, nan})
	binary, err := poisoned.MarshalBinary()
	require.NoError(t, err)
	var back stats.Moments
	require.NoError(t, back.UnmarshalBinary(binary))
	require.ErrorIs(t, back.Validate(), stats.ErrNonFinite, "a poisoned shard stays poisoned")
	var c stats.Counts
	require.ErrorIs(t, c.UnmarshalBinary(binary), stats.ErrInvalidSummary, "moments are not counts")
	require.ErrorIs(t, back.UnmarshalBinary(binary[:24]), stats.ErrInvalidSummary)
}

func TestAlternativeText(t *testing.T) {
	for _, a := range []stats.Alternative{stats.TwoSided, stats.Greater, stats.Less} {
		text, err := a.MarshalText()
		require.NoError(t, err)
		var back stats.Alternative
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, a, back)
	}
	var a stats.Alternative
	require.ErrorIs(t, a.UnmarshalText([]byte("larger")), stats.ErrInvalidOption)
	_, err := stats.Alternative(9).MarshalText()
	require.ErrorIs(t, err, stats.ErrInvalidOption)
	require.Equal(t, "Alternative(9)", stats.Alternative(9).String())
}

func TestEffectJudgesItself(t *testing.T) {
	for name, row := range map[string]struct {
		effect stats.Effect
		want   error
	}{
		"no standard error":           {stats.Effect{Estimate: 1}, stats.ErrZeroVariance},
		"negative standard error":     {stats.Effect{Estimate: 1, SE: -1}, stats.ErrInvalidSummary},
		"NaN estimate":                {stats.Effect{Estimate: nan, SE: 1}, stats.ErrNonFinite},
		"infinite standard error":     {stats.Effect{Estimate: 1, SE: inf}, stats.ErrNonFinite},
		"negative degrees of freedom": {stats.Effect{Estimate: 1, SE: 1, DF: -1}, stats.ErrInvalidSummary},
	} {
		t.Run(name, func(t *testing.T) {
			i, err := row.effect.Infer(stats.Options{})
			require.ErrorIs(t, err, row.want)
			requireNoInference(t, i)
		})
	}
	sound := stats.LiftEffect{Effect: stats.Effect{Estimate: 1, SE: 1, N: 10}, Control: 5, Treatment: 6,
		VarControl: 0.5, VarTreatment: 0.5}
	for _, spoil := range []func(l *stats.LiftEffect) error{
		func(l *stats.LiftEffect) error { l.SE = 0; return stats.ErrZeroVariance },
		func(l *stats.LiftEffect) error { l.Control = nan; return stats.ErrNonFinite },
		func(l *stats.LiftEffect) error { l.Covariance = inf; return stats.ErrNonFinite },
		func(l *stats.LiftEffect) error { l.VarControl = -1; return stats.ErrInvalidSummary },
		func(l *stats.LiftEffect) error { l.VarTreatment = -1; return stats.ErrInvalidSummary },
		func(l *stats.LiftEffect) error { l.Control = 0; return stats.ErrZeroBaseline },
	} {
		spoiled := sound
		want := spoil(&spoiled)
		for _, run := range []func(stats.LiftEffect, stats.Options) (stats.LiftResult, error){
			stats.LiftEffect.Delta, stats.LiftEffect.Fieller, stats.LiftEffect.Lift} {
			r, err := run(spoiled, stats.Options{})
			require.ErrorIs(t, err, want)
			requireNoInference(t, r.Inference)
			_, err = run(sound, stats.Options{})
			require.NoError(t, err)
		}
	}
	zero, err := stats.Effect{Estimate: 1.96, SE: 1}.Infer(stats.Options{})
	require.NoError(t, err)
	infinite, err := stats.Effect{Estimate: 1.96, SE: 1, DF: inf}.Infer(stats.Options{})
	require.NoError(t, err)
	require.Equal(t, zero, infinite, "DF 0 is the normal distribution")
	require.InDelta(t, 0.05, zero.P, 1e-5)
}

// A p that underflows prints through its logarithm.
func TestResultPrintsUnderflowedP(t *testing.T) {
	r, err := stats.Welch(moments(1e6, 1, 1), moments(1e6, 1.2, 1), stats.Options{Alternative: stats.Greater})
	require.NoError(t, err)
	require.Zero(t, r.P)
	require.Contains(t, r.String(), "p = 1.20")
	require.Contains(t, r.String(), "e-4324 (greater)")
	require.Contains(t, r.String(), "or more")
}
