package kgraph

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// MapOptions select what is drawn.
type MapOptions struct {
	At
	// Center is a concept, and Depth how many relations from it are drawn; 1 when it is
	// 0. Without a center the most mentioned concepts of the largest communities are
	// drawn.
	Center string
	Depth  int
	// Community draws the most mentioned concepts of one, by its id.
	Community string
	// Most is the most concepts, 300 when it is 0; at most 2,000.
	Most int
}

// Map is a part of the graph with a place for each concept. The same graph gives the
// same map.
type Map struct {
	Nodes []Placed
	// Edges are those between the nodes; From and To are positions in Nodes. There are at
	// most five times as many as MapOptions.Most; of more, those with the most facts are
	// there. TotalEdges counts all between the nodes.
	Edges      []Line
	TotalEdges int
	// Communities are the largest of the whole graph, at most 50.
	Communities []Community
	// TotalNodes and TotalCommunities are of the whole graph.
	TotalNodes, TotalCommunities int
	// Since is the first moment at which a fact was recorded or held; zero without facts.
	Since time.Time
	Rev   int64
}

// drawings are the maps that were drawn last.
type drawings struct {
	mu  sync.Mutex
	all []drawn // the newest last
}

type drawn struct {
	v    *view
	c    *clusters
	opts MapOptions // with the center's id, and without At
	m    Map
}

// keptMaps is how many maps are kept, of at most 2,000 concepts each.
const keptMaps = 16

// forget takes away what shows what may be forgotten.
func (k *drawings) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = nil
}

