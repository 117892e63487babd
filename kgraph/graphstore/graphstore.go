// Package graphstore shows a knowledge graph to the algorithms of
// github.com/dominikbraun/graph, and to its drawing as DOT.
package graphstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dominikbraun/graph"

	"github.com/pastime-go/pastime/kgraph"
)

// ErrReadOnly is the error of what would change the graph; facts are added to it by
// [kgraph.Graph.Add].
var ErrReadOnly = errors.New("graphstore: the graph can only be read")

// Store is what a graph says at one point, as a graph.Store. A concept is known by its
// id. As that package has one edge from one concept to another, the relations between
// two are one: its Data is a []kgraph.Edge, its attribute "label" names them, and its
// Weight is what the surest costs, in millionths of minus the logarithm of its
// confidence. So its shortest path is the surest one.
//
// A Store does not change. Its methods may be called at the same time.
type Store struct {
	nodes map[string]kgraph.Node
	ids   []string
	edges map[[2]string]graph.Edge[string]
	pairs [][2]string
}

var _ graph.Store[string, kgraph.Node] = (*Store)(nil)

// New reads a graph as it is at a point.
func New(ctx context.Context, g *kgraph.Graph, at kgraph.At) (*Store, error) {
	s := &Store{nodes: map[string]kgraph.Node{}, edges: map[[2]string]graph.Edge[string]{}}
	between := map[[2]string][]kgraph.Edge{}
	f := kgraph.Filter{At: at, Limit: 1000}
	for {
		p, err := g.Page(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("graphstore: reading the graph: %w", err)
		}
		if f.Rev == 0 {
			f.Rev = p.Rev // the same for all pages
		}
		for _, n := range p.Nodes {
			if _, ok := s.nodes[n.ID]; !ok {
				s.ids = append(s.ids, n.ID)
			}
			s.nodes[n.ID] = n
		}
		for _, e := range p.Edges {
			pair := [2]string{e.Source, e.Target}
			if between[pair] == nil {
				s.pairs = append(s.pairs, pair)
			}
			between[pair] = append(between[pair], e)
		}
		if f.Cursor = p.Next; f.Cursor == "" {
			break
		}
	}
	for pair, all := range between {
		s.edges[pair] = joined(pair, all)
	}
	return s, nil
}

func joined(pair [2]string, all []kgraph.Edge) graph.Edge[string] {
	best := slices.MaxFunc(all, func(a, b kgraph.Edge) int { return cmp.Compare(a.Confidence, b.Confidence) })
	var names []string
	for _, e := range all {
		names = append(names, string(e.Relation))
	}
	return graph.Edge[string]{Source: pair[0], Target: pair[1], Properties: graph.EdgeProperties{
		Attributes: map[string]string{"label": strings.Join(names, ", ")},
		Weight:     int(math.Round(-math.Log(best.Confidence) * 1e6)),
		Data:       all,
	}}
}

// Directed is a directed graph over the store.
func (s *Store) Directed() graph.Graph[string, kgraph.Node] {
	return graph.NewWithStore(func(n kgraph.Node) string { return n.ID }, s, graph.Directed(), graph.Weighted())
}

// Vertex is a concept, with its name as the attribute "label".
func (s *Store) Vertex(id string) (kgraph.Node, graph.VertexProperties, error) {
	n, ok := s.nodes[id]
	if !ok {
		return n, graph.VertexProperties{}, graph.ErrVertexNotFound
	}
	return n, graph.VertexProperties{Attributes: map[string]string{"label": n.Name}, Weight: n.Mentions}, nil
}

// ListVertices are the ids of all concepts.
func (s *Store) ListVertices() ([]string, error) { return slices.Clone(s.ids), nil }

// VertexCount is how many concepts there are.
func (s *Store) VertexCount() (int, error) { return len(s.ids), nil }

// Edge is what relates one concept to another.
func (s *Store) Edge(source, target string) (graph.Edge[string], error) {
	e, ok := s.edges[[2]string{source, target}]
	if !ok {
		return e, graph.ErrEdgeNotFound
	}
	return e, nil
}

// ListEdges are all edges.
func (s *Store) ListEdges() ([]graph.Edge[string], error) {
	all := make([]graph.Edge[string], 0, len(s.pairs))
	for _, p := range s.pairs {
		all = append(all, s.edges[p])
	}
	return all, nil
}

// AddVertex is ErrReadOnly.
func (*Store) AddVertex(string, kgraph.Node, graph.VertexProperties) error { return ErrReadOnly }

// RemoveVertex is ErrReadOnly.
func (*Store) RemoveVertex(string) error { return ErrReadOnly }

// AddEdge is ErrReadOnly.
func (*Store) AddEdge(_, _ string, _ graph.Edge[string]) error { return ErrReadOnly }

// UpdateEdge is ErrReadOnly.
func (*Store) UpdateEdge(_, _ string, _ graph.Edge[string]) error { return ErrReadOnly }

// RemoveEdge is ErrReadOnly.
func (*Store) RemoveEdge(_, _ string) error { return ErrReadOnly }
