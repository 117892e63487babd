package cypher

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A value is nil, a bool, an int64, a float64, a string, a []any, a map[string]any, or
// one of these.
type (
	// Node is a node, by its number.
	Node int32
	// Rel is a relationship, by its edge's number.
	Rel int32
	// Path is a path of a pattern. It has one node more than relationships.
	Path struct {
		Nodes []int32
		Rels  []int32
	}
)

// normal turns the numbers of Go into an int64 or a float64, and lists and maps into
// lists and maps of any. ok is false for what is no value.
func normal(v any, depth int) (out any, ok bool) {
	if depth > maxDepth {
		return nil, false
	}
	switch v := v.(type) {
	case nil, bool, int64, string, Node, Rel, Path:
		return v, true
	case float64:
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	case float32:
		return normal(float64(v), depth)
	case int:
		return int64(v), true
	case int32:
		return int64(v), true
	case []string:
		list := make([]any, len(v))
		for i := range v {
			list[i] = v[i]
		}
		return list, true
	case []any:
		list := make([]any, len(v))
		for i := range v {
			if list[i], ok = normal(v[i], depth+1); !ok {
				return nil, false
			}
		}
		return list, true
	case map[string]any:
		m := make(map[string]any, len(v))
		for k := range v {
			if m[k], ok = normal(v[k], depth+1); !ok {
				return nil, false
			}
		}
		return m, true
	}
	return nil, false
}

// number compares an int64 with a float64 exactly.
func number(a, b any) (int, bool) {
	switch a := a.(type) {
	case int64:
		switch b := b.(type) {
		case int64:
			return cmp.Compare(a, b), true
		case float64:
			return mixed(a, b), true
		}
	case float64:
		switch b := b.(type) {
		case int64:
			return -mixed(b, a), true
		case float64:
			return cmp.Compare(a, b), true
		}
	}
	return 0, false
}

func mixed(a int64, b float64) int {
	switch {
	case b >= 1<<63:
		return -1
	case b < -(1 << 63):
		return 1
	}
	if c := cmp.Compare(a, int64(b)); c != 0 { // int64(b) is rounded towards zero
		return c
	}
	return cmp.Compare(0, b-math.Trunc(b))
}

// tern is a truth value: true, false or null.
type tern int8

const (
	no tern = iota
	yes
	null
)

func truth(v any) tern {
	b, ok := v.(bool)
	switch {
	case !ok:
		return null
	case b:
		return yes
	}
	return no
}

func (t tern) value() any {
	switch t {
	case yes:
		return true
	case no:
		return false
	}
	return nil
}

func tell(b bool) tern {
	if b {
		return yes
	}
	return no
}

// equal is the sign "=": null where a null takes part in it.
func equal(a, b any) tern {
	if a == nil || b == nil {
		return null
	}
	if c, ok := number(a, b); ok {
		return tell(c == 0)
	}
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return no
		}
		all := yes
		for i := range a {
			if all = and(all, equal(a[i], b[i])); all == no {
				return no
			}
		}
		return all
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return no
		}
		all := yes
		for k := range a {
			v, ok := b[k]
			if !ok {
				return no
			}
			if all = and(all, equal(a[k], v)); all == no {
				return no
			}
		}
		return all
	case Path:
		b, ok := b.(Path)
		return tell(ok && slices.Equal(a.Nodes, b.Nodes) && slices.Equal(a.Rels, b.Rels))
	}
	if _, ok := b.([]any); ok {
		return no
	}
	if _, ok := b.(map[string]any); ok {
		return no
	}
	if _, ok := b.(Path); ok {
		return no
	}
	return tell(a == b)
}

func and(a, b tern) tern {
	switch {
	case a == no || b == no:
		return no
	case a == null || b == null:
		return null
	}
	return yes
}

func or(a, b tern) tern { return negate(and(negate(a), negate(b))) }

func negate(t tern) tern {
	switch t {
	case yes:
		return no
	case no:
		return yes
	}
	return null
}

// less orders two values for the signs of order. ok is false where they have none.
func less(a, b any) (c int, ok bool) {
	if c, ok := number(a, b); ok {
		return c, true
	}
	switch a := a.(type) {
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(a, b), true
		}
	case bool:
		if b, ok := b.(bool); ok {
			return cmp.Compare(truth(a), truth(b)), true
		}
	}
	return 0, false
}

// class is the place of a value's type in the order of all values, as openCypher has it.
func class(v any) int {
	switch v.(type) {
	case map[string]any:
		return 0
	case Node:
		return 1
	case Rel:
		return 2
	case []any:
		return 3
	case Path:
		return 4
	case string:
		return 5
	case bool:
		return 6
	case int64, float64:
		return 7
	}
	return 8 // null is last
}

// compare is the order of all values, for ORDER BY.
func compare(a, b any) int {
	if c := cmp.Compare(class(a), class(b)); c != 0 {
		return c
	}
	if c, ok := less(a, b); ok {
		return c
	}
	switch a := a.(type) {
	case Node:
		return cmp.Compare(a, b.(Node))
	case Rel:
		return cmp.Compare(a, b.(Rel))
	case []any:
		return slices.CompareFunc(a, b.([]any), compare)
	case Path:
		return cmp.Or(slices.Compare(a.Nodes, b.(Path).Nodes), slices.Compare(a.Rels, b.(Path).Rels))
	case map[string]any:
		b := b.(map[string]any)
		ka, kb := slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b))
		if c := slices.Compare(ka, kb); c != 0 {
			return c
		}
		for _, k := range ka {
			if c := compare(a[k], b[k]); c != 0 {
				return c
			}
		}
	}
	return 0
}

// appendKey writes v so that two values are written alike exactly when they are the same
// for grouping: nulls are the same, and so are 1 and 1.0.
func appendKey(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, 'n', ';')
	case bool:
		return append(strconv.AppendBool(append(b, 'b'), v), ';')
	case int64:
		return append(strconv.AppendInt(append(b, 'i'), v, 10), ';')
	case float64:
		if v == math.Trunc(v) && -(1<<63) <= v && v < 1<<63 {
			return appendKey(b, int64(v))
		}
		return append(strconv.AppendFloat(append(b, 'f'), v, 'g', -1, 64), ';')
	case string:
		b = append(strconv.AppendInt(append(b, 's'), int64(len(v)), 10), ':')
		return append(b, v...)
	case Node:
		return append(strconv.AppendInt(append(b, 'N'), int64(v), 10), ';')
	case Rel:
		return append(strconv.AppendInt(append(b, 'R'), int64(v), 10), ';')
	case Path:
		b = append(strconv.AppendInt(append(b, 'P'), int64(len(v.Nodes)), 10), ':')
		for _, n := range v.Nodes {
			b = append(strconv.AppendInt(b, int64(n), 10), ',')
		}
		for _, r := range v.Rels {
			b = append(strconv.AppendInt(b, int64(r), 10), ',')
		}
		return b
	case []any:
		b = append(strconv.AppendInt(append(b, 'l'), int64(len(v)), 10), ':')
		for _, x := range v {
			b = appendKey(b, x)
		}
		return b
	case map[string]any:
		b = append(strconv.AppendInt(append(b, 'm'), int64(len(v)), 10), ':')
		for _, k := range slices.Sorted(maps.Keys(v)) {
			b = appendKey(appendKey(b, k), v[k])
		}
		return b
	}
	panic("cypher: no value")
}
