package stats

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/stats/internal/special"
)

// At g = 1 exactly the quadratic loses its square: the set is a half-line.
func TestFiellerHalfLine(t *testing.T) {
	z := special.NormalUpper(0.025)
	at := func(num float64) fieller {
		return fieller{num: num, den: z, varNum: 1, varDen: 1, spread: spread{linear: num*num + z*z, constant: 1}}
	}
	set := at(5).set(Options{Alpha: 0.05})
	require.Equal(t, UpperUnbounded, set.Kind)
	require.True(t, math.IsInf(set.High, 1))
	// (5 - R z)^2 = z^2 (1 + R^2) at the end.
	gap := 5 - set.Low*z
	require.InEpsilon(t, z*z*(1+set.Low*set.Low), gap*gap, 1e-12)
	require.True(t, set.Contains(5/z), "the estimate is in its set")

	set = at(-5).set(Options{Alpha: 0.05})
	require.Equal(t, LowerUnbounded, set.Kind)
	require.True(t, set.Contains(-5/z))
	require.Equal(t, Unbounded, at(0).set(Options{Alpha: 0.05}).Kind)
}

// The set changes its kind, and never loses the estimate, as the baseline
// sinks into its noise.
func TestFiellerKindsFollowG(t *testing.T) {
	kinds := map[IntervalKind]int{}
	for _, baseline := range []float64{5, 2, 1.97, 1.95, 1, 0.5, 0.1, 0.001} {
		for _, mean := range []float64{-6, -1, 0, 0.5, 3, 9} {
			f := fieller{num: mean, den: baseline, varNum: 1, varDen: 1,
				spread: spread{linear: mean*mean + baseline*baseline, constant: 1}}
			set := f.set(Options{Alpha: 0.05})
			g := math.Pow(special.NormalUpper(0.025)/baseline, 2)
			require.Equal(t, g < 1, set.Kind == Bounded, "g = %g", g)
			require.True(t, set.Contains(mean/baseline), "%v without %g", set, mean/baseline)
			kinds[set.Kind]++
		}
	}
	require.Len(t, kinds, 3, "bounded, exclusive and unbounded: %v", kinds)
}
