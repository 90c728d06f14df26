package main

import (
	"crypto/rand"
	"net/http"
	"time"

	"github.com/touchlift/touchlift/experiment"
)

// cookie holds the customer's id.
const cookie = "customer"

// customer returns who asks: by the cookie of an earlier visit, or as somebody
// new, who gets one. A shop with accounts would take the account's number.
func customer(w http.ResponseWriter, r *http.Request) experiment.Subject {
	if known, err := r.Cookie(cookie); err == nil && plausible(known.Value) {
		return experiment.Customer(known.Value)
	}
	id := rand.Text()
	http.SetCookie(w, &http.Cookie{
		Name: cookie, Value: id, Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	return experiment.Customer(id)
}

// plausible refuses cookies that this shop cannot have set. What comes from
// outside is not to fill the store.
func plausible(id string) bool {
	if len(id) == 0 || len(id) > 64 {
		return false
	}
	for _, c := range id {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && !('0' <= c && c <= '9') && c != '-' {
			return false
		}
	}
	return true
}
