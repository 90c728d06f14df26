package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// asked are the questions with one sample for everybody: the i-th contestant
// takes i times as long as the first.
func asked() []field {
	var fields []field
	for _, q := range questions() {
		f := field{question: q}
		for i, c := range q.contestants {
			n := float64(i + 1)
			f.opened = append(f.opened, &opened{contestant: c, samples: []sample{
				{alone: 40 * n, parallel: 1_000 * n, bytes: 1_024 * int64(i), allocs: int64(i)},
			}})
		}
		fields = append(fields, f)
	}
	return fields
}

// layout is a document's tables without their numbers: the heads, and who
// stands in each row.
func layout(document string) []string {
	var lines []string
	for line := range strings.Lines(document) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) < 3 || strings.TrimSpace(cells[0]) != "" {
			continue
		}
		name := strings.TrimSpace(cells[1])
		if head := strings.TrimSpace(cells[2]); head == columns()[0] || strings.HasPrefix(head, "-") {
			name = strings.TrimSpace(line)
		}
		lines = append(lines, name)
	}
	return lines
}

func TestMarkdown(t *testing.T) {
	document := markdown(asked(), median, "On a machine.")
	assert.Contains(t, document, "| One 50/50 experiment | ns | times | ns parallel | times parallel | B | allocs |\n|---|---:|---:|---:|---:|---:|---:|\n"+
		"| touchlift | 40.0 | 1.0x | 1,000 | 1.0x | 0 | 0 |\n| GrowthBook 0.7.0 | 80.0 | 2.0x | 2,000 | 2.0x | 1,024 | 1 |\n| LaunchDarkly ")
	assert.Contains(t, document, "\n\nThe fastest peers, in touchlift's time: GrowthBook 2.0x, GrowthBook 2.0x, CEL 2.0x.\n\nOn a machine.\n")
	assert.Len(t, layout(document), 3*2+6+6+3)
}

// TestFootnotes: what is special about a figure stands where the figure is read, and
// only there.
func TestFootnotes(t *testing.T) {
	document := markdown(asked(), median, "On a machine.")
	tables := strings.Split(document, "\n\n")
	require.Greater(t, len(tables), 5)
	assert.Regexp(t, `\| OpenFeature \S+<sup>1</sup> \|`, tables[0])
	assert.Regexp(t, `\| PostHog \d+\.\d+\.\d+ \|`, tables[0], "it hashes here")
	assert.Regexp(t, `\| OpenFeature \S+<sup>1</sup> \|`, tables[1])
	assert.Regexp(t, `\| PostHog \S+<sup>2</sup> \|`, tables[1])
	assert.NotContains(t, tables[2], "<sup>")
	assert.Equal(t, []string{"<sup>1</sup> " + openFeatureNote, "<sup>2</sup> " + postHogNote}, tables[3:5], "each once, below the tables")

	fields := asked()
	postHog := fields[1].opened[4]
	require.Equal(t, "PostHog", postHog.name)
	postHog.samples[0].alone = 50
	assert.Contains(t, markdown(fields, median, ""), "GrowthBook 2.0x, PostHog<sup>2</sup> 1.2x, CEL 2.0x.")
}

// TestLabelsNameTheRelease: a figure without a release cannot be checked.
func TestLabelsNameTheRelease(t *testing.T) {
	for _, c := range append(deciders(), rules()...) {
		if c.name == "touchlift" {
			assert.Equal(t, c.name, label(c))
		} else {
			assert.Regexp(t, `^`+c.name+` \d+\.\d+\.\d+$`, label(c))
		}
	}
}

func TestFigures(t *testing.T) {
	for ns, want := range map[float64]string{0: "0.0", 29.06: "29.1", 99.94: "99.9", 99.96: "100", 654.4: "654", 1_511.5: "1,512", 1_234_567: "1,234,567"} {
		assert.Equal(t, want, figure(ns))
	}
	for n, want := range map[int64]string{0: "0", 784: "784", 1_072: "1,072", 12_345_678: "12,345,678"} {
		assert.Equal(t, want, thousands(n))
	}
	assert.Equal(t, "9.9x", times(9.94, 1))
	assert.Equal(t, "22.2x", times(654, 29.5))
	assert.Equal(t, "1,200x", times(1_200, 1))
	assert.Equal(t, "-", times(654, 0))
	assert.NotEmpty(t, machine())
}

// TestREADMEShowsTheseTables compares contestants, releases and columns, not
// numbers. Written by: go run -C examples/benchmarks . -write ../../README.md
func TestREADMEShowsTheseTables(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	if !strings.Contains(string(text), begin) && !strings.Contains(string(text), end) {
		return // the README shows no benchmarks
	}
	_, inside, _, err := between(string(text))
	require.NoError(t, err)
	assert.Equal(t, layout(markdown(asked(), median, "")), layout(inside), "write it anew: go run -C examples/benchmarks . -write ../../README.md")
}
