package special

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"
)

// gonum computes the normal survival through 1-erf, which is 0 from z = 9 on.
// A tail taken from there would report p = 0 for z = 10.
func TestNormalTailWhereGonumIsZero(t *testing.T) {
	require.Zero(t, distuv.UnitNormal.Survival(9), "gonum has changed; the trap may be gone")
	p, logP := NormalTail(9)
	assert.InEpsilon(t, 1.1285884059538408e-19, p, 1e-12)
	assert.InEpsilon(t, -43.628149113332114, logP, 1e-13)
	p, logP = NormalTail(60) // beyond the smallest double
	assert.Zero(t, p)
	assert.InEpsilon(t, -1805.0135606805672, logP, 1e-13)
}

func TestDomain(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	first := func(p, _ float64) float64 { return p }
	second := func(_, logP float64) float64 { return logP }
	rows := []struct {
		name string
		got  float64
		want float64
	}{
		{"NaN stays NaN in the normal tail", first(NormalTail(nan)), nan},
		{"nothing lies above infinity", first(NormalTail(inf)), 0},
		{"log of nothing is minus infinity", second(NormalTail(inf)), -inf},
		{"everything lies above minus infinity", first(NormalTail(-inf)), 1},
		{"NaN degrees of freedom", first(StudentTail(1, nan)), nan},
		{"negative degrees of freedom", first(StudentTail(1, -2)), nan},
		{"zero degrees of freedom", StudentUpper(0.1, 0), nan},
		{"t above infinity", first(StudentTail(inf, 3)), 0},
		{"log t above infinity", second(StudentTwoSided(inf, 3)), -inf},
		{"t above minus infinity", first(StudentTail(-inf, 3)), 1},
		{"t so large that its square overflows", second(StudentTail(1e200, 1)), -math.Log(math.Pi) - 200*math.Ln10},
		{"median of t", StudentUpper(0.5, 4), 0},
		{"t quantile of 0", StudentUpper(0, 4), inf},
		{"t quantile of 1", StudentUpper(1, 4), -inf},
		{"t quantile of a probability above 1", StudentUpper(1.1, 4), nan},
		{"normal quantile of 0", NormalUpper(0), inf},
		{"normal quantile of 1", NormalUpper(1), -inf},
		{"normal quantile of NaN", NormalUpper(nan), nan},
		{"chi-square below 0", first(ChiSquareTail(-1, 3)), 1},
		{"chi-square of infinity", first(ChiSquareTail(inf, 3)), 0},
		{"chi-square without degrees of freedom", first(ChiSquareTail(1, 0)), nan},
		{"chi-square quantile of 1", ChiSquareUpper(1, 3), 0},
		{"chi-square quantile of 0", ChiSquareUpper(0, 3), inf},
		{"beta below its support", BetaCDF(-0.1, 2, 3), 0},
		{"beta above its support", BetaCDF(1.1, 2, 3), 1},
		{"beta tail above its support", BetaTail(1.1, 2, 3), 0},
		{"beta of a zero parameter", BetaCDF(0.5, 0, 3), nan},
		{"beta quantile ends", BetaQuantile(1, 2, 3), 1},
		{"beta quantile of NaN", BetaQuantile(nan, 2, 3), nan},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			same := within(row.got, row.want, 1e-12, 0) || math.IsNaN(row.got) && math.IsNaN(row.want)
			assert.True(t, same, "got %g, want %g", row.got, row.want)
		})
	}
}

// One checker for every family: a quantile undoes its tail, tails fall, and
// the logarithm is that of the probability.
func TestQuantileUndoesTail(t *testing.T) {
	type family struct {
		name  string
		tail  func(x float64) (float64, float64)
		upper func(p float64) float64
	}
	families := []family{{"normal", NormalTail, NormalUpper}}
	for _, df := range []float64{0.7, 1, 2, 3.3, 17, 19.99, 20, 400, 1e5, 1e8, math.Inf(1)} {
		families = append(families, family{"student",
			func(x float64) (float64, float64) { return StudentTail(x, df) },
			func(p float64) float64 { return StudentUpper(p, df) }})
	}
	for _, df := range []float64{0.4, 1, 2, 5, 60.5, 3000} {
		families = append(families, family{"chi-square",
			func(x float64) (float64, float64) { return ChiSquareTail(x, df) },
			func(p float64) float64 { return ChiSquareUpper(p, df) }})
	}
	for _, f := range families {
		before := math.Inf(1)
		for _, p := range []float64{1e-200, 1e-50, 1e-12, 1e-4, 0.01, 0.025, 0.19, 0.21, 0.3, 0.49, 0.51, 0.9, 0.999} {
			x := f.upper(p)
			got, logGot := f.tail(x)
			require.InEpsilon(t, p, got, 3e-12, "%s p=%g x=%g", f.name, p, x)
			require.InDelta(t, math.Log(got), logGot, 1e-12*math.Max(1, -logGot), f.name)
			require.Less(t, x, before, "%s: quantiles fall as p rises", f.name)
			before = x
		}
	}
}

// The methods for t meet without a step where one takes over from another.
func TestStudentMethodsMeet(t *testing.T) {
	for _, df := range []float64{1.5, 5, 19, 20, 21, 80, 1000} {
		edges := []float64{1.75, math.Sqrt(df), math.Sqrt(df * math.Expm1(0.3))}
		for _, x := range edges {
			below, _ := StudentTail(x*(1-1e-14), df)
			above, _ := StudentTail(x*(1+1e-14), df)
			require.InEpsilon(t, below, above, 1e-11, "df=%g t=%g", df, x)
		}
	}
}

// gonum's chi-square tail and the one that follows below p = 1e-10 meet.
func TestChiSquareMethodsMeet(t *testing.T) {
	for _, df := range []float64{0.4, 2, 3, 17, 80, 503, 9000} {
		edge := ChiSquareUpper(1e-10, df)
		below, logBelow := ChiSquareTail(edge*(1-1e-13), df)
		above, logAbove := ChiSquareTail(edge*(1+1e-13), df)
		require.Greater(t, below, 1e-10, "df=%g: the edge lies between", df)
		require.Less(t, above, 1e-10, "df=%g: the edge lies between", df)
		require.InEpsilon(t, below, above, 1e-10, "df=%g", df)
		require.InEpsilon(t, logBelow, logAbove, 1e-11, "df=%g", df)
	}
}

func TestBetaMirrors(t *testing.T) {
	for _, a := range []float64{0.3, 1, 7, 250, 1e5} {
		for _, b := range []float64{0.8, 3, 40, 9e4} {
			for _, x := range []float64{0.01, 0.25, 0.5, 0.75, 0.99} {
				require.InDelta(t, BetaCDF(x, a, b), BetaTail(1-x, b, a), 1e-11, "a=%g b=%g x=%g", a, b, x)
			}
		}
	}
}

func BenchmarkStudentTwoSided(b *testing.B) {
	benchmarkStudent(b, func(df float64) { StudentTwoSided(2.3, df) })
}

func BenchmarkStudentUpper(b *testing.B) {
	benchmarkStudent(b, func(df float64) { StudentUpper(0.025, df) })
}

func benchmarkStudent(b *testing.B, call func(df float64)) {
	for _, row := range []struct {
		name string
		df   float64
	}{{"df=5", 5.5}, {"df=50", 50}, {"df=2e5", 2e5}} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				call(row.df)
			}
		})
	}
}
