package kgraph

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/pastime-go/pastime/kgraph/internal/leiden"
	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// Community is a group of concepts with more relations among them than to others, found
// by the Leiden algorithm.
type Community struct {
	// ID is the id of the first concept that it had. Once the graph has twice as many facts as
	// when the community came, it stays while the community grows and shrinks, even if that
	// concept leaves. Of a community that is split the largest part keeps it. Forgetting a
	// source may change it, since it follows from the first facts that are left. Every process
	// on a store has the same ids, also after a restart.
	ID string
	// Name is that of its most mentioned concept. It stays like the id, until that concept
	// leaves it.
	Name string
	Size int
}

// clusters are the communities of a view, the largest first.
type clusters struct {
	of  []int32 // of each node that was mentioned then
	all []Community
	top [][]int32 // of each, its nodes, the most mentioned first
}

// anchor are the communities of the first facts, whether they still hold or not. Later
// communities have their ids from it. As it follows from facts that never change, it is the
// same in every process, and nothing has to be stored that what is forgotten would be in.
type anchor struct {
	of  []int32 // of each of the first nodes
	all []named
}

// named is a community by its names.
type named struct {
	id    string
	label int32 // a node
}

// anchors are those of an index, each of twice as many facts as the one before.
type anchors struct {
	mu  mutex
	x   *index
	all []anchor
}

// firstAnchor is how many facts the first anchor has, and anchorRounds how often the whole is
// gone over to find one: it need not be the best partition, and is where a search begins.
const firstAnchor, anchorRounds = 32, 2

// clusters finds the communities of a view. The caller does not hold the index, since this
// takes long in a large graph. There, those of an earlier view serve for ten times as long
// as it took to find them, and what came later is in none.
func (g *Graph) clusters(ctx context.Context, v *view) (*clusters, error) {
	return g.groups.of(ctx, v, func() (c *clusters, err error) {
		a, err := g.anchor(ctx, v)
		if err != nil {
			return nil, err
		}
		of, err := leiden.Communities(ctx, v.graph(), &leiden.Options{From: a.of})
		if err != nil {
			return nil, fmt.Errorf("kgraph: finding communities: %w", err)
		}
		g.held(func() { c = v.group(of, a) })
		return c, nil
	})
}

// anchor is the last one of the facts that a view may know.
func (g *Graph) anchor(ctx context.Context, v *view) (*anchor, error) {
	s := &g.anchors
	if err := s.mu.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.unlock()
	if s.x != v.x {
		s.x, s.all = v.x, nil
	}
	var facts int
	g.held(func() { facts = v.x.stated(v.lens.rev) })
	last, i := &anchor{}, 0
	for n := firstAnchor; n <= facts; n, i = 2*n, i+1 {
		if i == len(s.all) {
			next, err := g.after(ctx, v.x, last, n)
			if err != nil {
				return nil, err
			}
			s.all = append(s.all, next)
		}
		last = &s.all[i]
	}
	return last, nil
}

// after finds the anchor of the first facts, which follows another one.
func (g *Graph) after(ctx context.Context, x *index, before *anchor, facts int) (a anchor, err error) {
	var edges []rows.Edge
	nodes := int32(0)
	for first := 0; first < facts; first += atOnce {
		g.held(func() {
			for i := first; i < min(facts, first+atOnce); i++ {
				f := &x.facts[i]
				from, to := x.ends(f)
				nodes = max(nodes, from+1, to+1)
				edges = append(edges, rows.Edge{From: from, To: to, Relation: f.relation, Weight: f.weight()})
			}
		})
	}
	graph, err := rows.New(int(nodes), strongest(edges))
	if err != nil {
		panic(err) // what is stored was checked
	}
	if a.of, err = leiden.Communities(ctx, graph, &leiden.Options{From: before.of, Iterations: anchorRounds}); err != nil {
		return a, fmt.Errorf("kgraph: finding communities: %w", err)
	}
	groups := make([][]int32, slices.Max(a.of)+1)
	for n, c := range a.of {
		groups[c] = append(groups[c], int32(n))
	}
	for _, nodes := range groups {
		slices.SortFunc(nodes, func(a, b int32) int {
			return cmp.Or(cmp.Compare(graph.Degree(b, rows.Both), graph.Degree(a, rows.Both)), cmp.Compare(a, b))
		})
	}
	g.held(func() { a.all = x.name(groups, before) })
	return a, nil
}

