package audience

import "strings"

// version is a version of Semantic Versioning 2.0.0. Its parts stay text, so that
// numbers of any length compare right and nothing is allocated.
type version struct {
	major, minor, patch string
	pre                 string // the pre-release without its -, "" for none
}

// parseVersion reads MAJOR.MINOR.PATCH[-pre-release][+build]. The build says
// nothing about precedence and is only checked.
func parseVersion(text string) (v version, ok bool) {
	text, build, hasBuild := strings.Cut(text, "+")
	if hasBuild && !areIdentifiers(build, false) {
		return version{}, false
	}
	numbers, pre, hasPre := strings.Cut(text, "-")
	if hasPre && !areIdentifiers(pre, true) {
		return version{}, false
	}
	major, rest, _ := strings.Cut(numbers, ".")
	minor, patch, _ := strings.Cut(rest, ".")
	if !isNumeric(major) || !isNumeric(minor) || !isNumeric(patch) {
		return version{}, false
	}
	return version{major, minor, patch, pre}, true
}

// isNumeric reports whether the text is a number without leading zeros.
func isNumeric(text string) bool {
	return allDigits(text) && (text[0] != '0' || len(text) == 1)
}

func allDigits(text string) bool {
	for i := range len(text) {
		if !isDigit(text[i]) {
			return false
		}
	}
	return text != ""
}

// areIdentifiers reports whether the text is identifiers joined by dots; those
// of a pre-release have no leading zeros where they are numbers.
func areIdentifiers(text string, pre bool) bool {
	for more := true; more; {
		var identifier string
		identifier, text, more = strings.Cut(text, ".")
		if identifier == "" || pre && allDigits(identifier) && !isNumeric(identifier) {
			return false
		}
		for i := range len(identifier) {
			if c := identifier[i]; !isDigit(c) && c != '-' && (c == '_' || !isLetter(c)) {
				return false
			}
		}
	}
	return true
}

// compare orders two versions by precedence (item 11 of Semantic Versioning).
func (v version) compare(other version) int {
	if order := compareNumeric(v.major, other.major); order != 0 {
		return order
	}
	if order := compareNumeric(v.minor, other.minor); order != 0 {
		return order
	}
	if order := compareNumeric(v.patch, other.patch); order != 0 {
		return order
	}
	switch {
	case v.pre == other.pre:
		return 0
	case v.pre == "":
		return 1
	case other.pre == "":
		return -1
	}
	return comparePre(v.pre, other.pre)
}

func compareNumeric(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// comparePre orders pre-releases: numbers below words, numbers by size, words in
// ASCII order, fewer identifiers below more.
func comparePre(a, b string) int {
	for {
		left, restA, moreA := strings.Cut(a, ".")
		right, restB, moreB := strings.Cut(b, ".")
		if order := compareIdentifiers(left, right); order != 0 {
			return order
		}
		switch {
		case !moreA && !moreB:
			return 0
		case !moreA:
			return -1
		case !moreB:
			return 1
		}
		a, b = restA, restB
	}
}

func compareIdentifiers(a, b string) int {
	switch numericA, numericB := allDigits(a), allDigits(b); {
	case numericA && numericB:
		return compareNumeric(a, b)
	case numericA:
		return -1
	case numericB:
		return 1
	}
	return strings.Compare(a, b)
}
