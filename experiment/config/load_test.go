package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/config"
)

const (
	smallest = `experiment: checkout-reassurance
touchpoints: [checkout-page]
unit: customer
salt: checkout-reassurance-2026
arms:
  - {variant: control,      weight: 1}
  - {variant: free_returns, weight: 1}
`
	checkoutPage = "checkout-page: {stage: purchase, channel: web}\n"
)

// exampleFiles are the files of testdata/experiments that the package comment shows.
var exampleFiles = []string{
	"checkout.yaml", "touchpoints.yaml", "metrics.yaml", "attributes.yaml", "segments.yaml", "layers.yaml", "holdouts.yaml", "traffic.yaml",
}

func text(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

// moment reads a time as a file has it, with the location that reading gives it.
func moment(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	require.NoError(t, err)
	return at
}

// The package comment shows the files that the test above reads.
func TestCommentShowsTheFiles(t *testing.T) {
	comment, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	shown := strings.ReplaceAll(string(comment), "\n//\t", "\n")
	for _, name := range exampleFiles {
		file, err := os.ReadFile(filepath.Join("testdata", "experiments", name))
		require.NoError(t, err)
		assert.True(t, strings.Contains(shown, string(file)), "doc.go shows %s", name)
	}
	assert.True(t, strings.Contains(shown, smallest), "doc.go shows the smallest file")
}

// The smallest file has the documented defaults, and its catalogue can be run.
func TestSmallestFile(t *testing.T) {
	catalog, err := config.Load(fstest.MapFS{"checkout.yaml": text(smallest), "touchpoints.yaml": text(checkoutPage)})
	require.NoError(t, err)
	assert.Equal(t, []experiment.Experiment{{
		Key:         "checkout-reassurance",
		Touchpoints: []string{"checkout-page"},
		Unit:        experiment.KindCustomer,
		Salt:        "checkout-reassurance-2026",
		Arms:        []experiment.Arm{{Variant: "control", Weight: 1}, {Variant: "free_returns", Weight: 1}},
	}}, catalog.Experiments)
	plan := catalog.Experiments[0].Plan.WithDefaults()
	assert.Equal(t, experiment.MethodFixed, plan.Method)
	assert.Equal(t, 0.05, plan.Alpha)
	assert.Equal(t, "100%", catalog.Experiments[0].Traffic.String())
}

// Each line of the smallest file is needed, and nothing else is.
func TestSmallestFileIsSmallest(t *testing.T) {
	for _, key := range []string{"experiment", "touchpoints", "unit", "salt", "arms"} {
		t.Run(key, func(t *testing.T) {
			renamed := strings.Replace(smallest, key+":", "zzzzzzzzz:", 1)
			_, err := config.Load(fstest.MapFS{"checkout.yaml": text(renamed), "touchpoints.yaml": text(checkoutPage)})
			var list config.Errors
			require.ErrorAs(t, err, &list)
			codes := make([]experiment.Code, len(list))
			for i, e := range list {
				codes[i] = e.Code
			}
			assert.ElementsMatch(t, []experiment.Code{config.CodeUnknownKey, experiment.CodeMissing}, codes)
		})
	}
}

// LoadDir names files as the shell does.
func TestLoadDir(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "touchpoints.yaml"), []byte(checkoutPage), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "checkout.yaml"), []byte(smallest), 0o600))
	catalog, err := config.LoadDir(dir)
	require.NoError(t, err)
	assert.Len(t, catalog.Experiments, 1)

	require.NoError(t, os.WriteFile(filepath.Join(dir, "checkout.yaml"), []byte(smallest+"traffic: 2\n"), 0o600))
	_, err = config.LoadDir(dir)
	var e *config.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, filepath.Join(dir, "checkout.yaml"), e.File)
	assert.Equal(t, 8, e.Line)
}

