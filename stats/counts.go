package stats

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
)

// Counts summarises a yes-or-no metric: how many of N units did the thing.
// The zero value is the summary of no units.
type Counts struct {
	Successes int64 // units that did, from 0 to N
	N         int64 // all units
}

// Add counts one more unit in. It does not allocate.
func (c *Counts) Add(success bool) {
	c.N++
	if success {
		c.Successes++
	}
}

// Merge adds the units of other, which must be different ones. It does not
// allocate.
func (c *Counts) Merge(other Counts) {
	c.Successes += other.Successes
	c.N += other.N
}

// Rate returns Successes/N. It is NaN for no units.
func (c Counts) Rate() float64 {
	if c.N == 0 {
		return math.NaN()
	}
	return float64(c.Successes) / float64(c.N)
}

// Moments returns the moments of the 0 and 1 values, for the procedures that
// work on means, such as Lift and Welch.
func (c Counts) Moments() Moments {
	if c.N == 0 {
		return Moments{}
	}
	rate := c.Rate()
	return Moments{N: c.N, Mean: rate, M2: rate * float64(c.N-c.Successes)}
}

// Validate returns [ErrInvalidSummary] where a count is negative or more units
// succeeded than there are. The summary of no units is valid.
func (c Counts) Validate() error { return c.validate("counts") }

func (c Counts) validate(input string) error {
	switch {
	case c.N < 0:
		return &InputError{Kind: ErrInvalidSummary, Input: input + ".N", Value: float64(c.N),
			Want: "want a number of units that is not negative"}
	case c.Successes < 0 || c.Successes > c.N:
		return &InputError{Kind: ErrInvalidSummary, Input: input + ".Successes", Value: float64(c.Successes),
			Want: fmt.Sprintf("want a number from 0 to N = %d; count units that did, not events", c.N)}
	}
	return nil
}

type countsJSON struct {
	Successes int64 `json:"successes"`
	N         int64 `json:"n"`
}

// MarshalJSON writes {"successes": ..., "n": ...}, or the error of Validate.
func (c Counts) MarshalJSON() ([]byte, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return json.Marshal(countsJSON(c))
}

// UnmarshalJSON reads what MarshalJSON writes. It refuses a missing key and
// what Validate refuses.
func (c *Counts) UnmarshalJSON(data []byte) error {
	var v struct {
		Successes *int64 `json:"successes"`
		N         *int64 `json:"n"`
	}
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	if v.Successes == nil || v.N == nil {
		return missingKey("counts", "successes and n")
	}
	read := Counts{Successes: *v.Successes, N: *v.N}
	if err := read.Validate(); err != nil {
		return err
	}
	*c = read
	return nil
}

const countsFormat = 2 // first byte of the binary form

// MarshalBinary returns 17 bytes: a format byte, then Successes and N, big
// endian.
func (c Counts) MarshalBinary() ([]byte, error) {
	data := make([]byte, 1, 17)
	data[0] = countsFormat
	data = binary.BigEndian.AppendUint64(data, uint64(c.Successes))
	return binary.BigEndian.AppendUint64(data, uint64(c.N)), nil
}

// UnmarshalBinary reads what MarshalBinary writes. It refuses another length
// or format; call Validate to judge the numbers.
func (c *Counts) UnmarshalBinary(data []byte) error {
	if len(data) != 17 || data[0] != countsFormat {
		return badBinary("counts", len(data), 17)
	}
	c.Successes = int64(binary.BigEndian.Uint64(data[1:]))
	c.N = int64(binary.BigEndian.Uint64(data[9:]))
	return nil
}

func badBinary(input string, length, want int) error {
	return &InputError{Kind: ErrInvalidSummary, Input: input + " in binary form, length", Value: float64(length),
		Want: fmt.Sprintf("want %d bytes as MarshalBinary writes them", want)}
}
