package main

import (
	"fmt"
	"sync"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/google/cel-go/cel"
)

// rule is eligibility in touchlift's language, in Expr and in CEL: the three
// read it alike.
const rule = `country in ["DK", "FI", "IS", "NO", "SE"] && age >= 18`

// attributes are what Expr sees: typed, as its guide advises, so that it
// compiles the access to a field.
type attributes struct {
	Country string  `expr:"country"`
	Age     float64 `expr:"age"`
}

// openExpr compiles the rule with Expr. Its guide advises to use a machine
// again, by one goroutine at a time: a pool holds them.
func openExpr(bool) (answer, func(), error) {
	program, err := expr.Compile(rule, expr.Env(attributes{}), expr.AsBool())
	if err != nil {
		return nil, nil, fmt.Errorf("expr: compiling the rule: %w", err)
	}
	machines := sync.Pool{New: func() any { return new(vm.VM) }}
	return func(v *visitor) string {
		machine := machines.Get().(*vm.VM)
		matched, err := machine.Run(program, attributes{Country: v.country, Age: v.age})
		machines.Put(machine)
		yes, _ := matched.(bool)
		return named(yes && err == nil)
	}, nothing, nil
}

// activation gives CEL the values by name, without a map per request.
type activation struct{ visitor *visitor }

// ResolveName finds an attribute of the rule.
func (a activation) ResolveName(name string) (any, bool) {
	switch name {
	case "country":
		return a.visitor.country, true
	case "age":
		return a.visitor.age, true
	}
	return nil, false
}

// Parent says that no other activation encloses this one.
func (a activation) Parent() cel.Activation { return nil }

// openCEL compiles the rule with CEL, optimised: the list becomes a set.
func openCEL(bool) (answer, func(), error) {
	env, err := cel.NewEnv(cel.Variable("country", cel.StringType), cel.Variable("age", cel.DoubleType),
		cel.CrossTypeNumericComparisons(true))
	if err != nil {
		return nil, nil, fmt.Errorf("cel: %w", err)
	}
	checked, issues := env.Compile(rule)
	if err := issues.Err(); err != nil {
		return nil, nil, fmt.Errorf("cel: compiling the rule: %w", err)
	}
	program, err := env.Program(checked, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, nil, fmt.Errorf("cel: %w", err)
	}
	return func(v *visitor) string {
		matched, _, err := program.Eval(activation{v})
		if err != nil {
			return ""
		}
		yes, _ := matched.Value().(bool)
		return named(yes)
	}, nothing, nil
}

// named is the answer of a rule.
func named(matched bool) string {
	if matched {
		return eligible
	}
	return ""
}
