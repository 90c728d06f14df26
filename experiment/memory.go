package experiment

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
	"time"
)

// MemoryOptions are the options of [NewMemory].
type MemoryOptions struct {
	// Now returns the time at which an id is erased. Default time.Now.
	Now func() time.Time
}

// Memory, made by [NewMemory], is a [Store] that keeps everything in memory: for tests, and the
// model that every other store is compared with. Its cost is linear in the
// number of stored events, for each query and each erasure; recording is
// constant per event.
//
// Sums are added up in the order of units, so equal contents give equal digits.
type Memory struct {
	now func() time.Time

	mu          sync.RWMutex
	closed      bool
	exposures   map[ExposureKey]*Exposure
	conversions map[ConversionID]*Conversion
	tombstones  map[tombstone]time.Time // when the id was erased
}

var _ Store = (*Memory)(nil)

// tombstone is the SHA-256 of an erased id's kind, NUL and value: it bars the
// id without keeping it.
type tombstone [sha256.Size]byte

func tombstoneOf(id ID) tombstone {
	return sha256.Sum256([]byte(string(id.Kind) + "\x00" + id.Value))
}

// NewMemory makes an empty store.
func NewMemory(options MemoryOptions) *Memory {
	now := options.Now
	if now == nil {
		now = time.Now
	}
	return &Memory{
		now:         now,
		exposures:   make(map[ExposureKey]*Exposure),
		conversions: make(map[ConversionID]*Conversion),
		tombstones:  make(map[tombstone]time.Time),
	}
}

// Record stores a batch, all of it or nothing. It takes no time worth
// cancelling: ctx is looked at once, before anything is stored.
func (m *Memory) Record(ctx context.Context, batch Batch) (Receipt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.usable(ctx, "record"); err != nil {
		return Receipt{}, err
	}
	if err := batch.Validate(); err != nil {
		return Receipt{}, err
	}
	var receipt Receipt
	for i := range batch.Exposures {
		m.recordExposure(batch.Exposures[i], &receipt)
	}
	for i := range batch.Conversions {
		m.recordConversion(batch.Conversions[i], &receipt)
	}
	return receipt, nil
}

func (m *Memory) recordExposure(e Exposure, receipt *Receipt) {
	e = copyExposure(e)
	key := e.NaturalKey()
	stored, found := m.exposures[key]
	switch {
	case m.barred(e.Time, e.IDs) || m.barred(e.Time, []ID{{Kind: e.Kind, Value: e.Unit}}):
		receipt.Barred++
	case !found:
		m.exposures[key] = &e
		receipt.Inserted++
	case precedes(&e, stored):
		m.exposures[key] = &e
		receipt.Merged++
	default:
		receipt.Duplicate++
	}
}

// precedes reports whether a, not b, is to be kept of two exposures of one key.
func precedes(a, b *Exposure) bool {
	if !a.Time.Equal(b.Time) {
		return a.Time.Before(b.Time)
	}
	return a.Encoding() < b.Encoding()
}

func (m *Memory) recordConversion(v Conversion, receipt *Receipt) {
	v = copyConversion(v)
	stored, found := m.conversions[v.ID]
	switch {
	case m.barred(v.Time, v.IDs):
		receipt.Barred++
	case !found:
		m.conversions[v.ID] = &v
		receipt.Inserted++
	case stored.Event != v.Event || stored.Value != v.Value:
		receipt.Conflicting++
	default:
		receipt.Duplicate++
	}
}

// barred reports whether one of the ids was erased after t.
func (m *Memory) barred(t time.Time, ids []ID) bool {
	if len(m.tombstones) == 0 {
		return false
	}
	return slices.ContainsFunc(ids, func(id ID) bool {
		erased, found := m.tombstones[tombstoneOf(id)]
		return found && t.Before(erased)
	})
}

