package paths_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/kgraph/internal/paths"
	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// world is a small graph with options, drawn.
type world struct {
	nodes int
	edges []rows.Edge
	o     paths.Options
	deny  map[int32]bool
	f     *paths.Finder
}

func draw(t *rapid.T) *world {
	w := &world{nodes: rapid.IntRange(1, 7).Draw(t, "nodes"), deny: map[int32]bool{}}
	node := rapid.Int32Range(0, int32(w.nodes-1))
	w.edges = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) rows.Edge {
		return rows.Edge{From: node.Draw(t, "from"), To: node.Draw(t, "to"), Weight: float32(rapid.IntRange(1, 4).Draw(t, "quarters")) / 4}
	}), 0, 12).Draw(t, "edges")
	w.o.Direction = rapid.SampledFrom([]rows.Direction{rows.Both, rows.Out, rows.In}).Draw(t, "direction")
	w.o.MaxLength = rapid.IntRange(0, 5).Draw(t, "longest")
	if rapid.Bool().Draw(t, "deny some") {
		for i := range w.edges {
			w.deny[int32(i)] = rapid.IntRange(0, 3).Draw(t, "deny") == 0
		}
		w.o.Allow = func(e int32) bool { return !w.deny[e] }
	}
	g, err := rows.New(w.nodes, w.edges)
	if err != nil {
		t.Fatal(err)
	}
	w.f = paths.NewFinder(g)
	return w
}

// steps lists the edges that may be taken from n, and where they lead, from the list
// of edges alone.
func (w *world) steps(n int32) (edges, to []int32) {
	for i, e := range w.edges {
		if w.deny[int32(i)] {
			continue
		}
		if e.From == n && w.o.Direction != rows.In {
			edges, to = append(edges, int32(i)), append(to, e.To)
		}
		if e.To == n && w.o.Direction != rows.Out {
			edges, to = append(edges, int32(i)), append(to, e.From)
		}
	}
	return edges, to
}

// all lists every path without a repeated node, by trying each.
func (w *world) all(from, to int32) (found []paths.Ranked) {
	var walk func(p paths.Ranked)
	walk = func(p paths.Ranked) {
		last := p.Nodes[len(p.Nodes)-1]
		if last == to {
			p.Nodes, p.Edges = slices.Clone(p.Nodes), slices.Clone(p.Edges)
			found = append(found, p)
			return
		}
		if w.o.MaxLength > 0 && len(p.Edges) == w.o.MaxLength {
			return
		}
		edges, next := w.steps(last)
		for i, n := range next {
			if !slices.Contains(p.Nodes, n) {
				walk(paths.Ranked{Path: paths.Path{Nodes: append(p.Nodes, n), Edges: append(p.Edges, edges[i])},
					Cost: p.Cost + w.edges[edges[i]].Cost()})
			}
		}
	}
	walk(paths.Ranked{Path: paths.Path{Nodes: []int32{from}}})
	slices.SortFunc(found, func(a, b paths.Ranked) int {
		return cmp.Or(cmp.Compare(a.Cost, b.Cost), cmp.Compare(len(a.Edges), len(b.Edges)))
	})
	return found
}

// check says what is wrong with a path as a way from one node to another; "" is nothing.
func (w *world) check(p paths.Path, from, to int32) string {
	if len(p.Nodes) != len(p.Edges)+1 || p.Nodes[0] != from || p.Nodes[len(p.Edges)] != to {
		return "it does not lead from one to the other"
	}
	if w.o.MaxLength > 0 && len(p.Edges) > w.o.MaxLength {
		return "it is too long"
	}
	for i, e := range p.Edges {
		edges, next := w.steps(p.Nodes[i])
		ok := false
		for j := range edges {
			ok = ok || edges[j] == e && next[j] == p.Nodes[i+1]
		}
		if !ok {
			return "it has an edge that cannot be taken there"
		}
	}
	return ""
}

func ends(t *rapid.T, w *world) (from, to int32) {
	node := rapid.Int32Range(0, int32(w.nodes-1))
	return node.Draw(t, "from"), node.Draw(t, "to")
}

