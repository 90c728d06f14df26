package assign_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
)

// sqlDialect is how a server is reached, and how it takes bytes and weights.
type sqlDialect struct {
	name     string // of the functions' file in testdata, and of the closing line
	variable string // of the environment that names the server
	want     string // what to set it to
	command  func(server string) *exec.Cmd
	before   string // the functions, and what leaves nothing of them behind
	after    string
	bytes    string // a format of bytes in hexadecimal
	word     string // a format of 64 bits in hexadecimal
	weights  string // a format of weights with commas between
	unsigned string // a format of u as an unsigned number
	number   string // a format of a truth value as 0 or 1
}

// ask returns the lines that the server answers.
func (d sqlDialect) ask(t *testing.T, queries []string) []string {
	t.Helper()
	server := os.Getenv(d.variable)
	if server == "" {
		t.Skipf("%s is not set: set it to %s, to run the SQL of testdata on the vectors", d.variable, d.want)
	}
	functions, err := os.ReadFile("testdata/" + d.name + ".sql")
	require.NoError(t, err)
	command := d.command(server)
	command.Stdin = strings.NewReader(strings.Join([]string{d.before, string(functions), strings.Join(queries, "\n"), d.after}, "\n"))
	var problems strings.Builder
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		tidy := d.command(server) // of what a script leaves that stops half-way
		tidy.Stdin = strings.NewReader(d.after)
		t.Log(tidy.Run())
	}
	require.NoError(t, err, problems.String())
	return strings.Split(strings.TrimSpace(strings.ReplaceAll(string(out), "\t", " ")), "\n")
}

// query asks for u, both positions, whether the unit is enrolled, and the arm. The
// limits keep a server from computing a hash each time that it is used. The server
// computes the seeds for the first unit of a spec only, because that takes most of the
// time.
func (d sqlDialect) query(unit vectorUnit, spec vectorSpec, first bool) string {
	var weights []string
	for _, arm := range spec.Arms {
		weights = append(weights, fmt.Sprint(arm.Weight))
	}
	seed := func(purpose, known string) string {
		if first {
			return fmt.Sprintf("touchlift_seed(%s, '%s')", fmt.Sprintf(d.bytes, spec.Salt), purpose)
		}
		return fmt.Sprintf(d.word, known)
	}
	enrolled := fmt.Sprintf("touchlift_enrolled(t, %d, %d)", spec.Traffic.Num, spec.Traffic.Den)
	return fmt.Sprintf("SELECT %s, t, a, %s, touchlift_arm(a, %s)"+
		" FROM (SELECT u, touchlift_position(u, st) AS t, touchlift_position(u, sa) AS a"+
		" FROM (SELECT touchlift_xxh64(%s) AS u, %s AS st, %s AS sa LIMIT 1) AS seeds LIMIT 1) AS positions;",
		fmt.Sprintf(d.unsigned, "u"), fmt.Sprintf(d.number, enrolled), fmt.Sprintf(d.weights, strings.Join(weights, ",")),
		fmt.Sprintf(d.bytes, unit.ID), seed("traffic", spec.SeedTraffic), seed("arm", spec.SeedArm))
}

// answers are what the queries have to give. The functions do not judge ids, and say of
// every unit in which arm it would be.
func answers(t *testing.T, units []vectorUnit, specs map[string]vectorSpec) (all []string) {
	t.Helper()
	splits, everyone := make(map[string]*assign.Split), make(map[string]*assign.Split)
	for name, row := range specs {
		spec := row.spec(t)
		var err error
		splits[name], err = assign.NewSplit(spec)
		require.NoError(t, err)
		spec.Traffic = assign.Share{}
		everyone[name], err = assign.NewSplit(spec)
		require.NoError(t, err)
	}
	for _, unit := range units {
		u := assign.Unit(unhex64(t, unit.U))
		_, enrolled := splits[unit.Spec].Arm(u)
		arm, _ := everyone[unit.Spec].Arm(u)
		all = append(all, fmt.Sprintf("%d %d %d %d %d", u, unhex64(t, unit.TrafficPosition), unhex64(t, unit.ArmPosition), btoi(enrolled), arm))
	}
	return all
}

// test runs every unit of the vectors.
func (d sqlDialect) test(t *testing.T) {
	specs, units := readVectors(t)
	byName := make(map[string]vectorSpec)
	for _, spec := range specs {
		byName[spec.Spec] = spec
	}
	var queries []string
	known := make(map[string]bool)
	for _, unit := range units {
		queries = append(queries, d.query(unit, byName[unit.Spec], !known[unit.Spec]))
		known[unit.Spec] = true
	}
	lines := d.ask(t, queries)
	require.Len(t, lines, len(units))
	passed, failed := 0, 0
	for i, want := range answers(t, units, byName) {
		if lines[i] == want {
			passed++
		} else if failed++; failed <= 5 {
			t.Errorf("%+v: got %s, want %s", units[i], lines[i], want)
		}
	}
	fmt.Printf("%s: %d passed, %d failed\n", d.name, passed, failed)
}

// The functions of testdata/postgres.sql give what the vectors say.
func TestPostgres(t *testing.T) {
	sqlDialect{
		name: "postgres", variable: "TOUCHLIFT_POSTGRES",
		want: "a connection that psql takes, such as postgres://postgres@127.0.0.1/postgres",
		command: func(server string) *exec.Cmd {
			return exec.Command("psql", "-X", "-q", "-A", "-t", "-F", " ", "-v", "ON_ERROR_STOP=1", "-d", server)
		},
		before: "BEGIN;", after: "ROLLBACK;",
		bytes: `'\x%s'::bytea`, word: "x'%s'::bigint", weights: "'{%s}'", unsigned: "touchlift_unsigned(%s)", number: "%s::int",
	}.test(t)
}

// The functions of testdata/mariadb.sql give what the vectors say.
func TestMariaDB(t *testing.T) {
	database := fmt.Sprintf("touchlift_test_%d", os.Getpid())
	sqlDialect{
		name: "mariadb", variable: "TOUCHLIFT_MARIADB",
		want: "arguments that the mysql client takes, such as --host=127.0.0.1 --user=root",
		command: func(server string) *exec.Cmd {
			return exec.Command("mysql", append([]string{"--no-defaults", "-N", "-B"}, strings.Fields(server)...)...)
		},
		before: "CREATE DATABASE " + database + "; USE " + database + ";",
		after:  "DROP DATABASE " + database + ";",
		bytes:  "x'%s'", word: "CAST(0x%s AS UNSIGNED)", weights: "'%s'", unsigned: "%s", number: "%s",
	}.test(t)
}