// A mounted ConfigMap: the files are links into a folder whose name changes with
// every version, and each is read once.
func TestLoadDirOfLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need rights there that tests lack")
	}
	dir := t.TempDir()
	version := filepath.Join(dir, "..2026_01_05")
	require.NoError(t, os.Mkdir(version, 0o700))
	require.NoError(t, os.Symlink("..2026_01_05", filepath.Join(dir, "..data")))
	for name, content := range map[string]string{"touchpoints.yaml": checkoutPage, "checkout.yaml": smallest} {
		require.NoError(t, os.WriteFile(filepath.Join(version, name), []byte(content), 0o600))
		require.NoError(t, os.Symlink(filepath.Join("..data", name), filepath.Join(dir, name)))
	}
	catalog, err := config.LoadDir(dir)
	require.NoError(t, err)
	assert.Len(t, catalog.Experiments, 1)
	assert.Len(t, catalog.Touchpoints, 1)
}

func TestLoadDirThatIsNotThere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "nowhere")
	catalog, err := config.LoadDir(dir)
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.Equal(t, &experiment.Catalog{}, catalog, "never nil")
	var e *config.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, config.CodeUnreadable, e.Code)
	assert.Equal(t, dir, e.File)
	assert.Zero(t, e.Line)
	assert.True(t, strings.HasPrefix(err.Error(), dir+": TL009 cannot be read: "), err.Error())
	assert.True(t, strings.HasSuffix(err.Error(), "\n1 error"), err.Error())
}

// deniedFS cannot open some of its files.
type deniedFS struct {
	fstest.MapFS
	denied string
}

func (d deniedFS) Open(name string) (fs.File, error) {
	if name == d.denied {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.MapFS.Open(name)
}

// A file that cannot be read hides no mistake of another, and names that it would
// have defined are not called unknown.
func TestUnreadableFile(t *testing.T) {
	for _, row := range []struct {
		name, reason, denied string
		codes                []experiment.Code
		sound                int
	}{
		{"touchpoints", "what it defines is lost, which is no second mistake", "touchpoints.yaml",
			[]experiment.Code{config.CodeBadFormat, config.CodeUnreadable}, 0},
		{"experiment", "the others are judged and served", "a.yaml",
			[]experiment.Code{config.CodeUnreadable, config.CodeBadFormat}, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			catalog, err := config.Load(deniedFS{denied: row.denied, MapFS: fstest.MapFS{
				"a.yaml":           text("experiment: a\n"),
				"checkout.yaml":    text(smallest),
				"mistaken.yaml":    text(strings.ReplaceAll(smallest, "checkout-re", "mis") + "traffic: all\n"),
				"touchpoints.yaml": text(checkoutPage),
			}})
			if row.denied != "a.yaml" {
				t.Log(err)
			}
			require.ErrorIs(t, err, fs.ErrPermission, row.reason)
			var list config.Errors
			require.ErrorAs(t, err, &list)
			var codes []experiment.Code
			for _, e := range list {
				if e.File != "a.yaml" || e.Code == config.CodeUnreadable {
					codes = append(codes, e.Code)
				}
			}
			assert.Equal(t, row.codes, codes)
			assert.Len(t, catalog.Experiments, row.sound)
		})
	}
}

// Mounted ConfigMaps keep each file a second time under a folder that starts with
// two dots. Those, hidden files and other formats are left alone; the case of the
// extension does not matter.
func TestFilesThatAreLeftAlone(t *testing.T) {
	catalog, err := config.Load(fstest.MapFS{
		"checkout.yaml":              text(smallest),
		"touchpoints.YML":            text(checkoutPage),
		"..2026_01_05/checkout.yaml": text(smallest),
		".git/x.yaml":                text("["),
		".hidden.yaml":               text("["),
		"experiment.schema.json":     text("["),
		"README.md":                  text("["),
		"old.yaml.bak":               text("["),
	})
	require.NoError(t, err)
	assert.Len(t, catalog.Experiments, 1)
}

