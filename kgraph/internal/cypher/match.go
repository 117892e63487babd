package cypher

import (
	"slices"

	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// matcher finds the matches of a plan by trying: each step binds what it can, one after
// the other, and goes on with the next step.
type matcher struct {
	e    *Engine
	plan *plan
	env  *env
	used []map[int32]struct{} // relationships, by clause
	row  func() bool          // takes a match, and says whether there may be more
}

// spend counts a step.
func (m *matcher) spend() bool {
	m.env.left--
	if m.env.left < 0 && m.env.work.err == nil {
		m.env.work.err = ErrTooWide
	}
	return m.env.work.do(1)
}

// step makes the steps from i on. It reports whether to go on looking.
func (m *matcher) step(i int) bool {
	if i == len(m.plan.steps) {
		return m.row()
	}
	s := &m.plan.steps[i]
	switch s.kind {
	case scan:
		return m.scan(i, s)
	case expand:
		if s.pattern.Variable {
			return m.follow(i, s)
		}
		return m.expand(i, s)
	case filter:
		holds := truth(m.env.eval(s.expr)) == yes
		if m.env.work.err != nil {
			return false
		}
		if !holds {
			return true
		}
	case path:
		m.path(s)
	}
	return m.step(i + 1)
}

func (m *matcher) scan(i int, s *step) bool {
	try := func(n int32) bool {
		m.env.bound[s.node] = binding{kind: aNode, id: n}
		return m.spend() && m.step(i+1)
	}
	switch {
	case s.named != nil:
		for _, n := range m.named(m.env.eval(s.named)) {
			if !try(n) {
				return false
			}
		}
	case s.label != none:
		for _, n := range m.e.labelled[s.label] {
			if !try(n) {
				return false
			}
		}
	default:
		for n := range int32(m.e.g.Nodes()) {
			if !try(n) {
				return false
			}
		}
	}
	m.env.bound[s.node] = binding{}
	return true
}

// named lists the nodes with a name, or with one of a list of names, each once.
func (m *matcher) named(v any) (nodes []int32) {
	switch v := v.(type) {
	case string:
		nodes = slices.Clone(m.e.src.Named(v))
	case []any:
		for _, x := range v {
			if name, ok := x.(string); ok {
				nodes = append(nodes, m.e.src.Named(name)...)
			}
		}
	}
	slices.Sort(nodes)
	return slices.Compact(nodes)
}

// entry reports whether the relationship at position j of a node's row may be taken.
func (m *matcher) entry(s *step, n, next, edge int32, j int) bool {
	if s.direction == rows.Both && next == n && j >= m.e.g.Degree(n, rows.Out) {
		return false // the second entry of a loop
	}
	if s.relations != nil && !slices.Contains(s.relations, m.e.g.Edges()[edge].Relation) {
		return false
	}
	_, used := m.used[s.clause][edge]
	return !used
}

func (m *matcher) expand(i int, s *step) bool {
	at := m.env.bound[s.node].id
	nodes, edges := m.e.g.Row(at, s.direction)
	for j, next := range nodes {
		if !m.spend() {
			return false
		}
		if s.bound && m.env.bound[s.to].id != next || !m.entry(s, at, next, edges[j], j) {
			continue
		}
		if !s.bound {
			m.env.bound[s.to] = binding{kind: aNode, id: next}
		}
		m.env.bound[s.rel] = binding{kind: aRel, id: edges[j]}
		m.used[s.clause][edges[j]] = struct{}{}
		if !m.step(i + 1) {
			return false
		}
		delete(m.used[s.clause], edges[j])
	}
	return true
}

// place is where a walk of variable length is: a node, and how far in its row.
type place struct {
	node int32
	at   int
}

// follow tries every walk of a variable length that takes no relationship twice. It
// keeps its place on a stack of its own, for a walk may be as long as the graph.
func (m *matcher) follow(i int, s *step) bool {
	walk := []place{{node: m.env.bound[s.node].id}}
	var taken []int32
	arrive := func() bool {
		n := walk[len(walk)-1].node
		if len(taken) < s.pattern.Min || s.bound && m.env.bound[s.to].id != n {
			return true
		}
		rels := taken
		if s.reverse {
			rels = slices.Clone(taken)
			m.env.left -= len(taken)
			slices.Reverse(rels)
		}
		m.env.bound[s.rel] = binding{kind: someRels, rels: rels}
		if !s.bound {
			m.env.bound[s.to] = binding{kind: aNode, id: n}
		}
		return m.step(i + 1)
	}
	if !arrive() {
		return false
	}
	for len(walk) > 0 {
		p := &walk[len(walk)-1]
		nodes, edges := m.e.g.Row(p.node, s.direction)
		if p.at == len(nodes) || len(taken) == s.pattern.Max {
			walk = walk[:len(walk)-1]
			if len(taken) > 0 {
				delete(m.used[s.clause], taken[len(taken)-1])
				taken = taken[:len(taken)-1]
			}
			continue
		}
		j := p.at
		p.at++
		if !m.spend() {
			return false
		}
		if !m.entry(s, p.node, nodes[j], edges[j], j) || !m.has(s.pattern.Props, edges[j]) {
			continue
		}
		m.used[s.clause][edges[j]] = struct{}{}
		taken = append(taken, edges[j])
		walk = append(walk, place{node: nodes[j]})
		if !arrive() {
			return false
		}
	}
	return true
}

// has reports whether a relationship has the properties of a pattern.
func (m *matcher) has(props *Expr, edge int32) bool {
	if props == nil {
		return true
	}
	for i, k := range props.Keys {
		if equal(m.env.src.Edge(edge, k), m.env.eval(props.Args[i])) != yes {
			return false
		}
	}
	return true
}

// path binds a path: the nodes and relationships of a pattern, with those in between
// where it is of variable length.
func (m *matcher) path(s *step) {
	p := binding{kind: aPath, nodes: []int32{m.env.bound[s.nodes[0]].id}}
	for _, slot := range s.rels {
		b := &m.env.bound[slot]
		edges := b.rels
		if b.kind == aRel {
			edges = []int32{b.id}
		}
		for _, e := range edges {
			n := p.nodes[len(p.nodes)-1]
			p.rels = append(p.rels, e)
			p.nodes = append(p.nodes, m.e.g.Edges()[e].Other(n))
		}
		m.env.left -= len(edges)
	}
	m.env.bound[s.to] = p
}
