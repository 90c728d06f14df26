package datasets

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// tolerance is how far a number may be from the reference, relative to it.
const tolerance = 1e-9

// Finding is the outcome of one comparison.
type Finding struct {
	Name string
	// Problem is empty where the comparison holds.
	Problem string
}

// Ledger compares numbers with reference.json and keeps what it compared.
type Ledger struct {
	reference map[string]any // leaf by its path, steps joined by /
	compared  map[string]bool
	findings  []Finding
	// recordings by name of the set, see Recordings.
	recordings map[string]Recording
}

// NewLedger reads the reference of a directory.
func NewLedger(dir string) (*Ledger, error) {
	text, err := os.ReadFile(filepath.Join(dir, "reference.json"))
	if err != nil {
		return nil, fmt.Errorf("datasets: %w", err)
	}
	var root any
	if err := json.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf("datasets: reference.json: %w", err)
	}
	l := &Ledger{reference: make(map[string]any), compared: make(map[string]bool)}
	l.flatten("", root)
	return l, nil
}

func (l *Ledger) flatten(path string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, v := range value {
			l.flatten(strings.TrimPrefix(path+"/"+key, "/"), v)
		}
	case []any:
		for i, v := range value {
			l.flatten(fmt.Sprintf("%s/%d", path, i), v)
		}
	default:
		l.reference[path] = value
	}
}

// Findings of all comparisons, in their order.
func (l *Ledger) Findings() []Finding { return l.findings }

// Missing returns the paths of the reference that nothing was compared with,
// sorted.
func (l *Ledger) Missing() []string {
	var missing []string
	for path := range l.reference {
		if !l.compared[path] {
			missing = append(missing, path)
		}
	}
	slices.Sort(missing)
	return missing
}

// number compares a number with the reference at a path.
func (l *Ledger) number(source, path string, got float64) {
	l.compared[path] = true
	f := Finding{Name: source + ": " + path}
	want, ok := l.reference[path].(float64)
	switch {
	case !ok:
		f.Problem = "the reference has no number there"
	case !near(want, got):
		f.Problem = fmt.Sprintf("is %v, want %v", got, want)
	}
	l.findings = append(l.findings, f)
}

func (l *Ledger) numbers(source, path string, got ...float64) {
	for i, v := range got {
		l.number(source, fmt.Sprintf("%s/%d", path, i), v)
	}
}

// text compares a text with the reference at a path.
func (l *Ledger) text(source, path, got string) {
	l.compared[path] = true
	l.equal(source+": "+path, got, l.reference[path])
}

// equal compares anything that is not in the reference.
func (l *Ledger) equal(name string, got, want any) {
	f := Finding{Name: name}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		f.Problem = fmt.Sprintf("is %v, want %v", got, want)
	}
	l.findings = append(l.findings, f)
}

// close compares two numbers that should be the same.
func (l *Ledger) close(name string, got, want float64) {
	f := Finding{Name: name}
	if !near(want, got) {
		f.Problem = fmt.Sprintf("is %v, want %v", got, want)
	}
	l.findings = append(l.findings, f)
}

// fail notes an error.
func (l *Ledger) fail(name string, err error) bool {
	if err != nil {
		l.findings = append(l.findings, Finding{Name: name, Problem: err.Error()})
	}
	return err != nil
}

func near(want, got float64) bool {
	return want == got || math.Abs(want-got) <= tolerance*math.Abs(want)
}
