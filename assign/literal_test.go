package assign_test

import (
	"slices"

	"github.com/touchlift/touchlift/assign"
)

// cellsOfLine is the length of the lines of [literal].
const cellsOfLine = 64

// literal returns who owns each cell in each phase, by the rules of the package comment
// read word for word. The weights of every phase sum to cellsOfLine.
func literal(lists [][]assign.Arm) (lines [][]string) {
	var order []string
	for _, arms := range lists {
		for _, arm := range arms {
			if !slices.Contains(order, arm.Variant) {
				order = append(order, arm.Variant)
			}
		}
	}
	var first []string
	for _, variant := range order {
		first = append(first, slices.Repeat([]string{variant}, wanted(lists[0])[variant])...)
	}
	history := [][]string{first}
	for phase, arms := range lists {
		if phase > 0 {
			history = literalStep(history, wanted(arms), order)
		}
		lines = append(lines, history[len(history)-1])
	}
	return lines
}

func wanted(arms []assign.Arm) map[string]int {
	sizes := make(map[string]int)
	for _, arm := range arms {
		if arm.Weight > 0 {
			sizes[arm.Variant] = int(arm.Weight)
		}
	}
	return sizes
}

func owned(line []string) map[string]int {
	sizes := make(map[string]int)
	for _, owner := range line {
		sizes[owner]++
	}
	return sizes
}

func same(a, b map[string]int) bool {
	for variant := range a {
		if a[variant] != b[variant] {
			return false
		}
	}
	return len(a) == len(b)
}

func literalStep(history [][]string, want map[string]int, order []string) [][]string {
	last := len(history) - 1
	current := history[last]
	if same(want, owned(current)) {
		return history
	}
	if last > 0 && same(want, owned(history[last-1])) {
		return history[:last]
	}
	excess, need, sum := make(map[string]int), make(map[string]int), 0
	for _, variant := range order {
		more := want[variant] - owned(current)[variant]
		excess[variant], need[variant] = max(0, -more), max(0, more)
		sum += need[variant]
	}
	for p := last - 1; p >= 0; p-- {
		differ := 0
		for x := range current {
			differ += btoi(current[x] != history[p][x])
		}
		if same(want, owned(history[p])) && differ == sum {
			return append(slices.Clone(history), history[p])
		}
	}
	line := slices.Clone(current)
	give := func(x int, to string) {
		excess[line[x]]--
		need[to]--
		line[x] = to
	}
	for p := last - 1; p >= 0; p-- {
		for x := cellsOfLine - 1; x >= 0; x-- {
			if to := history[p][x]; excess[line[x]] > 0 && need[to] > 0 {
				give(x, to)
			}
		}
	}
	for x := cellsOfLine - 1; x >= 0; x-- {
		if excess[line[x]] > 0 {
			give(x, order[slices.IndexFunc(order, func(v string) bool { return need[v] > 0 })])
		}
	}
	return append(slices.Clone(history), line)
}
