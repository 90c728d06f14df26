package experiment

import (
	"strings"
	"unicode/utf8"
)

// recordable reports whether an id can be hashed and stored: valid UTF-8
// without NUL, of at most MaxText bytes.
func recordable(id string) bool {
	return len(id) <= MaxText && (plain(id) || strings.IndexByte(id, 0) < 0 && utf8.ValidString(id))
}

// plain reports whether text is ASCII without NUL, as almost all text is. It
// looks at eight bytes at a time, since every decision and every event asks.
func plain(text string) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	if len(text) < 8 {
		return plainShort(text)
	}
	var suspect uint64
	for i := 0; i+8 < len(text); i += 8 {
		w := word(text, i)
		suspect |= w | (w - ones) // a high bit: not ASCII, or a borrow from 0
	}
	w := word(text, len(text)-8)
	suspect |= w | (w - ones)
	return suspect&highs == 0
}

func plainShort(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i]-1 >= utf8.RuneSelf-1 {
			return false
		}
	}
	return true
}

// word reads the eight bytes of text from i on; the compiler makes it one load.
func word(text string, i int) uint64 {
	b := text[i : i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}
