package peer

import "github.com/touchlift/touchlift/assign"

// KeepsEnrolled implements [assign.Steady]: true, because an arm only grows at its end,
// into buckets that were nobody's.
func (GrowthBook) KeepsEnrolled(assign.Spec) bool { return true }

// KeepsEnrolled implements [assign.Steady]: true, because traffic has a hash of its own.
func (Statsig) KeepsEnrolled(assign.Spec) bool { return true }

// KeepsEnrolled implements [assign.Steady]: true, because traffic has a hash of its own.
func (Eppo) KeepsEnrolled(assign.Spec) bool { return true }

// KeepsEnrolled implements [assign.Steady]: true, because traffic has a hash of its own.
func (EppoLegacy) KeepsEnrolled(assign.Spec) bool { return true }

// KeepsEnrolled implements [assign.Steady]: true, because traffic has a hash of its own.
func (Split) KeepsEnrolled(assign.Spec) bool { return true }

// KeepsEnrolled implements [assign.Steady]: true, because the arm does not depend on the
// traffic, with OneSeed neither.
func (Unleash) KeepsEnrolled(assign.Spec) bool { return true }

// KeepsEnrolled implements [assign.Steady]: true, because gate and segments have a hash
// of their own.
func (PlanOut) KeepsEnrolled(assign.Spec) bool { return true }

// KeepsEnrolled implements [assign.Steady]: true, because traffic has a hash of its own.
func (PostHog) KeepsEnrolled(assign.Spec) bool { return true }

// KeepsEnrolled implements [assign.Steady]: true for a single arm with a weight above 0,
// and for Variations, if new ones are listed behind the old. Otherwise the arms push
// each other along.
func (l LaunchDarkly) KeepsEnrolled(spec assign.Spec) bool {
	return len(l.Variations) > 0 || weighted(spec.Arms, func(string) bool { return true }) <= 1
}

// KeepsEnrolled implements [assign.Steady]: true for a single arm with a weight above 0,
// and for Ranges, if new ones are listed behind the old. Otherwise the arms push each
// other along.
func (o Optimizely) KeepsEnrolled(spec assign.Spec) bool {
	return len(o.Ranges) > 0 || weighted(spec.Arms, func(string) bool { return true }) <= 1
}

// KeepsEnrolled implements [assign.Steady]: true if, of the arms with a weight above 0,
// at most one sorts before Outside and at most one behind it. Those two lie at the ends
// of the line; an arm between would be pushed along. Without Outside, which every
// traffic below 100% takes, this is true for a single arm only.
func (g GOFeatureFlag) KeepsEnrolled(spec assign.Spec) bool {
	return weighted(spec.Arms, func(variant string) bool { return variant < g.Outside }) <= 1 &&
		weighted(spec.Arms, func(variant string) bool { return variant > g.Outside }) <= 1
}

// weighted counts the arms with a weight above 0 whose variant is one of those.
func weighted(arms []assign.Arm, those func(variant string) bool) int {
	count := 0
	for _, arm := range arms {
		if arm.Weight > 0 && those(arm.Variant) {
			count++
		}
	}
	return count
}
