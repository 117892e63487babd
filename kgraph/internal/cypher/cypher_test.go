package cypher_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/internal/proc"
	"github.com/pastime-go/pastime/kgraph/internal/cypher"
	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// family is a graph of people: ann knows bob, bob knows cid, cid likes ann, and ann
// likes herself.
type family struct{ g *rows.Graph }

var (
	names     = []string{"ann", "bob", "cid", "dora"}
	ages      = []any{int64(30), 41.5, nil, int64(30)}
	relations = []string{"knows", "likes well"}
)

func newFamily(t testing.TB) *cypher.Engine {
	g, err := rows.New(4, []rows.Edge{
		{From: 0, To: 1, Weight: 1}, {From: 1, To: 2, Weight: .5},
		{From: 2, To: 0, Relation: 1, Weight: 1}, {From: 0, To: 0, Relation: 1, Weight: .25},
	})
	if err != nil {
		t.Fatal(err)
	}
	return cypher.NewEngine(family{g})
}

func (f family) Graph() *rows.Graph      { return f.g }
func (f family) Relation(r int32) string { return relations[r] }
func (f family) NodeKeys(int32) []string { return []string{"age", "name"} }
func (f family) EdgeKeys(int32) []string { return []string{"confidence"} }
func (f family) Label(n int32) string {
	if n == 3 {
		return ""
	}
	return "Person"
}

func (f family) Named(name string) []int32 {
	for i, n := range names {
		if n == name {
			return []int32{int32(i)}
		}
	}
	return nil
}

func (f family) Node(n int32, key string) any {
	return map[string]any{"name": names[n], "age": ages[n]}[key]
}

func (f family) Edge(e int32, key string) any {
	return map[string]any{"confidence": float64(f.g.Edges()[e].Weight)}[key]
}

type list = []any

