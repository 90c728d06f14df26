package experiment

import "github.com/touchlift/touchlift/experiment/audience"

// Declaration gives an attribute its type.
type Declaration struct {
	// Key is the name of the attribute.
	Key string `json:"key"`
	// Type of its values: audience.TypeString, TypeNumber or TypeBool.
	Type audience.Type `json:"type"`
}

// Segment is a rule with a name: segment("name") in another rule.
type Segment struct {
	Key string `json:"key"`
	// Audience is the rule.
	Audience string `json:"audience"`
}

// Exclusions are rules for subjects that no experiment is about: they meet
// control and nothing is recorded of them.
type Exclusions struct {
	// Bots are machines.
	Bots string `json:"bots,omitempty"`
	// Internal is one's own people.
	Internal string `json:"internal,omitempty"`
}
