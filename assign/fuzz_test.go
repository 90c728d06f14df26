package assign_test

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
)

// weightOf turns a byte into a weight: 0, or a power of two from 1 to 2^63, or such a
// power less 1. Few bytes so reach sums far above 2^64.
func weightOf(b byte) uint64 {
	if b == 0 {
		return 0
	}
	return uint64(1)<<(b&63) - uint64(b>>7)
}

func fuzzSpec(salt string, weights []byte, first, num, den uint64) assign.Spec {
	spec := assign.Spec{
		Salt:    salt,
		Arms:    []assign.Arm{{Variant: "control", Weight: first}},
		Traffic: assign.Share{Num: num, Den: den},
	}
	for i, b := range weights {
		spec.Arms = append(spec.Arms, assign.Arm{Variant: fmt.Sprint(i), Weight: weightOf(b)})
	}
	return spec
}

// legal says by itself whether NewSplit has to accept the spec of [fuzzSpec].
func legal(spec assign.Spec) bool {
	total := new(big.Int)
	for _, arm := range spec.Arms {
		total.Add(total, bigOf(arm.Weight))
	}
	traffic := spec.Traffic
	return spec.Salt != "" && !strings.Contains(spec.Salt, "\x00") && total.Sign() > 0 &&
		traffic.Num <= traffic.Den
}

// No input panics, and every answer is that of the slow reference.
func FuzzSplit(f *testing.F) {
	f.Add("customer-42", "checkout-2026-11", []byte{1}, uint64(2), uint64(0), uint64(0))
	f.Add("", "s", []byte{63, 63, 63}, uint64(1)<<63, uint64(1), uint64(1)<<63)
	f.Add("a\x00b", "s\x00t", []byte{0, 0}, uint64(0), uint64(3), uint64(2))
	f.Add("\xff\xfe", "\xff", []byte{255, 191, 128}, ^uint64(0), ^uint64(0)-1, ^uint64(0))
	f.Fuzz(func(t *testing.T, id, salt string, weights []byte, first, num, den uint64) {
		spec := fuzzSpec(salt, weights[:min(len(weights), 100)], first, num, den)
		split, err := assign.NewSplit(spec)
		if (err == nil) != legal(spec) {
			t.Fatalf("legal %t, error %v", legal(spec), err)
		}
		if err != nil {
			return
		}
		slow := newReference(spec)
		requireSame(t, slow, split, assign.Hash(id))
		for _, position := range onPosition(slow.trafficEnd) {
			requireSame(t, slow, split, unitAt(position, assign.PurposeTraffic, salt))
		}
		for _, position := range onPosition(slow.armEnds...) {
			requireSame(t, slow, split, unitAt(position, assign.PurposeArm, salt))
		}
		requireVariant(t, slow, split, id)
	})
}

func requireVariant(t *testing.T, slow reference, split *assign.Split, id string) {
	t.Helper()
	variant, enrolled := split.Variant(id)
	again, _ := split.Variant(strings.Clone(id))
	index, want := slow.arm(assign.Hash(id))
	if id == "" || strings.Contains(id, "\x00") {
		want = false
	}
	if want != (assign.CheckID(id) == nil && index >= 0) || enrolled != want || variant != again {
		t.Fatalf("%q: got %q, %t; want enrolled %t", id, variant, enrolled, want)
	}
	if enrolled && (variant != slow.spec.Arms[index].Variant || slow.spec.Arms[index].Weight == 0) {
		t.Fatalf("%q: got %q, want arm %d", id, variant, index)
	}
	if !enrolled && variant != "" {
		t.Fatalf("%q: not enrolled and still in %q", id, variant)
	}
}

// phasesOf cuts the bytes into lists of arms, the first byte saying how many there are.
func phasesOf(weights []byte) (lists [][]assign.Arm) {
	if len(weights) == 0 {
		return nil
	}
	arms := 1 + int(weights[0]&7)
	for rest := weights[1:]; len(rest) > 0 && len(lists) < 12; {
		n := min(arms, len(rest))
		var list []assign.Arm
		for i, b := range rest[:n] {
			list = append(list, assign.Arm{Variant: string(rune('a' + i)), Weight: weightOf(b)})
		}
		lists, rest = append(lists, list), rest[n:]
	}
	return lists
}

