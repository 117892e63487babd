package cypher

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// small is a graph whose labels and properties are in slices.
type small struct {
	g         *rows.Graph
	names     []string
	labels    []string
	x         []any
	relations []string
}

func (s *small) Graph() *rows.Graph      { return s.g }
func (s *small) Label(n int32) string    { return s.labels[n] }
func (s *small) Relation(r int32) string { return s.relations[r] }
func (s *small) NodeKeys(int32) []string { return []string{"name", "x"} }
func (s *small) EdgeKeys(int32) []string { return []string{"confidence"} }
func (s *small) Named(name string) (all []int32) {
	for n, other := range s.names {
		if name == other {
			all = append(all, int32(n))
		}
	}
	return all
}

func (s *small) Node(n int32, key string) any {
	switch key {
	case "name":
		return s.names[n]
	case "x":
		return s.x[n]
	}
	return nil
}

func (s *small) Edge(e int32, key string) any {
	if key == "confidence" {
		return float64(s.g.Edges()[e].Weight)
	}
	return nil
}

func drawSmall(t *rapid.T) *small {
	s := &small{relations: []string{"knows", "links to", "likes"}}
	n := rapid.IntRange(1, 4).Draw(t, "nodes")
	for range n {
		s.names = append(s.names, rapid.SampledFrom([]string{"ann", "bob", "cid"}).Draw(t, "name"))
		s.labels = append(s.labels, rapid.SampledFrom([]string{"Person", "Red Dog", ""}).Draw(t, "label"))
		s.x = append(s.x, rapid.SampledFrom([]any{nil, int64(1), int64(2), 2.0, "s"}).Draw(t, "x"))
	}
	node := rapid.Int32Range(0, int32(n-1))
	edges := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) rows.Edge {
		return rows.Edge{From: node.Draw(t, "from"), To: node.Draw(t, "to"), Relation: rapid.Int32Range(0, 2).Draw(t, "relation"),
			Weight: rapid.SampledFrom([]float32{.5, 1}).Draw(t, "weight")}
	}), 0, 5).Draw(t, "edges")
	s.g, _ = rows.New(n, edges)
	return s
}

// naive lists all matches of a query by trying every node and every edge for each
// variable, in the order that the query has them, and looks at conditions last.
type naive struct {
	s       *small
	q       *Query
	env     *env
	slot    map[string]int
	matches [][]binding
}

func newNaive(s *small, q *Query, params map[string]any) *naive {
	n := &naive{s: s, q: q, slot: map[string]int{}}
	label := make([]int32, len(s.labels))
	ids := map[string]int32{}
	id := func(name string) int32 {
		name = strings.ReplaceAll(strings.ToLower(name), "_", " ")
		if _, ok := ids[name]; !ok {
			ids[name] = int32(len(ids))
		}
		return ids[name]
	}
	for i, l := range s.labels {
		label[i] = id(l)
	}
	for i, v := range variables(q) {
		n.slot[v] = i
	}
	q.walk(func(e *Expr) bool {
		switch e.op {
		case opVar:
			e.slot = n.slot[e.Name]
		case opLabel:
			e.label = id(e.Name)
		}
		return true
	})
	n.env = &env{src: s, label: label, params: params, bound: make([]binding, len(n.slot)), left: 1 << 40,
		work: &work{ctx: context.Background()}}
	n.clause(0)
	return n
}

func (n *naive) clause(i int) {
	if i == len(n.q.Matches) {
		n.matches = append(n.matches, slices.Clone(n.env.bound))
		return
	}
	n.pattern(i, 0, map[int32]bool{})
}

func (n *naive) pattern(i, j int, used map[int32]bool) {
	m := &n.q.Matches[i]
	if j == len(m.Patterns) {
		if m.Where == nil || n.env.eval(m.Where) == true {
			n.clause(i + 1)
		}
		return
	}
	for first := range int32(len(n.s.names)) {
		n.walk(i, j, 0, binding{kind: aPath, nodes: []int32{first}}, used)
	}
}

