package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/config"
)

// campaign says how the rows of a file become events.
type campaign struct {
	name       string
	catalog    *experiment.Catalog
	experiment *experiment.Experiment
	columns    columns
	outcomes   []outcome
}

// columns is the content of columns.json.
type columns struct {
	// Arm is the column that says which variant a customer met.
	Arm string `json:"arm"`
	// ID is the column with the customer's id. Empty: the number of the row,
	// good for a file whose rows never change their order.
	ID string `json:"id"`
}

// outcome is a column that says what a customer did.
type outcome struct {
	event string        // of the metrics, and name of the column
	after time.Duration // from the exposure to the event
}

// loadCampaign reads a folder: a catalogue with one experiment, and
// columns.json.
func loadCampaign(name string, folder fs.FS) (campaign, error) {
	catalog, err := config.Load(folder)
	if err != nil {
		return campaign{}, err
	}
	if len(catalog.Experiments) != 1 {
		return campaign{}, fmt.Errorf("campaign %s has %d experiments, want one", name, len(catalog.Experiments))
	}
	c := campaign{name: name, catalog: catalog, experiment: &catalog.Experiments[0]}
	if c.experiment.Starts.IsZero() || c.experiment.Ends.IsZero() {
		return campaign{}, fmt.Errorf("campaign %s: the experiment needs starts, when the mail went out, and ends", name)
	}
	text, err := fs.ReadFile(folder, "columns.json")
	if err != nil {
		return campaign{}, fmt.Errorf("campaign %s: %w", name, err)
	}
	if err := json.Unmarshal(text, &c.columns); err != nil {
		return campaign{}, fmt.Errorf("campaign %s: columns.json: %w", name, err)
	}
	if c.columns.Arm == "" {
		return campaign{}, fmt.Errorf("campaign %s: columns.json names no column for the arm", name)
	}
	c.outcomes, err = outcomes(catalog)
	return c, err
}

// outcomes lists the events of the metrics. A file does not say when an event
// happened; it is dated at the start of the metric's window.
func outcomes(catalog *experiment.Catalog) ([]outcome, error) {
	var all []outcome
	for _, metric := range catalog.Metrics {
		known := slices.IndexFunc(all, func(o outcome) bool { return o.event == metric.Event })
		switch {
		case known < 0:
			all = append(all, outcome{event: metric.Event, after: metric.Delay})
		case all[known].after != metric.Delay:
			return nil, fmt.Errorf("the metrics of event %q have different delays; a column has one date", metric.Event)
		}
	}
	return all, nil
}

// needs lists the columns that a file must have.
func (c campaign) needs() []string {
	names := []string{c.columns.Arm}
	if c.columns.ID != "" {
		names = append(names, c.columns.ID)
	}
	for _, o := range c.outcomes {
		names = append(names, o.event)
	}
	return names
}

// missing lists the needed columns that a header does not have.
func (c campaign) missing(header []string) []string {
	return slices.DeleteFunc(c.needs(), func(name string) bool { return slices.Contains(header, name) })
}

// chooseCampaign loads the folder that the user names, or else the shipped one
// that fits the columns of the table.
func chooseCampaign(folder string, t *table) (campaign, error) {
	if folder != "" {
		c, err := loadCampaign(folder, os.DirFS(folder))
		if err != nil {
			return campaign{}, err
		}
		if missing := c.missing(t.header); len(missing) > 0 {
			return campaign{}, noCampaign(t, c)
		}
		return c, nil
	}
	folders, err := campaigns()
	if err != nil {
		return campaign{}, err
	}
	var all []campaign
	for _, name := range slices.Sorted(maps.Keys(folders)) {
		c, err := loadCampaign(name, folders[name])
		if err != nil {
			return campaign{}, err
		}
		if len(c.missing(t.header)) == 0 {
			return c, nil
		}
		all = append(all, c)
	}
	return campaign{}, noCampaign(t, all...)
}

// noCampaign says why none of the campaigns fits the table.
func noCampaign(t *table, tried ...campaign) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s has the columns %s", t.name, strings.Join(t.header, ", "))
	for _, c := range tried {
		fmt.Fprintf(&text, "\n  campaign %s also needs %s", c.name, strings.Join(c.missing(t.header), ", "))
	}
	text.WriteString("\n  copy a folder of email/campaigns, edit it for your columns, and name it with -campaign")
	return fmt.Errorf("%s", text.String())
}
