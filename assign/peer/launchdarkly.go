package peer

import (
	"fmt"
	"strconv"

	"github.com/touchlift/touchlift/assign"
)

// LaunchDarkly is the formula of LaunchDarkly's rollouts and experiments: the first 60
// bits of SHA-1 as a float32 from 0 to 1, compared with weights that are summed up in
// float32.
//
// The salt is the key of the flag. It is hashed with FlagSalt; if the rollout has a
// Seed, that is hashed in place of both. Arms lie end to end from 0, each as long as its weight times the
// traffic; units behind them are not enrolled. Weights and traffic have to come to
// whole hundred-thousandths. A unit behind the end of the last entry gets the last
// entry, even one of weight 0; with full traffic that is the last arm.
//
// LaunchDarkly does not promise that units stay when a rollout grows: the layout above,
// edited from 10 % to 20 %, moves half of the enrolled units to the other arm. To
// raise the traffic without that, list Variations: the old ones first, and behind them
// what comes new for each arm.
//
// Flaws: 24 of the 60 bits survive float32. SDKs that sum in float64, such as those in
// JavaScript and Python, differ for ids within 2^-24 of an end.
type LaunchDarkly struct {
	// FlagSalt is the flag's "salt". It is not hashed if there is a Seed. Default empty,
	// which is a salt too; [Parse] wants it written out, unless there is a seed.
	FlagSalt string `json:"flag_salt,omitempty"`
	// Seed is the rollout's "seed". Default none.
	Seed *int64 `json:"seed,omitempty"`
	// Variations are those of the rollout in its order. Default: by weights and
	// traffic. If given, they have to come to weight and traffic of each arm.
	Variations []LaunchDarklyVariation `json:"variations,omitempty"`
}

// LaunchDarklyVariation is an entry of a rollout.
type LaunchDarklyVariation struct {
	// Variant of an arm. Empty for units that are not in the experiment: "untracked".
	Variant string `json:"variant,omitempty"`
	Weight  uint64 `json:"weight"` // of 100,000
}

const launchDarklyWeights = 100000

// Name is "launchdarkly/1".
func (LaunchDarkly) Name() string { return "launchdarkly/1" }

func (l LaunchDarkly) prefix(flag string) string {
	if l.Seed != nil {
		return strconv.FormatInt(*l.Seed, 10) + "."
	}
	return flag + "." + l.FlagSalt + "."
}

// Bucket returns the place of the id from 0 to 1, both included.
func (l LaunchDarkly) Bucket(flag, id string) float32 { return launchDarklyPlace(l.prefix(flag), id) }

func launchDarklyPlace(prefix, id string) float32 {
	var room [stackRoom]byte
	return float32(sha60(append(append(room[:0], prefix...), id...))) / float32(1<<60-1)
}

// launchDarklyBuckets implements [assign.Bucketing].
type launchDarklyBuckets struct {
	prefix string
	ends   []float32
	arms   []int // -1 is nobody
}

// Bucketing lays the arms out as the SDK does.
func (l LaunchDarkly) Bucketing(spec assign.Spec) (assign.Bucketing, error) {
	list := l.Problems()
	entries := l.Variations
	if len(entries) == 0 {
		entries = launchDarklyLayout(&list, spec)
	}
	b := launchDarklyBuckets{prefix: l.prefix(spec.Salt)}
	held := make([]uint64, len(spec.Arms))
	var sum float32
	var used uint64
	for i, entry := range entries {
		sum += float32(entry.Weight) / launchDarklyWeights
		arm := armNamed(&list, spec.Arms, fmt.Sprintf("hash.variations[%d].variant", i), entry.Variant)
		b.ends, b.arms = append(b.ends, sum), append(b.arms, arm)
		room := launchDarklyWeights - used
		mass := min(entry.Weight, room)
		if i == len(entries)-1 {
			mass = room
		}
		used += mass
		if arm >= 0 {
			held[arm] += mass
		}
	}
	if len(list) == 0 {
		judgeHeld(&list, "hash.variations", spec, held, launchDarklyWeights)
	}
	if len(list) > 0 {
		return nil, list
	}
	return &b, nil
}

func launchDarklyLayout(list *assign.SpecErrors, spec assign.Spec) []LaunchDarklyVariation {
	var entries []LaunchDarklyVariation
	rest := uint64(launchDarklyWeights)
	for i, weight := range bucketsOf(list, spec.Arms, spec.Traffic, launchDarklyWeights) {
		entries = append(entries, LaunchDarklyVariation{Variant: spec.Arms[i].Variant, Weight: weight})
		rest -= weight
	}
	if rest > 0 {
		entries = append(entries, LaunchDarklyVariation{Weight: rest})
	}
	return entries
}

// Arm implements [assign.Bucketing].
func (b *launchDarklyBuckets) Arm(id string) (index int, enrolled bool) {
	return b.at(launchDarklyPlace(b.prefix, id))
}

// at returns the arm of a place. An end is not of the entry that ends there.
func (b *launchDarklyBuckets) at(place float32) (index int, enrolled bool) {
	index = b.arms[len(b.arms)-1]
	for i, end := range b.ends {
		if place < end {
			index = b.arms[i]
			break
		}
	}
	return index, index >= 0
}

// Problems implements [assign.Judged].
func (l LaunchDarkly) Problems() assign.SpecErrors {
	var list assign.SpecErrors
	for i, entry := range l.Variations {
		if entry.Weight > launchDarklyWeights {
			add(&list, fmt.Sprintf("hash.variations[%d].weight", i), fmt.Sprint(entry.Weight),
				"is more than 100000", "want the \"weight\" of the rollout, where 100000 is everyone")
		}
	}
	return list
}

func launchDarklyRows() []row {
	entry := Entry{
		Name: "launchdarkly/1", SDK: "LaunchDarkly", Salt: "the key of the flag",
		Parameters: []Parameter{
			{Name: "flag_salt", Kind: Text, Doc: "the flag's \"salt\", which may be \"\"; wanted without seed, and not hashed with one"},
			{Name: "seed", Kind: Integer, Doc: "the rollout's \"seed\"; default none"},
			{Name: "variations", Kind: List, Doc: "the rollout's \"variations\", a list of {variant, weight}; default by weights and traffic", Items: []Parameter{
				{Name: "variant", Kind: Text, Doc: "the variant, or none for units that are not in the experiment (\"untracked\")"},
				{Name: "weight", Kind: Count, Required: true, Doc: "the \"weight\", of 100000"},
			}},
		},
	}
	return []row{{Entry: entry, oneOf: []string{"flag_salt", "seed"}, build: func(v values) assign.Formula {
		l := LaunchDarkly{FlagSalt: v.text("flag_salt")}
		if v.has("seed") {
			seed := v.integer("seed")
			l.Seed = &seed
		}
		for _, item := range v.items("variations") {
			l.Variations = append(l.Variations, LaunchDarklyVariation{Variant: item.text("variant"), Weight: uint64(item.integer("weight"))})
		}
		return l
	}}}
}
