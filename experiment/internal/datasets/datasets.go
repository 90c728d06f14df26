// Package datasets holds the library to published experiments. It reads their
// files, which are not part of the repository, from a directory, plays them into
// a store as exposures and conversions, analyses them by a declared plan, and
// compares every number with values that were computed elsewhere (the
// directory's reference.json), to 1e-9 relative.
//
// Only tests use it. The sufficient statistics of three of the data sets are
// committed, see [Recorded], so that their verdicts are held without the files.
package datasets

import (
	"fmt"
	"slices"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
)

// Set is one data set with the plan by which it is analysed.
type Set struct {
	Name string
	// Key of the experiment in Catalog.
	Key     string
	Catalog *experiment.Catalog
	// Now is a moment after the evaluation.
	Now time.Time
	// Units of the file: what each met and did.
	Units []Unit
}

// Unit is a customer of a data set.
type Unit struct {
	ID         string
	Attributes []experiment.Attribute
	Met        []Contact
	Did        []Event
}

// Contact of a unit with a variant.
type Contact struct {
	Variant, Touchpoint string
	Time                time.Time
}

// Event of a unit.
type Event struct {
	Name  string
	Value float64
	Time  time.Time
}

// Experiment is the experiment that the set is about.
func (s *Set) Experiment() *experiment.Experiment {
	e, _ := s.Catalog.Experiment(s.Key)
	return e
}

// batchSize is the number of units that are recorded at once.
const batchSize = 5000

// Batches returns everything that happened, as a recorder would send it.
func (s *Set) Batches() []experiment.Batch {
	e := s.Experiment()
	var batches []experiment.Batch
	for units := range slices.Chunk(s.Units, batchSize) {
		var batch experiment.Batch
		for _, u := range units {
			for _, c := range u.Met {
				batch.Exposures = append(batch.Exposures, experiment.Exposure{
					Experiment: e.Key, Run: e.Run(), Kind: e.Unit, Unit: u.ID, Variant: c.Variant, Touchpoint: c.Touchpoint,
					Class: experiment.ClassArm, Time: c.Time, Attributes: u.Attributes,
				})
			}
			for i, d := range u.Did {
				batch.Conversions = append(batch.Conversions, experiment.Conversion{
					ID:   experiment.ConversionKey(fmt.Sprintf("%s %s %s %d", s.Name, u.ID, d.Name, i)),
					Time: d.Time, IDs: []experiment.ID{{Kind: e.Unit, Value: u.ID}}, Event: d.Name, Value: d.Value,
				})
			}
		}
		batches = append(batches, batch)
	}
	return batches
}

// Values returns the metric's value of every unit of an arm, straight from the
// rows of the file.
func (s *Set) Values(arm, metric string) []float64 {
	m, _ := s.Catalog.Metric(metric)
	var values []float64
	for _, u := range s.Units {
		if u.Met[0].Variant != arm {
			continue
		}
		value, opens := 0.0, u.Met[0].Time.Add(m.Delay)
		for _, d := range u.Did {
			if d.Name == m.Event && !d.Time.Before(opens) && d.Time.Before(opens.Add(m.Window)) {
				value += d.Value
			}
		}
		if m.Kind == experiment.MetricProportion && value != 0 {
			value = 1
		}
		if m.Cap > 0 {
			value = min(value, m.Cap)
		}
		values = append(values, value)
	}
	return values
}

func touchpoints() []experiment.Touchpoint {
	return []experiment.Touchpoint{
		{Key: "newsletter", Stage: experiment.StageRetention, Channel: experiment.ChannelEmail},
		{Key: "gate", Stage: experiment.StageRetention, Channel: experiment.ChannelApp},
		{Key: "landing-page", Stage: experiment.StageConsideration, Channel: experiment.ChannelWeb},
		{Key: "assignment", Stage: experiment.StageConsideration, Channel: experiment.ChannelWeb},
	}
}

func arms(names ...string) []experiment.Arm {
	var list []experiment.Arm
	for _, name := range names {
		list = append(list, experiment.Arm{Variant: name, Weight: 1})
	}
	return list
}