// bind sets a variable, unless it is something else already; undo takes it back.
func (n *naive) bind(name string, b binding) (undo func(), ok bool) {
	if name == "" {
		return func() {}, true
	}
	at := &n.env.bound[n.slot[name]]
	old := *at
	if old.kind == aNode {
		return func() {}, old.id == b.id
	}
	*at = b
	return func() { *at = old }, true
}

func (n *naive) walk(i, j, k int, p binding, used map[int32]bool) {
	pattern := &n.q.Matches[i].Patterns[j]
	here := p.nodes[len(p.nodes)-1]
	np := &pattern.Nodes[k]
	undo, ok := n.bind(np.Var, binding{kind: aNode, id: here})
	defer undo()
	folded := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", " ") }
	if !ok || len(np.Labels) > 0 && !slices.ContainsFunc(np.Labels, func(l string) bool { return folded(l) == folded(n.s.labels[here]) }) {
		return
	}
	if np.Props != nil {
		for x, key := range np.Props.Keys {
			if equal(n.s.Node(here, key), n.env.eval(np.Props.Args[x])) != yes {
				return
			}
		}
	}
	if k == len(pattern.Rels) {
		undo, _ := n.bind(pattern.Path, p)
		defer undo()
		n.pattern(i, j+1, used)
		return
	}
	r := &pattern.Rels[k]
	var try func(taken []int32, at int32)
	try = func(taken []int32, at int32) {
		if len(taken) >= r.Min && len(taken) <= r.Max {
			b := binding{kind: someRels, rels: slices.Clone(taken)}
			if !r.Variable {
				b = binding{kind: aRel, id: taken[0]}
			}
			undo, _ := n.bind(r.Var, b)
			next := binding{kind: aPath, nodes: slices.Clone(p.nodes), rels: slices.Clone(p.rels)}
			for _, e := range taken {
				last := next.nodes[len(next.nodes)-1]
				edge := n.s.g.Edges()[e]
				other := edge.From
				if other == last {
					other = edge.To
				}
				next.nodes, next.rels = append(next.nodes, other), append(next.rels, e)
			}
			n.walk(i, j, k+1, next, used)
			undo()
		}
		if len(taken) >= r.Max {
			return
		}
		for e, edge := range n.s.g.Edges() {
			relation := n.s.relations[edge.Relation]
			if used[int32(e)] || len(r.Types) > 0 && !slices.ContainsFunc(r.Types, func(w string) bool { return folded(w) == relation }) {
				continue
			}
			if r.Props != nil && equal(n.s.Edge(int32(e), r.Props.Keys[0]), n.env.eval(r.Props.Args[0])) != yes {
				continue
			}
			used[int32(e)] = true
			if r.Direction != rows.In && edge.From == at {
				try(append(taken, int32(e)), edge.To)
			}
			if r.Direction != rows.Out && edge.To == at && (edge.From != at || r.Direction == rows.In) {
				try(append(taken, int32(e)), edge.From)
			}
			delete(used, int32(e))
		}
	}
	try(nil, here)
}

// value evaluates a column over a group of matches.
func (n *naive) value(e *Expr, group [][]binding) any {
	if e.op != opAggregate {
		if !e.aggregates() {
			if len(group) > 0 {
				n.env.bound = group[0]
			}
			return n.env.eval(e)
		}
		c := *e
		c.Args = nil
		for _, a := range e.Args {
			c.Args = append(c.Args, &Expr{op: opLiteral, Value: n.value(a, group)})
		}
		return n.env.eval(&c)
	}
	var all []any
	for _, m := range group {
		n.env.bound = m
		v := any(true)
		if e.Args[0].op != opStar {
			v = n.env.eval(e.Args[0])
		}
		if v != nil && !(e.Distinct && slices.ContainsFunc(all, func(o any) bool { return compare(o, v) == 0 })) {
			all = append(all, v)
		}
	}
	var numbers []float64
	whole := true
	for _, v := range all {
		if f, ok := real(v); ok {
			numbers = append(numbers, f)
			_, is := v.(int64)
			whole = whole && is
		}
	}
	sum := 0.0
	for _, f := range numbers {
		sum += f
	}
	switch e.Name {
	case "count":
		return int64(len(all))
	case "collect":
		return append([]any{}, all...)
	case "sum":
		if whole {
			return int64(sum)
		}
		return sum
	case "avg":
		if len(numbers) == 0 {
			return nil
		}
		return sum / float64(len(numbers))
	}
	var best any
	for _, v := range all {
		if c := compare(v, best); best == nil || e.Name == "min" && c < 0 || e.Name == "max" && c > 0 {
			best = v
		}
	}
	return best
}

