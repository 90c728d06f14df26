package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/config"
	"github.com/touchlift/touchlift/experiment/record"
)

// opened is a shop on a test server.
type opened struct {
	url      string
	store    *experiment.Memory
	recorder *record.Recorder
}

// open opens a shop in front of the store that wrap makes of a memory.
func open(t *testing.T, wrap func(experiment.Store) experiment.Store) opened {
	t.Helper()
	memory := experiment.NewMemory(experiment.MemoryOptions{})
	catalog, err := config.Load(experiments)
	require.NoError(t, err)
	recorder, err := record.New(wrap(memory), record.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, closeRecorder(recorder)) })
	engine, err := experiment.New(catalog, experiment.Options{Recorder: recorder})
	require.NoError(t, err)
	s := &shop{catalog: catalog, engine: engine, recorder: recorder, store: memory, logger: slog.New(slog.DiscardHandler)}
	server := httptest.NewServer(s.handler())
	t.Cleanup(server.Close)
	return opened{url: server.URL, store: memory, recorder: recorder}
}

func same(store experiment.Store) experiment.Store { return store }

// browser keeps cookies.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &http.Client{Jar: jar}
}

func text(t *testing.T, response *http.Response, err error) string {
	t.Helper()
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, string(body))
	return string(body)
}

// TestVisit follows one customer from the home page to the results.
func TestVisit(t *testing.T) {
	shop := open(t, same)
	client := browser(t)
	get := func(path string) string {
		response, err := client.Get(shop.url + path)
		return text(t, response, err)
	}
	home := get("/")
	checkout := get("/checkout")
	get("/")
	for range 2 { // a double click
		response, err := client.PostForm(shop.url+"/buy", url.Values{"order": {"<order>"}})
		assert.Contains(t, text(t, response, err), "Order &lt;order&gt; is on its way", "what comes from outside is escaped")
	}
	require.NoError(t, shop.recorder.Flush(t.Context()))

	exposures := shop.store.Exposures()
	require.Len(t, exposures, 2, "one for each touchpoint, however often the customer comes")
	assert.Equal(t, "home-page", exposures[0].Touchpoint)
	assert.Equal(t, "checkout-page", exposures[1].Touchpoint)
	assert.Equal(t, exposures[0].Unit, exposures[1].Unit, "the cookie names the customer")
	assert.Equal(t, exposures[0].Variant, exposures[1].Variant)
	banner := map[string]string{"control": "Welcome to the shop", "free_returns": "Free returns for 30 days"}[exposures[0].Variant]
	assert.Contains(t, home, banner)
	assert.Contains(t, checkout, banner)

	conversions := shop.store.Conversions()
	require.Len(t, conversions, 1, "an order counts once")
	assert.Equal(t, "purchase", conversions[0].Event)
	assert.Equal(t, exposures[0].Unit, conversions[0].IDs[0].Value)

	results := get("/experiments")
	assert.Contains(t, results, "free-returns: keep running")
	assert.Contains(t, results, "Recorder: 5 events accepted, 5 delivered,\n0 refused")
}

func TestPagesRefuse(t *testing.T) {
	shop := open(t, same)
	for _, row := range []struct {
		name, reason, method, path string
		want                       int
	}{
		{"unknown page", "only the home page is /", http.MethodGet, "/unknown", http.StatusNotFound},
		{"buying by a link", "a link preview would buy", http.MethodGet, "/buy", http.StatusMethodNotAllowed},
		{"order without a number", "it could not be counted once", http.MethodPost, "/buy", http.StatusBadRequest},
	} {
		t.Run(row.name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), row.method, shop.url+row.path, nil)
			require.NoError(t, err)
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			defer response.Body.Close()
			assert.Equal(t, row.want, response.StatusCode, row.reason)
		})
	}
	require.NoError(t, shop.recorder.Flush(t.Context()))
	assert.Empty(t, shop.store.Exposures())
}

func TestCustomer(t *testing.T) {
	for _, row := range []struct {
		name, reason, cookie string
		known                bool
	}{
		{"ours", "set by an earlier visit", "ABCDEF234567ABCDEF234567AB", true},
		{"with a dash", "the load has such", "load-17", true},
		{"none", "a first visit", "", false},
		{"too long", "it would fill the store", strings.Repeat("a", 65), false},
		{"odd letters", "not from this shop", "a=b", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			request := httptest.NewRequest(http.MethodGet, "/", nil)
			if row.cookie != "" {
				request.AddCookie(&http.Cookie{Name: cookie, Value: row.cookie})
			}
			response := httptest.NewRecorder()
			subject := customer(response, request)
			id, ok := subject.ID(experiment.KindCustomer)
			require.True(t, ok)
			set := response.Result().Cookies()
			if row.known {
				assert.Equal(t, row.cookie, id, row.reason)
				assert.Empty(t, set)
				return
			}
			assert.NotEqual(t, row.cookie, id, row.reason)
			require.Len(t, set, 1)
			assert.Equal(t, id, set[0].Value)
			assert.True(t, plausible(id))
			assert.True(t, set[0].HttpOnly)
		})
	}
}

// stalled is a store that answers only when it is let go.
type stalled struct {
	experiment.Store
	called  chan struct{}
	release chan struct{}
}

func (s stalled) Record(ctx context.Context, batch experiment.Batch) (experiment.Receipt, error) {
	select {
	case s.called <- struct{}{}:
	default:
	}
	<-s.release
	return s.Store.Record(ctx, batch)
}

// TestNoRequestWaitsForTheStore: 500 visits are answered while the store has
// not answered one call. Nothing is timed: if a request waited, the test would
// never end.
func TestNoRequestWaitsForTheStore(t *testing.T) {
	store := stalled{called: make(chan struct{}, 1), release: make(chan struct{})}
	shop := open(t, func(inner experiment.Store) experiment.Store {
		store.Store = inner
		return store
	})
	visit := func() {
		response, err := browser(t).Get(shop.url + "/")
		text(t, response, err)
	}
	visit()
	<-store.called // the store has the first batch and does not answer
	for range 499 {
		visit()
	}
	assert.Empty(t, shop.store.Exposures())
	close(store.release)
	require.NoError(t, shop.recorder.Flush(t.Context()))
	assert.Len(t, shop.store.Exposures(), 500)
}

// TestManyAtOnce visits from many goroutines, each customer several times.
func TestManyAtOnce(t *testing.T) {
	shop := open(t, same)
	var running sync.WaitGroup
	for range 20 {
		running.Go(func() {
			client := browser(t)
			for _, path := range []string{"/", "/checkout", "/", "/checkout"} {
				response, err := client.Get(shop.url + path)
				if assert.NoError(t, err) {
					assert.Equal(t, http.StatusOK, response.StatusCode)
					assert.NoError(t, response.Body.Close())
				}
			}
		})
	}
	running.Wait()
	require.NoError(t, shop.recorder.Flush(t.Context()))
	assert.Len(t, shop.store.Exposures(), 40, "20 customers at 2 touchpoints")
	assert.EqualValues(t, 80, shop.recorder.Counters().Delivered())
}
