package experimenttest

import (
	"testing"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// TestReferencePasses compares the in-memory store with a store that was
// written apart from it: every hand-made answer, and many random histories.
func TestReferencePasses(t *testing.T) {
	RunWith(t, Options{
		Open:      func(_ *testing.T, now func() time.Time) experiment.Store { return newReference(contract(), now) },
		Histories: 300,
	})
}
