package sqlite

import (
	"fmt"
	"strconv"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/internal/sqlstore"
)

// dialect is how SQLite writes what the SQL stores write differently.
var dialect = sqlstore.Dialect{
	Placeholder:  func(n int) string { return "?" + strconv.Itoa(n) },
	Join:         "CROSS JOIN", // reads the left table first
	Materialized: " MATERIALIZED",
	Quotient:     func(a, b string) string { return fmt.Sprintf("(%s / %s)", a, b) },
	Pad:          func(number string, digits int) string { return fmt.Sprintf("printf('%%0%dd', %s)", digits, number) },
	Hex:          func(bytes string) string { return fmt.Sprintf("hex(%s)", bytes) },
	Integer: func(text string, skip int) string {
		return fmt.Sprintf("CAST(substr(%s, %d) AS INTEGER)", text, skip+1)
	},
	Path:   memberPath,
	Member: func(object, path string) string { return fmt.Sprintf("%s -> %s", object, path) },
	Text: func(object, path string) string {
		return fmt.Sprintf("CASE json_type(%s, %s) WHEN 'text' THEN json_extract(%s, %s) END", object, path, object, path)
	},
	Number: func(object, path string) string {
		return fmt.Sprintf("CASE WHEN json_type(%s, %s) IN ('integer', 'real') THEN exact_number(%s -> %s) END", object, path, object, path)
	},
	Truth: func(object, path string) string {
		return fmt.Sprintf("CASE json_type(%s, %s) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END", object, path)
	},
}

// createFunctions gives a connection what the dialect needs. SQLite reads most
// numbers of JSON exactly, but not all: exact_number is strconv.ParseFloat.
func createFunctions(conn *sqlite.Conn) error {
	return conn.CreateFunction("exact_number", &sqlite.FunctionImpl{
		NArgs:         1,
		Deterministic: true,
		Scalar: func(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
			number, err := strconv.ParseFloat(args[0].Text(), 64)
			return sqlite.FloatValue(number), err
		},
	})
}

// memberPath returns the path of a member of an object, its name quoted as the
// encoding of attributes quotes it.
func memberPath(name string) string {
	object := experiment.EncodeAttributes([]experiment.Attribute{experiment.Bool(name, true)})
	return "$." + strings.TrimSuffix(strings.TrimPrefix(object, "{"), ":true}")
}
