// Package rows is a directed multigraph in memory as compressed rows: nodes and
// edges are dense numbers, and the edges of a node lie side by side. It is what
// searches and rankings run on. A graph does not change once it is made.
package rows

import (
	"fmt"
	"math"
)

// Edge leads from a node to another. Several edges may lead from one node to the same
// other one; an edge may lead to where it comes from.
type Edge struct {
	From, To int32
	// Relation is a number that the caller gives meaning.
	Relation int32
	// Weight is how sure the edge is, in (0, 1].
	Weight float32
}

// Other is the end of e that is not n. For a loop it is n.
func (e *Edge) Other(n int32) int32 { return e.From ^ e.To ^ n }

// CostUnit is a natural logarithm of one in the unit of [Edge.Cost].
const CostUnit = 1e9

// Cost is minus the logarithm of the weight, rounded to a whole number of billionths.
// The cost of a way is the sum over its edges. Sums of whole numbers do not depend on
// the order, so equal ways cost the same.
func (e *Edge) Cost() int64 { return int64(math.Round(-math.Log(float64(e.Weight)) * CostUnit)) }

// Confidence is the product of the weights whose costs add up to cost.
func Confidence(cost int64) float64 { return math.Exp(-float64(cost) / CostUnit) }

// Direction says along which edges of a node to go.
type Direction uint8

// The directions.
const (
	Both Direction = iota // along an edge and against it
	Out                   // from From to To
	In                    // from To to From
)

// Reverse is the direction of the way back.
func (d Direction) Reverse() Direction {
	switch d {
	case Out:
		return In
	case In:
		return Out
	}
	return Both
}

// Adjacency is what searches need of a graph: what lies around its nodes. The methods are
// those of [Graph].
type Adjacency interface {
	Nodes() int
	Row(n int32, d Direction) (nodes, edges []int32)
	Degree(n int32, d Direction) int
	Edge(e int32) *Edge
}

// Graph is a graph. Its methods may be called at the same time.
type Graph struct {
	edges []Edge
	// The row of node n is start[n] to start[n+1] of next and edge. What leaves n
	// lies before middle[n], what arrives at n from there on.
	start, middle []int32
	next          []int32 // the other end
	edge          []int32 // the position in edges
}

// New makes a graph of the nodes 0 to nodes-1. The graph keeps edges, which must not
// change any more. An edge is known by its position there.
func New(nodes int, edges []Edge) (*Graph, error) {
	if nodes < 0 || nodes >= math.MaxInt32 || len(edges) > math.MaxInt32/2 {
		return nil, fmt.Errorf("rows: %d nodes and %d edges are more than fit", nodes, len(edges))
	}
	g := &Graph{
		edges: edges,
		start: make([]int32, nodes+1), middle: make([]int32, nodes),
		next: make([]int32, 2*len(edges)), edge: make([]int32, 2*len(edges)),
	}
	in := make([]int32, nodes)
	for i := range edges {
		e := &edges[i]
		if uint32(e.From) >= uint32(nodes) || uint32(e.To) >= uint32(nodes) {
			return nil, fmt.Errorf("rows: edge %d leads from %d to %d, and there are %d nodes", i, e.From, e.To, nodes)
		}
		if !(e.Weight > 0 && e.Weight <= 1) {
			return nil, fmt.Errorf("rows: edge %d has weight %v, must be in (0, 1]", i, e.Weight)
		}
		g.middle[e.From]++
		in[e.To]++
	}
	at := int32(0)
	for n := range nodes {
		out := g.middle[n]
		g.start[n], g.middle[n] = at, at+out
		at, in[n] = at+out+in[n], at+out
	}
	g.start[nodes] = at
	out := append([]int32(nil), g.start[:nodes]...)
	for i := range edges {
		e := &edges[i]
		g.next[out[e.From]], g.edge[out[e.From]] = e.To, int32(i)
		out[e.From]++
		g.next[in[e.To]], g.edge[in[e.To]] = e.From, int32(i)
		in[e.To]++
	}
	return g, nil
}

// Nodes is the number of nodes.
func (g *Graph) Nodes() int { return len(g.middle) }

// Edges are all edges. They must not be changed.
func (g *Graph) Edges() []Edge { return g.edges }

// Edge is an edge by its number. It must not be changed.
func (g *Graph) Edge(e int32) *Edge { return &g.edges[e] }

// Row is what lies around node n: the nodes at the other ends, and the edges to them,
// in the order of [Graph.Edges]. With Both, what leaves n comes first, and a loop is
// there twice. The slices must not be changed.
func (g *Graph) Row(n int32, d Direction) (nodes, edges []int32) {
	from, to := g.start[n], g.start[n+1]
	switch d {
	case Out:
		to = g.middle[n]
	case In:
		from = g.middle[n]
	}
	return g.next[from:to:to], g.edge[from:to:to]
}

// Degree is the length of [Graph.Row].
func (g *Graph) Degree(n int32, d Direction) int {
	switch d {
	case Out:
		return int(g.middle[n] - g.start[n])
	case In:
		return int(g.start[n+1] - g.middle[n])
	}
	return int(g.start[n+1] - g.start[n])
}
