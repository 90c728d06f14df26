package peer_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/touchlift/touchlift/assign"
	"github.com/touchlift/touchlift/assign/peer"
)

func planoutVectors(t *testing.T, dir string, c *tally) {
	planoutRows(t, filepath.Join(dir, "vectors.csv"), c)
	planoutGolden(t, filepath.Join(dir, "assignment-golden.csv"), c)
	planoutAssignment(t, filepath.Join(dir, "go-assignment_test.json"), c)
	planoutRandomOps(t, filepath.Join(dir, "go-random_ops.json"), c)
}

func planoutRows(t *testing.T, path string, c *tally) {
	for _, row := range readCSV(t, path, "experiment_salt", "unit", "hash60_of_param_p", "uniform_choice_of_7") {
		seven := arms(1, 1, 1, 1, 1, 1, 1)
		byParam := newSplit(t, assign.Spec{Salt: row[0], Arms: seven, Hash: peer.PlanOut{Param: "p"}})
		byFullSalt := newSplit(t, assign.Spec{Salt: "another", Arms: seven, Hash: peer.PlanOut{FullSalt: row[0] + ".p"}})
		got := [3]string{
			strconv.FormatUint(peer.PlanOut{}.Hash(row[0]+".p", row[1]), 10),
			strconv.Itoa(decide(byParam, row[1])), strconv.Itoa(decide(byFullSalt, row[1])),
		}
		c.equal([3]string{row[2], row[3], row[3]}, got, "vectors.csv: salt %q, unit %q", row[0], row[1])
	}
}

// planoutGolden reads facts of the reference's own test.
func planoutGolden(t *testing.T, path string, c *tally) {
	for _, row := range readCSV(t, path, "experiment_salt", "param", "unit", "op", "choices", "expected") {
		op := planoutOp{Op: row[3], Choices: strings.Split(row[4], "|")}
		c.equal(row[5], op.run(t, row[0], row[1], row[2]), "assignment-golden.csv: %s of unit %s", row[1], row[2])
	}
}

// planoutOp is a random operator of a program, as far as it picks one of its choices.
type planoutOp struct {
	Op      string
	Choices []string
	Weights []float64
	P       *float64
	Salt    string
}

const planoutScale = 10 // the weights of the programs have one decimal

// run asks the users' entry. A bernoulliTrial is the traffic: "1" is enrolled.
func (op planoutOp) run(t *testing.T, salt, param, unit string) string {
	t.Helper()
	if op.Salt != "" {
		param = op.Salt
	}
	formula := peer.PlanOut{Param: param, Operator: op.Op}
	spec := assign.Spec{Salt: salt}
	switch op.Op {
	case "bernoulliTrial":
		formula = peer.PlanOut{Param: "unused", Gate: param}
		spec.Arms, spec.Traffic = arms(1), assign.Share{Num: uint64(*op.P * planoutScale), Den: planoutScale}
	case "weightedChoice":
		formula.Scale = planoutScale
		weights := make([]uint64, len(op.Weights))
		for i, weight := range op.Weights {
			weights[i] = uint64(weight*planoutScale + 0.5)
		}
		spec.Arms = arms(weights...)
	default:
		spec.Arms = arms(make([]uint64, len(op.Choices))...)
		for i := range spec.Arms {
			spec.Arms[i].Weight = 1
		}
	}
	spec.Hash = formula
	index := decide(newSplit(t, spec), unit)
	if op.Op == "bernoulliTrial" {
		return strconv.Itoa(index + 1)
	}
	return op.Choices[index]
}

// planoutProgram reads the operators by the variable that they set, in their order.
func planoutProgram(t *testing.T, path string) (names []string, ops map[string]planoutOp) {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	type value struct {
		Op, Salt string
		Values   []any
		P        *float64
		Choices  *struct {
			Op     string
			Values []any
		}
		Weights *struct{ Values []float64 }
	}
	var program struct {
		Seq []struct {
			Var   string
			Value value
		}
	}
	require.NoError(t, json.Unmarshal(raw, &program))
	ops = make(map[string]planoutOp)
	var numbers []any // the array that choices of "get" name
	for _, set := range program.Seq {
		if set.Value.Op == "array" {
			numbers = set.Value.Values
			continue
		}
		op := planoutOp{Op: set.Value.Op, P: set.Value.P, Salt: set.Value.Salt}
		if from := set.Value.Choices; from != nil {
			choices := from.Values
			if from.Op == "get" {
				choices = numbers
			}
			for _, choice := range choices {
				op.Choices = append(op.Choices, fmt.Sprint(choice))
			}
		}
		if set.Value.Weights != nil {
			op.Weights = set.Value.Weights.Values
		}
		names, ops[set.Var] = append(names, set.Var), op
	}
	return names, ops
}

// The port's test of this program has the same facts as the reference's golden rows.
func planoutAssignment(t *testing.T, path string, c *tally) {
	_, ops := planoutProgram(t, path)
	want := map[string]string{"foo": "b", "bar": "a", "baz": "a"}
	require.Len(t, ops, len(want))
	for name, op := range ops {
		c.equal(want[name], op.run(t, "test_salt", name, "4"), "go-assignment_test.json: %s", name)
	}
}

// planoutRandomOps holds what the port's test says of this program for every user: e
// and f have weights of 0, g and h are certain, c has the salt of a; and a and b, whose
// salts differ, are not equal for all users.
func planoutRandomOps(t *testing.T, path string, c *tally) {
	names, ops := planoutProgram(t, path)
	var as, bs []string
	for i := range 50 {
		user, got := fmt.Sprintf("user-%d", i), make(map[string]string)
		for _, name := range names {
			if op := ops[name]; op.Op == "uniformChoice" || op.Op == "weightedChoice" || op.Op == "bernoulliTrial" {
				got[name] = op.run(t, "global_salt", name, user)
			}
		}
		c.equal(true, strings.Contains("12", got["e"]), "go-random_ops.json: e of %s is %s", user, got["e"])
		c.equal(true, strings.Contains("34", got["f"]), "go-random_ops.json: f of %s is %s", user, got["f"])
		c.equal([3]string{"0", "1", got["a"]}, [3]string{got["g"], got["h"], got["c"]}, "go-random_ops.json: g, h, c of %s", user)
		as, bs = append(as, got["a"]), append(bs, got["b"])
	}
	c.equal(false, strings.Join(as, "") == strings.Join(bs, ""), "go-random_ops.json: a and b are the same for all")
	for _, name := range names {
		switch op := ops[name].Op; op {
		case "uniformChoice", "weightedChoice", "bernoulliTrial":
		default:
			c.leave(1, "go-random_ops.json: %s is %s, which picks no arm", name, op)
		}
	}
}