func (n *naive) answer() [][]any {
	groups := [][][]binding{}
	aggregate := false
	for _, it := range n.q.Items {
		aggregate = aggregate || it.Expr.aggregates()
	}
	var keys [][]any
	for _, m := range n.matches {
		if !aggregate {
			groups = append(groups, [][]binding{m})
			continue
		}
		n.env.bound = m
		var key []any
		for _, it := range n.q.Items {
			if !it.Expr.aggregates() {
				key = append(key, n.env.eval(it.Expr))
			}
		}
		at := slices.IndexFunc(keys, func(k []any) bool { return compare(k, key) == 0 })
		if at < 0 {
			at = len(keys)
			keys, groups = append(keys, key), append(groups, nil)
		}
		groups[at] = append(groups[at], m)
	}
	if aggregate && len(groups) == 0 && !slices.ContainsFunc(n.q.Items, func(it Item) bool { return !it.Expr.aggregates() }) {
		groups = [][][]binding{nil}
	}
	rows := [][]any{}
	for _, g := range groups {
		var row []any
		for _, it := range n.q.Items {
			row = append(row, n.value(it.Expr, g))
		}
		if !n.q.Distinct || !slices.ContainsFunc(rows, func(o []any) bool { return slices.CompareFunc(o, row, compare) == 0 }) {
			rows = append(rows, row)
		}
	}
	return rows
}

func drawQuery(t *rapid.T) string {
	pick := func(what string, from ...string) string { return rapid.SampledFrom(from).Draw(t, what) }
	var b strings.Builder
	nodes, rels, paths := []string{}, []string{}, []string{}
	node := func() string {
		v := pick("node", "a", "b", "c", "")
		if v != "" {
			nodes = append(nodes, v)
		}
		return "(" + v + pick("label", "", "", ":Person", ":red_dog", ":Person|`Red Dog`", ":Nothing") +
			pick("properties", "", "", "{name: 'ann'}", "{x: 2}", "{name: $name}") + ")"
	}
	fresh := 0
	for clause := range rapid.IntRange(1, 2).Draw(t, "clauses") {
		if clause > 0 {
			b.WriteString(" ")
		}
		b.WriteString("MATCH ")
		for i := range rapid.IntRange(1, 2).Draw(t, "patterns") {
			if i > 0 {
				b.WriteString(", ")
			}
			fresh++
			if rapid.IntRange(0, 3).Draw(t, "path") == 0 {
				paths = append(paths, fmt.Sprintf("p%d", fresh))
				fmt.Fprintf(&b, "p%d = ", fresh)
			}
			b.WriteString(node())
			for range rapid.IntRange(0, 2).Draw(t, "rels") {
				fresh++
				v, length := "", pick("length", "", "", "", "*", "*0..1", "*2", "*..2", "*1..3")
				if rapid.Bool().Draw(t, "named") {
					v = fmt.Sprintf("r%d", fresh)
					if length == "" {
						rels = append(rels, v)
					}
				}
				inner := v + pick("type", "", ":KNOWS", ":links_to", ":knows|`links to`", ":nothing") + length +
					pick("properties", "", "", "", " {confidence: 1}")
				b.WriteString(pick("left", "-", "<-") + "[" + inner + "]" + pick("right", "-", "->") + node())
			}
		}
		var conds []string
		if len(nodes) > 0 {
			v := rapid.SampledFrom(nodes).Draw(t, "of")
			w := rapid.SampledFrom(nodes).Draw(t, "and")
			conds = append(conds, v+".name = 'bob'", v+".x > 1", v+".x IS NULL", "NOT "+v+".x = "+w+".x", v+" <> "+w, v+":Person",
				v+".name IN ['ann', $name]", v+".name CONTAINS 'i' OR "+w+".x = 2", v+".name = "+w+".name AND "+w+".x <= 2")
		}
		if len(rels) > 0 {
			conds = append(conds, rapid.SampledFrom(rels).Draw(t, "rel")+".confidence < 1")
		}
		if len(paths) > 0 {
			conds = append(conds, "length("+rapid.SampledFrom(paths).Draw(t, "path")+") >= 2")
		}
		if len(conds) > 0 && rapid.Bool().Draw(t, "where") {
			b.WriteString(" WHERE " + rapid.SampledFrom(conds).Draw(t, "condition"))
		}
	}
	items := []string{"1", "count(*)"}
	for _, v := range nodes {
		items = append(items, v, v+".name", v+".x", "count("+v+".x)", "sum("+v+".x)", "avg("+v+".x) + 1", "min("+v+".x)", "max("+v+".name)",
			"count(DISTINCT "+v+".name)", "labels("+v+")")
	}
	for _, v := range rels {
		items = append(items, v, "type("+v+")", "startNode("+v+")")
	}
	for _, v := range paths {
		items = append(items, v, "length("+v+")", "nodes("+v+")")
	}
	slices.Sort(items)
	items = slices.Compact(items)
	items = rapid.Permutation(items).Draw(t, "items")[:rapid.IntRange(1, min(3, len(items))).Draw(t, "columns")]
	b.WriteString(" RETURN " + pick("distinct", "", "", "DISTINCT "))
	for i := range items {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s AS c%d", items[i], i)
	}
	return b.String()
}

