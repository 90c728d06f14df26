package sqlstore

import (
	"fmt"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/audience"
)

var operators = map[experiment.Op]string{
	experiment.Equal: "=", experiment.NotEqual: "<>", experiment.Less: "<",
	experiment.LessEqual: "<=", experiment.Greater: ">", experiment.GreaterEqual: ">=",
}

// comparison returns a condition on a conversion; NULL, which is not true,
// where the attribute is missing or of another type.
func (s *summary) comparison(c experiment.Comparison) string {
	var left, right string
	path := func() string { return s.arg(s.Path(c.Attribute)) }
	switch c.Operand.Type() {
	case audience.TypeString:
		text, _ := c.Operand.Text()
		left, right = "n.name", s.arg(text)
		if c.Field == experiment.FieldAttribute {
			left = s.Text("v.attributes", path())
		}
	case audience.TypeNumber:
		number, _ := c.Operand.Number()
		left, right = "c.value", s.arg(number)
		if c.Field == experiment.FieldAttribute {
			left = s.Number("v.attributes", path())
		}
	default:
		truth, _ := c.Operand.Bool()
		left, right = s.Truth("v.attributes", path()), s.arg(int64(0))
		if truth {
			right = s.arg(int64(1))
		}
	}
	return fmt.Sprintf("%s %s %s", left, operators[c.Op], right)
}
