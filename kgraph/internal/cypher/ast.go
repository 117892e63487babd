// Package cypher answers queries in a subset of openCypher: MATCH with variable length,
// WHERE, RETURN with aggregates, ORDER BY, SKIP and LIMIT, and parameters. It only
// reads, and it is bounded in time, in steps and in rows.
//
// Where openCypher calls an operation on the wrong types an error, the value here is
// null, so that a query's answer does not depend on its plan.
package cypher

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// Query is a query that was read.
type Query struct {
	Matches []Match
	// Distinct says that equal rows count once.
	Distinct bool
	Items    []Item
	OrderBy  []Sort
	Skip     *Expr // nil without one
	Limit    *Expr
	// Explain asks for the plan instead of the answer.
	Explain bool
}

// Match is a MATCH clause: patterns that hold together, in which no relationship is
// taken twice.
type Match struct {
	Patterns []Pattern
	Where    *Expr // nil without one
}

// Pattern is a chain of nodes, with a relationship between each two.
type Pattern struct {
	Path  string // the path's variable, or ""
	at    int
	Nodes []NodePattern
	Rels  []RelPattern
}

// NodePattern is a node in parentheses.
type NodePattern struct {
	Var    string // "" without one
	Labels []string
	Props  *Expr // a map, or nil
	at     int
}

// RelPattern is a relationship in brackets.
type RelPattern struct {
	Var       string
	Types     []string
	Direction rows.Direction // as seen from the left
	// Variable says that Min to Max relationships are followed.
	Variable bool
	Min, Max int
	Props    *Expr
	at       int
}

// unbounded is the Max of a relationship without one.
const unbounded = math.MaxInt32

// Item is a column.
type Item struct {
	Expr *Expr
	Name string // as written, or after AS
	As   bool
}

// Sort is an expression to sort by.
type Sort struct {
	Expr *Expr
	Desc bool
}

// op says what an expression is.
type op uint8

const (
	opLiteral op = iota
	opParam
	opVar
	opProp  // Args[0].Name
	opLabel // Args[0]:Name
	opList
	opMap // Keys and Args
	opIndex
	opCall
	opAggregate
	opStar // the argument of count(*)
	opNot
	opMinus
	opIsNull
	opIsNotNull
	opCompare // Keys are the signs between the Args
	opBinary  // Name is the sign
)

// Expr is an expression.
type Expr struct {
	op       op
	Name     string
	Keys     []string
	Args     []*Expr
	Value    any // of a literal
	Distinct bool
	slot     int   // of a variable
	label    int32 // of opLabel; see [Engine]
	call     func(v *env, args []any) any
	at       int // byte of the query
}

// walk calls do for e and all below it, from the top. It does not go below where do
// returns false.
func (e *Expr) walk(do func(*Expr) bool) {
	if e == nil || !do(e) {
		return
	}
	for _, a := range e.Args {
		a.walk(do)
	}
}

func (e *Expr) aggregates() (yes bool) {
	e.walk(func(x *Expr) bool {
		yes = yes || x.op == opAggregate
		return !yes
	})
	return yes
}

// String is the expression in one form that the grammar reads as the same expression.
func (e *Expr) String() string {
	args := func() string {
		var s []string
		for _, a := range e.Args {
			s = append(s, a.String())
		}
		return strings.Join(s, ", ")
	}
	switch e.op {
	case opLiteral:
		return literal(e.Value)
	case opParam:
		return "$" + e.Name
	case opVar:
		return quote(e.Name)
	case opProp:
		return e.Args[0].String() + "." + quote(e.Name)
	case opLabel:
		return "(" + e.Args[0].String() + ":" + quote(e.Name) + ")"
	case opList:
		return "[" + args() + "]"
	case opMap:
		var s []string
		for i, k := range e.Keys {
			s = append(s, quote(k)+": "+e.Args[i].String())
		}
		return "{" + strings.Join(s, ", ") + "}"
	case opIndex:
		return e.Args[0].String() + "[" + e.Args[1].String() + "]"
	case opCall, opAggregate:
		if e.Distinct {
			return e.Name + "(DISTINCT " + args() + ")"
		}
		return e.Name + "(" + args() + ")"
	case opStar:
		return "*"
	case opNot:
		return "(NOT " + e.Args[0].String() + ")"
	case opMinus:
		return "(-" + e.Args[0].String() + ")"
	case opIsNull:
		return "(" + e.Args[0].String() + " IS NULL)"
	case opIsNotNull:
		return "(" + e.Args[0].String() + " IS NOT NULL)"
	}
	if e.op == opCompare {
		s := "(" + e.Args[0].String()
		for i, k := range e.Keys {
			s += " " + k + " " + e.Args[i+1].String()
		}
		return s + ")"
	}
	return "(" + e.Args[0].String() + " " + e.Name + " " + e.Args[1].String() + ")"
}

func literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return signed(strconv.FormatInt(v, 10))
	case float64:
		s := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(s, ".e") {
			s += ".0"
		}
		return signed(s)
	case string:
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v) + "'"
	}
	return fmt.Sprint(v)
}

func signed(s string) string {
	if s[0] == '-' {
		return "(" + s + ")"
	}
	return s
}

// quote puts a name in backticks where it needs them.
func quote(name string) string {
	for i, r := range name {
		if !letter(r) && (i == 0 || !digitRune(r)) {
			return backtick(name)
		}
	}
	if slices.Contains(reserved, strings.ToUpper(name)) || name == "" {
		return backtick(name)
	}
	return name
}

func backtick(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
