package graphstore_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dominikbraun/graph"
	"github.com/dominikbraun/graph/draw"
	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/kgraph/graphstore"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/graphs"
)

// TestAlgorithms runs algorithms of the package, and its drawing, on facts.
func TestAlgorithms(t *testing.T) {
	s, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	l, err := graphs.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	g, err := kgraph.New(l, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	var all []kgraph.Statement
	for _, c := range []hobby.Claim{
		{Subject: "a", Relation: "calls", Object: "b", Confidence: .1}, {Subject: "a", Relation: "calls", Object: "c", Confidence: .9},
		{Subject: "c", Relation: "calls", Object: "b", Confidence: .9}, {Subject: "a", Relation: "duplicates", Object: "c", Confidence: .5},
	} {
		all = append(all, kgraph.Statement{Claim: c})
	}
	if err := g.Add(t.Context(), kgraph.Origin{ID: "1", Recorded: time.Unix(1, 0)}, all...); err != nil {
		t.Fatal(err)
	}
	store, err := graphstore.New(t.Context(), g, kgraph.At{})
	if err != nil {
		t.Fatal(err)
	}
	d := store.Directed()
	path, err := graph.ShortestPath(d, "function:a", "function:b")
	if diff := cmp.Diff([]string{"function:a", "function:c", "function:b"}, path); diff != "" || err != nil {
		t.Errorf("the surest path, %v (-want +got):\n%s", err, diff)
	}
	order, err := graph.TopologicalSort(d)
	if diff := cmp.Diff([]string{"function:a", "function:c", "function:b"}, order); diff != "" || err != nil {
		t.Errorf("the order, %v (-want +got):\n%s", err, diff)
	}
	e, err := d.Edge("function:a", "function:c")
	if err != nil || e.Properties.Attributes["label"] != "calls, duplicates" || len(e.Properties.Data.([]kgraph.Edge)) != 2 {
		t.Errorf("the edge is %+v, %v", e, err)
	}
	if _, err := d.Edge("function:b", "function:a"); !errors.Is(err, graph.ErrEdgeNotFound) {
		t.Errorf("the edge back: %v", err)
	}
	if err := d.AddVertex(kgraph.Node{ID: "x"}); !errors.Is(err, graphstore.ErrReadOnly) {
		t.Errorf("adding: %v", err)
	}
	var dot bytes.Buffer
	if err := draw.DOT(d, &dot); err != nil || !strings.Contains(dot.String(), `"function:a" -> "function:b"`) {
		t.Errorf("%v\n%s", err, dot.String())
	}
}
