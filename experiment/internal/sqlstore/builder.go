package sqlstore

import (
	"fmt"
	"strings"
)

// builder collects the arguments of a statement while its text is written.
type builder struct {
	Dialect
	args    []any
	numbers map[any]int
}

func newBuilder(d Dialect) *builder {
	return &builder{Dialect: d, numbers: make(map[any]int)}
}

// arg binds a value (int64, float64 or string) and returns its placeholder.
// Equal values share one.
func (b *builder) arg(value any) string {
	n, found := b.numbers[value]
	if !found {
		b.args = append(b.args, value)
		n = len(b.args)
		b.numbers[value] = n
	}
	return b.Placeholder(n)
}

// null stands in a mapping for the absence of a number.
const null = int64(-1) << 62

// step returns an expression that is values[i] where the integer x is at least
// bounds[i] and below bounds[i+1], and values[0] below all. Bounds ascend. It
// takes a logarithmic number of comparisons.
func (b *builder) step(x string, bounds, values []int64) string {
	bounds, values = simplify(bounds, values)
	if len(values) == 1 {
		if values[0] == null {
			return "NULL"
		}
		return b.arg(values[0])
	}
	middle := len(values) / 2
	return fmt.Sprintf("CASE WHEN %s < %s THEN %s ELSE %s END", x, b.arg(bounds[middle]),
		b.step(x, bounds[:middle], values[:middle]), b.step(x, bounds[middle:], values[middle:]))
}

// simplify drops bounds at which the value does not change.
func simplify(bounds, values []int64) ([]int64, []int64) {
	newBounds, newValues := bounds[:1:1], values[:1:1]
	for i := 1; i < len(values); i++ {
		if values[i] != newValues[len(newValues)-1] {
			newBounds = append(newBounds, bounds[i])
			newValues = append(newValues, values[i])
		}
	}
	return newBounds, newValues
}

// byIndex returns an expression that is values[x].
func (b *builder) byIndex(x string, values []int64) string {
	bounds := make([]int64, len(values))
	for i := range bounds {
		bounds[i] = int64(i)
	}
	return b.step(x, bounds, values)
}

// least and greatest return the smaller and the greater of two expressions,
// neither of them NULL.
func least(x, y string) string {
	return fmt.Sprintf("CASE WHEN %s < %s THEN %s ELSE %s END", x, y, x, y)
}
func greatest(x, y string) string {
	return fmt.Sprintf("CASE WHEN %s > %s THEN %s ELSE %s END", x, y, x, y)
}

// list joins expressions; each with a comma before it.
func list(expressions []string) string {
	var text strings.Builder
	for _, e := range expressions {
		text.WriteString(", " + e)
	}
	return text.String()
}
