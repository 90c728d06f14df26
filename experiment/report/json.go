package report

import (
	"encoding/json"
	"fmt"

	"github.com/touchlift/touchlift/experiment/analysis"
)

// JSON writes the result with stable keys, indented, ending in a newline.
// Fractions stay fractions: a lift of 0.05 is +5 %, a difference of proportions
// of 0.05 is five points. A number that does not exist is null, durations are
// nanoseconds.
func JSON(result analysis.Result) ([]byte, error) {
	text, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return append(text, '\n'), nil
}
