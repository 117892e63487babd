package cypher

import (
	"slices"
	"strings"

	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// Source is the graph that is asked.
type Source interface {
	Graph() *rows.Graph
	// Named lists the nodes whose property name is this.
	Named(name string) []int32
	Label(node int32) string
	Relation(relation int32) string
	// Node and Edge give a property, nil without one, and Keys the names of those that
	// there are.
	Node(node int32, key string) any
	Edge(edge int32, key string) any
	NodeKeys(node int32) []string
	EdgeKeys(edge int32) []string
}

// fold makes a word of a query and the label or relation that it means alike: in any
// letter case, and with an underscore for a space, as other graphs write it.
func fold(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", " ") }

// env is where an expression gets its variables from: from bound while patterns are
// matched, and from slots where bound is nil.
type env struct {
	src    Source
	label  []int32 // of each node
	params map[string]any
	bound  []binding
	slots  []any
	left   int // steps
	work   *work
}

// binding is what a variable of a pattern stands for.
type binding struct {
	kind  bindingKind
	id    int32   // a node or a relationship
	nodes []int32 // of a path
	rels  []int32 // of a path, or of a relationship of variable length
}

type bindingKind uint8

const (
	free bindingKind = iota
	aNode
	aRel
	someRels
	aPath
)

// value copies what changes when the next match is looked for.
func (v *env) value(b *binding) any {
	switch b.kind {
	case aNode:
		return Node(b.id)
	case aRel:
		return Rel(b.id)
	case someRels:
		v.left -= len(b.rels)
		return rels(b.rels)
	case aPath:
		v.left -= len(b.rels)
		return Path{slices.Clone(b.nodes), slices.Clone(b.rels)}
	}
	return nil
}

// carry counts the work that a large value makes of what is done with it.
func (v *env) carry(x any) any {
	v.work.hold(weigh(x, maxBytes))
	return x
}

// eval is the value of an expression, or anything once the work has an error.
func (v *env) eval(e *Expr) any {
	if !v.work.do(1) {
		return nil
	}
	switch e.op {
	case opLiteral:
		return e.Value
	case opParam:
		return v.params[e.Name]
	case opVar:
		if v.bound == nil {
			return v.slots[e.slot]
		}
		return v.value(&v.bound[e.slot])
	case opProp:
		return v.property(v.eval(e.Args[0]), e.Name)
	case opLabel:
		if n, ok := v.eval(e.Args[0]).(Node); ok {
			return v.label[n] == e.label
		}
		return nil
	case opList:
		return v.list(e.Args)
	case opMap:
		m := make(map[string]any, len(e.Args))
		for i, x := range v.list(e.Args) {
			m[e.Keys[i]] = x
		}
		return m
	case opIndex:
		return v.index(v.eval(e.Args[0]), v.eval(e.Args[1]))
	case opCall:
		return e.call(v, v.list(e.Args))
	case opNot:
		return negate(truth(v.eval(e.Args[0]))).value()
	case opMinus:
		return arithmetic("-", int64(0), v.eval(e.Args[0]))
	case opIsNull:
		return v.eval(e.Args[0]) == nil
	case opIsNotNull:
		return v.eval(e.Args[0]) != nil
	case opCompare:
		return v.chain(e).value()
	}
	return v.binary(e)
}

// list evaluates expressions, as far as their values can be held together.
func (v *env) list(all []*Expr) []any {
	values := make([]any, len(all))
	bytes := 0
	for i, e := range all {
		values[i] = v.eval(e)
		bytes += weigh(values[i], maxBytes)
		if !v.work.hold(bytes) {
			break
		}
	}
	return values
}

func (v *env) binary(e *Expr) any {
	a, b := v.carry(v.eval(e.Args[0])), v.carry(v.eval(e.Args[1]))
	if v.work.err != nil {
		return nil
	}
	switch e.Name {
	case "AND":
		return and(truth(a), truth(b)).value()
	case "OR":
		return or(truth(a), truth(b)).value()
	case "XOR":
		x, y := truth(a), truth(b)
		if x == null || y == null {
			return nil
		}
		return x != y
	}
	return arithmetic(e.Name, a, b)
}

func (v *env) chain(e *Expr) tern {
	all := yes
	left := v.carry(v.eval(e.Args[0]))
	for i, sign := range e.Keys {
		right := v.carry(v.eval(e.Args[i+1]))
		if v.work.err != nil {
			return null
		}
		if all = and(all, comparison(sign, left, right)); all == no {
			return no
		}
		left = right
	}
	return all
}

func comparison(sign string, a, b any) tern {
	switch sign {
	case "=":
		return equal(a, b)
	case "<>":
		return negate(equal(a, b))
	case "IN":
		list, ok := b.([]any)
		if !ok {
			return null
		}
		found := no
		for _, x := range list {
			if found = or(found, equal(a, x)); found == yes {
				return yes
			}
		}
		return found
	case "STARTS WITH", "ENDS WITH", "CONTAINS":
		s, ok1 := a.(string)
		t, ok2 := b.(string)
		if !ok1 || !ok2 {
			return null
		}
		switch sign {
		case "STARTS WITH":
			return tell(strings.HasPrefix(s, t))
		case "ENDS WITH":
			return tell(strings.HasSuffix(s, t))
		}
		return tell(strings.Contains(s, t))
	}
	c, ok := less(a, b)
	if !ok {
		return null
	}
	switch sign {
	case "<":
		return tell(c < 0)
	case "<=":
		return tell(c <= 0)
	case ">":
		return tell(c > 0)
	}
	return tell(c >= 0)
}

func (v *env) property(of any, key string) any {
	switch of := of.(type) {
	case Node:
		return v.src.Node(int32(of), key)
	case Rel:
		return v.src.Edge(int32(of), key)
	case map[string]any:
		return of[key]
	}
	return nil
}

func (v *env) index(of, i any) any {
	if key, ok := i.(string); ok {
		return v.property(of, key)
	}
	list, ok1 := of.([]any)
	n, ok2 := i.(int64)
	if !ok1 || !ok2 {
		return nil
	}
	if n < 0 {
		n += int64(len(list))
	}
	if n < 0 || n >= int64(len(list)) {
		return nil
	}
	return list[n]
}
