package kgraph_test

import (
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
)

// TestDuplicates has concepts with nearly the same names found by each other's, and told as
// what is double until a fact says that they are the same.
func TestDuplicates(t *testing.T) {
	g := inMemory(t, nil)
	add(t, g, "1", day,
		says("a.md", hobby.Defines, "knowledge graph"), says("b.md", hobby.Defines, "knowledge graphs"),
		says("c.md", hobby.Defines, "knowlege graph"), says("c.md", hobby.Defines, "The colour map"), says("b.md", hobby.Defines, "color maps"),
		says("a.md", hobby.Defines, "data set"), says("b.md", hobby.Defines, "dataset"),
		says("a.md", hobby.Defines, "level 1"), says("b.md", hobby.Defines, "level 11"),
		says("m.Parsing", hobby.Calls, "m.Parseing"), says("m.Parseing", hobby.Calls, "m.Prasing"))
	for name, want := range map[string]string{
		"color map": "term:color map", "the Colour Maps": "term:color map", "colour mapping": "", "graph of knowledge": "term:knowledge graph",
		"knowlege graph": "term:knowlege graph", "Knowldge graphs": "term:knowledge graph", "data-sets": "term:data set", "level 111": "",
		"m.Praseing": "",
	} {
		c, err := g.Concept(t.Context(), name, kgraph.At{}, 0)
		if c.ID != want || (err == nil) != (want != "") {
			t.Errorf("%q finds %q, %v; want %q", name, c.ID, err, want)
		}
	}
	c, err := g.Concept(t.Context(), "data set", kgraph.At{}, 0)
	if err != nil || len(c.Also) != 1 || c.Also[0].ID != "term:dataset" {
		t.Errorf("beside the data set are %+v, %v", c.Also, err)
	}
	if p, err := g.Paths(t.Context(), "knowldge graph", "b.md", nil); err != nil || len(p) != 1 || p[0].Nodes[0].ID != "term:knowledge graph" {
		t.Errorf("from a misspelt name leads %+v, %v", p, err)
	}
	told := func() (all []string) {
		gaps, err := g.Gaps(t.Context(), kgraph.At{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		for i := range gaps {
			if gaps[i].Kind == kgraph.Duplicate {
				all = append(all, gaps[i].Why)
			}
		}
		return all
	}
	same(t, "what is double", told(), []string{
		"knowlege graph is probably the same as knowledge graph", "dataset is probably the same as data set",
	})
	add(t, g, "2", day, says("data set", hobby.StandsFor, "dataset"))
	same(t, "once a fact says so", told(), []string{"knowlege graph is probably the same as knowledge graph"})
}
