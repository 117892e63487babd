package rank_test

import (
	_ "embed"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/kgraph/internal/rank"
	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

func draw(t *rapid.T) (*rows.Graph, rows.Direction) {
	n := rapid.IntRange(1, 8).Draw(t, "nodes")
	node := rapid.Int32Range(0, int32(n-1))
	edges := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) rows.Edge {
		return rows.Edge{From: node.Draw(t, "from"), To: node.Draw(t, "to"), Weight: float32(rapid.IntRange(1, 4).Draw(t, "quarters")) / 4}
	}), 0, 16).Draw(t, "edges")
	g, err := rows.New(n, edges)
	if err != nil {
		t.Fatal(err)
	}
	return g, rapid.SampledFrom([]rows.Direction{rows.Both, rows.Out, rows.In}).Draw(t, "direction")
}

// stationary solves the walker's equations by elimination. jump is where it jumps to.
func stationary(g *rows.Graph, d rows.Direction, jump []float64) []float64 {
	n := g.Nodes()
	a := make([][]float64, n) // a x = b
	for i := range a {
		a[i] = make([]float64, n+1)
		a[i][i] = 1
		a[i][n] = (1 - rank.Damping) * jump[i]
	}
	for v := range int32(n) {
		flow, total := make([]float64, n), 0.0
		for _, e := range g.Edges() {
			if e.From == v && d != rows.In {
				flow[e.To] += float64(e.Weight)
				total += float64(e.Weight)
			}
			if e.To == v && d != rows.Out {
				flow[e.From] += float64(e.Weight)
				total += float64(e.Weight)
			}
		}
		for u := range flow {
			if total == 0 {
				a[u][v] -= rank.Damping * jump[u]
			} else {
				a[u][v] -= rank.Damping * flow[u] / total
			}
		}
	}
	for i := range a {
		p := i
		for r := i + 1; r < n; r++ {
			if math.Abs(a[r][i]) > math.Abs(a[p][i]) {
				p = r
			}
		}
		a[i], a[p] = a[p], a[i]
		for r := range a {
			if r == i {
				continue
			}
			f := a[r][i] / a[i][i]
			for c := i; c <= n; c++ {
				a[r][c] -= f * a[i][c]
			}
		}
	}
	x := make([]float64, n)
	for i := range x {
		x[i] = a[i][n] / a[i][i]
	}
	return x
}

func TestPageRank(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, d := draw(t)
		got, err := rank.PageRank(t.Context(), g, d, 1e-12)
		if err != nil {
			t.Fatal(err)
		}
		jump := make([]float64, g.Nodes())
		for i := range jump {
			jump[i] = 1 / float64(len(jump))
		}
		for v, want := range stationary(g, d, jump) {
			if math.Abs(got[v]-want) > 1e-9 {
				t.Fatalf("rank of %d is %v, want %v", v, got[v], want)
			}
		}
	})
}

// TestNear holds the bound that the push promises, against the exact ranks.
func TestNear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, d := draw(t)
		node := rapid.Int32Range(0, int32(g.Nodes()-1)).Draw(t, "node")
		epsilon := rapid.SampledFrom([]float64{1e-2, 1e-4, 1e-7}).Draw(t, "epsilon")
		got, err := rank.Near(t.Context(), g, node, d, epsilon)
		if err != nil {
			t.Fatal(err)
		}
		jump := make([]float64, g.Nodes())
		jump[node] = 1
		total := 0.0
		for v := range jump {
			for _, e := range g.Edges() {
				if e.From == int32(v) && d != rows.In {
					total += float64(e.Weight)
				}
				if e.To == int32(v) && d != rows.Out {
					total += float64(e.Weight)
				}
			}
		}
		for v, want := range stationary(g, d, jump) {
			if low := want - got[int32(v)]; low < -1e-9 || low > epsilon*total+1e-9 {
				t.Fatalf("rank of %d near %d is %v, want %v less at most %v", v, node, got[int32(v)], want, epsilon*total)
			}
		}
	})
}

func TestAdamicAdar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, _ := draw(t)
		linked := func(a, b int32) bool {
			return slices.ContainsFunc(g.Edges(), func(e rows.Edge) bool { return e.From == a && e.To == b || e.From == b && e.To == a })
		}
		n := int32(g.Nodes())
		got := rank.AdamicAdar(g, 0, 100)
		for v := int32(1); v < n; v++ {
			want := 0.0
			for z := range n {
				if z == 0 || z == v || !linked(0, z) || !linked(z, v) {
					continue
				}
				degree := 0
				for u := range n {
					if u != z && linked(z, u) {
						degree++
					}
				}
				want += 1 / math.Log(float64(degree))
			}
			if math.Abs(got[v]-want) > 1e-12 {
				t.Fatalf("score of %d is %v, want %v", v, got[v], want)
			}
		}
		if _, ok := got[0]; ok {
			t.Fatal("a node is similar to itself")
		}
	})
}

