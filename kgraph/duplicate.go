package kgraph

import (
	"cmp"
	"slices"

	"github.com/pastime-go/pastime/kgraph/internal/alike"
)

// doubles finds the concepts of a net with names that are probably of the same thing.
// Concepts of sorts whose names are compared to the letter are not among them.
type doubles struct {
	names map[Sort]*alike.Names
	of    map[Sort][]int32 // the node of each name
	pairs [][2]int32       // each once, the node that is mentioned more first
}

// resolve finds what is double. It costs as much as there are names.
func (n *net) resolve() *doubles {
	d := &doubles{names: map[Sort]*alike.Names{}, of: map[Sort][]int32{}}
	for i := range n.nodes {
		c := &n.nodes[i]
		if c.Sort.exact() {
			continue
		}
		if d.names[c.Sort] == nil {
			d.names[c.Sort] = alike.NewNames()
		}
		d.names[c.Sort].Add(c.Name)
		d.of[c.Sort] = append(d.of[c.Sort], int32(i))
	}
	for i := range n.nodes {
		for _, other := range d.find(n.nodes[i].Sort, n.nodes[i].Name) {
			p := [2]int32{int32(i), other}
			if n.before(p[0], p[1]) && !n.aliased(p[0], p[1]) {
				d.pairs = append(d.pairs, p)
			}
		}
	}
	return d
}

// before is an order of nodes: the more mentioned one first.
func (n *net) before(a, b int32) bool {
	return cmp.Or(cmp.Compare(n.nodes[b].Mentions, n.nodes[a].Mentions), cmp.Compare(a, b)) < 0
}

// aliased reports whether a fact says that two nodes are of the same thing.
func (n *net) aliased(a, b int32) bool {
	others, edges := n.stated.Row(a, 0)
	for i, e := range edges {
		if others[i] == b && n.laws[n.stated.Edge(e).Relation].Alias {
			return true
		}
	}
	return false
}

// find returns the nodes of a sort with a name like this, the likest first.
func (d *doubles) find(s Sort, name string) (all []int32) {
	if names := d.names[s]; names != nil {
		for _, a := range names.Find(name) {
			all = append(all, d.of[s][a.ID])
		}
	}
	return all
}

// find returns the nodes that a name may mean, the best first. Where none has the name,
// they are those with a name that is probably meant. The caller does not hold the index.
func (g *Graph) find(v *view, name string) (found []int32) {
	g.held(func() { found = v.find(name) })
	if len(found) > 0 {
		return found[:min(len(found), 10)]
	}
	n := g.net(v)
	d := n.doubles()
	for s := range d.names {
		for _, i := range d.find(s, name) {
			if v.has(n.of[i]) {
				found = append(found, n.of[i])
			}
		}
	}
	slices.SortFunc(found, func(a, b int32) int { return cmp.Or(cmp.Compare(v.mentions(b), v.mentions(a)), cmp.Compare(a, b)) })
	return found[:min(len(found), 10)]
}

// alike returns the nodes that are probably of the same thing as the first of some, and
// are not among them. The caller does not hold the index.
func (g *Graph) alike(v *view, found []int32) (more []int32) {
	n := g.net(v)
	at, ok := n.at[found[0]]
	if !ok {
		return nil
	}
	for _, i := range n.doubles().find(n.nodes[at].Sort, n.nodes[at].Name) {
		if node := n.of[i]; v.has(node) && !slices.Contains(found, node) {
			more = append(more, node)
		}
	}
	return more[:min(len(more), 10)]
}
