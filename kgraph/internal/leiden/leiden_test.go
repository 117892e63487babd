package leiden_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/kgraph/internal/leiden"
	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

func graph(t testing.TB, n int, pairs ...[2]int32) *rows.Graph {
	var edges []rows.Edge
	for _, p := range pairs {
		edges = append(edges, rows.Edge{From: p[0], To: p[1], Weight: 1})
	}
	g, err := rows.New(n, edges)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// connected reports whether the nodes of each community reach each other within it.
func connected(g *rows.Graph, of []int32) bool {
	for first := range of {
		c := of[first]
		if slices.Index(of, c) != first {
			continue
		}
		reached := map[int32]bool{int32(first): true}
		for grew := true; grew; {
			grew = false
			for _, e := range g.Edges() {
				if of[e.From] == c && of[e.To] == c && reached[e.From] != reached[e.To] {
					reached[e.From], reached[e.To], grew = true, true, true
				}
			}
		}
		size := 0
		for _, o := range of {
			if o == c {
				size++
			}
		}
		if size != len(reached) {
			return false
		}
	}
	return true
}

// best is the highest modularity of all partitions.
func best(g *rows.Graph) float64 {
	of := make([]int32, g.Nodes())
	high := math.Inf(-1)
	var try func(i int, count int32)
	try = func(i int, count int32) {
		if i == len(of) {
			high = max(high, leiden.Modularity(g, of, 1))
			return
		}
		for c := range count + 1 {
			of[i] = c
			try(i+1, max(count, c+1))
		}
	}
	try(0, 0)
	return high
}

func TestCommunities(t *testing.T) {
	gap, n := 0.0, 0
	rapid.Check(t, func(t *rapid.T) {
		nodes := rapid.IntRange(1, 7).Draw(t, "nodes")
		node := rapid.Int32Range(0, int32(nodes-1))
		edges := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) rows.Edge {
			return rows.Edge{From: node.Draw(t, "from"), To: node.Draw(t, "to"), Weight: float32(rapid.IntRange(1, 4).Draw(t, "quarters")) / 4}
		}), 0, 14).Draw(t, "edges")
		g, err := rows.New(nodes, edges)
		if err != nil {
			t.Fatal(err)
		}
		o := &leiden.Options{
			Seed: rapid.Uint64().Draw(t, "seed"),
			From: rapid.SliceOfN(rapid.Int32Range(-1, int32(nodes-1)), 0, nodes).Draw(t, "from"),
		}
		of, err := leiden.Communities(t.Context(), g, o)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := leiden.Communities(t.Context(), g, o)
		if !slices.Equal(of, again) {
			t.Fatalf("the same seed gives %v, then %v", of, again)
		}
		if !connected(g, of) {
			t.Fatalf("%v is not connected", of)
		}
		highest := int32(-1)
		for _, c := range of {
			if c > highest+1 {
				t.Fatalf("%v is not numbered by first nodes", of)
			}
			highest = max(highest, c)
		}
		q := leiden.Modularity(g, of, 1)
		for v := range of { // no node gains by a move
			moved := slices.Clone(of)
			for c := range highest + 2 {
				moved[v] = c
				if better := leiden.Modularity(g, moved, 1); better > q+1e-9 {
					t.Fatalf("%v has %v; node %d in %d has %v", of, q, v, c, better)
				}
			}
		}
		gap += best(g) - q
		n++
	})
	if mean := gap / float64(n); mean > .01 {
		t.Errorf("the best partition is better by %.4f on average", mean)
	}
}

// TestShapes has graphs on which other programs loop or fail.
func TestShapes(t *testing.T) {
	for name, c := range map[string]struct {
		g    *rows.Graph
		want []int32
	}{
		"empty":                   {graph(t, 0), []int32{}},
		"without edges":           {graph(t, 3), []int32{0, 1, 2}},
		"two nodes, a heavy edge": {graph(t, 2, [2]int32{0, 1}, [2]int32{1, 0}, [2]int32{0, 1}), []int32{0, 0}},
		"a star":                  {graph(t, 5, [2]int32{0, 1}, [2]int32{0, 2}, [2]int32{0, 3}, [2]int32{0, 4}), []int32{0, 0, 0, 0, 0}},
		"a loop":                  {graph(t, 1, [2]int32{0, 0}), []int32{0}},
		"two triangles and a link": {
			graph(t, 6, [2]int32{0, 1}, [2]int32{1, 2}, [2]int32{2, 0}, [2]int32{3, 4}, [2]int32{4, 5}, [2]int32{5, 3}, [2]int32{2, 3}),
			[]int32{0, 0, 0, 1, 1, 1},
		},
		"complete bipartite": {graph(t, 4, [2]int32{0, 2}, [2]int32{0, 3}, [2]int32{1, 2}, [2]int32{1, 3}), nil},
	} {
		got, err := leiden.Communities(t.Context(), c.g, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, got); c.want != nil && diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if !connected(c.g, got) {
			t.Errorf("%s: %v is not connected", name, got)
		}
	}
}

// BenchmarkCommunities finds the communities of random graphs with 100,000 edges from nothing,
// and as kgraph does: from those of the first edges, which are doubled again and again.
func BenchmarkCommunities(b *testing.B) {
	const nodes, out = 20_000, 5
	r := rand.New(rand.NewPCG(1, 2))
	preferential := func(i int32, ends []int32) int32 { return ends[r.IntN(len(ends))] }
	groups := func(i int32, ends []int32) int32 { // of 50; one in five edges leads anywhere
		if to := r.Int32N(i/50+1)*50 + i%50; to < i && r.IntN(5) > 0 {
			return to
		}
		return r.Int32N(i)
	}
	for name, pick := range map[string]func(int32, []int32) int32{"preferential": preferential, "groups": groups} {
		edges, ends := []rows.Edge{{From: 0, To: 0, Weight: 1}}, []int32{0}
		for i := int32(1); i < nodes; i++ {
			for range out {
				to := pick(i, ends)
				edges, ends = append(edges, rows.Edge{From: i, To: to, Weight: 1}), append(ends, i, to)
			}
		}
		find := func(b *testing.B, n int, o *leiden.Options) []int32 {
			part := slices.Clone(edges[:n])
			g, err := rows.New(int(part[n-1].From)+1, part)
			if err != nil {
				b.Fatal(err)
			}
			of, err := leiden.Communities(b.Context(), g, o)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(leiden.Modularity(g, of, 1), "modularity")
			return of
		}
		b.Run(name+"/from nothing", func(b *testing.B) {
			for b.Loop() {
				find(b, len(edges), nil)
			}
		})
		b.Run(name+"/from halves", func(b *testing.B) {
			for b.Loop() {
				var from []int32
				for n := 32; n <= len(edges); n *= 2 {
					from = find(b, n, &leiden.Options{From: from, Iterations: 2})
				}
				find(b, len(edges), &leiden.Options{From: from})
			}
		})
	}
}
