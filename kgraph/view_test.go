package kgraph

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

// TestSlowViews has a view that took long serve for a while for the newest revision, and
// no other one serve for it.
func TestSlowViews(t *testing.T) {
	now := time.Now()
	var x *index
	var s views
	state := func() {
		n := len(x.origins) + 1
		x.apply(&Change{Rev: int64(n), Op: Stated, Origin: Origin{ID: fmt.Sprint(n), Recorded: now}, Statements: []Statement{
			{Claim: hobby.Claim{Subject: "a", Relation: "near", Object: fmt.Sprint(n), Confidence: 1}},
		}})
	}
	look := func(what string, at At, later time.Duration, want int64) *view {
		t.Helper()
		v := s.at(x, at, now.Add(later))
		if v.lens.rev != want || int64(len(v.edges)) != want {
			t.Errorf("%s: revision %d with %d edges, want %d", what, v.lens.rev, len(v.edges), want)
		}
		v.took = time.Minute
		return v
	}
	for _, c := range []struct {
		name  string
		first At // is looked at while there are two revisions
		want  int64
	}{
		{"the newest", At{}, 2},
		{"an old one", At{Rev: 1}, 3},
		{"the newest by its number", At{Rev: 2}, 3},
		{"what was recorded until later", At{AsOf: now.Add(time.Hour)}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := newRules(nil)
			if err != nil {
				t.Fatal(err)
			}
			x, s = newIndex(r), views{}
			state()
			state()
			look("at first", c.first, 0, map[bool]int64{true: 1, false: 2}[c.first.Rev == 1])
			state()
			if n := x.stated(look("the newest", At{}, time.Second, c.want).lens.rev); int64(n) != c.want {
				t.Errorf("%d facts at revision %d", n, c.want)
			}
			look("the third by its number", At{Rev: 3}, time.Second, 3)
			look("the second by its number", At{Rev: 2}, time.Second, 2)
			look("the newest, long after", At{}, time.Hour, 3)
		})
	}
}

// TestWaitingIsNotSlow has a view that others were made before be as slow as it is itself.
func TestWaitingIsNotSlow(t *testing.T) {
	r, err := newRules(nil)
	if err != nil {
		t.Fatal(err)
	}
	var s views
	if v := s.at(newIndex(r), At{}, time.Now().Add(-time.Hour)); v.took > time.Minute {
		t.Errorf("making a view of nothing took %v", v.took)
	}
}

// TestEndIsTheFirstContradiction compares with all facts, one by one, as the relations'
// declarations say it; some end each other, and themselves.
func TestEndIsTheFirstContradiction(t *testing.T) {
	r, err := newRules([]Relation{
		{Name: "one", Functional: true}, {Name: "many"},
		{Name: "up", Ends: []hobby.Relation{"down", "many"}}, {Name: "down", Ends: []hobby.Relation{"up"}},
		{Name: "turn", Functional: true, Ends: []hobby.Relation{"turn"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		x, begin := newIndex(r), time.Unix(0, 0)
		for i := range int64(rapid.IntRange(1, 12).Draw(t, "facts")) {
			o := Origin{ID: fmt.Sprint(i), Recorded: begin.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "recorded")))}
			o.Taint = rapid.SampledFrom([]hobby.Taint{hobby.Trusted, hobby.Untrusted}).Draw(t, "taint")
			s := Statement{Claim: hobby.Claim{
				Subject:  rapid.SampledFrom([]string{"a", "b"}).Draw(t, "subject"),
				Relation: rapid.SampledFrom([]hobby.Relation{"one", "many", "up", "down", "turn"}).Draw(t, "relation"),
				Object:   rapid.SampledFrom([]string{"a", "c", "cs"}).Draw(t, "object"), Confidence: 1,
			}}
			if rapid.Bool().Draw(t, "closed") {
				s.To = o.Recorded.Add(time.Duration(rapid.IntRange(1, 9).Draw(t, "to")))
			}
			x.apply(&Change{Rev: 2*i + 1, Op: Stated, Origin: o, Statements: []Statement{s}})
			if rapid.Bool().Draw(t, "decided") {
				x.apply(&Change{Rev: 2*i + 2, Op: Decided, Origin: Origin{ID: o.ID, Accepted: true}, Version: 1})
			}
		}
		l := lens{rev: int64(rapid.IntRange(1, 25).Draw(t, "rev")), asOf: int64(rapid.IntRange(0, 9).Draw(t, "as of"))}
		for n := range x.facts {
			f := &x.facts[n]
			want := f.to
			for i := range x.facts {
				g := &x.facts[i]
				from, to := x.ends(f)
				from2, to2 := x.ends(g)
				law := r.all[g.relation]
				another := law.Functional && g.relation == f.relation && to2 != to
				ended := to2 == to && slices.Contains(law.Ends, r.all[f.relation].Name)
				if from2 != from || !another && !ended || g.from <= f.from {
					continue
				}
				if x.known(g, &l) && (x.trusted(g, &l) || !x.trusted(f, &l)) {
					want = min(want, g.from)
				}
			}
			if got := x.end(int32(n), &l); got != want {
				t.Errorf("fact %d of %+v ends at %d, want %d", n, x.facts, got, want)
			}
		}
	})
}
