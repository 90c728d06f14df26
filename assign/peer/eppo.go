package peer

import (
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/touchlift/touchlift/assign"
)

// Eppo is the formula of Eppo's SDKs: the first 32 bits of MD5 over a salt and the id,
// cut into shards; one shard decides the traffic and another one the arm.
//
// The salt is that of the shard that tells the splits apart, such as
// "split-new-user-onboarding-experiment". Arms lie end to end over all shards, and the
// traffic is [0, traffic * shards) of its own salt; both have to come to whole shards.
// Raising the traffic moves nobody.
//
// Flaws: none found in the hash; two allocations that share a salt split alike.
type Eppo struct {
	// TotalShards is the flag's "totalShards". Default 10000.
	TotalShards uint64 `json:"total_shards,omitempty"`
	// TrafficSalt is the salt of the shard that decides the traffic, such as
	// "traffic-new-user-onboarding-experiment". Wanted if the traffic is below 100 %,
	// but not if the Ranges leave out the rest.
	TrafficSalt string `json:"traffic_salt,omitempty"`
	// TrafficRanges are the shards that are let in. Default [0, traffic * shards).
	TrafficRanges []EppoShards `json:"traffic_ranges,omitempty"`
	// Ranges are the shards of the splits. Default: end to end by the weights. If they
	// leave shards out, as a rollout does, those are not enrolled and the traffic is
	// the share of those that are.
	Ranges []EppoRange `json:"ranges,omitempty"`
}

// EppoShards are the shards from Start up to, but not, End.
type EppoShards struct {
	Start uint64 `json:"start"`
	End   uint64 `json:"end"`
}

// EppoRange is a range of shards that belongs to an arm.
type EppoRange struct {
	Variant string `json:"variant"` // of the arm whose variation is the "variationKey"
	Start   uint64 `json:"start"`
	End     uint64 `json:"end"`
}

// maxEppoShards is how many values the hash has.
const maxEppoShards = 1 << 32

// Name is "eppo/1".
func (Eppo) Name() string { return "eppo/1" }

func (e Eppo) shards() uint64 {
	if e.TotalShards == 0 {
		return 10000
	}
	return e.TotalShards
}

// Bucket returns the shard of an id, from 0 up to, but not, TotalShards.
func (e Eppo) Bucket(salt, id string) uint64 { return eppoHash(salt+"-", id) % e.shards() }

func eppoHash(prefix, id string) uint64 {
	var room [stackRoom]byte
	return eppoSum(append(append(room[:0], prefix...), id...))
}

// eppoSum returns the first 32 bits of MD5.
func eppoSum(data []byte) uint64 {
	sum := md5.Sum(data)
	return uint64(binary.BigEndian.Uint32(sum[:]))
}

// eppoLayout implements [assign.Bucketing].
type eppoLayout struct {
	shards        uint64
	arms, traffic string // what is hashed before the id; "" asks nothing
	let           []EppoShards
	nobody        bool
	ranges        []EppoRange
	index         []int // of the arm of each range
}

// Bucketing lays the arms out as the SDK does.
func (e Eppo) Bucketing(spec assign.Spec) (assign.Bucketing, error) {
	list := e.Problems()
	if len(list) > 0 {
		return nil, list
	}
	b := eppoLayout{shards: e.shards(), arms: spec.Salt + "-", ranges: append([]EppoRange(nil), e.Ranges...)}
	if len(b.ranges) == 0 {
		var start uint64
		for i, end := range endsOf(bucketsOf(&list, spec.Arms, assign.Share{}, b.shards)) {
			b.ranges = append(b.ranges, EppoRange{Variant: spec.Arms[i].Variant, Start: start, End: end})
			start = end
		}
	}
	held, inRanges := make([]uint64, len(spec.Arms)), uint64(0)
	for i, r := range b.ranges {
		arm := armNamed(&list, spec.Arms, fmt.Sprintf("hash.ranges[%d].variant", i), r.Variant)
		b.index = append(b.index, arm)
		inRanges += r.End - r.Start
		if arm >= 0 {
			held[arm] += r.End - r.Start
		}
	}
	if len(list) == 0 {
		e.letIn(&list, &b, spec, inRanges)
	}
	if len(list) == 0 {
		judgeHeld(&list, "hash.ranges", assign.Spec{Arms: spec.Arms}, held, inRanges)
	}
	if len(list) > 0 {
		return nil, list
	}
	return &b, nil
}