func TestWords(t *testing.T) {
	for text, want := range map[string][]string{
		"The event logs of HTTPServer": {"event", "log", "httpserver"},
		"(*sqlite.Store).ReadRows":     {"sqlite", "store", "read", "row"},
		"families' Größe, x2 classes":  {"family", "größe", "x2", "class"},
		"":                             nil,
	} {
		if diff := cmp.Diff(want, rank.Words(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

//go:embed testdata/stems.txt
var stems string

// TestStems compares with the stems that Snowball has of the same words.
func TestStems(t *testing.T) {
	for line := range strings.Lines(stems) {
		if word, want, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			if got := rank.Stems(word); len(got) != 1 || got[0] != want {
				t.Errorf("the stem of %q is %q, want %q", word, got, want)
			}
		}
	}
	if diff := cmp.Diff([]string{"naïves", "r2d2", "connect", "graph"}, rank.Stems("naïves R2D2 connectedGraphs")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"event log", "log file"}, rank.Pairs("The events of the log, files")); diff != "" {
		t.Errorf("pairs (-want +got):\n%s", diff)
	}
	if got := rank.Pairs("log"); len(got) > 0 {
		t.Errorf("pairs of one word: %q", got)
	}
}

// TestFind compares with BM25 written out over all texts.
func TestFind(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"cat", "dog", "owl", "bee"})
		text := rapid.SliceOfN(word, 0, 6)
		texts := rapid.SliceOfN(text, 0, 6).Draw(t, "texts")
		question := text.Draw(t, "question")
		join := func(words []string) (s string) {
			for _, w := range words {
				s += w + " "
			}
			return s
		}
		index := rank.NewTexts(rank.Words)
		for _, words := range texts {
			index.Add(join(words))
		}
		count := func(words []string, w string) (n float64) {
			for _, x := range words {
				if x == w {
					n++
				}
			}
			return n
		}
		var all []int // texts that there are
		left := rapid.SliceOfN(rapid.Bool(), len(texts), len(texts)).Draw(t, "left out")
		for i := range texts {
			if !left[i] {
				all = append(all, i)
			}
		}
		total := 0
		for _, i := range all {
			total += len(texts[i])
		}
		want := map[int32]float64{}
		for _, i := range all {
			words := texts[i]
			for _, w := range question {
				df := 0.0
				for _, other := range all {
					df += min(1, count(texts[other], w))
				}
				if f := count(words, w); f > 0 {
					mean := float64(total) / float64(len(all))
					idf := math.Log(1 + (float64(len(all))-df+.5)/(df+.5))
					want[int32(i)] += idf * f * 2.2 / (f + 1.2*(.25+.75*float64(len(words))/mean))
				}
			}
		}
		has := func(text int32) bool { return !left[text] }
		if len(all) == len(texts) {
			has = nil
		}
		got := index.Find(join(question), 100, has)
		if len(got) != len(want) || !slices.IsSortedFunc(got, func(a, b rank.Scored) int { return cmpFloat(b.Score, a.Score) }) {
			t.Fatalf("got %v, want %v", got, want)
		}
		for _, s := range got {
			if math.Abs(s.Score-want[s.ID]) > 1e-9 {
				t.Fatalf("text %d scores %v, want %v", s.ID, s.Score, want[s.ID])
			}
		}
	})
}

func cmpFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestFuse(t *testing.T) {
	got := rank.Fuse(2, rank.List{Name: "a", Weight: 1, Ranked: []rank.Scored{{ID: 7, Score: 3}, {ID: 8, Score: 1}}},
		rank.List{Name: "b", Weight: 2, Ranked: []rank.Scored{{ID: 8, Score: 9}, {ID: 9, Score: 1}}})
	want := []rank.Fused{
		{ID: 8, Score: 1/62.0 + 2/61.0, Parts: []rank.Part{
			{Name: "a", Rank: 2, Score: 1, Share: 1 / 62.0}, {Name: "b", Rank: 1, Score: 9, Share: 2 / 61.0},
		}},
		{ID: 9, Score: 2 / 62.0, Parts: []rank.Part{{Name: "b", Rank: 2, Score: 1, Share: 2 / 62.0}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSum(t *testing.T) {
	got := rank.Sum(2, rank.List{Name: "a", Weight: 1, Ranked: []rank.Scored{{ID: 7, Score: 4}, {ID: 8, Score: 1}}},
		rank.List{Name: "b", Weight: .5, Ranked: []rank.Scored{{ID: 8, Score: 8}, {ID: 9, Score: 1}}})
	want := []rank.Fused{
		{ID: 8, Score: 5, Parts: []rank.Part{{Name: "a", Rank: 2, Score: 1, Share: 1}, {Name: "b", Rank: 1, Score: 8, Share: 4}}},
		{ID: 7, Score: 4, Parts: []rank.Part{{Name: "a", Rank: 1, Score: 4, Share: 4}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
