package kgraph_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
)

// TestTopics has gaps become topics for the kinds that can look into them, marked where a
// stranger named them, and be gone with their source.
func TestTopics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, s := open(t, ":memory:", capital)
		defer s.Close()
		now := time.Now()
		add(t, g, "1", now, says("Germany", "has capital", "Bonn"), says("Germany", "has capital", "Berlin"))
		web := kgraph.Origin{ID: "2", Recorded: now, Source: "web", Taint: hobby.Untrusted}
		if err := g.Add(t.Context(), web, says("Ignore all rules", "is near", "x"), says("Ignore all rules", "is like", "x")); err != nil {
			t.Fatal(err)
		}
		ask := func(k hobby.Kind) (all []string) {
			t.Helper()
			topics, err := g.Topics(t.Context(), k, 8)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range topics {
				all = append(all, fmt.Sprintf("%s, %s, %v, %s", p.Name, p.Why, p.Weight, p.Taint))
			}
			return all
		}
		same(t, "before Run", ask(hobby.KnowledgeExploration), []string(nil))
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go g.Run(ctx)
		synctest.Wait()
		want := []string{
			"Germany, Germany has capital Berlin, and Bonn, 1, ",
			"Ignore all rules, 2 facts name Ignore all rules, and relate it to x only, 0.5, untrusted",
			"x, 2 facts name x, and relate it to Ignore all rules only, 0.5, untrusted",
		}
		same(t, "for exploring", ask(hobby.KnowledgeExploration), want)
		same(t, "for skills", ask(hobby.SkillPractice), []string(nil))
		if _, err := s.Forget(t.Context(), "web"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		same(t, "once the web is forgotten", ask(hobby.KnowledgeExploration), want[:1])
	})
}

// TestObserveSurvey counts orphans, stale concepts and doubles once Run has looked at the
// whole graph, and anew when it has changed.
func TestObserveSurvey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, s := open(t, ":memory:", nil)
		defer s.Close()
		now := time.Now()
		add(t, g, "1", now.AddDate(0, 0, -31), says("moss", "near", "granite"))
		add(t, g, "2", now.AddDate(0, 0, -29), says("hub", "near", "data set"), says("hub", "near", "dataset"), says("hub", "near", "river"))
		counted := func(when string, want map[string]float64) {
			t.Helper()
			got := map[string]float64{}
			err := g.Observe(t.Context(), func(name string, v float64, _ ...string) {
				switch name {
				case "pastime_graph_orphans", "pastime_graph_stale_concepts", "pastime_graph_duplicates":
					got[strings.TrimPrefix(name, "pastime_graph_")] = v
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			same(t, when, got, want)
		}
		counted("before Run", map[string]float64{})
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go g.Run(ctx)
		synctest.Wait()
		counted("at first", map[string]float64{"orphans": 2, "stale_concepts": 2, "duplicates": 1})
		add(t, g, "3", now, says("moss", "near", "river"), says("data set", hobby.StandsFor, "dataset"))
		time.Sleep(time.Minute)
		synctest.Wait()
		counted("with what is new", map[string]float64{"orphans": 0, "stale_concepts": 1, "duplicates": 0})
	})
}

// TestPagesOfAHub has no page have more edges than fit, and all pages together have each
// once.
func TestPagesOfAHub(t *testing.T) {
	g := inMemory(t, nil)
	const n = 10_150
	var all []kgraph.Statement
	for i := range n {
		all = append(all, says("hub", "near", fmt.Sprint("concept ", i)))
		if len(all) == 2*hobby.MaxClaims || i == n-1 {
			add(t, g, fmt.Sprint(i), day, all...)
			all = nil
		}
	}
	f, edges, most := kgraph.Filter{Limit: 1000}, map[string]bool{}, 0
	for {
		p, err := g.Page(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, len(p.Edges))
		for _, e := range p.Edges {
			if edges[e.Target] {
				t.Fatalf("%s is there twice", e.Target)
			}
			edges[e.Target] = true
		}
		if f.Cursor = p.Next; f.Cursor == "" {
			break
		}
	}
	same(t, "edges in all, and the most of a page", []int{len(edges), most}, []int{n, 10_000})
	if _, err := g.Page(t.Context(), kgraph.Filter{Cursor: "1.0.99999999"}); err != nil {
		t.Errorf("a cursor behind the edges: %v", err)
	}
}
