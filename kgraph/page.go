package kgraph

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Filter selects a page of the graph.
type Filter struct {
	At
	// Sort selects nodes of a sort; "" is all.
	Sort Sort
	// Limit is the most nodes, clipped to [1, 1000]; 0 means 100. A page has at most
	// 10,000 edges: a node with more comes again on the next page, with the others.
	Limit int
	// Cursor continues after a Page's Next; anything else is hobby.ErrInvalid.
	Cursor string
}

// Page is a part of the graph: some nodes, in the order in which they became known, and
// the edges that leave these. All pages together have each edge once.
type Page struct {
	Nodes []Node
	Edges []Edge
	// TotalNodes and TotalEdges are those of the whole graph, of every sort.
	TotalNodes, TotalEdges int
	// Rev is the revision that was read.
	Rev int64
	// Next is "" at the end. What was forgotten between two pages moves others behind,
	// so a page may have what an earlier one had; none is left out.
	Next string
}

// Page reads a part of the graph.
func (g *Graph) Page(ctx context.Context, f Filter) (Page, error) {
	v, done, err := g.look(ctx, f.At)
	if err != nil {
		return Page{}, err
	}
	defer done()
	x := v.x
	limit := min(cmp.Or(max(f.Limit, 0), 100), 1000)
	n, skip, err := x.after(f.Cursor)
	if err != nil {
		return Page{}, err
	}
	p := Page{TotalNodes: v.nodes, TotalEdges: v.live, Rev: v.lens.rev}
	sort, known := x.texts.at[string(f.Sort)]
	if f.Sort != "" && !known {
		return p, nil
	}
	for ; n < v.spots.len(); n++ {
		if !v.has(n) || f.Sort != "" && x.names.all[x.nodes[n].form].sort != sort {
			continue
		}
		if len(p.Nodes) == limit || len(p.Edges) == pageEdges {
			p.Next = x.cursor(n, skip)
			break
		}
		p.Nodes = append(p.Nodes, v.node(n))
		edges := v.leaving(n)
		edges = edges[min(skip, len(edges)):]
		fit := min(len(edges), pageEdges-len(p.Edges))
		for _, e := range edges[:fit] {
			p.Edges = append(p.Edges, v.edge(e))
		}
		if fit < len(edges) {
			p.Next = x.cursor(n, skip+fit)
			break
		}
		skip = 0
	}
	return p, nil
}

// pageEdges is the most edges of a page.
const pageEdges = 10_000

// edge is an edge of the view.
func (v *view) edge(n int32) Edge {
	e := v.edges.at(n)
	return Edge{
		Source: v.x.id(e.From), Target: v.x.id(e.To), Relation: v.x.rules.all[e.Relation].Name,
		Confidence: float64(e.Weight), Facts: int(e.told), Trusted: e.trusted,
	}
}

// cursor says where a node is: the revision that made it, and which one it is of those
// that the revision made; and how many of its edges were told.
func (x *index) cursor(n int32, told int) string {
	rev := x.nodes[n].rev
	at := fmt.Sprintf("%d.%d", rev, n-x.first(rev))
	if told > 0 {
		at += fmt.Sprintf(".%d", told)
	}
	return at
}

// first is the first node that a revision, or a later one, made.
func (x *index) first(rev int64) int32 {
	at, _ := slices.BinarySearchFunc(x.nodes, rev, func(n node, rev int64) int { return cmp.Compare(n.rev, rev) })
	return int32(at)
}

func (x *index) after(cursor string) (n int32, told int, err error) {
	if cursor == "" {
		return 0, 0, nil
	}
	parts := strings.Split(cursor, ".")
	var at [3]int64
	if len(parts) < 2 || len(parts) > 3 {
		err = strconv.ErrSyntax
	}
	for i, part := range parts[:min(len(parts), 3)] {
		bits := 32
		if i == 0 {
			bits = 64
		}
		var bad error
		if at[i], bad = strconv.ParseInt(part, 10, bits); bad != nil || at[i] < 0 || at[i] == math.MaxInt64 {
			err = strconv.ErrSyntax
		}
	}
	if err != nil {
		return 0, 0, fmt.Errorf("kgraph: %w: Filter.Cursor is %.64q", hobby.ErrInvalid, cursor)
	}
	here := int64(x.first(at[0])) + at[1]
	if end := int64(x.first(at[0] + 1)); here >= end {
		return int32(end), 0, nil
	}
	return int32(here), int(at[2]), nil
}

// Diff is what lies between two revisions.
type Diff struct {
	From, To int64
	// Added became known, and Removed did not hold any more: they were ended by what
	// became known. What was forgotten is in neither. At most as many edges as were
	// asked for are there; AddedTotal and RemovedTotal count all.
	Added, Removed           []Edge
	AddedTotal, RemovedTotal int
}

// Diff compares two revisions of the graph as they hold now; to is the newest when it is
// 0. limit is the most edges of each list, 100 when it is 0.
func (g *Graph) Diff(ctx context.Context, from, to int64, limit int) (Diff, error) {
	after, done, err := g.look(ctx, At{})
	if err != nil {
		return Diff{}, err
	}
	done()
	x := after.x
	if to == 0 || to > after.lens.rev {
		to = after.lens.rev
	}
	d := Diff{From: from, To: to}
	if from < 0 || from > to {
		return d, fmt.Errorf("kgraph: %w: revision %d is not between 0 and %d", hobby.ErrInvalid, from, to)
	}
	limit = cmp.Or(max(limit, 0), 100)
	now := time.Now()
	if to < after.lens.rev {
		after = g.view(At{Rev: max(to, 1)}, now)
	}
	before := &view{x: x}
	if from > 0 {
		before = g.view(At{Rev: from}, now)
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	only := func(v, other *view) (edges []Edge, total int) {
		for n := range v.spots.len() {
			for _, e := range v.leaving(n) {
				if !other.contains(v.edges.at(e)) {
					if total++; total <= limit {
						edges = append(edges, v.edge(e))
					}
				}
			}
		}
		return edges, total
	}
	d.Added, d.AddedTotal = only(after, before)
	d.Removed, d.RemovedTotal = only(before, after)
	return d, nil
}