// Forget erases every event that carries the id and bars those dated before
// now. Erasing an id again moves that moment forward, never back. What is kept
// of the id is the SHA-256 of its kind, NUL and its value.
func (m *Memory) Forget(ctx context.Context, id ID) (Erasure, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.usable(ctx, "forget"); err != nil {
		return Erasure{}, err
	}
	if err := id.Validate(); err != nil {
		return Erasure{}, err
	}
	now := toMicrosecond(m.now())
	if now.After(m.tombstones[tombstoneOf(id)]) {
		m.tombstones[tombstoneOf(id)] = now
	}
	var erasure Erasure
	for key, e := range m.exposures {
		if (e.Kind == id.Kind && e.Unit == id.Value) || slices.Contains(e.IDs, id) {
			delete(m.exposures, key)
			erasure.Exposures++
		}
	}
	for key, v := range m.conversions {
		if slices.Contains(v.IDs, id) {
			delete(m.conversions, key)
			erasure.Conversions++
		}
	}
	return erasure, nil
}

// Close releases the store's memory.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.exposures, m.conversions, m.tombstones = nil, nil, nil
	return nil
}

// usable returns why the store cannot do op; the caller holds the lock.
func (m *Memory) usable(ctx context.Context, op string) error {
	if m.closed {
		return ErrStoreClosed
	}
	if err := ctx.Err(); err != nil {
		return &StoreError{Op: op, Outcome: ErrRetryable, Err: err}
	}
	return nil
}

// Exposures returns a copy of every stored exposure, ordered by time and then
// by natural key. Times are in UTC, cut to the microsecond. A closed store has
// none.
func (m *Memory) Exposures() []Exposure {
	m.mu.RLock()
	defer m.mu.RUnlock()
	exposures := make([]Exposure, 0, len(m.exposures))
	for _, e := range m.exposures {
		exposures = append(exposures, copyExposure(*e))
	}
	slices.SortFunc(exposures, func(a, b Exposure) int {
		return cmp.Or(
			a.Time.Compare(b.Time),
			strings.Compare(a.Experiment, b.Experiment),
			strings.Compare(a.Run, b.Run),
			strings.Compare(string(a.Kind), string(b.Kind)),
			strings.Compare(a.Unit, b.Unit),
			compareExposures(&a, &b),
		)
	})
	return exposures
}

// Conversions returns a copy of every stored conversion, ordered by time and
// then by id. Times are in UTC, cut to the microsecond. A closed store has
// none.
func (m *Memory) Conversions() []Conversion {
	m.mu.RLock()
	defer m.mu.RUnlock()
	conversions := make([]Conversion, 0, len(m.conversions))
	for _, v := range m.conversions {
		conversions = append(conversions, copyConversion(*v))
	}
	slices.SortFunc(conversions, func(a, b Conversion) int { return compareConversions(&a, &b) })
	return conversions
}

// compareExposures is the order of first exposures of one unit.
func compareExposures(a, b *Exposure) int {
	return cmp.Or(
		a.Time.Compare(b.Time),
		cmp.Compare(a.Phase, b.Phase),
		strings.Compare(a.Variant, b.Variant),
		strings.Compare(a.Touchpoint, b.Touchpoint),
		strings.Compare(string(a.Class), string(b.Class)),
	)
}

func compareConversions(a, b *Conversion) int {
	return cmp.Or(a.Time.Compare(b.Time), bytes.Compare(a.ID[:], b.ID[:]))
}

func copyExposure(e Exposure) Exposure {
	e.Time = toMicrosecond(e.Time)
	e.IDs = slices.Clone(e.IDs)
	e.Attributes = slices.Clone(e.Attributes)
	return e
}

func copyConversion(v Conversion) Conversion {
	v.Time = toMicrosecond(v.Time)
	v.IDs = slices.Clone(v.IDs)
	v.Attributes = slices.Clone(v.Attributes)
	return v
}

// toMicrosecond cuts a time to the microsecond, down also before 1970.
func toMicrosecond(t time.Time) time.Time { return time.UnixMicro(t.UnixMicro()).UTC() }
