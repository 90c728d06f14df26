package peer

import (
	"fmt"
	"math"
	"strconv"

	"github.com/touchlift/touchlift/assign"
)

func growthBookRows() []row {
	takes := []Parameter{
		{Name: "namespace", Kind: Text, Doc: "the name of the experiment's namespace; default none"},
		{Name: "namespace_from", Kind: Number, Doc: "where the experiment's part of the namespace starts, from 0 to 1; default 0"},
		{Name: "namespace_to", Kind: Number, Doc: "where the experiment's part of the namespace ends, from 0 to 1; wanted with namespace"},
		{Name: "filters", Kind: List, Doc: "the experiment's \"filters\" on the same id, all of which a unit passes; default none", Items: []Parameter{
			{Name: "seed", Kind: Text, Required: true, Doc: "the filter's \"seed\""},
			{Name: "version", Kind: Count, Doc: "the filter's \"hashVersion\", 1 or 2; default 2"},
			{Name: "ranges", Kind: List, Required: true, Doc: "the filter's \"ranges\", a list of {from, to}", Items: fromTo()},
		}},
		{Name: "ranges", Kind: List, Doc: "the experiment's \"ranges\", a list of {from, to}, one for each arm; default by weights and traffic", Items: fromTo()},
	}
	var all []row
	for _, version := range []int{1, 2} {
		entry := Entry{
			Name: fmt.Sprintf("growthbook/%d", version), SDK: fmt.Sprintf("GrowthBook, hashVersion %d", version),
			Salt: "the experiment's \"seed\" or, where it has none, its \"key\"", Parameters: takes,
		}
		all = append(all, row{Entry: entry, build: func(v values) assign.Formula { return buildGrowthBook(version, v) }})
	}
	return all
}

func fromTo() []Parameter {
	return []Parameter{
		{Name: "from", Kind: Number, Required: true, Doc: "where the range starts, from 0 to 1"},
		{Name: "to", Kind: Number, Required: true, Doc: "where the range ends, from 0 to 1; it does not belong to the range"},
	}
}

func buildGrowthBook(version int, v values) assign.Formula {
	g := GrowthBook{
		Version:       version,
		Namespace:     v.text("namespace"),
		NamespaceFrom: v.number("namespace_from"),
		NamespaceTo:   v.number("namespace_to"),
		Ranges:        buildRanges(v.items("ranges")),
	}
	for _, item := range v.items("filters") {
		g.Filters = append(g.Filters, GrowthBookFilter{
			Seed: item.text("seed"), Version: int(item.integer("version")), Ranges: buildRanges(item.items("ranges")),
		})
	}
	return g
}

func buildRanges(items []values) GrowthBookRanges {
	var list GrowthBookRanges
	for _, item := range items {
		list = append(list, GrowthBookRange{From: item.number("from"), To: item.number("to")})
	}
	return list
}

// Problems implements [assign.Judged].
func (g GrowthBook) Problems() assign.SpecErrors {
	var list assign.SpecErrors
	if v := g.version(); v != 1 && v != 2 {
		add(&list, "hash.version", strconv.Itoa(v), "is no version of GrowthBook's hash", "want 1 or 2, the experiment's \"hashVersion\"")
	}
	g.judgeNamespace(&list)
	for i, filter := range g.Filters {
		path := fmt.Sprintf("hash.filters[%d].", i)
		if v := filter.version(); v != 1 && v != 2 {
			add(&list, path+"version", strconv.Itoa(v), "is no version of GrowthBook's hash", "want 1 or 2, the filter's \"hashVersion\"")
		}
		if len(filter.Ranges) == 0 {
			add(&list, path+"ranges", "", "is empty, so that nobody passes", "want the filter's \"ranges\"")
		}
		for j, r := range filter.Ranges {
			judgeRange(&list, fmt.Sprintf("%sranges[%d].", path, j), r)
		}
	}
	for i, r := range g.Ranges {
		judgeRange(&list, fmt.Sprintf("hash.ranges[%d].", i), r)
	}
	return list
}

func (g GrowthBook) judgeNamespace(list *assign.SpecErrors) {
	part := GrowthBookRange{From: g.NamespaceFrom, To: g.NamespaceTo}
	if g.Namespace == "" {
		if part != (GrowthBookRange{}) {
			add(list, "hash.namespace", "", "is empty but has a range", "want the name of the namespace, or no hash.namespace_from and hash.namespace_to")
		}
		return
	}
	const wantPart = "want the end of the experiment's part of the namespace, such as 0.5; it does not belong to the part"
	switch {
	case part == GrowthBookRange{}:
		add(list, "hash.namespace_to", "", "is missing, so that nobody passes the namespace", wantPart)
	case part.From == part.To:
		add(list, "hash.namespace_to", fmt.Sprint(part.To), "is the start too, so that nobody passes the namespace", wantPart)
	default:
		judgeRange(list, "hash.namespace_", part)
	}
	if len(g.Filters) > 0 {
		add(list, "hash.namespace", g.Namespace, "stands beside hash.filters", "want one of the two; the SDK ignores the namespace")
	}
}

// judgeRange wants 0 <= from <= to <= 1.
func judgeRange(list *assign.SpecErrors, path string, r GrowthBookRange) {
	if !(r.From >= 0 && r.From <= 1) {
		add(list, path+"from", fmt.Sprint(r.From), "is not from 0 to 1", "want the start of the range as in the SDK, such as 0.5")
	}
	if !(r.To >= 0 && r.To <= 1) {
		add(list, path+"to", fmt.Sprint(r.To), "is not from 0 to 1", "want the end of the range as in the SDK, such as 0.5")
	} else if r.To < r.From {
		add(list, path+"to", fmt.Sprint(r.To), fmt.Sprintf("is below the start, %v", r.From), "want an end that is not below the start")
	}
}

// judgeRanges wants a range for each arm that holds as many buckets as weight and
// traffic say, give or take one.
func (g GrowthBook) judgeRanges(list *assign.SpecErrors, spec assign.Spec) {
	if len(g.Ranges) != len(spec.Arms) {
		add(list, "hash.ranges", "", fmt.Sprintf("has %d ranges for %d arms", len(g.Ranges), len(spec.Arms)),
			"want one range for each arm, in the order of the arms")
		return
	}
	buckets := 1000
	if g.version() == 2 {
		buckets = 10000
	}
	held := make([]int, len(spec.Arms))
	for k := range buckets {
		if arm := g.Ranges.Choose(float64(k) / float64(buckets)); arm >= 0 {
			held[arm]++
		}
	}
	for i, fraction := range fractions(spec.Arms) {
		want := fraction * spec.Traffic.Float64() * float64(buckets)
		if math.Abs(float64(held[i])-want) > 1 {
			r := g.Ranges[i]
			add(list, fmt.Sprintf("hash.ranges[%d]", i), fmt.Sprintf("[%v, %v)", r.From, r.To),
				fmt.Sprintf("holds %d of %d buckets, but weight and traffic of arms[%d] come to %.1f", held[i], buckets, i, want),
				"want weights and traffic that say what the ranges hold, because the analysis expects units by them")
		}
	}
}
