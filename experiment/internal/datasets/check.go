package datasets

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
)

// Open makes an empty store of that name.
type Open func(name string) (experiment.Store, error)

// Check plays the data sets of a directory into stores, analyses them there,
// and compares with the reference. With rows it also compares what package
// stats makes of the rows of the files, and the answers of seven stores of the
// same kind that share the units among them.
func (l *Ledger) Check(ctx context.Context, dir string, open Open, rows bool) {
	shards := 1
	if rows {
		shards = 7
	}
	l.checkHillstrom(ctx, dir, open, rows, shards)
	l.checkCookieCats(ctx, dir, open, rows, shards)
	l.checkLandingPage(ctx, dir, open, rows, shards)
	if rows {
		l.checkFastFood(dir)
		l.checkASOS(dir)
		l.checkUpworthy(dir)
	}
}

// played calls compare with the set in one store, and in several if wanted.
func (l *Ledger) played(ctx context.Context, s *Set, open Open, shards int, compare func(source string, from analysis.Source, r analysis.Result)) {
	one := l.playInto(ctx, s, open, 1, "store", compare)
	if shards > 1 {
		several := l.playInto(ctx, s, open, shards, fmt.Sprintf("%d merged stores", shards), compare)
		l.sameResults(s.Name, one, several)
	}
}

func (l *Ledger) playInto(ctx context.Context, s *Set, open Open, n int, source string, compare func(string, analysis.Source, analysis.Result)) analysis.Result {
	var stores Shards
	defer func() {
		for _, store := range stores {
			l.fail(s.Name+": Close", store.Close())
		}
	}()
	for i := range n {
		store, err := open(fmt.Sprintf("%s %d of %d", s.Name, i+1, n))
		if l.fail(s.Name+": open", err) {
			return analysis.Result{}
		}
		stores = append(stores, store)
	}
	for _, batch := range s.Batches() {
		if l.fail(s.Name+": Record", stores.Record(ctx, batch)) {
			return analysis.Result{}
		}
	}
	r, err := analysis.Run(ctx, stores, s.Catalog, s.Key, s.options())
	if l.fail(s.Name+": Run", err) {
		return r
	}
	compare(source, stores, r)
	return r
}

func (s *Set) options() analysis.Options {
	return analysis.Options{Now: func() time.Time { return s.Now }}
}

// sameResults compares two results of one set: counts exactly, other numbers to
// the tolerance, texts as they are.
func (l *Ledger) sameResults(name string, one, several analysis.Result) {
	var a, b any
	for _, side := range []struct {
		result analysis.Result
		into   *any
	}{{one, &a}, {several, &b}} {
		text, err := json.Marshal(side.result)
		if l.fail(name, err) || l.fail(name, json.Unmarshal(text, side.into)) {
			return
		}
	}
	f := Finding{Name: name + ": one store and several merged give the same result"}
	if where := firstDifference("", a, b); where != "" {
		f.Problem = "they differ at " + where
	}
	l.findings = append(l.findings, f)
}

func firstDifference(path string, a, b any) string {
	switch a := a.(type) {
	case map[string]any:
		other, _ := b.(map[string]any)
		if len(a) != len(other) {
			return path
		}
		for key, v := range a {
			if where := firstDifference(path+"/"+key, v, other[key]); where != "" {
				return where
			}
		}
		return ""
	case []any:
		other, _ := b.([]any)
		if len(a) != len(other) {
			return path
		}
		for i, v := range a {
			if where := firstDifference(fmt.Sprintf("%s/%d", path, i), v, other[i]); where != "" {
				return where
			}
		}
		return ""
	case float64:
		other, ok := b.(float64)
		if !ok || !near(a, other) || (a == math.Trunc(a) && math.Abs(a) >= 1 && a != other) {
			return fmt.Sprintf("%s: %v and %v", path, a, b)
		}
		return ""
	}
	if a != b {
		return fmt.Sprintf("%s: %v and %v", path, a, b)
	}
	return ""
}

// balance compares the sample ratio check of a result.
func (l *Ledger) balance(source, path string, r analysis.Result) {
	i := slices.IndexFunc(r.Balance, func(b analysis.Balance) bool { return b.Population == "without contaminated units" })
	if i < 0 {
		l.equal(source+": "+path, "no balance", "a balance")
		return
	}
	l.number(source, path+"/chi2", r.Balance[i].Statistic)
	l.number(source, path+"/df", float64(r.Balance[i].DF))
	l.number(source, path+"/p", r.Balance[i].P)
}

func (l *Ledger) health(name string, r analysis.Result, id string, want analysis.Level) {
	level := analysis.Level("no such check")
	for _, c := range r.Health {
		if c.ID == id {
			level = c.Level
		}
	}
	l.equal(name+": health check "+id, level, want)
}

func asOf(t time.Time) []time.Time { return []time.Time{t} }

func (l *Ledger) checkHillstrom(ctx context.Context, dir string, open Open, rows bool, shards int) {
	s, err := loadHillstrom(dir)
	if l.fail("hillstrom", err) {
		return
	}
	if rows {
		l.hillstromRows(&s)
	}
	l.played(ctx, &s, open, shards, func(source string, from analysis.Source, r analysis.Result) {
		l.hillstromResult(source, r)
		l.hillstromSegmentCells(ctx, source, from, &s)
		if source == "store" {
			l.record(ctx, from, &s, r)
		}
	})
}
