package config

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"
)

// ruleNode is the value of the key audience in a file.
func ruleNode(t testing.TB, text string) (*source, *yaml.Node) {
	t.Helper()
	src, root, problems := parse("a.yaml", []byte(text))
	require.Empty(t, problems)
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == "audience" {
			return src, root.Content[i+1]
		}
	}
	require.Fail(t, "no audience", text)
	return nil, nil
}

// A part of a text is found where it is written, however it is written.
func TestSpanOfPart(t *testing.T) {
	for _, row := range []struct {
		name, text, part string
		want             span
	}{
		{"plain", "audience: age >= ab18\n", "ab18", span{1, 18, 4}},
		{"plain, the whole", "audience: member\n", "member", span{1, 11, 6}},
		{"plain behind letters of two bytes", "audience: ålder >= ab18\n", "ab18", span{1, 20, 4}},
		{"plain behind an anchor", "audience: &x age >= ab18\n", "ab18", span{1, 21, 4}},
		{"plain over two lines", "audience: age >= 18\n  && ab18\n", "ab18", span{2, 6, 4}},
		{"plain over an empty line", "audience: age >= 18\n\n  && ab18\n", "ab18", span{2 + 1, 6, 4}},
		{"plain in braces", "{audience: age >= ab18, x: 1}\n", "ab18", span{1, 19, 4}},
		{"plain below its key", "audience:\n  age >=\n  ab18\n", "ab18", span{3, 3, 4}},
		{"double quotes", `audience: "age >= ab18"`, "ab18", span{1, 19, 4}},
		{"double quotes with escapes before", `audience: "c == \"NO\" && ab18"`, "ab18", span{1, 27, 4}},
		{"double quotes with an escape inside", `audience: "c == \"NO\" && x"`, `"NO"`, span{1, 17, 6}},
		{"double quotes with letters as numbers", `audience: "\x41 \u00e5 \U0001F600 ab18"`, "ab18", span{1, 35, 4}},
		{"double quotes over two lines", "audience: \"age >= 18 \n   && ab18\"", "ab18", span{2, 7, 4}},
		{"double quotes over an escaped break", "audience: \"age >= 18 \\\n   && ab18\"", "ab18", span{2, 7, 4}},
		{"double quotes over empty lines", "audience: \"age >= 18\n\n\n   && ab18\"", "ab18", span{4, 7, 4}},
		{"single quotes", `audience: 'age >= ab18'`, "ab18", span{1, 19, 4}},
		{"single quotes with a quote before", `audience: 'c == "d''e" && ab18'`, "ab18", span{1, 27, 4}},
		{"single quotes over two lines", "audience: 'age >= 18\n   && ab18'", "ab18", span{2, 7, 4}},
		{"literal", "audience: |\n  age >= 18\n  && ab18\n", "ab18", span{3, 6, 4}},
		{"literal, first line", "audience: |\n  age >= ab18\n  && x\n", "ab18", span{2, 10, 4}},
		{"literal with more indentation", "audience: |\n  age >= 18\n    && ab18\n", "ab18", span{3, 8, 4}},
		{"literal with a number for the indentation", "audience: |2\n   age >= 18\n  && ab18\n", "ab18", span{3, 6, 4}},
		{"literal without the last break", "audience: |-\n  age >= 18\n  && ab18\nx: 1\n", "ab18", span{3, 6, 4}},
		{"literal with all breaks", "audience: |+\n  age >= 18\n\n  && ab18\n\n\nx: 1\n", "ab18", span{4, 6, 4}},
		{"literal before another key", "audience: |\n  age >= ab18\nx: 1\n", "ab18", span{2, 10, 4}},
		{"literal behind a comment", "audience: | # who\n  age >= ab18\n", "ab18", span{2, 10, 4}},
		{"literal with empty lines first", "audience: |\n\n\n  age >= ab18\n", "ab18", span{4, 10, 4}},
		{"literal with a line of spaces", "audience: |\n  age >= 18\n     \n  && ab18\n", "ab18", span{4, 6, 4}},
		{"folded", "audience: >\n  age >= 18\n  && ab18\n", "ab18", span{3, 6, 4}},
		{"folded over an empty line", "audience: >\n  age >= 18\n\n  && ab18\n", "ab18", span{4, 6, 4}},
		{"folded over empty lines", "audience: >\n  age >= 18\n\n\n  && ab18\n", "ab18", span{5, 6, 4}},
		{"folded with more indentation", "audience: >\n  age >= 18\n    && x\n  && ab18\n", "ab18", span{4, 6, 4}},
		{"folded without the last break", "audience: >-\n  age >= 18\n  && ab18\n\nx: 1", "ab18", span{3, 6, 4}},
		{"line ends of Windows", "x: 1\r\naudience: |\r\n  age >= 18\r\n  && ab18\r\n", "ab18", span{4, 6, 4}},
		{"a part that goes on in the next line", "audience: |\n  age >= \"ab\n  cd\"\n", "\"ab\ncd\"", span{2, 10, 3}},
	} {
		t.Run(row.name, func(t *testing.T) {
			src, n := ruleNode(t, row.text)
			offset := strings.Index(n.Value, row.part)
			require.GreaterOrEqual(t, offset, 0, "%q", n.Value)
			assert.Equal(t, row.want, src.spanOfPart(n, offset, len(row.part)), "of %q", n.Value)
		})
	}
}

