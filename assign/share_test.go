package assign_test

import (
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
)

func TestParseShare(t *testing.T) {
	rows := []struct {
		name, text string
		want       assign.Share
	}{
		{"whole percent", "5%", assign.Share{Num: 1, Den: 20}},
		{"space before the sign", "0.1 %", assign.Share{Num: 1, Den: 1000}},
		{"everyone", "100%", assign.Share{Num: 1, Den: 1}},
		{"nobody", "0%", assign.Share{Num: 0, Den: 1}},
		{"eighth", "12.5%", assign.Share{Num: 1, Den: 8}},
		{"zeros behind the point", "12.500%", assign.Share{Num: 1, Den: 8}},
		{"exact where a float is not", "0.3%", assign.Share{Num: 3, Den: 1000}},
		{"just below everyone", "99.9999999999999999%", assign.Share{Num: 999999999999999999, Den: 1000000000000000000}},
		{"fraction", "1/20", assign.Share{Num: 1, Den: 20}},
		{"fraction to reduce", "50/100", assign.Share{Num: 1, Den: 2}},
		{"third, which no percentage can say", "1/3", assign.Share{Num: 1, Den: 3}},
		{"nobody as a fraction", "0/7", assign.Share{Num: 0, Den: 1}},
		{"everyone as a fraction", "1/1", assign.Share{Num: 1, Den: 1}},
		{"least share", "1/18446744073709551615", assign.Share{Num: 1, Den: math.MaxUint64}},
		{"terms too large that reduce", "36893488147419103232/73786976294838206464", assign.Share{Num: 1, Den: 2}},
		{"2^-63 as a percentage", "0.00000000000000001084202172485504434007452800869941711425781250%",
			assign.Share{Num: 1, Den: 1 << 63}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			share, err := assign.ParseShare(row.text)
			require.NoError(t, err)
			require.Equal(t, row.want, share)
		})
	}
}

func TestParseShareRefuses(t *testing.T) {
	rows := []struct{ name, text, problem string }{
		{"empty", "", "is not a percentage or a fraction"},
		{"only a sign", "%", "is not a percentage or a fraction"},
		{"half a percent or a half", "0.5", "is ambiguous"},
		{"5 percent or 5 times", "5", "is ambiguous"},
		{"zero is refused too, for one rule", "0", "is ambiguous"},
		{"more than everyone", "100.0000001%", "is more than 100%"},
		{"fraction above one", "3/2", "is more than 100%"},
		{"negative", "-5%", "is not a percentage or a fraction"},
		{"explicit plus", "+5%", "is not a percentage or a fraction"},
		{"exponent", "5e-1%", "is not a percentage or a fraction"},
		{"hexadecimal", "0x5%", "is not a percentage or a fraction"},
		{"digit separator", "1_0%", "is not a percentage or a fraction"},
		{"decimal comma", "12,5%", "is not a percentage or a fraction"},
		{"no digit before the point", ".5%", "is not a percentage or a fraction"},
		{"no digit behind the point", "5.%", "is not a percentage or a fraction"},
		{"two points", "1.2.3%", "is not a percentage or a fraction"},
		{"leading zero, perhaps a lost point", "05%", "is not a percentage or a fraction"},
		{"two signs", "5%%", "is not a percentage or a fraction"},
		{"two spaces", "5  %", "is not a percentage or a fraction"},
		{"space in front", " 5%", "is not a percentage or a fraction"},
		{"space behind", "5% ", "is not a percentage or a fraction"},
		{"no-break space", "5\u00a0%", "is not a percentage or a fraction"},
		{"digits of another script", "٥%", "is not a percentage or a fraction"},
		{"full-width sign", "5％", "is not a percentage or a fraction"},
		{"word", "half", "is not a percentage or a fraction"},
		{"infinity", "Inf%", "is not a percentage or a fraction"},
		{"not a number", "NaN%", "is not a percentage or a fraction"},
		{"denominator 0", "1/0", "is not a percentage or a fraction"},
		{"nothing of nothing", "0/0", "is not a percentage or a fraction"},
		{"fraction with spaces", "1 / 20", "is not a percentage or a fraction"},
		{"fraction of decimals", "0.5/1", "is not a percentage or a fraction"},
		{"fraction by a decimal", "1/2.5", "is not a percentage or a fraction"},
		{"fraction with an exponent", "1/2e1", "is not a percentage or a fraction"},
		{"fraction with a leading zero, perhaps octal", "1/020", "is not a percentage or a fraction"},
		{"fraction by nothing", "1/", "is not a percentage or a fraction"},
		{"fraction of nothing", "/20", "is not a percentage or a fraction"},
		{"fraction of three", "1/2/3", "is not a percentage or a fraction"},
		{"fraction in percent", "1/2%", "is not a percentage or a fraction"},
		{"too fine for 64 bits", "0.000000000000000000001%", "is too fine"},
		{"denominator 2^64", "1/18446744073709551616", "is too fine"},
		{"a text that never ends", strings.Repeat("0", 10_000) + "%", "has more than 128 characters"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			share, err := assign.ParseShare(row.text)
			require.Equal(t, assign.Share{Num: 0, Den: 1}, share, "an ignored error enrols nobody")
			require.ErrorIs(t, err, assign.ErrShare)
			var typed *assign.ShareError
			require.ErrorAs(t, err, &typed)
			require.Equal(t, row.text, typed.Text)
			require.Equal(t, row.problem, typed.Problem)
			require.Contains(t, typed.Want, "want ")
		})
	}
}

