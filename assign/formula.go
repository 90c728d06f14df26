package assign

// Formula is a way to lay arms and traffic out over ids. The zero value of
// [Spec].Hash is touchlift/1, the formula of this package; package peer has those of
// other SDKs, so that an experiment can be taken over without moving anybody.
type Formula interface {
	// Name as it stands in a configuration, such as "growthbook/2".
	Name() string
	// Bucketing lays the spec out as the formula's SDK does. [NewSplit] has judged
	// salt, arms and traffic before; the spec has no phases. What the formula
	// cannot express is an error, every problem at once: a [SpecErrors].
	Bucketing(spec Spec) (Bucketing, error)
}

// Bucketing maps ids to arms. It is immutable and safe for concurrent use.
type Bucketing interface {
	// Arm returns the index of the id's arm in [Spec].Arms and whether the unit is
	// enrolled; the index is -1 if it is not. The id is not empty and has no zero byte.
	Arm(id string) (index int, enrolled bool)
}