func TestLimits(t *testing.T) {
	small := strings.Repeat("# padding\n", (config.MaxFileBytes-len(smallest))/10)
	for _, row := range []struct {
		name, text string
		code       experiment.Code
	}{
		{"just below the largest file", smallest + small, ""},
		{"above the largest file", smallest + small + "# padding padding\n", config.CodeRefusedYAML},
		{"just below the most values", smallest + "overrides: {control: [" + ids(config.MaxValues-100) + "]}", ""},
		{"above the most values", smallest + "overrides: {control: [" + strings.Repeat("a,", config.MaxValues) + "]}", config.CodeRefusedYAML},
		{"aliases that multiply", "a: &a [x, x, x, x]\n" + multiply("abcdefghij"), config.CodeRefusedYAML},
		{"aliases that nest deeper than text may", "a0: &a0 [x]\n" + deepen(config.MaxDepth), config.CodeRefusedYAML},
		{"text nested deeper than it may", "a: " + strings.Repeat("[", 10_000), config.CodeRefusedYAML},
		{"lists within lists by dashes", strings.Repeat("- ", 100_000), config.CodeRefusedYAML},
		{"keys within keys", strings.Repeat("? ", 100_000), config.CodeRefusedYAML},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := config.Load(fstest.MapFS{"a.yaml": text(row.text), "touchpoints.yaml": text(checkoutPage)})
			var e *config.Error
			if row.code == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorAs(t, err, &e)
			assert.Equal(t, row.code, e.Code, e.Message)
		})
	}
}

// ids are as many ids, each another.
func ids(count int) string {
	var b strings.Builder
	for i := range count {
		b.WriteString("a" + strconv.Itoa(i) + ",")
	}
	return b.String()
}

// multiply defines each letter as ten times the letter before.
func multiply(letters string) string {
	var b strings.Builder
	for i := 1; i < len(letters); i++ {
		alias := "*" + letters[i-1:i] + ", "
		b.WriteString(letters[i:i+1] + ": &" + letters[i:i+1] + " [" + strings.Repeat(alias, 10) + "]\n")
	}
	return b.String()
}

// deepen defines each list as one around the list before.
func deepen(levels int) string {
	name := func(i int) string { return "a" + strings.Repeat("x", i) }
	var b strings.Builder
	b.WriteString("l: &a [1]\n")
	for i := 1; i <= levels; i++ {
		b.WriteString("l" + name(i) + ": &" + name(i) + " [*" + name(i-1) + "]\n")
	}
	return b.String()
}

// A list of mistakes is found as a list, as its first, and as what the file system
// said; paths are those of the catalogue.
func TestErrorsAreForPrograms(t *testing.T) {
	_, err := config.Parse(
		config.File{Name: "a.yaml", Text: []byte(smallest)},
		config.File{Name: "b.yaml", Text: []byte(strings.Replace(smallest, "weight: 1}", "weight: x}", 1))},
		config.File{Name: "touchpoints.yaml", Text: []byte(checkoutPage)})
	var list config.Errors
	require.ErrorAs(t, err, &list)
	var e *config.Error
	require.ErrorAs(t, err, &e)
	assert.Same(t, list[0], e)
	paths := make([]string, len(list))
	for i, e := range list {
		paths[i] = e.Path.String()
		assert.NoError(t, errors.Unwrap(e))
	}
	assert.Equal(t, []string{"experiments[1].key", "experiments[1].arms[0].weight"}, paths)
	assert.Equal(t, `  - {variant: control,      weight: x}`, list[1].Source)
}

func TestParseKeepsNoText(t *testing.T) {
	file := []byte(smallest)
	catalog, err := config.Parse(config.File{Name: "a.yaml", Text: file}, config.File{Name: "touchpoints.yaml", Text: []byte(checkoutPage)})
	require.NoError(t, err)
	assert.Equal(t, smallest, string(file))
	for i := range file {
		file[i] = 'x'
	}
	assert.Equal(t, "checkout-reassurance", catalog.Experiments[0].Key)
}

func TestParseNothing(t *testing.T) {
	catalog, err := config.Parse()
	require.NoError(t, err)
	assert.Equal(t, &experiment.Catalog{}, catalog)
}
