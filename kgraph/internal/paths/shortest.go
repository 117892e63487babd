// Package paths finds ways through a graph: the shortest, the k best, and what lies
// around a node.
package paths

import (
	"context"
	"sync"

	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// Path is a way through a graph. Its edges lie between its nodes, so there is one node
// more than there are edges.
type Path struct {
	Nodes, Edges []int32
}

// Options say which ways count. The zero value takes every edge both ways.
type Options struct {
	Direction rows.Direction
	// Allow leaves out the edges that it returns false for; nil allows all.
	Allow func(edge int32) bool
	// MaxLength is the most edges of a path; 0 is no limit.
	MaxLength int
}

// Finder finds ways through one graph. It keeps memory between searches. Its methods
// may be called at the same time.
type Finder struct {
	g     rows.Adjacency
	spare *sync.Pool // *marks
}

// NewFinder returns a finder for g.
func NewFinder(g rows.Adjacency) *Finder {
	return &Finder{g, &sync.Pool{New: func() any { return &marks{} }}}
}

// Over returns a finder for another graph, which shares the memory of f.
func (f *Finder) Over(g rows.Adjacency) *Finder { return &Finder{g, f.spare} }

// marks returns memory for a search.
func (f *Finder) marks() *marks {
	m := f.spare.Get().(*marks)
	if n := f.g.Nodes(); len(m.at) < n {
		m.at = append(m.at, make([]mark, n-len(m.at))...)
	}
	m.next()
	return m
}

// marks says which nodes a search has seen. The next search takes another number, so
// nothing needs to be cleared.
type marks struct {
	at     []mark
	search uint32     // even; the search's backward side is search+1
	lists  [4][]int32 // the two sides' frontiers, and those to come
}

type mark struct {
	by  uint32
	via int32 // the edge that led here; -1 at an end
}

func (m *marks) next() {
	if m.search += 2; m.search == 0 { // wrapped round: old numbers would come again
		clear(m.at)
		m.search = 2
	}
}

// side is one end's half of a bidirectional search.
type side struct {
	d        rows.Direction
	by       uint32
	frontier []int32 // the nodes at distance depth
	spare    []int32
	entries  int // in the frontier's rows
	depth    int
}

// patience is how many nodes are expanded between two looks at a context.
const patience = 1024

// Shortest finds a path with the fewest edges, by searching breadth first from both
// ends (Pohl 1971). ok is false when there is none. The path from a node to itself has
// no edges.
func (f *Finder) Shortest(ctx context.Context, from, to int32, o *Options) (p Path, ok bool, err error) {
	if o == nil {
		o = &Options{}
	}
	if from == to {
		return Path{Nodes: []int32{from}}, true, nil
	}
	m := f.marks()
	defer f.spare.Put(m)
	a := &side{d: o.Direction, by: m.search, frontier: append(m.lists[0][:0], from), spare: m.lists[1]}
	b := &side{d: o.Direction.Reverse(), by: m.search + 1, frontier: append(m.lists[2][:0], to), spare: m.lists[3]}
	defer func() { m.lists = [4][]int32{a.frontier, a.spare, b.frontier, b.spare} }()
	a.entries, b.entries = f.g.Degree(from, a.d), f.g.Degree(to, b.d)
	m.at[from], m.at[to] = mark{a.by, -1}, mark{b.by, -1}
	for len(a.frontier) > 0 && len(b.frontier) > 0 && (o.MaxLength == 0 || a.depth+b.depth < o.MaxLength) {
		s, other := a, b
		if b.entries < a.entries {
			s, other = b, a
		}
		at, edge, met, err := f.expand(ctx, m, s, other.by, o.Allow)
		if err != nil {
			return Path{}, false, err
		}
		if met {
			return f.join(m, at, edge, s == a), true, nil
		}
	}
	return Path{}, false, nil
}

// expand moves a side one level on. It stops where an edge leads from a node of it, at,
// to one of the other side. Every node of the other side that has an edge to the
// frontier is at the other side's full depth: a nearer one would have met this side
// before. So the first meeting is a shortest one.
func (f *Finder) expand(
	ctx context.Context, m *marks, s *side, other uint32, allow func(int32) bool,
) (at, edge int32, met bool, err error) {
	next := s.spare[:0]
	entries := 0
	for i, n := range s.frontier {
		if i%patience == 0 {
			if err := context.Cause(ctx); err != nil {
				return 0, 0, false, err
			}
		}
		nodes, edges := f.g.Row(n, s.d)
		for j, v := range nodes {
			by := m.at[v].by
			if by == s.by || allow != nil && !allow(edges[j]) {
				continue
			}
			if by == other {
				return n, edges[j], true, nil
			}
			m.at[v] = mark{s.by, edges[j]}
			next = append(next, v)
			entries += f.g.Degree(v, s.d)
		}
	}
	s.frontier, s.spare, s.entries = next, s.frontier, entries
	s.depth++
	return 0, 0, false, nil
}

// join puts the two halves of a path together, which edge connects at the node at.
func (f *Finder) join(m *marks, at, edge int32, forward bool) Path {
	first, second := at, f.g.Edge(edge).Other(at)
	if !forward {
		first, second = second, first
	}
	var p Path
	n := first
	for ; m.at[n].via >= 0; n = f.g.Edge(m.at[n].via).Other(n) {
		p.Nodes, p.Edges = append(p.Nodes, n), append(p.Edges, m.at[n].via)
	}
	p.Nodes = append(p.Nodes, n)
	reverse(p.Nodes)
	reverse(p.Edges)
	p.Edges = append(p.Edges, edge)
	for n = second; m.at[n].via >= 0; n = f.g.Edge(m.at[n].via).Other(n) {
		p.Nodes, p.Edges = append(p.Nodes, n), append(p.Edges, m.at[n].via)
	}
	p.Nodes = append(p.Nodes, n)
	return p
}

func reverse(s []int32) {
	for i, j := 0, len(s)-1; i < j; i, j = i+1, j-1 {
		s[i], s[j] = s[j], s[i]
	}
}

// Around lists the nodes within hops edges of n, nearest first, at most limit of them;
// n itself is the first. Nodes at the same distance are in the order of their rows.
// more is true when the limit cut the list.
func (f *Finder) Around(ctx context.Context, n int32, hops, limit int, o *Options) (nodes []int32, more bool, err error) {
	if o == nil {
		o = &Options{}
	}
	m := f.marks()
	defer f.spare.Put(m)
	m.at[n].by = m.search
	nodes = []int32{n}
	for begin := 0; hops > 0 && begin < len(nodes); hops-- {
		end := len(nodes)
		for i := begin; i < end; i++ {
			if i%patience == 0 {
				if err := context.Cause(ctx); err != nil {
					return nil, false, err
				}
			}
			next, edges := f.g.Row(nodes[i], o.Direction)
			for j, v := range next {
				if m.at[v].by == m.search || o.Allow != nil && !o.Allow(edges[j]) {
					continue
				}
				if len(nodes) >= limit {
					return nodes, true, nil
				}
				m.at[v].by = m.search
				nodes = append(nodes, v)
			}
		}
		begin = end
	}
	return nodes, false, nil
}
