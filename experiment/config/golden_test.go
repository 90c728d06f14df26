package config_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/config"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// archive is a case in one file: why it is there, the files of a configuration
// and, under the names "errors" and "sound", what comes of them.
type archive struct {
	reason string
	names  []string
	texts  map[string]string
}

// readArchive reads lines such as "-- checkout.yaml --", each followed by a text.
func readArchive(t testing.TB, name string) archive {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	a := archive{texts: make(map[string]string)}
	section := ""
	for _, line := range strings.SplitAfter(string(text), "\n") {
		if inner, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "-- "); ok && strings.HasSuffix(inner, " --") {
			section = strings.TrimSuffix(inner, " --")
			a.names = append(a.names, section)
			a.texts[section] = ""
			continue
		}
		if section == "" {
			a.reason += line
		} else {
			a.texts[section] += line
		}
	}
	return a
}

func (a archive) write(t *testing.T, name string) {
	t.Helper()
	var b strings.Builder
	b.WriteString(a.reason)
	for _, section := range a.names {
		if section != "errors" && section != "sound" {
			b.WriteString("-- " + section + " --\n" + a.texts[section])
		}
	}
	b.WriteString("-- errors --\n" + a.texts["errors"] + "-- sound --\n" + a.texts["sound"])
	require.NoError(t, os.WriteFile(name, []byte(b.String()), 0o644))
}

// files returns the configuration. In a text the words <BOM>, <CR>, <TAB>, <NUL>
// and <FF> stand for bytes that editors would lose.
func (a archive) files() fstest.MapFS {
	bytes := strings.NewReplacer("<BOM>", "\ufeff", "<CR>", "\r", "<TAB>", "\t", "<NUL>", "\x00", "<FF>", "\xff", "<LS>", "\u2028")
	fsys := fstest.MapFS{}
	for name, text := range a.texts {
		if name != "errors" && name != "sound" {
			fsys[name] = &fstest.MapFile{Data: []byte(bytes.Replace(text))}
		}
	}
	return fsys
}

// soundParts lists what a service could still run.
func soundParts(c *experiment.Catalog) string {
	var b strings.Builder
	for _, t := range c.Touchpoints {
		fmt.Fprintln(&b, "touchpoint", t.Key)
	}
	for _, m := range c.Metrics {
		fmt.Fprintln(&b, "metric", m.Key)
	}
	for _, a := range c.Attributes {
		fmt.Fprintln(&b, "attribute", a.Key)
	}
	for _, s := range c.Segments {
		fmt.Fprintln(&b, "segment", s.Key)
	}
	for _, l := range c.Layers {
		fmt.Fprintln(&b, "layer", l.Key)
	}
	for _, h := range c.Holdouts {
		fmt.Fprintln(&b, "holdout", h.Key)
	}
	if c.Exclusions != (experiment.Exclusions{}) {
		fmt.Fprintln(&b, "exclusions")
	}
	for _, e := range c.Experiments {
		fmt.Fprintln(&b, "experiment", e.Key)
	}
	return b.String()
}

func cases(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", "errors", "*.txt"))
	require.NoError(t, err)
	require.NotEmpty(t, names, "testdata/errors holds the cases")
	return names
}

// Every mistake is reported where it stands, in the words of the golden file, and
// what is sound stays.
func TestErrors(t *testing.T) {
	for _, name := range cases(t) {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			a := readArchive(t, name)
			require.NotEmpty(t, strings.TrimSpace(a.reason), "a case says why it is there")
			catalog, err := config.Load(a.files())
			require.Error(t, err)
			got := err.Error() + "\n"
			if *update {
				a.texts["errors"], a.texts["sound"] = got, soundParts(catalog)
				a.write(t, name)
			}
			assert.Equal(t, a.texts["errors"], got)
			assert.Equal(t, a.texts["sound"], soundParts(catalog))
			assert.NoError(t, catalog.Validate(), "what is sound is valid")
			checkPlaces(t, a.files(), err)
		})
	}
}

// checkPlaces verifies that every error stands inside its file.
func checkPlaces(t *testing.T, files fstest.MapFS, err error) {
	t.Helper()
	var list config.Errors
	require.ErrorAs(t, err, &list)
	for _, e := range list {
		file, ok := files[e.File]
		if !ok {
			assert.Equal(t, config.CodeUnreadable, e.Code, "only what cannot be read has no file")
			continue
		}
		text := strings.TrimPrefix(string(file.Data), "\ufeff")
		lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n")
		if assert.True(t, e.Line >= 1 && e.Line <= len(lines), "line %d of %d", e.Line, len(lines)) && len(text) <= config.MaxFileBytes {
			assert.Equal(t, lines[e.Line-1], e.Source)
			width := len([]rune(e.Source))
			assert.True(t, e.Column >= 1 && e.Column <= width+1, "column %d of %d", e.Column, width)
			assert.True(t, e.Length >= 1 && e.Column+e.Length <= width+2, "length %d at %d of %d", e.Length, e.Column, width)
		}
		assert.NotEmpty(t, e.Message)
		words := e.Message + e.Hint
		if e.Code == experiment.CodeInvalidRule || len(e.Path) > 0 && e.Path[0] == "attributes" {
			words = regexp.MustCompile(`\bstring\b`).ReplaceAllString(words, "") // a word of the language of rules
		}
		assert.NotRegexp(t, `\b(string|float64|u?int64|map\[|\[\]|struct|interface|yaml\.Node)\b`, words, "no Go type")
	}
}
