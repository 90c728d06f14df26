package analysis

import (
	"cmp"
	"slices"
	"strings"

	"github.com/touchlift/touchlift/experiment"
)

// groups lists the arms, the holdout and the unknown variants with their units.
//
// A variant that only a phase still to come brings is left out.
func (r *run) groups(at moment, d data) []Group {
	contaminated := make(map[group]int64)
	for _, t := range d.all.contaminated {
		contaminated[group{t.Variant, t.Holdout}] += t.Units
	}
	current := r.schedule.before(at.asOf)
	var groups []Group
	seen := make(map[group]bool)
	add := func(g group, role GroupRole) {
		seen[g] = true
		groups = append(groups, Group{Variant: g.variant, Role: role, Weight: r.schedule.weight(current, g.variant),
			Units: d.all.total(g), Matured: at.matured.of(g.variant), Contaminated: contaminated[g]})
	}
	for i, variant := range r.schedule.variants {
		g, role := group{variant: variant}, TreatmentGroup
		if i == 0 {
			role = ControlGroup
		}
		if i < len(r.experiment.Arms) || r.schedule.runsIn(variant, current) || d.all.total(g) > 0 {
			add(g, role)
		}
	}
	var others []group
	for s := range d.all.units {
		if !seen[s.group] && !slices.Contains(others, s.group) {
			others = append(others, s.group)
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
		add(g, role)
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
