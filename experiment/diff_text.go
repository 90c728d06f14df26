package experiment

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/touchlift/touchlift/assign"
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
		lines = append(lines, movesText(d.Moves))
	case d.Unknown != "":
		lines = append(lines, "no share can be said: "+d.Unknown)
	}
	if d.Later != nil {
		lines = append(lines, "beside what the old plan would have done, once every step and phase has begun:", movesText(d.Later))
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), "\n", "\n  ")
}

// movesText is [assign.Change.String] with the units that a holdout takes or gives told
// apart: they change no arm.
func movesText(c *assign.Change) string {
	in, out := new(big.Rat), new(big.Rat)
	for _, move := range c.Moves {
		switch {
		case move.From != "" && move.To == reservedVariant:
			in.Add(in, move.Share)
		case move.From == reservedVariant && move.To != "":
			out.Add(out, move.Share)
		}
	}
	if in.Sign()+out.Sign() == 0 {
		return c.String()
	}
	rest := assign.Change{Moved: new(big.Rat).Sub(c.Moved, new(big.Rat).Add(in, out)), Entered: c.Entered, Left: c.Left}
	var sums []string
	if in.Sign() > 0 {
		sums = append(sums, percentText(in)+" of the units are held out from now on")
	}
	if out.Sign() > 0 {
		sums = append(sums, percentText(out)+" of the units are held out no more")
	}
	if rest.Moved.Sign()+rest.Entered.Sign()+rest.Left.Sign() > 0 {
		sums = append(sums, rest.String())
	}
	lines := []string{strings.Join(sums, ", ")}
	for _, move := range c.Moves {
		lines = append(lines, "  "+move.String())
	}
	return strings.Join(lines, "\n")
}

// percentText is a share as package assign writes it.
func percentText(share *big.Rat) string {
	return strings.TrimSuffix(assign.Change{Left: share}.String(), " of the units leave")
}

// String writes the field, the class and the text in one line.
func (c *FieldChange) String() string {
	return fmt.Sprintf("%s: %s: %s", c.Field, c.Class, c.Text)
}
