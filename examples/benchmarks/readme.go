package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// The comments between which a file holds the tables.
const (
	begin = "<!-- benchmarks:begin -->"
	end   = "<!-- benchmarks:end -->"
)

// errNoMarkers: a file has no place for the tables.
var errNoMarkers = errors.New("want one line " + begin + " and after it one line " + end)

// between cuts a text at the markers: what stands before, in and after. The
// markers stay outside.
func between(text string) (before, inside, after string, err error) {
	if strings.Count(text, begin) != 1 || strings.Count(text, end) != 1 {
		return "", "", "", errNoMarkers
	}
	from, to := strings.Index(text, begin)+len(begin), strings.Index(text, end)
	if to < from {
		return "", "", "", errNoMarkers
	}
	return text[:from], text[from:to], text[to:], nil
}

// rewrite puts the tables into a file, in place of those there.
func rewrite(path, tables string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("benchmarks: %w", err)
	}
	before, _, after, err := between(string(text))
	if err != nil {
		return fmt.Errorf("benchmarks: %s: %w", path, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("benchmarks: %w", err)
	}
	return os.WriteFile(path, []byte(before+"\n"+strings.TrimRight(tables, "\n")+"\n"+after), info.Mode())
}
