package assign

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
)

// Share is an exact part of a whole: Num / Den, at most 1. It need not be reduced.
// The zero Share is the whole, so that a [Spec] without traffic enrols everyone;
// Share{0, 1} is nothing.
type Share struct {
	Num, Den uint64
}

// ErrShare is wrapped by every error of [ParseShare] and of the methods of [Share].
var ErrShare = errors.New("assign: not a share")

// ShareError says why a text or a [Share] is not a share. It unwraps to [ErrShare].
type ShareError struct {
	Text    string // what was given
	Problem string // what is wrong with it
	Want    string // what is wanted instead
}

// Error names the text, the problem, and what is wanted.
func (e *ShareError) Error() string {
	return fmt.Sprintf("%v: %q %s: %s", ErrShare, e.Text, e.Problem, e.Want)
}

// Unwrap returns [ErrShare].
func (e *ShareError) Unwrap() error { return ErrShare }

const (
	maxShareText    = 128 // bytes; more than any share of two uint64 needs
	maxSharePercent = 20  // decimals; longer percentages are written as a fraction
	wantShare       = "want a percentage from 0% to 100% such as \"12.5%\", or a fraction such as \"1/20\""
)

// ParseShare reads a percentage ("5%", "0.1 %", "12.5%") or a fraction of two whole
// numbers ("1/20") from 0 to 1, and returns it exact and reduced. One space may stand
// before the percent sign. A number without a percent sign is refused because "0.5"
// could mean half a percent or a half. Signs, exponents, leading zeros, digit
// separators, a point without digits on both sides, and outer spaces are refused.
// The error is a [*ShareError]; the share beside it is Share{0, 1}, nobody.
func ParseShare(text string) (Share, error) {
	number, problem, want := readShare(text)
	if problem != "" {
		return Share{Num: 0, Den: 1}, &ShareError{Text: text, Problem: problem, Want: want}
	}
	return Share{Num: number.Num().Uint64(), Den: number.Denom().Uint64()}, nil
}

func readShare(text string) (number *big.Rat, problem, want string) {
	if len(text) > maxShareText {
		return nil, fmt.Sprintf("has more than %d characters", maxShareText), wantShare
	}
	if percent, found := strings.CutSuffix(text, "%"); found {
		number = readPercent(strings.TrimSuffix(percent, " "))
	} else if num, den, found := strings.Cut(text, "/"); found {
		number = readFraction(num, den)
	} else if isDecimal(text) {
		return nil, "is ambiguous", meantShare(text) + "; " + wantShare
	}
	switch {
	case number == nil:
		return nil, "is not a percentage or a fraction", wantShare
	case number.Cmp(big.NewRat(1, 1)) > 0:
		return nil, "is more than 100%", wantShare
	case !number.Denom().IsUint64():
		return nil, "is too fine", "want a share whose reduced denominator is below 2^64"
	}
	return number, "", ""
}

// meantShare offers what a number without a percent sign can mean: 0.5 is 0.5% or 50%.
func meantShare(text string) string {
	number, ok := new(big.Rat).SetString(text)
	if !ok || number.Sign() == 0 || number.Cmp(big.NewRat(1, 1)) > 0 {
		return fmt.Sprintf("add a percent sign if %s%% is meant", text)
	}
	number.Mul(number, big.NewRat(100, 1))
	decimals, _ := number.FloatPrec()
	return fmt.Sprintf("write %s%% or %s%%, whichever is meant", text, number.FloatString(decimals))
}

// readPercent returns nil if the text is not a plain decimal number.
func readPercent(text string) *big.Rat {
	if !isDecimal(text) {
		return nil
	}
	number, _ := new(big.Rat).SetString(text + "e-2")
	return number
}

// readFraction returns nil if the texts are not whole numbers or the second is 0.
func readFraction(num, den string) *big.Rat {
	if !isWhole(num) || !isWhole(den) {
		return nil
	}
	number, _ := new(big.Rat).SetString(num + "/" + den)
	return number
}

func isDecimal(text string) bool {
	whole, decimals, point := strings.Cut(text, ".")
	return isWhole(whole) && (!point || isDigits(decimals))
}

// isWhole reports whether the text is a whole number without leading zeros.
func isWhole(text string) bool {
	return isDigits(text) && (text == "0" || text[0] != '0')
}

func isDigits(text string) bool {
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return text != ""
}

// problem says what is wrong with the share and what is wanted; "" if nothing is.
func (s Share) problem() (problem, want string) {
	switch {
	case s.Den == 0 && s.Num != 0:
		return "has denominator 0", "want Den above 0, or Num and Den both 0 for everyone"
	case s.Num > s.Den:
		return "is more than 100%", "want Num at most Den"
	}
	return "", ""
}

// boundary returns floor(2^64 * Num / Den) of a share without a problem.
func (s Share) boundary() boundary {
	return boundaryOf(wide{lo: s.Num}, wide{lo: s.Den})
}

// String returns the share as [ParseShare] reads it: a percentage if that is exact
// with at most 20 decimals, else a reduced fraction. The zero Share is "100%". A
// share with a problem, such as 3/2, is written as it stands.
func (s Share) String() string {
	if problem, _ := s.problem(); problem != "" {
		return fmt.Sprintf("%d/%d", s.Num, s.Den)
	}
	number := s.rat()
	percent := new(big.Rat).Mul(number, big.NewRat(100, 1))
	decimals, exact := percent.FloatPrec()
	if !exact || decimals > maxSharePercent {
		return number.String()
	}
	return percent.FloatString(decimals) + "%"
}

// rat returns the share as a rational number; Den is above 0, or both are 0.
func (s Share) rat() *big.Rat {
	if s == (Share{}) {
		return big.NewRat(1, 1)
	}
	return new(big.Rat).SetFrac(new(big.Int).SetUint64(s.Num), new(big.Int).SetUint64(s.Den))
}

// Float64 returns the float64 nearest to Num / Den: 1 for the zero Share, and NaN if
// only Den is 0. For display; assignment uses the exact share.
func (s Share) Float64() float64 {
	if s.Den == 0 && s.Num != 0 {
		return math.NaN()
	}
	nearest, _ := s.rat().Float64()
	return nearest
}

// MarshalText returns [Share.String], or a [*ShareError] for a share above 1 or with
// denominator 0. The zero Share becomes "100%", which reads back as Share{1, 1}.
func (s Share) MarshalText() ([]byte, error) {
	if problem, want := s.problem(); problem != "" {
		return nil, &ShareError{Text: s.String(), Problem: problem, Want: want}
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads the text as [ParseShare] does. On error the share stays as it was.
func (s *Share) UnmarshalText(text []byte) error {
	parsed, err := ParseShare(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}

// Less reports whether the share is smaller than another one, exactly. Both are
// shares that [Share.MarshalText] accepts; with one that it refuses the answer is false.
func (s Share) Less(other Share) bool {
	if problem, _ := s.problem(); problem != "" {
		return false
	}
	if problem, _ := other.problem(); problem != "" {
		return false
	}
	return s.rat().Cmp(other.rat()) < 0
}
