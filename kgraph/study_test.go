package kgraph_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
)

var course = &kgraph.Options{Relations: []kgraph.Relation{{Name: "requires", Prerequisite: true}, {Name: "has capital", Functional: true}}}

// TestLearn orders random prerequisites so that each comes before what needs it.
func TestLearn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"ant", "bee", "cat", "dog", "elk", "fox"}
		g, s := open(t, ":memory:", course)
		defer s.Close()
		var all []kgraph.Statement
		needs := map[string][]string{}
		name := rapid.SampledFrom(names)
		for range rapid.IntRange(1, 8).Draw(t, "facts") {
			a, b := name.Draw(t, "subject"), name.Draw(t, "object")
			all = append(all, says(a, "requires", b))
			if a != b {
				needs[a] = append(needs[a], b)
			}
		}
		add(t, g, "1", day, all...)
		known := rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 1, rapid.ID[string]).Draw(t, "known")
		target := all[0].Subject
		lessons, err := g.Learn(t.Context(), target, known, kgraph.At{})
		if errors.Is(err, kgraph.ErrNotFound) {
			return // known names what is not there
		}
		// What is needed, without what is known, by going over it until nothing is new.
		want := map[string]bool{}
		if !slices.Contains(known, target) {
			want[target] = true
		}
		for grew := true; grew; {
			grew = false
			for n := range want {
				for _, m := range needs[n] {
					if !want[m] && !slices.Contains(known, m) {
						want[m], grew = true, true
					}
				}
			}
		}
		var cycle *kgraph.CycleError
		if errors.As(err, &cycle) {
			for i, n := range cycle.Names {
				if !slices.Contains(needs[cycle.Names[(i+1)%len(cycle.Names)]], n) || !want[n] {
					t.Fatalf("%v is no cycle of %v", cycle.Names, needs)
				}
			}
			return
		}
		if err != nil || len(lessons) != len(want) {
			t.Fatalf("%v, %v; want %v", lessons, err, want)
		}
		done := map[string]bool{}
		for _, l := range lessons {
			for _, n := range needs[l.Name] {
				if !done[n] && !slices.Contains(known, n) {
					t.Fatalf("%s comes before %s in %v", l.Name, n, lessons)
				}
			}
			done[l.Name] = true
		}
	})
}

