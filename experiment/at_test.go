package experiment_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
)

// hundred are as many experiments at one touchpoint, half of them of customers.
func hundred() *experiment.Catalog {
	c := catalogOf()
	for i := range 100 {
		e := checkout()
		e.Key, e.Salt = fmt.Sprintf("e-%d", i), fmt.Sprintf("salt-%d", i)
		c.Experiments = append(c.Experiments, e)
	}
	return c
}

// At says of every experiment what Decide says of it, whatever its rules and
// however many kinds of id there are.
func TestAtIsDecide(t *testing.T) {
	for _, row := range stops() {
		t.Run(row.reason.String(), func(t *testing.T) {
			e, subject, given := checkout(), experiment.Customer("c-1"), experiment.NewMemoryAssignments(0)
			row.turnOn(&e, &subject, given)
			c := ruled(e)
			for i := range 7 {
				more := checkout()
				more.Key, more.Salt, more.Unit = fmt.Sprintf("more-%d", i), fmt.Sprintf("more-%d", i), experiment.Kind(fmt.Sprintf("kind-%d", i%6))
				more.Paused = i == 6
				c.Experiments = append(c.Experiments, more)
				if i%2 == 0 {
					subject.IDs = append(subject.IDs, experiment.ID{Kind: more.Unit, Value: fmt.Sprint(i)})
				}
			}
			subject.IDs = subject.IDs[:4]
			engine, err := experiment.New(c, experiment.Options{Now: standing(midday), Assignments: given})
			require.NoError(t, err)
			decisions, err := engine.At(t.Context(), "checkout-page", subject, nil)
			require.NoError(t, err, "a kind of id that the subject lacks is told by the reason")
			require.Len(t, decisions, len(c.Experiments))
			for i := range c.Experiments {
				want, _ := engine.Decide(t.Context(), "checkout-page", c.Experiments[i].Key, subject)
				assert.Equal(t, want, decisions[i])
			}
		})
	}
}

func TestAtErrors(t *testing.T) {
	engine, err := experiment.New(hundred(), experiment.Options{})
	require.NoError(t, err)
	buffer := make([]experiment.Decision, 1, 4)
	decisions, err := engine.At(t.Context(), "checkout-pag", experiment.Customer("c-1"), buffer)
	var unknown *experiment.UnknownError
	require.ErrorAs(t, err, &unknown)
	assert.Equal(t, "checkout-page", unknown.Meant())
	assert.Len(t, decisions, 1, "nothing is appended")

	decisions, err = engine.At(t.Context(), "shop-counter", experiment.Customer("c-1"), nil)
	require.NoError(t, err)
	assert.Empty(t, decisions, "no experiment runs there")

	decisions, err = engine.At(t.Context(), "checkout-page", experiment.Customer("c-\xff"), nil)
	assert.ErrorIs(t, err, experiment.ErrInvalidUnit)
	assert.Len(t, decisions, 100)
	assert.Equal(t, experiment.ReasonInvalidUnit, decisions[99].Reason)

	decisions, err = engine.At(t.Context(), "checkout-page", experiment.Subject{}, nil)
	assert.NoError(t, err)
	assert.Equal(t, experiment.ReasonMissingUnit, decisions[99].Reason)
}

func TestAtAllocatesNothing(t *testing.T) {
	engine, err := experiment.New(hundred(), experiment.Options{})
	require.NoError(t, err)
	buffer := make([]experiment.Decision, 0, 100)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		buffer, _ = engine.At(t.Context(), "checkout-page", experiment.Customer("c-1", experiment.String("country", "NO")), buffer[:0])
	}))
	assert.Len(t, buffer, 100)
}

// BenchmarkAt100Excluded is the same where a rule keeps bots out, which is asked once.
func BenchmarkAt100Excluded(b *testing.B) {
	c := hundred()
	c.Attributes = []experiment.Declaration{{Key: "user_agent", Type: audience.TypeString}}
	c.Exclusions.Bots = `user_agent matches "(?i)bot|crawler|spider"`
	engine, err := experiment.New(c, experiment.Options{})
	require.NoError(b, err)
	buffer := make([]experiment.Decision, 0, 100)
	b.ReportAllocs()
	for b.Loop() {
		buffer, _ = engine.At(b.Context(), "checkout-page",
			experiment.Customer(benchmarkID, experiment.String("user_agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0")), buffer[:0])
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/decision")
}

// BenchmarkAt100 decides a hundred experiments of one touchpoint, the subject built
// per call. The floor is that of one hash and a hundred mixes of BenchmarkFloor.
func BenchmarkAt100(b *testing.B) {
	engine, err := experiment.New(hundred(), experiment.Options{})
	require.NoError(b, err)
	buffer := make([]experiment.Decision, 0, 100)
	b.ReportAllocs()
	for b.Loop() {
		buffer, _ = engine.At(b.Context(), "checkout-page", experiment.Customer(benchmarkID), buffer[:0])
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/decision")
}