func TestShareText(t *testing.T) {
	rows := []struct {
		name  string
		share assign.Share
		want  string
		value float64
	}{
		{"zero value is everyone", assign.Share{}, "100%", 1},
		{"everyone", assign.Share{Num: 3, Den: 3}, "100%", 1},
		{"nobody", assign.Share{Den: 9}, "0%", 0},
		{"reduced", assign.Share{Num: 5, Den: 100}, "5%", 0.05},
		{"decimals", assign.Share{Num: 1, Den: 8}, "12.5%", 0.125},
		{"permille", assign.Share{Num: 1, Den: 1000}, "0.1%", 0.001},
		{"no finite percentage", assign.Share{Num: 2, Den: 6}, "1/3", 1.0 / 3},
		{"a percentage that is too long", assign.Share{Num: 1, Den: 1 << 63}, "1/9223372036854775808", 0x1p-63},
		{"ten to the minus 18", assign.Share{Num: 1, Den: 1e18}, "0.0000000000000001%", 1e-18},
		{"all but one of 2^64-1", assign.Share{Num: math.MaxUint64 - 1, Den: math.MaxUint64},
			"18446744073709551614/18446744073709551615", 1},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			require.Equal(t, row.want, row.share.String())
			require.Equal(t, row.value, row.share.Float64())
			text, err := row.share.MarshalText()
			require.NoError(t, err)
			require.Equal(t, row.want, string(text))
			requireSameShare(t, row.share, string(text))
		})
	}
}

// requireSameShare checks that the text reads back as the share, reduced.
func requireSameShare(t *testing.T, share assign.Share, text string) {
	t.Helper()
	var back assign.Share
	require.NoError(t, back.UnmarshalText([]byte(text)))
	want := big.NewRat(1, 1)
	if share != (assign.Share{}) {
		want.SetFrac(bigOf(share.Num), bigOf(share.Den))
	}
	require.Equal(t, want.Num().String(), bigOf(back.Num).String(), "%+v as %s", share, text)
	require.Equal(t, want.Denom().String(), bigOf(back.Den).String(), "%+v as %s", share, text)
}

// A share with a problem is shown as it stands, and not written to a file.
func TestShareWithProblem(t *testing.T) {
	for _, share := range []assign.Share{{Num: 3, Den: 2}, {Num: 1}} {
		_, err := share.MarshalText()
		require.ErrorIs(t, err, assign.ErrShare)
		require.Contains(t, err.Error(), share.String())
	}
	require.Equal(t, "3/2", assign.Share{Num: 3, Den: 2}.String())
	require.Equal(t, 1.5, assign.Share{Num: 3, Den: 2}.Float64())
	require.Equal(t, "1/0", assign.Share{Num: 1}.String())
	require.True(t, math.IsNaN(assign.Share{Num: 1}.Float64()))
}

// Shares are text in JSON, and a failed read changes nothing.
func TestShareJSON(t *testing.T) {
	type file struct {
		Traffic assign.Share `json:"traffic"`
	}
	var got file
	require.NoError(t, json.Unmarshal([]byte(`{"traffic":"12.5%"}`), &got))
	require.Equal(t, assign.Share{Num: 1, Den: 8}, got.Traffic)
	require.ErrorIs(t, json.Unmarshal([]byte(`{"traffic":"0.05"}`), &got), assign.ErrShare)
	require.Equal(t, assign.Share{Num: 1, Den: 8}, got.Traffic)
	text, err := json.Marshal(got)
	require.NoError(t, err)
	require.Equal(t, `{"traffic":"12.5%"}`, string(text))
}

// Every share survives being written and read.
func TestShareRoundTrip(t *testing.T) {
	seed := uint64(7)
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	for range 5_000 {
		den := 1 + random.Uint64()>>random.IntN(64)>>1
		if random.IntN(2) == 0 {
			den = uint64(math.Pow10(random.IntN(19)))
		}
		share := assign.Share{Num: random.Uint64N(den), Den: den}
		requireSameShare(t, share, share.String())
	}
}

// A number without a percent sign is refused with all that it can mean.
func TestParseShareOffers(t *testing.T) {
	rows := []struct{ name, text, want string }{
		{"half a percent or a half", "0.5", "write 0.5% or 50%, whichever is meant; want a percentage"},
		{"the same in other digits", "0.50", "write 0.50% or 50%, whichever is meant; want a percentage"},
		{"one percent or all", "1", "write 1% or 100%, whichever is meant; want a percentage"},
		{"an eighth of a percent or of all", "0.125", "write 0.125% or 12.5%, whichever is meant; want a percentage"},
		{"no share of all is above 1", "1.5", "add a percent sign if 1.5% is meant; want a percentage"},
		{"nobody by both readings", "0", "add a percent sign if 0% is meant; want a percentage"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := assign.ParseShare(row.text)
			var problem *assign.ShareError
			require.ErrorAs(t, err, &problem)
			require.Contains(t, problem.Want, row.want)
		})
	}
}
