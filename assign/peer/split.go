package peer

import (
	"strconv"
	"unicode/utf16"

	"github.com/touchlift/touchlift/assign"
)

// Split is the formula of Split, now Harness FME: a hash of the key, cut into only
// 100 buckets. The name of the feature flag is not hashed; its seed tells it from others.
//
// The salt is the flag's "seed" as decimal text, such as "-1980788150". The weights
// are the sizes of the partitions in their order; they must come to whole percents.
// The traffic is "trafficAllocation", whole percents too: the key's bucket of
// TrafficAllocationSeed, 1 to 100, must not be above it. Then the first arm is taken
// whose sizes, added up, are not below the key's bucket of the seed. Raising the traffic
// moves nobody, because the two seeds differ; changing the sizes moves keys.
//
// The id is the bucketing key where there is one, else the key. Keys of whitelists
// and targets pass the SDK's traffic; list them as overrides.
//
// Flaws: a hundred buckets, so nothing finer than 1 %; two flags with one seed split
// alike. The legacy hash ("split/1") is a polynomial: its arms depend on those of other
// flags (|z| up to 68 where chance gives 4), its buckets are not evenly filled, and the
// SDKs disagree on it: see Unsigned.
type Split struct {
	// Algo is the flag's "algo": 1 is the legacy hash, 2 is murmur3. Default 2. An SDK
	// takes a flag without "algo" for 1.
	Algo int `json:"algo,omitempty"`
	// TrafficAllocationSeed is the flag's "trafficAllocationSeed", of 32 bits with or
	// without a sign. Wanted where the traffic is below 100%; 0 counts as missing.
	TrafficAllocationSeed int64 `json:"traffic_allocation_seed,omitempty"`
	// Unsigned takes the legacy hash as the SDK for Go does: over the bytes of the key,
	// and without a sign. Default false, as Java, JavaScript and Split's own samples do:
	// over UTF-16 code units, and the absolute value of the signed hash. The two give
	// different buckets for 4,900 of the 10,000 rows of Split's samples. Only for algo 1.
	Unsigned bool `json:"unsigned,omitempty"`
}

// Name is "split/1" with the legacy hash and "split/2" with murmur3.
func (s Split) Name() string { return "split/" + strconv.Itoa(s.algo()) }

func (s Split) algo() int {
	if s.Algo == 0 {
		return 2
	}
	return s.Algo
}

// Hash returns the digest of the key before it is cut to buckets; the legacy one has
// a sign in the SDKs that are not for Go: int32(Hash).
func (s Split) Hash(seed uint32, key string) uint32 {
	switch {
	case s.algo() == 2:
		return murmur3(key, seed)
	case s.Unsigned:
		return polynomialOfBytes(key) ^ seed
	}
	return polynomialOfUTF16(key) ^ seed
}

// Bucket returns the key's bucket of that seed, from 1 to 100.
func (s Split) Bucket(seed uint32, key string) int {
	h := s.Hash(seed, key)
	if signed := int32(h); s.algo() == 1 && !s.Unsigned && signed < 0 {
		h = -h // the absolute value; that of -2^31 is 2^31, as an unsigned number
	}
	return int(h%100) + 1
}

func polynomialOfBytes(key string) uint32 {
	var h uint32
	for i := range len(key) {
		h = 31*h + uint32(key[i])
	}
	return h
}

// polynomialOfUTF16 counts bytes that are no UTF-8 as U+FFFD each.
func polynomialOfUTF16(key string) uint32 {
	var h uint32
	for _, r := range key {
		if r < 1<<16 {
			h = 31*h + uint32(r)
			continue
		}
		high, low := utf16.EncodeRune(r)
		h = 31*(31*h+uint32(high)) + uint32(low)
	}
	return h
}

