package config

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// reading says what YAML takes a plain scalar for if that is not the text as it
// stands, or if the versions of YAML differ about it; "" if it is a text.
func reading(n *yaml.Node) string {
	if !isPlain(n) {
		return ""
	}
	switch n.ShortTag() {
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	case "!!timestamp":
		return "a date"
	case "!!merge":
		return "a merge key"
	}
	switch {
	case isDecimal(n.Value), isDigits(strings.TrimLeft(n.Value, "+-")):
		return "a number"
	case isOldTruth(n.Value):
		return "true or false in YAML 1.1"
	case isBase60(n.Value):
		return "a number to base 60 in YAML 1.1"
	}
	return ""
}

// isOldTruth reports the words for true and false that YAML 1.1 has and 1.2 has not.
func isOldTruth(text string) bool {
	switch strings.ToLower(text) {
	case "yes", "no", "on", "off", "y", "n":
		return true
	}
	return false
}

// isBase60 reports what YAML 1.1 reads as hours, minutes and seconds.
func isBase60(text string) bool {
	parts := strings.Split(strings.TrimLeft(text, "+-"), ":")
	for i, part := range parts {
		if !isDigits(part) || i > 0 && (len(part) > 2 || len(part) == 2 && part[0] > '5') {
			return false
		}
	}
	return len(parts) > 1
}

// plainText notes a plain scalar that is no text, or none in every version of YAML.
func (d *decoder) plainText(at, is *yaml.Node) bool {
	reads := reading(is)
	if reads == "" {
		return true
	}
	d.fail(at, CodeAmbiguous, "put it in quotes: "+strconv.Quote(shorten(is.Value)),
		"%s is %s, which without quotes is %s", d.subject(), shorten(is.Value), reads)
	return false
}

// plainName is plainText for the key of a mapping. The letters y and n are let
// through: they are the names of coordinates and counts.
func (d *decoder) plainName(e entry) bool {
	is := follow(e.node)
	if strings.EqualFold(is.Value, "y") || strings.EqualFold(is.Value, "n") {
		return true
	}
	if reads := reading(is); reads != "" {
		d.fail(e.node, CodeAmbiguous, "put it in quotes: "+strconv.Quote(shorten(is.Value)),
			"the name %s without quotes is %s", shorten(is.Value), reads)
		return false
	}
	return d.untagged(e.node)
}
