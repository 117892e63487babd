package kgraph_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/sqlite/graphs"
)

var kin = &kgraph.Options{Relations: []kgraph.Relation{
	{Name: "part of", Transitive: true, Inverse: "has part"}, {Name: "married to", Symmetric: true}, {Name: "likes"},
}}

// inferred asks for all that follows.
const inferred = "MATCH (a)-[r]->(b) WHERE r.inferred RETURN a.name, type(r), b.name, r.confidence ORDER BY a.name, type(r), b.name"

func query(t *testing.T, g *kgraph.Graph, text string, at kgraph.At) (all []string) {
	t.Helper()
	r, err := g.Query(t.Context(), text, map[string]any{"name": "Rome"}, &kgraph.QueryOptions{At: at})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	for _, row := range r.Rows {
		s := fmt.Sprintln(row...)
		all = append(all, strings.TrimSuffix(s, "\n"))
	}
	return all
}

// TestInference derives what follows, and says why. What a tainted text says takes no part
// in it.
func TestInference(t *testing.T) {
	g, s := open(t, ":memory:", kin)
	defer s.Close()
	half := says("Italy", "part of", "Europe")
	half.Confidence = .5
	add(t, g, "1", day, says("Rome", "part of", "Italy"), says("Ana", "married to", "Bo"))
	if err := g.Add(t.Context(), kgraph.Origin{ID: "2", Recorded: day, Source: "atlas"}, half); err != nil {
		t.Fatal(err)
	}
	lie := says("Europe", "part of", "Atlantis")
	lie.Confidence = .9
	if err := g.Add(t.Context(), kgraph.Origin{ID: "3", Recorded: day, Taint: hobby.Untrusted}, lie); err != nil {
		t.Fatal(err)
	}
	same(t, "what follows", query(t, g, inferred, kgraph.At{}), []string{
		"Bo married to Ana 1", "Europe has part Italy 0.5", "Europe has part Rome 0.5", "Italy has part Rome 1", "Rome part of Europe 0.5",
	})
	p, err := g.Why(t.Context(), "europe", "has part", "rome", kgraph.At{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff("inverse(transitive(stated term:rome, stated term:italy))", proof(p)); d != "" {
		t.Errorf("the proof (-want +got):\n%s", d)
	}
	if p, err = g.Why(t.Context(), "Ana", "married to", "Bo", kgraph.At{}); err != nil || p.Rule != "stated" || p.Inferred {
		t.Errorf("the proof is %+v, %v", p, err)
	}
	if _, err = g.Why(t.Context(), "Rome", "part of", "Atlantis", kgraph.At{}); !errors.Is(err, hobby.ErrNotFound) {
		t.Errorf("a tainted text fires a rule: %v", err)
	}
	same(t, "at the first revision", query(t, g, inferred, kgraph.At{Rev: 1}), []string{"Bo married to Ana 1", "Italy has part Rome 1"})
}

// TestInferenceTakenBack has what follows go with its premise: when its source is
// forgotten, when a later fact ends it, and when it is not accepted any more.
func TestInferenceTakenBack(t *testing.T) {
	g, s := open(t, ":memory:", &kgraph.Options{Relations: []kgraph.Relation{{Name: "part of", Transitive: true, Functional: true}}})
	defer s.Close()
	l, err := graphs.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	follows := func(why string, at kgraph.At, want ...string) {
		t.Helper()
		same(t, "what follows "+why, query(t, g, inferred, at), want)
		holds := slices.Contains(want, "Rome part of Europe 1")
		if _, err := g.Why(t.Context(), "Rome", "part of", "Europe", at); (err == nil) != holds ||
			err != nil && !errors.Is(err, hobby.ErrNotFound) {
			t.Errorf("why Rome is a part of Europe %s: %v", why, err)
		}
	}
	from := func(id, source string, taint hobby.Taint, s kgraph.Statement) {
		t.Helper()
		o := kgraph.Origin{ID: id, Recorded: day, Source: source, Taint: taint}
		if err := g.Add(t.Context(), o, s); err != nil {
			t.Fatal(err)
		}
	}
	add(t, g, "1", day, says("Rome", "part of", "Italy"), says("Europe", "borders", "Asia"))
	from("2", "atlas", hobby.Trusted, says("Italy", "part of", "Europe"))
	follows("from both", kgraph.At{}, "Rome part of Europe 1")
	if _, err := s.Forget(t.Context(), "atlas"); err != nil {
		t.Fatal(err)
	}
	follows("once the atlas is forgotten", kgraph.At{})
	follows("at the first revision", kgraph.At{Rev: 1})

	told := says("Italy", "part of", "Europe")
	told.Confidence = .5
	from("3", "web", hobby.Untrusted, told)
	follows("from a stranger", kgraph.At{})
	for version, accepted := range []bool{true, false} {
		c := kgraph.Change{Op: kgraph.Decided, Origin: kgraph.Origin{ID: "3", Accepted: accepted}, Version: version + 1}
		if _, err := l.Append(t.Context(), 0, []kgraph.Change{c}); err != nil {
			t.Fatal(err)
		}
		want := []string(nil)
		if accepted {
			want = []string{"Rome part of Europe 0.5"}
		}
		same(t, fmt.Sprint("what follows once it is accepted: ", accepted), query(t, g, inferred, kgraph.At{}), want)
	}

	add(t, g, "4", day, says("Italy", "part of", "Europe"))
	follows("from both again", kgraph.At{}, "Rome part of Europe 1")
	add(t, g, "5", day.AddDate(0, 0, 2), says("Rome", "part of", "Vatican"))
	follows("once Rome is a part of something else", kgraph.At{})
	follows("while it was not", kgraph.At{Valid: day.AddDate(0, 0, 1)}, "Rome part of Europe 1")
}

func TestQuery(t *testing.T) {
	g := inMemory(t, kin)
	add(t, g, "1", day, says("Rome", "part of", "Italy"), says("Turin", "part of", "Italy"), says("Ana", "likes", "Rome"))
	add(t, g, "2", day.AddDate(0, 0, 1), says("Ana", "likes", "Turin"), says("ana", "likes", "rome"))
	counts := query(t, g, "MATCH (a)-[r:LIKES]->(b:Term) RETURN b.name, r.facts ORDER BY b.name", kgraph.At{})
	same(t, "counts", counts, []string{"Rome 2", "Turin 1"})
	same(t, "parameter", query(t, g, "MATCH (a {name: $name})-[:part_of]->(b) RETURN b.id, b.mentions", kgraph.At{}), []string{"term:italy 2"})
	same(t, "earlier", query(t, g, "MATCH (a)-[:likes]->(b) RETURN b.name", kgraph.At{AsOf: day}), []string{"Rome"})
	same(t, "nodes that hold", query(t, g, "MATCH (n) RETURN count(n)", kgraph.At{AsOf: day}), []string{"4"})
	r, err := g.Query(t.Context(), "MATCH p = (a)-[e:likes]->(b {name: 'Turin'}) RETURN a, e, p, [b]", nil, nil)
	if err != nil || len(r.Rows) != 1 {
		t.Fatal(r, err)
	}
	node, edge, walk := r.Rows[0][0].(kgraph.Node), r.Rows[0][1].(kgraph.Edge), r.Rows[0][2].(kgraph.Walk)
	got := []any{node.ID, edge.Target, len(walk.Nodes), len(walk.Edges), r.Rows[0][3].([]any)[0].(kgraph.Node).Name}
	same(t, "a row", got, []any{"term:ana", "term:turin", 2, 1, "Turin"})
	var syntax *kgraph.QuerySyntaxError
	if _, err := g.Query(t.Context(), "MATCH (a RETURN a", nil, nil); !errors.As(err, &syntax) || syntax.Column != 10 {
		t.Errorf("a syntax error is %v", err)
	}
	if _, err := g.Query(t.Context(), "MATCH (a) RETURN $x", nil, nil); !errors.Is(err, hobby.ErrInvalid) {
		t.Errorf("a missing parameter is %v", err)
	}
}

// TestCentral has a hub.
func TestCentral(t *testing.T) {
	g := inMemory(t, kin)
	var all []kgraph.Statement
	for i := range 5 {
		all = append(all, says(fmt.Sprint("cat", i), "likes", "milk"))
	}
	add(t, g, "1", day, append(all, says("dog", "likes", "cat1"))...)
	central, err := g.Central(t.Context(), kgraph.At{}, 2)
	if err != nil || len(central) != 2 || central[0].Name != "milk" || central[1].Name != "cat1" {
		t.Errorf("the most central are %+v, %v", central, err)
	}
}

// TestSimilarNames finds what only the name says, and adds the parts up.
func TestSimilarNames(t *testing.T) {
	g := inMemory(t, kin)
	add(t, g, "1", day, says("Rome", "part of", "Italy"), says("ancient Rome", "likes", "baths"), says("chess", "likes", "clocks"))
	found, err := g.Similar(t.Context(), "rome", kgraph.At{}, 5)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range found {
		names = append(names, s.Name)
		sum := 0.0
		for _, p := range s.Parts {
			sum += p.Share
		}
		if sum != s.Score {
			t.Errorf("%+v: the parts add up to %v", s, sum)
		}
	}
	same(t, "similar", names, []string{"Italy", "ancient Rome"})
}

// TestSimilarTexts finds a concept that is not related to another one and has another name,
// since the texts about the one name it and say the same. What both are named in says nothing.
func TestSimilarTexts(t *testing.T) {
	g := shelved(t, shelf{
		{ID: "1", At: day, Text: "Like a log, the journal keeps pages safe through a crash.", Claims: claims("journal", "part of", "engine")},
		{ID: "2", At: day, Text: "It keeps each page safe through crashes.", Claims: claims("log", "part of", "database")},
		{ID: "3", At: day, Text: "A journal and a stone keep pages safe through a crash.", Claims: claims("journal", "unlike", "stone")},
		{ID: "4", At: day, Text: "Bread rises over night.", Claims: claims("bread", "likes", "yeast")},
	})
	found, err := g.Similar(t.Context(), "journal", kgraph.At{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range found {
		for _, p := range s.Parts {
			if p.Name == "texts" {
				got = append(got, s.Name)
			}
		}
	}
	same(t, "similar by texts", got, []string{"log"})
}

// BenchmarkSimilar asks for what is like concepts of a store in files.
func BenchmarkSimilar(b *testing.B) {
	g, s := open(b, filepath.Join(b.TempDir(), "agent.db"), nil)
	for n := range 1000 {
		if _, err := s.Commit(b.Context(), learned(n), nil); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := follow(b.Context(), s, g); err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		if _, err := g.Similar(b.Context(), fmt.Sprint("m.f", n%1000), kgraph.At{}, 10); err != nil {
			b.Fatal(err)
		}
		n++
	}
}

// senses is a model that embeds names.
type senses struct {
	of    map[string][]float32
	err   error
	asked *[]string
}

func (m senses) Embed(_ context.Context, texts []string) (all [][]float32, err error) {
	for _, text := range texts {
		*m.asked = append(*m.asked, text)
		all = append(all, m.of[text])
	}
	return all, m.err
}

// TestSimilarMeaning has vectors change the order of what other rankings find, each name be
// embedded once, and a model that fails be no fault.
func TestSimilarMeaning(t *testing.T) {
	var asked []string
	m := senses{asked: &asked, of: map[string][]float32{"cat": {2, 0}, "dog": {0, 1}, "stone": {0, 3}, "kitten": {1, .1}, "zebra": {0, 0}}}
	var facts []kgraph.Statement
	for _, of := range []string{"dog", "stone", "kitten", "zebra"} {
		facts = append(facts, says("cat", "likes", of))
	}
	first := func(m senses) (name string, value float64) {
		t.Helper()
		g := inMemory(t, &kgraph.Options{Embedder: m})
		add(t, g, "1", day, facts...)
		for range 2 {
			found, err := g.Similar(t.Context(), "cat", kgraph.At{}, 5)
			if err != nil || len(found) != 4 {
				t.Fatalf("found %+v, %v", found, err)
			}
			name = found[0].Name
			for _, p := range found[0].Parts {
				if p.Name == "meaning" {
					value = p.Value
				}
			}
		}
		return name, value
	}
	if name, value := first(m); name != "kitten" || math.Abs(value-1/math.Sqrt(1.01)) > 1e-6 {
		t.Errorf("the most similar is %q with the cosine %v", name, value)
	}
	slices.Sort(asked)
	same(t, "what was embedded", asked, []string{"cat", "dog", "kitten", "stone", "zebra"})
	m.err = errors.New("no model")
	if name, value := first(m); name == "kitten" || value != 0 {
		t.Errorf("without a model the most similar is %q with the cosine %v", name, value)
	}
}

// proof writes a proof down: rules around where what is stated begins.
func proof(p kgraph.Proof) string {
	if len(p.From) == 0 {
		return p.Rule + " " + p.Source
	}
	var from []string
	for _, f := range p.From {
		from = append(from, proof(f))
	}
	return p.Rule + "(" + strings.Join(from, ", ") + ")"
}
