package config

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/touchlift/touchlift/experiment"
)

// slotsField is the part of a layer that an experiment holds: two whole numbers with
// a hyphen, of which the second does not belong to it.
func slotsField() field[experiment.Slots] {
	return field[experiment.Slots]{
		key: "slots", step: "slots", required: true, kind: "slots", doc: "such as 0-50, which is 0 to 49",
		read: func(d *decoder, n *yaml.Node, into *experiment.Slots) { into.From, into.To = d.slots(n) },
	}
}

func (d *decoder) slots(n *yaml.Node) (from, to uint64) {
	const want = "it is two whole numbers such as 0-50, for 50 slots from 0 on"
	is, ok := d.scalar(n, want)
	if !ok {
		return 0, 0
	}
	first, second, found := strings.Cut(is.Value, "-")
	if !found {
		hint := ""
		if slot, err := strconv.ParseUint(is.Value, 10, 63); err == nil {
			hint = "write " + is.Value + "-" + strconv.FormatUint(slot+1, 10) + " for this slot alone, or 0-" + is.Value + " for the slots below it"
		}
		d.fail(n, CodeBadFormat, hint, "%s is %s; %s", d.subject(), describe(is), want)
		return 0, 0
	}
	from, wrong := slot(first)
	to, wrongToo := slot(second)
	switch {
	case wrong || wrongToo:
		d.fail(n, CodeBadFormat, "", "%s is %s; %s", d.subject(), describe(is), want)
	case from >= to:
		d.fail(n, experiment.CodeInvalidNumber, "the second number is the first slot that does not belong to it",
			"%s is %s, which holds no slot; %s", d.subject(), describe(is), want)
	default:
		return from, to
	}
	return 0, 0
}

// slot reads the number of a slot, without leading zeros.
func slot(digits string) (number uint64, wrong bool) {
	number, err := strconv.ParseUint(digits, 10, 64)
	return number, err != nil || strconv.FormatUint(number, 10) != digits
}

// slotCount is the number of slots of a layer.
func slotCount() kind[uint64] {
	const want = "it is a whole number from 1 up"
	return kind[uint64]{name: "whole number", want: want, read: func(d *decoder, n *yaml.Node) uint64 {
		digits, ok := d.digits(n, want)
		if !ok {
			return 0
		}
		value, err := strconv.ParseUint(digits, 10, 64)
		if err != nil || value == 0 {
			d.fail(n, experiment.CodeInvalidNumber, "leave it out for "+strconv.Itoa(experiment.DefaultSlots), "%s is %s; %s", d.subject(), shorten(digits), want)
		}
		return value
	}}
}
