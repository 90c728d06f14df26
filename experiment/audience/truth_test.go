package audience_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment/audience"
)

// The table of the package comment is the specification of missing attributes, so
// it is read from there and every cell is tried.
func TestTruthTableOfTheDocumentation(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(doc), "//\trule                    age 17")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "//\n")
	columns := map[string][]audience.Attribute{
		"age 17":      {audience.String("name", "x"), audience.Number("age", 17)},
		"age 18":      {audience.Number("age", 18)},
		"age missing": {audience.String("age", "18")},
	}
	rows := 0
	for line := range strings.Lines(table[strings.IndexByte(table, '\n')+1:]) {
		cells := cellsOf(strings.TrimPrefix(line, "//\t"))
		require.Len(t, cells, 4, line)
		rule, err := audience.Compile(cells[0], schema())
		require.NoError(t, err)
		for i, column := range []string{"age 17", "age 18", "age missing"} {
			matched, missing := rule.Match(columns[column])
			assert.Equal(t, cells[i+1], cell(matched, missing), "%s, %s", cells[0], column)
		}
		none := rule.Explain(nil)
		assert.Equal(t, cells[3], cell(none.Matched, none.Missing), "%s, nothing there", cells[0])
		rows++
	}
	assert.Equal(t, 16, rows, "rows of the table")
}

// cellsOf cuts a row of the table where two spaces stand.
func cellsOf(row string) []string {
	var cells []string
	for _, part := range strings.Split(strings.TrimSpace(row), "  ") {
		if part = strings.TrimSpace(part); part != "" {
			cells = append(cells, part)
		}
	}
	return cells
}

func cell(matched bool, missing int) string {
	text := "false"
	if matched {
		text = "true"
	}
	if missing > 0 {
		text += ", " + string(rune('0'+missing)) + " missing"
	}
	return text
}
