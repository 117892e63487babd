package kgraph_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/kgraph/extract"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/graphs"
)

var day = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)

type fataler interface {
	Helper()
	Fatal(...any)
}

// open opens a graph over a store. The caller closes the store.
func open(t fataler, path string, o *kgraph.Options) (*kgraph.Graph, *sqlite.Store) {
	t.Helper()
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := graphs.New(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	g, err := kgraph.New(l, s, o)
	if err != nil {
		t.Fatal(err)
	}
	return g, s
}

func inMemory(t *testing.T, o *kgraph.Options) *kgraph.Graph {
	t.Helper()
	g, s := open(t, ":memory:", o)
	t.Cleanup(func() { s.Close() })
	return g
}

func says(subject string, r hobby.Relation, object string) kgraph.Statement {
	return kgraph.Statement{Claim: hobby.Claim{Subject: subject, Relation: r, Object: object, Confidence: 1}}
}

func add(t fataler, g *kgraph.Graph, id string, recorded time.Time, all ...kgraph.Statement) {
	t.Helper()
	if err := g.Add(context.Background(), kgraph.Origin{ID: id, Recorded: recorded}, all...); err != nil {
		t.Fatal(err)
	}
}

// told are the statements about a concept, with when they ended, in the order of their
// beginning.
func told(t fataler, g *kgraph.Graph, name string, at kgraph.At) (all []string) {
	t.Helper()
	c, err := g.Concept(context.Background(), name, at, 0)
	if errors.Is(err, kgraph.ErrNotFound) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range slices.Backward(c.Facts) {
		text := fmt.Sprintf("%s %s %s", f.Subject, f.Relation, f.Object)
		if !f.Ends.IsZero() {
			text += f.Ends.Format(" until 01-02")
		}
		all = append(all, text)
	}
	return all
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

var capital = &kgraph.Options{Relations: []kgraph.Relation{{Name: "has capital", Functional: true}, {Name: "borders"}}}

// TestFunctional has a new value end the old one, and nothing else; see graphiti#1728. The same
// value again ends nothing.
func TestFunctional(t *testing.T) {
	g := inMemory(t, capital)
	add(t, g, "1", day, says("Germany", "has capital", "Bonn"), says("Germany", "borders", "France"))
	add(t, g, "2", day.AddDate(0, 0, 1), says("France", "has capital", "Paris"), says("Germany", "borders", "Poland"))
	add(t, g, "3", day.AddDate(0, 0, 2), says("Germany", "has capital", "Berlin"))
	same(t, "now", told(t, g, "Germany", kgraph.At{}), []string{
		"Germany borders France", "Germany borders Poland", "Germany has capital Berlin",
	})
	same(t, "another subject", told(t, g, "Paris", kgraph.At{}), []string{"France has capital Paris"})
	same(t, "when the old value held", told(t, g, "Germany", kgraph.At{Valid: day.AddDate(0, 0, 1)}), []string{
		"Germany has capital Bonn until 05-03", "Germany borders France", "Germany borders Poland",
	})
	same(t, "before the new one was recorded", told(t, g, "Germany", kgraph.At{AsOf: day.AddDate(0, 0, 1)}), []string{
		"Germany has capital Bonn", "Germany borders France", "Germany borders Poland",
	})
	same(t, "at the first revision", told(t, g, "Germany", kgraph.At{Rev: 1}), []string{
		"Germany has capital Bonn", "Germany borders France",
	})
	same(t, "before anything", told(t, g, "Germany", kgraph.At{Valid: day.AddDate(0, 0, -1)}), []string(nil))
	d, err := g.Diff(t.Context(), 2, 3, 0)
	if err != nil {
		t.Fatal(err)
	}
	capital := func(city string) []kgraph.Edge {
		return []kgraph.Edge{{Source: "term:germany", Relation: "has capital", Target: city, Confidence: 1, Facts: 1, Trusted: true}}
	}
	same(t, "the difference", d, kgraph.Diff{
		From: 2, To: 3, Added: capital("term:berlin"), AddedTotal: 1, Removed: capital("term:bonn"), RemovedTotal: 1,
	})
	add(t, g, "4", day.AddDate(0, 0, 3), says("Germany", "has capital", "Berlin"))
	same(t, "told again", told(t, g, "Berlin", kgraph.At{}), []string{"Germany has capital Berlin", "Germany has capital Berlin"})
}

// TestOccurrences keeps what was seen twice as two facts; see graphiti#1865.
func TestOccurrences(t *testing.T) {
	g := inMemory(t, nil)
	add(t, g, "1", day, says("Ana", "visited", "Rome"))
	add(t, g, "2", day.AddDate(0, 0, 9), says("Ana", "visited", "Rome"))
	same(t, "facts", told(t, g, "ana", kgraph.At{}), []string{"Ana visited Rome", "Ana visited Rome"})
	p, err := g.Page(t.Context(), kgraph.Filter{})
	if err != nil || len(p.Edges) != 1 || p.Edges[0].Facts != 2 {
		t.Errorf("the page has %+v, %v; want one edge of two facts", p.Edges, err)
	}
}

// TestToldTwice has what an insight says twice, as a claim and in its words, be one fact of
// an edge, and what two insights say be two.
func TestToldTwice(t *testing.T) {
	g := inMemory(t, nil)
	again := says("Cats", "eat", "a mouse")
	again.Extracted, again.Confidence = true, 0.7
	add(t, g, "1", day, says("cat", "eat", "mouse"), says("cat", "eat", "fish"), says("cat", "eat", "mouse"), again)
	add(t, g, "2", day, says("cat", "eat", "mouse"))
	p, err := g.Page(t.Context(), kgraph.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, e := range p.Edges {
		got[e.Target] = e.Facts
	}
	same(t, "facts of each edge", got, map[string]int{"term:mouse": 2, "term:fish": 1, "term:a mouse": 1})
}

// TestTainted has an untrusted text end no fact of this program's own, unless it is
// accepted.
func TestTainted(t *testing.T) {
	g, s := open(t, ":memory:", capital)
	defer s.Close()
	l, err := graphs.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	add(t, g, "1", day, says("Germany", "has capital", "Berlin"))
	lie := says("Germany", "has capital", "Atlantis")
	lie.Confidence = 0.9
	err = g.Add(t.Context(), kgraph.Origin{ID: "2", Recorded: day.AddDate(0, 0, 1), Taint: hobby.Untrusted}, lie)
	if err != nil {
		t.Fatal(err)
	}
	both := []string{"Germany has capital Berlin", "Germany has capital Atlantis"}
	same(t, "what is seen", told(t, g, "germany", kgraph.At{}), both)
	decide := func(version int, accepted bool) {
		t.Helper()
		c := kgraph.Change{Op: kgraph.Decided, Origin: kgraph.Origin{ID: "2", Accepted: accepted}, Version: version}
		if _, err := l.Append(t.Context(), 0, []kgraph.Change{c}); err != nil {
			t.Fatal(err)
		}
	}
	decide(1, true)
	same(t, "once it is accepted", told(t, g, "germany", kgraph.At{}), []string{"Germany has capital Atlantis"})
	same(t, "before that", told(t, g, "germany", kgraph.At{Rev: 2}), both)
	decide(2, false)
	same(t, "once that is taken back", told(t, g, "germany", kgraph.At{}), both)
	found, err := g.Paths(t.Context(), "Germany", "Atlantis", &kgraph.PathOptions{Trusted: true})
	if err != nil || len(found) > 0 {
		t.Errorf("a trusted path goes over an untrusted fact: %+v, %v", found, err)
	}
}

// TestExtracted has what is read out of an insight marked, of the insight's place and its
// own sentence, and as trusted as the insight is; an insight of which nothing can be read keeps its claims.
func TestExtracted(t *testing.T) {
	told := learned(1)
	told.Insights = told.Insights[:1]
	in := &told.Insights[0]
	in.Source, in.Taint, in.Confidence = "a.md", hobby.Untrusted, 0.8
	in.Evidence = []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: "a.md", Line: 7}}
	in.Claims = []hobby.Claim{{Subject: "a.md", Relation: hobby.Defines, Object: "cat", Confidence: 0.8}}
	in.Text = "Ann (2020) reports: “The cat eats a mouse. The dog keeps the cat.” (a.md:7)"
	for name, c := range map[string]struct {
		extract func(context.Context, hobby.Insight) ([]extract.Fact, error)
		want    []string
	}{
		"by rules": {extract.Insight, []string{"a.md defines cat", "dog keeps cat, extracted from The dog keeps the cat"}},
		"with errors": {func(context.Context, hobby.Insight) ([]extract.Fact, error) { return nil, errors.New("no model") },
			[]string{"a.md defines cat"}},
	} {
		g, s := open(t, ":memory:", &kgraph.Options{Extract: c.extract})
		if _, err := s.Commit(t.Context(), told, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := follow(t.Context(), s, g); err != nil {
			t.Fatal(err)
		}
		cat, err := g.Concept(t.Context(), "cat", kgraph.At{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range cat.Facts {
			text := fmt.Sprintf("%s %s %s", f.Subject, f.Relation, f.Object)
			if f.Extracted {
				text += ", extracted from " + f.Sentence.Of(in.Text)
			}
			if f.Trusted() || f.File != "a.md" || f.Line != 7 {
				t.Errorf("%s: the fact %q is trusted, or of %s:%d", name, text, f.File, f.Line)
			}
			got = append(got, text)
		}
		slices.Sort(got)
		same(t, name, got, c.want)
		s.Close()
	}
}

// TestObserve counts facts that hold, that ended and that contradict each other.
func TestObserve(t *testing.T) {
	g := inMemory(t, capital)
	add(t, g, "1", day, says("Germany", "has capital", "Bonn"), says("Germany", "borders", "France"))
	add(t, g, "2", day.AddDate(0, 0, 1), says("Germany", "has capital", "Berlin"), says("Germany", "has capital", "Munich"),
		says("Germany", "has capital", "Hamburg"), says("France", "has capital", "Paris"), says("France", "has capital", "Lyon"))
	got := map[string]float64{}
	if err := g.Observe(t.Context(), func(name string, v float64, _ ...string) { got[name] = v }); err != nil {
		t.Fatal(err)
	}
	same(t, "what is told", got, map[string]float64{
		"pastime_graph_concepts": 7, "pastime_graph_edges": 6, "pastime_graph_facts": 7, "pastime_graph_past_facts": 1,
		"pastime_graph_untrusted_facts": 0, "pastime_graph_contradictions": 2, "pastime_graph_revision": 2,
	})
}

// TestEnds has a success end a failure of the same model at the same level.
func TestEnds(t *testing.T) {
	g := inMemory(t, nil)
	add(t, g, "1", day, says("m", hobby.FailsAt, "sums, level 1"), says("m", hobby.FailsAt, "sums, level 2"))
	add(t, g, "2", day.AddDate(0, 0, 1), says("m", hobby.SucceedsAt, "sums, level 1"))
	same(t, "now", told(t, g, "m", kgraph.At{}), []string{"m fails at sums, level 2", "m succeeds at sums, level 1"})
}

// TestNames finds concepts by what people call them, and keeps apart what differs.
func TestNames(t *testing.T) {
	g := inMemory(t, nil)
	add(t, g, "1", day,
		says("docs/design.md", hobby.Defines, "Event Log"), says("README.md", hobby.Defines, "event-logs"),
		says("(*example.org/m/store.Store).Open", hobby.Calls, "example.org/m/store.open"),
		says("example.org/m/store.Open", hobby.Calls, "example.org/m/store.open"),
		says("LLM", hobby.StandsFor, "large language model"), says("LLM", hobby.StandsFor, "LLM"))
	for name, want := range map[string]string{
		"event log": "term:event log", "EVENT LOGS": "term:event log", "Event-Log": "term:event log", "term:event log": "term:event log",
		"design.md": "document:docs/design.md", "store.open": "function:example.org/m/store.open",
		"(*store.store).open":      "function:(*example.org/m/store.Store).Open",
		"example.org/m/store.Open": "function:example.org/m/store.Open", "llms": "term:llm",
	} {
		c, err := g.Concept(t.Context(), name, kgraph.At{}, 0)
		if err != nil || c.ID != want {
			t.Errorf("%q finds %q, %v; want %q", name, c.ID, err, want)
		}
	}
	c, err := g.Concept(t.Context(), "LLM", kgraph.At{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "names of the same thing", c.Aliases, []string{"large language model"})
	if _, err := g.Concept(t.Context(), "nobody", kgraph.At{}, 0); !errors.Is(err, kgraph.ErrNotFound) {
		t.Errorf("an unknown concept: %v", err)
	}
	found, err := g.Search(t.Context(), "open", kgraph.At{}, 2)
	if err != nil || len(found) != 2 {
		t.Errorf("searching found %+v, %v", found, err)
	}
}

// TestPages puts all pages together: each node and each edge is there once.
func TestPages(t *testing.T) {
	g := inMemory(t, nil)
	for i := range 7 {
		add(t, g, fmt.Sprint(i), day, says(fmt.Sprint("a", i), "near", fmt.Sprint("a", (i+1)%7)), says(fmt.Sprint("a", i), "far", "a0"))
	}
	var nodes, edges int
	f := kgraph.Filter{Limit: 2}
	for {
		p, err := g.Page(t.Context(), f)
		if err != nil || len(p.Nodes) > 2 {
			t.Fatalf("a page of %d nodes, %v", len(p.Nodes), err)
		}
		same(t, "of the whole graph", []int{p.TotalNodes, p.TotalEdges, int(p.Rev)}, []int{7, 14, 7})
		nodes, edges = nodes+len(p.Nodes), edges+len(p.Edges)
		if f.Cursor = p.Next; f.Cursor == "" {
			break
		}
	}
	if nodes != 7 || edges != 14 {
		t.Errorf("the pages have %d nodes and %d edges", nodes, edges)
	}
	p, err := g.Page(t.Context(), kgraph.Filter{Cursor: fmt.Sprintf("2.%d", math.MaxInt32), Limit: 1}) // more than it made
	if err != nil || len(p.Nodes) != 1 || p.Nodes[0].ID != "term:a3" {
		t.Errorf("a cursor behind a revision begins with %+v, %v; want the next one's a3", p.Nodes, err)
	}
	for _, cursor := range []string{"x", "1", "-1.0", "1.x", fmt.Sprintf("%d.0", math.MaxInt64)} {
		if _, err := g.Page(t.Context(), kgraph.Filter{Cursor: cursor}); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("cursor %q: %v", cursor, err)
		}
	}
}

// insight is a random insight with claims of few names, so that they meet.
func insight(t *rapid.T, id string) (kgraph.Origin, []kgraph.Statement) {
	o := kgraph.Origin{
		ID: id, Source: rapid.SampledFrom([]string{"", "notes", "page"}).Draw(t, "source"),
		Recorded: day.AddDate(0, 0, rapid.IntRange(0, 5).Draw(t, "day")),
	}
	if rapid.Bool().Draw(t, "tainted") {
		o.Taint = hobby.Untrusted
	}
	var all []kgraph.Statement
	for range rapid.IntRange(1, 3).Draw(t, "claims") {
		name := rapid.SampledFrom([]string{"Germany", "germany", "France", "Bonn", "Berlin", "Berlins"})
		s := says(name.Draw(t, "subject"), rapid.SampledFrom([]hobby.Relation{"has capital", "borders"}).Draw(t, "relation"),
			name.Draw(t, "object"))
		s.Confidence = 0.5
		all = append(all, s)
	}
	return o, all
}

// seen is all that a graph says of its facts at several points.
func seen(t fataler, g *kgraph.Graph) (all []string) {
	t.Helper()
	for _, at := range []kgraph.At{{}, {Valid: day.AddDate(0, 0, 2)}, {AsOf: day.AddDate(0, 0, 3)}} {
		for _, name := range []string{"germany", "france", "bonn", "berlin"} {
			one := told(t, g, name, at)
			slices.Sort(one)
			all = append(append(all, name), one...)
		}
	}
	return all
}

// emptied opens graphs over a store whose log it deletes first, which is 20 times as fast
// as to make a store.
func emptied(t *testing.T) (graph func(fataler) *kgraph.Graph, s *sqlite.Store) {
	_, s = open(t, ":memory:", capital)
	t.Cleanup(func() { s.Close() })
	l, err := graphs.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return func(t fataler) *kgraph.Graph {
		t.Helper()
		err := s.Write(context.Background(), func(tx *sqlite.Tx) error {
			_, err := tx.Exec("DELETE FROM pastime_graphs_log")
			if err == nil {
				_, err = tx.Exec("DELETE FROM pastime_graphs_forgets")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		g, err := kgraph.New(l, s, capital)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}, s
}

// TestOrder tells the same insights in another order, and forgets a source on the way:
// graph and hash are those of a graph that never saw it.
func TestOrder(t *testing.T) {
	first, store := emptied(t)
	second, _ := emptied(t)
	rapid.Check(t, func(t *rapid.T) {
		type told struct {
			o   kgraph.Origin
			all []kgraph.Statement
		}
		var insights []told
		for i := range rapid.IntRange(1, 6).Draw(t, "insights") {
			o, all := insight(t, fmt.Sprint(i))
			insights = append(insights, told{o, all})
		}
		ctx := context.Background()
		a, b := first(t), second(t)
		for _, i := range insights {
			if err := a.Add(ctx, i.o, i.all...); err != nil {
				t.Fatal(err)
			}
		}
		look := rapid.Bool().Draw(t, "look") // the index forgets, or never had it
		if look {
			seen(t, a)
		}
		forget := rapid.SampledFrom([]string{"notes", "page", "other"}).Draw(t, "forget")
		if _, err := store.Forget(ctx, forget); err != nil {
			t.Fatal(err)
		}
		for _, i := range rapid.Permutation(insights).Draw(t, "order") {
			if i.o.Source == forget {
				continue
			}
			for range rapid.IntRange(1, 2).Draw(t, "times") {
				if err := b.Add(ctx, i.o, i.all...); err != nil {
					t.Fatal(err)
				}
			}
		}
		x, err := a.Hash(ctx)
		y, err2 := b.Hash(ctx)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if x != y {
			t.Fatalf("the hashes are %s and %s", x, y)
		}
		if diff := cmp.Diff(seen(t, b), seen(t, a)); diff != "" {
			t.Fatalf("what they say (-never saw it +forgot it):\n%s", diff)
		}
	})
}

// TestHashTells has each thing that differs change the hash.
func TestHashTells(t *testing.T) {
	hash := func(o kgraph.Origin, s kgraph.Statement) string {
		t.Helper()
		g := inMemory(t, nil)
		if err := g.Add(t.Context(), o, s); err != nil {
			t.Fatal(err)
		}
		h, err := g.Hash(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	origin := kgraph.Origin{ID: "1", Recorded: day}
	plain := hash(origin, says("a", "b", "c"))
	for name, change := range map[string]func(o *kgraph.Origin, s *kgraph.Statement){
		"id":         func(o *kgraph.Origin, _ *kgraph.Statement) { o.ID = "2" },
		"activity":   func(o *kgraph.Origin, _ *kgraph.Statement) { o.Activity = "x" },
		"kind":       func(o *kgraph.Origin, _ *kgraph.Statement) { o.Kind = hobby.CodeAnalysis },
		"file":       func(o *kgraph.Origin, _ *kgraph.Statement) { o.File = "x" },
		"line":       func(o *kgraph.Origin, _ *kgraph.Statement) { o.Line = 1 },
		"extracted":  func(_ *kgraph.Origin, s *kgraph.Statement) { s.Extracted = true },
		"sentence":   func(_ *kgraph.Origin, s *kgraph.Statement) { s.Sentence = kgraph.Span{End: 1} },
		"beginning":  func(_ *kgraph.Origin, s *kgraph.Statement) { s.Sentence = kgraph.Span{Start: 1, End: 1} },
		"source":     func(o *kgraph.Origin, _ *kgraph.Statement) { o.Source = "x" },
		"recorded":   func(o *kgraph.Origin, _ *kgraph.Statement) { o.Recorded = day.Add(1) },
		"accepted":   func(o *kgraph.Origin, _ *kgraph.Statement) { o.Accepted = true },
		"taint":      func(o *kgraph.Origin, s *kgraph.Statement) { o.Taint = hobby.Untrusted },
		"subject":    func(_ *kgraph.Origin, s *kgraph.Statement) { s.Subject = "A" },
		"relation":   func(_ *kgraph.Origin, s *kgraph.Statement) { s.Subject, s.Relation = "ab", "" },
		"object":     func(_ *kgraph.Origin, s *kgraph.Statement) { s.Object = "d" },
		"confidence": func(_ *kgraph.Origin, s *kgraph.Statement) { s.Confidence = 0.5 },
		"from":       func(_ *kgraph.Origin, s *kgraph.Statement) { s.From = day },
		"to":         func(_ *kgraph.Origin, s *kgraph.Statement) { s.To = day.Add(1) },
	} {
		o, s := origin, says("a", "b", "c")
		s.Confidence = 0.75
		base := plain
		if name != "confidence" {
			base = hash(origin, s)
		}
		change(&o, &s)
		if s.Relation == "" {
			s.Relation = "c"
		}
		if hash(o, s) == base {
			t.Errorf("another %s has the same hash", name)
		}
	}
}

// TestTwoProcesses has two graphs on one file: what one stores, the other says at once.
func TestTwoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	a, as := open(t, path, nil)
	defer as.Close()
	b, bs := open(t, path, nil)
	defer bs.Close()
	for i := range 3 {
		add(t, a, fmt.Sprint("a", i), day, says("x", "near", fmt.Sprint(i)))
		add(t, b, fmt.Sprint("b", i), day, says("y", "near", fmt.Sprint(i)))
		same(t, "in both", told(t, a, fmt.Sprint(i), kgraph.At{}), told(t, b, fmt.Sprint(i), kgraph.At{}))
	}
	x, err := a.Hash(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if y, err := b.Hash(t.Context()); err != nil || x != y {
		t.Errorf("the hashes are %s and %s, %v", x, y, err)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, r := range map[string][]kgraph.Relation{
		"no name": {{}}, "twice": {{Name: "a"}, {Name: "a"}}, "ends what is not there": {{Name: "a", Ends: []hobby.Relation{"b"}}},
		"a sort that an id cannot have": {{Name: "a", Object: "x:y"}},
	} {
		if _, err := kgraph.New(nil, nil, &kgraph.Options{Relations: r}); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWhileItChanges reads in every way while facts are added and forgotten.
func TestWhileItChanges(t *testing.T) {
	g, s := open(t, ":memory:", capital)
	defer s.Close()
	add(t, g, "0", day, says("a", "near", "b"), says("b", "near", "c"))
	ctx, reading := t.Context(), sync.WaitGroup{}
	done := make(chan struct{})
	for name, read := range map[string]func() error{
		"Paths":   func() error { _, err := g.Paths(ctx, "a", "c", &kgraph.PathOptions{K: 3}); return err },
		"Concept": func() error { _, err := g.Concept(ctx, "b", kgraph.At{}, 0); return err },
		"Map":     func() error { _, err := g.Map(ctx, &kgraph.MapOptions{Center: "b"}); return err },
		"Page":    func() error { _, err := g.Page(ctx, kgraph.Filter{}); return err },
		"Search":  func() error { _, err := g.Search(ctx, "a", kgraph.At{}, 0); return err },
		"Query":   func() error { _, err := g.Query(ctx, "MATCH (a)-[r]->(b) RETURN a, r, b", nil, nil); return err },
		"Hash":    func() error { _, err := g.Hash(ctx); return err },
		"Diff":    func() error { _, err := g.Diff(ctx, 1, 0, 0); return err },
	} {
		reading.Go(func() {
			for {
				if err := read(); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range 30 {
		o := kgraph.Origin{ID: fmt.Sprint("more ", i), Recorded: day, Source: "notes"}
		if err := g.Add(ctx, o, says("a", "near", fmt.Sprint(i)), says(fmt.Sprint(i), "near", "c")); err != nil {
			t.Error(err)
		}
		if i%10 == 9 {
			if _, err := s.Forget(ctx, "notes"); err != nil {
				t.Error(err)
			}
		}
	}
	close(done)
	reading.Wait()
	same(t, "what is left", told(t, g, "c", kgraph.At{}), []string{"b near c"})
}

// TestLongPath has no path be longer than the limit, also where nobody gives one.
func TestLongPath(t *testing.T) {
	g := inMemory(t, nil)
	var all []kgraph.Statement
	for i := range 101 {
		all = append(all, says(fmt.Sprint("n", i), "leads to", fmt.Sprint("n", i+1)))
	}
	add(t, g, "1", day, all...)
	for _, c := range []struct {
		to        string
		k, length int
		want      []int
	}{
		{"n100", 1, 0, []int{100}}, {"n100", 3, 0, []int{100}}, {"n101", 1, 0, nil}, {"n101", 3, 0, nil},
		{"n101", 1, 101, []int{101}}, {"n101", 3, 101, []int{101}},
	} {
		found, err := g.Paths(t.Context(), "n0", c.to, &kgraph.PathOptions{K: c.k, MaxLength: c.length})
		if err != nil {
			t.Fatal(err)
		}
		var lengths []int
		for _, p := range found {
			lengths = append(lengths, len(p.Edges))
		}
		same(t, fmt.Sprintf("the lengths of %d paths to %s within %d", c.k, c.to, c.length), lengths, c.want)
	}
}
