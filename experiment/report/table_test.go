package report

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/touchlift/touchlift/experiment/internal/wording"
	"github.com/touchlift/touchlift/stats"
)

func TestDisplayWidth(t *testing.T) {
	tests := []struct {
		name, text, reason string
		want               int
	}{
		{"plain", "control", "a column a letter", 7},
		{"accents", "naïve", "two bytes, one column", 5},
		{"combining", "nai\u0308ve", "a combining mark takes no column", 5},
		{"wide", "変種", "an ideograph takes two columns", 4},
		{"full-width", "Ａ", "so does a full-width letter", 2},
		{"pictograph", "🚀", "and a pictograph", 2},
		{"joiner", "a\u200db", "a joiner takes none", 2},
		{"empty", "", "nothing", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, displayWidth(tt.text), tt.reason) })
	}
}

func TestTableAlignsByDisplayWidth(t *testing.T) {
	tab := table{header: []string{"variant", "units"}, right: []bool{false, true}}
	tab.add("変種変種変種", "1")
	tab.add("a")
	var b strings.Builder
	tab.write(&b)
	assert.Equal(t, "  variant       units\n  変種変種変種      1\n  a\n", b.String())
}

func TestParagraphWraps(t *testing.T) {
	var b strings.Builder
	paragraph(&b, "  Reason  ", strings.TrimSpace(strings.Repeat("twelve chars ", 20)))
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	assert.Len(t, lines, 3)
	for i, line := range lines {
		assert.LessOrEqual(t, len(line), lineWidth)
		if i > 0 {
			assert.True(t, strings.HasPrefix(line, "          twelve") || strings.HasPrefix(line, "          chars"), "hanging indent: %q", line)
		}
	}
}

func TestIntervalText(t *testing.T) {
	inf := math.Inf(1)
	tests := []struct {
		name     string
		interval stats.Interval
		want     string
	}{
		{"bounded", stats.Interval{Low: -0.01, High: 0.02, Kind: stats.Bounded}, "-1.00 to +2.00 %"},
		{"no lower end", stats.Interval{Low: -inf, High: 0.02, Kind: stats.LowerUnbounded}, "up to +2.00 %"},
		{"no upper end", stats.Interval{Low: 0.01, High: inf, Kind: stats.UpperUnbounded}, "+1.00 % or more"},
		{"gap", stats.Interval{Low: -3, High: 2, Kind: stats.Exclusive}, "outside -300 to +200 %"},
		{"everything", stats.Interval{Low: -inf, High: inf, Kind: stats.Unbounded}, "any value"},
		{"none", stats.Interval{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, intervalText(tt.interval, wording.Hundredths, " %")) })
	}
}
