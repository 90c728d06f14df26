package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/touchlift/touchlift/experiment/config"
)

// Whatever a file holds, loading neither panics nor points outside of it, and what
// is said to be sound is valid. The other files make references possible.
func FuzzLoad(f *testing.F) {
	for _, name := range append([]string{filepath.Join("mail", "welcome.yaml"), filepath.Join("mail", "segments.yaml")}, exampleFiles...) {
		text, err := os.ReadFile(filepath.Join("testdata", "experiments", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(filepath.Base(name), string(text))
	}
	names, err := filepath.Glob(filepath.Join("testdata", "errors", "*.txt"))
	if err != nil || len(names) == 0 {
		f.Fatal("testdata/errors holds the cases", err)
	}
	for _, name := range names {
		for name, file := range readArchive(f, name).files() {
			f.Add(filepath.Base(name), string(file.Data))
		}
	}
	f.Add("a.yaml", "\ufeffa: &x [*x]\r\n\tb: 'c\n")
	f.Add("a.yaml", "experiment: !!str &a b\n? *a\n: {<<: *a}\n---\n")
	f.Add("metrics.yaml", "m: {kind: mean, event: e, window: 1w2d3h4m5s, delay: 99999999999w, cap: 1e999}\n")
	f.Add("touchpoints.yaml", "日本: {stage: \"é́\", channel: |\n  x\n}\n")
	f.Fuzz(func(t *testing.T, name, text string) {
		if !slices.Contains(exampleFiles[1:], name) {
			name = "a.yaml"
		}
		files := fstest.MapFS{
			"touchpoints.yaml": {Data: []byte("checkout-page: {stage: purchase, channel: web}\n")},
			"metrics.yaml":     {Data: []byte("conversion: {kind: proportion, event: purchase, window: 14d}\n")},
			"attributes.yaml":  {Data: []byte("country: string\nage: number\n")},
			"segments.yaml":    {Data: []byte("nordic: country in [\"NO\", \"SE\"]\n")},
			"layers.yaml":      {Data: []byte("checkout: {salt: checkout-layer, unit: customer}\n")},
			"holdouts.yaml":    {Data: []byte("winter: {salt: holdout-winter, unit: customer, share: 5%}\n")},
		}
		files[name] = &fstest.MapFile{Data: []byte(text)}
		catalog, err := config.Load(files)
		if invalid := catalog.Validate(); invalid != nil {
			t.Fatalf("what is sound is valid: %v", invalid)
		}
		if err == nil {
			return
		}
		if err.Error() == "" || !errors.As(err, new(config.Errors)) {
			t.Fatalf("an error is a list that prints: %v", err)
		}
		checkPlaces(t, files, err)
	})
}
