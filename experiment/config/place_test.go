package config

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/touchlift/touchlift/experiment"
)

// A value that is not written stands where the nearest value around it does.
func TestPlacesFallBack(t *testing.T) {
	whole, arm := &yaml.Node{Line: 1}, &yaml.Node{Line: 5}
	p := make(places)
	p.note(experiment.Path{"experiments", 0}, nil, whole)
	p.note(experiment.Path{"experiments", 0, "arms", 1}, nil, arm)
	for _, row := range []struct {
		name string
		path experiment.Path
		want *yaml.Node // nil if there is none
	}{
		{"itself", experiment.Path{"experiments", 0, "arms", 1}, arm},
		{"within", experiment.Path{"experiments", 0, "arms", 1, "payload", "x"}, arm},
		{"beside", experiment.Path{"experiments", 0, "arms", 2}, whole},
		{"a name that looks like an index", experiment.Path{"experiments", "0"}, nil},
		{"elsewhere", experiment.Path{"metrics", 0}, nil},
		{"nowhere", nil, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			found, ok := p.find(row.path)
			assert.Equal(t, row.want != nil, ok)
			assert.Same(t, row.want, found.node)
		})
	}
}

// A problem of nothing that a file holds is reported all the same.
func TestProblemWithoutPlace(t *testing.T) {
	l := loader{catalog: &experiment.Catalog{}, places: make(places)}
	l.add(&experiment.Problem{Code: experiment.CodeMissing, Message: "nothing is there", Hint: "write something"})
	require.Len(t, l.errors, 1)
	assert.Equal(t, ".: TL010 nothing is there\n   help: write something", l.errors[0].Error())
}

// A text shows a thousand mistakes at most; the list has them all.
func TestManyMistakes(t *testing.T) {
	text := strings.Repeat("- x\n", 1200)
	_, err := Parse(File{Name: "a.yaml", Text: []byte("experiment: a\narms:\n" + text)})
	var list Errors
	require.True(t, errors.As(err, &list))
	assert.Equal(t, 1203, len(list), "three keys are missing")
	assert.True(t, strings.HasSuffix(list.Error(), "\n… and 203 more\n1203 errors"), list.Error()[len(list.Error())-100:])
	assert.Equal(t, 1000, strings.Count(list.Error(), "a.yaml:"))
}

// The caret line is as wide on a terminal as the text above it.
func TestCells(t *testing.T) {
	for _, row := range []struct {
		name, text string
		want       int
	}{
		{"ASCII", "abc", 3},
		{"accents in one character", "é", 1},
		{"accents that combine", "e\u0301", 1},
		{"Japanese", "日本", 4},
		{"Korean", "한국어", 6},
		{"fullwidth letters", "ＡＢ", 4},
		{"a picture", "🎁", 2},
		{"a mark without width", "a\u200bb", 2},
	} {
		t.Run(row.name, func(t *testing.T) { assert.Equal(t, row.want, cells([]rune(row.text))) })
	}
}
