// Package audience holds the typed attributes of a subject, and the language of
// the rules that say for whom an experiment is.
package audience