// TestLearnTrusted has what only an untrusted text needs be no lesson.
func TestLearnTrusted(t *testing.T) {
	g := inMemory(t, course)
	add(t, g, "1", day, says("calculus", "requires", "algebra"))
	lie := says("calculus", "requires", "astrology")
	lie.Confidence = .9
	if err := g.Add(t.Context(), kgraph.Origin{ID: "2", Recorded: day, Taint: hobby.Untrusted}, lie); err != nil {
		t.Fatal(err)
	}
	lessons, err := g.Learn(t.Context(), "calculus", nil, kgraph.At{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range lessons {
		got = append(got, l.Name)
	}
	same(t, "lessons", got, []string{"algebra", "calculus"})
}

func TestGaps(t *testing.T) {
	g := inMemory(t, course)
	lie := says("Germany", "has capital", "Atlantis")
	lie.Confidence = .5
	add(t, g, "1", day, says("Germany", "has capital", "Berlin"), says("Ana", "knows", "Germany"))
	if err := g.Add(t.Context(), kgraph.Origin{ID: "2", Recorded: day.AddDate(0, 0, 1), Taint: hobby.Untrusted}, lie); err != nil {
		t.Fatal(err)
	}
	add(t, g, "3", day.AddDate(0, 0, 2), says("Ana", "knows", "Bo"), says("Ana", "likes", "Bo"))
	var got []string
	for _, at := range []kgraph.At{{Valid: day.AddDate(0, 0, 3)}, {Valid: day.AddDate(0, 0, 32)}} {
		gaps, err := g.Gaps(t.Context(), at, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, gap := range gaps {
			got = append(got, string(gap.Kind)+": "+gap.Why)
		}
	}
	same(t, "gaps", got, []string{
		"contradictory: Germany has capital Atlantis, and Berlin", "poor: 2 facts name Bo, and relate it to Ana only",
		"contradictory: Germany has capital Atlantis, and Berlin", "poor: 2 facts name Bo, and relate it to Ana only",
		"stale: nothing new is known of Germany since 2026-05-02",
	})
}

// TestLongCycle has a long cycle, and a contradiction between many, be told in a short text.
func TestLongCycle(t *testing.T) {
	g := inMemory(t, course)
	var all []kgraph.Statement
	for i := range 25 {
		all = append(all, says(fmt.Sprint("n", i), "requires", fmt.Sprint("n", (i+1)%25)), says("Germany", "has capital", fmt.Sprint("n", i)))
	}
	add(t, g, "1", day, all...)
	_, err := g.Learn(t.Context(), "n0", nil, kgraph.At{})
	var cycle *kgraph.CycleError
	if !errors.As(err, &cycle) || len(cycle.Names) != 25 || !strings.HasSuffix(err.Error(), ", n5 and 5 more") {
		t.Errorf("the cycle is %v", err)
	}
	gaps, err := g.Gaps(t.Context(), kgraph.At{Valid: day}, 1)
	if err != nil || !strings.HasSuffix(gaps[0].Why, " and 5 more") {
		t.Errorf("the contradiction is %+v, %v", gaps, err)
	}
}

// TestReadersTogether has the race detector look at what searches share of a view.
func TestReadersTogether(t *testing.T) {
	g := inMemory(t, kin)
	add(t, g, "1", day, says("Rome", "part of", "Italy"), says("Ana", "married to", "Bo"))
	readers := []func() error{
		func() error { _, err := g.Gaps(t.Context(), kgraph.At{}, 0); return err },
		func() error { _, err := g.Learn(t.Context(), "Rome", nil, kgraph.At{}); return err },
		func() error { _, err := g.Central(t.Context(), kgraph.At{}, 0); return err },
		func() error { _, err := g.Why(t.Context(), "Bo", "married to", "Ana", kgraph.At{}); return err },
		func() error { _, err := g.Query(t.Context(), "MATCH (a)-[r]->(b) RETURN *", nil, nil); return err },
	}
	var all sync.WaitGroup
	for _, read := range readers {
		all.Go(func() {
			if err := read(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// TestExport reads each format again, also with names that need quoting.
func TestExport(t *testing.T) {
	g := inMemory(t, nil)
	const name, relation = `a "<&'b\`, "links `to` \\u0060"
	add(t, g, "1", day, says(name, relation, "c\nd"), says("x", "likes", "x"))
	export := func(f kgraph.Format) []byte {
		var b bytes.Buffer
		if err := g.Export(t.Context(), kgraph.At{}, f, &b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	var ml struct {
		Nodes []struct {
			ID   string   `xml:"id,attr"`
			Data []string `xml:"data"`
		} `xml:"graph>node"`
		Edges []struct {
			Source string   `xml:"source,attr"`
			Data   []string `xml:"data"`
		} `xml:"graph>edge"`
	}
	if err := xml.Unmarshal(export(kgraph.GraphML), &ml); err != nil {
		t.Fatal(err)
	}
	if len(ml.Nodes) != 3 || len(ml.Edges) != 2 {
		t.Fatalf("GraphML: %+v", ml)
	}
	got := []string{ml.Nodes[0].Data[0], ml.Edges[0].Source, ml.Edges[0].Data[0]}
	same(t, "GraphML", got, []string{name, ml.Nodes[0].ID, relation})
	var link struct{ Nodes, Edges []map[string]any }
	if err := json.Unmarshal(export(kgraph.NodeLink), &link); err != nil {
		t.Fatal(err)
	}
	if len(link.Nodes) != 3 || len(link.Edges) != 2 {
		t.Fatalf("node-link: %+v", link)
	}
	same(t, "node-link", []any{link.Nodes[0]["name"], link.Edges[0]["source"]}, []any{name, link.Nodes[0]["id"]})
	want := []string{
		"MERGE (n:`term` {id: 'term:a \"<&\\'b\\\\'}) SET n.name = 'a \"<&\\'b\\\\', n.type = 'term', n.mentions = 1, n.confidence = 1;",
		"MATCH (a {id: 'term:a \"<&\\'b\\\\'}), (b {id: 'term:c d'}) " +
			"MERGE (a)-[r:`links ``to`` \uff3cu0060`]->(b) SET r.confidence = 1, r.facts = 1;",
	}
	lines := strings.Split(string(export(kgraph.Cypher)), "\n")
	same(t, "statements", []string{lines[0], lines[3]}, want)
	if err := g.Export(t.Context(), kgraph.At{}, "dot", &bytes.Buffer{}); !errors.Is(err, hobby.ErrInvalid) {
		t.Errorf("an unknown format: %v", err)
	}
}
