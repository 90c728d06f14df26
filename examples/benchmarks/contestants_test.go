package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// open opens a contestant for the time of a test.
func open(tb testing.TB, c contestant, targeting bool) answer {
	tb.Helper()
	answer, closing, err := c.open(targeting)
	require.NoError(tb, err)
	tb.Cleanup(closing)
	return answer
}

// TestDeciders holds every library to the same task: two arms of half the
// visitors each, the same arm when asked again, nobody refused who is eligible
// and nobody served who is not.
func TestDeciders(t *testing.T) {
	for _, contestant := range deciders() {
		for _, targeting := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, targeting %t", contestant.name, targeting), func(t *testing.T) {
				decide := open(t, contestant, targeting)
				served := map[string]int{}
				for i := range 10_000 {
					v := &visitor{id: fmt.Sprintf("user-%06d", i), country: nordic[i%len(nordic)], age: 18 + float64(i%60)}
					arm := decide(v)
					served[arm]++
					require.Equal(t, arm, decide(v), "asked again")
				}
				assert.Len(t, served, 2)
				assert.InDelta(t, 5_000, served["control"], 500)
				assert.InDelta(t, 5_000, served["treatment"], 500)
			})
		}
	}
}

// strangers are not eligible, each for one reason; the first two are next to it.
var strangers = []visitor{
	{"customer-1", "NO", 17}, {"customer-2", "DE", 18}, {"customer-3", "no", 34}, {"customer-4", "", 34}, {"customer-5", "DE", 17},
}

func TestTargetingRefusesStrangers(t *testing.T) {
	for _, contestant := range append(deciders(), rules()...) {
		t.Run(contestant.name, func(t *testing.T) {
			answer := open(t, contestant, true)
			for i := range strangers {
				assert.Empty(t, answer(&strangers[i]), "%+v", strangers[i])
			}
			assert.NotEmpty(t, answer(&visitor{"customer-6", "NO", 18}), "eligible by a hair")
		})
	}
}

func TestRulesMatchTheEligible(t *testing.T) {
	for _, contestant := range rules() {
		t.Run(contestant.name, func(t *testing.T) {
			match := open(t, contestant, true)
			for _, v := range visitors() {
				assert.Equal(t, eligible, match(&v), "%+v", v)
			}
		})
	}
}
