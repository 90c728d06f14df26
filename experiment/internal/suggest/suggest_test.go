package suggest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/touchlift/touchlift/experiment/internal/suggest"
)

func TestClosest(t *testing.T) {
	keys := []string{"guardrails", "metrics", "touchpoints", "arms", "salt", "b"}
	for _, row := range []struct {
		name, reason, text, want string
	}{
		{"one letter missing", "a plural is easily forgotten", "guardrail", "guardrails"},
		{"two letters swapped", "a swap is one edit, not two", "slat", "salt"},
		{"nothing near", "a wrong guess is worse than none", "audience", ""},
		{"short and different", "one edit of a short word is allowed, two are not", "ends", ""},
		{"the same", "zero edits", "metrics", "metrics"},
		{"another case", "every letter differs, and yet it is the name", "SALT", "salt"},
		{"one letter", "any other would be one edit away", "c", ""},
		{"empty", "nothing was meant", "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, ok := suggest.Closest(row.text, keys)
			assert.Equal(t, row.want, got, row.reason)
			assert.Equal(t, row.want != "", ok, row.reason)
		})
	}
}
