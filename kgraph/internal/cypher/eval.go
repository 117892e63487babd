package cypher

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

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

func (v *env) eval(e *Expr) any {
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
		list := make([]any, len(e.Args))
		for i, a := range e.Args {
			list[i] = v.eval(a)
		}
		return list
	case opMap:
		m := make(map[string]any, len(e.Args))
		for i, a := range e.Args {
			m[e.Keys[i]] = v.eval(a)
		}
		return m
	case opIndex:
		return v.index(v.eval(e.Args[0]), v.eval(e.Args[1]))
	case opCall:
		args := make([]any, len(e.Args))
		for i, a := range e.Args {
			args[i] = v.eval(a)
		}
		return e.call(v, args)
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

func (v *env) binary(e *Expr) any {
	a, b := v.eval(e.Args[0]), v.eval(e.Args[1])
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
	left := v.eval(e.Args[0])
	for i, sign := range e.Keys {
		right := v.eval(e.Args[i+1])
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

// maxString bounds a string that an expression makes.
const maxString = 1 << 20

// arithmetic is null where a number does not fit, and where there is none.
func arithmetic(sign string, a, b any) any {
	x, ok1 := a.(int64)
	y, ok2 := b.(int64)
	if ok1 && ok2 {
		return whole(sign, x, y)
	}
	if sign == "+" {
		switch s := a.(type) {
		case string:
			if t, ok := b.(string); ok && len(s)+len(t) <= maxString {
				return s + t
			}
			return nil
		case []any:
			if t, ok := b.([]any); ok && len(s)+len(t) <= maxString {
				return append(slices.Clone(s), t...)
			}
			return nil
		}
	}
	f, ok1 := real(a)
	g, ok2 := real(b)
	if !ok1 || !ok2 {
		return nil
	}
	switch sign {
	case "+":
		return finite(f + g)
	case "-":
		return finite(f - g)
	case "*":
		return finite(f * g)
	case "/":
		return finite(f / g)
	}
	return finite(math.Mod(f, g))
}

func real(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

func finite(f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return f
}

func whole(sign string, x, y int64) any {
	switch sign {
	case "+":
		if z := x + y; (z > x) == (y > 0) {
			return z
		}
	case "-":
		if z := x - y; (z < x) == (y > 0) {
			return z
		}
	case "*":
		if x == 0 || y == 0 {
			return int64(0)
		}
		z := x * y
		if z/y == x && !(x == -1 && y == math.MinInt64) && !(y == -1 && x == math.MinInt64) {
			return z
		}
	case "/":
		if y != 0 && !(x == math.MinInt64 && y == -1) {
			return x / y
		}
	default:
		if y == -1 {
			return int64(0)
		}
		if y != 0 {
			return x % y
		}
	}
	return nil
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

type function struct {
	min, max int
	call     func(v *env, args []any) any
}

func (f *function) count() string {
	if f.min == f.max {
		return strconv.Itoa(f.min)
	}
	return fmt.Sprintf("%d to %d", f.min, f.max)
}

// strings1 makes a function of a string.
func strings1(f func(string) any) function {
	return function{1, 1, func(_ *env, a []any) any {
		if s, ok := a[0].(string); ok {
			return f(s)
		}
		return nil
	}}
}

func floats1(f func(float64) float64) function {
	return function{1, 1, func(_ *env, a []any) any {
		if x, ok := real(a[0]); ok {
			return finite(f(x))
		}
		return nil
	}}
}

// functions are known to the parser, which puts them into the expressions.
var functions = map[string]function{
	"abs": {1, 1, func(_ *env, a []any) any {
		if n, ok := a[0].(int64); ok {
			if n < 0 {
				return whole("-", 0, n)
			}
			return n
		}
		return floats1(math.Abs).call(nil, a)
	}},
	"ceil": floats1(math.Ceil), "floor": floats1(math.Floor), "sqrt": floats1(math.Sqrt), "log": floats1(math.Log),
	"round": floats1(func(x float64) float64 { return math.Floor(x + .5) }),
	"coalesce": {1, 20, func(_ *env, a []any) any {
		for _, x := range a {
			if x != nil {
				return x
			}
		}
		return nil
	}},
	"tolower": strings1(func(s string) any { return strings.ToLower(s) }),
	"toupper": strings1(func(s string) any { return strings.ToUpper(s) }),
	"trim":    strings1(func(s string) any { return strings.TrimSpace(s) }),
	"tostring": {1, 1, func(_ *env, a []any) any {
		switch x := a[0].(type) {
		case string:
			return x
		case bool, int64, float64:
			return strings.Trim(literal(x), "()")
		}
		return nil
	}},
	"tointeger":     {1, 1, func(_ *env, a []any) any { return toInteger(a[0]) }},
	"tofloat":       {1, 1, func(_ *env, a []any) any { return toFloat(a[0]) }},
	"substring":     {2, 3, func(_ *env, a []any) any { return substring(a) }},
	"split":         {2, 2, func(_ *env, a []any) any { return split(a[0], a[1]) }},
	"size":          {1, 1, func(_ *env, a []any) any { return size(a[0]) }},
	"head":          {1, 1, func(v *env, a []any) any { return v.index(a[0], int64(0)) }},
	"last":          {1, 1, func(v *env, a []any) any { return v.index(a[0], int64(-1)) }},
	"id":            {1, 1, func(_ *env, a []any) any { return number1(a[0]) }},
	"labels":        {1, 1, (*env).labels},
	"type":          {1, 1, (*env).relation},
	"length":        {1, 1, func(_ *env, a []any) any { return length(a[0]) }},
	"nodes":         {1, 1, (*env).nodes},
	"relationships": {1, 1, (*env).relationships},
	"startnode":     {1, 1, func(v *env, a []any) any { return v.end(a[0], func(e *rows.Edge) int32 { return e.From }) }},
	"endnode":       {1, 1, func(v *env, a []any) any { return v.end(a[0], func(e *rows.Edge) int32 { return e.To }) }},
	"keys":          {1, 1, func(v *env, a []any) any { return v.keys(a[0]) }},
	"properties":    {1, 1, func(v *env, a []any) any { return v.properties(a[0]) }},
}

func number1(a any) any {
	switch x := a.(type) {
	case Node:
		return int64(x)
	case Rel:
		return int64(x)
	}
	return nil
}

func toInteger(a any) any {
	switch x := a.(type) {
	case int64:
		return x
	case float64:
		if -(1<<63) <= x && x < 1<<63 {
			return int64(x)
		}
	case string:
		if n, err := strconv.ParseInt(strings.TrimSpace(x), 10, 64); err == nil {
			return n
		}
		return toInteger(toFloat(x))
	}
	return nil
}

func toFloat(a any) any {
	if s, ok := a.(string); ok {
		f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil {
			return nil
		}
		return finite(f)
	}
	if f, ok := real(a); ok {
		return f
	}
	return nil
}

func substring(a []any) any {
	s, ok := a[0].(string)
	from, ok1 := a[1].(int64)
	if !ok || !ok1 || from < 0 {
		return nil
	}
	r := []rune(s)
	r = r[min(from, int64(len(r))):]
	if len(a) == 3 {
		n, ok := a[2].(int64)
		if !ok || n < 0 {
			return nil
		}
		r = r[:min(n, int64(len(r)))]
	}
	return string(r)
}

func split(a, b any) any {
	s, ok1 := a.(string)
	by, ok2 := b.(string)
	if !ok1 || !ok2 {
		return nil
	}
	list := []any{}
	for part := range strings.SplitSeq(s, by) {
		list = append(list, part)
	}
	return list
}

func size(a any) any {
	switch x := a.(type) {
	case string:
		return int64(utf8.RuneCountInString(x))
	case []any:
		return int64(len(x))
	}
	return nil
}

func length(a any) any {
	if p, ok := a.(Path); ok {
		return int64(len(p.Rels))
	}
	return nil
}

func (v *env) labels(a []any) any {
	if n, ok := a[0].(Node); ok {
		if l := v.src.Label(int32(n)); l != "" {
			return []any{l}
		}
		return []any{}
	}
	return nil
}

func (v *env) relation(a []any) any {
	if r, ok := a[0].(Rel); ok {
		return v.src.Relation(v.src.Graph().Edges()[r].Relation)
	}
	return nil
}

func (v *env) nodes(a []any) any {
	p, ok := a[0].(Path)
	if !ok {
		return nil
	}
	list := make([]any, len(p.Nodes))
	for i, n := range p.Nodes {
		list[i] = Node(n)
	}
	return list
}

func (v *env) relationships(a []any) any {
	if p, ok := a[0].(Path); ok {
		return rels(p.Rels)
	}
	return nil
}

func rels(edges []int32) any {
	list := make([]any, len(edges))
	for i, e := range edges {
		list[i] = Rel(e)
	}
	return list
}

func (v *env) end(a any, of func(*rows.Edge) int32) any {
	if r, ok := a.(Rel); ok {
		return Node(of(&v.src.Graph().Edges()[r]))
	}
	return nil
}

func (v *env) keys(a any) any {
	var names []string
	switch x := a.(type) {
	case Node:
		names = v.src.NodeKeys(int32(x))
	case Rel:
		names = v.src.EdgeKeys(int32(x))
	case map[string]any:
		names = slices.Sorted(maps.Keys(x))
	default:
		return nil
	}
	list := make([]any, len(names))
	for i := range names {
		list[i] = names[i]
	}
	return list
}

func (v *env) properties(a any) any {
	names, ok := v.keys(a).([]any)
	if !ok {
		return nil
	}
	m := map[string]any{}
	for _, k := range names {
		m[k.(string)] = v.property(a, k.(string))
	}
	return m
}
