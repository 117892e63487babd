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
	want := []kgraph.Community{{ID: "term:a1", Name: "a0", Size: 6}, {ID: "term:b1", Name: "b0", Size: 6}}
	same(t, "communities", m.Communities, want)
	if len(m.Nodes) != 12 || len(m.Edges) != 31 {
		t.Errorf("%d nodes and %d edges", len(m.Nodes), len(m.Edges))
	}
	for i, n := range m.Nodes {
		if c := "term:" + n.Name[:1] + "1"; n.Community != c {
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
	one, err := g.Map(t.Context(), &kgraph.MapOptions{Community: "term:b1", Most: 4})
	if err != nil || len(one.Nodes) != 4 || one.Nodes[0].Name != "b0" {
		t.Errorf("a community: %+v, %v", one.Nodes, err)
	}
	s, err := g.Similar(t.Context(), "a5", kgraph.At{}, 3)
	if err != nil || len(s) != 3 || s[0].Name[:1] != "a" || len(s[0].Parts) != 3 {
		t.Errorf("similar to a5: %+v, %v", s, err)
	}
}

// TestMapOfMuch draws no more than a person can look at, the edges with the most facts, and
// the same map again without drawing it again.
func TestMapOfMuch(t *testing.T) {
	g := inMemory(t, nil)
	var all []kgraph.Statement
	for i := range 12 {
		for j := range i {
			all = append(all, says(fmt.Sprint("a", i), "near", fmt.Sprint("a", j)))
		}
	}
	add(t, g, "all", day, all...)
	add(t, g, "again", day, says("a7", "near", "a3"))
	m, err := g.Map(t.Context(), &kgraph.MapOptions{Most: 8})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Nodes) != 8 || len(m.Edges) != 28 || m.TotalEdges != 28 || !m.Since.Equal(day) {
		t.Errorf("%d nodes, %d of %d edges, since %v", len(m.Nodes), len(m.Edges), m.TotalEdges, m.Since)
	}
	few, err := g.Map(t.Context(), &kgraph.MapOptions{Center: "a7", Most: 2})
	if err != nil {
		t.Fatal(err)
	}
	if len(few.Nodes) != 2 || len(few.Edges) != 1 {
		t.Errorf("around a7 are %d nodes and %d edges", len(few.Nodes), len(few.Edges))
	}
	add(t, g, "more", day, says("b", "near", "c"), says("b", "far", "c"), says("b", "like", "c"), says("b", "is", "c"), says("b", "was", "c"),
		says("c", "near", "b"), says("c", "far", "b"), says("c", "like", "b"), says("c", "is", "b"), says("c", "was", "b"), says("c", "of", "b"))
	add(t, g, "even more", day, says("c", "of", "b"))
	few, err = g.Map(t.Context(), &kgraph.MapOptions{Center: "c", Most: 2})
	if err != nil || len(few.Edges) != 10 || few.TotalEdges != 11 || few.Edges[0].Relation != "of" {
		t.Errorf("%d of %d edges, %v: %+v", len(few.Edges), few.TotalEdges, err, few.Edges)
	}
	if again, err := g.Map(t.Context(), &kgraph.MapOptions{Center: "C", Most: 2}); err != nil || &again.Nodes[0] != &few.Nodes[0] {
		t.Errorf("the same map is drawn again, %v", err)
	}
	add(t, g, "new", day, says("c", "near", "d"))
	if again, err := g.Map(t.Context(), &kgraph.MapOptions{Center: "c", Most: 3}); err != nil || len(again.Nodes) != 3 {
		t.Errorf("once there is more: %+v, %v", again.Nodes, err)
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
