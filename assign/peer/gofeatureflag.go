package peer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/touchlift/touchlift/assign"
)

// GOFeatureFlag is the formula of GO Feature Flag: FNV-1a of 32 bits over the bytes of
// flag and key, cut into 1,000 buckets for each percent. The variations are laid end to
// end in REVERSE alphabetical order of their names.
//
// The salt is the name of the flag, the id the bucketing key. The arms carry the names
// of the variations, which decide their order: here, unlike elsewhere, renaming a
// variant moves units. The weights are the percentages; they must come to multiples of
// 0.001 %. The ends of the arms are computed in float64 and cut off as the SDK does it
// on amd64, so that some end one bucket early.
//
// GO Feature Flag has no traffic. Part of it is a variation more, Outside, that takes
// the percentage that is left and whose units are not enrolled. Raising the traffic
// moves the ends of the arms. Only an arm at an end of the line keeps its units, so
// nobody moves with two arms and an Outside whose name sorts between them; with one
// that sorts before or behind both, half of the enrolled units change arm from 10 % to
// 20 %. The end variation of a progressive rollout comes first whatever its name: use
// one arm, and for Outside a name that sorts before it, such as "!".
//
// Flaws: flags with similar names get dependent arms (phi 0.34 to 0.46). No separator
// stands between flag and key. Adding an arm moves units between the others. The SDK
// adds the percentages up in the random order of a map: where that decides whether the
// sum falls below 100, units there flicker between two mappings, and the percentages
// are an error here. Whole percents and halves are safe; of random layouts with three
// decimals more than a third are not.
type GOFeatureFlag struct {
	// Outside is the variation of the units that are not enrolled. Wanted where the
	// traffic is below 100%; its name must not be that of an arm.
	Outside string `json:"outside,omitempty"`
	// Sum is what the percentages of the rule add up to, from 1 to 4294967. Default 100.
	Sum int64 `json:"sum,omitempty"`
}

const (
	goFeatureFlagParts = 1000                             // buckets of a percent
	goFeatureFlagSum   = (1<<32 - 1) / goFeatureFlagParts // the largest sum whose buckets fit in 32 bits
)

// Name is "gofeatureflag/1".
func (GOFeatureFlag) Name() string { return "gofeatureflag/1" }

// Bucket returns the key's bucket for that flag, from 0 to 1,000 * Sum - 1.
func (g GOFeatureFlag) Bucket(flag, key string) uint32 {
	return fnv8(fnv8(fnvBasis, flag), key) % uint32(g.sum()*goFeatureFlagParts)
}

// sum is the one that is given, or 100 if it is out of range, too.
func (g GOFeatureFlag) sum() uint64 {
	if g.Sum <= 0 || g.Sum > goFeatureFlagSum {
		return 100
	}
	return uint64(g.Sum)
}

// fnv8 continues an FNV-1a of 32 bits with the bytes of a text.
func fnv8(h uint32, text string) uint32 {
	for i := range len(text) {
		h = (h ^ uint32(text[i])) * fnvPrime
	}
	return h
}

// goVariation is a variation of a rule; the arm of Outside is -1.
type goVariation struct {
	name       string
	arm        int
	percentage float64
}

// Bucketing lays the arms out as the SDK does. Its errors are percentages that are not
// multiples of 0.001 % or whose sum depends on their order, and a traffic below 100%
// without Outside.
func (g GOFeatureFlag) Bucketing(spec assign.Spec) (assign.Bucketing, error) {
	list := g.Problems()
	counts := bucketsOf(&list, spec.Arms, spec.Traffic, g.sum()*goFeatureFlagParts)
	left := g.sum() * goFeatureFlagParts
	var all []goVariation
	for i, arm := range spec.Arms {
		left -= counts[i]
		all = append(all, goVariation{arm.Variant, i, float64(counts[i]) / goFeatureFlagParts})
		if arm.Variant == g.Outside {
			add(&list, "hash.outside", g.Outside, fmt.Sprintf("is the variant of arms[%d]", i), "want the variation of the units that are not enrolled")
		}
	}
	if g.Outside != "" {
		all = append(all, goVariation{g.Outside, -1, float64(left) / goFeatureFlagParts})
	} else if rational(spec.Traffic).Cmp(rational(assign.Share{})) != 0 {
		add(&list, "hash.outside", "", "is missing, and the traffic is below 100%",
			"want the name of the variation that takes the rest of the percentages; GO Feature Flag has no traffic")
	}
	if len(list) == 0 {
		if b := goLayout(&list, spec.Salt, all); b != nil {
			return b, nil
		}
	}
	return nil, list
}

