package peers

import (
	_ "embed"
	"encoding/json"
	"math"
	"testing"

	"github.com/pastime-go/pastime/kgraph/internal/leiden"
	"github.com/pastime-go/pastime/kgraph/internal/paths"
	"github.com/pastime-go/pastime/kgraph/internal/rank"
	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

//go:embed testdata/peers.json
var said []byte

// TestPeers reads what .ci/peers graph has written.
func TestPeers(t *testing.T) {
	var all []struct {
		Name        string
		Nodes       int
		Edges       [][3]float64
		Pairs       [][2]int32
		Along, Both []int
		RankAlong   []float64 `json:"rank_along"`
		RankBoth    []float64 `json:"rank_both"`
		Modularity  *float64
	}
	if err := json.Unmarshal(said, &all); err != nil || len(all) < 10 {
		t.Fatal(len(all), err)
	}
	for _, c := range all {
		var edges []rows.Edge
		for _, e := range c.Edges {
			edges = append(edges, rows.Edge{From: int32(e[0]), To: int32(e[1]), Weight: float32(e[2])})
		}
		g, err := rows.New(c.Nodes, edges)
		if err != nil {
			t.Fatal(err)
		}
		f := paths.NewFinder(g)
		for d, want := range map[rows.Direction][]int{rows.Out: c.Along, rows.Both: c.Both} {
			for i, p := range c.Pairs {
				got := -1
				path, ok, err := f.Shortest(t.Context(), p[0], p[1], &paths.Options{Direction: d})
				if err != nil {
					t.Fatal(err)
				}
				if ok {
					got = len(path.Edges)
				}
				if got != want[i] {
					t.Errorf("%s: direction %d, %v: %d edges, want %d", c.Name, d, p, got, want[i])
				}
			}
		}
		for d, want := range map[rows.Direction][]float64{rows.Out: c.RankAlong, rows.Both: c.RankBoth} {
			got, err := rank.PageRank(t.Context(), g, d, 1e-12)
			if err != nil {
				t.Fatal(err)
			}
			for v := range want {
				if math.Abs(got[v]-want[v]) > 1e-6 {
					t.Errorf("%s: direction %d: the rank of %d is %v, want %v", c.Name, d, v, got[v], want[v])
				}
			}
		}
		for seed := range uint64(3) {
			of, err := leiden.Communities(t.Context(), g, &leiden.Options{Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			if q := leiden.Modularity(g, of, 1); c.Modularity != nil && q < *c.Modularity-.005 {
				t.Errorf("%s, seed %d: the modularity is %.4f, leidenalg's median %.4f", c.Name, seed, q, *c.Modularity)
			} else if c.Modularity != nil {
				t.Logf("%s, seed %d: the modularity is %.4f, leidenalg's median %.4f", c.Name, seed, q, *c.Modularity)
			}
			within := func(e int32) bool { return of[g.Edges()[e].From] == of[g.Edges()[e].To] }
			first := map[int32]int32{}
			for v, group := range of {
				u, ok := first[group]
				if !ok {
					first[group] = int32(v)
					continue
				}
				if _, ok, _ := f.Shortest(t.Context(), u, int32(v), &paths.Options{Allow: within}); !ok {
					t.Errorf("%s, seed %d: %d and %d are in one community and not connected in it", c.Name, seed, u, v)
				}
			}
		}
	}
}
