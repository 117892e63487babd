package rows_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

func graphs(t *rapid.T) (int, []rows.Edge) {
	n := rapid.IntRange(1, 8).Draw(t, "nodes")
	node := rapid.Int32Range(0, int32(n-1))
	return n, rapid.SliceOfN(rapid.Custom(func(t *rapid.T) rows.Edge {
		return rows.Edge{From: node.Draw(t, "from"), To: node.Draw(t, "to"), Relation: rapid.Int32Range(0, 2).Draw(t, "relation"),
			Weight: float32(rapid.IntRange(1, 10).Draw(t, "tenths")) / 10}
	}), 0, 20).Draw(t, "edges")
}

// TestRows compares each row with a walk over all edges.
func TestRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, edges := graphs(t)
		g, err := rows.New(n, edges)
		if err != nil {
			t.Fatal(err)
		}
		if g.Nodes() != n || len(g.Edges()) != len(edges) {
			t.Fatalf("%d nodes and %d edges became %d and %d", n, len(edges), g.Nodes(), len(g.Edges()))
		}
		for node := range int32(n) {
			var out, outEdges, in, inEdges []int32
			for i, e := range edges {
				if e.From == node {
					out, outEdges = append(out, e.To), append(outEdges, int32(i))
				}
				if e.To == node {
					in, inEdges = append(in, e.From), append(inEdges, int32(i))
				}
			}
			for d, want := range map[rows.Direction][2][]int32{
				rows.Out: {out, outEdges}, rows.In: {in, inEdges},
				rows.Both: {append(out[:len(out):len(out)], in...), append(outEdges[:len(outEdges):len(outEdges)], inEdges...)},
			} {
				nodes, es := g.Row(node, d)
				if diff := cmp.Diff(want, [2][]int32{nodes, es}, cmpopts.EquateEmpty()); diff != "" {
					t.Fatalf("row of %d, direction %d (-want +got):\n%s", node, d, diff)
				}
				if g.Degree(node, d) != len(nodes) {
					t.Fatalf("%d has degree %d and a row of %d", node, g.Degree(node, d), len(nodes))
				}
				for i, e := range es {
					if got := edges[e].Other(node); got != nodes[i] {
						t.Fatalf("the other end of edge %d at %d is %d, want %d", e, node, got, nodes[i])
					}
				}
			}
		}
	})
}

func TestNewRefuses(t *testing.T) {
	for name, e := range map[string]rows.Edge{
		"a node too high":    {From: 0, To: 2, Weight: 1},
		"a negative node":    {From: -1, To: 0, Weight: 1},
		"no weight":          {From: 0, To: 1},
		"a weight above one": {From: 0, To: 1, Weight: 1.5},
	} {
		if _, err := rows.New(2, []rows.Edge{e}); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
