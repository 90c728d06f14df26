package peer

import (
	"strconv"

	"github.com/touchlift/touchlift/assign"
)

// Unleash is the formula of Unleash's SDKs: murmur3 of the group, a colon and the id.
//
// The salt is the group of the variants: the name of the feature for variants of the
// feature, the "groupId" of the strategy for variants of a strategy. The weights are
// those of the variants in their order; they must come to whole parts of the
// Normalizer. The traffic is the percentage of a gradual or flexible rollout, whole
// percents. With seed 0 and 100 buckets the rollout lets an id in whose bucket, 1 to
// 100, is not above the percentage; with seed 86028157 and Normalizer buckets the first
// variant is taken whose weights, added up, are not below the bucket. Raising the
// traffic moves nobody; changing the weights moves ids.
//
// The id is the value of the field that "stickiness" names. "default" is the user's
// id, else the session's; list them as one kind of id. Overrides of variants are
// overrides here too.
//
// Flaws: where the value is missing, Unleash draws an arm at random on every call;
// here such a unit is not enrolled. Rollouts have 100 buckets. SDKs that follow a
// specification before 5.0 use one seed for both steps, which skews the arms of a
// partial rollout: see OneSeed.
type Unleash struct {
	// RolloutGroup is the "groupId" of the strategy's rollout. Default the salt.
	RolloutGroup string `json:"rollout_group,omitempty"`
	// Normalizer is the sum of the variants' weights in Unleash. Default 1000, to which
	// its server brings all weights; from 1 to 2^32-1.
	Normalizer int64 `json:"normalizer,omitempty"`
	// OneSeed picks the variant with seed 0 too, as the SDKs for the client
	// specification before 5.0 did (before October 2023). Default false.
	OneSeed bool `json:"one_seed,omitempty"`
}

const (
	unleashVariantSeed = 86028157
	unleashNormalizer  = 1000
)

// Name is "unleash/1".
func (u Unleash) Name() string { return "unleash/1" }

// RolloutBucket returns the id's bucket for a rollout of that group, from 1 to 100.
func (u Unleash) RolloutBucket(group, id string) int {
	return int(unleashHash(group+":", id, 0)%100) + 1
}

// VariantBucket returns the id's bucket for the variants of that group, from 1 to the
// Normalizer.
func (u Unleash) VariantBucket(group, id string) int64 {
	return int64(unleashHash(group+":", id, u.variantSeed())%u.normalizer()) + 1
}

func (u Unleash) variantSeed() uint32 {
	if u.OneSeed {
		return 0
	}
	return unleashVariantSeed
}

func (u Unleash) normalizer() uint32 {
	if u.Normalizer <= 0 || u.Normalizer >= 1<<32 {
		return unleashNormalizer
	}
	return uint32(u.Normalizer)
}

func unleashHash(prefix, id string, seed uint32) uint32 {
	var room [stackRoom]byte
	return murmur3(append(append(room[:0], prefix...), id...), seed)
}

// Bucketing lays the arms out as the SDK does. Its errors are a traffic that is not
// whole percents and weights that do not come to whole parts of the Normalizer.
func (u Unleash) Bucketing(spec assign.Spec) (assign.Bucketing, error) {
	list := u.Problems()
	b := unleashBuckets{
		group: spec.Salt + ":", rolloutGroup: u.RolloutGroup + ":",
		seed: u.variantSeed(), normalizer: u.normalizer(),
	}
	if u.RolloutGroup == "" {
		b.rolloutGroup = b.group
	}
	b.ends = endsOf(bucketsOf(&list, spec.Arms, assign.Share{}, uint64(b.normalizer)))
	b.percentage = uint32(bucketsOfTraffic(&list, spec.Traffic, 100))
	if len(list) > 0 {
		return nil, list
	}
	return &b, nil
}

// unleashBuckets implements [assign.Bucketing].
type unleashBuckets struct {
	group, rolloutGroup string // with the colon
	percentage          uint32
	seed, normalizer    uint32
	ends                []uint64
}

// Arm implements [assign.Bucketing].
func (b *unleashBuckets) Arm(id string) (index int, enrolled bool) {
	if b.percentage < 100 && unleashHash(b.rolloutGroup, id, 0)%100 >= b.percentage {
		return -1, false
	}
	return armBelow(b.ends, uint64(unleashHash(b.group, id, b.seed)%b.normalizer))
}

// Problems implements [assign.Judged].
func (u Unleash) Problems() assign.SpecErrors {
	var list assign.SpecErrors
	if u.Normalizer < 0 || u.Normalizer >= 1<<32 {
		add(&list, "hash.normalizer", strconv.FormatInt(u.Normalizer, 10), "is no sum of weights of Unleash", "want it from 1 to 4294967295, or none for 1000")
	}
	return list
}

func unleashRows() []row {
	entry := Entry{
		Name: "unleash/1", SDK: "Unleash",
		Salt: "the feature's name, or for variants of a strategy its \"groupId\"",
		Parameters: []Parameter{
			{Name: "rollout_group", Kind: Text, Doc: "the \"groupId\" of the strategy's rollout; default the salt"},
			{Name: "normalizer", Kind: Integer, Doc: "the sum of the variants' weights in Unleash, from 1 to 4294967295; default 1000"},
			{Name: "one_seed", Kind: Flag, Doc: "true for SDKs of client specifications before 5.0, which pick variants with seed 0; default false"},
		},
	}
	return []row{{Entry: entry, build: func(v values) assign.Formula {
		return Unleash{RolloutGroup: v.text("rollout_group"), Normalizer: v.integer("normalizer"), OneSeed: v.flag("one_seed")}
	}}}
}
