package kgraph

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph/internal/infer"
	"github.com/pastime-go/pastime/kgraph/internal/rank"
	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// net is a view as searches need it. It does not refer to the index, so that a long
// search does not hold up what is added. Its nodes are the view's that are mentioned.
type net struct {
	rev     int64
	nodes   []Node
	byID    map[string]int32
	byName  map[string][]int32
	at      map[int32]int32 // nodes by those of the view
	of      []int32         // nodes of the view by those here
	laws    []Relation      // by number; inverses that no fact has come last
	stated  *rows.Graph     // what facts say
	facts   []int32         // of each stated edge
	trusted []bool          // of each stated edge

	names   func() *rank.Texts
	doubles func() *doubles

	all    once[*known] // with what follows
	engine once[*engine]
	ranks  once[[]float64]
}

// known is what is stated and what follows from it. The stated edges come first.
type known struct {
	net     *net
	graph   *rows.Graph
	closure *infer.Closure
	proofs  []int32 // of each edge that follows, its position in the closure
}

// maxInferred is how many edges that follow are kept; the surest are.
const maxInferred = 200_000

// net is the net of a view, or of an earlier one that is good enough. The caller does not
// hold the index.
func (g *Graph) net(v *view) *net {
	// Making it does not take long enough to be ended.
	n, _ := g.nets.of(context.Background(), v, func() (*net, error) { return newNet(v, g.held), nil })
	return n
}

func newNet(v *view, held func(func())) *net {
	n := &net{rev: v.lens.rev, byID: map[string]int32{}, byName: map[string][]int32{}, at: map[int32]int32{}}
	n.all.mu, n.engine.mu, n.ranks.mu = newMutex(), newMutex(), newMutex()
	held(func() { n.laws = withInverses(v.x.rules.all) })
	for first := int32(0); first < v.spots.len(); first += atOnce {
		held(func() {
			for i := first; i < min(first+atOnce, v.spots.len()); i++ {
				if !v.has(i) {
					continue
				}
				at := int32(len(n.nodes))
				node := v.node(i)
				n.nodes, n.of, n.at[i], n.byID[node.ID] = append(n.nodes, node), append(n.of, i), at, at
				n.byName[node.Name] = append(n.byName[node.Name], at)
			}
		})
	}
	edges := make([]rows.Edge, 0, v.live)
	for i := range v.spots.len() {
		for _, e := range v.leaving(i) {
			e := *v.edges.at(e)
			e.From, e.To = n.at[e.From], n.at[e.To]
			edges, n.facts, n.trusted = append(edges, e.Edge), append(n.facts, e.told), append(n.trusted, e.trusted)
		}
	}
	n.stated = n.rows(edges)
	n.names = sync.OnceValue(func() *rank.Texts {
		t := rank.NewTexts(rank.Words)
		for i := range n.nodes {
			t.Add(nameText(&n.nodes[i]))
		}
		return t
	})
	n.doubles = sync.OnceValue(n.resolve)
	return n
}

// central is the PageRank of each node.
func (n *net) central(ctx context.Context) ([]float64, error) {
	return n.ranks.of(ctx, func() ([]float64, error) {
		r, err := rank.PageRank(ctx, n.stated, rows.Both, 1e-9)
		if err != nil {
			return nil, fmt.Errorf("kgraph: ranking concepts: %w", err)
		}
		return r, nil
	})
}

func (n *net) rows(edges []rows.Edge) *rows.Graph {
	g, err := rows.New(len(n.nodes), edges)
	if err != nil {
		panic(err) // what is stored was checked
	}
	return g
}

// withInverses are relations and those that are only named as the inverse of one.
func withInverses(all []Relation) []Relation {
	laws := slices.Clone(all)
	for _, r := range all {
		if r.Inverse != "" && !slices.ContainsFunc(laws, func(l Relation) bool { return l.Name == r.Inverse }) {
			laws = append(laws, Relation{Name: r.Inverse, Subject: r.Object, Object: r.Subject})
		}
	}
	return laws
}

// known is what is stated and what follows from it.
func (n *net) known(ctx context.Context) (*known, error) {
	return n.all.of(ctx, func() (*known, error) { return n.infer(ctx) })
}

// infer derives what follows from the trusted edges by the laws of their relations.
func (n *net) infer(ctx context.Context) (*known, error) {
	var laws []infer.Law
	number := map[hobby.Relation]int32{}
	for i, r := range n.laws {
		number[r.Name] = int32(i)
	}
	for i, r := range n.laws {
		l := infer.Law{Relation: int32(i), Symmetric: r.Symmetric, Transitive: r.Transitive, Inverse: none}
		if r.Inverse != "" {
			l.Inverse = number[r.Inverse]
		}
		if l.Symmetric || l.Transitive || l.Inverse != none {
			laws = append(laws, l)
		}
	}
	k := &known{net: n, graph: n.stated, closure: &infer.Closure{}}
	if len(laws) == 0 {
		return k, nil
	}
	var facts []infer.Stated
	said := map[infer.Fact]bool{}
	for i, e := range n.stated.Edges() {
		f := infer.Fact{From: e.From, Relation: e.Relation, To: e.To}
		said[f] = true
		if n.trusted[i] {
			facts = append(facts, infer.Stated{Fact: f, Cost: e.Cost()})
		}
	}
	var err error
	if k.closure, err = infer.Close(ctx, facts, laws, maxInferred); err != nil {
		return nil, fmt.Errorf("kgraph: finding what follows: %w", err)
	}
	edges := slices.Clone(n.stated.Edges())
	for i, f := range k.closure.Facts {
		if said[f.Fact] {
			continue
		}
		w := max(float32(rows.Confidence(f.Cost)), math.SmallestNonzeroFloat32)
		edges = append(edges, rows.Edge{From: f.From, To: f.To, Relation: f.Relation, Weight: min(w, 1)})
		k.proofs = append(k.proofs, int32(i))
	}
	k.graph = n.rows(edges)
	return k, nil
}

// edge is a stated edge.
func (n *net) edge(i int32) Edge {
	e := n.stated.Edge(i)
	return Edge{
		Source: n.nodes[e.From].ID, Target: n.nodes[e.To].ID, Relation: n.laws[e.Relation].Name, Confidence: float64(e.Weight),
		Facts: int(n.facts[i]), Trusted: n.trusted[i],
	}
}

// edge is an edge of what is known.
func (k *known) edge(i int32) Edge {
	n := k.net
	if int(i) < len(n.facts) {
		return n.edge(i)
	}
	e := k.graph.Edge(i)
	return Edge{
		Source: n.nodes[e.From].ID, Target: n.nodes[e.To].ID, Relation: n.laws[e.Relation].Name, Confidence: float64(e.Weight),
		Trusted: true, Inferred: true,
	}
}

// searched is the net at a point.
func (g *Graph) searched(ctx context.Context, at At) (*net, error) {
	v, done, err := g.look(ctx, at)
	if err != nil {
		return nil, err
	}
	done()
	return g.net(v), nil
}

// named is the net at a point, and the node that a name means there.
func (g *Graph) named(ctx context.Context, name string, at At) (*net, int32, error) {
	v, done, err := g.look(ctx, at)
	if err != nil {
		return nil, 0, err
	}
	done()
	found := g.find(v, name)
	n := g.net(v)
	for _, node := range found {
		if i, ok := n.at[node]; ok { // an earlier net may not have it yet
			return n, i, nil
		}
	}
	return nil, 0, fmt.Errorf("%w: %.200q", ErrNotFound, name)
}
