package experiment_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
)

// TestEncoding: the canonical text is stable, because stores compare it.
func TestEncoding(t *testing.T) {
	ids := []experiment.ID{{Kind: "store", Value: "s"}, {Kind: "customer", Value: `a"\` + "\n\x01é"}}
	attributes := []experiment.Attribute{
		experiment.Bool("member", true), experiment.Number("age", 34), experiment.Number("big", 1e21),
		experiment.Number("zero", math.Copysign(0, -1)), experiment.String("country", "NO"),
	}
	before := slices.Clone(ids)
	assert.Equal(t, `{"customer":"a\"\\\u000a\u0001é","store":"s"}`, experiment.EncodeIDs(ids))
	assert.Equal(t, before, ids, "the argument keeps its order")
	assert.Equal(t, `{"age":34,"big":1e+21,"country":"NO","member":true,"zero":0}`, experiment.EncodeAttributes(attributes))
	assert.Equal(t, "{}", experiment.EncodeIDs(nil))
	assert.Equal(t, "{}", experiment.EncodeAttributes(nil))

	e := experiment.Exposure{IDs: ids, Attributes: attributes}
	assert.Equal(t, experiment.EncodeIDs(ids)+experiment.EncodeAttributes(attributes), e.Encoding())
}

func TestDecodingRefuses(t *testing.T) {
	for _, row := range []struct{ name, reason, text string }{
		{"empty", "no object", ""},
		{"list", "no object", `[]`},
		{"cut", "the object does not end", `{"a":"b"`},
		{"null", "no value has that type", `{"a":null}`},
		{"trailing", "one object is all", `{} {}`},
		{"twice", "which of them?", `{"a":"b","a":"c"}`},
		{"nested", "attributes are flat", `{"a":{"b":1}}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := experiment.DecodeIDs(row.text)
			assert.Error(t, err, row.reason)
			_, err = experiment.DecodeAttributes(row.text)
			assert.Error(t, err, row.reason)
		})
	}
	_, err := experiment.DecodeIDs(`{"customer":42}`)
	assert.ErrorContains(t, err, "customer")
}

// FuzzEncoding: whatever is valid reads back the same, and the text is JSON.
func FuzzEncoding(f *testing.F) {
	f.Add("customer", "c-1", "age", 34.5, "country", "NO")
	f.Add("k\"", "\\\x7f\u2028", "a", -1e-300, "b", "\t")
	f.Fuzz(func(t *testing.T, kind, value, name string, number float64, name2, text string) {
		ids := []experiment.ID{{Kind: experiment.Kind(kind), Value: value}}
		attributes := []experiment.Attribute{experiment.Number(name, number), experiment.String(name2, text)}
		e := soundExposure()
		e.IDs, e.Attributes = ids, attributes
		if e.Validate() != nil {
			return
		}
		assert.True(t, json.Valid([]byte(experiment.EncodeIDs(ids))))
		assert.True(t, json.Valid([]byte(experiment.EncodeAttributes(attributes))))
		gotIDs, err := experiment.DecodeIDs(experiment.EncodeIDs(ids))
		require.NoError(t, err)
		assert.Equal(t, ids, gotIDs)
		got, err := experiment.DecodeAttributes(experiment.EncodeAttributes(attributes))
		require.NoError(t, err)
		slices.SortFunc(attributes, func(a, b experiment.Attribute) int { return strings.Compare(a.Name, b.Name) })
		assert.Equal(t, attributes, got)
	})
}

// TestEventJSON: an event keeps everything on its way through JSON.
func TestEventJSON(t *testing.T) {
	e, v := soundExposure(), soundConversion()
	e.Attributes = []experiment.Attribute{experiment.String("country", "NO"), experiment.Number("age", 34.5), experiment.Bool("member", true), {Name: "none"}}
	text, err := json.Marshal(e)
	require.NoError(t, err)
	assert.JSONEq(t, `{"experiment":"checkout","run":"checkout-2026-11","kind":"customer","unit":"c-1","variant":"control",
		"touchpoint":"checkout-page","phase":0,"class":"arm","time":"2026-11-01T12:00:00Z","ids":[{"kind":"customer","value":"c-1"}],
		"attributes":[{"name":"country","value":"NO"},{"name":"age","value":34.5},{"name":"member","value":true},{"name":"none","value":null}]}`, string(text))
	var back experiment.Exposure
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, e, back)
	text, err = json.Marshal(v)
	require.NoError(t, err)
	var backToo experiment.Conversion
	require.NoError(t, json.Unmarshal(text, &backToo))
	assert.Equal(t, v, backToo)

	_, err = json.Marshal(experiment.Number("a", math.NaN()))
	assert.Error(t, err, "JSON has no NaN")
	assert.Error(t, json.Unmarshal([]byte(`{"name":"a","value":[1]}`), new(experiment.Attribute)))
}