// letIn finds the shards of the traffic: with those of the ranges they have to come
// to the traffic of the spec.
func (e Eppo) letIn(list *assign.SpecErrors, b *eppoLayout, spec assign.Spec, inRanges uint64) {
	share := rational(spec.Traffic)
	share.Mul(share, ratio(b.shards, 1))
	share.Mul(share, ratio(b.shards, inRanges))
	given := b.shards
	if spec.Traffic.Num == 0 && spec.Traffic.Den != 0 {
		b.nobody = true
		return
	}
	if len(e.TrafficRanges) > 0 {
		given = 0
		for _, r := range e.TrafficRanges {
			given += r.End - r.Start
		}
	} else if e.TrafficSalt != "" && share.IsInt() && share.Cmp(ratio(b.shards, 1)) <= 0 {
		given = share.Num().Uint64()
	}
	if share.Cmp(ratio(given, 1)) != 0 {
		add(list, "traffic", spec.Traffic, fmt.Sprintf("asks for %s of %d shards to be let in, not for %d", decimal(share), b.shards, given),
			"want whole shards, hash.traffic_salt if the traffic is below 100%, and ranges that agree with the traffic")
		return
	}
	if given == b.shards {
		return
	}
	b.traffic = e.TrafficSalt + "-"
	b.let = append([]EppoShards(nil), e.TrafficRanges...)
	if len(b.let) == 0 {
		b.let = []EppoShards{{End: given}}
	}
}

// Arm implements [assign.Bucketing].
func (b *eppoLayout) Arm(id string) (index int, enrolled bool) {
	if b.nobody || b.traffic != "" && !b.letsIn(eppoHash(b.traffic, id)%b.shards) {
		return -1, false
	}
	shard := eppoHash(b.arms, id) % b.shards
	for i, r := range b.ranges {
		if shard >= r.Start && shard < r.End {
			return b.index[i], true
		}
	}
	return -1, false
}

func (b *eppoLayout) letsIn(shard uint64) bool {
	for _, r := range b.let {
		if shard >= r.Start && shard < r.End {
			return true
		}
	}
	return false
}

// Problems implements [assign.Judged].
func (e Eppo) Problems() assign.SpecErrors {
	var list assign.SpecErrors
	if e.shards() > maxEppoShards {
		add(&list, "hash.total_shards", strconv.FormatUint(e.TotalShards, 10), "is more than the hash has values",
			fmt.Sprintf("want the flag's \"totalShards\", at most %d", uint64(maxEppoShards)))
	}
	if len(e.TrafficRanges) > 0 && e.TrafficSalt == "" {
		add(&list, "hash.traffic_salt", "", "is missing", "want the salt of the shard whose ranges are hash.traffic_ranges")
	}
	judgeShards(&list, "hash.traffic_ranges", e.TrafficRanges, e.shards())
	arms := make([]EppoShards, len(e.Ranges))
	for i, r := range e.Ranges {
		arms[i] = EppoShards{Start: r.Start, End: r.End}
		if r.Variant == "" {
			add(&list, fmt.Sprintf("hash.ranges[%d].variant", i), "", "is empty", "want the variant of an arm")
		}
	}
	judgeShards(&list, "hash.ranges", arms, e.shards())
	return list
}

// judgeShards wants ranges of at least one shard that do not overlap.
func judgeShards(list *assign.SpecErrors, field string, ranges []EppoShards, shards uint64) {
	for i, r := range ranges {
		at, value := fmt.Sprintf("%s[%d]", field, i), fmt.Sprintf("[%d, %d)", r.Start, r.End)
		if r.Start >= r.End || r.End > shards {
			add(list, at, value, fmt.Sprintf("is no range of %d shards", shards), "want start below end, and end at most the number of shards")
		}
		for j, other := range ranges[:i] {
			if r.Start < other.End && other.Start < r.End {
				add(list, at, value, fmt.Sprintf("overlaps with %s[%d]", field, j), "want every shard at most once")
			}
		}
	}
}

func eppoRows() []row {
	startEnd := []Parameter{
		{Name: "start", Kind: Count, Required: true, Doc: "the first shard"},
		{Name: "end", Kind: Count, Required: true, Doc: "the shard behind the last"},
	}
	entry := Entry{
		Name: "eppo/1", SDK: "Eppo", Salt: "the salt of the shard that tells the splits apart, such as \"split-checkout\"",
		Parameters: []Parameter{
			{Name: "total_shards", Kind: Count, Doc: "the flag's \"totalShards\"; default 10000"},
			{Name: "traffic_salt", Kind: Text, Doc: "the salt of the shard that decides the traffic; wanted if the traffic is below 100%"},
			{Name: "traffic_ranges", Kind: List, Doc: "its \"ranges\", a list of {start, end}; default from 0 to the traffic", Items: startEnd},
			{Name: "ranges", Kind: List, Doc: "the \"ranges\" of the splits, a list of {variant, start, end}; default end to end by weights",
				Items: append([]Parameter{{Name: "variant", Kind: Text, Required: true, Doc: "the variant of an arm"}}, startEnd...)},
		},
	}
	return []row{eppoLegacyRow(), {Entry: entry, build: func(v values) assign.Formula {
		e := Eppo{TotalShards: uint64(v.integer("total_shards")), TrafficSalt: v.text("traffic_salt")}
		for _, item := range v.items("traffic_ranges") {
			e.TrafficRanges = append(e.TrafficRanges, EppoShards{Start: uint64(item.integer("start")), End: uint64(item.integer("end"))})
		}
		for _, item := range v.items("ranges") {
			e.Ranges = append(e.Ranges, EppoRange{Variant: item.text("variant"), Start: uint64(item.integer("start")), End: uint64(item.integer("end"))})
		}
		return e
	}}}
}
