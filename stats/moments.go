package stats

import (
	"encoding/binary"
	"encoding/json"
	"math"

	"gonum.org/v1/gonum/stat"
)

// Moments summarises values of a metric, one value per unit: how many, their
// mean, and the sum of squared deviations from that mean. The zero value is
// the summary of no values. It is all that the procedures on means need, and
// summaries of shards merge into the summary of the whole.
//
// A NaN or an infinity among the values stays visible: [Moments.Validate]
// returns [ErrNonFinite], and so does every procedure.
type Moments struct {
	N    int64   // number of units
	Mean float64 // in the unit of the metric
	M2   float64 // sum of (value - Mean)^2
}

// Summarize returns the moments of values, by gonum's stat.PopMeanVariance: two
// passes, the second corrected for the rounding of the mean (Chan, Golub and
// LeVeque 1983, equation 1.7). Equal values have M2 of exactly 0. It agrees with
// Add to some 1e-11, and holds M2 better far from 0: to 1e-13 for values of
// 1e8 +- 1, where Add holds 8 digits. It neither changes nor keeps the slice,
// and does not allocate.
func Summarize(values []float64) Moments {
	if len(values) == 0 {
		return Moments{}
	}
	if allEqual(values) { // where the rounding of their mean would leave a variance
		var m Moments
		m.Add(values[0])
		m.N = int64(len(values))
		return m
	}
	mean, variance := stat.PopMeanVariance(values, nil)
	return Moments{N: int64(len(values)), Mean: mean, M2: math.Max(0, variance*float64(len(values)))}
}

// allEqual reports whether values are all the same; a NaN is not.
func allEqual(values []float64) bool {
	for _, v := range values[1:] {
		if v != values[0] {
			return false
		}
	}
	return true
}

// Add counts one more value in (Welford 1962). It does not allocate.
func (m *Moments) Add(x float64) {
	m.N++
	delta := x - m.Mean
	m.Mean += delta / float64(m.N)
	m.M2 += delta * (x - m.Mean)
}

// Merge adds the units of other to m, as if their values had been added one by
// one (Chan, Golub and LeVeque 1983). The units must be different ones. It
// does not allocate.
func (m *Moments) Merge(other Moments) {
	if other == (Moments{}) {
		return
	}
	if *m == (Moments{}) {
		*m = other
		return
	}
	n := m.N + other.N
	share := float64(other.N) / float64(n)
	delta := other.Mean - m.Mean
	m.M2 += other.M2 + delta*delta*float64(m.N)*share
	m.Mean += delta * share
	m.N = n
}

// Variance returns the sample variance M2/(N-1). It is NaN for fewer than two
// units.
func (m Moments) Variance() float64 {
	if m.N < 2 {
		return math.NaN()
	}
	return m.M2 / float64(m.N-1)
}

// StdDev returns the sample standard deviation, the root of Variance. It is
// NaN for fewer than two units.
func (m Moments) StdDev() float64 { return math.Sqrt(m.Variance()) }

// Validate returns [ErrNonFinite] where a NaN, an infinity or an overflow
// reached the summary, and [ErrInvalidSummary] where no data can have it: a
// negative N or M2, or a mean without units. The summary of no values is
// valid.
func (m Moments) Validate() error { return m.validate("moments") }

func (m Moments) validate(input string) error {
	switch {
	case m.N < 0:
		return &InputError{Kind: ErrInvalidSummary, Input: input + ".N", Value: float64(m.N),
			Want: "want a number of units that is not negative"}
	case !isFinite(m.Mean):
		return &InputError{Kind: ErrNonFinite, Input: input + ".Mean", Value: m.Mean,
			Want: "a value that is NaN, infinite or too large was added; find and remove it"}
	case !isFinite(m.M2):
		return &InputError{Kind: ErrNonFinite, Input: input + ".M2", Value: m.M2,
			Want: "a value that is NaN, infinite or too large was added; find and remove it"}
	case m.M2 < 0:
		return &InputError{Kind: ErrInvalidSummary, Input: input + ".M2", Value: m.M2,
			Want: "want a sum of squares, which is not negative"}
	case m.N == 0 && (m.Mean != 0 || m.M2 != 0):
		return &InputError{Kind: ErrInvalidSummary, Input: input + ".N", Value: 0,
			Want: "no units, and yet a mean or a sum of squares; want N above 0"}
	}
	return nil
}

func isFinite(v float64) bool { return v-v == 0 }

type momentsJSON struct {
	N    int64   `json:"n"`
	Mean float64 `json:"mean"`
	M2   float64 `json:"m2"`
}

// MarshalJSON writes {"n": ..., "mean": ..., "m2": ...}, or the error of
// Validate.
func (m Moments) MarshalJSON() ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return json.Marshal(momentsJSON(m))
}

// UnmarshalJSON reads what MarshalJSON writes. It refuses a missing key and
// what Validate refuses.
func (m *Moments) UnmarshalJSON(data []byte) error {
	var v struct {
		N    *int64   `json:"n"`
		Mean *float64 `json:"mean"`
		M2   *float64 `json:"m2"`
	}
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	if v.N == nil || v.Mean == nil || v.M2 == nil {
		return missingKey("moments", "n, mean and m2")
	}
	read := Moments{N: *v.N, Mean: *v.Mean, M2: *v.M2}
	if err := read.Validate(); err != nil {
		return err
	}
	*m = read
	return nil
}

func missingKey(input, keys string) error {
	return &InputError{Kind: ErrInvalidSummary, Input: input + " in JSON", Value: math.NaN(),
		Want: "want the keys " + keys}
}

const momentsFormat = 1 // first byte of the binary form

// MarshalBinary returns 25 bytes: a format byte, then N, Mean and M2, big
// endian. Unlike JSON it carries a summary that is not finite, so that a shard
// with a NaN is found out where it is merged.
func (m Moments) MarshalBinary() ([]byte, error) {
	data := make([]byte, 1, 25)
	data[0] = momentsFormat
	data = binary.BigEndian.AppendUint64(data, uint64(m.N))
	data = binary.BigEndian.AppendUint64(data, math.Float64bits(m.Mean))
	return binary.BigEndian.AppendUint64(data, math.Float64bits(m.M2)), nil
}

// UnmarshalBinary reads what MarshalBinary writes. It refuses another length
// or format; call Validate to judge the numbers.
func (m *Moments) UnmarshalBinary(data []byte) error {
	if len(data) != 25 || data[0] != momentsFormat {
		return badBinary("moments", len(data), 25)
	}
	m.N = int64(binary.BigEndian.Uint64(data[1:]))
	m.Mean = math.Float64frombits(binary.BigEndian.Uint64(data[9:]))
	m.M2 = math.Float64frombits(binary.BigEndian.Uint64(data[17:]))
	return nil
}
