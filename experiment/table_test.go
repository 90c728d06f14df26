package experiment

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Every key is found, and none that is not there, whatever the keys have in common.
func TestTable(t *testing.T) {
	families := map[string]func(i int) string{
		"number at the end":    func(i int) string { return fmt.Sprintf("checkout-reassurance-%d", i) },
		"number at the front":  func(i int) string { return fmt.Sprintf("%d-checkout-reassurance", i) },
		"number in the middle": func(i int) string { return fmt.Sprintf("checkout-%04d-reassurance", i) },
		"short":                func(i int) string { return fmt.Sprint(i) },
		"one letter, longer":   func(i int) string { return strings.Repeat("x", i) },
		"bytes above 127":      func(i int) string { return fmt.Sprintf("prøve-%d-ærlig", i) },
	}
	for name, key := range families {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{0, 1, 2, 3, 100} {
				var all []*compiled
				for i := range n {
					all = append(all, &compiled{key: key(i)})
				}
				found := newTable(all)
				for i := range n {
					assert.Same(t, all[i], found.find(key(i)))
				}
				for i := n; i < n+50; i++ {
					assert.Nil(t, found.find(key(i)))
				}
				longest, run := 0, 0
				for _, c := range append(found.slots, found.slots...) {
					if run++; c == nil {
						run = 0
					}
					longest = max(longest, run)
				}
				assert.LessOrEqual(t, longest, 16, "searches stay short")
			}
		})
	}
	var none table
	assert.Nil(t, none.find("checkout"))
}
