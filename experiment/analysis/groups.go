package analysis

import (
	"cmp"
	"slices"
	"strings"

	"github.com/touchlift/touchlift/experiment"
)

// groups lists the arms, the holdout and the unknown variants with their units.
func (r *run) groups(at moment, d data) []Group {
	contaminated := make(map[group]int64)
	for _, t := range d.all.contaminated {
		contaminated[group{t.Variant, t.Holdout}] += t.Units
	}
	var groups []Group
	seen := make(map[group]bool)
	add := func(g group, role GroupRole, weight uint64) {
		seen[g] = true
		groups = append(groups, Group{Variant: g.variant, Role: role, Weight: weight, Units: d.all.units[g],
			Matured: at.matured[g.variant], Contaminated: contaminated[g]})
	}
	for i, a := range r.experiment.Arms {
		role := TreatmentGroup
		if i == 0 {
			role = ControlGroup
		}
		add(group{variant: a.Variant}, role, a.Weight)
	}
	var others []group
	for g := range d.all.units {
		if !seen[g] {
			others = append(others, g)
		}
	}
	slices.SortFunc(others, func(a, b group) int {
		if a.holdout != b.holdout {
			return cmp.Compare(b.rank(), a.rank())
		}
		return strings.Compare(a.variant, b.variant)
	})
	for _, g := range others {
		role := UnknownGroup
		if g.holdout {
			role = HoldoutGroup
		}
		add(g, role, 0)
	}
	return groups
}

// rank sorts the holdout before unknown variants.
func (g group) rank() int {
	if g.holdout {
		return 1
	}
	return 0
}

// holdoutName stands for the holdout where groups are named.
const holdoutName = "holdout"

func groupName(variant string, holdout bool) string {
	if holdout {
		return holdoutName
	}
	return variant
}

// crossings adds up transitions over phases, most units first.
func crossings(transitions []experiment.Transition) []Crossing {
	var all []Crossing
	for _, t := range transitions {
		c := Crossing{From: groupName(t.Variant, t.Holdout), To: groupName(t.To, t.ToHoldout), Units: t.Units}
		i := slices.IndexFunc(all, func(o Crossing) bool { return o.From == c.From && o.To == c.To })
		if i < 0 {
			all = append(all, c)
		} else {
			all[i].Units += c.Units
		}
	}
	slices.SortFunc(all, func(a, b Crossing) int {
		return cmp.Or(cmp.Compare(b.Units, a.Units), strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
	})
	return all
}

func unitsOf(crossings []Crossing) int64 {
	n := int64(0)
	for _, c := range crossings {
		n += c.Units
	}
	return n
}

// unitsIn counts the units of the groups that have one of the roles.
func unitsIn(groups []Group, roles ...GroupRole) int64 {
	n := int64(0)
	for _, g := range groups {
		if slices.Contains(roles, g.Role) {
			n += g.Units
		}
	}
	return n
}
