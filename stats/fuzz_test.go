package stats_test

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/stats"
)

// FromSums returns sound moments or a typed error, whatever comes in, and
// never a variance that the sums do not hold.
func FuzzFromSums(f *testing.F) {
	f.Add(int64(3), 0.0, 6.0, 14.0)
	f.Add(int64(1001), 0.0, 1.00100020e10, 1.0010004e17) // ill-conditioned
	f.Add(int64(1), 5.0, 0.0, 0.0)
	f.Add(int64(0), 0.0, 0.0, 0.0)
	f.Add(int64(-1), 0.0, 1.0, 1.0)
	f.Add(int64(2), math.NaN(), 1.0, 1.0)
	f.Add(int64(2), 1e308, 1e308, 1e308)
	f.Add(int64(7), 0.0, 7.0, 7.0) // seven ones
	f.Fuzz(func(t *testing.T, n int64, pivot, sum, sumSquares float64) {
		m, err := stats.FromSums(n, pivot, sum, sumSquares)
		if err != nil {
			var input *stats.InputError
			require.True(t, errors.As(err, &input))
			require.Equal(t, stats.Moments{}, m)
			return
		}
		require.NoError(t, m.Validate())
		require.Equal(t, n, m.N)
		require.LessOrEqual(t, m.M2, sumSquares*(1+1e-7))
	})
}

// A decoder takes what the encoder writes, refuses the rest, and never panics.
func FuzzMomentsDecoding(f *testing.F) {
	binary, err := stats.Moments{N: 3, Mean: 2, M2: 2}.MarshalBinary()
	require.NoError(f, err)
	f.Add(binary)
	f.Add([]byte(`{"n":3,"mean":2,"m2":2}`))
	f.Add([]byte(`{"n":-3,"mean":2,"m2":2}`))
	f.Add([]byte(`{"n":3,"mean":2}`))
	f.Add([]byte{1})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		var m stats.Moments
		if m.UnmarshalBinary(data) == nil {
			again, err := m.MarshalBinary()
			require.NoError(t, err)
			require.Equal(t, data, again)
		}
		var fromJSON stats.Moments
		if json.Unmarshal(data, &fromJSON) == nil {
			require.NoError(t, fromJSON.Validate(), "refused while reading")
			text, err := json.Marshal(fromJSON)
			require.NoError(t, err)
			var again stats.Moments
			require.NoError(t, json.Unmarshal(text, &again))
			require.Equal(t, fromJSON, again)
		}
	})
}
