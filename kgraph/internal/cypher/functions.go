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
	"round": floats1(round),
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

// round rounds halves up. x+.5 itself would be rounded where x is large, or just below .5.
func round(x float64) float64 {
	down := math.Floor(x)
	if x-down >= .5 {
		return down + 1
	}
	return down
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