// Bucketing lays the arms out as the SDK does. Its errors are a salt that is no seed,
// a traffic below 100% without its seed, and shares that are not whole percents.
func (s Split) Bucketing(spec assign.Spec) (assign.Bucketing, error) {
	list := s.Problems()
	b := splitBuckets{formula: s, trafficSeed: uint32(s.TrafficAllocationSeed)}
	b.seed = splitSeed(&list, spec.Salt)
	b.ends = endsOf(bucketsOf(&list, spec.Arms, assign.Share{}, 100))
	b.traffic = int(bucketsOfTraffic(&list, spec.Traffic, 100))
	if b.traffic > 0 && b.traffic < 100 && s.TrafficAllocationSeed == 0 {
		add(&list, "hash.traffic_allocation_seed", "", "is missing, and the traffic is below 100%",
			"want the flag's \"trafficAllocationSeed\"")
	}
	if len(list) > 0 {
		return nil, list
	}
	return &b, nil
}

const wantSeed = "want a whole number of 32 bits, such as -1980788150 or 467569525"

// splitSeed reads the seed in the only way it is written, so that a salt that looks
// different is different.
func splitSeed(list *assign.SpecErrors, salt string) uint32 {
	seed, err := strconv.ParseInt(salt, 10, 64)
	if err != nil || strconv.FormatInt(seed, 10) != salt || !isSeed(seed) {
		add(list, "salt", salt, "is no seed of Split", wantSeed+", the flag's \"seed\"")
	}
	return uint32(seed)
}

func isSeed(seed int64) bool { return seed >= -1<<31 && seed < 1<<32 }

// splitBuckets implements [assign.Bucketing].
type splitBuckets struct {
	formula           Split
	seed, trafficSeed uint32
	traffic           int
	ends              []uint64
}

// Arm implements [assign.Bucketing].
func (b *splitBuckets) Arm(id string) (index int, enrolled bool) {
	if b.traffic == 0 || b.traffic < 100 && b.formula.Bucket(b.trafficSeed, id) > b.traffic {
		return -1, false
	}
	return armBelow(b.ends, uint64(b.formula.Bucket(b.seed, id))-1)
}

// Problems implements [assign.Judged].
func (s Split) Problems() assign.SpecErrors {
	var list assign.SpecErrors
	if algo := s.algo(); algo != 1 && algo != 2 {
		add(&list, "hash.algo", strconv.Itoa(algo), "is no algorithm of Split", "want 1 for the legacy hash or 2 for murmur3")
	}
	if s.Unsigned && s.algo() == 2 {
		add(&list, "hash.unsigned", "true", "stands with murmur3", "want it with hash.algo 1 only; murmur3 has no sign in any SDK")
	}
	if !isSeed(s.TrafficAllocationSeed) {
		add(&list, "hash.traffic_allocation_seed", strconv.FormatInt(s.TrafficAllocationSeed, 10), "has more than 32 bits", wantSeed)
	}
	return list
}

func splitRows() []row {
	seed := Parameter{Name: "traffic_allocation_seed", Kind: Integer, Doc: "the flag's \"trafficAllocationSeed\", of 32 bits; wanted where the traffic is below 100%"}
	unsigned := Parameter{Name: "unsigned", Kind: Flag, Doc: "true to hash bytes without a sign as the SDK for Go does; default false, as all others do"}
	const salt = "the flag's \"seed\" as decimal text, such as \"-1980788150\""
	legacy := Entry{Name: "split/1", SDK: "Split (Harness FME), algo 1", Salt: salt, Parameters: []Parameter{seed, unsigned}}
	murmur := Entry{Name: "split/2", SDK: "Split (Harness FME), algo 2", Salt: salt, Parameters: []Parameter{seed}}
	build := func(algo int) func(values) assign.Formula {
		return func(v values) assign.Formula {
			return Split{Algo: algo, TrafficAllocationSeed: v.integer("traffic_allocation_seed"), Unsigned: v.flag("unsigned")}
		}
	}
	return []row{{Entry: legacy, build: build(1)}, {Entry: murmur, build: build(2)}}
}
