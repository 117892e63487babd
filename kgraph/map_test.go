package kgraph_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/kgraph"
)

// TestMap draws two groups that one edge joins: the communities are the groups, places
// are the same each time and within the square, and no two nodes share one.
func TestMap(t *testing.T) {
	g := inMemory(t, nil)
	for _, group := range []string{"a", "b"} {
		var all []kgraph.Statement
		for i := range 6 {
			for j := range i {
				all = append(all, says(fmt.Sprint(group, i), "near", fmt.Sprint(group, j)))
			}
		}
		add(t, g, group, day, all...)
	}
	add(t, g, "bridge", day, says("a0", "near", "b0"))
	m, err := g.Map(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []kgraph.Community{{ID: "term:a0", Name: "a0", Size: 6}, {ID: "term:b0", Name: "b0", Size: 6}}
	same(t, "communities", m.Communities, want)
	if len(m.Nodes) != 12 || len(m.Edges) != 31 {
		t.Errorf("%d nodes and %d edges", len(m.Nodes), len(m.Edges))
	}
	for i, n := range m.Nodes {
		if c := "term:" + n.Name[:1] + "0"; n.Community != c {
			t.Errorf("%s is in community %s", n.Name, n.Community)
		}
		if !(math.Abs(n.X) <= 1 && math.Abs(n.Y) <= 1) {
			t.Errorf("%s lies at %v, %v", n.Name, n.X, n.Y)
		}
		for _, o := range m.Nodes[:i] {
			if math.Hypot(n.X-o.X, n.Y-o.Y) < 0.05 {
				t.Errorf("%s and %s lie at the same place", n.Name, o.Name)
			}
		}
	}
	again, err := g.Map(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(m, again); d != "" {
		t.Errorf("drawn again (-first +second):\n%s", d)
	}
	one, err := g.Map(t.Context(), &kgraph.MapOptions{Community: "term:b0", Most: 4})
	if err != nil || len(one.Nodes) != 4 || one.Nodes[0].Name != "b0" {
		t.Errorf("a community: %+v, %v", one.Nodes, err)
	}
	s, err := g.Similar(t.Context(), "a5", kgraph.At{}, 3)
	if err != nil || len(s) != 3 || s[0].Name[:1] != "a" || len(s[0].Parts) != 2 {
		t.Errorf("similar to a5: %+v, %v", s, err)
	}
}

// TestEmptyMap draws nothing.
func TestEmptyMap(t *testing.T) {
	m, err := inMemory(t, nil).Map(t.Context(), nil)
	if err != nil || len(m.Nodes) > 0 || len(m.Communities) > 0 {
		t.Errorf("an empty map: %+v, %v", m, err)
	}
}

// BenchmarkAdd adds a fact to a graph of 100,000 concepts and brings the index up to date.
func BenchmarkAdd(b *testing.B) {
	g, s := open(b, ":memory:", nil)
	defer s.Close()
	ctx := context.Background()
	for i := range 1000 {
		var all []kgraph.Statement
		for j := range 100 {
			n := i*100 + j
			all = append(all, says(fmt.Sprint("concept ", n), "near", fmt.Sprint("concept ", n/2)))
		}
		add(b, g, fmt.Sprint(i), day, all...)
	}
	if _, err := g.Search(ctx, "concept 7", kgraph.At{}, 1); err != nil {
		b.Fatal(err)
	}
	i := 0
	for b.Loop() {
		add(b, g, fmt.Sprint("more ", i), day, says(fmt.Sprint("new ", i), "near", "concept 5"))
		if _, err := g.Rev(ctx); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
