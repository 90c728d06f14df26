package audience

import "slices"

// smallSet is how many constants of a list are compared one by one; with more, a
// hash table is quicker.
const smallSet = 16

// numberSet is the constants of a list of numbers.
type numberSet struct {
	few  []float64
	many map[float64]struct{}
}

func newNumberSet(numbers []float64) *numberSet {
	if len(numbers) <= smallSet {
		return &numberSet{few: slices.Clone(numbers)}
	}
	s := &numberSet{many: make(map[float64]struct{}, len(numbers))}
	for _, n := range numbers {
		s.many[n] = struct{}{}
	}
	return s
}

func (s *numberSet) has(number float64) bool {
	if s.many != nil {
		_, ok := s.many[number]
		return ok
	}
	for _, n := range s.few {
		if n == number {
			return true
		}
	}
	return false
}

// textSet is the constants of a list of strings. A few short ones, such as codes
// of countries, are packed into integers.
type textSet struct {
	packed []uint64
	few    []string
	many   map[string]struct{}
}

// codeOf makes an integer of a string of two bytes.
func codeOf(text string) uint16 { return uint16(text[0]) | uint16(text[1])<<8 }

// codesOf returns the constants as codes if they are few and have two bytes each,
// as codes of countries and languages have, and nil if not.
func codesOf(texts []string) []uint16 {
	var codes []uint16
	for _, text := range texts {
		if len(text) != 2 || len(texts) > smallSet {
			return nil
		}
		codes = append(codes, codeOf(text))
	}
	return codes
}

// maxPacked is the length of the longest string that pack takes.
const maxPacked = 7

func newTextSet(texts []string) *textSet {
	long := slices.ContainsFunc(texts, func(text string) bool { return len(text) > maxPacked })
	s := &textSet{}
	switch {
	case len(texts) > smallSet:
		s.many = make(map[string]struct{}, len(texts))
		for _, text := range texts {
			s.many[text] = struct{}{}
		}
	case long:
		s.few = slices.Clone(texts)
	default:
		for _, text := range texts {
			s.packed = append(s.packed, pack(text))
		}
	}
	return s
}

func (s *textSet) has(text string) bool {
	if s.packed != nil {
		if len(text) > maxPacked {
			return false
		}
		key := pack(text)
		for _, candidate := range s.packed {
			if candidate == key {
				return true
			}
		}
		return false
	}
	if s.many != nil {
		_, ok := s.many[text]
		return ok
	}
	for _, candidate := range s.few {
		if candidate == text {
			return true
		}
	}
	return false
}

// pack makes an integer of at most seven bytes and their number, so that
// different strings have different integers.
func pack(text string) uint64 {
	key := uint64(len(text)) << 56
	for i := range len(text) {
		key |= uint64(text[i]) << (8 * i)
	}
	return key
}
