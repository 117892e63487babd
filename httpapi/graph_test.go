package httpapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/graphs"
)

func openGraph(t testing.TB, s *sqlite.Store) *kgraph.Graph {
	t.Helper()
	l, err := graphs.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	g, err := kgraph.New(l, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// told adds a claim to the graph, with an origin of its own.
func (w *world) told(t *testing.T, from kgraph.Origin, c hobby.Claim) {
	t.Helper()
	from.ID, from.Recorded = c.Subject+c.Object+string(c.Relation), time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	if err := w.graph.Add(t.Context(), from, kgraph.Statement{Claim: c}); err != nil {
		t.Fatal(err)
	}
}

// TestGraphSentence has a fact that was read from a sentence told with it.
func TestGraphSentence(t *testing.T) {
	w := newWorld(t, nil, nil)
	at := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	in := hobby.Insight{ID: "i1", Activity: "a1", Kind: hobby.CodeAnalysis, At: at, Confidence: 1,
		Text: "Ann says: “Größe? Cats eat mice.”"}
	_, err := w.store.Commit(t.Context(), hobby.Session{Insights: []hobby.Insight{in}, Activity: hobby.Activity{
		ID: in.Activity, Plan: hobby.Plan{Kind: in.Kind}, Status: hobby.Completed, Started: at, Ended: at.Add(time.Minute),
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	const said = "Cats eat mice."
	start := strings.Index(in.Text, said)
	err = w.graph.Add(t.Context(), kgraph.Origin{ID: in.ID, Activity: in.Activity, Recorded: at}, kgraph.Statement{
		Claim:     hobby.Claim{Subject: "cats", Relation: "eat", Object: "mice", Confidence: 1},
		Extracted: true, Sentence: kgraph.Span{Start: start, End: start + len(said)},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := get[httpapi.GraphConcept](t, w, "/hobby/graph/concepts/cats")
	if len(c.Relations) != 1 || !c.Relations[0].Extracted || c.Relations[0].Sentence != said {
		t.Errorf("the facts are %+v, want one of %q", c.Relations, said)
	}
}

// TestGraph asks for what an insight claims, as a client does.
func TestGraph(t *testing.T) {
	w := newWorld(t, nil, nil)
	at := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for i, s := range []hobby.Insight{
		{ID: "i1", Text: "main calls run, which calls open.", Claims: []hobby.Claim{
			{Subject: "example.org/m.main", Relation: hobby.Calls, Object: "example.org/m.run", Confidence: 1},
			{Subject: "example.org/m.run", Relation: hobby.Calls, Object: "example.org/m/store.Open", Confidence: 0.5},
		}},
		{ID: "i2", Text: "KG stands for knowledge graph.", Taint: hobby.Untrusted, Source: "notes.md", Claims: []hobby.Claim{
			{Subject: "KG", Relation: hobby.StandsFor, Object: "Knowledge Graph", Confidence: 0.5},
		}},
	} {
		id := "activity-" + s.ID
		s.Activity, s.Kind, s.At, s.Confidence = id, hobby.CodeAnalysis, at.AddDate(0, 0, i), 0.5
		_, err := w.store.Commit(t.Context(), hobby.Session{Insights: []hobby.Insight{s}, Activity: hobby.Activity{
			ID: id, Plan: hobby.Plan{Kind: hobby.CodeAnalysis}, Status: hobby.Completed, Started: s.At, Ended: s.At.Add(time.Minute),
		}}, nil)
		if err != nil {
			t.Fatal(err)
		}
	}
	events, err := w.store.Events(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.graph.Consume(t.Context(), events); err != nil {
		t.Fatal(err)
	}

	p := get[httpapi.GraphPage](t, w, "/hobby/graph?limit=2")
	if p.NextCursor == nil {
		t.Errorf("the first page is the last: %+v", p)
	}
	if d := cmp.Diff([]int{5, 3, 2, 2, 2}, []int{p.TotalNodes, p.TotalEdges, len(p.Nodes), len(p.Edges), int(p.Version)}); d != "" {
		t.Errorf("all nodes and edges, those of the first page, and the revision (-want +got):\n%s", d)
	}
	if p := get[httpapi.GraphPage](t, w, "/hobby/graph?kind=term"); len(p.Nodes) != 2 {
		t.Errorf("the terms: %+v", p.Nodes)
	}
	if p := get[httpapi.GraphPage](t, w, "/hobby/graph?rev=1"); p.TotalEdges != 2 || p.Version != 1 {
		t.Errorf("the first revision: %+v", p)
	}
	c := get[httpapi.GraphConcept](t, w, "/hobby/graph/concepts/"+url.PathEscape("store.open"))
	want := []httpapi.GraphFact{{
		Subject: "example.org/m.run", Relation: "calls", Object: "example.org/m/store.Open", Source: "function:example.org/m.run",
		Target: "function:example.org/m/store.Open", Confidence: 0.5, From: at, Recorded: at, Rev: 1, Insight: "i1",
		Activity: &[]string{"activity-i1"}[0],
	}}
	if d := cmp.Diff(want, c.Relations); d != "" {
		t.Errorf("relations of store.Open (-want +got):\n%s", d)
	}
	if len(c.Insights) != 1 || c.Insights[0].Text == nil || !strings.HasPrefix(*c.Insights[0].Text, "main calls") {
		t.Errorf("its insights: %+v", c.Insights)
	}
	if c.Community == nil || c.Community.Size != 3 || len(c.Similar) == 0 {
		t.Errorf("its community is %+v, similar are %+v", c.Community, c.Similar)
	}
	c = get[httpapi.GraphConcept](t, w, "/hobby/graph/concepts/knowledge-graphs")
	if !c.Relations[0].Tainted || c.Concept.Aliases[0] != "KG" {
		t.Errorf("a term: %+v", c)
	}
	found := get[httpapi.GraphPaths](t, w, "/hobby/graph/path?k=2&from=m.main&to=store.open")
	if len(found.Paths) != 1 || found.Paths[0].Score != 0.5 ||
		found.Paths[0].Explanation != "example.org/m.main calls example.org/m.run; example.org/m.run calls example.org/m/store.Open" {
		t.Errorf("paths: %+v", found)
	}
	if found := get[httpapi.GraphPaths](t, w, "/hobby/graph/path?from=m.main&to=kg"); found.Paths == nil || len(found.Paths) > 0 {
		t.Errorf("where there is no way: %+v", found)
	}
	if d := get[httpapi.GraphDiff](t, w, "/hobby/graph/diff?from=1"); d.To != 2 || d.NAdded != 1 || d.Added[0].Relation != "stands for" {
		t.Errorf("the difference: %+v", d)
	}
	if f := get[httpapi.GraphFound](t, w, "/hobby/graph/search?q=GRAPH"); len(f.Nodes) != 1 {
		t.Errorf("found: %+v", f)
	}
	m := get[httpapi.GraphMap](t, w, "/hobby/graph/visualize")
	if len(m.Nodes) != 5 || len(m.Edges) != 3 || len(m.Communities) != 2 {
		t.Errorf("the map: %+v", m)
	}
	if m := get[httpapi.GraphMap](t, w, "/hobby/graph/visualize?center=m.main&max_nodes=2"); len(m.Nodes) != 2 || len(m.Edges) != 1 {
		t.Errorf("around main: %+v", m)
	}
	for target, status := range map[string]int{
		"/hobby/graph/concepts/nobody": 404, "/hobby/graph/path?from=m.main&to=nobody": 404, "/hobby/graph/visualize?center=nobody": 404,
		"/hobby/graph/path?from=m.main": 422, "/hobby/graph?cursor=x": 422, "/hobby/graph?cursor=1.2147483647": 200,
		"/hobby/graph?as_of=yesterday": 422, "/hobby/graph/diff?from=9": 422,
		"/hobby/graph/path?from=a&to=b&k=101": 422, "/hobby/graph/visualize?max_nodes=2001": 422,
	} {
		if got, _, body := w.do(http.MethodGet, target, ""); got != status {
			t.Errorf("%s: %d %s, want %d", target, got, body, status)
		} else if status == 404 && !strings.Contains(body, "nobody") {
			t.Errorf("%s does not name the concept: %s", target, body)
		}
	}
}
