package kgraph

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// stating is a graph of an index, with a function that states one fact more.
func stating(t *testing.T) (g *Graph, state func()) {
	t.Helper()
	r, err := newRules(nil)
	if err != nil {
		t.Fatal(err)
	}
	g = &Graph{x: newIndex(r)}
	return g, func() {
		n := len(g.x.origins) + 1
		g.x.apply(&Change{Rev: int64(n), Op: Stated, Origin: Origin{ID: fmt.Sprint(n), Recorded: time.Unix(0, 0)}, Statements: []Statement{
			{Claim: hobby.Claim{Subject: "a", Relation: "near", Object: fmt.Sprint(n), Confidence: 1}},
		}})
	}
}

// TestSlowViews has a view of another point that took long serve for a while, and none
// serve for the newest revision or for one that is asked for by its number.
func TestSlowViews(t *testing.T) {
	g, state := stating(t)
	now := time.Now()
	look := func(what string, at At, later time.Duration, want int64) {
		t.Helper()
		v := g.view(at, now.Add(later))
		if v.lens.rev != want || int64(v.live) != want {
			t.Errorf("%s: revision %d with %d edges, want %d", what, v.lens.rev, v.live, want)
		}
		if n := g.x.stated(v.lens.rev); int64(n) != want {
			t.Errorf("%s: %d facts", what, n)
		}
		v.took = time.Minute
	}
	state()
	state()
	later := At{AsOf: now.Add(time.Hour)}
	look("the newest", At{}, 0, 2)
	look("what was recorded until later", later, 0, 2)
	look("the first by its number", At{Rev: 1}, 0, 1)
	state()
	look("the newest of three", At{}, time.Second, 3)
	look("what was recorded until later, slow", later, time.Second, 2)
	look("the second by its number", At{Rev: 2}, time.Second, 2)
	look("what was recorded until later, long after", later, time.Hour, 3)
}

// TestWaitingIsNotSlow has a view that others were made before be as slow as it is itself.
func TestWaitingIsNotSlow(t *testing.T) {
	g, _ := stating(t)
	if v := g.view(At{Rev: 1}, time.Now().Add(-time.Hour)); v.took > time.Minute {
		t.Errorf("making a view of nothing took %v", v.took)
	}
}

// shown is all that a view says, without the numbers of its edges.
func shown(v *view) map[string]any {
	all := map[string]any{"nodes": v.nodes, "edges": v.live, "facts": v.holding, "contradictions": v.double, "rev": v.lens.rev}
	packed := v.graph()
	for n := range v.spots.len() {
		p := v.spots.at(n)
		said := []any{p.mentions, p.most, p.out}
		for i, e := range p.edge {
			o := v.edges.at(e)
			said = append(said, []any{p.next[i], o.From, o.Relation, o.To, o.Weight, o.facts, o.told, o.trusted})
		}
		all[fmt.Sprint(n)] = said
		nodes, _ := v.Row(n, rows.Both)
		again, _ := packed.Row(n, rows.Both)
		all[fmt.Sprint(n, " packed")] = cmp.Equal(append([]int32{}, nodes...), append([]int32{}, again...))
	}
	return all
}

// TestNewestIsAsMadeAnew adds facts and decisions and lets time pass: the view that is
// brought up to date says what one says that is made from nothing, and those from before
// still say what they said.
func TestNewestIsAsMadeAnew(t *testing.T) {
	declared := []Relation{{Name: "one", Functional: true}, {Name: "up", Ends: []hobby.Relation{"down"}}, {Name: "down"}}
	r, err := newRules(declared)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		g := &Graph{x: newIndex(r.fresh())}
		now := time.Unix(1000, 0)
		var views []*view
		var said []map[string]any
		name := rapid.SampledFrom([]string{"a", "b", "c", "d"})
		for i := range int64(rapid.IntRange(1, 12).Draw(t, "steps")) {
			for j := range int64(rapid.IntRange(0, 2).Draw(t, "changes")) {
				o := Origin{ID: fmt.Sprint(i, j), Recorded: now.Add(time.Duration(rapid.IntRange(-9, 9).Draw(t, "recorded")) * time.Second)}
				o.Taint = rapid.SampledFrom([]hobby.Taint{hobby.Trusted, hobby.Untrusted}).Draw(t, "taint")
				var all []Statement
				for range rapid.IntRange(1, 2).Draw(t, "statements") {
					s := Statement{Claim: hobby.Claim{
						Subject: name.Draw(t, "subject"), Object: name.Draw(t, "object"),
						Relation:   rapid.SampledFrom([]hobby.Relation{"one", "up", "down", "many"}).Draw(t, "relation"),
						Confidence: rapid.SampledFrom([]float64{.25, .5, 1}).Draw(t, "confidence"),
					}}
					if rapid.Bool().Draw(t, "closed") {
						s.To = o.Recorded.Add(time.Duration(rapid.IntRange(1, 9).Draw(t, "to")) * time.Second)
					}
					all = append(all, s)
				}
				g.x.apply(&Change{Rev: 10*i + 2*j + 1, Op: Stated, Origin: o, Statements: all})
				if rapid.Bool().Draw(t, "decided") {
					of := fmt.Sprint(rapid.Int64Range(0, i).Draw(t, "of"), 0)
					g.x.apply(&Change{Rev: 10*i + 2*j + 2, Op: Decided, Origin: Origin{ID: of, Accepted: i%2 == 0}, Version: int(i) + 1})
				}
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "passed")) * time.Second)
			v := g.view(At{}, now)
			fresh := newView(g.x, lens{math.MaxInt64, math.MaxInt64, nanos(now)}, g.held, nil)
			if diff := cmp.Diff(shown(fresh), shown(v)); diff != "" {
				t.Fatalf("step %d (-made anew +brought up to date):\n%s", i, diff)
			}
			if v.until > fresh.until {
				t.Fatalf("it holds until %d, and should until %d", v.until, fresh.until)
			}
			views, said = append(views, v), append(said, shown(v))
		}
		for i, v := range views {
			if diff := cmp.Diff(said[i], shown(v)); diff != "" {
				t.Fatalf("the view of step %d, later (-then +now):\n%s", i, diff)
			}
		}
	})
}
