package paths

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"slices"
)

// Ranked is a path with what it costs: the sum of its edges' [rows.Edge.Cost].
type Ranked struct {
	Path
	Cost int64
}

// MaxVisited is how many nodes one search for the best paths looks at, at most.
const MaxVisited = 2_000_000

// ErrTooWide is returned by a search that would look at more than [MaxVisited] nodes.
var ErrTooWide = fmt.Errorf("kgraph: more than %d nodes lie between the two; allow fewer relations or a shorter path", MaxVisited)

// Best finds the k paths without a repeated node that cost least, cheapest first (Yen
// 1971, with Lawler's rule: a path deviates no earlier than where it left its parent).
// Of two that cost the same, the one with fewer edges comes first; the order of other
// equals is the same each time. Paths that visit the same nodes by parallel edges are
// different paths. It looks at [MaxVisited] nodes at most, or fails with [ErrTooWide].
func (f *Finder) Best(ctx context.Context, from, to int32, k int, o *Options) ([]Ranked, error) {
	if o == nil {
		o = &Options{}
	}
	if k < 1 {
		return nil, nil
	}
	if from == to {
		return []Ranked{{Path: Path{Nodes: []int32{from}}}}, nil
	}
	y := &yen{f: f, o: o, left: MaxVisited, banned: map[int32]bool{}, blocked: map[int32]bool{}}
	first, ok, err := y.cheapest(ctx, from, to, o.MaxLength)
	if err != nil || !ok {
		return nil, err
	}
	found := []deviation{{Ranked: first}}
	var candidates []deviation
	for len(found) < k {
		more, err := y.deviate(ctx, found, to)
		if err != nil {
			return nil, err
		}
		for _, c := range more {
			if !slices.ContainsFunc(candidates, func(b deviation) bool { return slices.Equal(b.Edges, c.Edges) }) {
				candidates = append(candidates, c)
			}
		}
		if len(candidates) == 0 {
			break
		}
		best := 0
		for i := range candidates {
			if compare(&candidates[i].Ranked, &candidates[best].Ranked) < 0 {
				best = i
			}
		}
		found = append(found, candidates[best])
		candidates = slices.Delete(candidates, best, best+1)
	}
	all := make([]Ranked, len(found))
	for i := range found {
		all[i] = found[i].Ranked
	}
	return all, nil
}

func compare(a, b *Ranked) int {
	return cmp.Or(cmp.Compare(a.Cost, b.Cost), cmp.Compare(len(a.Edges), len(b.Edges)), slices.Compare(a.Nodes, b.Nodes),
		slices.Compare(a.Edges, b.Edges))
}

// deviation is a path and the position of the node at which it left its parent.
type deviation struct {
	Ranked
	at int
}

// yen is one search for the best paths.
type yen struct {
	f       *Finder
	o       *Options
	left    int            // of MaxVisited
	banned  map[int32]bool // edges
	blocked map[int32]bool // nodes
}

// deviate finds, for each node of the newest path from where it left its parent, the
// cheapest path that leaves it there and is not found yet.
func (y *yen) deviate(ctx context.Context, found []deviation, to int32) ([]deviation, error) {
	newest := &found[len(found)-1]
	var more []deviation
	for at := newest.at; at < len(newest.Edges); at++ {
		clear(y.banned)
		clear(y.blocked)
		root := newest.Edges[:at]
		for i := range found {
			if e := found[i].Edges; len(e) > at && slices.Equal(e[:at], root) {
				y.banned[e[at]] = true
			}
		}
		for _, n := range newest.Nodes[:at] {
			y.blocked[n] = true
		}
		length := 0
		if y.o.MaxLength > 0 {
			length = y.o.MaxLength - at
		}
		rest, ok, err := y.cheapest(ctx, newest.Nodes[at], to, length)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		whole := Ranked{Path: Path{
			Nodes: append(slices.Clone(newest.Nodes[:at]), rest.Nodes...), Edges: append(slices.Clone(root), rest.Edges...),
		}}
		for _, e := range whole.Edges {
			whole.Cost += y.cost(e)
		}
		more = append(more, deviation{whole, at})
	}
	return more, nil
}

func (y *yen) cost(edge int32) int64 { return y.f.g.Edge(edge).Cost() }

// step is a way to a node: the edge that leads there, and the step before it.
type step struct {
	node, edge int32
	length     int32
	before     int32 // position in the search's steps; -1 at the start
	cost       int64
}

type steps struct {
	all  []step
	heap []int32
}

func (s *steps) Len() int      { return len(s.heap) }
func (s *steps) Swap(i, j int) { s.heap[i], s.heap[j] = s.heap[j], s.heap[i] }
func (s *steps) Push(x any)    { s.heap = append(s.heap, x.(int32)) }
func (s *steps) Pop() any {
	x := s.heap[len(s.heap)-1]
	s.heap = s.heap[:len(s.heap)-1]
	return x
}
func (s *steps) Less(i, j int) bool {
	a, b := &s.all[s.heap[i]], &s.all[s.heap[j]]
	if a.cost != b.cost {
		return a.cost < b.cost
	}
	if a.length != b.length {
		return a.length < b.length
	}
	return s.heap[i] < s.heap[j]
}

// cheapest is Dijkstra's search (1959) around what is banned and blocked. With a limit
// of the length, a node is looked at again by a way that costs more and is shorter.
func (y *yen) cheapest(ctx context.Context, from, to int32, length int) (Ranked, bool, error) {
	shortest := map[int32]int32{} // the fewest edges of a way by which a node was looked at
	s := &steps{all: []step{{node: from, edge: -1, before: -1}}, heap: []int32{0}}
	for len(s.heap) > 0 {
		at := heap.Pop(s).(int32)
		here := s.all[at]
		if l, seen := shortest[here.node]; seen && (length == 0 || l <= here.length) {
			continue
		}
		if here.node == to {
			return s.path(at), true, nil
		}
		shortest[here.node] = here.length
		if y.left--; y.left < 0 {
			return Ranked{}, false, ErrTooWide
		}
		if y.left%patience == 0 {
			if err := context.Cause(ctx); err != nil {
				return Ranked{}, false, err
			}
		}
		if length > 0 && int(here.length) == length {
			continue
		}
		nodes, edges := y.f.g.Row(here.node, y.o.Direction)
		for i, n := range nodes {
			e := edges[i]
			if y.blocked[n] || y.banned[e] || y.o.Allow != nil && !y.o.Allow(e) {
				continue
			}
			if l, seen := shortest[n]; seen && (length == 0 || l <= here.length+1) {
				continue
			}
			s.all = append(s.all, step{n, e, here.length + 1, at, here.cost + y.cost(e)})
			heap.Push(s, int32(len(s.all)-1))
		}
	}
	return Ranked{}, false, nil
}

func (s *steps) path(at int32) Ranked {
	p := Ranked{Cost: s.all[at].cost}
	for ; at >= 0; at = s.all[at].before {
		p.Nodes = append(p.Nodes, s.all[at].node)
		if s.all[at].edge >= 0 {
			p.Edges = append(p.Edges, s.all[at].edge)
		}
	}
	reverse(p.Nodes)
	reverse(p.Edges)
	return p
}
