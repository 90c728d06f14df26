package config_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/touchlift/touchlift/experiment/config"
)

// A hundred experiments, as a large shop may have them.
func BenchmarkLoad(b *testing.B) {
	files := fstest.MapFS{"touchpoints.yaml": text(checkoutPage)}
	for i := range 100 {
		name := fmt.Sprintf("experiment-%d", i)
		files[name+".yaml"] = text(strings.ReplaceAll(smallest, "checkout-reassurance", name))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := config.Load(files); err != nil {
			b.Fatal(err)
		}
	}
}

// Ten thousand mistakes on one line.
func BenchmarkLoadMistakes(b *testing.B) {
	files := fstest.MapFS{
		"touchpoints.yaml": text(checkoutPage),
		"a.yaml":           text(smallest + "overrides: {control: [" + strings.Repeat("1.10,", 10_000) + "]}"),
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := config.Load(files); err == nil {
			b.Fatal("no mistake found")
		}
	}
}
