package main

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Benchmark asks every question of every contestant, as the command does.
func Benchmark(b *testing.B) {
	for _, q := range questions() {
		for _, c := range q.contestants {
			answer := open(b, c, q.targeting)
			b.Run(q.name+"/"+c.name, func(b *testing.B) { serial(b, answer) })
			b.Run(q.name+"/"+c.name+"/parallel", func(b *testing.B) { together(b, answer) })
		}
	}
}

func TestMeasureRunsEveryContestant(t *testing.T) {
	fields, err := measure(2, time.Millisecond, io.Discard)
	require.NoError(t, err)
	require.Len(t, fields, len(questions()))
	for i, q := range questions() {
		require.Len(t, fields[i].opened, len(q.contestants), q.title)
		for _, o := range fields[i].opened {
			assert.Len(t, o.samples, 2, "%s: %s", q.title, o.name)
			assert.Positive(t, o.summary(median).alone, "%s: %s", q.title, o.name)
			assert.Positive(t, o.summary(median).parallel, "%s: %s", q.title, o.name)
		}
	}
}

// TestMeasureTellsWhoGaveNoAnswer: a contestant that answers nothing would be
// the fastest.
func TestMeasureTellsWhoGaveNoAnswer(t *testing.T) {
	silent := opened{contestant: contestant{name: "silent"}, answer: func(*visitor) string { return "" }}
	assert.EqualError(t, silent.run(), "silent gave a visitor no answer")
	assert.Empty(t, silent.samples)
}

// TestTouchliftAllocatesNothing covers the subject too, which is built per
// answer.
func TestTouchliftAllocatesNothing(t *testing.T) {
	all := visitors()
	for _, q := range questions() {
		t.Run(q.name, func(t *testing.T) {
			ours := q.contestants[0]
			require.Equal(t, "touchlift", ours.name)
			answer, next := open(t, ours, q.targeting), 0
			assert.Zero(t, testing.AllocsPerRun(10*crowd, func() {
				answer(&all[next%crowd])
				next++
			}))
		})
	}
}

func TestSummaryOfRounds(t *testing.T) {
	rounds := opened{samples: []sample{{9, 90, 48, 3}, {1, 10, 16, 1}, {2, 20, 32, 2}}}
	assert.Equal(t, sample{2, 20, 32, 2}, rounds.summary(median))
	assert.Equal(t, sample{1, 10, 16, 1}, rounds.summary(best))
	assert.Equal(t, sample{}, (&opened{}).summary(median), "nothing measured")
	assert.Equal(t, sample{}, (&opened{}).summary(best), "nothing measured")

	values := []float64{4, 1, 3, 2}
	assert.InDelta(t, 2.5, median(values), 0, "of an even number, the mean of the middle two")
	assert.Equal(t, []float64{4, 1, 3, 2}, values, "they stay in their order")
}
