package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/examples/shop/load"
	"github.com/touchlift/touchlift/experiment"
)

// asShop makes the test binary run the shop, so that a test has a shop of its
// own process.
const asShop = "TOUCHLIFT_TEST_AS_SHOP"

func TestMain(m *testing.M) {
	if os.Getenv(asShop) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestLoad is the small form of `go run ./shop -load`: a healthy store, a slow
// store, and SIGTERM in the midst of the requests, each with a shop in a
// process of its own. Every answered visit has to be in the database, once.
func TestLoad(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGTERM")
	}
	t.Setenv(asShop, "1")
	var out bytes.Buffer
	err := load.Run(t.Context(), load.Options{Shop: []string{os.Args[0]}, Rate: 400, For: 2 * time.Second}, &out)
	t.Log(out.String())
	require.NoError(t, err)
	assert.Regexp(t, `(?s)healthy store.* 800 answers.* 0 failed.*slow store.* 800 answers.* 0 failed.*SIGTERM midway`, out.String())
}

// TestRunEndsInOrder runs the shop in this process, ends it, and looks at its
// last words.
func TestRunEndsInOrder(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	defer end()
	log, writer := io.Pipe()
	done := make(chan error, 1)
	db := filepath.Join(t.TempDir(), "shop.db")
	go func() {
		done <- run(ctx, options{addr: "127.0.0.1:0", db: db, slow: time.Millisecond}, writer)
		writer.Close()
	}()
	line := make([]byte, 4096)
	n, err := log.Read(line)
	require.NoError(t, err)
	url := regexp.MustCompile(`shop=(\S+)`).FindSubmatch(line[:n])
	require.NotNil(t, url, string(line[:n]))
	response, err := http.Get(string(url[1]) + "/checkout")
	text(t, response, err)

	end()
	rest, err := io.ReadAll(log)
	require.NoError(t, err)
	require.NoError(t, <-done)
	assert.Contains(t, string(rest), "msg=closed accepted=1 delivered=1 inserted=1 refused=0 dropped=0")
	_, err = http.Get(string(url[1]))
	assert.Error(t, err, "the shop is closed")
}

func TestRunRefuses(t *testing.T) {
	for _, row := range []struct {
		name, reason string
		options      options
		want         string
	}{
		{"address", "nobody could come", options{addr: "256.0.0.1:99999", db: filepath.Join(t.TempDir(), "a.db")}, "listen"},
		{"database", "a missing folder", options{addr: "127.0.0.1:0", db: filepath.Join(t.TempDir(), "none", "b.db")}, "none"},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.ErrorContains(t, run(t.Context(), row.options, io.Discard), row.want, row.reason)
		})
	}
}

func TestSlowStoreGivesUpWithItsContext(t *testing.T) {
	store := slowed(experiment.NewMemory(experiment.MemoryOptions{}), time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := store.Record(ctx, experiment.Batch{})
	assert.ErrorIs(t, err, experiment.ErrRetryable, "a recorder tries again")
	assert.ErrorIs(t, err, context.Canceled)
}
