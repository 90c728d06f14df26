package experiment

import "slices"

// Catalog is everything that is configured.
type Catalog struct {
	Touchpoints []Touchpoint `json:"touchpoints"`
	Metrics     []Metric     `json:"metrics"`
	Experiments []Experiment `json:"experiments"`
	// Attributes that rules may speak of, with their types.
	Attributes []Declaration `json:"attributes,omitempty"`
	// Segments are rules with a name, for use in other rules.
	Segments []Segment `json:"segments,omitempty"`
	// Layers and Holdouts that span experiments.
	Layers   []Layer   `json:"layers,omitempty"`
	Holdouts []Holdout `json:"holdouts,omitempty"`
	// Exclusions keep bots and one's own people out of every experiment.
	Exclusions Exclusions `json:"exclusions,omitzero"`
}

// Experiment returns the experiment of that key, and whether there is one.
func (c *Catalog) Experiment(key string) (*Experiment, bool) {
	for i := range c.Experiments {
		if c.Experiments[i].Key == key {
			return &c.Experiments[i], true
		}
	}
	return nil, false
}

// Metric returns the metric of that key, and whether there is one.
func (c *Catalog) Metric(key string) (*Metric, bool) {
	for i := range c.Metrics {
		if c.Metrics[i].Key == key {
			return &c.Metrics[i], true
		}
	}
	return nil, false
}

// Touchpoint returns the touchpoint of that key, and whether there is one.
func (c *Catalog) Touchpoint(key string) (*Touchpoint, bool) {
	for i := range c.Touchpoints {
		if c.Touchpoints[i].Key == key {
			return &c.Touchpoints[i], true
		}
	}
	return nil, false
}

// Layer returns the layer of that key, and whether there is one.
func (c *Catalog) Layer(key string) (*Layer, bool) {
	for i := range c.Layers {
		if c.Layers[i].Key == key {
			return &c.Layers[i], true
		}
	}
	return nil, false
}

// HoldoutsOf returns the holdouts that an experiment is under, in the order of the
// catalogue: the one that it names and those whose scope it is in, or none if it is
// exempt.
func (c *Catalog) HoldoutsOf(e *Experiment) []*Holdout {
	if e.Holdout == NoHoldout {
		return nil
	}
	var under []*Holdout
	for i := range c.Holdouts {
		if h := &c.Holdouts[i]; h.Key == e.Holdout || c.inScope(h.Scope, e) {
			under = append(under, h)
		}
	}
	return under
}

func (c *Catalog) inScope(s Scope, e *Experiment) bool {
	switch {
	case s.Global:
		return true
	case s.Layer != "":
		return e.Layer.Layer == s.Layer
	case s.Touchpoint != "":
		return slices.Contains(e.Touchpoints, s.Touchpoint)
	case s.Stage != "":
		return slices.ContainsFunc(e.Touchpoints, func(key string) bool {
			t, ok := c.Touchpoint(key)
			return ok && t.Stage == s.Stage
		})
	}
	return false
}
