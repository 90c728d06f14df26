package experiment

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"

	"github.com/touchlift/touchlift/assign"
)

// phases compares the declared re-weights.
func (f *differ) phases() {
	old, new := f.before.Phases, f.after.Phases
	for i := range min(len(old), len(new)) {
		field := fmt.Sprintf("phases[%d]", i)
		if !old[i].From.Equal(new[i].From) {
			f.add(field, ChangeSafe, nil, "begins at %s and not at %s; if it has begun, what was recorded between is of another phase",
				new[i].From.Format(time.RFC3339), old[i].From.Format(time.RFC3339))
		}
		if slices.Equal(weights(old[i].Arms), weights(new[i].Arms)) {
			continue
		}
		moves, _ := splitChange(f.before, i+1, f.after, i+1)
		switch {
		case moves != nil && len(moves.Moves) == 0:
			f.add(field, ChangeCosmetic, nil, "%s becomes %s, which are the same shares in other words", armsText(old[i].Arms), armsText(new[i].Arms))
		case f.future(old[i].From) && f.future(new[i].From):
			f.add(field, ChangeNewPhase, moves, "%s becomes %s before it has begun", armsText(old[i].Arms), armsText(new[i].Arms))
		default:
			f.add(field, ChangeReshuffle, moves, "%s becomes %s in a phase that was declared; leave it and list a further phase, or give it a new salt",
				armsText(old[i].Arms), armsText(new[i].Arms))
		}
	}
	for i := len(old); i < len(new); i++ {
		moves, _ := splitChange(f.after, i, f.after, i+1)
		f.add(fmt.Sprintf("phases[%d]", i), ChangeNewPhase, moves, "is declared from %s: %s%s", new[i].From.Format(time.RFC3339), armsText(new[i].Arms), f.straightBack(i))
	}
	for i := len(new); i < len(old); i++ {
		field := fmt.Sprintf("phases[%d]", i)
		if f.future(old[i].From) {
			f.add(field, ChangeSafe, nil, "is withdrawn before it has begun")
			continue
		}
		moves, _ := splitChange(f.before, i+1, f.before, i)
		f.add(field, ChangeReshuffle, moves, "is removed; leave it and list a further phase with the weights before it, which brings everyone home")
	}
}

// straightBack says where a phase has the weights of an earlier one, but other units:
// with three arms or more the smallest moves need not lead back the way that they came.
func (f *differ) straightBack(i int) string {
	lists := f.after.armLists()
	for j := range lists[:i] {
		if !sameShares(lists[j], lists[i+1]) {
			continue
		}
		if c, err := splitChange(f.after, j, f.after, i+1); err == nil && len(c.Moves) > 0 {
			return fmt.Sprintf("; the weights are those of phase %d, but going straight back does not bring everyone home: %s of the enrolled units get another arm than then",
				j, percentText(c.Moved))
		}
	}
	return ""
}

// sameShares reports whether every variant has the same part of all weight in both.
func sameShares(a, b []Arm) bool {
	return maps.EqualFunc(shares(a), shares(b), func(x, y *big.Rat) bool { return x.Cmp(y) == 0 })
}

func shares(arms []Arm) map[string]*big.Rat {
	sum, all := new(big.Int), make(map[string]*big.Rat)
	for _, arm := range arms {
		sum.Add(sum, new(big.Int).SetUint64(arm.Weight))
	}
	for _, arm := range arms {
		if arm.Weight > 0 {
			all[arm.Variant] = new(big.Rat).SetFrac(new(big.Int).SetUint64(arm.Weight), sum)
		}
	}
	return all
}

// future reports whether a moment is known to come after the change.
func (f *differ) future(from time.Time) bool { return !f.at.IsZero() && from.After(f.at) }

// traffic compares the shares at every moment at which they may differ.
func (f *differ) traffic() {
	old, new := f.before.Traffic.utc(), f.after.Traffic.utc()
	if old.String() == new.String() {
		return
	}
	text := fmt.Sprintf("%s becomes %s", old, new)
	before, after := f.old, f.old
	after.split, _ = assign.NewSplit(f.before.spec(new.by(f.at), f.before.phasesBy(f.at)))
	moves, _ := change(before, after)
	if shrinks, from := f.shrinks(); shrinks {
		f.add("traffic", ChangeReshuffle, moves, "%s: it shrinks%s, and enrolled units leave; raise it or leave it, or give it a new salt", text, from)
		return
	}
	if !assign.KeepsEnrolled(f.before.spec(new.last(), 0)) {
		f.add("traffic", ChangeReshuffle, nil, "%s: raising it under %s moves enrolled units to other arms, and the share is not known; leave it, or give it a new salt",
			text, formulaName(f.before.Hash))
		return
	}
	f.add("traffic", ChangeSafe, moves, "%s", text)
}