// No phases panic; each one has the exact sizes and moves the least; undone one by one they
// bring everyone home.
func FuzzPhases(f *testing.F) {
	f.Add([]byte{1, 50, 50, 60, 40, 50, 50})
	f.Add([]byte{2, 1, 1, 0, 1, 1, 1, 191, 191, 191, 255, 1, 63})
	f.Add([]byte{4, 1, 18, 3, 1, 1, 10, 5, 4, 5, 0, 10, 7, 5, 2, 0, 1, 18, 3, 1, 1})
	f.Fuzz(func(t *testing.T, weights []byte) {
		lists := phasesOf(weights)
		if len(lists) == 0 {
			return
		}
		if !legalLists(lists) {
			_, err := assign.NewSplit(assign.Spec{Salt: "s", Arms: lists[0], Phases: lists[1:]})
			require.Error(t, err)
			return
		}
		there := len(lists)
		lists = undone(lists)
		order := phased(t, lists[0], lists[1:]...).Variants()
		splits := make([]*assign.Split, len(lists))
		for phase := range lists {
			splits[phase] = phased(t, lists[0], lists[1:phase+1]...)
			requireSizes(t, splits[phase], mass(lists[phase], order))
			if phase > 0 {
				moved := diff(t, splits[phase-1], splits[phase]).Moved
				require.Zero(t, positions(t, moved).Cmp(totalVariation(mass(lists[phase-1], order), mass(lists[phase], order))))
			}
			if phase >= there {
				require.Empty(t, diff(t, splits[2*there-2-phase], splits[phase]).Moves)
			}
		}
	})
}

func requireSizes(t *testing.T, split *assign.Split, want map[string]*big.Int) {
	t.Helper()
	outcomes, err := split.Outcomes(assign.Region{})
	require.NoError(t, err)
	for _, outcome := range outcomes {
		require.Zero(t, positions(t, outcome.Region.Share()).Cmp(want[outcome.Variant]), outcome.Variant)
	}
}

var shareSyntax = regexp.MustCompile(`^(?:(0|[1-9][0-9]*)(\.[0-9]+)? ?%|(0|[1-9][0-9]*)/([1-9][0-9]*))$`)

// Whatever the text, ParseShare returns exactly what it says or an error.
func FuzzParseShare(f *testing.F) {
	for _, text := range []string{"5%", "0.1 %", "1/20", "0.05", "100.%", "1e3%", "1/0", "٥%", "36893488147419103232/73786976294838206464"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		share, err := assign.ParseShare(text)
		want := readExactly(text)
		if (err == nil) != (want != nil) {
			t.Fatalf("%q: got %v, %v; want %v", text, share, err, want)
		}
		if err != nil {
			return
		}
		if bigOf(share.Num).Cmp(want.Num()) != 0 || bigOf(share.Den).Cmp(want.Denom()) != 0 {
			t.Fatalf("%q: got %d/%d, want %v", text, share.Num, share.Den, want)
		}
		requireSameShare(t, share, share.String())
	})
}

// readExactly returns the share that the text says, or nil if it must be refused.
func readExactly(text string) *big.Rat {
	match := shareSyntax.FindStringSubmatch(text)
	if match == nil || len(text) > 128 {
		return nil
	}
	share, ok := new(big.Rat).SetString(match[1] + match[2])
	if match[4] != "" {
		share, ok = new(big.Rat).SetString(match[3] + "/" + match[4])
	} else if ok {
		share.Mul(share, big.NewRat(1, 100))
	}
	if !ok || share.Cmp(big.NewRat(1, 1)) > 0 || !share.Denom().IsUint64() {
		return nil
	}
	return share
}

// Any two numbers are a share or are refused, and never panic.
func FuzzShare(f *testing.F) {
	f.Add(uint64(1), uint64(20))
	f.Add(uint64(0), uint64(0))
	f.Add(uint64(3), uint64(0))
	f.Add(^uint64(0)-1, ^uint64(0))
	f.Fuzz(func(t *testing.T, num, den uint64) {
		share := assign.Share{Num: num, Den: den}
		text, err := share.MarshalText()
		if (err == nil) != (num <= den) {
			t.Fatalf("%+v: %s, %v", share, text, err)
		}
		if err != nil {
			return
		}
		requireSameShare(t, share, string(text))
		if x := share.Float64(); !(x >= 0 && x <= 1) {
			t.Fatalf("%+v: %v", share, x)
		}
	})
}
