package experiment

import (
	"fmt"
	"strings"
)

// String lists the changes, the experiments by their keys with the units that are moved:
//
//	checkout: new phase
//	  phases[0]: new phase: is declared from 2026-01-07T08:00:00Z: control 60, free_returns 40
//	  10% of the units change arm
//	    free_returns -> control 10%
//
// It is "nothing changes" if nothing does.
func (d *Difference) String() string {
	var blocks []string
	for i := range d.Changes {
		blocks = append(blocks, d.Changes[i].String())
	}
	for i := range d.Experiments {
		blocks = append(blocks, d.Experiments[i].String())
	}
	if len(blocks) == 0 {
		return "nothing changes"
	}
	return strings.Join(blocks, "\n")
}

// String writes one block of [Difference.String].
func (d *ExperimentDifference) String() string {
	head := d.Key
	if d.Was != "" {
		head += " (was " + d.Was + ")"
	}
	lines := []string{head + ": " + string(d.Class)}
	for i := range d.Changes {
		lines = append(lines, d.Changes[i].String())
	}
	switch {
	case d.Moves != nil:
		lines = append(lines, d.Moves.String())
	case d.Unknown != "":
		lines = append(lines, "no share can be said: "+d.Unknown)
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), "\n", "\n  ")
}

// String writes the field, the class and the text in one line.
func (c *FieldChange) String() string {
	return fmt.Sprintf("%s: %s: %s", c.Field, c.Class, c.Text)
}