// goLayout returns nil and a problem if the SDK's number of buckets is a matter of chance.
func goLayout(list *assign.SpecErrors, flag string, all []goVariation) *goBuckets {
	slices.SortFunc(all, func(a, b goVariation) int { return strings.Compare(b.name, a.name) })
	b := goBuckets{state: fnv8(fnvBasis, flag)}
	var end float64
	var parts []float64
	for _, one := range all {
		// The conversion keeps processors from fusing the product with the sum.
		end += float64(one.percentage * goFeatureFlagParts)
		b.ends = append(b.ends, uint64(uint32(end)))
		b.arms = append(b.arms, one.arm)
		if one.percentage > 0 {
			parts = append(parts, one.percentage)
		}
	}
	least, most := goSums(parts)
	if b.buckets = uint32(least * goFeatureFlagParts); b.buckets != uint32(most*goFeatureFlagParts) {
		add(list, "arms", len(all), fmt.Sprintf("variations, whose percentages the SDK adds up to %v or to %v as it happens", least, most),
			"want percentages whose sum does not depend on their order, such as whole ones")
		return nil
	}
	return &b
}

// goMaxOrders is the most percentages of which every order is tried.
const goMaxOrders = 12

// goSums returns the least and the largest float64 that the parts add up to, over all
// orders. With more than goMaxOrders parts that are not exact it returns bounds: every
// addition may be off by half a unit in the last place of the sum.
func goSums(parts []float64) (least, most float64) {
	var sum float64
	exact := true
	for _, part := range parts {
		sum += part
		exact = exact && part*8 == float64(int64(part*8))
	}
	if exact {
		return sum, sum
	}
	if len(parts) > goMaxOrders {
		slack := sum * float64(len(parts)) / (1 << 52)
		return sum - slack, sum + slack
	}
	// sums[set] holds what the parts of the set add up to, in whatever order.
	sums := make([]map[float64]bool, 1<<len(parts))
	sums[0] = map[float64]bool{0: true}
	for set := 1; set < len(sums); set++ {
		sums[set] = map[float64]bool{}
		for i, part := range parts {
			if set&(1<<i) == 0 {
				continue
			}
			for before := range sums[set&^(1<<i)] {
				sums[set][before+part] = true
			}
		}
	}
	least, most = sum, sum
	for total := range sums[len(sums)-1] {
		least, most = min(least, total), max(most, total)
	}
	return least, most
}

// goBuckets implements [assign.Bucketing].
type goBuckets struct {
	state   uint32 // behind the flag
	buckets uint32
	ends    []uint64
	arms    []int // the arm that ends there
}

// Arm implements [assign.Bucketing].
func (b *goBuckets) Arm(id string) (index int, enrolled bool) {
	at, found := armBelow(b.ends, uint64(fnv8(b.state, id)%b.buckets))
	if !found {
		return -1, false
	}
	return b.arms[at], b.arms[at] >= 0
}

// Problems implements [assign.Judged].
func (g GOFeatureFlag) Problems() assign.SpecErrors {
	var list assign.SpecErrors
	if g.Sum < 0 || g.Sum > goFeatureFlagSum {
		add(&list, "hash.sum", fmt.Sprint(g.Sum), "is no sum of percentages",
			fmt.Sprintf("want it from 1 to %d, or none for 100", goFeatureFlagSum))
	}
	return list
}

func goFeatureFlagRows() []row {
	entry := Entry{
		Name: "gofeatureflag/1", SDK: "GO Feature Flag", Salt: "the name of the flag",
		Parameters: []Parameter{
			{Name: "outside", Kind: Text, Doc: "the variation of the units that are not enrolled; wanted where the traffic is below 100%"},
			{Name: "sum", Kind: Integer, Doc: "what the percentages of the rule add up to; default 100"},
		},
	}
	return []row{{Entry: entry, build: func(v values) assign.Formula {
		return GOFeatureFlag{Outside: v.text("outside"), Sum: v.integer("sum")}
	}}}
}
