package load

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// traffic is a fixed number of requests at a fixed rate.
type traffic struct {
	url       string
	rate      int // requests per second
	requests  int
	customers int
	workers   int // requests that run at once, at most

	// half, if not nil, is closed when half of the requests have been sent, or
	// none will be any more.
	half chan struct{}
}

// visit is the contact of a customer and a page.
type visit struct{ customer, page string }

// outcome is what became of the requests.
type outcome struct {
	answered  int // with status 200
	failed    int // with another status, or none
	firstErr  error
	elapsed   time.Duration
	latencies []time.Duration // sorted; from the moment at which a request was due
	visits    map[visit]bool  // answered with status 200
	orders    int             // answered with status 200
}

// send sends the requests and waits for the answers. It ends early when ctx
// does. A request is due at its place in the schedule, whether or not earlier
// ones are answered, and its latency counts from there: a server that stalls
// cannot hide it by slowing the requests down.
func (t traffic) send(ctx context.Context) outcome {
	client := &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: t.workers, MaxConnsPerHost: t.workers},
	}
	defer client.CloseIdleConnections()
	due := make(chan int, t.requests)
	parts := make([]outcome, t.workers)
	start := time.Now()
	var running sync.WaitGroup
	for w := range t.workers {
		running.Go(func() {
			for i := range due {
				parts[w].add(t.one(ctx, client, i, start.Add(t.at(i))))
			}
		})
	}
	t.schedule(ctx, due, start)
	running.Wait()
	return merge(parts, time.Since(start))
}

// at is when a request is due, from the start.
func (t traffic) at(i int) time.Duration {
	return time.Duration(i) * time.Second / time.Duration(t.rate)
}

// schedule hands out each request when it is due.
func (t traffic) schedule(ctx context.Context, due chan<- int, start time.Time) {
	defer close(due)
	half := t.half
	reached := func() {
		if half != nil {
			close(half)
			half = nil
		}
	}
	defer reached()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for i := range t.requests {
		if wait := time.Until(start.Add(t.at(i))); wait > 0 {
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-ctx.Done():
				return
			}
		}
		due <- i
		if i >= t.requests/2 {
			reached()
		}
	}
}

// answer is what became of one request.
type answer struct {
	visit   visit // no page for a purchase
	latency time.Duration
	err     error
}

// one sends request i: by its number it is somebody's visit to a page, or a
// purchase.
func (t traffic) one(ctx context.Context, client *http.Client, i int, due time.Time) answer {
	random := rand.New(rand.NewPCG(uint64(i), 2026))
	a := answer{visit: visit{customer: fmt.Sprintf("load-%d", random.IntN(t.customers))}}
	method, path, body := http.MethodGet, "/", ""
	switch kind := random.IntN(100); {
	case kind < 10:
		method, path, body = http.MethodPost, "/buy", fmt.Sprintf("order=load-%d", i)
	case kind < 50:
		path, a.visit.page = "/checkout", "checkout-page"
	default:
		a.visit.page = "home-page"
	}
	request, err := http.NewRequestWithContext(ctx, method, t.url+path, strings.NewReader(body))
	if err != nil {
		return answer{err: err}
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	request.AddCookie(&http.Cookie{Name: "customer", Value: a.visit.customer})
	a.err = fetch(client, request)
	a.latency = time.Since(due)
	return a
}

// fetch sends a request and reads the whole answer, which has to be 200.
func fetch(client *http.Client, request *http.Request) error {
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", request.URL, response.Status)
	}
	return nil
}

func (o *outcome) add(a answer) {
	switch {
	case a.err != nil:
		o.failed++
		if o.firstErr == nil {
			o.firstErr = a.err
		}
		return
	case a.visit.page == "":
		o.orders++
	default:
		if o.visits == nil {
			o.visits = make(map[visit]bool)
		}
		o.visits[a.visit] = true
	}
	o.answered++
	o.latencies = append(o.latencies, a.latency)
}

// merge puts together what the workers saw.
func merge(parts []outcome, elapsed time.Duration) outcome {
	all := outcome{elapsed: elapsed, visits: make(map[visit]bool)}
	for _, part := range parts {
		all.answered += part.answered
		all.failed += part.failed
		all.orders += part.orders
		all.latencies = append(all.latencies, part.latencies...)
		for v := range part.visits {
			all.visits[v] = true
		}
		if all.firstErr == nil {
			all.firstErr = part.firstErr
		}
	}
	slices.Sort(all.latencies)
	return all
}

// quantile is the latency that a share q of the answers does not exceed; 0
// without an answer.
func (o outcome) quantile(q float64) time.Duration {
	if len(o.latencies) == 0 {
		return 0
	}
	rank := int(q * float64(len(o.latencies)))
	return o.latencies[min(rank, len(o.latencies)-1)]
}

// String shows rate, latencies and failures.
func (o outcome) String() string {
	text := fmt.Sprintf("%d answers in %.1f s (%.0f a second), p50 %v, p99 %v, max %v, %d failed",
		o.answered, o.elapsed.Seconds(), float64(o.answered)/o.elapsed.Seconds(),
		o.quantile(0.5).Round(10*time.Microsecond), o.quantile(0.99).Round(10*time.Microsecond),
		o.quantile(1).Round(10*time.Microsecond), o.failed)
	if o.firstErr != nil {
		text += fmt.Sprintf(" (the first: %v)", o.firstErr)
	}
	return text
}
