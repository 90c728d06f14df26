package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"embed"
	"html/template"
	"log/slog"
	"net/http"

	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/experiment/analysis"
	"github.com/touchlift/touchlift/experiment/record"
	"github.com/touchlift/touchlift/experiment/report"
)

// shop has what the pages need. Everything in it may be used by many requests
// at once.
type shop struct {
	catalog  *experiment.Catalog
	engine   *experiment.Engine
	recorder *record.Recorder
	store    experiment.Store
	logger   *slog.Logger
}

//go:embed pages
var pages embed.FS

var templates = template.Must(template.ParseFS(pages, "pages/*.html"))

// handler routes the requests.
func (s *shop) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("GET /checkout", s.checkout)
	mux.HandleFunc("POST /buy", s.buy)
	mux.HandleFunc("GET /experiments", s.experiments)
	return mux
}

func (s *shop) home(w http.ResponseWriter, r *http.Request) {
	decision := s.expose(r.Context(), "home-page", customer(w, r))
	s.show(w, "home", struct{ Banner string }{decision.Text("banner", "")})
}

func (s *shop) checkout(w http.ResponseWriter, r *http.Request) {
	decision := s.expose(r.Context(), "checkout-page", customer(w, r))
	s.show(w, "checkout", struct{ Banner, Order string }{decision.Text("banner", ""), rand.Text()})
}

// expose decides and records. With an error the decision can be used all the
// same: a page never fails because of an experiment.
func (s *shop) expose(ctx context.Context, touchpoint string, customer experiment.Subject) experiment.Decision {
	decision, err := s.engine.Expose(ctx, touchpoint, "free-returns", customer)
	if err != nil {
		s.logger.Warn("exposure", "error", err)
	}
	return decision
}

// buy records a purchase. Its key is the order number, so a second click on the
// button does not count twice.
func (s *shop) buy(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	order := r.PostFormValue("order")
	if order == "" {
		http.Error(w, "the order has no number", http.StatusBadRequest)
		return
	}
	err := s.engine.Track(r.Context(), customer(w, r), experiment.Conversion{
		ID: experiment.ConversionKey(order), Event: "purchase", Value: 59.90, Touchpoint: "checkout-page",
	})
	if err != nil {
		s.logger.Warn("purchase", "error", err)
	}
	s.show(w, "thanks", struct{ Order string }{order})
}

// experiments shows what the experiments say so far. It asks the store, so it
// is for the people of the shop, not for its customers.
func (s *shop) experiments(w http.ResponseWriter, r *http.Request) {
	var reports []string
	for _, e := range s.catalog.Experiments {
		result, err := analysis.Run(r.Context(), s.store, s.catalog, e.Key, analysis.Options{})
		if err != nil {
			s.logger.Error("analysis", "experiment", e.Key, "error", err)
			http.Error(w, "no results now; see the log", http.StatusInternalServerError)
			return
		}
		reports = append(reports, report.Text(result))
	}
	s.show(w, "experiments", struct {
		Reports  []string
		Counters record.Counters
	}{reports, s.recorder.Counters()})
}

// show writes a page.
func (s *shop) show(w http.ResponseWriter, page string, data any) {
	var text bytes.Buffer
	if err := templates.ExecuteTemplate(&text, page, data); err != nil {
		s.logger.Error("page", "name", page, "error", err)
		http.Error(w, "this page is broken", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store") // a cache would show one customer's variant to another
	if _, err := w.Write(text.Bytes()); err != nil {
		s.logger.Debug("the customer has left", "error", err)
	}
}
