package audience

import "strings"

// closest returns the candidate that was probably meant: the same name in other
// case, or the one with the fewest edits if at most a third of the letters, at
// least one, differ. Of several the first wins.
func closest(name string, candidates []string) string {
	for _, candidate := range candidates {
		if strings.EqualFold(name, candidate) {
			return candidate
		}
	}
	best, limit := "", max(1, len(name)/3)
	for _, candidate := range candidates {
		if d := edits(name, candidate, limit); d <= limit {
			best, limit = candidate, d-1
		}
	}
	return best
}

// edits is the number of bytes to insert, delete, replace or swap with their
// neighbour on the way from a to b, or anything above the limit.
func edits(a, b string, limit int) int {
	if limit < 0 || len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
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
