package peer

import (
	"fmt"
	"strconv"

	"github.com/touchlift/touchlift/assign"
)

// EppoLegacy is the formula of Eppo's SDKs before the flags had salts of their own: two
// shards, of "exposure-" id "-" flag and of "assignment-" id "-" flag.
//
// The salt is the key of the flag or experiment. Arms lie end to end over all shards by
// "assignment"; the weights have to come to whole shards. The traffic is the
// "percentExposure" p: a unit is enrolled if its shard by "exposure" is at most p *
// shards in float64, so that one shard more than the traffic says is let in. Raising
// it moves nobody. Traffic 0 enrols nobody, where the SDK lets in shard 0.
//
// Flaws: the shard too many; and id and key run into each other, so that the id "a-b"
// in flag "c" is where "a" is in "b-c".
type EppoLegacy struct {
	// TotalShards is the flag's "subjectShards". Default 10000.
	TotalShards uint64 `json:"total_shards,omitempty"`
}

// Name is "eppo/legacy".
func (EppoLegacy) Name() string { return "eppo/legacy" }

func (e EppoLegacy) shards() uint64 { return Eppo{TotalShards: e.TotalShards}.shards() }

// Exposure returns the shard that is compared with the traffic.
func (e EppoLegacy) Exposure(flag, id string) uint64 {
	return eppoLegacyHash("exposure-", id, "-"+flag) % e.shards()
}

// Assignment returns the shard that picks the arm.
func (e EppoLegacy) Assignment(flag, id string) uint64 {
	return eppoLegacyHash("assignment-", id, "-"+flag) % e.shards()
}

func eppoLegacyHash(prefix, id, suffix string) uint64 {
	var room [stackRoom]byte
	return eppoSum(append(append(append(room[:0], prefix...), id...), suffix...))
}

// eppoLegacyLayout implements [assign.Bucketing].
type eppoLegacyLayout struct {
	suffix   string
	shards   uint64
	exposure float64 // traffic * shards
	nobody   bool
	ends     []uint64
}

// Bucketing lays the arms out as the SDK does.
func (e EppoLegacy) Bucketing(spec assign.Spec) (assign.Bucketing, error) {
	list := e.Problems()
	b := eppoLegacyLayout{suffix: "-" + spec.Salt, shards: e.shards(), nobody: spec.Traffic.Float64() == 0}
	b.exposure = spec.Traffic.Float64() * float64(b.shards)
	b.ends = endsOf(bucketsOf(&list, spec.Arms, assign.Share{}, b.shards))
	if len(list) > 0 {
		return nil, list
	}
	return &b, nil
}

// Arm implements [assign.Bucketing].
func (b *eppoLegacyLayout) Arm(id string) (index int, enrolled bool) {
	if b.nobody || float64(eppoLegacyHash("exposure-", id, b.suffix)%b.shards) > b.exposure {
		return -1, false
	}
	return armBelow(b.ends, eppoLegacyHash("assignment-", id, b.suffix)%b.shards)
}

// Problems implements [assign.Judged].
func (e EppoLegacy) Problems() assign.SpecErrors {
	var list assign.SpecErrors
	if e.shards() > maxEppoShards {
		add(&list, "hash.total_shards", strconv.FormatUint(e.TotalShards, 10), "is more than the hash has values",
			fmt.Sprintf("want the flag's \"subjectShards\", at most %d", uint64(maxEppoShards)))
	}
	return list
}

func eppoLegacyRow() row {
	entry := Entry{
		Name: "eppo/legacy", SDK: "Eppo, before flags had salts", Salt: "the key of the flag or experiment",
		Parameters: []Parameter{{Name: "total_shards", Kind: Count, Doc: "the flag's \"subjectShards\"; default 10000"}},
	}
	return row{Entry: entry, build: func(v values) assign.Formula { return EppoLegacy{TotalShards: uint64(v.integer("total_shards"))} }}
}
