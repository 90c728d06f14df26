package peer

import "encoding/json"

// marshal writes the fields behind the name of the formula, because the fields alone do
// not tell formulas apart: many have only defaults.
func marshal(name string, fields any) ([]byte, error) {
	text, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	quoted, err := json.Marshal(name)
	if err != nil {
		return nil, err
	}
	start := append([]byte(`{"name":`), quoted...)
	if len(text) > len(`{}`) {
		start = append(start, ',')
	}
	return append(start, text[1:]...), nil
}

// MarshalJSON writes the name and the parameters of [Parse]; the same for the same
// formula, always.
func (g GrowthBook) MarshalJSON() ([]byte, error) {
	type fields GrowthBook
	name := g.Name()
	g.Version = 0 // the name has it
	return marshal(name, fields(g))
}

// MarshalJSON writes the name and the parameters of [Parse]; the same for the same
// formula, always.
func (s Split) MarshalJSON() ([]byte, error) {
	type fields Split
	name := s.Name()
	s.Algo = 0 // the name has it
	return marshal(name, fields(s))
}

// MarshalJSON writes the name and the parameters of [Parse]; the same for the same
// formula, always.
func (l LaunchDarkly) MarshalJSON() ([]byte, error) {
	type fields LaunchDarkly
	if l.FlagSalt == "" && l.Seed == nil {
		return marshal(l.Name(), struct {
			FlagSalt string `json:"flag_salt"` // written out, as Parse wants it
			fields
		}{fields: fields(l)})
	}
	return marshal(l.Name(), fields(l))
}

// MarshalJSON writes the name and the parameters of [Parse]; the same for the same
// formula, always.
func (s Statsig) MarshalJSON() ([]byte, error) {
	type fields Statsig
	return marshal(s.Name(), fields(s))
}

// MarshalJSON writes the name and the parameters of [Parse]; the same for the same
// formula, always.
func (o Optimizely) MarshalJSON() ([]byte, error) {
	type fields Optimizely
	return marshal(o.Name(), fields(o))
}

// MarshalJSON writes the name and the parameters of [Parse]; the same for the same
// formula, always.
func (e Eppo) MarshalJSON() ([]byte, error) {
	type fields Eppo
	return marshal(e.Name(), fields(e))
}

// MarshalJSON writes the name and the parameters of [Parse]; the same for the same
// formula, always.
func (e EppoLegacy) MarshalJSON() ([]byte, error) {
	type fields EppoLegacy
	return marshal(e.Name(), fields(e))
}

// MarshalJSON writes the name and the parameters of [Parse]; the same for the same
// formula, always.
func (u Unleash) MarshalJSON() ([]byte, error) {
	type fields Unleash
	return marshal(u.Name(), fields(u))
}

// MarshalJSON writes the name and the parameters of [Parse]; the same for the same
// formula, always.
func (g GOFeatureFlag) MarshalJSON() ([]byte, error) {
	type fields GOFeatureFlag
	return marshal(g.Name(), fields(g))
}

// MarshalJSON writes the name and the parameters of [Parse]; the same for the same
// formula, always.
func (p PlanOut) MarshalJSON() ([]byte, error) {
	type fields PlanOut
	return marshal(p.Name(), fields(p))
}

// MarshalJSON writes the name and the parameters of [Parse]; the same for the same
// formula, always.
func (p PostHog) MarshalJSON() ([]byte, error) {
	type fields PostHog
	return marshal(p.Name(), fields(p))
}