// told writes rows so that values that are the same are written alike.
func told(rows [][]any) (all []string) {
	for _, r := range rows {
		all = append(all, string(appendKey(nil, r)))
	}
	return all
}

// TestNaive compares the answers with those of trying everything, and with an order and
// limits, with the same part of them.
func TestNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, text := drawSmall(t), drawQuery(t)
		name := rapid.SampledFrom([]any{"ann", "cid", nil}).Draw(t, "name")
		compareNaive(t, s, text, name, rapid.IntRange(0, 3).Draw(t, "skip"), rapid.IntRange(0, 4).Draw(t, "limit"))
	})
}

// TestNaiveFound has what TestNaive found before.
func TestNaiveFound(t *testing.T) {
	s := &small{names: []string{"ann", "ann"}, labels: []string{"Person", "Person"}, x: []any{nil, nil}}
	s.g, _ = rows.New(2, nil)
	for _, item := range []string{"1", "count(*)", "length(p1)", "nodes(p1)", "p1"} {
		compareNaive(t, s, "MATCH p1 = () WHERE length(p1) >= 2 RETURN "+item+" AS c0", "ann", 0, 4)
	}
}

func compareNaive(t rapid.TB, s *small, text string, name any, skip, limit int) {
	params := map[string]any{"name": name, "skip": skip, "limit": limit}
	q, err := Parse(text)
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	want := newNaive(s, q, params).answer()
	order := func(rows [][]any) {
		slices.SortFunc(rows, func(a, b []any) int { return slices.CompareFunc(a, b, compare) })
	}
	order(want)
	e := NewEngine(s)
	got, err := e.Query(context.Background(), text, &Options{Params: params, Rows: 1_000_000})
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	order(got.Rows)
	if diff := cmp.Diff(told(want), told(got.Rows)); diff != "" || got.Truncated {
		t.Fatalf("%s, truncated %v (-want +got):\n%s", text, got.Truncated, diff)
	}
	text += " ORDER BY c0"
	for i := 1; i < len(q.Items); i++ {
		text += fmt.Sprintf(", c%d ASC", i)
	}
	text += " SKIP $skip LIMIT $limit"
	want = want[min(skip, len(want)):]
	want = want[:min(limit, len(want))]
	if got, err = e.Query(context.Background(), text, &Options{Params: params, Rows: 1_000_000}); err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	if diff := cmp.Diff(told(want), told(got.Rows)); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", text, diff)
	}
}