// strongest are edges, of those with the same ends and relation only the one with the most
// weight.
func strongest(edges []rows.Edge) []rows.Edge {
	slices.SortFunc(edges, func(a, b rows.Edge) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Relation, b.Relation), cmp.Compare(b.Weight, a.Weight))
	})
	return slices.CompactFunc(edges, func(a, b rows.Edge) bool { return a.From == b.From && a.To == b.To && a.Relation == b.Relation })
}

// name gives communities their names, in the order of the groups: those of the earlier
// community with which each shares most, or new ones. Of a group's nodes the first is the
// most mentioned. The caller holds the index still.
func (x *index) name(groups [][]int32, before *anchor) []named {
	all := make([]named, len(groups))
	used := map[string]bool{}
	for i, old := range carried(groups, before) {
		if old == none {
			continue
		}
		all[i] = before.all[old]
		used[all[i].id] = true
		if !slices.Contains(groups[i], all[i].label) {
			all[i].label = groups[i][0]
		}
	}
	for i, nodes := range groups {
		if all[i].id != "" {
			continue
		}
		all[i] = named{x.id(slices.Min(nodes)), nodes[0]}
		if used[all[i].id] { // an earlier community has that name, and this concept left it
			for _, n := range slices.Sorted(slices.Values(nodes)) {
				if all[i].id = x.id(n); !used[all[i].id] {
					break
				}
			}
		}
		for used[all[i].id] {
			all[i].id += "'"
		}
		used[all[i].id] = true
	}
	return all
}

// carried says which earlier community each group goes on with, or none. Those that share
// most are paired first, and a pair shares at least half of the smaller one.
func carried(groups [][]int32, before *anchor) []int32 {
	type pair struct{ group, old, shared int32 }
	var pairs []pair
	sizes := make([]int32, len(before.all))
	for _, c := range before.of {
		sizes[c]++
	}
	for i, nodes := range groups {
		shared := map[int32]int32{}
		for _, n := range nodes {
			if int(n) < len(before.of) {
				shared[before.of[n]]++
			}
		}
		for old, n := range shared {
			if 2*n >= min(int32(len(nodes)), sizes[old]) {
				pairs = append(pairs, pair{int32(i), old, n})
			}
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.shared, a.shared), cmp.Compare(a.old, b.old), cmp.Compare(a.group, b.group))
	})
	with := slices.Repeat([]int32{none}, len(groups))
	taken := make([]bool, len(before.all))
	for _, p := range pairs {
		if with[p.group] == none && !taken[p.old] {
			with[p.group], taken[p.old] = p.old, true
		}
	}
	return with
}

// group orders communities and names them. The caller holds the index still.
func (v *view) group(of []int32, a *anchor) *clusters {
	groups := map[int32][]int32{}
	for n, c := range of {
		if v.has(int32(n)) {
			groups[c] = append(groups[c], int32(n))
		}
	}
	c := &clusters{of: slices.Repeat([]int32{none}, len(of))}
	for _, nodes := range groups {
		slices.SortFunc(nodes, func(a, b int32) int { return cmp.Or(cmp.Compare(v.mentions(b), v.mentions(a)), cmp.Compare(a, b)) })
		c.top = append(c.top, nodes)
	}
	slices.SortFunc(c.top, func(a, b []int32) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a[0], b[0])) })
	for i, name := range v.x.name(c.top, a) {
		label := v.node(name.label)
		c.all = append(c.all, Community{name.id, label.Name, len(c.top[i])})
		for _, n := range c.top[i] {
			c.of[n] = int32(i)
		}
	}
	return c
}

// at is the number of a node's community, or none.
func (c *clusters) at(n int32) int32 {
	if int(n) >= len(c.of) {
		return none
	}
	return c.of[n]
}

// community is that with a number; the zero value for none.
func (c *clusters) community(number int32) Community {
	if number == none {
		return Community{}
	}
	return c.all[number]
}
