package sqlstore

import "fmt"

// packing puts the time of an exposure and the rank of its placement into one
// ordered key, so that a plain minimum finds the first exposure. The key is an
// integer where both fit, which is nearly always, and else a text.
type packing struct {
	*builder
	ranks, earliest int64
	text            bool
}

// The widths of a time and of a rank in a text.
const (
	timeDigits = 20
	rankDigits = 10
)

func newPacking(b *builder, ranks int, earliest, latest int64) packing {
	p := packing{builder: b, ranks: int64(ranks), earliest: earliest}
	span := uint64(latest) - uint64(earliest) // no overflow: latest is not below
	p.text = span >= 1<<62/uint64(ranks)
	return p
}

// pack returns the key of a time and a rank.
func (p packing) pack(us, rank string) string {
	sinceEarliest := fmt.Sprintf("(%s - %s)", us, p.arg(p.earliest))
	if p.text {
		return p.Pad(sinceEarliest, timeDigits) + " || " + p.Pad(rank, rankDigits)
	}
	return fmt.Sprintf("%s * %s + (%s)", sinceEarliest, p.arg(p.ranks), rank)
}

// time returns the time of a key.
func (p packing) time(key string) string {
	if p.text {
		return fmt.Sprintf("(%s + %s)", p.Integer(fmt.Sprintf("substr(%s, 1, %d)", key, timeDigits), 0), p.arg(p.earliest))
	}
	return fmt.Sprintf("(%s + %s)", p.Quotient(key, p.arg(p.ranks)), p.arg(p.earliest))
}

// rank returns the rank of a key.
func (p packing) rank(key string) string {
	if p.text {
		return p.Integer(key, timeDigits)
	}
	return fmt.Sprintf("(%s %% %s)", key, p.arg(p.ranks))
}
