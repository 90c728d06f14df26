package sqlstore

// Dialect is what differs between the engines. Every function takes SQL
// expressions and returns one.
type Dialect struct {
	// Placeholder returns the n-th parameter, from 1. The same number may occur
	// several times.
	Placeholder func(n int) string
	// Join joins tables and, where the engine lets one say so, reads them in
	// the order of the text.
	Join string
	// Materialized stands between "AS" and the parenthesis of a common table
	// expression that is worth keeping. May be empty.
	Materialized string
	// Quotient divides integers that are not negative, rounding down.
	Quotient func(a, b string) string
	// Pad writes an integer that is not negative with leading zeros, so that
	// texts are ordered as the numbers are.
	Pad func(number string, digits int) string
	// Hex writes bytes as text in an order-preserving way, two characters each.
	Hex func(bytes string) string
	// Integer reads an integer from the text after the first skip characters.
	Integer func(text string, skip int) string
	// Path turns a member's name into the parameter that the functions below
	// take as path.
	Path func(name string) string
	// Member returns the JSON text of a member of a JSON object, or NULL.
	Member func(object, path string) string
	// Text, Number and Truth return a member's value, truth as 0 or 1, and NULL
	// where it is missing or of another type.
	Text, Number, Truth func(object, path string) string
}
