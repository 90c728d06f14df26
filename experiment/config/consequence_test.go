package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/touchlift/touchlift/experiment/config"
)

// fullFormat is the configuration with every key.
func fullFormat(t *testing.T) (files fstest.MapFS, names []string) {
	t.Helper()
	files = fstest.MapFS{}
	mail := []string{"mail/layers.yaml", "mail/holdouts.yaml", "mail/touchpoints.yml"}
	names = append(append(names, exampleFiles...), mail...)
	for _, name := range append([]string{"mail/welcome.yaml", "mail/segments.yaml"}, names...) {
		data, err := os.ReadFile(filepath.Join("testdata", "experiments", filepath.FromSlash(name)))
		require.NoError(t, err)
		files[name] = &fstest.MapFile{Data: data}
	}
	files["peer.yaml"] = text(takenOver)
	return files, append(names, "peer.yaml")
}

// takenOver is an experiment with the formula of another SDK, and phases nowhere.
const takenOver = `experiment: taken-over
touchpoints: [checkout-page]
unit: customer
salt: taken-over
holdout: none
arms: [{variant: control, weight: 1}, {variant: bold, weight: 1}]
traffic: 50%
hash:
  name: growthbook/2
  filters: [{seed: shop, version: 2, ranges: [{from: 0, to: 0.5}]}]
  ranges: [{from: 0, to: 0.25}, {from: 0.5, to: 0.75}]
`

// scalars are the values, not the keys, of a tree.
func scalars(n *yaml.Node) []*yaml.Node {
	switch n.Kind {
	case yaml.ScalarNode:
		return []*yaml.Node{n}
	case yaml.MappingNode:
		var all []*yaml.Node
		for i := 1; i < len(n.Content); i += 2 {
			all = append(all, scalars(n.Content[i])...)
		}
		return all
	}
	var all []*yaml.Node
	for _, child := range n.Content {
		all = append(all, scalars(child)...)
	}
	return all
}

// replaced is a text of one-byte characters with another scalar in the place of one.
func replaced(text string, n *yaml.Node, with string) string {
	lines := strings.Split(text, "\n")
	line := lines[n.Line-1]
	lines[n.Line-1] = line[:n.Column-1] + with + line[n.Column-1+len(n.Value):]
	return strings.Join(lines, "\n")
}

// One wrong value is one mistake, at that value: nothing that follows from it is
// reported, and nothing is let through.
func TestOneWrongValueIsOneMistake(t *testing.T) {
	files, names := fullFormat(t)
	wrongs := []string{"~", "[[x]]", "{x: {}}", "!!str x"}
	if testing.Short() {
		wrongs = wrongs[:2]
	}
	for _, name := range names {
		whole := string(files[name].Data)
		var root yaml.Node
		require.NoError(t, yaml.Load([]byte(whole), &root))
		for _, n := range scalars(&root) {
			for _, wrong := range wrongs {
				t.Run(fmt.Sprintf("%s/%d:%d %s", name, n.Line, n.Column, wrong), func(t *testing.T) {
					files[name] = text(replaced(whole, n, wrong))
					_, err := config.Load(files)
					var list config.Errors
					if name == "checkout.yaml" && isPayload(n) && wrong != "~" && wrong != "!!str x" {
						require.NoError(t, err, "a payload takes lists and mappings")
						return
					}
					require.ErrorAs(t, err, &list)
					assert.Len(t, list, 1, "%v", err)
					assert.Equal(t, []any{name, n.Line}, []any{list[0].File, list[0].Line})
				})
			}
		}
		files[name] = text(whole)
	}
}

// isPayload reports the values of payloads in the file of the experiment.
func isPayload(n *yaml.Node) bool { return n.Line >= 12 && n.Line <= 13 && n.Column > 40 }

// keysOf are the keys of the format in a tree, without names that a file may choose.
func keysOf(n *yaml.Node) []*yaml.Node {
	var all []*yaml.Node
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			all = append(all, child)
		} else if n.Kind != yaml.MappingNode || n.Content[i-1].Value != "payload" {
			all = append(all, keysOf(child)...)
		}
	}
	return all
}

// A key with a slip is one mistake, whatever the file lacks without it.
func TestOneWrongKeyIsOneMistake(t *testing.T) {
	files, names := fullFormat(t)
	for _, name := range names {
		whole := string(files[name].Data)
		var root yaml.Node
		require.NoError(t, yaml.Load([]byte(whole), &root))
		for _, n := range keysOf(&root) {
			if n.Column == 1 && !slices.Contains([]string{"checkout.yaml", "peer.yaml", "traffic.yaml"}, name) {
				continue // the name of a touchpoint, a metric or the like
			}
			t.Run(fmt.Sprintf("%s/%d:%d %s", name, n.Line, n.Column, n.Value), func(t *testing.T) {
				files[name] = text(replaced(whole, n, n.Value+"x"))
				_, err := config.Load(files)
				var list config.Errors
				require.ErrorAs(t, err, &list)
				assert.Len(t, list, 1, "%v", err)
				assert.Equal(t, []any{name, n.Line, n.Column}, []any{list[0].File, list[0].Line, list[0].Column})
				assert.Contains(t, list[0].Message+list[0].Hint, fmt.Sprintf("did you mean %q?", n.Value))
			})
		}
		files[name] = text(whole)
	}
}

// A key that is missing from one of the files is one mistake as well.
func TestOneMissingLineIsOneMistake(t *testing.T) {
	for _, key := range []string{"experiment", "touchpoints", "unit", "salt"} {
		t.Run(key, func(t *testing.T) {
			var lines []string
			for _, line := range strings.SplitAfter(smallest, "\n") {
				if !strings.HasPrefix(line, key) {
					lines = append(lines, line)
				}
			}
			_, err := config.Load(fstest.MapFS{"checkout.yaml": text(strings.Join(lines, "")), "touchpoints.yaml": text(checkoutPage)})
			var list config.Errors
			require.ErrorAs(t, err, &list)
			require.Len(t, list, 1, "%v", err)
			assert.Equal(t, fmt.Sprintf("key %q is missing from the file", key), list[0].Message)
		})
	}
}
