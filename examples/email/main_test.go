package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRunShippedFile holds the output of `go run ./email`.
func TestRunShippedFile(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), options{}, &out))
	if *update {
		require.NoError(t, os.WriteFile("testdata/output.golden", out.Bytes(), 0o644))
	}
	want, err := os.ReadFile("testdata/output.golden")
	require.NoError(t, err)
	assert.Equal(t, string(want), out.String())
}

// TestRunTwice imports the same file twice into one database.
func TestRunTwice(t *testing.T) {
	db := filepath.Join(t.TempDir(), "email.db")
	var first, second bytes.Buffer
	require.NoError(t, run(t.Context(), options{db: db}, &first))
	require.NoError(t, run(t.Context(), options{db: db}, &second))

	counts, answer := cutLine(t, first.String())
	assert.Contains(t, counts, "3711 of these events are new, 0 were known, 0 contradict known ones")
	countsAgain, answerAgain := cutLine(t, second.String())
	assert.Contains(t, countsAgain, "0 of these events are new, 3711 were known, 0 contradict known ones")
	assert.Equal(t, answer, answerAgain)
}

// cutLine cuts off the first line.
func cutLine(t *testing.T, text string) (line, rest string) {
	t.Helper()
	line, rest, found := strings.Cut(text, "\n")
	require.True(t, found, text)
	return line, rest
}

func TestRunOwnCampaign(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "mine")
	require.NoError(t, os.CopyFS(folder, os.DirFS("campaigns/spring_sale")))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "columns.json"), []byte(`{"arm": "letter", "id": "name"}`), 0o600))
	path := writePacked(t, "name,letter,visited,bought,spent\nann,none,0,0,0\nbob,prices,1,1,20.5\neve,pictures,TRUE,false,0\n")

	var out bytes.Buffer
	require.NoError(t, run(t.Context(), options{campaign: folder, csv: path}, &out))
	assert.Contains(t, out.String(), "3 exposures, 4 conversions; 7 of these events are new")

	err := run(t.Context(), options{campaign: folder}, io.Discard)
	assert.EqualError(t, err, "spring_sale.csv has the columns customer, recency, history, newbie, mail, visited, bought, spent\n"+
		"  campaign "+folder+" also needs letter, name\n"+
		"  copy a folder of email/campaigns, edit it for your columns, and name it with -campaign")
}

// writePacked writes a file as gzip, under a name that does not tell.
func writePacked(t *testing.T, text string) string {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	path := filepath.Join(t.TempDir(), "customers.csv")
	require.NoError(t, os.WriteFile(path, packed.Bytes(), 0o600))
	return path
}

func TestRunNamesUnknownColumns(t *testing.T) {
	path := writePacked(t, "userid,version,clicks\n1,gate_30,0\n")
	assert.EqualError(t, run(t.Context(), options{csv: path}, io.Discard), path+" has the columns userid, version, clicks\n"+
		"  campaign cookie_cats also needs retention_1, retention_7, sum_gamerounds\n"+
		"  campaign hillstrom also needs segment, visit, conversion, spend\n"+
		"  campaign spring_sale also needs mail, customer, visited, bought, spent\n"+
		"  copy a folder of email/campaigns, edit it for your columns, and name it with -campaign")
}

func TestRunRefusesFiles(t *testing.T) {
	const header = "customer,mail,visited,bought,spent\n"
	for _, row := range []struct{ name, reason, text, want string }{
		{"empty file", "no header, no meaning", "", "the file is empty"},
		{"no rows", "an answer about nobody misleads", header, "has a header and no rows"},
		{"column twice", "which one counts?", "mail,mail\n", `two columns are named "mail"`},
		{"cells missing", "the cells may have moved", header + "a,none,0\n", "wrong number of fields"},
		{"unknown arm", "a typo would be an arm of its own", header + "a,price,0,0,0\n",
			`line 2: column mail is "price", want one of the arms none, prices, pictures`},
		{"empty cell", "not known is not zero", header + "a,none,0,0,\n", "line 2: column spent is empty"},
		{"not a number", "guessing repairs in silence", header + "a,none,0,0,1.000,50\n", "wrong number of fields"},
		{"NaN", "no store keeps it", header + "a,none,0,0,NaN\n", `line 2: column spent is "NaN", want a number`},
		{"no id", "nobody was exposed", header + ",none,0,0,0\n", "line 2: "},
		{"several lines", "all mistakes at once", header + "a,none,x,0,0\nb,none,0,0,0\nc,none,0,y,0\n",
			"2 rows have mistakes, nothing was imported; the first are\nline 2: column visited is \"x\", want a number, true or false\n" +
				"line 4: column bought is \"y\""},
	} {
		t.Run(row.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "customers.csv")
			require.NoError(t, os.WriteFile(path, []byte(row.text), 0o600))
			db := filepath.Join(t.TempDir(), "email.db")
			assert.ErrorContains(t, run(t.Context(), options{csv: path, db: db}, io.Discard), row.want, row.reason)
			assert.NoFileExists(t, db, "nothing is imported")
		})
	}
}

func TestRunRefusesCampaigns(t *testing.T) {
	for _, row := range []struct{ name, reason, file, text, want string }{
		{"no arm", "who got what?", "columns.json", `{}`, "columns.json names no column for the arm"},
		{"not JSON", "a mistake in the file", "columns.json", `{`, "columns.json: unexpected end of JSON input"},
		{"mistake in YAML", "config says where", "metrics.yaml", "visit_rate: {knd: proportion}\n", `unknown key "knd"`},
		{"two delays", "one column has one date", "metrics.yaml", "visit_rate: {kind: proportion, event: visited, window: 1d}\n" +
			"purchase_rate: {kind: proportion, event: visited, window: 1d, delay: 1d}\n" +
			"spend_per_customer: {kind: mean, event: spent, window: 14d}\n", "different delays"},
		{"no dates", "exposures need a time", "experiment.yaml", "experiment: x\ntouchpoints: [spring-mail]\nunit: customer\nsalt: s\n" +
			"arms: [{variant: a, weight: 1}, {variant: b, weight: 1}]\n", "needs starts"},
	} {
		t.Run(row.name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "mine")
			require.NoError(t, os.CopyFS(folder, os.DirFS("campaigns/spring_sale")))
			require.NoError(t, os.WriteFile(filepath.Join(folder, row.file), []byte(row.text), 0o600))
			assert.ErrorContains(t, run(t.Context(), options{campaign: folder}, io.Discard), row.want, row.reason)
		})
	}
	missing := filepath.Join(t.TempDir(), "missing")
	assert.Error(t, run(t.Context(), options{campaign: missing}, io.Discard))
}

func TestRunStopsWhenInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, run(ctx, options{}, io.Discard), context.Canceled)
}
