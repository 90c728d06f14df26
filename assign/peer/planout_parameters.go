package peer

import (
	"fmt"
	"math/big"

	"github.com/touchlift/touchlift/assign"
)

func indexed(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

// checkTraffic holds the traffic against what enrols.
func (p PlanOut) checkTraffic(list *assign.SpecErrors, traffic assign.Share) {
	share := rational(traffic)
	if p.Namespace == "" {
		if p.Gate == "" && share.Cmp(big.NewRat(1, 1)) != 0 {
			add(list, "hash.gate", "", "is missing, and the traffic is below 100%",
				"want the salt of the bernoulliTrial that enrols, or hash.namespace with its hash.segments")
		}
		return
	}
	if p.NumSegments <= 0 {
		return // that is a problem already
	}
	own := new(big.Rat)
	for _, s := range p.Segments {
		own.Add(own, big.NewRat(s.To-s.From, p.NumSegments))
	}
	if own.Cmp(share) != 0 {
		add(list, "traffic", traffic, "is not the share of the segments, which is "+own.String(), "want traffic "+own.String()+", or the segments that the namespace gave")
	}
}

// Problems implements [assign.Judged].
func (p PlanOut) Problems() assign.SpecErrors {
	var list assign.SpecErrors
	if p.Param == "" && p.FullSalt == "" {
		add(&list, "hash.param", "", "is missing, and so is hash.full_salt", "want the operator's \"salt\" or else the name of its parameter")
	}
	if p.Param != "" && p.FullSalt != "" {
		add(&list, "hash.full_salt", p.FullSalt, "stands beside hash.param", "want one of the two; PlanOut hashes only hash.full_salt")
	}
	if p.Operator != "" && p.Operator != planOutUniform && p.Operator != planOutWeighted {
		add(&list, "hash.operator", p.Operator, "is no operator that picks an arm", "want "+planOutUniform+" or "+planOutWeighted)
	}
	if p.Scale < 0 || p.Scale > 0 && p.Operator != planOutWeighted {
		add(&list, "hash.scale", fmt.Sprint(p.Scale), "does not scale weights", "want a number above 0, with hash.operator "+planOutWeighted)
	}
	if p.Gate != "" && p.Namespace != "" {
		add(&list, "hash.gate", p.Gate, "stands beside hash.namespace", "want one of the two; the traffic is that of the one")
	}
	p.judgeNamespace(&list)
	return list
}

func (p PlanOut) judgeNamespace(list *assign.SpecErrors) {
	if p.Namespace == "" {
		if p.NumSegments != 0 || len(p.Segments) > 0 {
			add(list, "hash.namespace", "", "is empty but has segments", "want the name of the namespace, or no hash.num_segments and hash.segments")
		}
		return
	}
	if p.NumSegments <= 0 {
		add(list, "hash.num_segments", fmt.Sprint(p.NumSegments), "is no number of segments", "want the namespace's \"num_segments\", at least 1")
		return
	}
	for i, s := range p.Segments {
		if s.From < 0 || s.From >= s.To || s.To > p.NumSegments {
			add(list, "hash."+indexed("segments", i), s, "is no range of segments",
				fmt.Sprintf("want from and to with 0 <= from < to <= %d", p.NumSegments))
		}
	}
	sorted := p.inOrder()
	for i := 1; i < len(sorted); i++ {
		if sorted[i].From < sorted[i-1].To {
			add(list, "hash.segments", sorted[i], fmt.Sprintf("overlaps %v", sorted[i-1]), "want every segment once")
		}
	}
}

func planOutRows() []row {
	entry := Entry{
		Name: "planout/1", SDK: "PlanOut",
		Salt: "the salt of the experiment, by default its name; in a namespace \"namespace.experiment\"",
		Parameters: []Parameter{
			{Name: "param", Kind: Text, Doc: "the operator's \"salt\", by default the name of its parameter; wanted without full_salt"},
			{Name: "full_salt", Kind: Text, Doc: "the operator's \"full_salt\", which replaces salt and param"},
			{Name: "operator", Kind: Text, Doc: "uniformChoice or weightedChoice; default uniformChoice"},
			{Name: "scale", Kind: Integer, Doc: "what the weights are divided by: 10 if 4 stands for the script's 0.4; default 1"},
			{Name: "gate", Kind: Text, Doc: "the salt of the bernoulliTrial that enrols, by default the name of its parameter"},
			{Name: "namespace", Kind: Text, Doc: "the name of the namespace that the experiment runs in; default none"},
			{Name: "num_segments", Kind: Integer, Doc: "the namespace's \"num_segments\""},
			{Name: "segments", Kind: List, Doc: "the experiment's segments in the namespace, a list of {from, to}", Items: []Parameter{
				{Name: "from", Kind: Integer, Required: true, Doc: "the first segment; they count from 0"},
				{Name: "to", Kind: Integer, Required: true, Doc: "the segment behind the last"},
			}},
		},
	}
	return []row{{Entry: entry, build: buildPlanOut}}
}

func buildPlanOut(v values) assign.Formula {
	p := PlanOut{
		Param: v.text("param"), FullSalt: v.text("full_salt"), Operator: v.text("operator"), Scale: v.integer("scale"),
		Gate: v.text("gate"), Namespace: v.text("namespace"), NumSegments: v.integer("num_segments"),
	}
	for _, item := range v.items("segments") {
		p.Segments = append(p.Segments, PlanOutSegments{From: item.integer("from"), To: item.integer("to")})
	}
	return p
}
