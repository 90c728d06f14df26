package experiment

import (
	"container/list"
	"context"
	"sync"
)

// MemoryAssignments, made by [NewMemoryAssignments], are [Assignments] in the memory
// of one process. They are gone with it, and not shared with others.
type MemoryAssignments struct {
	capacity int

	mu     sync.Mutex
	recent *list.List // of *kept, the last used first
	byKey  map[AssignmentKey]*list.Element
}

var _ Assignments = (*MemoryAssignments)(nil)

type kept struct {
	key        AssignmentKey
	assignment Assignment
}

// NewMemoryAssignments makes room for a number of assignments, about 200 bytes
// each; when it is full the one that was not used for longest is forgotten. A
// capacity of 0 or less is no bound: use that for lists that were split beforehand,
// of which nothing may be forgotten.
func NewMemoryAssignments(capacity int) *MemoryAssignments {
	return &MemoryAssignments{capacity: capacity, recent: list.New(), byKey: make(map[AssignmentKey]*list.Element)}
}

// Assignment returns what is kept under the key. The error is that of ctx.
func (m *MemoryAssignments) Assignment(ctx context.Context, key AssignmentKey) (Assignment, bool, error) {
	if err := ctx.Err(); err != nil {
		return Assignment{}, false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	found := m.byKey[key]
	if found == nil {
		return Assignment{}, false, nil
	}
	m.recent.MoveToFront(found)
	return found.Value.(*kept).assignment, true, nil
}

// Assign keeps the assignment unless there is one, and returns what is kept. The
// error is that of ctx.
func (m *MemoryAssignments) Assign(ctx context.Context, key AssignmentKey, assignment Assignment) (Assignment, error) {
	if err := ctx.Err(); err != nil {
		return Assignment{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if found := m.byKey[key]; found != nil {
		m.recent.MoveToFront(found)
		return found.Value.(*kept).assignment, nil
	}
	if m.capacity > 0 && len(m.byKey) >= m.capacity {
		oldest := m.recent.Back()
		delete(m.byKey, m.recent.Remove(oldest).(*kept).key)
	}
	m.byKey[key] = m.recent.PushFront(&kept{key: key, assignment: assignment})
	return assignment, nil
}

// Len is the number of assignments that are kept.
func (m *MemoryAssignments) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.byKey)
}