func TestQuery(t *testing.T) {
	e := newFamily(t)
	for query, want := range map[string][][]any{
		"MATCH (a {name: 'ann'})-[:KNOWS]->(b) RETURN b.name":       {{"bob"}},
		"match (a)-[r:likes_well]->(a) return a.name, r.confidence": {{"ann", .25}},
		"MATCH (a:person) RETURN count(*), count(a.age), sum(a.age), avg(a.age)": {
			{int64(3), int64(2), 71.5, 35.75},
		},
		"MATCH (n) WHERE NOT n:Person RETURN n.name, labels(n)":                        {{"dora", list{}}},
		"MATCH p = ({name: 'ann'})-[:knows*]->(b) RETURN b.name, length(p) ORDER BY 2": {{"bob", int64(1)}, {"cid", int64(2)}},
		"MATCH (a)-[:knows*0..1]->(b {name: 'cid'}) RETURN a.name ORDER BY a.name":     {{"bob"}, {"cid"}},
		"MATCH (a)--(b) WHERE a.name = 'ann' RETURN b.name ORDER BY b.name DESC":       {{"cid"}, {"bob"}, {"ann"}},
		"MATCH (n) RETURN n.age AS age, count(*) AS n ORDER BY n DESC, age": {
			{int64(30), int64(2)}, {41.5, int64(1)}, {nil, int64(1)},
		},
		"MATCH (n) RETURN DISTINCT n.age ORDER BY n.age SKIP 1 LIMIT 1":                       {{41.5}},
		"MATCH (n) RETURN max(n.age) - min(n.age) AS span":                                    {{11.5}},
		"MATCH (n) WHERE n.age >= 30 AND n.age < 41 RETURN collect(n.name)":                   {{list{"ann", "dora"}}},
		"MATCH (n) WHERE 30 <= n.age < 41 RETURN collect(DISTINCT n.age)":                     {{list{int64(30)}}},
		"MATCH (n {name: 'nobody'}) RETURN count(n), sum(n.age), collect(n)":                  {{int64(0), int64(0), list{}}},
		"MATCH (n {name: 'nobody'}) RETURN n.name, count(n)":                                  {},
		"MATCH (a {name:'ann'}) MATCH (b) WHERE b.name STARTS WITH 'd' RETURN a.name, b.name": {{"ann", "dora"}},
		"MATCH (a {name:'ann'})-[*2]->(b) RETURN b.name ORDER BY b.name // no edge twice":     {{"bob"}, {"cid"}},
		"MATCH (n {name:'ann'}) RETURN properties(n), keys(n)": {
			{map[string]any{"name": "ann", "age": int64(30)}, list{"age", "name"}},
		},
		"MATCH (n) WHERE n.name IN $names RETURN n.name ORDER BY n.name": {{"ann"}, {"dora"}},

		"MATCH (a)-[r]->(b) WHERE type(r) = 'knows' RETURN startNode(r).name AS s, endNode(r).name ORDER BY s": {{"ann", "bob"}, {"bob", "cid"}},
	} {
		got, err := e.Query(t.Context(), strings.Replace(query, "ORDER BY 2", "ORDER BY length(p)", 1),
			&cypher.Options{Params: map[string]any{"names": []string{"dora", "ann"}}})
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if diff := cmp.Diff(append([][]any{}, want...), got.Rows); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

// TestValues has expressions with their values, where openCypher says what they are.
func TestValues(t *testing.T) {
	e := newFamily(t)
	for expr, want := range map[string]any{
		"1 + 2 * 3": int64(7), "(1 + 2) * 3": int64(9), "7 / 2": int64(3), "7 / 2.0": 3.5, "-7 % 3": int64(-1), "1 / 0": nil,
		"9223372036854775807 + 1": nil, "-9223372036854775808": int64(-9223372036854775808), "2 - -2": int64(4), "- - 2": int64(2),
		"1 = 1.0": true, "1 = '1'": false, "null = null": nil, "null IS NULL": true, "1 <> null": nil, "'a' < 'b'": true, "1 < 'a'": nil,
		"9007199254740993 = 9007199254740992.0": false,
		"true AND null":                         nil, "false AND null": false, "true OR null": true,
		"true XOR null": nil, "NOT null": nil, "NOT NOT true": true,
		"true OR false AND false": true, "NOT false AND false": false, "1 < 2 < 3": true, "1 < 3 < 2": false,
		"1 IN [1, null]": true, "2 IN [1, null]": nil, "2 IN [1]": false, "[1, 2] = [1, 2.0]": true, "[1, null] = [1, 2]": nil,
		"'abc' CONTAINS 'b'": true, "'abc' STARTS WITH 'b'": false, "'abc' ENDS WITH 'bc'": true, "'a' + 'b'": "ab",
		"[1] + [2]":     list{int64(1), int64(2)},
		"[1, 2, 3][-1]": int64(3), "[1][5]": nil, "{a: 1}.a": int64(1), "{a: 1}['a']": int64(1), `'it\'s \u00e4'`: "it's ä", `"x" + 'y'`: "xy",
		"size('äö')": int64(2), "toUpper('a')": "A", "coalesce(null, 2)": int64(2), "substring('hello', 1, 3)": "ell",
		"toInteger('12')": int64(12),
		"toFloat('x')":    nil, "abs(-2)": int64(2), "round(2.5)": 3.0, "round(0.49999999999999994)": 0.0,
		"round(4503599627370497.0)": 4503599627370497.0,
		"split('a,b', ',')":         list{"a", "b"}, "toString(1.5)": "1.5", "head([])": nil,
		"1e3": 1000.0, ".5": .5, "'a' * 2": nil, "sqrt(-1)": nil,
	} {
		got, err := e.Query(t.Context(), "MATCH ({name: 'ann'}) RETURN "+expr, nil)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if diff := cmp.Diff([][]any{{want}}, got.Rows); diff != "" {
			t.Errorf("%s (-want +got):\n%s", expr, diff)
		}
	}
}

func TestSyntax(t *testing.T) {
	for query, want := range map[string]string{
		"":                                      "line 1, column 1: expected MATCH, found the end of the query",
		"RETURN 1":                              `line 1, column 1: expected MATCH, found "RETURN"`,
		"MATCH (a\nRETURN a":                    `line 2, column 1: expected a variable, a label, properties or ")", found "RETURN"`,
		"MATCH (a) RETURN b":                    "line 1, column 18: expected a variable of the patterns, found b",
		"MATCH (ä)-[:x->(b)":                    `line 1, column 14: expected a variable, a relation, a length, properties or "]", found "-"`,
		"MATCH (a) RETURN a LIMIT a":            "line 1, column 26: expected a value without variables, found a",
		"MATCH (a) RETURN 'x":                   "line 1, column 20: expected the end of the string, ', found the end of the query",
		"MATCH (a)-[a]->(b) RETURN a":           "line 1, column 10: expected a name that is not taken, found a, which is one of something else",
		"MATCH (a) WHERE count(a) > 1 RETURN a": "line 1, column 17: expected no function of many rows in WHERE, found count",
		"MATCH (a) RETURN a.x, a.x":             `line 1, column 24: expected columns with different names, found "a.x" twice`,
		"MATCH (a) RETURN a, sum(count(a))":     "line 1, column 25: expected no function of many rows in another one, found count",
		"MATCH (a) RETURN count(*) AS n ORDER BY sum(n)":     "line 1, column 45: expected no function of many rows in another one, found n",
		"MATCH " + strings.Repeat("(),", 64) + "() RETURN 1": `line 1, column 199: expected at most 64 nodes, found "("`,
		"MATCH (a) DELETE a":                                 `line 1, column 11: expected MATCH, WHERE or RETURN, found "DELETE"`,
		"MATCH (a)-[*3..1]->(b) RETURN a": "line 1, column 10: expected a shortest length not above the longest, " +
			"found 3 and 1",
		"MATCH (a) RETURN size(1, 2)": "line 1, column 27: expected as many arguments as size takes, 1, " +
			`before this, found ")"`,
		"MATCH (a) RETURN a; MATCH":                   `line 1, column 21: expected the end of the query, found "MATCH"`,
		"MATCH (a) WHERE " + strings.Repeat("(", 200): `line 1, column 117: expected at most 100 expressions in each other, found "("`,
	} {
		_, err := cypher.Parse(query)
		var syntax *cypher.SyntaxError
		if !errors.As(err, &syntax) || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", query, err, want)
		}
	}
}

func TestErrors(t *testing.T) {
	e := newFamily(t)
	for query, want := range map[string]string{
		"MATCH (a) RETURN $x":                      "kgraph: the parameter $x is not given",
		"MATCH (a) RETURN $chan":                   "kgraph: the parameter $chan is no value that a query can compare",
		"MATCH (a) RETURN a LIMIT -1":              "kgraph: LIMIT must be a whole number from 0 to 2147483648",
		"MATCH (a) RETURN a.name + count(*) AS n":  "kgraph: a is neither a column nor in a function of many rows; make it a column",
		"MATCH (a) RETURN DISTINCT 1 ORDER BY a.x": "kgraph: a is neither a column nor in a function of many rows; make it a column",
	} {
		_, err := e.Query(t.Context(), query, &cypher.Options{Params: map[string]any{"chan": make(chan int)}})
		if err == nil && strings.Contains(query, "$chan") || err != nil && err.Error() != want && !strings.Contains(err.Error(), "$chan") {
			t.Errorf("%s:\n got %v\nwant %s", query, err, want)
		}
	}
}

// full is a graph in which every node leads to every other.
func full(t testing.TB, n int32) *cypher.Engine {
	var edges []rows.Edge
	for a := range n {
		for b := range n {
			edges = append(edges, rows.Edge{From: a, To: b, Weight: 1})
		}
	}
	g, err := rows.New(int(n), edges)
	if err != nil {
		t.Fatal(err)
	}
	return cypher.NewEngine(nameless{family{g}})
}

type nameless struct{ family }

func (nameless) Node(n int32, key string) any { return fmt.Sprint(n) }
func (nameless) Label(int32) string           { return "" }

// TestBounds has a query with more matches than there are atoms. Rows that stand for
// themselves are given as far as they were found; an aggregate of a part would be wrong.
func TestBounds(t *testing.T) {
	e := full(t, 30)
	o := &cypher.Options{Rows: 10, Steps: 100_000}
	r, err := e.Query(t.Context(), "MATCH p = (a)-[*]->(b) RETURN length(p)", o)
	if err != nil || len(r.Rows) != 10 || !r.Truncated {
		t.Errorf("rows: %v, %v", r, err)
	}
	r, err = e.Query(t.Context(), "MATCH (a)-[*]->(b) WHERE a.name = 'none' AND b.name = 'none' RETURN 1", o)
	if err != nil || len(r.Rows) > 0 {
		t.Errorf("no rows: %v, %v", r, err)
	}
	if _, err = e.Query(t.Context(), "MATCH (a)-[*]->(b) RETURN count(*)", o); !errors.Is(err, cypher.ErrTooWide) {
		t.Errorf("an aggregate: %v", err)
	}
	if _, err = e.Query(t.Context(), "MATCH p = (a)-[*1..40]->(b) RETURN p ORDER BY length(p)", o); !errors.Is(err, cypher.ErrTooWide) {
		t.Errorf("an order: %v", err)
	}
	o.Steps = 1 << 40
	o.Timeout = 1e6
	if _, err = e.Query(t.Context(), "MATCH (a)-[*]->(b) RETURN count(*)", o); !errors.Is(err, cypher.ErrTooSlow) {
		t.Errorf("time: %v", err)
	}
	o.Timeout = 0
	if _, err = e.Query(t.Context(), "MATCH p = (a)-[*1..40]->(b) RETURN collect(p)", o); !errors.Is(err, cypher.ErrTooBig) {
		t.Errorf("memory: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = e.Query(ctx, "MATCH (a)-[*]->(b) RETURN count(*)", o); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// chain is an expression of many operations in each other.
func chain(first, next string, many int) string {
	for ; many > 0; many -= 490 {
		first = "(" + first + strings.Repeat(next, min(many, 490)) + ")"
	}
	return first
}

// TestWork has queries with few matches and much to do for each, which time, memory and
// the time before the first match are bounded for, too.
func TestWork(t *testing.T) {
	numbers := make([]any, 300_000)
	for i := range numbers {
		numbers[i] = int64(i)
	}
	params := map[string]any{"s": strings.Repeat("x", 500_000), "l": numbers}
	const many = "MATCH (a), (b), (c), (d), (e), (f), (g), (h), (i), (j), (k) "
	for name, c := range map[string]struct {
		query string
		want  error
	}{
		"columns' names multiply": {
			many + "RETURN " + chain("a.age", "+1", 3500) + " AS x ORDER BY " + chain("x", "+x", 3500), cypher.ErrTooSlow,
		},
		"of groups, too": {
			"MATCH (a) RETURN " + chain("count(*)", "+1", 3500) + " AS x ORDER BY " + chain("x", "+x", 3500), cypher.ErrTooSlow,
		},
		"lists that are searched": {many + "WHERE " + chain("-1 IN $l", " OR -1 IN $l", 480) + " RETURN count(*)", cypher.ErrTooSlow},
		"strings that are made": {
			many + "WHERE " + chain("$s + k.name = ''", " OR $s + k.name = ''", 480) + " RETURN count(*)", cypher.ErrTooSlow,
		},
		"a list in itself again":          {"MATCH (a) WHERE [$l" + strings.Repeat(", $l", 2000) + "] = [] RETURN a", cypher.ErrTooBig},
		"a key that is larger than it is": {"MATCH (a) RETURN DISTINCT [$l" + strings.Repeat(", $l", 2000) + "]", cypher.ErrTooBig},
		"a row of large strings":          {"MATCH (a) RETURN " + strings.TrimPrefix(repeat(200, ", $s + $s AS c%d"), ","), cypher.ErrTooBig},
		"the largest of each group":       {many + "RETURN " + "k.name + j.name + i.name + h.name AS x, max(a.name + $s)", cypher.ErrTooBig},
		"a deep column":                   {"MATCH (a) RETURN " + chain("count(*)", "+1", 7000), nil},
	} {
		t.Run(name, func(t *testing.T) {
			begun := proc.CPUTime()
			o := &cypher.Options{Timeout: time.Minute, Params: params}
			if errors.Is(c.want, cypher.ErrTooSlow) {
				o.Timeout = 50 * time.Millisecond
			}
			_, err := newFamily(t).Query(t.Context(), c.query, o)
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if took := proc.CPUTime() - begun; took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func repeat(n int, format string) (s string) {
	for i := range n {
		s += fmt.Sprintf(format, i)
	}
	return s
}

func TestExplain(t *testing.T) {
	const query = "EXPLAIN MATCH p = (a)-[r:knows*1..3]->(b:Person) WHERE b.name = 'cid' AND a.age > 3 RETURN a"
	r, err := newFamily(t).Query(t.Context(), query, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]any{{"nodes named 'cid' as (b)"}, {"filter (b:Person)"}, {"filter (b.name = 'cid')"}, {"expand (b)<-[r:knows*1..3]-(a)"},
		{"path p"}, {"filter (a.age > 3)"}}
	if diff := cmp.Diff(want, r.Rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzQuery finds that no text makes the engine panic or go on for long, and that an
// expression that was read is written so that it is read as the same one.
func FuzzQuery(f *testing.F) {
	for _, q := range []string{
		"MATCH p = (a:Person {name: $p})-[r:knows|likes_well*1..3 {confidence: 1}]->(b)<--(c) WHERE a.x = 1 AND NOT b.name CONTAINS 'x' RETURN *",
		"EXPLAIN MATCH (a), (b) WHERE a.age < b.age <= 50 RETURN DISTINCT a.name AS n, count(DISTINCT b) + 1 ORDER BY n DESC SKIP 1 LIMIT 2;",
		"MATCH (n) /* c */ RETURN [1, 2.5e3, 'a\\u00e4', {`k k`: null}][0], -n.age % 2, n:Person, avg(n.age) // end",
		"MATCH (`a``b`)-[*..]-() RETURN size(`a``b`.name) IS NOT NULL XOR true",
	} {
		f.Add(q)
	}
	e := newFamily(f)
	f.Fuzz(func(t *testing.T, query string) {
		q, err := cypher.Parse(query)
		if err != nil {
			var syntax *cypher.SyntaxError
			if !errors.As(err, &syntax) || syntax.Line < 1 || syntax.Column < 1 || syntax.Expected == "" {
				t.Fatalf("%q: %v", query, err)
			}
			return
		}
		for _, it := range q.Items {
			once := it.Expr.String()
			vars := ""
			for _, v := range cypher.Variables(q) {
				vars += ", (`" + strings.ReplaceAll(v, "`", "``") + "`)"
			}
			again, err := cypher.Parse("MATCH ()" + vars + " RETURN " + once)
			if len(once) > 8000 || err != nil && strings.Contains(err.Error(), "at most") {
				continue
			}
			if err != nil {
				t.Fatalf("%q was written as %q: %v", query, once, err)
			}
			if twice := again.Items[0].Expr.String(); twice != once {
				t.Fatalf("%q was written as %q, then as %q", query, once, twice)
			}
		}
		_, _ = e.Query(t.Context(), query, &cypher.Options{Params: map[string]any{"p": "ann"}, Steps: 20_000})
	})
}