// of returns the map that was drawn with the same options, or draws it.
func (k *drawings) of(v *view, c *clusters, o MapOptions, draw func() (Map, error)) (Map, error) {
	o.At = At{}
	k.mu.Lock()
	for _, d := range k.all {
		if d.v == v && d.c == c && d.opts == o {
			k.mu.Unlock()
			return d.m, nil
		}
	}
	k.mu.Unlock()
	m, err := draw() // others draw meanwhile
	if err != nil {
		return m, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = slices.DeleteFunc(k.all, func(d drawn) bool { return d.v.x != v.x })
	k.all = append(k.all[max(0, len(k.all)-keptMaps+1):], drawn{v, c, o, m})
	return m, nil
}

// Placed is a concept on a map. X and Y are in [-1, 1].
type Placed struct {
	Node
	X, Y float64
	// Community is the id of its community.
	Community string
}

// Line is an edge on a map.
type Line struct {
	From, To int
	Edge
}

// Map draws a part of the graph. ErrNotFound for a center or a community that there is
// not.
func (g *Graph) Map(ctx context.Context, o *MapOptions) (Map, error) {
	var opts MapOptions
	if o != nil {
		opts = *o
	}
	most := cmp.Or(opts.Most, 300)
	if most < 0 || most > 2000 || opts.Depth < 0 || opts.Depth > 10 {
		return Map{}, fmt.Errorf("kgraph: %w: MapOptions has Most %d and Depth %d", hobby.ErrInvalid, opts.Most, opts.Depth)
	}
	v, done, err := g.look(ctx, opts.At)
	if err != nil {
		return Map{}, err
	}
	done()
	c, err := g.clusters(ctx, v)
	if err != nil {
		return Map{}, err
	}
	var found []int32
	if opts.Center != "" {
		found = g.find(v, opts.Center)
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	if opts.Center != "" {
		if len(found) == 0 {
			return Map{}, fmt.Errorf("%w: %.200q", ErrNotFound, opts.Center)
		}
		opts.Center = v.x.id(found[0])
	}
	opts.Most = most
	return g.drawings.of(v, c, opts, func() (Map, error) { return v.mapped(ctx, c, found, &opts) })
}

// mapped is a map that nobody has drawn yet. found begins with the center, if there is one.
func (v *view) mapped(ctx context.Context, c *clusters, found []int32, opts *MapOptions) (m Map, err error) {
	var nodes []int32
	switch most := opts.Most; {
	case opts.Center != "":
		nodes, _, err = v.finder.Around(ctx, found[0], cmp.Or(opts.Depth, 1), most, nil)
		if err != nil {
			return Map{}, err
		}
	case opts.Community != "":
		i := slices.IndexFunc(c.all, func(one Community) bool { return one.ID == opts.Community })
		if i < 0 {
			return Map{}, fmt.Errorf("%w: no community %.200q", ErrNotFound, opts.Community)
		}
		nodes = slices.Clone(c.top[i][:min(len(c.top[i]), most)])
	default:
		nodes = c.overview(most)
	}
	m = v.draw(nodes, c, 5*opts.Most)
	m.Communities = c.all[:min(len(c.all), 50)]
	m.TotalNodes, m.TotalCommunities, m.Rev = v.nodes, len(c.all), v.lens.rev
	if v.x.since < forever {
		m.Since = moment(v.x.since)
	}
	return m, nil
}

// overview are the first of each community, in turn.
func (c *clusters) overview(most int) (nodes []int32) {
	for depth := 0; len(nodes) < most; depth++ {
		before := len(nodes)
		for _, top := range c.top {
			if depth < len(top) && len(nodes) < most {
				nodes = append(nodes, top[depth])
			}
		}
		if len(nodes) == before {
			break
		}
	}
	return nodes
}

func (v *view) draw(nodes []int32, c *clusters, most int) Map {
	var m Map
	at := map[int32]int{}
	for i, n := range nodes {
		at[n] = i
	}
	var ends [][2]int
	for i, n := range nodes {
		for _, e := range v.leaving(n) {
			if j, ok := at[v.edges.at(e).To]; ok {
				m.Edges = append(m.Edges, Line{i, j, v.edge(e)})
				ends = append(ends, [2]int{i, j})
			}
		}
	}
	m.TotalEdges = len(m.Edges)
	if len(m.Edges) > most { // the places are those of all edges
		slices.SortStableFunc(m.Edges, func(a, b Line) int {
			return cmp.Or(cmp.Compare(b.Facts, a.Facts), cmp.Compare(b.Confidence, a.Confidence))
		})
		m.Edges = m.Edges[:most:most]
	}
	groups := make([]int, len(nodes))
	for i, n := range nodes {
		groups[i] = int(c.at(n))
	}
	for i, p := range layout(groups, ends) {
		m.Nodes = append(m.Nodes, Placed{v.node(nodes[i]), p[0], p[1], c.community(int32(groups[i])).ID})
	}
	return m
}

// layout gives each of some nodes a place in the square from -1 to 1: those of a group
// begin side by side, and then edges pull and nodes push (Fruchterman and Reingold
// 1991). Nodes push only those in the cells around, so a round costs as much as there are
// nodes and edges.
func layout(groups []int, edges [][2]int) [][2]float64 {
	n := len(groups)
	at := make([][2]float64, n)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(groups[a], groups[b]) })
	for i, node := range order { // a sunflower's seeds
		angle, radius := float64(i)*math.Pi*(3-math.Sqrt(5)), math.Sqrt(float64(i+1)/float64(n+1))
		at[node] = [2]float64{radius * math.Cos(angle), radius * math.Sin(angle)}
	}
	const rounds = 120
	ideal := 1.2 / math.Sqrt(float64(n+1))
	force := make([][2]float64, n)
	for round := range rounds {
		clear(force)
		cells := map[[2]int][]int{}
		cell := func(p [2]float64) [2]int {
			return [2]int{int(math.Floor(p[0] / (2 * ideal))), int(math.Floor(p[1] / (2 * ideal)))}
		}
		for i, p := range at {
			cells[cell(p)] = append(cells[cell(p)], i)
		}
		for i, p := range at {
			home := cell(p)
			for dx := -1; dx <= 1; dx++ {
				for dy := -1; dy <= 1; dy++ {
					for _, j := range cells[[2]int{home[0] + dx, home[1] + dy}] {
						x, y, d := apart(p, at[j])
						if i != j && d < 2*ideal {
							force[i][0] += x / d * ideal * ideal / d
							force[i][1] += y / d * ideal * ideal / d
						}
					}
				}
			}
			force[i][0] -= p[0] * ideal / 4
			force[i][1] -= p[1] * ideal / 4
		}
		for _, e := range edges {
			x, y, d := apart(at[e[0]], at[e[1]])
			pull := d / ideal / 4
			force[e[0]][0], force[e[0]][1] = force[e[0]][0]-x*pull, force[e[0]][1]-y*pull
			force[e[1]][0], force[e[1]][1] = force[e[1]][0]+x*pull, force[e[1]][1]+y*pull
		}
		heat := 0.1 * (1 - float64(round)/rounds)
		for i, f := range force {
			if size := math.Hypot(f[0], f[1]); size > 0 {
				step := min(size, heat) / size
				at[i][0], at[i][1] = at[i][0]+f[0]*step, at[i][1]+f[1]*step
			}
		}
	}
	widest := 0.0
	for _, p := range at {
		widest = max(widest, math.Abs(p[0]), math.Abs(p[1]))
	}
	for i := range at {
		if widest > 0 {
			at[i][0], at[i][1] = at[i][0]/widest, at[i][1]/widest
		}
	}
	return at
}

// apart is the way from b to a, and its length, which is never 0.
func apart(a, b [2]float64) (x, y, d float64) {
	x, y = a[0]-b[0], a[1]-b[1]
	return x, y, max(math.Hypot(x, y), 1e-6)
}
