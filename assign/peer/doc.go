// Package peer has the bucketing formulas of other SDKs. An experiment that runs there
// can go on here without one unit changing its arm: the formula takes the ranges of
// arms and traffic as that SDK lays them out.
//
//	split, err := assign.NewSplit(assign.Spec{
//		Salt:    "a1b2", // the experiment's "seed" in GrowthBook
//		Arms:    []assign.Arm{{Variant: "control", Weight: 50}, {Variant: "free_returns", Weight: 50}},
//		Traffic: assign.Share{Num: 1, Den: 2}, // its "coverage"
//		Hash:    peer.GrowthBook{Version: 2},  // its "hashVersion"
//	})
//
// In a configuration the same is "hash: growthbook/2", or a mapping with the name and
// parameters: [Parse] reads it, and [Table] lists what there is.
//
// # Moving an experiment
//
// Copy these, and then compare a thousand decisions of both sides before you switch:
//
//	name             salt                              traffic                   unit id
//	growthbook/1, 2  "seed", else "key"                "coverage"                value of "hashAttribute"
//	launchdarkly/1   key of the flag                   tracked weights / 100000  key of the context
//	statsig/1        "salt" of the experiment          allocated buckets / 1000  value of "idType"
//	optimizely/1     id of the experiment              last endOfRange / 10000   bucketing id, else user id
//	eppo/1           salt of the shard of the splits   its traffic shard         subject key
//	eppo/legacy      key of the flag                   "percentExposure"         subject key
//	split/1, 2       "seed"                            "trafficAllocation"       bucketing key, else key
//	unleash/1        "groupId" of the variants         "rollout"                 value of "stickiness"
//	gofeatureflag/1  name of the flag                  what is not "outside"     bucketing key
//	planout/1        salt of the experiment            gate or segments          the unit
//	posthog/1        key of the flag                   "rollout_percentage"      distinct id, else group key
//
// The order of the arms is that of the SDK's list, and the weights are the SDK's
// numbers as whole ones: 0.3334, 0.3333 and 0.3333 are 3334, 3333 and 3333. Names of
// variants are not hashed, but for GO Feature Flag, which sorts by them. Each type
// documents its further parameters.
//
// Ids are bytes and are hashed as they are. Where an SDK makes text of numbers first, do
// the same: 42, not 42.0. Units without an id are not enrolled, whatever the SDK does.
//
// # What cannot be taken over
//
// Shares that do not come to whole buckets of the SDK are an [assign.SpecErrors], never
// rounded; only where the SDK itself computes in floating point does the formula do
// the same, with the same rounding. Targeting, forced variations, holdouts, sticky
// assignments and prerequisites are not bucketing: they are fields of the experiment.
// Phases need touchlift/1.
//
// # What raising the traffic does
//
// The formula does what the SDK does, which tests hold it to; [assign.KeepsEnrolled] answers
// for a spec:
//
//	nobody moves       GrowthBook, Statsig, Eppo, Split, Unleash with both seeds, PlanOut's gate
//	                   and segments, PostHog
//	half of them move  LaunchDarkly and Optimizely with two arms or more, unless their ranges
//	                   are listed with the new ones behind the old; GO Feature Flag, unless
//	                   "outside" sorts between two arms
//
// # What cannot be asked
//
// There is no exact [assign.Diff] of a formula of these: the ranges of arms and traffic
// are not of the lines that it compares, and some depend on each other. It answers for a
// split that is the same before and after, and refuses any change with an
// [assign.DiffError]. Ask both splits for your ids and count, as before a move.
//
// # When to start a new run
//
// A formula that is taken over is only as good as it was there. For a new experiment, or
// a new run, leave the hash away: touchlift/1 has none of these flaws.
//
//   - Dependent arms. In experiments with similar names the arms of GrowthBook's version 1
//     and of all its namespaces, of GO Feature Flag, and of Split's legacy hash depend on
//     each other: over pairs of 200 experiments |z| reached 126, 64 and 68, where chance
//     gives less than 5.
//   - Coarse buckets. Split and Unleash's rollouts have 100, GrowthBook's version 1 and
//     Statsig's groups 1,000.
//   - No separator. GrowthBook, Optimizely and GO Feature Flag join salt and id as they
//     are: the unit "23" in "exp1" is where "3" is in "exp12".
//   - Floating point. LaunchDarkly keeps 24 of 60 bits, and its SDKs differ at the ends of
//     ranges; Optimizely once had a bucket that was nobody's; Statsig's 0.07 % is 0.08 %.
//   - One shard too many. Eppo's older format lets in traffic plus one shard, and
//     GrowthBook's rollouts before specification 6 did the same with one bucket.
//
// The formulas are held against the published cases of the SDKs by TestVectors.
package peer
