package experiment

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/touchlift/touchlift/experiment/audience"
)

// Revision returns the content hash of the definition, 12 hexadecimal digits:
// equal definitions have equal revisions. It is for audit and part of no key.
// It is empty where Validate refuses a payload or a date.
func (e *Experiment) Revision() string { return hashOf(e.content()) }

// Revision returns the content hash of an experiment together with all that its rules
// refer to in the catalogue: attributes, segments, exclusions, its layer, its holdouts
// and the experiment that it requires. It is that of [Experiment.Revision] where there is nothing of that. A
// [Decision] carries it.
func (c *Catalog) Revision(e *Experiment) string {
	context := struct {
		Attributes map[string]audience.Type `json:"attributes,omitempty"`
		Segments   map[string]string        `json:"segments,omitempty"`
		Exclusions Exclusions               `json:"exclusions,omitzero"`
		Layer      *Layer                   `json:"layer,omitempty"`
		Holdouts   []*Holdout               `json:"holdouts,omitempty"`
		Requires   string                   `json:"requires,omitempty"`
	}{Exclusions: c.Exclusions, Holdouts: c.HoldoutsOf(e)}
	if e.Audience != "" || c.Exclusions != (Exclusions{}) {
		schema := c.schema()
		context.Attributes, context.Segments = schema.Attributes, schema.Segments
	}
	if l, ok := c.Layer(e.Layer.Layer); ok {
		context.Layer = l
	}
	if required, ok := c.Experiment(e.Requires.Experiment); ok && e.Requires.Experiment != e.Key {
		context.Requires = required.Revision()
	}
	empty := context.Requires == "" && len(context.Attributes)+len(context.Segments)+len(context.Holdouts) == 0 &&
		context.Layer == nil && context.Exclusions == (Exclusions{})
	if empty {
		return e.Revision()
	}
	return hashOf([]any{e.content(), context})
}

// content is the definition with times in one zone and the formula by name.
func (e *Experiment) content() any {
	same := *e
	same.Starts, same.Ends, same.Concluded.At = e.Starts.UTC(), e.Ends.UTC(), e.Concluded.At.UTC()
	same.Traffic, same.Phases = slices.Clone(e.Traffic), slices.Clone(e.Phases)
	for i := range same.Traffic {
		same.Traffic[i].From = same.Traffic[i].From.UTC()
	}
	for i := range same.Phases {
		same.Phases[i].From = same.Phases[i].From.UTC()
	}
	named := struct {
		Experiment
		Formula string `json:"formula,omitempty"`
	}{Experiment: same}
	if e.Hash != nil {
		named.Formula = e.Hash.Name()
	}
	return named
}

func hashOf(content any) string {
	text, err := json.Marshal(content)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}
