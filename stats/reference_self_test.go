package stats_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/stats"
)

// The harness must be able to fail, and must not call passed what was not
// compared.
func TestReferenceHarnessCanFail(t *testing.T) {
	refused := &stats.InputError{Kind: stats.ErrZeroVariance, Input: "x", Want: "y"}
	rows := []struct {
		name, expected string
		got            fields
		want           verdict
	}{
		{"equal numbers pass", `{"p":0.5}`, fields{"p": 0.5}, passed},
		{"a number within the tolerance passes", `{"p":0.5}`, fields{"p": 0.5 * (1 + 5e-11)}, passed},
		{"a number outside the tolerance fails", `{"p":0.5}`, fields{"p": 0.5 * (1 + 2e-10)}, failed},
		{"a small number is not 0", `{"p":1e-200}`, fields{"p": 0.0}, failed},
		{"a field may have its own tolerance", `{"loose":1}`, fields{"loose": 1.005}, passed},
		{"that tolerance reaches nested lists", `{"g1":{"loose":[1,2]}}`, fields{"g1": fields{"loose": []float64{1.005, 2}}}, passed},
		{"that tolerance is not for others", `{"tight":1}`, fields{"tight": 1.005}, failed},
		{"a field that is not computed is unsupported", `{"p":0.5,"q":1}`, fields{"p": 0.5}, unsupported},
		{"a nested field that is not computed is unsupported", `{"g":{"p":0.5,"q":1}}`, fields{"g": fields{"p": 0.5}}, unsupported},
		{"a wrong field counts before a missing one", `{"p":0.5,"q":1}`, fields{"p": 0.6}, failed},
		{"null wants a typed error", `{"p":null}`, fields{"p": answer{1.0, refused}}, passed},
		{"null is met by a wrapped typed error", `{"p":null}`, fields{"p": answer{1.0, fmt.Errorf("phase 1: %w", refused)}}, passed},
		{"null is not met by any error", `{"p":null}`, fields{"p": answer{1.0, errors.New("boom")}}, failed},
		{"null is not met by a number", `{"p":null}`, fields{"p": 1.0}, failed},
		{"null is not met by a number without error", `{"p":null}`, fields{"p": answer{1.0, nil}}, failed},
		{"null is met by a stated absence", `{"holdout":null}`, fields{"holdout": absent}, passed},
		{"a number is not met by an absence", `{"p":0.5}`, fields{"p": absent}, failed},
		{"infinity is a value", `{"high":"Inf"}`, fields{"high": inf}, passed},
		{"infinity has a sign", `{"high":"-Inf"}`, fields{"high": inf}, failed},
		{"infinity is no finite number", `{"high":"Inf"}`, fields{"high": 1e300}, failed},
		{"a finite number is not infinity", `{"high":1}`, fields{"high": inf}, failed},
		{"NaN equals nothing", `{"p":0.5}`, fields{"p": nan}, failed},
		{"NaN is not the word NaN", `{"p":"NaN"}`, fields{"p": nan}, failed},
		{"words are compared", `{"kind":"bounded"}`, fields{"kind": "exclusive"}, failed},
		{"equal words pass", `{"kind":"bounded"}`, fields{"kind": "bounded"}, passed},
		{"lists have a length", `{"p":[1,2]}`, fields{"p": []float64{1}}, failed},
		{"an empty list is a value", `{"leak":[]}`, fields{"leak": []any{}}, passed},
		{"an empty list is not two leaks", `{"leak":[]}`, fields{"leak": []any{1.0}}, failed},
		{"lists are compared one by one", `{"p":[1,2]}`, fields{"p": []float64{1, 3}}, failed},
		{"a number is not a word", `{"p":1}`, fields{"p": "1"}, failed},
		{"nothing expected is a broken file", `{}`, fields{"p": 1.0}, failed},
	}
	names := map[string]bool{}
	for _, row := range rows {
		require.False(t, names[row.name], "row name used twice: %s", row.name)
		names[row.name] = true
		t.Run(row.name, func(t *testing.T) {
			c := referenceCase{Tolerance: tolerance{Rel: 1e-10, Abs: 1e-300,
				Fields: map[string]tolerance{"loose": {Rel: 0.01}}}}
			require.NoError(t, json.Unmarshal([]byte(row.expected), &c.Expected))
			got := c.judge(func(json.RawMessage) (fields, error) { return row.got, nil })
			require.Equal(t, row.want, got.verdict, got.detail)
		})
	}
}

func TestReferenceHarnessWithoutProcedure(t *testing.T) {
	require.Equal(t, unsupported, referenceCase{Expected: map[string]any{"p": 1.0}}.judge(nil).verdict)
}

func TestReferenceHarnessBadInput(t *testing.T) {
	c := referenceCase{Input: json.RawMessage(`{"n1":"ten"}`), Expected: map[string]any{"diff": 1.0}}
	require.Equal(t, failed, c.judge(procedures["welch_t"]).verdict)
}
