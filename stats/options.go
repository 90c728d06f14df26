package stats

import (
	"fmt"
	"math"
)

// Alternative says which differences count against "no difference".
// Differences are treatment - control.
type Alternative uint8

const (
	// TwoSided looks for a difference of either sign. The default.
	TwoSided Alternative = iota
	// Greater looks for a treatment above control. Its interval is a lower
	// bound: from Low to +Inf.
	Greater
	// Less looks for a treatment below control. Its interval is an upper
	// bound: from -Inf to High.
	Less
)

var alternativeNames = [...]string{TwoSided: "two_sided", Greater: "greater", Less: "less"}

// String returns two_sided, greater or less.
func (a Alternative) String() string {
	if int(a) < len(alternativeNames) {
		return alternativeNames[a]
	}
	return fmt.Sprintf("Alternative(%d)", uint8(a))
}

// MarshalText returns the name, as String does; an unknown value is an error.
func (a Alternative) MarshalText() ([]byte, error) {
	if int(a) >= len(alternativeNames) {
		return nil, unknownAlternative(a)
	}
	return []byte(a.String()), nil
}

// UnmarshalText reads a name as String writes it.
func (a *Alternative) UnmarshalText(text []byte) error {
	for i, name := range alternativeNames {
		if name == string(text) {
			*a = Alternative(i)
			return nil
		}
	}
	return &InputError{Kind: ErrInvalidOption, Input: "alternative " + fmt.Sprintf("%q", text), Value: math.NaN(),
		Want: "want two_sided, greater or less"}
}

func unknownAlternative(a Alternative) error {
	return &InputError{Kind: ErrInvalidOption, Input: "alternative", Value: float64(a),
		Want: "want TwoSided, Greater or Less"}
}

// Options of a procedure. The zero value is a two-sided test and interval at
// alpha = 0.05.
type Options struct {
	// Alpha is the error rate: the interval has confidence 1 - Alpha, all of
	// it in one tail where Alternative is one-sided. In (0, 1); 0 means 0.05.
	Alpha float64
	// Alternative: TwoSided (default), Greater or Less.
	Alternative Alternative
}

// resolve fills the defaults in and refuses what is outside its domain.
func (o Options) resolve() (Options, error) {
	if o.Alpha == 0 {
		o.Alpha = 0.05
	}
	if !(o.Alpha > 0 && o.Alpha < 1) {
		return o, &InputError{Kind: ErrInvalidOption, Input: "alpha", Value: o.Alpha,
			Want: "want a number between 0 and 1, such as 0.05"}
	}
	if int(o.Alternative) >= len(alternativeNames) {
		return o, unknownAlternative(o.Alternative)
	}
	return o, nil
}

// tailAlpha is the error rate of one end of the interval.
func (o Options) tailAlpha() float64 {
	if o.Alternative == TwoSided {
		return o.Alpha / 2
	}
	return o.Alpha
}
