package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/kgraph"
)

// TestGraphStudy asks why something is so, what is known badly, what to learn, and for
// the whole graph.
func TestGraphStudy(t *testing.T) {
	w := newWorld(t, nil, nil)
	for _, c := range []hobby.Claim{
		{Subject: "m.a", Relation: hobby.Duplicates, Object: "m.b", Confidence: 1},
		{Subject: "m.a", Relation: hobby.Calls, Object: "m.b", Confidence: 1},
		{Subject: "x", Relation: "rests on", Object: "y", Confidence: 1},
	} {
		w.told(t, kgraph.Origin{}, c)
	}
	proof := func(subject, object, rule string, from ...httpapi.GraphProof) httpapi.GraphProof {
		edge := httpapi.GraphEdge{Source: subject, Target: object, Relation: "duplicates", Confidence: 1, Trusted: true}
		if edge.Inferred = rule != "stated"; !edge.Inferred {
			edge.Facts = 1
		}
		return httpapi.GraphProof{Rule: rule, From: append([]httpapi.GraphProof{}, from...), Relation: edge}
	}
	p := get[httpapi.GraphProof](t, w, "/hobby/graph/why?from=m.b&relation=duplicates&to=m.a")
	stated := proof("function:m.a", "function:m.b", "stated")
	if d := cmp.Diff(proof("function:m.b", "function:m.a", "symmetric", stated), p); d != "" {
		t.Errorf("the proof (-want +got):\n%s", d)
	}
	gaps := get[httpapi.GraphGaps](t, w, "/hobby/graph/gaps?limit=1&valid_at=2026-09-01T00:00:00Z").Gaps
	var kinds []string
	for _, g := range gaps {
		kinds = append(kinds, g.Kind)
	}
	if d := cmp.Diff([]string{"poor", "stale"}, kinds); d != "" || !strings.Contains(gaps[0].Why, "m.") {
		t.Errorf("gaps: %+v (-want +got):\n%s", gaps, d)
	}
	l := get[httpapi.GraphLessons](t, w, "/hobby/graph/learn?target=x&known=m.a&known=m.b")
	if l.Total != 1 || l.Lessons[0].Concept.Name != "x" {
		t.Errorf("what to learn: %+v", l)
	}
	for format, want := range map[string]string{"": "<graphml", "node-link": `"nodes"`, "cypher": "MERGE (n:`function`"} {
		code, head, body := w.do(http.MethodGet, "/hobby/graph/export?rev=3&as_of=2026-05-02T00:00:00Z&format="+format, "")
		if code != 200 || !strings.Contains(body, want) || !strings.HasPrefix(head.Get("Content-Disposition"), "attachment") {
			t.Errorf("exported as %q: %d %v %.100s", format, code, head, body)
		}
	}
	for target, status := range map[string]int{
		"why?from=m.b&relation=imports&to=m.a": 404, "why?from=m.b&relation=calls&to=nobody": 404, "learn?target=nobody": 404,
		"learn?target=x&known=nobody": 404, "learn?target=x" + strings.Repeat("&known=y", 101): 422,
		"export?format=pdf": 422, "export?rev=-1": 422, "export?as_of=yesterday": 422, "gaps?limit=101": 422,
	} {
		if got, _, body := w.do(http.MethodGet, "/hobby/graph/"+target, ""); got != status {
			t.Errorf("%s: %d %s, want %d", target, got, body, status)
		}
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	code, head, body := w.do(http.MethodGet, "/hobby/graph/export", "")
	if code != 500 || head.Get("Content-Type") != "application/problem+json" || head.Get("Content-Disposition") != "" {
		t.Errorf("exported without a store: %d %v %.100s", code, head, body)
	}
}
