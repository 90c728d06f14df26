package main

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files and the file that is shipped")

// springSale makes the file that is shipped. Its customers do not exist: the
// list is shuffled and cut in three; 11 % of those without a mail visit the
// shop, 19 % with prices, 15 % with pictures.
func springSale(t *testing.T) []byte {
	t.Helper()
	arms := []struct {
		name  string
		visit float64
	}{{"none", 0.11}, {"prices", 0.19}, {"pictures", 0.15}}
	random := rand.New(rand.NewPCG(2026, 3))
	var text bytes.Buffer
	rows := csv.NewWriter(&text)
	require.NoError(t, rows.Write([]string{"customer", "recency", "history", "newbie", "mail", "visited", "bought", "spent"}))
	for i, place := range random.Perm(3000) {
		arm := arms[place/1000]
		visited, bought, spent := "0", "0", "0"
		if random.Float64() < arm.visit {
			visited = "1"
			if random.Float64() < 0.25 {
				bought, spent = "1", fmt.Sprintf("%.2f", 15+random.ExpFloat64()*40)
			}
		}
		require.NoError(t, rows.Write([]string{
			fmt.Sprintf("s-%04d", i+1), fmt.Sprint(1 + random.IntN(12)), fmt.Sprintf("%.2f", 30+random.ExpFloat64()*200),
			fmt.Sprint(random.IntN(2)), arm.name, visited, bought, spent,
		}))
	}
	rows.Flush()
	require.NoError(t, rows.Error())
	return text.Bytes()
}

// TestSpringSaleIsGenerated: the file is embedded, so after -update has
// rewritten it, -update is needed once more for the golden output.
func TestSpringSaleIsGenerated(t *testing.T) {
	want := springSale(t)
	if *update {
		require.NoError(t, os.WriteFile(shipped, want, 0o644))
	}
	have, err := os.ReadFile(shipped)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(want, bytes.ReplaceAll(have, []byte("\r\n"), []byte("\n"))), "%s is not what the generator makes; run with -update", shipped)
}
