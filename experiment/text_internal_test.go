package experiment

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

// TestRecordable holds the fast check against the plain sentence, at every
// length and with a bad byte at every place.
func TestRecordable(t *testing.T) {
	sentence := func(id string) bool {
		return len(id) <= MaxText && utf8.ValidString(id) && !strings.Contains(id, "\x00")
	}
	for length := range 40 {
		id := []byte(strings.Repeat("\x7f\x01a", 14)[:length])
		assert.True(t, recordable(string(id)), "ASCII of length %d", length)
		for place := range id {
			for _, bad := range []byte{0, 0x80, 0xff, 0xc3} {
				was := id[place]
				id[place] = bad
				assert.Equal(t, sentence(string(id)), recordable(string(id)), "%q", id)
				id[place] = was
			}
		}
	}
	const seed = 1
	random := rand.New(rand.NewPCG(seed, seed))
	alphabet := []string{"a", "é", "世", "😀", "\x00", "\x7f", "\xc3", "\xed\xa0\x80", " "}
	for range 20000 {
		var b strings.Builder
		for range random.IntN(20) {
			b.WriteString(alphabet[random.IntN(len(alphabet))])
		}
		if !assert.Equal(t, sentence(b.String()), recordable(b.String()), "%q (seed %d)", b.String(), seed) {
			return
		}
	}
	assert.True(t, recordable(strings.Repeat("x", MaxText)))
	assert.False(t, recordable(strings.Repeat("x", MaxText+1)))
}
