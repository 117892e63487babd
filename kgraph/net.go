package kgraph

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph/internal/cypher"
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

	all     func() *known // with what follows
	engine  func() *cypher.Engine
	names   func() *rank.Texts
	doubles func() *doubles
	central func() []float64
}

// known is what is stated and what follows from it. The stated edges come first.
type known struct {
	graph   *rows.Graph
	closure *infer.Closure
	proofs  []int32 // of each edge that follows, its position in the closure
}

// maxInferred is how many edges that follow are kept; the surest are.
const maxInferred = 200_000

// net is the net of a view, or of an earlier one that is good enough. The caller does not
// hold the index.
func (g *Graph) net(v *view) *net {
	n, _ := g.nets.of(v, func() (*net, error) { return newNet(v, g.held), nil })
	return n
}

func newNet(v *view, held func(func())) *net {
	n := &net{rev: v.lens.rev, byID: map[string]int32{}, byName: map[string][]int32{}, at: map[int32]int32{}}
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
			edges, n.facts, n.trusted = append(edges, e.Edge), append(n.facts, e.facts), append(n.trusted, e.trusted)
		}
	}
	n.stated = n.rows(edges)
	n.all = sync.OnceValue(n.infer)
	n.engine = sync.OnceValue(func() *cypher.Engine { return cypher.NewEngine(n) })
	n.names = sync.OnceValue(func() *rank.Texts {
		t := rank.NewTexts(rank.Words)
		for i := range n.nodes {
			t.Add(nameText(&n.nodes[i]))
		}
		return t
	})
	n.doubles = sync.OnceValue(n.resolve)
	// It is for all who ask, so it does not end when one of them stops waiting.
	n.central = sync.OnceValue(func() []float64 {
		r, _ := rank.PageRank(context.Background(), n.stated, rows.Both, 1e-9)
		return r
	})
	return n
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

// infer derives what follows from the trusted edges by the laws of their relations.
func (n *net) infer() *known {
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
	k := &known{graph: n.stated, closure: &infer.Closure{}}
	if len(laws) == 0 {
		return k
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
	k.closure, _ = infer.Close(context.Background(), facts, laws, maxInferred)
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
	return k
}

// edge is an edge of what is known.
func (n *net) edge(i int32) Edge {
	k := n.all()
	e := &k.graph.Edges()[i]
	out := Edge{
		Source: n.nodes[e.From].ID, Target: n.nodes[e.To].ID, Relation: n.laws[e.Relation].Name, Confidence: float64(e.Weight),
		Trusted: true, Inferred: true,
	}
	if int(i) < len(n.facts) {
		out.Facts, out.Trusted, out.Inferred = int(n.facts[i]), n.trusted[i], false
	}
	return out
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