func (t Traffic) utc() Traffic {
	t = slices.Clone(t)
	for i := range t {
		t[i].From = t[i].From.UTC()
	}
	return t
}

// shrinks reports whether somebody who was enrolled before the change is not behind it.
// Without a moment of the change that is any moment at which less is enrolled.
func (f *differ) shrinks() (bool, string) {
	old, new := f.before.Traffic, f.after.Traffic
	if !f.at.IsZero() {
		return new.at(f.at).Less(old.at(f.at)), ""
	}
	if new.last().Less(old.last()) {
		return true, ""
	}
	for _, steps := range []Traffic{old, new} {
		for _, step := range steps {
			if !new.at(step.From).Less(old.at(step.From)) {
				continue
			}
			if step.From.IsZero() {
				return true, " before its first step"
			}
			return true, fmt.Sprintf(" if it is changed after %s", step.From.Format(time.RFC3339))
		}
	}
	return false, ""
}

// gates compares the layer and the holdouts, each by what it alone would move.
func (f *differ) gates() {
	if f.before.Unit != f.after.Unit {
		return
	}
	layer, holdouts := f.old, f.old
	layer.layer, holdouts.holdouts = f.new.layer, f.new.holdouts
	f.gate("layer", f.before.Layer != f.after.Layer, layer,
		"the slots of the layer change", "keep the salt of the layer and the slots that the experiment holds, or give it a new salt")
	f.gate("holdout", f.before.Holdout != f.after.Holdout, holdouts,
		"who is held out changes", "keep the holdout and its salt, or give the experiment a new salt")
}

func (f *differ) gate(field string, renamed bool, after side, what, mend string) {
	if f.old.sameGates(after) {
		if renamed {
			f.add(field, ChangeCosmetic, nil, "another name, the same units")
		}
		return
	}
	moves, err := change(f.old, after)
	switch {
	case err != nil:
		f.add(field, ChangeReshuffle, nil, "%s, and enrolled units may leave: %s", what, mend)
	case disturbs(moves):
		f.add(field, ChangeReshuffle, moves, "%s, and enrolled units leave or are moved: %s", what, mend)
	case len(moves.Moves) == 0 && f.sameUnits(after):
		f.add(field, ChangeCosmetic, nil, "%s in words only", what)
	case len(moves.Moves) == 0:
		f.add(field, ChangeSafe, nil, "%s, and nobody is enrolled whom that moves", what)
	default:
		f.add(field, ChangeSafe, moves, "%s, and units enter", what)
	}
}

// sameUnits reports whether other gates let the same units pass, whatever the traffic is.
func (f *differ) sameUnits(after side) bool {
	everyone := *f.before
	everyone.Hash = nil
	split, err := assign.NewSplit(everyone.spec(assign.Share{}, 0))
	if err != nil {
		return false
	}
	before := f.old
	before.split, after.split = split, split
	c, err := change(before, after)
	return err == nil && len(c.Moves) == 0
}

// catalogChanges are those outside the experiments. What layers and holdouts move is said
// of the experiments.
func catalogChanges(old, new *Catalog) []FieldChange {
	f := differ{}
	f.words(
		wording{"touchpoints", ChangeSafe, old.Touchpoints, new.Touchpoints, "what is known of the touchpoints changes"},
		wording{"metrics", ChangeSafe, old.Metrics, new.Metrics, "nobody is moved; how metrics are computed changes"},
		wording{"attributes", ChangeSafe, old.Attributes, new.Attributes, "what rules may speak of changes"},
		wording{"segments", ChangeSafe, old.Segments, new.Segments, "who is eligible where a rule uses them changes with the attributes"},
		wording{"exclusions", ChangeSafe, old.Exclusions, new.Exclusions, "who counts as a bot or as one's own changes, for every experiment"},
		wording{"layers", ChangeCosmetic, old.Layers, new.Layers, "what that moves stands at the experiments"},
		wording{"holdouts", ChangeCosmetic, old.Holdouts, new.Holdouts, "what that moves stands at the experiments"},
	)
	return f.changes
}
