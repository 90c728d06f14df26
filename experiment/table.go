package experiment

import "math/bits"

// table finds experiments by their key. It never changes once it is filled. Every
// decision asks it, and it answers in half the time of a map, whose hash has to
// withstand keys that an enemy chose; these are chosen by the owner of the catalogue.
type table struct {
	slots []*compiled // a power of two, at most half full
}

func newTable(experiments []*compiled) table {
	t := table{slots: make([]*compiled, 2<<bits.Len(uint(len(experiments))))}
	for _, c := range experiments {
		i := t.start(c.key)
		for t.slots[i] != nil {
			i = (i + 1) & (len(t.slots) - 1)
		}
		t.slots[i] = c
	}
	return t
}

// find returns the experiment of that key, or nil.
func (t *table) find(key string) *compiled {
	if len(t.slots) == 0 {
		return nil
	}
	for i := t.start(key); ; i = (i + 1) & (len(t.slots) - 1) {
		if c := t.slots[i]; c == nil || c.key == key {
			return c
		}
	}
}

// start is the slot where the search for a key begins: eight bytes at a time are
// multiplied into the hash, the last eight may overlap.
func (t *table) start(key string) int {
	const odd = 0x9e3779b97f4a7c15
	h := uint64(len(key))
	if len(key) < 8 {
		for i := range len(key) {
			h = h<<8 | uint64(key[i])
		}
	} else {
		for i := 0; i+8 < len(key); i += 8 {
			h = (h ^ word(key, i)) * odd
			h ^= h >> 32
		}
		h = (h ^ word(key, len(key)-8)) * odd
	}
	h = (h ^ h>>32) * odd // a product moves bits up only
	return int(h>>32) & (len(t.slots) - 1)
}
