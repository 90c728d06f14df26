package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/touchlift/touchlift/experiment"
)

// events reads all rows. Nothing is imported from a file with mistakes; the
// error lists them.
func (c campaign) events(t *table) (experiment.Batch, error) {
	var batch experiment.Batch
	var mistakes mistakes
	for row := 1; ; row++ {
		cells, line, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return experiment.Batch{}, fmt.Errorf("%s: %w", t.name, err)
		}
		if err := c.addRow(&batch, t, cells, row); err != nil {
			mistakes.add(line, err)
		}
	}
	if err := mistakes.err(t.name); err != nil {
		return experiment.Batch{}, err
	}
	if len(batch.Exposures) == 0 {
		return experiment.Batch{}, fmt.Errorf("%s has a header and no rows", t.name)
	}
	return batch, nil
}

// addRow adds the exposure of a customer and what followed.
func (c campaign) addRow(batch *experiment.Batch, t *table, cells []string, row int) error {
	id := fmt.Sprintf("row-%d", row)
	if c.columns.ID != "" {
		id = cells[t.column(c.columns.ID)]
	}
	customer := []experiment.ID{{Kind: c.experiment.Unit, Value: id}}
	exposure := experiment.Exposure{
		Experiment: c.experiment.Key, Run: c.experiment.Run(), Kind: c.experiment.Unit, Unit: id,
		Variant: cells[t.column(c.columns.Arm)], Touchpoint: c.experiment.Touchpoints[0],
		Class: experiment.ClassArm, Time: c.experiment.Starts, IDs: customer,
	}
	problems := []error{exposure.Validate(), c.checkVariant(exposure.Variant)}
	batch.Exposures = append(batch.Exposures, exposure)
	for _, o := range c.outcomes {
		value, err := number(cells[t.column(o.event)])
		if err != nil {
			problems = append(problems, fmt.Errorf("column %s %w", o.event, err))
			continue
		}
		if value == 0 {
			continue // it did not happen
		}
		batch.Conversions = append(batch.Conversions, experiment.Conversion{
			ID:    experiment.ConversionKey(fmt.Sprintf("%q/%q/%q", c.experiment.Run(), id, o.event)),
			Time:  c.experiment.Starts.Add(o.after),
			IDs:   customer,
			Event: o.event, Value: value,
		})
	}
	return errors.Join(problems...)
}

// checkVariant refuses a value of the arm's column that is no arm.
func (c campaign) checkVariant(variant string) error {
	names := make([]string, len(c.experiment.Arms))
	for i, arm := range c.experiment.Arms {
		if arm.Variant == variant {
			return nil
		}
		names[i] = arm.Variant
	}
	return fmt.Errorf("column %s is %q, want one of the arms %s", c.columns.Arm, variant, strings.Join(names, ", "))
}

// number reads a cell: a number, or true or false for 1 and 0.
func number(cell string) (float64, error) {
	switch strings.ToLower(cell) {
	case "true":
		return 1, nil
	case "false":
		return 0, nil
	case "":
		return 0, errors.New("is empty, want a number; write 0 where nothing happened")
	}
	value, err := strconv.ParseFloat(cell, 64)
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
		return 0, fmt.Errorf("is %q, want a number, true or false", cell)
	}
	return value, nil
}

// mistakes collects what is wrong with the rows of a file.
type mistakes struct {
	shown []error
	count int
}

func (m *mistakes) add(line int, err error) {
	const most = 10
	if m.count++; m.count <= most {
		m.shown = append(m.shown, fmt.Errorf("line %d: %w", line, err))
	}
}

func (m *mistakes) err(name string) error {
	if m.count == 0 {
		return nil
	}
	return fmt.Errorf("%s: %d rows have mistakes, nothing was imported; the first are\n%w", name, m.count, errors.Join(m.shown...))
}
