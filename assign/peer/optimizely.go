package peer

import (
	"fmt"
	"strconv"

	"github.com/touchlift/touchlift/assign"
)

// Optimizely is the formula of Optimizely's Full Stack and Feature Experimentation:
// MurmurHash3 of 32 bits over id and entity, cut into 10,000 buckets.
//
// The salt is the id of the experiment or rule, such as "10390977673". Arms lie end to
// end from 0, each as long as its weight times the traffic; units behind them are not
// enrolled. Weights and traffic have to come to whole ten-thousandths.
//
// Optimizely does not promise that units stay when the traffic grows: the layout above,
// edited from 10 % to 20 %, moves half of the enrolled units to the other arm. To
// raise the traffic without that, list Ranges: the old ones first, and behind them
// what comes new for each arm.
//
// Flaws: nothing separates id and entity, so that the id "a1" in experiment "23" is
// where "a12" is in "3". Some SDKs once divided in float32; there 128 of the 2^32
// hashes came to bucket 10000, which is nobody. Here the division is exact.
type Optimizely struct {
	// Group is the id of the experiment's group of policy "random". Default none. Only
	// units whose bucket of the group is from GroupFrom up to, but not, GroupTo are
	// enrolled: the experiment's range in the group's "trafficAllocation".
	Group     string `json:"group,omitempty"`
	GroupFrom uint64 `json:"group_from,omitempty"`
	GroupTo   uint64 `json:"group_to,omitempty"`
	// Ranges are the experiment's "trafficAllocation" in its order. Default: by weights
	// and traffic. If given, they have to come to weight and traffic of each arm.
	Ranges []OptimizelyRange `json:"ranges,omitempty"`
}

// OptimizelyRange is an entry of a "trafficAllocation". It reaches from the end of the
// one before to its own end.
type OptimizelyRange struct {
	// Variant of the arm whose variation is the "entityId". Empty for nobody.
	Variant string `json:"variant,omitempty"`
	End     uint64 `json:"end"` // "endOfRange", of 10,000
}

const optimizelyBuckets = 10000

// Name is "optimizely/1".
func (Optimizely) Name() string { return "optimizely/1" }

// Bucket returns the bucket of an id, 0 to 9999. The entity is the id of an
// experiment, a rule or a group.
func (Optimizely) Bucket(entity, id string) uint64 {
	var room [stackRoom]byte
	h := murmur3(append(append(room[:0], id...), entity...), 1)
	return uint64(h) * optimizelyBuckets >> 32
}

// inGroup reports whether a bucket of the group is the experiment's.
func (o *Optimizely) inGroup(bucket uint64) bool { return bucket >= o.GroupFrom && bucket < o.GroupTo }

// optimizelyLayout implements [assign.Bucketing].
type optimizelyLayout struct {
	formula Optimizely
	salt    string
	ends    []uint64
	arms    []int // -1 is nobody
}

// Bucketing lays the arms out as the SDK does.
func (o Optimizely) Bucketing(spec assign.Spec) (assign.Bucketing, error) {
	list := o.Problems()
	ranges := o.Ranges
	if len(ranges) == 0 {
		for i, end := range endsOf(bucketsOf(&list, spec.Arms, spec.Traffic, optimizelyBuckets)) {
			ranges = append(ranges, OptimizelyRange{Variant: spec.Arms[i].Variant, End: end})
		}
	}
	b := optimizelyLayout{formula: o, salt: spec.Salt}
	b.formula.Ranges = nil
	held := make([]uint64, len(spec.Arms))
	var start uint64
	for i, r := range ranges {
		arm := armNamed(&list, spec.Arms, fmt.Sprintf("hash.ranges[%d].variant", i), r.Variant)
		b.ends, b.arms = append(b.ends, r.End), append(b.arms, arm)
		if arm >= 0 && r.End > start {
			held[arm] += r.End - start
		}
		start = max(start, r.End)
	}
	if len(list) == 0 {
		judgeHeld(&list, "hash.ranges", spec, held, optimizelyBuckets)
	}
	if len(list) > 0 {
		return nil, list
	}
	return &b, nil
}

// Arm implements [assign.Bucketing].
func (b *optimizelyLayout) Arm(id string) (index int, enrolled bool) {
	o := &b.formula
	if o.Group != "" && !o.inGroup(o.Bucket(o.Group, id)) {
		return -1, false
	}
	i, found := armBelow(b.ends, o.Bucket(b.salt, id))
	if !found {
		return -1, false
	}
	return b.arms[i], b.arms[i] >= 0
}

// Problems implements [assign.Judged].
func (o Optimizely) Problems() assign.SpecErrors {
	var list assign.SpecErrors
	if o.Group == "" && (o.GroupFrom != 0 || o.GroupTo != 0) {
		add(&list, "hash.group", "", "is empty but has a range", "want the id of the group, or no hash.group_from and hash.group_to")
	}
	if o.Group != "" && (o.GroupTo > optimizelyBuckets || o.GroupFrom >= o.GroupTo) {
		add(&list, "hash.group_to", strconv.FormatUint(o.GroupTo, 10), fmt.Sprintf("is no end for a range from %d", o.GroupFrom),
			"want hash.group_from below hash.group_to, at most 10000: the experiment's range in the group's \"trafficAllocation\"")
	}
	for i, r := range o.Ranges {
		field := fmt.Sprintf("hash.ranges[%d].end", i)
		if r.End > optimizelyBuckets {
			add(&list, field, strconv.FormatUint(r.End, 10), "is more than 10000", "want the \"endOfRange\" of the entry")
		}
		if i > 0 && r.End < o.Ranges[i-1].End {
			add(&list, field, strconv.FormatUint(r.End, 10), "is below the end before it", "want the entries in the order of the datafile")
		}
	}
	return list
}

func optimizelyRows() []row {
	entry := Entry{
		Name: "optimizely/1", SDK: "Optimizely Full Stack, Feature Experimentation",
		Salt: "the id of the experiment or rule, such as \"10390977673\"",
		Parameters: []Parameter{
			{Name: "group", Kind: Text, Doc: "the id of the experiment's group of policy \"random\"; default none"},
			{Name: "group_from", Kind: Count, Doc: "the first bucket of the experiment in the group, of 10000; default 0"},
			{Name: "group_to", Kind: Count, Doc: "the bucket behind the last of the experiment in the group, of 10000; wanted with group"},
			{Name: "ranges", Kind: List, Doc: "the experiment's \"trafficAllocation\", a list of {variant, end}; default by weights and traffic", Items: []Parameter{
				{Name: "variant", Kind: Text, Doc: "the variant, or none for units that are not in the experiment"},
				{Name: "end", Kind: Count, Required: true, Doc: "the \"endOfRange\", of 10000"},
			}},
		},
	}
	return []row{{Entry: entry, build: func(v values) assign.Formula {
		o := Optimizely{Group: v.text("group"), GroupFrom: uint64(v.integer("group_from")), GroupTo: uint64(v.integer("group_to"))}
		for _, item := range v.items("ranges") {
			o.Ranges = append(o.Ranges, OptimizelyRange{Variant: item.text("variant"), End: uint64(item.integer("end"))})
		}
		return o
	}}}
}
