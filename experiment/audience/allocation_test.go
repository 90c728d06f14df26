package audience_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment/audience"
)

// A service builds the attributes of a subject for every request, as the arguments
// of a call, and they stay on its stack only if nothing on the way to the
// comparison is an indirect call: what goes into a func value or an interface
// method escapes, and costs an allocation per decision. So Match may not hand the
// attributes to closures; it has to walk the compiled rule by direct calls, such as
// a switch over flat nodes.
func TestMatchKeepsAttributesOnTheStack(t *testing.T) {
	rule, err := audience.Compile(`country in ["NO", "SE", "DK", "FI", "IS"] && age >= 18 && !(segment startsWith "b2b") && email contains "@"`,
		audience.Schema{Attributes: map[string]audience.Type{
			"country": audience.TypeString, "age": audience.TypeNumber, "segment": audience.TypeString, "email": audience.TypeString,
		}})
	require.NoError(t, err)
	matched := 0
	ask := func(attributes ...audience.Attribute) {
		if ok, _ := rule.Match(attributes); ok {
			matched++
		}
	}
	perRun := testing.AllocsPerRun(1000, func() {
		ask(audience.String("country", "IS"), audience.Number("age", 34),
			audience.String("segment", "b2c"), audience.String("email", "a@b.example"))
	})
	assert.Zero(t, perRun)
	assert.Equal(t, 1001, matched, "every run matched")
}