// The end of a rule is behind the last character that is written.
func TestSpanOfEnd(t *testing.T) {
	for _, row := range []struct {
		name, text string
		want       span
	}{
		{"plain", "audience: age >=\n", span{1, 17, 1}},
		{"quotes", "audience: \"age >=\"\n", span{1, 18, 1}},
		{"literal", "audience: |\n  age >=\n", span{2, 9, 1}},
		{"folded with all breaks", "audience: >+\n  age\n  >=\n\n\n", span{3, 5, 1}},
	} {
		t.Run(row.name, func(t *testing.T) {
			src, n := ruleNode(t, row.text)
			assert.Equal(t, row.want, src.spanOfPart(n, len(n.Value), 1))
		})
	}
}

// Where a text cannot be found again, the whole value is shown.
func TestSpanOfPartFallsBack(t *testing.T) {
	for _, row := range []struct {
		name, text     string
		offset, length int
	}{
		{"an alias", "x: &x age >= 18\naudience: *x\n", 4, 2},
		{"an offset before the text", "audience: age >= 18\n", -1, 2},
		{"an offset behind the text", "audience: age >= 18\n", 99, 2},
		{"an empty text", "audience: ''\n", 0, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			src, n := ruleNode(t, row.text)
			assert.Equal(t, src.spanOf(n), src.spanOfPart(n, row.offset, row.length))
		})
	}
	t.Run("a value that is not that of the lines", func(t *testing.T) {
		src, n := ruleNode(t, "audience: age >= 18\n")
		n.Value = "age >= 19"
		assert.Equal(t, span{1, 11, 9}, src.spanOfPart(n, 4, 2))
	})
}

// Random texts in every style: each letter is found where it stands.
func TestEveryLetterIsFound(t *testing.T) {
	const seed = 20260105
	random := rand.New(rand.NewPCG(seed, 0))
	pieces := []string{"a", "b7", "å", "日本", "é", " ", "  ", "\n", "\n\n", "&&", "(", "==", "\"", "'", "x y", "\\", "😀"}
	found := make(map[yaml.Style]int)
	for range 3000 {
		var b strings.Builder
		for range 1 + random.IntN(12) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		style := []yaml.Style{0, yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle, yaml.LiteralStyle, yaml.FoldedStyle}[random.IntN(5)]
		out, err := yaml.Dump(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
			{Kind: yaml.ScalarNode, Value: "audience"}, {Kind: yaml.ScalarNode, Tag: "!!str", Value: b.String(), Style: style},
			{Kind: yaml.ScalarNode, Value: "owner"}, {Kind: yaml.ScalarNode, Value: "me"},
		}}, yaml.WithLineWidth(1+random.IntN(40)), yaml.WithUnicode(random.IntN(2) == 0))
		require.NoError(t, err)
		src, n := ruleNode(t, string(out))
		spots, ok := src.spotsOf(n)
		require.True(t, ok, "seed %d: %q was not found in\n%s", seed, n.Value, out)
		require.Len(t, spots, len(n.Value))
		found[n.Style]++
		for i, r := range n.Value {
			if at := spots[i]; spots[i].width == 1 && r != ' ' && r != '\n' {
				require.Equal(t, string(r), src.from(at.line, at.column)[:len(string(r))], "seed %d: letter %d of %q in\n%s", seed, i, n.Value, out)
			}
		}
	}
	assert.GreaterOrEqual(t, len(found), 5, "styles %v", fmt.Sprint(found))
}