// TestShortest compares with the shortest of all paths.
func TestShortest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := draw(t)
		for range 3 { // marks of earlier searches must not be seen
			from, to := ends(t, w)
			got, ok, err := w.f.Shortest(t.Context(), from, to, &w.o)
			if err != nil {
				t.Fatal(err)
			}
			all := w.all(from, to)
			if ok != (len(all) > 0) {
				t.Fatalf("from %d to %d: found %v, and there are %d paths", from, to, ok, len(all))
			}
			if !ok {
				continue
			}
			want := slices.MinFunc(all, func(a, b paths.Ranked) int { return cmp.Compare(len(a.Edges), len(b.Edges)) })
			if len(got.Edges) != len(want.Edges) {
				t.Fatalf("%v has %d edges, and %v has %d", got, len(got.Edges), want, len(want.Edges))
			}
			if wrong := w.check(got, from, to); wrong != "" {
				t.Fatalf("%v: %s", got, wrong)
			}
		}
	})
}

// TestBest compares with all paths, sorted.
func TestBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := draw(t)
		from, to := ends(t, w)
		k := rapid.IntRange(0, 20).Draw(t, "k")
		got, err := w.f.Best(t.Context(), from, to, k, &w.o)
		if err != nil {
			t.Fatal(err)
		}
		all := w.all(from, to)
		rank := func(all []paths.Ranked) (r [][2]int64) {
			for _, p := range all {
				r = append(r, [2]int64{p.Cost, int64(len(p.Edges))})
			}
			return r
		}
		if diff := gocmp.Diff(rank(all[:min(k, len(all))]), rank(got)); diff != "" {
			t.Fatalf("cost and length of the best %d of %d (-want +got):\n%s", k, len(all), diff)
		}
		for i, p := range got {
			if !slices.ContainsFunc(all, func(a paths.Ranked) bool { return gocmp.Equal(a, p) }) {
				t.Fatalf("%v is no path without a repeated node", p)
			}
			if slices.ContainsFunc(got[:i], func(a paths.Ranked) bool { return slices.Equal(a.Edges, p.Edges) }) {
				t.Fatalf("%v is there twice", p)
			}
		}
	})
}

// TestAround compares with distances by relaxation.
func TestAround(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := draw(t)
		n, _ := ends(t, w)
		hops, limit := rapid.IntRange(0, 4).Draw(t, "hops"), rapid.IntRange(1, 8).Draw(t, "limit")
		distance := map[int32]int{n: 0}
		for d := range hops {
			for v := range int32(w.nodes) {
				if got, ok := distance[v]; ok && got == d {
					_, next := w.steps(v)
					for _, u := range next {
						if _, ok := distance[u]; !ok {
							distance[u] = d + 1
						}
					}
				}
			}
		}
		got, more, err := w.f.Around(t.Context(), n, hops, limit, &w.o)
		if err != nil {
			t.Fatal(err)
		}
		if want := min(len(distance), limit); len(got) != want || more != (len(distance) > limit) || got[0] != n {
			t.Fatalf("got %v, more %v; want %d of %v", got, more, want, distance)
		}
		seen := map[int32]bool{}
		last := 0
		for _, v := range got {
			d, ok := distance[v]
			if !ok || d < last || seen[v] {
				t.Fatalf("%v is not in the order of %v", got, distance)
			}
			last, seen[v] = d, true
		}
	})
}

// chain is a graph in which every node leads to the next by two edges.
func chain(t testing.TB, n int) *paths.Finder {
	var edges []rows.Edge
	for i := range int32(n - 1) {
		edges = append(edges, rows.Edge{From: i, To: i + 1, Weight: 1}, rows.Edge{From: i, To: i + 1, Weight: 1})
	}
	g, err := rows.New(n, edges)
	if err != nil {
		t.Fatal(err)
	}
	return paths.NewFinder(g)
}

func TestCancelled(t *testing.T) {
	f := chain(t, 5000)
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if _, _, err := f.Shortest(ctx, 0, 4999, nil); !errors.Is(err, cause) {
		t.Errorf("Shortest: %v", err)
	}
	if _, err := f.Best(ctx, 0, 4999, 2, nil); !errors.Is(err, cause) {
		t.Errorf("Best: %v", err)
	}
	if _, _, err := f.Around(ctx, 0, 5000, 5000, nil); !errors.Is(err, cause) {
		t.Errorf("Around: %v", err)
	}
}

func TestBestIsBounded(t *testing.T) {
	f := chain(t, 10_000)
	if _, err := f.Best(t.Context(), 0, 9_999, 1000, nil); !errors.Is(err, paths.ErrTooWide) {
		t.Errorf("a search over %d nodes: %v", paths.MaxVisited, err)
	}
}
