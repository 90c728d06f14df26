// Package suggest finds the name that somebody meant.
package suggest

import "strings"

// Closest returns the candidate that is the same name in another case, or else the
// one that is fewest edits away from it, and whether one is near enough to be meant:
// at most a third of the name's letters differ, or one of a short name, which has to
// have another. Of several the first wins.
func Closest(name string, candidates []string) (string, bool) {
	for _, candidate := range candidates {
		if name != "" && strings.EqualFold(name, candidate) {
			return candidate, true
		}
	}
	letters := len([]rune(name))
	best, limit := "", max(min(1, letters-1), letters/3)
	for _, candidate := range candidates {
		if d := distance([]rune(name), []rune(candidate), limit); d <= limit {
			best, limit = candidate, d-1
		}
	}
	return best, best != ""
}

// distance is the number of insertions, deletions, replacements and swaps of
// neighbours between a and b (optimal string alignment), or anything above limit
// if it is above limit.
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before := make([]int, len(b)+1) // the row for a[:i-2]
	last := make([]int, len(b)+1)   // the row for a[:i-1]
	row := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := last[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(last[j]+1, row[j-1]+1, replace)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
