package load

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// home and checkout are visits of one customer.
var (
	home     = visit{customer: "c-1", page: "home-page"}
	checkout = visit{customer: "c-1", page: "checkout-page"}
)

func TestCheck(t *testing.T) {
	full := counters{"accepted": 3, "delivered": 3}
	seen := outcome{answered: 3, visits: map[visit]bool{home: true, checkout: true}, orders: 1}
	for _, row := range []struct {
		name, reason string
		outcome      outcome
		counters     counters
		stored       stored
		want         string
	}{
		{"all there", "the good case", seen, full, stored{exposures: map[visit]int{home: 1, checkout: 1}, purchases: 1}, ""},
		{"silence", "nothing was tested", outcome{failed: 9}, counters{}, stored{}, "no request was answered"},
		{"lost", "answered and not stored", seen, full, stored{exposures: map[visit]int{home: 1}, purchases: 1}, "1 of 2 answered visits are not in the database"},
		{"doubled", "a visit counts once", seen, full, stored{exposures: map[visit]int{home: 2, checkout: 1}, purchases: 1}, "more than once"},
		{"from nowhere", "nobody asked", outcome{answered: 2, visits: map[visit]bool{home: true}, orders: 1}, full,
			stored{exposures: map[visit]int{home: 1, checkout: 1}, purchases: 1}, "1 visits in the database were not answered, but only 0 requests failed"},
		{"answer lost", "stored, then the connection broke", outcome{answered: 2, visits: map[visit]bool{home: true}, orders: 1, failed: 1}, full,
			stored{exposures: map[visit]int{home: 1, checkout: 1}, purchases: 1}, ""},
		{"two variants", "a customer meets one", seen, full, stored{exposures: map[visit]int{home: 1, checkout: 1}, purchases: 1, mixed: 1}, "1 customers met two variants"},
		{"order lost", "answered and not stored", seen, full, stored{exposures: map[visit]int{home: 1, checkout: 1}}, "0 purchases, 1 were answered"},
		{"undelivered", "accepted events must arrive", seen, counters{"accepted": 3, "delivered": 2}, stored{exposures: map[visit]int{home: 1, checkout: 1}, purchases: 1}, "accepted 3, delivered 2"},
		{"refused", "the queue was full", seen, counters{"refused": 1}, stored{exposures: map[visit]int{home: 1, checkout: 1}, purchases: 1}, "refused 1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := check(row.outcome, row.counters, row.stored)
			if row.want == "" {
				assert.NoError(t, err, row.reason)
			} else {
				assert.ErrorContains(t, err, row.want, row.reason)
			}
		})
	}
}

func TestSend(t *testing.T) {
	var asked, bought atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		customer, err := r.Cookie("customer")
		if err != nil || !strings.HasPrefix(customer.Value, "load-") {
			http.Error(w, "nobody", http.StatusBadRequest)
			return
		}
		if asked.Add(1) == 1 {
			http.Error(w, "broken", http.StatusInternalServerError)
			return
		}
		if r.Method == http.MethodPost && r.PostFormValue("order") != "" {
			bought.Add(1)
		}
	}))
	defer server.Close()
	half := make(chan struct{})
	seen := traffic{url: server.URL, rate: 5000, requests: 300, customers: 20, workers: 4, half: half}.send(t.Context())
	<-half
	assert.EqualValues(t, 300, asked.Load())
	assert.Equal(t, 299, seen.answered)
	assert.Equal(t, 1, seen.failed)
	assert.ErrorContains(t, seen.firstErr, "500 Internal Server Error")
	assert.Len(t, seen.latencies, 299)
	assert.InDelta(t, bought.Load(), seen.orders, 1, "the broken answer may have been an order")
	assert.Greater(t, len(seen.visits), 20)
	assert.Less(t, len(seen.visits), 41, "20 customers, 2 pages")
	assert.Contains(t, seen.String(), "299 answers")
}

func TestQuantile(t *testing.T) {
	var o outcome
	assert.Zero(t, o.quantile(0.5), "no answers")
	for i := range 100 {
		o.latencies = append(o.latencies, time.Duration(i+1))
	}
	assert.EqualValues(t, 51, o.quantile(0.5))
	assert.EqualValues(t, 100, o.quantile(0.99))
	assert.EqualValues(t, 100, o.quantile(1))
}

func TestMergeKeepsFirstError(t *testing.T) {
	broken := errors.New("broken")
	all := merge([]outcome{{answered: 1, latencies: []time.Duration{3}}, {failed: 1, firstErr: broken, latencies: []time.Duration{1}}}, time.Second)
	assert.Equal(t, 1, all.answered)
	assert.Equal(t, 1, all.failed)
	assert.Equal(t, broken, all.firstErr)
	assert.Equal(t, []time.Duration{1, 3}, all.latencies)
}

func TestRunSaysWhyAShopDoesNotStart(t *testing.T) {
	err := Run(t.Context(), Options{Shop: []string{filepath.Join(t.TempDir(), "missing")}, Rate: 1, For: time.Second}, new(strings.Builder))
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, err, "healthy store")
}

func TestReadRefusesAMissingDatabase(t *testing.T) {
	_, err := read(filepath.Join(t.TempDir(), "missing.db"))
	require.Error(t, err)
}
