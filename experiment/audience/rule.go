package audience

// Schema is what rules may speak of.
type Schema struct {
	// Attributes by name, with their types.
	Attributes map[string]Type
	// Segments by name, with their rules.
	Segments map[string]string
}
